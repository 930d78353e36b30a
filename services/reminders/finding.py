"""Finding people by what is known of them: a number, or first name, surname and birth date. Names and numbers are found by keyed hash."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.common import phones
from services.common.context import Heed
from services.common.phones import NumberError
from services.reminders import people
from services.reminders.feeds.records import Person as Named
from services.reminders.models import Contact, Person

MOST = 50


def by_number(heed: Heed, session: Session, raw: str) -> list[int] | None:
    """Everybody who has or had this number, the record that stands; None where it is not a mobile number."""
    try:
        number = phones.mobile(raw, drama=heed.sandbox)
    except NumberError:
        return None
    rows = select(Contact.person_id).where(Contact.number_key == heed.index.of(number, "number")).distinct()
    return _standing(session, list(session.scalars(rows)))


def by_name(heed: Heed, session: Session, given: str, surname: str, born: date) -> list[int]:
    """Everybody of this first name, surname and birth date."""
    key = people.match_key(heed, Named(given=given, surname=surname, date_of_birth=born))
    return _standing(session, list(session.scalars(select(Person.id).where(Person.match_key == key))))


def _standing(session: Session, ids: list[int]) -> list[int]:
    """Of merged records the one that was kept."""
    rows = session.execute(select(Person.id, Person.merged_into).where(Person.id.in_(ids)))
    return sorted({kept or own for own, kept in rows})[:MOST]
