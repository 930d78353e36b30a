"""Files that a command is given."""

from pathlib import Path

from services.cli.output import BadInput


def read_file(path: Path) -> bytes:
    """The whole file. Raises BadInput, which says why it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from None
