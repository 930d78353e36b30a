"""Enrolment: who of these listings is texted, in which arm, and when; run again whenever a fact changes.

Idempotent: it writes each listing's reasons, makes assignments once, writes the reminders that are owed and takes back those that
no longer are.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.common import numbers
from services.common.context import Heed
from services.common.models import NumberState, Outbox
from services.common.outbox.intentions import Intention, intend
from services.common.outbox.states import SENT_OR_MAYBE, UNSENT, State
from services.reminders import people, pilots, plan
from services.reminders.county import County
from services.reminders.eligibility import Facts, MobileState, reasons
from services.reminders.models import Contact, Listing, Person

REMINDER, CHANGE, NO_LONGER = "reminder", "change", "no-longer"
KINDS = (REMINDER, CHANGE, NO_LONGER)
# Replies and danger answers go first (common), then changes, then reminders.
PRIORITY = {CHANGE: 30, NO_LONGER: 30, REMINDER: 50}


@dataclass(frozen=True, slots=True)
class Case:
    """One listing with its person and the state of their number."""

    listing: Listing
    person: Person
    mobile: MobileState
    same_visit: bool


def enrol(heed: Heed, county: County, session: Session, listing_ids: Collection[int], now: datetime) -> None:
    """Look again at these listings, and at everyone who shares a number with them."""
    if not listing_ids:
        return
    session.flush()
    ids = set(listing_ids) | _sharing(session, listing_ids)
    looked_at = cases(session, ids, now)
    arms = pilots.Arms(session, {case.person.id for case in looked_at})
    for case in looked_at:
        facts = facts_of(heed, county, case, now)
        codes = reasons(facts, county)
        # Assignment comes before anything about reachability beyond the eligibility rules, and is never changed.
        arm = arms.of(case.listing, now, assign=not codes)
        if not codes and arm and not arm.texted:
            codes = ["control-arm"]
        case.listing.reasons = codes
        case.listing.eligible = not codes or codes == ["control-arm"]
        _plan(county, session, case.listing, texted=not codes, now=now)
    session.flush()


def facts_of(heed: Heed, county: County, case: Case, now: datetime) -> Facts:
    """A case as the rules see it."""
    row, person = case.listing, case.person
    known = people.known(heed, person)
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
        court=row.court,
        starts_at=row.starts_at,
        time_certain=time_certain(row),
        mobile=case.mobile,
        do_not_text=person.do_not_text,
        same_visit=case.same_visit,
        time_left=_time_left(coming(county, row, now), row, now),
    )


def time_certain(row: Listing) -> bool:
    """Whether every feed that speaks of the hearing states one time, by a clock that is not in doubt."""
    stated = {start for start in row.stated.values() if start}
    return len(stated) <= 1 and all(day["certain"] for day in row.days if not day["cancelled"])


def coming(county: County, row: Listing, now: datetime) -> list[plan.Moment]:
    """The reminders still to come for a listing."""
    return plan.moments(county.plan, row.starts_at, now) if row.starts_at else []


def _time_left(moments: Sequence[plan.Moment], row: Listing, now: datetime) -> bool:
    """A hearing that was enrolled in time keeps its last reminder until it begins, however late the sweep runs."""
    return bool(moments) or (row.eligible and row.starts_at is not None and row.starts_at > now)


def _sharing(session: Session, listing_ids: Collection[int]) -> set[int]:
    """Listings of other people under the same numbers as the people of these listings."""
    mine = (
        select(Contact.number_key)
        .join(Listing, Listing.person_id == Contact.person_id)
        .where(Listing.id.in_(listing_ids), Contact.current, Contact.number_key.is_not(None))
    )
    return set(
        session.scalars(
            select(Listing.id)
            .join(Contact, Contact.person_id == Listing.person_id)
            .where(Contact.current, Contact.number_key.in_(mine), Listing.status == "listed")
        )
    )


def cases(session: Session, ids: Collection[int], now: datetime) -> list[Case]:
    """These listings with their people, in the order in which they were made."""
    rows = session.execute(
        select(Listing, Person)
        .join(Person, Person.id == Listing.person_id)
        .where(Listing.id.in_(ids))
        .order_by(Listing.id)
    ).all()
    mobiles = mobile_states(session, {person.id for _, person in rows}, now)
    first_of_visit = _visits(session, {person.id for _, person in rows})
    return [
        Case(
            row,
            person,
            mobiles.get(person.id, "missing"),
            first_of_visit.get((person.id, row.court, row.starts_at), row.id) != row.id,
        )
        for row, person in rows
    ]


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
        said: dict[str, MobileState] = {
            "opted-out": "stopped",
            "wrong-number": "wrong",
            "mobile-invalid": "invalid",
        }
        return said[word]
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


def _visits(
    session: Session, person_ids: Collection[int]
) -> dict[tuple[int, str | None, datetime | None], int]:
    """For each (person, court, time) the listing that speaks for the visit: the first one made."""
    rows = session.scalars(
        select(Listing)
        .where(Listing.person_id.in_(person_ids), Listing.status == "listed", Listing.first_hearing)
        .order_by(Listing.id.desc())
    )
    return {(row.person_id, row.court, row.starts_at): row.id for row in rows}


def _plan(county: County, session: Session, row: Listing, *, texted: bool, now: datetime) -> None:
    """Bring the outbox in line with one listing."""
    stale = "; ".join(row.reasons[:1]) or "moved"
    _cancel_unsent(session, row, keep_version=row.version if texted else None, reason=stale, now=now)
    if (
        row.status == "cancelled"
        and row.starts_at
        and row.starts_at > now
        and _was_texted(session, row, any_version=True)
    ):
        _owe(session, row, NO_LONGER, county, now)
    if not texted or row.starts_at is None:
        return
    if _was_texted(session, row, any_version=False):
        _owe(session, row, CHANGE, county, now)
    intend(session, (_reminder(row, moment) for moment in coming(county, row, now)), now)


def _reminder(row: Listing, moment: plan.Moment) -> Intention:
    return Intention(
        dedupe_key=f"reminder:{row.person_id}:{row.id}:{row.version}:{moment.step}",
        kind=REMINDER,
        subject_id=row.id,
        step=moment.step,
        version=row.version,
        due_at=moment.due_at,
        useful_until=moment.useful_until,
        priority=PRIORITY[REMINDER],
    )


def _owe(session: Session, row: Listing, kind: str, county: County, now: datetime) -> None:
    """A change or no-longer text goes at the window's next opening, while the hearing's old or new time lies ahead."""
    assert row.starts_at is not None  # noqa: S101 - the callers look
    due = plan.into_window(county.plan, now)
    intend(
        session,
        [
            Intention(
                dedupe_key=f"{kind}:{row.person_id}:{row.id}:{row.version}",
                kind=kind,
                subject_id=row.id,
                step=kind,
                version=row.version,
                due_at=due,
                useful_until=row.starts_at,
                priority=PRIORITY[kind],
            )
        ],
        now,
    )


def _cancel_unsent(
    session: Session, row: Listing, *, keep_version: int | None, reason: str, now: datetime
) -> None:
    pending = session.scalars(
        select(Outbox).where(Outbox.subject_id == row.id, Outbox.kind.in_(KINDS), Outbox.state.in_(UNSENT))
    )
    for one in pending:
        still_owed = one.kind == NO_LONGER and row.status == "cancelled"
        if one.version != keep_version and not still_owed:
            one.state, one.reason, one.settled_at = State.CANCELLED, reason, now


def _was_texted(session: Session, row: Listing, *, any_version: bool) -> bool:
    """Whether this person had, or may have had, a text about an earlier version of this listing (or any)."""
    query = select(Outbox.id).where(
        Outbox.subject_id == row.id, Outbox.kind.in_((REMINDER, CHANGE)), Outbox.state.in_(SENT_OR_MAYBE)
    )
    if not any_version:
        query = query.where(Outbox.version < row.version)
    return session.scalar(query.limit(1)) is not None


def listings_of(session: Session, number_keys: Iterable[bytes]) -> set[int]:
    """The live listings of everyone who has one of these numbers."""
    return set(
        session.scalars(
            select(Listing.id)
            .join(Contact, Contact.person_id == Listing.person_id)
            .where(Contact.current, Contact.number_key.in_(list(number_keys)), Listing.status == "listed")
        )
    )
