"""Alarms: what a person must look at. One is open for each (code, subject), counted while it goes on, until acknowledged."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.common import audit
from services.common.logs import log
from services.common.models import Alarm


def sound(session: Session, code: str, subject: str, at: datetime, /, **detail: Any) -> None:
    """Raise an alarm, or count it again. `subject` ("delivery:…", "court:B41ME") and `detail` hold ids and counts, never a person.

    `code` is a heading of docs/operations.md, which says what to do.
    """
    fresh = insert(Alarm).values(code=code, subject=subject, detail=detail, first_at=at, last_at=at)
    session.execute(
        fresh.on_conflict_do_update(
            index_elements=["code", "subject"],
            index_where=Alarm.acknowledged_at.is_(None),
            set_={"last_at": at, "times": Alarm.times + 1, "detail": fresh.excluded.detail},
        )
    )
    log.error(code, subject=subject, runbook=code, **detail)


def sounding(session: Session) -> Sequence[Alarm]:
    """The alarms that nobody has acknowledged, oldest first."""
    return session.scalars(select(Alarm).where(Alarm.acknowledged_at.is_(None)).order_by(Alarm.id)).all()


def acknowledge(session: Session, alarm_id: int, by: str, at: datetime) -> bool:
    """A person has seen it and sees to it; False where no such alarm is open."""
    row = session.get(Alarm, alarm_id, with_for_update=True)
    if row is None or row.acknowledged_at is not None:
        return False
    row.acknowledged_by, row.acknowledged_at = by, at
    audit.record(session, by, "alarm-acknowledged", f"alarm:{alarm_id}", code=row.code)
    return True
