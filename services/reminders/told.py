"""What somebody was told under a record that turned out to be another's: it counts for the row that stands, and can be given back."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.common.models import Outbox
from services.common.outbox.states import SENT_OR_MAYBE, UNSENT, State
from services.reminders.cases import TELLING
from services.reminders.models import Listing

NO_VERSION = 0  # a listing's versions begin at 1: whoever was told of this one is told of a change


def adopt(session: Session, held: Listing, stands: Listing, now: datetime) -> list[list[Any]]:
    """Let the texts that went out about `held` count as sent about `stands`, the same hearing; how they stood before.

    A text that `stands` owes and the person has had already is taken back.
    """
    session.flush()
    same_time = (held.court, held.starts_at) == (stands.court, stands.starts_at)
    own = _told(session, stands.id)
    before: list[list[Any]] = []
    for one in _told(session, held.id):
        current = same_time and one.version == held.version
        if not current:
            if not own:
                before.append(_as_it_stood(one))
                one.subject_id, one.version = stands.id, NO_VERSION
            continue
        key = one.dedupe_key.replace(
            f":{held.person_id}:{held.id}:{held.version}",
            f":{stands.person_id}:{stands.id}:{stands.version}",
            1,
        )
        owed = session.scalar(select(Outbox).where(Outbox.dedupe_key == key))
        if owed is not None and owed.attempt:
            continue  # both were told
        before.append(_as_it_stood(one))
        freed, one.dedupe_key = one.dedupe_key, f"{key}:taken"
        if owed is not None:
            before.append(_as_it_stood(owed))
            session.flush()
            owed.dedupe_key = freed
            if owed.state in UNSENT:
                owed.state, owed.reason, owed.settled_at = State.CANCELLED, "same-visit", now
        session.flush()
        one.dedupe_key, one.subject_id, one.version = key, stands.id, stands.version
    session.flush()
    return before


def give_back(session: Session, before: list[list[Any]]) -> None:
    """Let these texts belong again where they belonged. What is owed once more is for enrolment to say."""
    rows = {
        row.id: row
        for row in session.scalars(select(Outbox).where(Outbox.id.in_([one[0] for one in before])))
    }
    before = [one for one in before if one[0] in rows]
    for outbox_id, *_ in before:
        rows[outbox_id].dedupe_key += ":given-back"
    session.flush()
    for outbox_id, subject_id, version, key in before:
        row = rows[outbox_id]
        row.subject_id, row.version, row.dedupe_key = subject_id, version, key
    session.flush()


def _told(session: Session, listing_id: int) -> list[Outbox]:
    rows = select(Outbox).where(
        Outbox.kind.in_(TELLING), Outbox.subject_id == listing_id, Outbox.state.in_(SENT_OR_MAYBE)
    )
    return list(session.scalars(rows.order_by(Outbox.id)))


def _as_it_stood(row: Outbox) -> list[Any]:
    return [row.id, row.subject_id, row.version, row.dedupe_key]
