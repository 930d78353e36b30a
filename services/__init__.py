"""Heed: court reminders by text, and a listening post for residents."""
