"""The append-only audit log: who did what to what, each row chained to the one before it by SHA-256.

A row's hash covers its number, time, actor, act, subject, detail and the previous hash, in one canonical JSON form; so a
changed, removed or inserted row breaks the chain, and `--head COUNT:HASH` of an earlier day finds a cut tail.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from services.common import clock
from services.common.database import serialise
from services.common.models import Audit

START = b"\x00" * 32


@dataclass(frozen=True, slots=True)
class Head:
    """The chain's length and last hash, as reports print it."""

    count: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.count}:{self.hash.hex()}"


def record(session: Session, actor: str, act: str, subject: str, **detail: Any) -> None:
    """Append one act in the caller's transaction. Detail carries ids and counts, never personal data."""
    serialise(session, "heed:audit")
    last = head(session)
    at = clock.now(session)
    row = Audit(
        id=last.count + 1,
        at=at,
        actor=actor,
        act=act,
        subject=subject,
        detail=detail,
        previous=last.hash,
        hash=b"",
    )
    row.hash = digest(row)
    session.add(row)
    session.flush()


def head(session: Session | Connection) -> Head:
    """Where the chain ends now."""
    row = session.execute(select(Audit.id, Audit.hash).order_by(Audit.id.desc()).limit(1)).first()
    return Head(row[0], row[1]) if row else Head(0, START)


def digest(row: Audit) -> bytes:
    """The hash that a row should carry."""
    stated = [
        row.id,
        row.at.astimezone(UTC).isoformat(),
        row.actor,
        row.act,
        row.subject,
        row.detail,
        row.previous.hex(),
    ]
    return hashlib.sha256(json.dumps(stated, sort_keys=True, separators=(",", ":")).encode()).digest()


def parse_head(text: str) -> Head:
    """Read COUNT:HASH. Raises ValueError with one sentence."""
    count, _, digits = text.partition(":")
    try:
        parsed = Head(int(count), bytes.fromhex(digits))
    except ValueError:
        parsed = Head(-1, b"")
    if parsed.count < 0 or len(parsed.hash) != len(START):
        raise ValueError("a head is written COUNT:HASH, as a report prints it")
    return parsed


def verify(session: Session, known: Head | None = None) -> Iterator[str]:
    """Yield one sentence for each break of the chain; nothing when it is whole."""
    previous, count = START, 0
    for row in session.scalars(select(Audit).order_by(Audit.id).execution_options(yield_per=1000)):
        count += 1
        if row.id != count:
            yield f"row {count} is missing: the next row present is {row.id}"
            count = row.id
        if row.previous != previous:
            yield f"row {row.id} does not follow the row before it: one was changed, removed or inserted"
        if digest(row) != row.hash:
            yield f"row {row.id} ({row.act}, {_day(row.at)}) was changed after it was written"
        previous = row.hash
        if known and row.id == known.count and row.hash != known.hash:
            yield f"row {row.id} is not the one that the given head names: the log was rewritten"
    if known and count < known.count:
        yield f"the log ends at row {count}, the given head names row {known.count}: its tail was cut"


def _day(at: datetime) -> str:
    return at.astimezone(UTC).date().isoformat()
