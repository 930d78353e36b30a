"""Taking a backup: every table as it stood at one moment, written to one file and read back before it counts.

One REPEATABLE READ transaction gives the picture; sending and receiving go on meanwhile. No key is in it. `pg_dump` is not used: its version must
be the server's, and what it writes cannot be counted against the audit log's head on the way.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from psycopg import sql
from sqlalchemy import Connection, text

from services.common import audit
from services.common.backup import archive
from services.common.backup.archive import FORMAT, HEAD, MANIFEST, Tally, Writer
from services.common.backup.sealing import Unreadable
from services.common.context import Heed
from services.common.crypto import Cipher
from services.common.models import Backup
from services.common.version import code_version

PATTERN = "heed-{service}-*.backup"
WRITTEN_ALIKE = (
    "SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'postgres'; SET LOCAL timezone = 'UTC'"
)
SEQUENCES = text(
    "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
)
# A table that is kept by the month is one table here: which months stand is for whoever restores it.
TABLES = text(
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition"
    " AND relname <> 'alembic_version' ORDER BY relname"
)
NAMES_ANOTHER = text(
    "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint WHERE contype = 'f' AND conrelid <> confrelid"
    " AND conparentid = 0"
)
COLUMNS = text(
    "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = :name"
    " AND is_generated = 'NEVER' ORDER BY ordinal_position"
)


def take(heed: Heed, folder: Path, by: str, keep: int | None = None) -> dict[str, Any]:
    """Back this service up into a folder: the file, when it was taken, rows, bytes. Older files beyond `keep` go once it is read back.

    Raises OSError where the folder cannot be written, Unreadable where what was written cannot be read.
    """
    cipher = sealing(heed)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = folder / f".{heed.service}.{datetime.now(UTC):%Y%m%dT%H%M%S%f}.unfinished"
    try:
        taken_at, manifest = _write(heed, unfinished, cipher)
        _read_back(unfinished, cipher, manifest)
        path = folder / f"heed-{heed.service}-{taken_at:%Y%m%dT%H%M%S%fZ}.backup"
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)
    rows = sum(one["rows"] for one in manifest["tables"].values())
    size = path.stat().st_size
    with heed.database.begin() as session:
        session.add(
            Backup(
                file=path.name,
                taken_at=taken_at,
                bytes=size,
                rows=rows,
                audit_head=manifest["audit_head"],
                sealed=cipher is not None,
            )
        )
        audit.record(session, by, "backup-taken", f"backup:{path.name}", rows=rows, bytes=size)
    return {
        "service": heed.service,
        "file": str(path),
        "taken_at": taken_at.isoformat(),
        "rows": rows,
        "bytes": size,
        "sealed": cipher is not None,
        "audit_head": manifest["audit_head"],
        "removed": _rotate(heed, folder, keep),
    }


def sealing(heed: Heed) -> Cipher | None:
    """What seals this service's backups, if it has keys for them."""
    return Cipher.from_setting(heed.config.backup_keys) if heed.config.backup_keys else None


def _write(heed: Heed, path: Path, cipher: Cipher | None) -> tuple[datetime, dict[str, Any]]:
    path.touch(mode=0o600)
    with (
        heed.database.engine.connect() as plain,
        plain.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True) as connection,
        connection.begin(),
        path.open("wb") as file,
        archive.writing(file, heed.service, cipher) as writer,
    ):
        for statement in WRITTEN_ALIKE.split("; "):
            connection.execute(text(statement))
        taken_at: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one().astimezone(UTC)
        names = _tables(connection)
        columns = {name: list(connection.scalars(COLUMNS, {"name": name})) for name in names}
        head = {
            "format": FORMAT,
            "service": heed.service,
            "heed": code_version(),
            "taken_at": taken_at.isoformat(),
            "revisions": sorted(connection.scalars(text("SELECT version_num FROM alembic_version"))),
            "tables": columns,
        }
        writer.member(HEAD, _json(head))
        counted = {name: _table(connection, writer, name, columns[name]).stated() for name in names}
        manifest = {
            "format": FORMAT,
            "tables": counted,
            "sequences": {row.sequencename: row.last_value for row in connection.execute(SEQUENCES)},
            "audit_head": str(audit.head(connection)),
        }
        writer.member(MANIFEST, _json(manifest))
    return taken_at, manifest


def _tables(connection: Connection) -> list[str]:
    """Every table, those first that others name."""
    order = TopologicalSorter[str](dict.fromkeys(connection.scalars(TABLES), ()))
    for table, named in connection.execute(NAMES_ANOTHER):
        order.add(table, named)
    return list(order.static_order())


def _table(connection: Connection, writer: Writer, name: str, columns: list[str]) -> Tally:
    query = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(name)
    )
    raw: Any = connection.connection.driver_connection

    def chunks() -> Iterator[bytes]:
        with raw.cursor() as cursor, cursor.copy(query) as copy:
            for chunk in copy:
                yield bytes(chunk)

    return writer.table(name, chunks())


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=1, sort_keys=True).encode()


def _read_back(path: Path, cipher: Cipher | None, manifest: dict[str, Any]) -> None:
    """What was written, read as a restore reads it: a backup that cannot be read is none."""
    tallies: dict[str, Tally] = {name: Tally() for name in manifest["tables"]}
    stated = None
    with archive.reading(path, cipher) as members:
        for name, content in members:
            if name == MANIFEST:
                stated = archive.parsed(content)
            elif name != HEAD:
                tallies[name.partition("/")[0]].count(content)
    if stated != manifest or {name: one.stated() for name, one in tallies.items()} != manifest["tables"]:
        raise Unreadable("what was written is not what was read back: is the disk sound?")


def _rotate(heed: Heed, folder: Path, keep: int | None) -> list[str]:
    """Remove the oldest files of this service beyond `keep`; their names."""
    if keep is None:
        return []
    files = sorted(folder.glob(PATTERN.format(service=heed.service)), reverse=True)
    for path in files[keep:]:
        with suppress(FileNotFoundError):
            path.unlink()
    return [path.name for path in files[keep:]]
