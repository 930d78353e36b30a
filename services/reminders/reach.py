"""Whether a person's number may be texted: what is known of it, and who else has it."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from services.common import numbers
from services.common.database import among
from services.common.models import NumberState
from services.reminders.eligibility import MobileState
from services.reminders.fresh import Fresh, NewContact
from services.reminders.models import Contact, Listing, Person

SAID: dict[str, MobileState] = {"opted-out": "stopped", "wrong-number": "wrong", "mobile-invalid": "invalid"}


def mobile_states(
    session: Session, person_ids: Collection[int], now: datetime, fresh: Fresh | None = None
) -> dict[int, MobileState]:
    """What may be said of each person's number, the person's own word first."""
    said = fresh.contacts if fresh else {}
    written = set(person_ids) - (fresh.people.keys() if fresh else set())
    contacts: dict[int, Contact | NewContact] = {}
    if written:
        rows = session.scalars(select(Contact).where(among(Contact.person_id, written), Contact.current))
        contacts = {row.person_id: row for row in rows}
    contacts |= {person_id: said[person_id] for person_id in person_ids if person_id in said}
    keys = {contact.number_key for contact in contacts.values() if contact.number_key}
    states = {
        row.number_key: row
        for row in session.scalars(select(NumberState).where(among(NumberState.number_key, keys)))
    }
    shared = _shared(session, keys, now, fresh)
    return {person_id: _mobile_state(contact, states, shared) for person_id, contact in contacts.items()}


def _mobile_state(
    contact: Contact | NewContact, states: dict[bytes, NumberState], shared: set[bytes]
) -> MobileState:
    if contact.number_key is None:
        return "missing" if contact.problem == "missing" else "invalid"
    state = states.get(contact.number_key)
    word = numbers.reason_for(state) if state else None
    if word:
        return SAID[word]
    return "shared" if contact.number_key in shared else "valid"


def _shared(session: Session, keys: Collection[bytes], now: datetime, fresh: Fresh | None) -> set[bytes]:
    """Numbers that two different people with a coming hearing are said to have; then neither is texted."""
    if not keys:
        return set()
    # In steps, each by its index: as one statement it was planned as a walk over everybody.
    said = _holders(session, set(keys) - fresh.unheld if fresh else keys)
    coming = _with_a_hearing(session, {person_id for _, person_id in said}, now)
    humans = _humans(session, coming)
    holders: dict[bytes, set[object]] = defaultdict(set)
    for number_key, person_id in said:
        if person_id in humans and not (fresh and person_id in fresh.contacts):
            holders[number_key].add(humans[person_id])
    for number_key, holder in _fresh_holders(session, fresh, now) if fresh else ():
        holders[number_key].add(holder)
    return {key for key, people_of_it in holders.items() if len(people_of_it) > 1}


def _with_a_hearing(session: Session, person_ids: Collection[int], now: datetime) -> set[int]:
    """Those of these people who are listed for a hearing to come."""
    if not person_ids:
        return set()
    return set(
        session.scalars(
            select(Listing.person_id).where(
                among(Listing.person_id, person_ids), Listing.status == "listed", Listing.starts_at > now
            )
        )
    )


def _humans(session: Session, person_ids: Collection[int]) -> dict[int, object]:
    """Each person as one human: two records with one name and birth are the same."""
    if not person_ids:
        return {}
    rows = session.execute(select(Person.id, Person.match_key).where(among(Person.id, person_ids)))
    return {person_id: match or person_id for person_id, match in rows}


def _fresh_holders(session: Session, fresh: Fresh, now: datetime) -> Iterator[tuple[bytes, object]]:
    """Who has which number by what is not written yet: a new number, a new hearing, or both."""
    coming = {
        row.person_id
        for row in fresh.listings.values()
        if row.status == "listed" and row.starts_at is not None and row.starts_at > now
    }
    known = fresh.contacts.keys() - fresh.people.keys()
    matches: dict[int, object] = {row.id: row.match_key or row.id for row in fresh.people.values()}
    if known | (coming - fresh.people.keys()):
        rows = session.execute(
            select(Person.id, Person.match_key, Contact.number_key)
            .outerjoin(Contact, and_(Contact.person_id == Person.id, Contact.current))
            .where(among(Person.id, known | (coming - fresh.people.keys())))
        )
        for person_id, match, number_key in rows:
            matches[person_id] = match or person_id
            if number_key is not None and person_id in coming and person_id not in fresh.contacts:
                yield number_key, matches[person_id]
    coming |= _with_a_hearing(session, known - coming, now)
    for person_id, contact in fresh.contacts.items():
        if contact.number_key is not None and person_id in coming:
            yield contact.number_key, matches[person_id]


def sharing(session: Session, listing_ids: Collection[int]) -> set[int]:
    """Live listings of everyone who has a number that these listings' people have or had: what is true of one changes the other."""
    if not listing_ids:
        return set()
    people = set(session.scalars(select(Listing.person_id).where(among(Listing.id, listing_ids))))
    return under_numbers(session, _numbers_of(session, people))


def sharing_with(session: Session, fresh: Fresh) -> set[int]:
    """The same for what is not written yet: a new number, or a new hearing of someone who has one."""
    known = ({row.person_id for row in fresh.listings.values()} | fresh.contacts.keys()) - fresh.people.keys()
    keys = {row.number_key for row in fresh.contacts.values() if row.number_key} | _numbers_of(session, known)
    held = _holders(session, keys)
    fresh.unheld = keys - {key for key, _ in held}
    return _listed(session, {person_id for _, person_id in held} | (known & fresh.contacts.keys()))


def under_numbers(session: Session, number_keys: Collection[bytes]) -> set[int]:
    """The live listings of everyone who has one of these numbers."""
    return _listed(session, {person_id for _, person_id in _holders(session, number_keys)})


def _holders(session: Session, number_keys: Collection[bytes]) -> list[tuple[bytes, int]]:
    """Who is said to have which of these numbers, as it is written."""
    if not number_keys:
        return []
    said = select(Contact.number_key, Contact.person_id)
    return [
        (key, person_id)
        for key, person_id in session.execute(
            said.where(Contact.current, among(Contact.number_key, number_keys))
        )
        if key
    ]


def _numbers_of(session: Session, person_ids: Collection[int]) -> set[bytes]:
    """Every number that these people have or had."""
    if not person_ids:
        return set()
    keys = session.scalars(select(Contact.number_key).where(among(Contact.person_id, person_ids)))
    return {key for key in keys if key}


def _listed(session: Session, person_ids: Collection[int]) -> set[int]:
    """The live listings of these people."""
    if not person_ids:
        return set()
    return set(
        session.scalars(
            select(Listing.id).where(among(Listing.person_id, person_ids), Listing.status == "listed")
        )
    )
