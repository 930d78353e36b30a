"""Applying a feed's listings: who is listed for which hearing, what moved, what fell away.

A listing is (person, hearing). Its version counts changes of court, day or time; a reminder belongs to one version, so a move voids what
is unsent. Nothing here looks at the network; sending is decided at sending time.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.common.context import Heed
from services.common.times import london
from services.reminders import people
from services.reminders.county import County
from services.reminders.feeds.records import Day
from services.reminders.feeds.records import Listing as Listed
from services.reminders.models import Listing, ListingKey, Person

# In the key of a hearing that a result lists before the hearing itself is pushed under its own id.
NEXT = ":next:"


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
    """The transaction that a delivery is applied in. `touched` are the listings to look at again at its end."""

    heed: Heed
    county: County
    session: Session
    now: datetime
    delivery_id: str
    touched: set[int] = field(default_factory=set)


def apply_listings(upsert: Upsert, listings: Sequence[Listed], spoken_of: set[str], counts: Counts) -> None:
    """Insert or update the listings; `upsert.touched` are those to enrol anew.

    `spoken_of` are the hearings whose whole list of defendants this is: who is missing there is suspended.
    """
    everyone = people.People(upsert.heed, upsert.session, upsert.now)
    keyed = [(one, people.keys(upsert.heed, one.person_keys, one.case_refs, one.person)) for one in listings]
    everyone.load(
        key for one, keys in keyed for key in (*keys, *people.office_keys(upsert.heed, one.person_keys))
    )
    rows = _existing(upsert.session, {one.hearing_key for one in listings} | spoken_of)
    present: dict[str, set[int]] = {key: set() for key in spoken_of}
    for listed, keys in keyed:
        person, renamed = everyone.find_or_make(
            keys, listed.person, people.office_keys(upsert.heed, listed.person_keys)
        )
        present.setdefault(listed.hearing_key, set()).add(person.id)
        counts.hearings += 1
        outcome = _put(upsert, rows, listed, person)
        numbered = bool(listed.mobile) and people.set_number(
            upsert.heed, upsert.session, person.id, listed.mobile or "", f"feed:{listed.source}", upsert.now
        )
        if outcome == "unchanged" and (renamed or numbered):
            outcome = "changed"
            upsert.touched.add(rows[listed.hearing_key, person.id].id)
        setattr(counts, outcome, getattr(counts, outcome) + 1)
    _suspend_missing(upsert, rows, {key: present[key] for key in spoken_of}, counts)
    upsert.session.flush()


def _existing(session: Session, hearing_keys: Iterable[str]) -> dict[tuple[str, int], Listing]:
    """The rows known under these hearing keys, whichever feed made them."""
    pairs = session.execute(
        select(ListingKey, Listing)
        .join(Listing, Listing.id == ListingKey.listing_id)
        .where(ListingKey.hearing_key.in_(set(hearing_keys)))
    ).all()
    return {(key.hearing_key, key.person_id): row for key, row in pairs}


def _put(upsert: Upsert, rows: dict[tuple[str, int], Listing], listed: Listed, person: Person) -> str:
    row = rows.get((listed.hearing_key, person.id)) or _same_from_another_feed(
        upsert.session, listed, person.id
    )
    facts = _facts(listed, upsert.now)
    if row is None:
        row = Listing(
            person_id=person.id,
            hearing_key=listed.hearing_key,
            created_at=upsert.now,
            version=1,
            **facts,
            **_marks(upsert),
        )
        row.stated = {listed.source: _iso(row.starts_at)}
        row.status = "cancelled" if _all_cancelled(listed.days) else "listed"
        upsert.session.add(row)
        upsert.session.flush()
        outcome = "new"
    else:
        outcome = _change(upsert, row, listed, facts)
    if NEXT in row.hearing_key and NEXT not in listed.hearing_key:
        row.hearing_key = listed.hearing_key  # the hearing has spoken for itself
    if (listed.hearing_key, person.id) not in rows:
        upsert.session.add(ListingKey(hearing_key=listed.hearing_key, person_id=person.id, listing_id=row.id))
        rows[listed.hearing_key, person.id] = row
    if outcome != "unchanged":
        upsert.touched.add(row.id)
    return outcome


def _change(upsert: Upsert, row: Listing, listed: Listed, facts: dict[str, Any]) -> str:
    status = _status(row, listed)
    # Only time may have passed: between the days of a hearing the next start is another one, and nothing has moved.
    if row.content == facts["content"] and row.status == status:
        return "unchanged"
    before = (row.court, _next_of(row, upsert.now))
    merged = row.source != listed.source
    if merged:
        # A second feed about the same hearing adds what the first lacks; it does not take the first one's facts away.
        facts = {
            name: value
            for name, value in facts.items()
            if name in ("custody", "initiation") and not _says(row, name)
        }
        if (
            row.status == status
            and row.stated.get(listed.source) == _iso(listed_start(listed, upsert.now))
            and not facts
        ):
            return "unchanged"
    for name, value in facts.items():
        setattr(row, name, value)
    row.stated = {**row.stated, listed.source: _iso(listed_start(listed, upsert.now))}
    row.status = status
    for name, value in _marks(upsert).items():
        setattr(row, name, value)
    if (row.court, row.starts_at) != before:
        row.version += 1
        row.eligible = False  # whether there is time left is asked anew
    return "changed"


def _next_of(row: Listing, now: datetime) -> datetime | None:
    """The next start of the days as they were listed until now."""
    days = [(datetime.fromisoformat(day["starts_at"]), day["cancelled"]) for day in row.days]
    return next_start(days, now) if days else row.starts_at


def _says(row: Listing, name: str) -> bool:
    return getattr(row, name) not in (None, "unknown")


def _status(row: Listing, listed: Listed) -> str:
    if _all_cancelled(listed.days):
        return "cancelled"
    return "heard" if row.status == "heard" else "listed"


def _facts(listed: Listed, now: datetime) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "source": listed.source,
        "case_refs": list(listed.case_refs),
        "court": listed.court,
        "court_name": listed.court_name,
        "hearing_type": listed.hearing_type,
        "first_hearing": listed.first_hearing,
        "custody": listed.custody,
        "bail_code": listed.bail_code,
        "initiation": listed.initiation,
        "youth": listed.youth,
        "box_hearing": listed.box_hearing,
        "guilty_plea_by_post": listed.guilty_plea_by_post,
        "language": listed.language,
        "interpreter": bool(listed.interpreter),
        "offence_codes": list(listed.offence_codes),
        "markers": list(listed.markers),
        "doubts": list(listed.doubts),
        "days": [_day(day) for day in listed.days],
    }
    facts["content"] = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).digest()
    facts["starts_at"] = listed_start(listed, now)
    return facts


def _day(day: Day) -> dict[str, Any]:
    return {
        "starts_at": day.starts_at.isoformat(),
        "room": day.room,
        "cancelled": day.cancelled,
        "certain": day.certain,
    }


def listed_start(listed: Listed, now: datetime) -> datetime | None:
    """The next uncancelled day's start, as the feed lists it; the last one where all have passed."""
    return next_start([(day.starts_at, day.cancelled) for day in listed.days], now)


def next_start(days: Iterable[tuple[datetime, bool]], now: datetime) -> datetime | None:
    """Of (start, cancelled) pairs: the next uncancelled start, else the last uncancelled, else the last of all."""
    ordered = sorted(days)
    standing = [start for start, cancelled in ordered if not cancelled]
    coming = [start for start in standing if start > now]
    if coming:
        return coming[0]
    last = standing or [start for start, _ in ordered]
    return last[-1] if last else None


def _all_cancelled(days: Sequence[Day]) -> bool:
    return bool(days) and all(day.cancelled for day in days)


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def _marks(upsert: Upsert) -> dict[str, Any]:
    return {"delivery_id": upsert.delivery_id, "updated_at": upsert.now}


def _same_from_another_feed(session: Session, listed: Listed, person_id: int) -> Listing | None:
    """The same hearing told by another feed, or by a result before its own push: same person, case, court and day."""
    rows = session.scalars(
        select(Listing).where(
            Listing.person_id == person_id,
            Listing.court == listed.court,
            or_(Listing.source != listed.source, Listing.hearing_key.contains(NEXT)),
            Listing.case_refs.overlap(list(listed.case_refs)),
        )
    )
    days = {london(day.starts_at).date() for day in listed.days}
    return next((row for row in rows if days & row_days(row)), None)


def row_days(row: Listing) -> set[Any]:
    """The days of a listing, in London."""
    return {london(datetime.fromisoformat(day["starts_at"])).date() for day in row.days}


def _suspend_missing(
    upsert: Upsert, rows: dict[tuple[str, int], Listing], present: dict[str, set[int]], counts: Counts
) -> None:
    """A defendant whom an update of the hearing no longer names is suspended and listed, never told "cancelled"."""
    for (hearing_key, person_id), row in rows.items():
        if hearing_key in present and person_id not in present[hearing_key] and row.status == "listed":
            row.status = "suspended"
            counts.suspended += 1
            upsert.touched.add(row.id)


def apply_deletion(upsert: Upsert, hearing_key: str, counts: Counts) -> int:
    """A firm word: the hearing is no more. How many listings it had."""
    rows = _existing(upsert.session, [hearing_key])
    for row in rows.values():
        if row.status in ("listed", "suspended"):
            row.status = "cancelled"
            counts.changed += 1
            upsert.touched.add(row.id)
        else:
            counts.unchanged += 1
    upsert.session.flush()
    return len(rows)
