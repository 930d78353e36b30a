"""The little world behind the story: who comes to court, and who would without a text. Nobody real, nothing measured.

Everybody has a fixed draw between 0 and 1 from a hash of their id. Below 0.30 they stay away unless a reminder reached them;
below 0.17 they stay away whatever they read.
"""

import hashlib
from dataclasses import dataclass

from services.demo.people import Person

STAYS_AWAY_ANYWAY, STAYS_AWAY_UNREMINDED = 0.17, 0.30
NO_RESULT_EVER = 0.05
SENT_A_LAWYER = 0.18  # of those who come in a case that the police's XML results
ADJOURNED = 0.12  # of those who come
LAST_CHANCE = 0.5  # of those without bail who stay away, where Common Platform tells it
GROUND_NOT_STATED = 0.15  # of those on bail who stay away
RESULTED = frozenset({"", "under-18", "in-custody", "not-first-hearing"})


@dataclass(frozen=True, slots=True)
class Truth:
    """What happened to one person at court, in Heed's words, and the result by which the court tells it."""

    attendance: str
    fta: str
    warrant: str
    result: str

    @property
    def facts(self) -> tuple[str, str, str]:
        """Attendance, failure to appear, warrant."""
        return self.attendance, self.fta, self.warrant


FINE = Truth("attended", "no", "none", "fine")
ADJOURNED_TO = Truth("attended", "no", "none", "adjourned")
LAWYER = Truth("represented", "no", "none", "lawyer")
WARRANT = Truth("absent", "yes", "issued", "warrant")
WARRANT_UNSTATED = Truth("absent", "presumed", "issued", "warrant-unstated")
IN_ABSENCE = Truth("absent", "no", "none", "in-absence")
PUT_OFF = Truth("absent", "no", "none", "last-chance")
UNKNOWN = ("unknown", "unknown", "unknown")


def truth(person: Person, *, reached: bool) -> Truth | None:
    """What happened; None where the hearing never was, or its result never comes."""
    if person.role in ("deleted", "dropped") or person.organisation or not _is_resulted(person):
        return None
    if person.role == "amended":
        return FINE
    if _draw(person, "result") < NO_RESULT_EVER:
        return None
    stays_away = STAYS_AWAY_ANYWAY if reached else STAYS_AWAY_UNREMINDED
    if _draw(person, "comes") < stays_away and person.bail != "custody":
        if not person.bail:
            gets_a_chance = (
                person.feed in ("common-platform", "sns") and _draw(person, "chance") < LAST_CHANCE
            )
            return PUT_OFF if gets_a_chance else IN_ABSENCE
        return WARRANT_UNSTATED if _draw(person, "ground") < GROUND_NOT_STATED else WARRANT
    if person.feed == "spi" and _draw(person, "lawyer") < SENT_A_LAWYER:
        return LAWYER
    return ADJOURNED_TO if _draw(person, "next") < ADJOURNED else FINE


def _is_resulted(person: Person) -> bool:
    return person.expect in RESULTED or person.expect.startswith("mobile-")


def _draw(person: Person, question: str) -> float:
    digest = hashlib.sha256(f"heed-demo-world:{question}:{person.id}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64
