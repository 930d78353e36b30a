"""What a delivery adds: new people, listings, numbers and texts, judged in memory and then written at once.

A row here has the attributes of its model, so that the rules read either. Row by row a county's list of 100,000 hearings took minutes.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import DeclarativeBase, Session

from services.common import wire
from services.common.copying import Encoded, encode
from services.reminders.known import Known
from services.reminders.models import Contact, Listing, ListingKey, Person, PersonKey


@dataclass(slots=True, repr=False)
class NewPerson:
    """A person nobody knew before this delivery."""

    id: int
    name_enc: bytes
    birth_enc: bytes | None
    match_key: bytes | None
    organisation: bool
    created_at: datetime
    known: Known
    do_not_text: bool = False


@dataclass(slots=True, repr=False)
class NewListing:
    """A listing nobody knew before this delivery; the fields of `models.Listing`."""

    id: int
    person_id: int
    hearing_key: str
    source: str
    case_refs: list[str]
    court: str | None
    court_name: str | None
    hearing_type: str | None
    first_hearing: bool
    custody: str
    bail_code: str | None
    initiation: str | None
    youth: bool | None
    box_hearing: bool
    guilty_plea_by_post: bool
    language: str | None
    interpreter: bool
    offence_codes: list[str]
    markers: list[str]
    doubts: list[str]
    days: list[Any]
    content: bytes
    starts_at: datetime | None
    stated: dict[str, Any]
    version: int
    status: str
    delivery_id: str
    created_at: datetime
    updated_at: datetime
    eligible: bool = False
    reasons: list[str] = field(default_factory=list)


@dataclass(slots=True, repr=False)
class NewContact:
    """A number said of a person; the newest of one delivery counts."""

    person_id: int
    number_key: bytes | None
    number_enc: bytes
    problem: str | None
    source: str
    received_at: datetime


AnyPerson = Person | NewPerson
AnyListing = Listing | NewListing
PERSON = ("id", "name_enc", "birth_enc", "match_key", "organisation", "do_not_text", "created_at")
CONTACT = ("person_id", "number_key", "number_enc", "problem", "source", "received_at")
LISTING = tuple(NewListing.__slots__)
# What a feed says of a listing.
FACTS = LISTING[LISTING.index("source") : LISTING.index("starts_at")]
ARRAYS = ("case_refs", "offence_codes", "markers", "doubts", "reasons")
LOT_MOST = 4096


class Ids:
    """Numbers from a table's own sequence, taken in ever larger lots."""

    def __init__(self, model: type[DeclarativeBase]) -> None:
        self._table, self._lot = model.__tablename__, 1
        self._left: list[int] = []

    def next(self, session: Session) -> int:
        """The next number, higher than every one before it."""
        if not self._left:
            taken = text(
                "SELECT array_agg(nextval((SELECT CAST(pg_get_serial_sequence(:of, 'id') AS regclass))))"
                " FROM generate_series(1, :lot)"
            )
            numbers = session.scalars(taken, {"of": self._table, "lot": self._lot}).one()
            self._left = sorted(numbers, reverse=True)
            self._lot = min(self._lot * 4, LOT_MOST)
        return self._left.pop()


class Fresh:
    """The new rows of one part of a delivery."""

    def __init__(self) -> None:
        self.people: dict[int, NewPerson] = {}
        self.listings: dict[int, NewListing] = {}
        self.contacts: dict[int, NewContact] = {}
        self.person_keys: list[tuple[bytes, int]] = []
        self.listing_keys: list[tuple[str, int, int]] = []
        self.person_ids, self.listing_ids = Ids(Person), Ids(Listing)
        # Numbers of this part that nobody has who is written: found once, for two questions (reach).
        self.unheld: set[bytes] = set()

    def write(self, session: Session) -> None:
        """Write them all, and forget them."""
        for one in self.encoded(session):
            one.send()

    def encoded(self, session: Session) -> Iterator[Encoded]:
        """All of them as they are to be sent, in this order; each table's rows are forgotten when the next are asked for."""
        self.unheld = set()  # no longer true
        for kept, model, columns, rows in (
            (self.people, Person, PERSON, map(attrgetter(*PERSON), self.people.values())),
            (self.person_keys, PersonKey, ("key", "person_id"), self.person_keys),
            (self.listings, Listing, LISTING_COLUMNS, map(_listing, self.listings.values())),
            (self.listing_keys, ListingKey, ("hearing_key", "person_id", "listing_id"), self.listing_keys),
            (self.contacts, Contact, CONTACT, map(attrgetter(*CONTACT), self.contacts.values())),
        ):
            if kept:
                yield encode(session, model, columns, rows)
                kept.clear()


JSON = ("days", "stated")
PLAIN = tuple(name for name in LISTING if name not in (*ARRAYS, *JSON))
LISTING_COLUMNS = (*PLAIN, *ARRAYS, *JSON)
_plain, _arrays = attrgetter(*PLAIN), attrgetter(*ARRAYS)


def _listing(row: NewListing) -> Sequence[Any]:
    days = _json_of_day(*row.days[0].values()) if len(row.days) == 1 else wire.jsonb(json.dumps(row.days))
    stated = (
        _json_of_start(*next(iter(row.stated.items())))
        if len(row.stated) == 1
        else wire.jsonb(json.dumps(row.stated))
    )
    arrays = [wire.texts(some) if some else wire.NO_TEXTS for some in _arrays(row)]  # most are empty
    return (*_plain(row), *arrays, days, stated)


@lru_cache(maxsize=16384)
def _json_of_day(starts_at: str, room: str | None, cancelled: bool, certain: bool) -> bytes:
    """A court's rooms and times are few: the day of most listings has been written before."""
    day = {"starts_at": starts_at, "room": room, "cancelled": cancelled, "certain": certain}
    return wire.jsonb(json.dumps([day]))


@lru_cache(maxsize=4096)
def _json_of_start(source: str, start: str | None) -> bytes:
    return wire.jsonb(json.dumps({source: start}))
