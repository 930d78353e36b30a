"""A second message after a failure that may pass (a phone switched off): an intention of its own, capped and spaced.

Nothing else about it is special: the claim looks again at everything that could forbid a text.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.common.models import Outbox
from services.common.outbox.intentions import Intention, intend
from services.common.outbox.states import State

# Two messages in all, the first and one more: the networks have tried for hours before they give up, and a phone that two such tries did
# not reach is for a person to ring.
MARK = ":again:1"
# A phone that was off is on again within the hour more often than not; sooner, the second message would meet the same silence.
SPACING = timedelta(hours=1)


def owe(session: Session, row: Outbox, now: datetime) -> bool:
    """Owe a text once more; False where it was the second already, or would come too late to be of use."""
    due_at = now + SPACING
    if row.dedupe_key.endswith(MARK) or due_at >= row.useful_until:
        return False
    second = Intention(
        dedupe_key=row.dedupe_key + MARK,
        kind=row.kind,
        subject_id=row.subject_id,
        due_at=due_at,
        useful_until=row.useful_until,
        priority=row.priority,
        step=row.step,
        version=row.version,
        to_key=row.to_key if row.to_enc else None,
        to_enc=row.to_enc,
        body_enc=row.body_enc,
    )
    return intend(session, [second], now) == 1


def take_back(session: Session, row: Outbox, now: datetime) -> None:
    """The first message arrived after all: a second that has not gone out is not sent."""
    second = session.scalar(
        select(Outbox)
        .where(Outbox.dedupe_key == row.dedupe_key + MARK, Outbox.state == State.PENDING)
        .with_for_update()
    )
    if second is not None:
        second.state, second.reason, second.settled_at = State.CANCELLED, "delivered-after-all", now
