"""What court lists have in common: a list speaks for whole rooms on whole days, and is issued again and again.

Of two issues for one room and day the later stands; of several entries for one person in one case there is one listing, with a day
for each time.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from services.reminders.feeds.fields import CUSTODY_ORDER
from services.reminders.feeds.records import (
    Batch,
    Day,
    FeedError,
    Listing,
    Person,
    Rejection,
    Snapshot,
    Source,
)

LONGEST_NAME = 64
Found = Rejection | Snapshot | tuple[Snapshot, Listing]


@dataclass(slots=True)
class Room:
    """One room on one day in its newest issue, with the entries of each person and case."""

    snapshot: Snapshot
    entries: dict[object, list[Listing]] = field(default_factory=dict)


def key(source: Source, snapshot: Snapshot) -> str:
    """The beginning of the keys of all hearings in this room on this day; the case follows."""
    return f"{source}:{snapshot.court}:{snapshot.day}:{snapshot.room}:"


def name(text: str | None) -> str:
    """A room's name in a key: "0" and "00", "1" and "01" are the same; "" where none is named."""
    text = (text or "")[:LONGEST_NAME].replace(":", " ").strip()
    return str(int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else text


def gather(found: Iterable[Found]) -> Batch:
    """The batch that the entries of a list make up, in their order.

    A `Snapshot` by itself says that the room is spoken of. A list of no room at all is no list: what was known stays.
    """
    batch = Batch(event="update")
    rooms: dict[object, Room] = {}
    for one in found:
        if isinstance(one, Rejection):
            batch.rejections.append(one)
            continue
        snapshot, listing = (one, None) if isinstance(one, Snapshot) else one
        place = (snapshot.court, snapshot.day, snapshot.room)
        room = rooms.get(place)
        if room is None or _order(snapshot) > _order(room.snapshot):
            room = rooms[place] = Room(snapshot)
        if listing is not None and _order(snapshot) == _order(room.snapshot):
            room.entries.setdefault(_identity(listing), []).append(listing)
    batch.snapshots = [room.snapshot for room in rooms.values()]
    batch.listings = [_merged(entries) for room in rooms.values() for entries in room.entries.values()]
    batch.version = max((room.version for room in batch.snapshots if room.version), default=None)
    if not rooms and not batch.rejections:
        batch.rejections.append(empty("/", "The list holds no sessions: what was known stays"))
    return batch


def refuse_public(batch: Batch) -> None:
    """Refuses a list in which nobody has a birth date, as public ones have none: two people of one name cannot be told apart.

    Raises FeedError: `public-list`.
    """
    people = [one.person for one in batch.listings if one.person.organisation is None]
    if people and not any(person.date_of_birth for person in people):
        raise FeedError(
            "public-list",
            "Nobody in the list has a date of birth, as in a public list: send the full list that courts and police get.",
        )


def person(
    *,
    given: str | None,
    surname: str | None,
    organisation: str | None,
    born: date | None,
    written: str | None,
) -> tuple[Person | None, tuple[str, ...]]:
    """Who a list names in parts, and what is doubtful about them; None for nobody. `written` is the birth date as it stands."""
    if not surname:
        return (Person(None, None, None, organisation=organisation) if organisation else None), ()
    doubts = ["bad-date-of-birth"] if written and born is None else []
    if organisation:
        doubts.append("person-and-organisation")
    return Person(given, surname, born), tuple(doubts)


def youth(panel: str | None) -> bool | None:
    """True for a youth panel; an adult one may hear a youth who is charged with an adult."""
    return True if "youth" in (panel or "").casefold() else None


def empty(where: str, what: str) -> Rejection:
    """A list, or a part of one, in which nobody is listed: no word that hearings are off."""
    return Rejection(where, "empty-list", f"{what}; send it again if it should hold cases.")


def _order(snapshot: Snapshot) -> datetime:
    return snapshot.version or datetime.min.replace(tzinfo=UTC)


def _identity(listing: Listing) -> object:
    person = listing.person
    return listing.hearing_key, person.given, person.surname, person.date_of_birth, person.organisation


def _merged(entries: list[Listing]) -> Listing:
    """One person in one case, listed once or several times in the room."""
    if len(entries) == 1:
        return entries[0]
    days: dict[Day, None] = dict.fromkeys(day for one in entries for day in one.days)
    return replace(
        entries[0],
        person_keys=tuple(dict.fromkeys(one_key for one in entries for one_key in one.person_keys)),
        days=tuple(sorted(days, key=lambda day: day.starts_at)),
        first_hearing=any(one.first_hearing for one in entries),
        custody=min((one.custody for one in entries), key=CUSTODY_ORDER.index),
        offence_codes=tuple(dict.fromkeys(code for one in entries for code in one.offence_codes)),
        doubts=tuple(dict.fromkeys(doubt for one in entries for doubt in one.doubts)),
    )
