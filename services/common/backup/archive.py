"""The file of a backup: a gzipped tar of `head.json`, each table's rows in parts as PostgreSQL's COPY writes them, and `manifest.json`.

The head names what is needed to begin (service, revisions of the schema, tables with their columns); the manifest, written last, what
must have come (rows and digest a table, the audit log's head). Sealed where the service has backup keys.
"""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast

from services.common.backup.sealing import Opener, Sealer, Unreadable, header, read_header
from services.common.crypto import Cipher

HEAD, MANIFEST = "head.json", "manifest.json"
FORMAT = 1
PART = 4 << 20  # bytes of rows a part: a tar must know each member's length before it is written
READ = 1 << 16


@dataclass(slots=True)
class Tally:
    """What has gone by of one table: its rows, one a line, and their digest."""

    rows: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def count(self, data: bytes) -> bytes:
        """Count rows on their way."""
        self.rows += data.count(b"\n")  # COPY writes a line break inside a value as \\n
        self.digest.update(data)
        return data

    def stated(self) -> dict[str, Any]:
        """As the manifest says it."""
        return {"rows": self.rows, "sha256": self.digest.hexdigest()}


class Writer:
    """Writes one file's members."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar

    def member(self, name: str, data: bytes) -> None:
        """One member."""
        about = tarfile.TarInfo(name)
        about.size, about.mode = len(data), 0o600
        self._tar.addfile(about, io.BytesIO(data))

    def table(self, name: str, chunks: Iterable[bytes]) -> Tally:
        """A table's rows, in parts."""
        tally, waiting, n = Tally(), bytearray(), 0
        for chunk in chunks:
            waiting += tally.count(bytes(chunk))
            if len(waiting) >= PART:
                self.member(f"{name}/{n:06}.copy", bytes(waiting))
                waiting, n = bytearray(), n + 1
        if waiting:
            self.member(f"{name}/{n:06}.copy", bytes(waiting))
        return tally


@contextmanager
def writing(file: BinaryIO, service: str, cipher: Cipher | None) -> Iterator[Writer]:
    """Write an archive into an open file."""
    with ExitStack() as stack:
        target: Any = file
        if cipher is not None:
            line, word = header(service)
            file.write(line)
            target = stack.enter_context(Sealer(file, cipher, word))
        # Most of a row is encrypted already and does not shrink: more effort than the least would be for nothing.
        pressed = stack.enter_context(
            gzip.GzipFile(fileobj=target, mode="wb", compresslevel=1, filename="", mtime=0)
        )
        tar = stack.enter_context(
            tarfile.open(fileobj=cast(Any, pressed), mode="w|", format=tarfile.PAX_FORMAT)
        )
        yield Writer(tar)


def service_of(path: Path) -> str | None:
    """The service that a sealed file names; None where it is not sealed. Raises Unreadable."""
    with path.open("rb") as file:
        stated = read_header(file)
        return stated[0] if stated else None


@contextmanager
def reading(path: Path, cipher: Cipher | None) -> Iterator[Iterator[tuple[str, bytes]]]:
    """The members of an archive in their order, each with its content; one is in memory at a time. Raises Unreadable."""
    with ExitStack() as stack:
        file = stack.enter_context(path.open("rb"))
        source: Any = file
        stated = read_header(file)
        if stated is not None:
            if cipher is None:
                raise Unreadable(f"the backup is sealed: set {stated[0].upper()}_BACKUP_KEYS")
            source = stack.enter_context(io.BufferedReader(Opener(file, cipher, stated[1]), READ))
        yield _members(source)


def _members(source: Any) -> Iterator[tuple[str, bytes]]:
    try:
        with (
            gzip.GzipFile(fileobj=source, mode="rb") as pressed,
            tarfile.open(fileobj=pressed, mode="r|") as tar,
        ):
            for about in tar:
                content = tar.extractfile(about)
                if content is not None:
                    yield about.name, content.read()
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, OSError) as error:
        raise Unreadable(f"the backup is cut off, or changed ({type(error).__name__})") from None


def parsed(content: bytes) -> dict[str, Any]:
    """The head or the manifest. Raises Unreadable."""
    try:
        stated = dict(json.loads(content))
    except ValueError:
        raise Unreadable("the backup's own description cannot be read") from None
    if stated.get("format") != FORMAT:
        raise Unreadable("the backup was written by another version of Heed")
    return stated
