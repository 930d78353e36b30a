"""What needs a person: open stops of sending, alarms that nobody has acknowledged, texts that evidence cannot settle."""

from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.common import alarms, clock, stops
from services.common.carrier_codes import action, meaning
from services.common.models import Alarm, Attempt, Outbox, SendingStop
from services.common.outbox import compare
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
    """The texts that may or may not have gone out, for a person to find out: why, since when, and what was seen at the carrier."""
    now = clock.now(session)
    rows = session.execute(
        select(Outbox, Attempt)
        .outerjoin(Attempt, (Attempt.outbox_id == Outbox.id) & (Attempt.n == Outbox.attempt))
        .where(Outbox.state == State.STAFF)
        .order_by(Outbox.id)
    )
    return [
        {
            "id": row.id,
            "kind": row.kind,
            "step": row.step,
            "attempt": row.attempt,
            "reason": row.reason,
            "claimed_at": row.sent_at.isoformat() if row.sent_at else None,
            "age_seconds": int((now - row.sent_at).total_seconds()) if row.sent_at else None,
            "useful_until": row.useful_until.isoformat(),
            "seen": (attempt.seen if attempt else None) or [],
        }
        for row, attempt in rows
    ]


# The index ix_outbox_failed holds just these.
FAILED = text(
    "SELECT error_code, count(*) AS texts, max(sent_at) AS last FROM outbox"
    " WHERE error_code IS NOT NULL AND sent_at >= CAST(:now AS timestamptz) - interval '7 days'"
    " AND (state = 'failed' OR carrier_status IN ('undelivered', 'failed')) GROUP BY error_code ORDER BY 2 DESC, 1"
)


def failed(session: Session) -> list[dict[str, Any]]:
    """The texts of the last seven days that did not arrive, by the carrier's code: what it means, and what to do."""
    return [
        {
            "code": row.error_code,
            "meaning": meaning(row.error_code),
            "action": action(row.error_code),
            "texts": row.texts,
            "last_at": row.last.isoformat(),
        }
        for row in session.execute(FAILED, {"now": clock.now(session)})
    ]


def comparisons(session: Session) -> list[dict[str, Any]]:
    """The last week's comparisons with the carrier's list, the newest first."""
    return [
        {
            "day": row.day.isoformat(),
            "direction": row.direction,
            "listed": row.listed,
            "matched": row.matched,
            "settled": row.settled,
            "orphans": row.orphans,
            "missing": row.missing,
            "complete": row.complete,
        }
        for row in compare.latest(session)
    ]
