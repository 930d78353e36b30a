"""Applying a feed's listings: who is listed for which hearing, what moved, what fell away.

A listing is (person, hearing). Its version counts changes of court, day or time; a reminder belongs to one version, so a move voids what
is unsent. Nothing here looks at the network; sending is decided at sending time.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, literal_column, select
from sqlalchemy.orm import Session

from services.common.context import Heed
from services.common.database import among
from services.common.times import london
from services.reminders import mobiles, people, plan
from services.reminders.county import County
from services.reminders.days import all_cancelled, iso, listed_start, next_of, row_days
from services.reminders.feeds.records import Listing as Listed
from services.reminders.fresh import FACTS, AnyListing, AnyPerson, Fresh, NewListing
from services.reminders.mobiles import Said
from services.reminders.models import Delivery, Listing, ListingKey
from services.reminders.prepared import Prepared, prepare

# In the key of a hearing that a result lists before the hearing itself is pushed under its own id.
NEXT = ":next:"
TWICE = "listed-twice"
# A listing whose record came again unchanged is left alone, unless a push should bring it back.
STANDING = ("listed", "heard")
OF_CSV = Listing.source == literal_column("'csv'")  # written out, as in the index that it is for


@dataclass(slots=True)
class Counts:
    """What a delivery did, in the words of `ingest`; `hearings` counts (person, hearing) rows."""

    hearings: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    suspended: int = 0
    results: int = 0
    rejected: int = 0

    def as_json(self) -> dict[str, int]:
        """The counts by name."""
        return asdict(self)


@dataclass(slots=True, repr=False)
class Upsert:
    """The transaction that a delivery is applied in.

    `fresh` are new rows that are not written yet, `touched` the listings to look at again at its end, `moved` where those stood that
    have another time now, `moments` the plan's reminders of a hearing's time. `replays` is the delivery that is applied again: nothing that later ones said is undone.
    """

    heed: Heed
    county: County
    session: Session
    now: datetime
    delivery_id: str
    fresh: Fresh = field(default_factory=Fresh)
    replays: Delivery | None = None
    touched: set[int] = field(default_factory=set)
    moved: dict[int, datetime] = field(default_factory=dict)
    moments: plan.Moments = field(init=False)

    def __post_init__(self) -> None:
        self.moments = plan.asked_once(self.county.plan, self.now)


def standing(session: Session, records: Sequence[bytes]) -> set[bytes]:
    """Those of these records of a CSV that are, as last applied, just what a listing stands on: they change nothing."""
    return set(
        session.scalars(
            select(Listing.content).where(
                among(Listing.content, records), OF_CSV, Listing.status.in_(STANDING)
            )
        )
    )


def apply_listings(
    upsert: Upsert,
    listings: Sequence[Listed],
    spoken_of: set[str],
    counts: Counts,
    *,
    rooms: bool = False,
) -> set[int]:
    """Insert or update the listings, and answer which these are; `upsert.touched` and `upsert.fresh` are those to enrol anew.

    `spoken_of` are the hearings whose whole list of defendants this is: who is missing there is suspended. With `rooms` the feed
    names a hearing by its room, and the same case in another room that day is the same hearing.
    """
    prepared = [prepare(upsert.heed, one) for one in listings]
    return apply_prepared(upsert, prepared, spoken_of, counts, rooms=rooms)


def apply_prepared(
    upsert: Upsert, listings: Sequence[Prepared], spoken_of: set[str], counts: Counts, *, rooms: bool = False
) -> set[int]:
    """The second half of `apply_listings`: all that needs the database."""
    everyone = people.People(upsert.heed, upsert.session, upsert.now, upsert.fresh)
    everyone.load(one.identity for one in listings)
    found = [everyone.find_or_make(one.identity) for one in listings]
    named = [(one, person) for one, (person, _) in zip(listings, found, strict=True)]
    rows = _Rows(upsert, named, spoken_of, rooms=rooms)
    put = [rows.put(one, person) for one, person in named]
    said = [Said(person.id, one.number, f"feed:{one.source}") for one, person in named if one.number]
    numbered = iter(mobiles.take(upsert.heed, upsert.session, said, upsert.fresh, upsert.now))
    outcomes: Counter[str] = Counter()
    for one, (_, renamed), (row, outcome) in zip(listings, found, put, strict=True):
        if (one.number is not None and next(numbered)) or renamed:
            upsert.touched.add(row.id)
            outcome = "changed" if outcome == "unchanged" else outcome  # noqa: PLW2901 - the person has
        outcomes[outcome] += 1
    counts.hearings += len(listings)
    counts.new += outcomes["new"]
    counts.changed += outcomes["changed"]
    counts.unchanged += outcomes["unchanged"]
    rows.suspend_missing(spoken_of, counts)
    upsert.session.flush()
    return rows.placed


class _Rows:
    """The listings that one part of a delivery speaks of, as they stand and as they become."""

    def __init__(
        self,
        upsert: Upsert,
        named: Sequence[tuple[Prepared, AnyPerson]],
        spoken_of: Collection[str],
        *,
        rooms: bool,
    ) -> None:
        self._upsert, self._rooms = upsert, rooms
        # Somebody whom nobody knew before is listed nowhere.
        before = [(one, person) for one, person in named if person.id not in upsert.fresh.people]
        self._by_key = existing(upsert.session, {one.hearing_key for one, _ in before} | set(spoken_of))
        self._of_person: dict[int, list[AnyListing]] = defaultdict(list)
        self._load_others(
            {person.id for one, person in before if (one.hearing_key, person.id) not in self._by_key}
        )
        self._later = said_since(
            upsert, [*self._by_key.values(), *(row for rows in self._of_person.values() for row in rows)]
        )
        self.placed: set[int] = set()

    def _load_others(self, person_ids: set[int]) -> None:
        """Every listing of the people whom these hearings did not name before: one may be the same hearing under another key."""
        if person_ids:
            for row in self._upsert.session.scalars(
                select(Listing).where(among(Listing.person_id, person_ids))
            ):
                self._of_person[row.person_id].append(row)

    def put(self, listed: Prepared, person: AnyPerson) -> tuple[AnyListing, str]:
        """Insert or update one listing; the row, and "new", "changed" or "unchanged"."""
        key = (listed.hearing_key, person.id)
        row = self._by_key.get(key) or self._elsewhere(listed, person)
        if row is None:
            row, outcome = self._new(listed, person), "new"
        elif row.delivery_id in self._later:
            outcome = "unchanged"
        elif self._rooms and row.id in self.placed and row.source == listed.source:
            outcome = self._twice(row, listed)
        else:
            outcome = self._change(row, listed)
        if row.hearing_key != listed.hearing_key:
            self._rename(row, listed, known=key in self._by_key)
        self._by_key[key] = row
        self.placed.add(row.id)
        if outcome != "unchanged":
            self._upsert.touched.add(row.id)
        return row, outcome

    def _rename(self, row: AnyListing, listed: Prepared, *, known: bool) -> None:
        """Remember the key under which a feed speaks of a listing that has another: `known` where it did so before."""
        keys, own = self._upsert.fresh.listing_keys, row.hearing_key
        if self._rooms and row.id not in self.placed:
            # It has moved rooms: what the room it left says of it no longer counts.
            if row.source == listed.source:
                row.hearing_key = listed.hearing_key
                return
            if not known:
                self._forget(row, f"{listed.source}:")
        if NEXT in own and NEXT not in listed.hearing_key:
            # The hearing has spoken for itself; the result that listed it may be repeated.
            row.hearing_key = listed.hearing_key
            keys.append((own, row.person_id, row.id))
        elif not known:
            keys.append((listed.hearing_key, row.person_id, row.id))

    def _forget(self, row: AnyListing, beginning: str) -> None:
        keys = self._upsert.fresh.listing_keys
        keys[:] = [one for one in keys if one[2] != row.id or not one[0].startswith(beginning)]
        self._upsert.session.execute(
            delete(ListingKey).where(
                ListingKey.listing_id == row.id, ListingKey.hearing_key.startswith(beginning, autoescape=True)
            )
        )

    def _new(self, listed: Prepared, person: AnyPerson) -> NewListing:
        upsert = self._upsert
        starts_at = listed_start(listed.days, upsert.now)
        values: tuple[Any, ...] = (
            upsert.fresh.listing_ids.next(upsert.session),
            person.id,
            listed.hearing_key,
            *listed.facts,
            starts_at,
            {listed.source: iso(starts_at)},
            1,
            "cancelled" if all_cancelled(listed.days) else "listed",
            upsert.delivery_id,
            upsert.now,
            upsert.now,
        )
        row = NewListing(*values)  # by place: naming them took as long as all the rest
        upsert.fresh.listings[row.id] = row
        self._of_person[person.id].append(row)
        return row

    def _elsewhere(self, listed: Prepared, person: AnyPerson) -> AnyListing | None:
        """The same hearing under another key: told by another feed, by a result before its own push, or in another room."""
        others = self._of_person.get(person.id)
        if not others:
            return None
        days = {london(day.starts_at).date() for day in listed.days}
        return next(
            (
                row
                for row in others
                if row.court == listed.court
                and (self._rooms or row.source != listed.source or NEXT in row.hearing_key)
                and not set(row.case_refs).isdisjoint(listed.case_refs)
                and days & row_days(row)
            ),
            None,
        )

    def _twice(self, row: AnyListing, listed: Prepared) -> str:
        """One person and case in two rooms of one list: nobody knows which is true."""
        if TWICE in row.doubts or row.hearing_key == listed.hearing_key:
            return "unchanged"
        row.doubts = [*row.doubts, TWICE]
        return "changed"

    def _said_before(self, row: AnyListing, facts: dict[str, Any]) -> bool:
        """Whether the feed said just this last. A replay may read the same words otherwise than they were read then."""
        if self._upsert.replays is None:
            return bool(row.content == facts["content"])
        return all(getattr(row, name) == value for name, value in facts.items())

    def _change(self, row: AnyListing, listed: Prepared) -> str:
        upsert, status = self._upsert, _status(row, listed)
        facts = dict(zip(FACTS, listed.facts, strict=True))
        # Only time may have passed: between the days of a hearing the next start is another one, and nothing has moved.
        if self._said_before(row, facts) and row.status == status:
            return "unchanged"
        starts_at = listed_start(listed.days, upsert.now)
        facts["starts_at"] = starts_at
        before = (row.court, next_of(row, upsert.now))
        if row.source != listed.source:
            # A second feed about the same hearing adds what the first lacks; it does not take the first one's facts away.
            facts = {
                name: value
                for name, value in facts.items()
                if name in ("custody", "initiation") and not _says(row, name)
            }
            if row.status == status and row.stated.get(listed.source) == iso(starts_at) and not facts:
                return "unchanged"
        for name, value in facts.items():
            setattr(row, name, value)
        row.stated = {**row.stated, listed.source: iso(starts_at)}
        row.status = status
        for name, value in _marks(upsert).items():
            setattr(row, name, value)
        if (row.court, row.starts_at) != before:
            if isinstance(row, Listing):  # nobody was told of what is not written yet
                row.stood = {**row.stood, str(row.version): [before[0], iso(before[1])]}
            row.version += 1
            row.eligible = False  # whether there is time left is asked anew
            if before[1]:
                upsert.moved.setdefault(row.id, before[1])
        return "changed"

    def suspend_missing(self, spoken_of: set[str], counts: Counts) -> None:
        """A defendant whom an update of the hearing no longer names is suspended and listed, never told "cancelled"."""
        missing = [
            row
            for (hearing_key, _), row in self._by_key.items()
            if hearing_key in spoken_of and row.id not in self.placed and row.delivery_id not in self._later
        ]
        suspend(self._upsert, missing, counts)


def said_since(upsert: Upsert, rows: Iterable[AnyListing]) -> set[str]:
    """Of the deliveries that spoke last of these listings, those that came after the one that is replayed."""
    if upsert.replays is None:
        return set()
    found = upsert.session.scalars(
        select(Delivery.id).where(
            among(Delivery.id, {row.delivery_id for row in rows}), Delivery.number > upsert.replays.number
        )
    )
    return set(found) - {upsert.delivery_id}


def suspend(upsert: Upsert, rows: Iterable[AnyListing], counts: Counts) -> None:
    """Hold these listings until a feed or a person speaks of them again."""
    for row in rows:
        if row.status == "listed":
            row.status = "suspended"
            counts.suspended += 1
            upsert.touched.add(row.id)


def existing(session: Session, hearing_keys: Iterable[str]) -> dict[tuple[str, int], AnyListing]:
    """The rows known under these hearing keys, their own or another, whichever feed made them."""
    keys = list(hearing_keys)
    if not keys:
        return {}
    own = session.scalars(select(Listing).where(among(Listing.hearing_key, keys)))
    found: dict[tuple[str, int], AnyListing] = {(row.hearing_key, row.person_id): row for row in own}
    also = session.execute(
        select(ListingKey.hearing_key, ListingKey.person_id, Listing)
        .join(Listing, Listing.id == ListingKey.listing_id)
        .where(among(ListingKey.hearing_key, keys))
    )
    for hearing_key, person_id, row in also:
        found.setdefault((hearing_key, person_id), row)
    return found


def _says(row: AnyListing, name: str) -> bool:
    return getattr(row, name) not in (None, "unknown")


def _status(row: AnyListing, listed: Prepared) -> str:
    if all_cancelled(listed.days):
        return "cancelled"
    return "heard" if row.status == "heard" else "listed"


def _marks(upsert: Upsert) -> dict[str, Any]:
    return {"delivery_id": upsert.delivery_id, "updated_at": upsert.now}


def apply_deletion(upsert: Upsert, hearing_key: str, counts: Counts) -> int:
    """A firm word: the hearing is no more. How many listings it had."""
    rows = existing(upsert.session, [hearing_key])
    later = said_since(upsert, rows.values())
    for row in rows.values():
        if row.status in ("listed", "suspended") and row.delivery_id not in later:
            row.status, row.delivery_id = "cancelled", upsert.delivery_id
            counts.changed += 1
            upsert.touched.add(row.id)
        else:
            counts.unchanged += 1
    upsert.session.flush()
    return len(rows)
