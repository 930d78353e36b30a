"""Looks that Heed takes from time to time: when the next is due is a row, so that two processes take one look and a failed one is retried."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.common import alarms, clock
from services.common.models import Look

LEASE = timedelta(minutes=10)  # longer than a job may run: should its process die, another looks then
RETRY = timedelta(minutes=15)
FAILURES_MOST = 8  # looks in a row without an answer (two hours) before a person hears of it


def is_due(session: Session, kind: str, now: datetime) -> bool:
    """Whether this look is due; one that was never taken is."""
    row = session.get(Look, kind)
    return row is None or row.due_at <= now


def take(session: Session, kind: str, now: datetime, first: datetime) -> Look | None:
    """The look, if it is due and nobody else has it. Where there is none yet it begins here: the first one is due at `first`, and looks
    back no further than this moment."""
    begun = insert(Look).values(kind=kind, due_at=first, until_at=clock.wall(session))
    if session.scalar(begun.on_conflict_do_nothing().returning(Look.kind)) is not None:
        return None
    row = session.scalar(
        select(Look).where(Look.kind == kind, Look.due_at <= now).with_for_update(skip_locked=True)
    )
    if row is not None:
        row.due_at = now + LEASE
    return row


def done(session: Session, kind: str, due_at: datetime, until: datetime | None = None) -> None:
    """The look was taken and saw everything up to `until` (real time)."""
    row = session.get_one(Look, kind)
    row.due_at, row.until_at, row.failures = due_at, until or row.until_at, 0


def failed(session: Session, kind: str, now: datetime, retry: timedelta = RETRY) -> None:
    """The carrier gave no answer: look again in a quarter of an hour, or as given, from where the last look ended."""
    row = session.get_one(Look, kind)
    row.due_at, row.failures = now + retry, row.failures + 1
    if row.failures >= FAILURES_MOST:
        alarms.sound(session, "carrier-unreachable", f"look:{kind}", now, looks=row.failures)
