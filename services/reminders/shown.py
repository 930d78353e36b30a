"""A person as lists show them: name and birth date where they may be shown. One that cannot be read never hides the others."""

from collections.abc import Iterable

from services.common.context import Heed
from services.common.crypto import CryptoError
from services.common.logs import log
from services.reminders import people
from services.reminders.models import Person

NOT_SHOWN: dict[str, str | None] = {"name": None, "date_of_birth": None}


def shown(heed: Heed, persons: Iterable[Person], *, show_people: bool) -> dict[int, dict[str, str | None]]:
    """Name and birth date by the person's id; both None where they may not be shown or cannot be read."""
    return {person.id: _one(heed, person) if show_people else NOT_SHOWN for person in persons}


def _one(heed: Heed, person: Person) -> dict[str, str | None]:
    try:
        known = people.known(heed, person)
    except (CryptoError, ValueError, KeyError):
        log.exception("person-unreadable", person_id=person.id, runbook="listing-unreadable")
        return NOT_SHOWN
    born = known.date_of_birth
    return {"name": known.name, "date_of_birth": born.isoformat() if born else None}
