"""Days let go by hand: while the office releases day by day, a day's texts wait until a person has looked at them."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.common.acts import Refused
from services.common.models import Outbox
from services.common.outbox.states import State
from services.common.times import london
from services.reminders.acts import Act
from services.reminders.models import Release

# Why a text of a day that nobody has released is put off.
NOT_RELEASED = "not-released"


def release(act: Act, day: date) -> tuple[Release, int]:
    """Let a day's texts go; the release, and how many texts that waited for it are due now. Raises Refused."""
    act.alone()
    now = act.now
    if day < london(now).date():
        raise Refused("bad-day", "that day is over: its texts are of no use any more")
    standing = act.session.get(Release, day)
    if standing is not None:
        raise Refused("already-released", f"{day} was released by {standing.by}")
    row = Release(day=day, by=act.by, at=now)
    act.session.add(row)
    waiting = (
        update(Outbox)
        .where(Outbox.state == State.PENDING, Outbox.reason == NOT_RELEASED)
        .values(due_at=now)
        .returning(Outbox.id)
    )
    due = len(act.session.scalars(waiting).all())
    act.record("day-released", f"day:{day}", due=due)
    return row, due


def every(session: Session) -> Sequence[Release]:
    """Every day that was released, the latest first."""
    return session.scalars(select(Release).order_by(Release.day.desc())).all()


def as_json(row: Release) -> dict[str, object]:
    """A released day as the API and the command answer it."""
    return {"day": row.day.isoformat(), "by": row.by, "at": row.at.isoformat()}
