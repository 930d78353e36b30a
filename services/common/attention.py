"""What needs a person: open stops of sending, alarms that nobody has acknowledged, texts that evidence cannot settle."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.common import alarms, stops
from services.common.models import Alarm, Outbox, SendingStop
from services.common.outbox.states import State


def sending(session: Session, sender: str) -> dict[str, Any]:
    """Whether texts go out from this sender; each open stop, with since when, by whom and why."""
    reason = stops.stopped(session, sender)
    return {
        "sending": "stopped" if reason else "on",
        "reason": "sending-stopped" if reason else None,
        "stops": [_stop(row) for row in stops.standing(session)],
    }


def _stop(row: SendingStop) -> dict[str, Any]:
    return {
        "id": row.id,
        "of": "one sender" if row.sender else "all",
        "since": row.at.isoformat(),
        "by": row.by,
        "reason": row.reason,
    }


def sounding(session: Session) -> list[dict[str, Any]]:
    """The alarms that nobody has acknowledged, oldest first."""
    return [alarm(row) for row in alarms.sounding(session)]


def alarm(row: Alarm) -> dict[str, Any]:
    """An alarm as lists show it. Its detail holds ids and counts, never a person."""
    return {
        "id": row.id,
        "code": row.code,
        "subject": row.subject,
        "detail": row.detail,
        "first_at": row.first_at.isoformat(),
        "last_at": row.last_at.isoformat(),
        "times": row.times,
    }


def unsettled(session: Session) -> list[dict[str, Any]]:
    """The texts that may or may not have gone out, for a person to find out."""
    rows = session.scalars(select(Outbox).where(Outbox.state == State.STAFF).order_by(Outbox.id))
    return [
        {
            "id": row.id,
            "kind": row.kind,
            "step": row.step,
            "attempt": row.attempt,
            "reason": row.reason,
            "claimed_at": row.sent_at.isoformat() if row.sent_at else None,
        }
        for row in rows
    ]
