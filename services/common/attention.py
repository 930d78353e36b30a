"""What needs a person: open stops of sending, alarms that nobody has acknowledged, texts that evidence cannot settle."""

from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, func, or_, select, text
from sqlalchemy.orm import Session

from services.common import alarms, clock, stops
from services.common.alerting import telling
from services.common.alerting.kinds import KINDS
from services.common.carrier_codes import action, meaning
from services.common.models import NOT_ARRIVED, Alarm, Attempt, Outbox, SendingStop
from services.common.outbox import compare
from services.common.outbox.states import FAILING, NO_LAST_WORD, State


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
    """The alarms that nobody has acknowledged, oldest first, with who owns each and how it was told."""
    rows = alarms.sounding(session)
    told = telling.told(session, [row.id for row in rows])
    return [alarm(row) | {"told": told[row.id]} for row in rows]


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
        "owner": KINDS[row.code].owner if row.code in KINDS else None,
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


SILENT = func.coalesce(Outbox.reason == NO_LAST_WORD, False)
FAILED = (
    select(
        Outbox.error_code,
        SILENT.label("silent"),
        func.count().label("texts"),
        func.max(Outbox.sent_at).label("last"),
    )
    .where(
        text(f"({NOT_ARRIVED})"),
        Outbox.sent_at >= bindparam("since"),
        or_(Outbox.state == State.FAILED, Outbox.carrier_status.in_(FAILING), SILENT),
    )
    .group_by(Outbox.error_code, text("silent"))
    .order_by(text("texts DESC"), Outbox.error_code)
)
WITHOUT_WORD = (NO_LAST_WORD, "Nothing, unless they are many: some networks report nothing.")
WITHOUT_CODE = ("the carrier gave no reason", "Nothing, unless they are many: then ask the carrier.")


def failed(session: Session) -> list[dict[str, Any]]:
    """The texts of the last seven days that did not arrive, or of which nobody can say, by the carrier's code: what it means, and what
    to do."""
    found = []
    for row in session.execute(FAILED, {"since": clock.now(session) - timedelta(days=7)}):
        about = WITHOUT_WORD if row.silent else WITHOUT_CODE
        if row.error_code is not None and not row.silent:
            about = meaning(row.error_code), action(row.error_code)
        found.append(
            {
                "code": row.error_code,
                "meaning": about[0],
                "action": about[1],
                "texts": row.texts,
                "last_at": row.last.isoformat(),
            }
        )
    return found


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
