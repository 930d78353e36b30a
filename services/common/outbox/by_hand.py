"""A person settles what evidence could not."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.common import audit, clock
from services.common.context import Heed
from services.common.models import Attempt, Outbox
from services.common.outbox.states import State

PERSON = "person"  # what an attempt's sid stands on


class WrongMessage(ValueError):
    """A sid that is none of the messages that were seen, or that belongs to another text."""


def resolve(
    heed: Heed, session: Session, outbox_id: int, *, sent: bool, by: str, sid: str | None = None
) -> bool:
    """Settle a text in the staff queue; False where it is not there. Not sent: pending again, for as long as it is of use.

    Sent: `sid` says as which of the messages that were seen. Where only one was seen, or none is named, that one is it, or none; a
    callback or the daily comparison may still say. Raises WrongMessage.
    """
    row = session.scalar(
        select(Outbox).where(Outbox.id == outbox_id, Outbox.state == State.STAFF).with_for_update()
    )
    if row is None:
        return False
    now = clock.now(session)
    if sent:
        _name(heed, session, row, sid)
        row.state, row.settled_at = State.ACCEPTED, now
        # The carrier is asked what became of it.
        row.check_at = now + timedelta(seconds=heed.settings.news_after) if row.sid else None
    elif sid:
        raise WrongMessage("only a text that was sent has a message at the carrier")
    else:
        row.state, row.due_at = State.PENDING, now
    row.reason = f"settled by a person as {'sent' if sent else 'not sent'}"
    audit.record(session, by, "text-resolved", f"text:{outbox_id}", sent=sent, attempt=row.attempt)
    return True


def _name(heed: Heed, session: Session, row: Outbox, sid: str | None) -> None:
    """Let the text stand on the message that a person names, or on the only one that was seen."""
    attempt = session.scalars(
        select(Attempt).where(Attempt.outbox_id == row.id, Attempt.n == row.attempt)
    ).one()
    seen = [one["sid"] for one in attempt.seen or []]
    if sid and sid not in seen:
        raise WrongMessage(f"the message is none of those seen for this text ({', '.join(seen) or 'none'})")
    chosen = sid or (seen[0] if len(seen) == 1 else None)
    if chosen is None or attempt.sid is not None:
        return
    if session.scalar(select(Attempt.id).where(Attempt.sid == chosen)) is not None:
        if sid:
            raise WrongMessage("the message has turned out to be another text's")
        return
    attempt.sid, attempt.evidence = chosen, PERSON
    row.sid = row.sid or chosen
