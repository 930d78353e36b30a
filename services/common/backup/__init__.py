"""Backups: the picture of one moment in one file, and the way back from it into an empty database."""
