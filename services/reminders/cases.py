"""Each listing as the rules see it: the person, their number's state, and every reason not to text them.

Enrolment, sending and the preview all judge by this one piece.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.common.context import Heed
from services.common.crypto import CryptoError
from services.common.database import among
from services.common.logs import log
from services.common.models import Outbox
from services.common.outbox.states import SENT_OR_MAYBE
from services.common.times import london_day
from services.reminders import pauses, people, plan, reach
from services.reminders.county import County
from services.reminders.eligibility import Facts, MobileState, adult, reasons
from services.reminders.fresh import AnyListing, AnyPerson, Fresh
from services.reminders.known import NOBODY, Known
from services.reminders.models import Listing, PauseRow, Person
from services.reminders.wording import sayable

# The kinds of text that say when and where (enrolment).
TELLING = ("reminder", "change")
Visit = tuple[bytes | int, str | None, datetime | None]


@dataclass(slots=True)  # frozen took three times as long to make
class Case:
    """One listing with its person, and the reason codes that forbid texting them, the arm's apart."""

    listing: AnyListing
    person: AnyPerson
    known: Known
    codes: tuple[str, ...]


def judge(
    heed: Heed,
    county: County,
    session: Session,
    ids: Collection[int],
    now: datetime,
    fresh: Fresh | None = None,
    moments: plan.Moments | None = None,
) -> dict[int, Case]:
    """These listings, those of `fresh`, and those of the same visits, each with its reasons; by listing id, in the order of
    their making."""
    new = _fresh_rows(session, fresh) if fresh else []
    rows = _rows(session, ids)
    rows += _rows(session, _same_visits(session, [*rows, *new], fresh) - {row.id for row, _ in rows})
    rows.sort(key=lambda pair: pair[0].id)
    told = _told(session, [row.id for row, _ in rows])
    rows += new
    mobiles = reach.mobile_states(session, {person.id for _, person in rows}, now, fresh)
    fits = _fits(county, now, moments or plan.asked_once(county.plan, now))
    standing = pauses.standing(session)

    @cache
    def forbids(facts: Facts) -> tuple[str, ...]:
        return reasons(facts, county)

    found: dict[int, Case] = {}
    speaking: set[Visit] = set()
    for row, person in rows:
        known, codes = _judge(
            heed,
            forbids,
            row,
            person,
            mobiles.get(person.id, "missing"),
            time_left=_time_left(row, row.id in told, now, fits),
            paused=_paused(row, standing),
        )
        visit = visit_of(row, person)
        if not codes and visit in speaking:
            codes = ("same-visit",)
        elif not codes:
            speaking.add(visit)
        found[row.id] = Case(row, person, known, codes)
    return found


def visit_of(row: AnyListing, person: AnyPerson) -> Visit:
    """Who is to be where and when. Unmatched copies of one human (same name and birth) are one visitor."""
    return person.match_key or person.id, row.court, row.starts_at


def _rows(session: Session, ids: Collection[int]) -> list[tuple[AnyListing, AnyPerson]]:
    """These written listings, each with its person."""
    if not ids:
        return []
    found = session.execute(
        select(Listing, Person).join(Person, Person.id == Listing.person_id).where(among(Listing.id, ids))
    )
    return [(row, person) for row, person in found]


def _fresh_rows(session: Session, fresh: Fresh) -> list[tuple[AnyListing, AnyPerson]]:
    """The listings that are not written yet, each with its person, who may have been known before."""
    before = {row.person_id for row in fresh.listings.values()} - fresh.people.keys()
    persons: dict[int, AnyPerson] = dict(fresh.people)
    if before:
        persons.update(
            {row.id: row for row in session.scalars(select(Person).where(among(Person.id, before)))}
        )
    return [(row, persons[row.person_id]) for row in fresh.listings.values()]


def _judge(
    heed: Heed,
    forbids: Callable[[Facts], tuple[str, ...]],
    row: AnyListing,
    person: AnyPerson,
    mobile: MobileState,
    *,
    time_left: bool,
    paused: bool,
) -> tuple[Known, tuple[str, ...]]:
    """One listing's reasons. A row that cannot be read is held for review and never stops the others."""
    try:
        known = people.known(heed, person)
        return known, forbids(_facts(row, person, known, mobile, time_left=time_left, paused=paused))
    except (CryptoError, ValueError, KeyError):
        log.exception("listing-unreadable", listing_id=row.id, runbook="listing-unreadable")
        return NOBODY, ("needs-review",)


def _same_visits(
    session: Session, rows: Sequence[tuple[AnyListing, AnyPerson]], fresh: Fresh | None
) -> set[int]:
    """The written listings in force of the people of these rows, or of copies of them, at the same court and time.

    In steps, each with its index: as one statement the planner chose by its statistics, and after a large delivery, when those
    are old, took ten times as long.
    """
    persons = {person.id for _, person in rows}
    if fresh:
        persons -= fresh.people.keys()
    keys = {person.match_key for _, person in rows} - {None}
    if keys:
        persons |= set(session.scalars(select(Person.id).where(among(Person.match_key, keys))))
    if not persons:
        return set()
    written = session.execute(
        select(Listing.id, Listing.court, Listing.starts_at).where(
            among(Listing.person_id, persons), Listing.status == "listed"
        )
    )
    times = {(row.court, row.starts_at) for row, _ in rows}
    return {number for number, court, starts_at in written if (court, starts_at) in times}


def _paused(row: AnyListing, standing: Sequence[PauseRow]) -> bool:
    """Whether a person has paused the hearing's court on its day."""
    if not standing or row.starts_at is None:
        return False
    return pauses.covers(standing, row.court, london_day(row.starts_at))


def _facts(
    row: AnyListing, person: AnyPerson, known: Known, mobile: MobileState, *, time_left: bool, paused: bool
) -> Facts:
    return Facts(
        status=row.status,
        organisation=person.organisation,
        named=sayable(known.given.reveal()),
        adult=adult(known.date_of_birth, row.starts_at),
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
        timed=row.starts_at is not None,
        time_certain=time_certain(row),
        mobile=mobile,
        do_not_text=person.do_not_text,
        time_left=time_left,
        paused=paused,
    )


def time_certain(row: AnyListing) -> bool:
    """Whether every feed that speaks of the hearing states one time, by a clock that is not in doubt."""
    if len(row.stated) > 1 and len(set(filter(None, row.stated.values()))) > 1:
        return False
    for day in row.days:  # noqa: SIM110 - thrice as fast as all()
        if not (day["certain"] or day["cancelled"]):
            return False
    return True


def _fits(county: County, now: datetime, moments: plan.Moments) -> Callable[[datetime], bool]:
    """Whether a reminder of a hearing at a time still fits before it."""

    def fits(starts_at: datetime) -> bool:
        return bool(moments(starts_at) or plan.late(county.plan, starts_at, now))

    return fits


def _time_left(row: AnyListing, told: bool, now: datetime, fits: Callable[[datetime], bool]) -> bool:
    """A hearing that was enrolled in time keeps its last reminder until it begins, however late the sweep runs; and whoever
    was told of it is told of a move until then."""
    if row.starts_at is None or row.starts_at <= now:
        return False
    return row.eligible or told or fits(row.starts_at)


def _told(session: Session, ids: Collection[int]) -> set[int]:
    """The listings about which a text went out, or may have."""
    if not ids:
        return set()
    return set(
        session.scalars(
            select(Outbox.subject_id).where(
                Outbox.kind.in_(TELLING), among(Outbox.subject_id, ids), Outbox.state.in_(SENT_OR_MAYBE)
            )
        )
    )
