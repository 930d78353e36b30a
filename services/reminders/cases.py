"""Each listing as the rules see it: the person, their number's state, and every reason not to text them.

Enrolment, sending and the preview all judge by this one piece.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, tuple_, union
from sqlalchemy.orm import Session

from services.common import numbers
from services.common.context import Heed
from services.common.crypto import CryptoError
from services.common.logs import log
from services.common.models import NumberState, Outbox
from services.common.outbox.states import SENT_OR_MAYBE
from services.reminders import people, plan
from services.reminders.county import County
from services.reminders.eligibility import Facts, MobileState, reasons
from services.reminders.models import Contact, Listing, Person

# The kinds of text that say when and where (enrolment).
TELLING = ("reminder", "change")
SAID: dict[str, MobileState] = {"opted-out": "stopped", "wrong-number": "wrong", "mobile-invalid": "invalid"}


@dataclass(frozen=True, slots=True)
class Case:
    """One listing with its person, and the reason codes that forbid texting them, the arm's apart."""

    listing: Listing
    person: Person
    known: people.Known
    codes: tuple[str, ...]


def judge(
    heed: Heed, county: County, session: Session, ids: Collection[int], now: datetime
) -> dict[int, Case]:
    """These listings, and those of the same visits, each with its reasons; by listing id, in the order of their making."""
    rows = session.execute(
        select(Listing, Person)
        .join(Person, Person.id == Listing.person_id)
        .where(Listing.id.in_(set(ids) | _same_visits(session, ids)))
        .order_by(Listing.id)
    ).all()
    mobiles = mobile_states(session, {person.id for _, person in rows}, now)
    told = _told(session, [row.id for row, _ in rows])
    found: dict[int, Case] = {}
    speaking: set[tuple[bytes | int, str | None, datetime | None]] = set()
    for row, person in rows:
        time_left = _time_left(county, row, row.id in told, now)
        known, codes = _judge(heed, county, row, person, mobiles.get(person.id, "missing"), time_left)
        # Unmatched copies of one human (same name and birth) are one visitor.
        visit = (person.match_key or person.id, row.court, row.starts_at)
        if not codes and visit in speaking:
            codes = ["same-visit"]
        elif not codes:
            speaking.add(visit)
        found[row.id] = Case(row, person, known, tuple(codes))
    return found


def _judge(
    heed: Heed, county: County, row: Listing, person: Person, mobile: MobileState, time_left: bool
) -> tuple[people.Known, list[str]]:
    """One listing's reasons. A row that cannot be read is held for review and never stops the others."""
    try:
        known = people.known(heed, person)
        return known, reasons(_facts(row, person, known, mobile, time_left), county)
    except (CryptoError, ValueError, KeyError):
        log.exception("listing-unreadable", listing_id=row.id, runbook="listing-unreadable")
        return people.NOBODY, ["needs-review"]


def _same_visits(session: Session, ids: Collection[int]) -> set[int]:
    """The listings of the same people at the same court and time."""
    theirs = select(Listing.person_id).where(Listing.id.in_(ids))
    copies = select(Person.id).where(
        Person.match_key.in_(select(Person.match_key).where(Person.id.in_(theirs)))
    )
    times = select(Listing.court, Listing.starts_at).where(Listing.id.in_(ids))
    return set(
        session.scalars(
            select(Listing.id).where(
                Listing.person_id.in_(union(theirs, copies)),
                tuple_(Listing.court, Listing.starts_at).in_(times),
                Listing.status == "listed",
            )
        )
    )


def _facts(row: Listing, person: Person, known: people.Known, mobile: MobileState, time_left: bool) -> Facts:
    return Facts(
        status=row.status,
        organisation=person.organisation,
        named=bool(known.given),
        date_of_birth=known.date_of_birth,
        youth=row.youth,
        first_hearing=row.first_hearing,
        custody=row.custody,
        initiation=row.initiation,
        box_hearing=row.box_hearing,
        guilty_plea_by_post=row.guilty_plea_by_post,
        doubts=tuple(row.doubts),
        interpreter=row.interpreter,
        offence_codes=tuple(row.offence_codes),
        markers=tuple(row.markers),
        court=row.court,
        starts_at=row.starts_at,
        time_certain=time_certain(row),
        mobile=mobile,
        do_not_text=person.do_not_text,
        time_left=time_left,
    )


def time_certain(row: Listing) -> bool:
    """Whether every feed that speaks of the hearing states one time, by a clock that is not in doubt."""
    stated = {start for start in row.stated.values() if start}
    return len(stated) <= 1 and all(day["certain"] for day in row.days if not day["cancelled"])


def _time_left(county: County, row: Listing, told: bool, now: datetime) -> bool:
    """A hearing that was enrolled in time keeps its last reminder until it begins, however late the sweep runs; and whoever
    was told of it is told of a move until then."""
    if row.starts_at is None or row.starts_at <= now:
        return False
    return (
        row.eligible
        or told
        or bool(plan.moments(county.plan, row.starts_at, now) or plan.late(county.plan, row.starts_at, now))
    )


def _told(session: Session, ids: Collection[int]) -> set[int]:
    """The listings about which a text went out, or may have."""
    return set(
        session.scalars(
            select(Outbox.subject_id).where(
                Outbox.kind.in_(TELLING), Outbox.subject_id.in_(ids), Outbox.state.in_(SENT_OR_MAYBE)
            )
        )
    )


def mobile_states(session: Session, person_ids: Collection[int], now: datetime) -> dict[int, MobileState]:
    """What may be said of each person's number, the person's own word first."""
    contacts = session.scalars(
        select(Contact).where(Contact.person_id.in_(person_ids), Contact.current)
    ).all()
    keys = {contact.number_key for contact in contacts if contact.number_key}
    states = {
        row.number_key: row
        for row in session.scalars(select(NumberState).where(NumberState.number_key.in_(keys)))
    }
    shared = _shared(session, keys, now)
    return {contact.person_id: _mobile_state(contact, states, shared) for contact in contacts}


def _mobile_state(contact: Contact, states: dict[bytes, NumberState], shared: set[bytes]) -> MobileState:
    if contact.number_key is None:
        return "missing" if contact.problem == "missing" else "invalid"
    state = states.get(contact.number_key)
    word = numbers.reason_for(state) if state else None
    if word:
        return SAID[word]
    return "shared" if contact.number_key in shared else "valid"


def _shared(session: Session, keys: Collection[bytes], now: datetime) -> set[bytes]:
    """Numbers that two different people with a coming hearing are said to have; then neither is texted."""
    rows = session.execute(
        select(Contact.number_key, Person.id, Person.match_key)
        .join(Person, Person.id == Contact.person_id)
        .join(Listing, Listing.person_id == Person.id)
        .where(
            Contact.current, Contact.number_key.in_(keys), Listing.status == "listed", Listing.starts_at > now
        )
        .distinct()
    ).all()
    holders: dict[bytes, set[object]] = defaultdict(set)
    for number_key, person_id, match in rows:
        if number_key is not None:
            holders[number_key].add(match or person_id)
    return {key for key, people_of_it in holders.items() if len(people_of_it) > 1}


def sharing(session: Session, listing_ids: Collection[int]) -> set[int]:
    """Live listings of everyone who has a number that these listings' people have or had: what is true of one changes the other."""
    theirs = (
        select(Contact.number_key)
        .join(Listing, Listing.person_id == Contact.person_id)
        .where(Listing.id.in_(listing_ids), Contact.number_key.is_not(None))
    )
    return _live(session, Contact.number_key.in_(theirs))


def under_numbers(session: Session, number_keys: Sequence[bytes]) -> set[int]:
    """The live listings of everyone who has one of these numbers."""
    return _live(session, Contact.number_key.in_(number_keys))


def _live(session: Session, condition: object) -> set[int]:
    return set(
        session.scalars(
            select(Listing.id)
            .join(Contact, Contact.person_id == Listing.person_id)
            .where(Contact.current, condition, Listing.status == "listed")  # type: ignore[arg-type]
        )
    )
