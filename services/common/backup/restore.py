"""The way back: a backup into an empty database, in one transaction, proved by counts, digests and the audit log's chain.

What went out after the backup is not in it; so sending stops, by the restore's own word, until the carrier's lists since then are read
(`outbox/reconcile.py`).
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import sql
from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from services.common import audit
from services.common.acts import Refused
from services.common.backup import archive
from services.common.backup.archive import HEAD, MANIFEST, Tally
from services.common.backup.sealing import Unreadable
from services.common.crypto import Cipher
from services.common.migrations import NewerSchema, upgrade
from services.common.outbox import reconcile
from services.common.settings import ServiceName

ANY_TABLE = text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")


def service_of(path: Path) -> ServiceName:
    """Whose backup a file is. Raises Unreadable, and OSError where there is no such file."""
    named: Any = archive.service_of(path)
    if named is None:
        with archive.reading(path, None) as members:
            named = _head(members)["service"]
    if named not in ("reminders", "consultation"):
        raise Unreadable("the backup is of no service that this Heed has")
    service: ServiceName = named
    return service


def restore(
    engine: Engine, service: ServiceName, path: Path, cipher: Cipher | None, by: str
) -> dict[str, Any]:
    """Fill an empty database; nothing of it stays unless all of it is proved. What was restored, in figures.

    Raises Refused (`not-empty`, `newer-schema`), Unreadable.
    """
    with engine.begin() as connection:
        if connection.scalar(ANY_TABLE):
            raise Refused(
                "not-empty",
                "the database is not empty: give it a new one, so that nothing is ever overwritten",
            )
        with archive.reading(path, cipher) as members:
            head = _head(members)
            if head["service"] != service:
                raise Unreadable(f"the backup is of {head['service']}")
            try:
                upgrade(connection, service, head["revisions"])
            except NewerSchema:
                raise Refused(
                    "newer-schema",
                    f"the backup was made by a newer Heed ({head['heed']}): restore with that one",
                ) from None
            tallies, manifest = _load(connection, head["tables"], members)
        _prove(connection, tallies, manifest)
        for name, value in manifest["sequences"].items():
            connection.execute(
                text("SELECT setval(CAST(:name AS regclass), :value)"), {"name": name, "value": value}
            )
        upgrade(connection, service, ["heads"])
        with Session(connection) as session:
            _prove_chain(session, manifest["audit_head"])
            reconcile.begin(session, datetime.fromisoformat(head["taken_at"]))
            rows = sum(one.rows for one in tallies.values())
            audit.record(session, by, "restored", f"backup:{path.name}", rows=rows, taken_at=head["taken_at"])
            session.flush()
            now_head = str(audit.head(session))
    return {
        "service": service,
        "taken_at": head["taken_at"],
        "rows": rows,
        "tables": {name: one.rows for name, one in tallies.items()},
        "audit_head": manifest["audit_head"],
        "audit_head_now": now_head,
    }


def _head(members: Iterator[tuple[str, bytes]]) -> dict[str, Any]:
    name, content = next(members, ("", b""))
    if name != HEAD:
        raise Unreadable("this is no backup of Heed's")
    return archive.parsed(content)


def _load(
    connection: Connection, columns: dict[str, list[str]], members: Iterator[tuple[str, bytes]]
) -> tuple[dict[str, Tally], dict[str, Any]]:
    """Copy each table's parts in, one statement a table, so that rows which name one another come together."""
    raw: Any = connection.connection.driver_connection
    tallies = {name: Tally() for name in columns}
    name, content = next(members, ("", b""))
    while name and name != MANIFEST:
        table = name.partition("/")[0]
        if table not in columns:
            raise Unreadable(f"the backup holds rows of {table}, which its head does not name")
        query = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns[table]))
        )
        with raw.cursor() as cursor, cursor.copy(query) as copy:
            while name.partition("/")[0] == table:
                copy.write(tallies[table].count(content))
                name, content = next(members, ("", b""))
    if name != MANIFEST:
        raise Unreadable("the backup is cut off: it has no manifest")
    return tallies, archive.parsed(content)


def _prove(connection: Connection, tallies: dict[str, Tally], manifest: dict[str, Any]) -> None:
    """What was read is what was written, and what stands in the tables is what was read."""
    if {name: one.stated() for name, one in tallies.items()} != manifest["tables"]:
        raise Unreadable("its rows are not those that its manifest states")
    for name, one in tallies.items():
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name)).as_string()
        if connection.scalar(text(query)) != one.rows:
            raise Unreadable(f"the table {name} did not come whole")


def _prove_chain(session: Session, stated: str) -> None:
    head = audit.parse_head(stated)
    breaks = list(audit.verify(session, head))
    if breaks or audit.head(session) != head:
        raise Unreadable(f"the audit log in it is broken: {breaks[0] if breaks else 'it has another head'}")
