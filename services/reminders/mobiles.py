"""The mobile number said to be a person's: where it came from and when. The newest word counts, the ones before are its history."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.common import phones
from services.common.context import Heed
from services.reminders.fresh import Fresh, NewContact
from services.reminders.models import Contact


@dataclass(slots=True, repr=False)  # frozen took three times as long to make
class Number:
    """A number as somebody said it: in E.164, or as written with what is wrong with it; its keyed hash, and sealed."""

    text: str
    problem: str | None
    key: bytes | None
    sealed: bytes


@dataclass(slots=True, repr=False)
class Said:
    """One number said of one person. `source` is "office", or "feed:" with the feed's name."""

    person_id: int
    number: Number
    source: str


def read(heed: Heed, raw: str) -> Number:
    """Read a number in any usual writing."""
    try:
        text, problem = phones.mobile(raw, drama=heed.sandbox), None
    except phones.NumberError as error:
        text, problem = raw, str(error.problem)
    key = None if problem else heed.index.of(text, "number")
    return Number(text, problem, key, heed.cipher.seal(text, "number"))


def problem_of(heed: Heed, raw: str) -> str | None:
    """Why a number cannot be texted, or None."""
    return read(heed, raw).problem


def set_number(heed: Heed, session: Session, person_id: int, raw: str, source: str, now: datetime) -> bool:
    """Take a number as a person's; True where it is new."""
    fresh = Fresh()
    [changed] = take(heed, session, [Said(person_id, read(heed, raw), source)], fresh, now)
    fresh.write(session)
    return changed


def take(heed: Heed, session: Session, said: Sequence[Said], fresh: Fresh, now: datetime) -> list[bool]:
    """Take these numbers, in order, as their people's; which were new. New rows go to `fresh`, for the caller to write.

    A feed that only repeats what it said before does not take back what another source has said since.
    """
    known = {one.person_id for one in said} - fresh.people.keys()
    standing = _current(session, known)
    changed = [False] * len(said)
    replaced: list[int] = []
    for place, one in enumerate(said):
        number = one.number
        new = fresh.contacts.get(one.person_id)
        row = standing.get(one.person_id) if new is None else None
        before = new or row
        if before is not None and before.problem == number.problem and _same(heed, before, number):
            continue
        if row is not None:
            if (
                one.source.startswith("feed:")
                and _last_said(heed, session, one.person_id, one.source) == number.text
            ):
                continue
            replaced.append(row.id)
        fresh.contacts[one.person_id] = NewContact(
            one.person_id, number.key, number.sealed, number.problem, one.source, now
        )
        changed[place] = True
    if replaced:
        session.execute(update(Contact).where(Contact.id.in_(replaced)).values(current=False))
    return changed


def _current(session: Session, person_ids: Collection[int]) -> dict[int, Contact]:
    if not person_ids:
        return {}
    rows = session.scalars(select(Contact).where(Contact.person_id.in_(person_ids), Contact.current))
    return {row.person_id: row for row in rows}


def _same(heed: Heed, row: Contact | NewContact, number: Number) -> bool:
    if number.key is not None or row.number_key is not None:
        return number.key == row.number_key
    return heed.cipher.open(row.number_enc, "number").reveal() == number.text


def _last_said(heed: Heed, session: Session, person_id: int, source: str) -> str | None:
    last = session.scalar(
        select(Contact.number_enc)
        .where(Contact.person_id == person_id, Contact.source == source)
        .order_by(Contact.id.desc())
        .limit(1)
    )
    return heed.cipher.open(last, "number").reveal() if last else None
