"""Incidents: somebody says that a text reached the wrong person, so a stranger may have read a name, a court and a day."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.common.context import Heed
from services.common.models import Inbound, Outbox
from services.common.outbox.states import SENT_OR_MAYBE
from services.common.times import london
from services.reminders import inbox
from services.reminders.enrolment import KINDS
from services.reminders.models import Listing, Reply


def every(heed: Heed, session: Session) -> list[dict[str, Any]]:
    """Each incident, oldest first: which hearings the number was texted about before, and whether a person has seen to it.

    `heed reminders inbox done` settles one.
    """
    rows = session.execute(
        select(Reply, Inbound)
        .join(Inbound, Inbound.id == Reply.inbound_id)
        .where(Reply.kind == "wrong-number")
        .order_by(Reply.id)
    ).all()
    return [inbox.as_json(heed, reply, text) | _reached(session, text) for reply, text in rows]


def _reached(session: Session, text: Inbound) -> dict[str, Any]:
    """The texts that went to this number before it was said to be the wrong one, and their hearings."""
    sent = session.execute(
        select(Outbox.id, Listing)
        .join(Listing, Listing.id == Outbox.subject_id)
        .where(
            Outbox.kind.in_(KINDS),
            Outbox.to_key == text.from_key,
            Outbox.state.in_(SENT_OR_MAYBE),
            Outbox.sent_at <= text.received_at,
        )
        .order_by(Outbox.id)
    ).all()
    hearings = {row.id: row for _, row in sent}
    return {
        "texts": len(sent),
        "hearings": [
            {
                "listing": row.id,
                "court": row.court,
                "day": london(row.starts_at).date().isoformat() if row.starts_at else None,
            }
            for row in hearings.values()
        ],
    }
