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

    def number(*conditions: Any) -> int:
        return session.scalar(select(func.count()).where(*conditions)) or 0

    return {
        "duty": number(DutyItem.done_at.is_(None)),
        "inbox": number(Reply.queued, Reply.resolved_at.is_(None)),
        "unsettled": number(Outbox.state == State.STAFF),
        "incidents": number(Reply.kind == "wrong-number", Reply.resolved_at.is_(None)),
        "records": session.scalar(quality.SUGGESTED) or 0,
        "moved": browsing.moved(session, now),
        "rejected": number(
            Delivery.status.in_(("rejected", "partly_applied")),
            Delivery.received_at > now - quality.DELIVERIES,
        ),
        "reasons": browsing.doubtful(session, now, TO_LOOK_INTO),
    }
