"""Incidents: a text may have told a stranger of somebody's name, court and day. Somebody assesses each within the law's 72 hours.

A WRONG opens one by itself, the office may open one by hand. The clock is that of UK GDPR, article 33, and of section 67 of the Data
Protection Act 2018: from when we knew.
"""

from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from services.common import alarms, clock
from services.common.acts import Refused, reason
from services.common.context import Heed
from services.common.models import Inbound, Outbox
from services.common.outbox.states import SENT_OR_MAYBE
from services.common.times import london
from services.reminders import inbox
from services.reminders.acts import Act
from services.reminders.enrolment import KINDS
from services.reminders.models import Incident, Listing, Reply

REPORT_WITHIN, SOUND_AFTER, SOUND_AGAIN = timedelta(hours=72), timedelta(hours=48), timedelta(hours=6)
WRONG = "the text came to the wrong person"
Decision = Literal["reported", "no-risk", "no-personal-data"]
DECISIONS: tuple[Decision, ...] = ("reported", "no-risk", "no-personal-data")


def found(session: Session, reply: Reply, now: datetime) -> None:
    """Open the incident of a reply that says WRONG."""
    session.flush()
    session.add(_opened(WRONG, "resident", now, reply_id=reply.id))


def report(act: Act, listing_id: int, why: str) -> Incident:
    """Open one by the office's word: texts about this hearing reached somebody else. Raises Refused."""
    row, because = act.listing(listing_id), reason(why)
    incident = _opened(because, act.by, act.now, listing_id=row.id)
    act.session.add(incident)
    act.session.flush()
    act.record("incident-opened", f"incident:{incident.id}", listing=row.id, reason=because)
    return incident


def _opened(why: str, by: str, now: datetime, **about: int) -> Incident:
    return Incident(
        reason=why, by=by, at=now, report_by=now + REPORT_WITHIN, sound_at=now + SOUND_AFTER, **about
    )


def assess(act: Act, incident_id: int, decision: Decision, note: str) -> Incident:
    """Write down what was decided of one, and why; that ends its clock. Raises Refused."""
    row = act.session.get(Incident, incident_id, with_for_update=True)
    if row is None:
        raise Refused(
            "not-found", f"there is no incident {incident_id}; `heed reminders incidents` shows them"
        )
    if row.decision is not None:
        raise Refused("already-assessed", f"incident {incident_id} was assessed by {row.decided_by}")
    row.decision, row.decided_by, row.decided_at, row.sound_at = decision, act.by, act.now, None
    row.note_enc = act.heed.cipher.seal(note, "note") if note else None
    act.record("incident-assessed", f"incident:{row.id}", decision=decision)
    return row


def to_sound(session: Session, now: datetime) -> list[list[int]]:
    """The incidents that nobody has assessed in time, as job arguments."""
    ids = session.scalars(select(Incident.id).where(Incident.sound_at <= now).order_by(Incident.id))
    return [[incident_id] for incident_id in ids]


def sound(heed: Heed, incident_id: int) -> None:
    """Sound the alarm of one, and set the next time."""
    with heed.database.begin() as session:
        row, now = session.get(Incident, incident_id, with_for_update=True), clock.now(session)
        if row is None or row.sound_at is None or row.sound_at > now:
            return
        row.sound_at = now + SOUND_AGAIN
        alarms.sound(
            session, "incident-late", f"incident:{row.id}", now, hours_left=_hours(row.report_by - now)
        )


def every(heed: Heed, session: Session) -> list[dict[str, Any]]:
    """Each incident, oldest first: its clock, and which hearings a stranger may have read of."""
    rows = session.execute(
        select(Incident, Reply, Inbound)
        .outerjoin(Reply, Reply.id == Incident.reply_id)
        .outerjoin(Inbound, Inbound.id == Reply.inbound_id)
        .order_by(Incident.id)
    ).all()
    now = clock.now(session)
    return [_shown(heed, session, *row, now) for row in rows]


def shown(heed: Heed, session: Session, row: Incident) -> dict[str, Any]:
    """One incident, as lists show it."""
    reply = session.get(Reply, row.reply_id) if row.reply_id else None
    text = session.get(Inbound, reply.inbound_id) if reply else None
    return _shown(heed, session, row, reply, text, clock.now(session))


def _shown(
    heed: Heed, session: Session, row: Incident, reply: Reply | None, text: Inbound | None, now: datetime
) -> dict[str, Any]:
    if reply is not None and text is not None:
        about = inbox.as_json(heed, reply, text)
        which: ColumnElement[bool] = and_(Outbox.to_key == text.from_key, Outbox.sent_at <= text.received_at)
    else:
        about = {"id": None, "kind": "office", "from": None, "received_at": row.at.isoformat()}
        about |= {
            "done_by": row.decided_by,
            "done_at": row.decided_at.isoformat() if row.decided_at else None,
        }
        which = Outbox.subject_id == row.listing_id
    return about | {
        "incident": row.id,
        "reason": row.reason,
        "report_by": row.report_by.isoformat(),
        "hours_left": None if row.decision else _hours(row.report_by - now),
        "decision": row.decision,
        "decided_by": row.decided_by,
        "decided_at": row.decided_at.isoformat() if row.decided_at else None,
        **_reached(session, which),
    }


def _hours(left: timedelta) -> int:
    """Whole hours left; below nothing where the time is over."""
    return int(left.total_seconds() // 3600)


def _reached(session: Session, which: ColumnElement[bool]) -> dict[str, Any]:
    """The texts that went out, and their hearings."""
    sent = session.execute(
        select(Outbox.id, Listing)
        .join(Listing, Listing.id == Outbox.subject_id)
        .where(Outbox.kind.in_(KINDS), Outbox.state.in_(SENT_OR_MAYBE), which)
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
