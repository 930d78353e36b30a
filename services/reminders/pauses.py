"""Pauses: no reminders for the hearings of a court, or of all, from one day to another. Kept for good: the evaluation asks for them."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.reminders.models import PauseRow


def standing(session: Session) -> Sequence[PauseRow]:
    """The pauses that nobody has ended, oldest first."""
    return session.scalars(select(PauseRow).where(PauseRow.ended_at.is_(None)).order_by(PauseRow.id)).all()


def every(session: Session) -> Sequence[PauseRow]:
    """Every pause there ever was, oldest first."""
    return session.scalars(select(PauseRow).order_by(PauseRow.id)).all()


def covers(pauses: Iterable[PauseRow], court: str | None, day: date) -> bool:
    """Whether one of these pauses holds for a court (its five characters) on a day in London. Pure."""
    return any(pause.since <= day <= pause.until and pause.court in (None, court) for pause in pauses)


def as_json(row: PauseRow) -> dict[str, object]:
    """A pause as the API and the command answer it; `court` is null where it holds for all."""
    return {
        "id": row.id,
        "court": row.court,
        "since": row.since.isoformat(),
        "until": row.until.isoformat(),
        "reason": row.reason,
        "by": row.by,
        "at": row.at.isoformat(),
        "ended_by": row.ended_by,
        "ended_at": row.ended_at.isoformat() if row.ended_at else None,
    }
