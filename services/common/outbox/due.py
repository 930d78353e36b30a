"""What the sweeps of the outbox look for: one wake-up when anything is due, none otherwise."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select, true
from sqlalchemy.orm import Session

from services.common.models import Outbox, SenderPace, SendingStop
from services.common.outbox.intentions import URGENT
from services.common.outbox.states import State

NOTHING: list[list[int]] = []
ONCE: list[list[int]] = [[]]


def due(session: Session, now: datetime) -> list[list[int]]:
    """Once, where a text is due and may be sent, or is on the wire and must be waited for.

    While the day's segments are used up, or the carrier is left alone for a while, only an urgent one may.
    """
    waits = or_(SenderPace.capped_until > now, SenderPace.held_until > now)
    stopped, waiting = session.execute(
        select(
            exists().where(SendingStop.lifted_at.is_(None)).label("stopped"),
            exists().where(waits).label("waiting"),
        )
    ).one()
    on_the_wire = and_(Outbox.state == State.CLAIMED, Outbox.check_at > now)
    if stopped:
        return _once(session, on_the_wire)
    urgent = Outbox.priority <= URGENT if waiting else true()
    return _once(session, or_(and_(_pending(now), urgent), on_the_wire))


def sendable(session: Session, now: datetime) -> bool:
    """Whether any text is due, stopped or not."""
    return bool(session.scalar(select(exists().where(_pending(now)))))


def _pending(now: datetime) -> ColumnElement[bool]:
    return and_(Outbox.state == State.PENDING, Outbox.due_at <= now)


def unsettled(session: Session, now: datetime) -> list[list[int]]:
    """Once, where an uncertain text or an expired claim is due for a look."""
    return _once(session, and_(Outbox.state.in_((State.UNCERTAIN, State.CLAIMED)), Outbox.check_at <= now))


def locked(session: Session, state: State, now: datetime, most: int) -> Sequence[Outbox]:
    """Rows of a state that are due for a look, the longest waiting first, locked; those that another process has are passed over."""
    return session.scalars(
        select(Outbox)
        .where(Outbox.state == state, Outbox.check_at <= now)
        .order_by(Outbox.check_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()


def _once(session: Session, condition: Any) -> list[list[int]]:
    return ONCE if session.scalar(select(exists().where(condition))) else NOTHING
