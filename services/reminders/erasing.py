"""Taking a person out of the rows that are counted: by the retention rules a batch at a time, and by a person's right.

The rows stay: a listing with its court, days and outcome, a text with its state and cost. Names, births, numbers, references and words go.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Text, and_, cast, delete, func, literal, select, update
from sqlalchemy.orm import Session

from services.common import persons_texts
from services.common.database import among
from services.common.models import Inbound, Outbox
from services.common.outbox.states import State
from services.common.persons_texts import GONE
from services.reminders.enrolment import KINDS
from services.reminders.models import Call, Contact, Listing, ListingKey, Person, PersonKey, Reply


def people(session: Session, person_ids: Collection[int], now: datetime) -> int:
    """Empty these people and all that names them; how many listings they had."""
    theirs = list(session.scalars(select(Listing.id).where(among(Listing.person_id, person_ids))))
    session.execute(delete(PersonKey).where(among(PersonKey.person_id, person_ids)))
    session.execute(delete(Contact).where(among(Contact.person_id, person_ids)))
    session.execute(delete(ListingKey).where(among(ListingKey.listing_id, theirs)))
    session.execute(update(Call).where(among(Call.listing_id, theirs)).values(note_enc=None))
    session.execute(
        update(Outbox)
        .where(
            among(Outbox.subject_id, theirs),
            Outbox.kind.in_(KINDS),
            Outbox.state == State.PENDING,
        )
        .values(state=State.CANCELLED, reason="erased", settled_at=now)
    )
    session.execute(
        update(Listing)
        .where(among(Listing.id, theirs))
        .values(
            hearing_key=func.concat(literal("erased:"), cast(Listing.id, Text)),
            case_refs=[],
            offence_codes=[],
            markers=[],
            bail_code=None,
            content=GONE,
            eligible=False,
        )
    )
    session.execute(
        update(Person)
        .where(among(Person.id, person_ids))
        .values(name_enc=GONE, birth_enc=None, match_key=None, do_not_text=True, erased_at=now)
    )
    return len(theirs)


def about(number_key: bytes, person_ids: Collection[int]) -> ColumnElement[bool]:
    """What was sent to a number about the hearings of these people."""
    theirs = select(Listing.id).where(among(Listing.person_id, person_ids))
    return and_(Outbox.to_key == number_key, Outbox.kind.in_(KINDS), Outbox.subject_id.in_(theirs))


def texts_about(
    session: Session, number_key: bytes, person_ids: Collection[int], now: datetime
) -> dict[str, int]:
    """Empty what was sent to a number about these people. What came from it may be of others who have it, and stays."""
    out = list(session.scalars(select(Outbox.id).where(about(number_key, person_ids))))
    persons_texts.empty(session, out, [], now)
    return {"texts_out": len(out), "texts_in": 0}


def texts(session: Session, number_key: bytes, now: datetime) -> dict[str, int]:
    """Empty every text to and from a number. The register keeps one about which something stands, so that it stays so."""
    out = list(session.scalars(select(Outbox.id).where(Outbox.to_key == number_key)))
    came = list(session.scalars(select(Inbound.id).where(Inbound.from_key == number_key)))
    persons_texts.empty(session, out, came, now)
    session.execute(update(Reply).where(among(Reply.inbound_id, came)).values(number_key=GONE))
    persons_texts.forget(session, number_key)
    return {"texts_out": len(out), "texts_in": len(came)}
