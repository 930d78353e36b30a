"""Who is who: the person behind a listing or a result, by the feed's own identities.

A master defendant id or a defendant id stands alone. An ASN or a PNC id must agree with the date of birth, and a case reference with
name and date of birth: never a name alone.
"""

import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from json.encoder import encode_basestring

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.common.context import Heed
from services.common.database import among
from services.common.private import Private
from services.common.segments import plain
from services.reminders.feeds.fields import is_placeholder
from services.reminders.feeds.records import Person as Named
from services.reminders.fresh import AnyPerson, Fresh, NewPerson
from services.reminders.known import Known
from services.reminders.models import Person, PersonKey

STANDING_ALONE = ("master:", "defendant:")


def known(heed: Heed, person: AnyPerson) -> Known:
    """A person's name and birth, decrypted."""
    if isinstance(person, NewPerson):
        return person.known
    if not person.name_enc:  # erased
        return Known(Private(""), Private(""), None)
    name = json.loads(heed.cipher.open(person.name_enc, "name").reveal())
    born = heed.cipher.open(person.birth_enc, "birth").reveal() if person.birth_enc else None
    return Known(Private(name["given"]), Private(name["surname"]), date.fromisoformat(born) if born else None)


def match_key(heed: Heed, person: Named) -> bytes | None:
    """The keyed hash of surname, first name and birth: equal for two records of one human; None without a birth date."""
    if not person.surname or not person.date_of_birth:
        return None
    first = alike(person.given or "").split(" ", 1)[0]
    return heed.index.of(f"{alike(person.surname)}|{first}|{person.date_of_birth.isoformat()}", "person")


def alike(name: str) -> str:
    """A name as two systems that write it differently both mean it: capitals, curly apostrophes, dashes and composed letters
    tell nobody apart."""
    return (name if name.isascii() else plain(unicodedata.normalize("NFC", name))).casefold()


@dataclass(slots=True, repr=False)
class Identity:
    """One record of a person: what it says, the same sealed, and the hashes under which it is found: `keys` strongest first,
    `match` for copies of one human.

    `office` holds the hash of an ASN by itself: enough for the office to attach a number by, not for two feeds' records to be
    one person.
    """

    known: Known
    organisation: bool
    name_enc: bytes
    birth_enc: bytes | None
    match: bytes | None
    keys: list[bytes]
    office: list[bytes]


def identify(heed: Heed, person_keys: Sequence[str], case_refs: Iterable[str], person: Named) -> Identity:
    """How a feed's or the office's record names a person. A placeholder that thousands of cases share identifies nobody."""
    born = person.date_of_birth.isoformat() if person.date_of_birth else None
    written = []
    for key in person_keys:
        if key.startswith(STANDING_ALONE):
            written.append(key)
        elif born:
            written.append(f"{key}|{born}")
    match = match_key(heed, person)
    inside = None
    if match:
        inside = match.hex()
    elif person.organisation:
        inside = f"organisation|{alike(person.organisation)}"
    elif person.surname:
        # Without a birth date a record is the same as another only inside one case and with the whole name.
        inside = f"name|{alike(person.surname)}|{alike(person.given or '')}"
    if inside:
        written += [f"case:{ref}|{inside}" for ref in case_refs if not is_placeholder(ref)]
    given, surname = person.given or "", person.surname or person.organisation or ""
    name = f'{{"given": {encode_basestring(given)}, "surname": {encode_basestring(surname)}}}'
    hashed = heed.index.of
    return Identity(
        Known(Private(given), Private(surname), person.date_of_birth),
        person.organisation is not None,
        heed.cipher.seal(name, "name"),
        heed.cipher.seal(born, "birth") if born else None,
        match,
        [hashed(key, "identity") for key in written],
        [hashed(f"office|{key}", "identity") for key in person_keys if key.startswith("asn:")],
    )


class People:
    """The people of one part of a delivery, found or made in a constant number of statements."""

    def __init__(self, heed: Heed, session: Session, now: datetime, fresh: Fresh) -> None:
        self._heed, self._session, self._now, self._fresh = heed, session, now, fresh
        self._by_key: dict[bytes, int] = {}
        self._rows: dict[int, AnyPerson] = {}
        self._known: dict[int, Known] = {}

    def load(self, identities: Iterable[Identity]) -> None:
        """Find everyone whom these identities name."""
        wanted = chain.from_iterable(keys for one in identities for keys in (one.keys, one.office))
        found = self._session.execute(
            select(PersonKey.key, PersonKey.person_id).where(among(PersonKey.key, wanted))
        ).all()
        self._by_key.update((row.key, row.person_id) for row in found)
        people = self._session.scalars(
            select(Person).where(among(Person.id, {person_id for _, person_id in found}))
        )
        self._rows.update({row.id: row for row in people})

    def find(self, record_keys: Sequence[bytes]) -> AnyPerson | None:
        """The person whom the strongest known identity names."""
        for key in record_keys:
            number = self._by_key.get(key)
            if number is not None:
                return self._rows[number]
        return None

    def find_or_make(self, identity: Identity) -> tuple[AnyPerson, bool]:
        """The person, made if new; and whether name or birth changed. Their new identities are remembered."""
        person = self.find(identity.keys)
        changed = False
        if person is None:
            person = self._make(identity)
        else:
            changed = self._renew(person, identity)
        for key in (*identity.keys, *identity.office):
            if key not in self._by_key:
                self._by_key[key] = person.id
                self._fresh.person_keys.append((key, person.id))
        return person, changed

    def known(self, person: AnyPerson) -> Known:
        """What is known of one of them."""
        if person.id not in self._known:
            self._known[person.id] = known(self._heed, person)
        return self._known[person.id]

    def _make(self, identity: Identity) -> NewPerson:
        person = NewPerson(
            self._fresh.person_ids.next(self._session),
            identity.name_enc,
            identity.birth_enc,
            identity.match,
            identity.organisation,
            self._now,
            identity.known,
        )
        self._fresh.people[person.id] = self._rows[person.id] = person
        return person

    def _renew(self, person: AnyPerson, identity: Identity) -> bool:
        """Take over a corrected name or birth date; a record that lacks one takes nothing away."""
        before, said = self.known(person), identity.known
        given, surname, born = before.given, before.surname, before.date_of_birth
        if said.surname and (given, surname) != (said.given, said.surname):
            given, surname, person.name_enc = said.given, said.surname, identity.name_enc
        if said.date_of_birth and born != said.date_of_birth:
            born, person.birth_enc = said.date_of_birth, identity.birth_enc
        after = Known(given, surname, born)
        if after == before:
            return False
        self._known[person.id] = after
        if isinstance(person, NewPerson):
            person.known = after
        person.match_key = identity.match or person.match_key
        return True
