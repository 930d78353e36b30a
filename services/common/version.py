"""Which code this is: printed in every report, so that a figure can be traced to what made it."""

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@cache
def code_version() -> str:
    """The release, and the first twelve digits of a SHA-256 over every source and data file of `services/`."""
    digest = hashlib.sha256()
    for path in sorted(ROOT.rglob("*")):
        if path.is_file() and path.suffix in (".py", ".csv", ".yaml", ".html"):
            digest.update(path.relative_to(ROOT).as_posix().encode() + b"\x00" + path.read_bytes() + b"\x00")
    return f"{version('heed')}+{digest.hexdigest()[:12]}"
