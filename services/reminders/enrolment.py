"""Enrolment: who of these listings is texted, in which arm, and when; run again whenever a fact changes.

Idempotent: it writes each listing's reasons, makes assignments once, writes the reminders that are owed and takes back those that
no longer are. Callers hold the `reminders:apply` lock, so that one enrolment sees the other's.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.common.context import Heed
from services.common.copying import Encoded
from services.common.database import among
from services.common.models import Outbox
from services.common.outbox.intentions import Intention, encode_first, intend
from services.common.outbox.states import UNSENT, State
from services.common.times import london
from services.reminders import cases, plan, reach
from services.reminders.assigning import Arms
from services.reminders.county import County
from services.reminders.fresh import AnyListing, Fresh, NewListing
from services.reminders.last_told import Told, last_told
from services.reminders.models import Call, Listing
from services.reminders.told import adopt

REMINDER, CHANGE, NO_LONGER = "reminder", "change", "no-longer"
KINDS = (REMINDER, CHANGE, NO_LONGER)
# Danger answers and replies go first (common.answers), then changes, then reminders.
PRIORITY = {CHANGE: 30, NO_LONGER: 30, REMINDER: 50}
# A hearing moved to within this time is told by phone too (REMINDERS §5).
SOON = timedelta(hours=48)


def enrol(
    heed: Heed,
    county: County,
    session: Session,
    listing_ids: Collection[int],
    now: datetime,
    *,
    fresh: Fresh | None = None,
    moved: Mapping[int, datetime] = MappingProxyType({}),
    moments: plan.Moments | None = None,
) -> None:
    """Look again at these listings, and at everyone who shares a number or a visit with them.

    `fresh` holds listings that are not written yet; they are judged with the others and then written. `moved` is where
    listings stood that have another time now, `moments` the plan's reminders of a hearing's time, where the caller remembers them.
    """
    decide(heed, county, session, listing_ids, now, fresh=fresh, moved=moved, moments=moments).write()


@dataclass(frozen=True, slots=True, repr=False)
class Decided:
    """What is to be written: new rows, which are sent first and in this order, and then the rest."""

    rows: Iterator[Encoded]
    finish: Callable[[], None]

    def write(self) -> None:
        """Write it all, here and now."""
        for one in self.rows:
            one.send()
        self.finish()


def decide(
    heed: Heed,
    county: County,
    session: Session,
    listing_ids: Collection[int],
    now: datetime,
    *,
    fresh: Fresh | None = None,
    moved: Mapping[int, datetime] = MappingProxyType({}),
    moments: plan.Moments | None = None,
) -> Decided:
    """The first half of `enrol`: judge, and answer what is left to write."""
    if fresh and not (fresh.listings or fresh.contacts):
        fresh.write(session)
        fresh = None
    if not listing_ids and not fresh:
        return Decided(iter(()), lambda: None)
    session.flush()
    ids = set(listing_ids) - (fresh.listings.keys() if fresh else set())
    ids |= reach.sharing(session, ids) | (reach.sharing_with(session, fresh) if fresh else set())
    moments = moments or plan.asked_once(county.plan, now)
    judged = cases.judge(heed, county, session, ids, now, fresh, moments)
    texts = texts_of(session, judged.keys() - (fresh.listings.keys() if fresh else set()))
    _hand_over(session, judged, texts, now)
    arms = Arms(
        session,
        {case.person.id for case in judged.values()} - (fresh.people.keys() if fresh else set()),
        fresh,
    )
    owed: list[Intention] = []
    first: list[Intention] = []
    for case in judged.values():
        row, codes = case.listing, list(case.codes)
        # Assignment comes before anything about reachability beyond the eligibility rules, and is never changed.
        arm = arms.of(row) if codes else arms.assign(case, now)
        if not codes and arm and not arm.texted:
            codes = ["control-arm"]
        codes = _on_record(row, codes, now)
        if row.reasons != codes:
            row.reasons = codes
        eligible = not codes or codes == ["control-arm"]
        if row.eligible != eligible:
            row.eligible = eligible
        if isinstance(row, NewListing):
            first += _first(county, row, moments, now)
        else:
            told = last_told(row, texts[row.id])
            planned = _plan(county, row, texts[row.id], told, moments, now)
            stood = told.starts_at if told and told.starts_at else moved.get(row.id)
            _note_calls(session, row, planned, stood, now)
            owed += planned

    def rows() -> Iterator[Encoded]:
        if fresh:
            yield from fresh.encoded(session)
        if first:
            yield encode_first(session, first, now)

    def finish() -> None:
        session.flush()
        intend(session, owed, now)
        arms.write()

    return Decided(rows(), finish)


def _on_record(row: AnyListing, codes: list[str], now: datetime) -> list[str]:
    """Why somebody was not texted stays as it was said before the hearing began: the pilot's flow counts it."""
    if row.status == "heard":
        return ["resulted", *(code for code in row.reasons if code != "resulted")]
    begun = row.starts_at is not None and row.starts_at <= now
    judged = row.eligible or bool(row.reasons)
    return list(row.reasons) if row.status == "listed" and begun and judged else codes


def texts_of(session: Session, ids: Collection[int]) -> dict[int, list[Outbox]]:
    """What each listing has in the outbox, of every kind and version."""
    found: dict[int, list[Outbox]] = defaultdict(list)
    if not ids:
        return found
    for row in session.scalars(select(Outbox).where(Outbox.kind.in_(KINDS), among(Outbox.subject_id, ids))):
        found[row.subject_id].append(row)
    return found


def _hand_over(
    session: Session, judged: Mapping[int, cases.Case], texts: dict[int, list[Outbox]], now: datetime
) -> None:
    """Of two cases at one visit one is called off: what its person was told counts for the other, and the visit stands."""
    gone = [case for case in judged.values() if case.listing.status == "cancelled" and texts[case.listing.id]]
    if not gone:
        return
    standing = {
        cases.visit_of(case.listing, case.person): case.listing
        for case in judged.values()
        if case.listing.status == "listed" and not case.codes
    }
    for case in gone:
        row, stands = case.listing, standing.get(cases.visit_of(case.listing, case.person))
        if not (isinstance(row, Listing) and isinstance(stands, Listing)):
            continue
        told = last_told(row, texts[row.id])
        if told and told.names(row) and not told.off:
            adopt(session, row, stands, now)
            found = texts_of(session, [row.id, stands.id])
            texts |= {number: found[number] for number in (row.id, stands.id)}


def _first(county: County, row: NewListing, moments: plan.Moments, now: datetime) -> list[Intention]:
    """What is owed of a listing that nobody has been told of."""
    if row.reasons or row.starts_at is None or row.starts_at <= now:
        return []
    owed = moments(row.starts_at) or plan.late(county.plan, row.starts_at, now)
    return [_reminder(row, moment) for moment in owed]


def _plan(
    county: County,
    row: Listing,
    texts: Sequence[Outbox],
    told: Told | None,
    moments: plan.Moments,
    now: datetime,
) -> list[Intention]:
    """Take back what one listing no longer owes; what it owes now."""
    texted = not row.reasons
    called_off = row.status == "cancelled"
    for one in texts:
        stands = (texted and one.version == row.version and one.kind != NO_LONGER) or (
            called_off and one.kind == NO_LONGER
        )
        if one.state in UNSENT and not stands:
            one.state, one.reason, one.settled_at = (
                State.CANCELLED,
                row.reasons[0] if row.reasons else "moved",
                now,
            )
    if called_off:
        # Of the time that they were told: it is on that day that they would come.
        comes = (told.starts_at or row.starts_at) if told and not told.off else None
        return [_change(NO_LONGER, county, row, comes, told, now)] if comes and comes > now else []
    if row.starts_at is None or row.starts_at <= now or not texted:
        return []
    owed = [_reminder(row, moment) for moment in moments(row.starts_at)]
    if told and (told.off or not told.names(row)):
        return [_change(CHANGE, county, row, row.starts_at, told, now), *owed]
    # The reminder of a late listing is for someone who is owed none and had none.
    waiting = [one for one in texts if one.state in UNSENT or one.reason == "dry-run"]
    late = [] if owed or told or waiting else plan.late(county.plan, row.starts_at, now)
    return [*owed, *(_reminder(row, moment) for moment in late)]


def _reminder(row: AnyListing, moment: plan.Moment) -> Intention:
    return Intention(  # by place: naming them took twice as long
        f"{REMINDER}:{row.person_id}:{row.id}:{row.version}:{moment.step}",
        REMINDER,
        row.id,
        moment.due_at,
        moment.useful_until,
        PRIORITY[REMINDER],
        moment.step,
        row.version,
    )


def _note_calls(
    session: Session, row: Listing, owed: Sequence[Intention], stood: datetime | None, now: datetime
) -> None:
    """Somebody who was told of another day and may not read the change in time is rung too."""
    if row.starts_at is None or not any(one.kind == CHANGE for one in owed):
        return
    earlier = (
        stood is not None and row.starts_at < stood and london(row.starts_at).date() < london(stood).date()
    )
    reason = "moved-earlier" if earlier else "moved-soon" if row.starts_at - now <= SOON else None
    if reason:
        call = insert(Call).values(listing_id=row.id, version=row.version, reason=reason, at=now)
        session.execute(call.on_conflict_do_nothing(index_elements=["listing_id", "version", "reason"]))


def _change(
    kind: str, county: County, row: Listing, useful_until: datetime, told: Told | None, now: datetime
) -> Intention:
    """A change or no-longer text goes at the window's next opening. One that was called off, stands, and is called off again is told
    each time."""
    again = f":{told.times_off}" if told and told.times_off else ""
    return Intention(
        dedupe_key=f"{kind}:{row.person_id}:{row.id}:{row.version}{again}",
        kind=kind,
        subject_id=row.id,
        step=kind,
        version=row.version,
        due_at=plan.into_window(county.plan, now),
        useful_until=useful_until,
        priority=PRIORITY[kind],
    )
