"""The `heed` command: one thin function a door; each command's module is loaded when it is called."""

from services.cli.main import main

__all__ = ["main"]
