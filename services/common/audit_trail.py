"""Reading the audit log: who did what to what, a page at a time, the newest first; or from a row on, for whoever collects it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.common.models import Audit
from services.common.times import day_span


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: of one actor ("person:anna"), act ("sending-stopped"), subject ("person:12"; "person:" has them all), and day in
    London. All where nothing is said."""

    actor: str = ""
    act: str = ""
    subject: str = ""
    day: date | None = None


def page(session: Session, wanted: Wanted, *, before: int | None, limit: int) -> list[dict[str, Any]]:
    """The rows before a number, from the last one down."""
    query = select(Audit).order_by(Audit.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Audit.id < before)
    if wanted.actor:
        query = query.where(Audit.actor == wanted.actor)
    if wanted.act:
        query = query.where(Audit.act == wanted.act)
    if wanted.subject:
        whole_kind = wanted.subject.endswith(":")
        query = query.where(
            Audit.subject.startswith(wanted.subject, autoescape=True)
            if whole_kind
            else Audit.subject == wanted.subject
        )
    if wanted.day:
        begins, ends = day_span(wanted.day)
        query = query.where(Audit.at >= begins, Audit.at < ends)
    return [shown(row) for row in session.scalars(query)]


def since(session: Session, after: int, limit: int | None = None) -> Iterator[dict[str, Any]]:
    """The rows after a number, the oldest first, each with its hash and that of the row before: a copy can be proved by itself."""
    query = select(Audit).where(Audit.id > after).order_by(Audit.id).limit(limit)
    for row in session.scalars(query.execution_options(yield_per=1000)):
        yield shown(row) | {"previous": row.previous.hex(), "hash": row.hash.hex()}


def shown(row: Audit) -> dict[str, Any]:
    """A row as lists show it. Its detail holds ids, counts and reasons, never a person."""
    at: datetime = row.at
    return {
        "id": row.id,
        "at": at.isoformat(),
        "actor": row.actor,
        "act": row.act,
        "subject": row.subject,
        "detail": row.detail,
    }
