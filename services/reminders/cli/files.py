"""Files that a command is given, and files that it writes."""

import os
from collections.abc import Mapping
from pathlib import Path

from services.cli.output import BadInput


def read_file(path: Path) -> bytes:
    """The whole file. Raises BadInput, which says why it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from None


def write_file(path: Path, content: bytes) -> None:
    """A file that its owner alone may read, since it may hold names. Raises BadInput."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error.strerror}") from None


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Files by name in a folder, which is made. Raises BadInput."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"cannot make {folder}: {error.strerror}") from None
    for name, content in files.items():
        write_file(folder / name, content)
