"""What the sweeps of the outbox look for: one wake-up when anything is due, none otherwise."""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from services.common.models import Outbox, SendingStop
from services.common.outbox.states import State

NOTHING: list[list[int]] = []
ONCE: list[list[int]] = [[]]


def due(session: Session, now: datetime) -> list[list[int]]:
    """Once, where a text is due and may be sent, or is on the wire and must be waited for."""
    stopped = session.scalar(select(exists().where(SendingStop.lifted_at.is_(None))))
    sendable = and_(Outbox.state == State.PENDING, Outbox.due_at <= now)
    on_the_wire = and_(Outbox.state == State.CLAIMED, Outbox.check_at > now)
    return _once(session, on_the_wire if stopped else or_(sendable, on_the_wire))


def unsettled(session: Session, now: datetime) -> list[list[int]]:
    """Once, where an uncertain text or an expired claim is due for a look."""
    return _once(session, and_(Outbox.state.in_((State.UNCERTAIN, State.CLAIMED)), Outbox.check_at <= now))


def _once(session: Session, condition: Any) -> list[list[int]]:
    return ONCE if session.scalar(select(exists().where(condition))) else NOTHING
