"""Who is who: the person behind a listing or a result, by the feed's own identities, and their number.

A master defendant id or a defendant id stands alone. An ASN or a PNC id must agree with the date of birth, and a case reference with
name and date of birth: never a name alone.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.common import phones
from services.common.context import Heed
from services.common.private import Private
from services.reminders.feeds.fields import is_placeholder
from services.reminders.feeds.records import Person as Named
from services.reminders.models import Contact, Person, PersonKey

STANDING_ALONE = ("master:", "defendant:")


@dataclass(frozen=True, slots=True, repr=False)
class Known:
    """A person's decrypted facts."""

    given: Private
    surname: Private
    date_of_birth: date | None

    @property
    def name(self) -> str:
        """The whole name, for people whose role may see it."""
        return f"{self.given.reveal()} {self.surname.reveal()}".strip()


NOBODY = Known(Private(""), Private(""), None)


def known(heed: Heed, person: Person) -> Known:
    """Decrypt a person's name and birth."""
    name = json.loads(heed.cipher.open(person.name_enc, "name").reveal())
    born = heed.cipher.open(person.birth_enc, "birth").reveal() if person.birth_enc else None
    return Known(Private(name["given"]), Private(name["surname"]), date.fromisoformat(born) if born else None)


def match_key(heed: Heed, person: Named) -> bytes | None:
    """The keyed hash of surname, first name and birth: equal for two records of one human; None without a birth date."""
    if not person.surname or not person.date_of_birth:
        return None
    words = [person.surname, (person.given or "").split(" ")[0], person.date_of_birth.isoformat()]
    return heed.index.of("|".join(word.casefold() for word in words), "person")


def keys(heed: Heed, person_keys: Sequence[str], case_refs: Iterable[str], person: Named) -> list[bytes]:
    """The hashed identities of one record, strongest first. A placeholder that thousands of cases share identifies nobody."""
    case_refs = [ref for ref in case_refs if not is_placeholder(ref)]
    born = person.date_of_birth.isoformat() if person.date_of_birth else None
    written = []
    for key in person_keys:
        if key.startswith(STANDING_ALONE):
            written.append(key)
        elif born:
            written.append(f"{key}|{born}")
    match = match_key(heed, person)
    if match:
        written += [f"case:{ref}|{match.hex()}" for ref in case_refs]
    elif person.organisation:
        written += [f"case:{ref}|organisation|{person.organisation.casefold()}" for ref in case_refs]
    elif person.surname:
        # Without a birth date a record is the same as another only inside one case and with the whole name.
        name = f"{person.surname}|{person.given or ''}".casefold()
        written += [f"case:{ref}|name|{name}" for ref in case_refs]
    return [heed.index.of(key, "identity") for key in written]


def office_keys(heed: Heed, person_keys: Sequence[str]) -> list[bytes]:
    """An ASN by itself: enough for the office to attach a number by, not for two feeds' records to be one person."""
    return [heed.index.of(f"office|{key}", "identity") for key in person_keys if key.startswith("asn:")]


class People:
    """The people of one delivery, found or made in a constant number of statements."""

    def __init__(self, heed: Heed, session: Session, now: datetime) -> None:
        self._heed, self._session, self._now = heed, session, now
        self._by_key: dict[bytes, int] = {}
        self.rows: dict[int, Person] = {}

    def load(self, all_keys: Iterable[bytes]) -> None:
        """Find everyone whom these identities name."""
        found = self._session.scalars(select(PersonKey).where(PersonKey.key.in_(set(all_keys)))).all()
        self._by_key.update({row.key: row.person_id for row in found})
        people = self._session.scalars(select(Person).where(Person.id.in_({row.person_id for row in found})))
        self.rows.update({row.id: row for row in people})

    def find(self, record_keys: Sequence[bytes]) -> Person | None:
        """The person whom the strongest known identity names."""
        return next((self.rows[self._by_key[key]] for key in record_keys if key in self._by_key), None)

    def find_or_make(
        self, record_keys: Sequence[bytes], named: Named, also: Sequence[bytes] = ()
    ) -> tuple[Person, bool]:
        """The person, made if new; and whether name or birth changed. Their new identities are remembered, and those in
        `also`, which name them to the office but never join two records of feeds."""
        person = self.find(record_keys)
        changed = False
        if person is None:
            person = self._make(named)
        else:
            changed = self._renew(person, named)
        fresh = [key for key in dict.fromkeys([*record_keys, *also]) if key not in self._by_key]
        self._session.add_all([PersonKey(key=key, person_id=person.id) for key in fresh])
        self._by_key.update(dict.fromkeys(fresh, person.id))
        return person, changed

    def _make(self, named: Named) -> Person:
        person = Person(
            name_enc=self._heed.cipher.seal(_name(named), "name"),
            birth_enc=self._sealed_birth(named),
            match_key=match_key(self._heed, named),
            organisation=named.organisation is not None,
            do_not_text=False,
            created_at=self._now,
        )
        self._session.add(person)
        self._session.flush()
        self.rows[person.id] = person
        return person

    def _renew(self, person: Person, named: Named) -> bool:
        """Take over a corrected name or birth date; a record that lacks one takes nothing away."""
        changed = False
        if (named.surname or named.organisation) and self._heed.cipher.open(
            person.name_enc, "name"
        ).reveal() != _name(named):
            person.name_enc, changed = self._heed.cipher.seal(_name(named), "name"), True
        if named.date_of_birth and known(self._heed, person).date_of_birth != named.date_of_birth:
            person.birth_enc, changed = self._sealed_birth(named), True
        if changed:
            person.match_key = match_key(self._heed, named) or person.match_key
        return changed

    def _sealed_birth(self, named: Named) -> bytes | None:
        born = named.date_of_birth
        return self._heed.cipher.seal(born.isoformat(), "birth") if born else None


def _name(named: Named) -> str:
    surname = named.surname or named.organisation or ""
    return json.dumps({"given": named.given or "", "surname": surname}, ensure_ascii=False)


def problem_of(heed: Heed, raw: str) -> str | None:
    """Why a number cannot be texted, or None."""
    try:
        phones.mobile(raw, drama=heed.sandbox)
    except phones.NumberError as error:
        return error.problem.value
    return None


def _last_said(heed: Heed, session: Session, person_id: int, source: str) -> str | None:
    last = session.scalar(
        select(Contact.number_enc)
        .where(Contact.person_id == person_id, Contact.source == source)
        .order_by(Contact.id.desc())
        .limit(1)
    )
    return heed.cipher.open(last, "number").reveal() if last else None


def set_number(heed: Heed, session: Session, person_id: int, raw: str, source: str, now: datetime) -> bool:
    """Take a number as a person's; True where it is new. The one before stays as history.

    A feed that only repeats what it said before does not take back what another source has said since.
    """
    problem, number = None, raw
    try:
        number = phones.mobile(raw, drama=heed.sandbox)
    except phones.NumberError as error:
        problem = error.problem
    key = None if problem else heed.index.of(number, "number")
    row = session.scalar(select(Contact).where(Contact.person_id == person_id, Contact.current))
    if row is not None:
        same = heed.cipher.open(row.number_enc, "number").reveal() == number
        if same and row.problem == (str(problem) if problem else None):
            return False
        if source.startswith("feed:") and _last_said(heed, session, person_id, source) == number:
            return False
        session.execute(update(Contact).where(Contact.id == row.id).values(current=False))
    session.add(
        Contact(
            person_id=person_id,
            number_key=key,
            number_enc=heed.cipher.seal(number, "number"),
            problem=problem,
            source=source,
            received_at=now,
            current=True,
        )
    )
    session.flush()
    return True
