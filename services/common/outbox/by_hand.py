"""A person settles what evidence could not."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.common import audit, clock
from services.common.models import Outbox
from services.common.outbox.states import State


def resolve(session: Session, outbox_id: int, *, sent: bool, by: str) -> bool:
    """Settle a text in the staff queue; False where it is not there. Not sent: pending again, for as long as it is of use."""
    row = session.scalar(
        select(Outbox).where(Outbox.id == outbox_id, Outbox.state == State.STAFF).with_for_update()
    )
    if row is None:
        return False
    now = clock.now(session)
    row.reason = f"settled by a person as {'sent' if sent else 'not sent'}"
    if sent:
        row.state, row.settled_at = State.ACCEPTED, now
    else:
        row.state, row.due_at = State.PENDING, now
    audit.record(session, by, "text-resolved", f"text:{outbox_id}", sent=sent, attempt=row.attempt)
    return True
