"""Alarms that reach somebody: what each means, the words in which it is told, the channels, and signs of life."""
