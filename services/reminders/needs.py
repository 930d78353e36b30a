"""What of Reminders waits for a person, counted."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.common.models import DutyItem, Outbox
from services.common.outbox.states import State
from services.reminders import browsing, quality
from services.reminders.models import Delivery, Reply

# Reasons behind which a person can find something out.
TO_LOOK_INTO = (
    "time-uncertain",
    "needs-review",
    "suspended",
    "missing-fact",
    "mobile-shared",
    "wrong-number",
    "interpreter-needed",
    "sensitive",
)


def counts(session: Session, now: datetime) -> dict[str, Any]:
    """How much waits of each kind; `reasons` are hearings ahead by what holds them back."""
    return waiting(session, now) | {
        "records": session.scalar(quality.SUGGESTED) or 0,
        "moved": browsing.moved(session, now),
        "reasons": browsing.doubtful(session, now, TO_LOOK_INTO),
    }


def waiting(session: Session, now: datetime) -> dict[str, int]:
    """The same without what only a walk over all people or hearings can count."""

    def number(*conditions: Any) -> int:
        return session.scalar(select(func.count()).where(*conditions)) or 0

    left_out = Delivery.status.in_(("rejected", "partly_applied"))
    return {
        "duty": number(DutyItem.done_at.is_(None)),
        "inbox": number(Reply.queued, Reply.resolved_at.is_(None)),
        "unsettled": number(Outbox.state == State.STAFF),
        "incidents": number(Reply.kind == "wrong-number", Reply.resolved_at.is_(None)),
        "rejected": number(left_out, Delivery.received_at > now - quality.DELIVERIES),
    }
