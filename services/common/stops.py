"""Stops of sending: a person's "stop all sending", or a carrier code that says our set-up is wrong."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.common import acts, audit
from services.common.models import SendingStop

RESTORE = "restore"  # who stops sending when a backup was restored


def stopped(session: Session, sender: str) -> str | None:
    """Why nothing may be sent from this sender now, or None."""
    return session.scalar(
        select(SendingStop.reason)
        .where(
            SendingStop.lifted_at.is_(None), or_(SendingStop.sender.is_(None), SendingStop.sender == sender)
        )
        .order_by(SendingStop.id)
        .limit(1)
    )


def standing(session: Session) -> Sequence[SendingStop]:
    """The stops that nobody has lifted, oldest first."""
    return session.scalars(
        select(SendingStop).where(SendingStop.lifted_at.is_(None)).order_by(SendingStop.id)
    ).all()


def by_restore(session: Session) -> bool:
    """Whether sending waits because a backup was restored."""
    return any(row.by == RESTORE for row in standing(session))


def stop(session: Session, reason: str, by: str, at: datetime, sender: str | None = None) -> None:
    """Stop sending at once, all of it or one sender's; an open stop for the same reason is left as it is. Raises Refused."""
    reason = acts.reason(reason)
    already = session.scalar(
        select(SendingStop.id).where(
            SendingStop.lifted_at.is_(None),
            SendingStop.reason == reason,
            SendingStop.sender.is_not_distinct_from(sender),
        )
    )
    if already is None:
        session.add(SendingStop(sender=sender, reason=reason, by=by, at=at))
        audit.record(
            session, by, "sending-stopped", "sender:all" if sender is None else "sender:one", reason=reason
        )


def lift(session: Session, by: str, at: datetime) -> int:
    """Let sending go on; how many stops were open. A stop made by a person is lifted by another person; one made by a restore ends by
    itself, once it is known what has gone out."""
    open_rows = [row for row in standing(session) if row.by not in (by, RESTORE)]
    for row in open_rows:
        row.lifted_by, row.lifted_at = by, at
    if open_rows:
        audit.record(session, by, "sending-resumed", "sender:all", stops=len(open_rows))
    return len(open_rows)
