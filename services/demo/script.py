"""What should come of everybody: their arm, and every text that they get, worked out from the script alone.

Arms follow from the locked protocol and the order of the feed, as anybody who has the seed can work out.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from services.demo import days, words
from services.demo.courts import PILOT
from services.demo.days import Days
from services.demo.people import Person
from services.reminders.evaluation.allocation import arm_for

TEXT, CONTROL = "text", "none"
Texts = Counter[tuple[str, str]]
Moment = tuple[int, str]

# How many of a person's reminders the carrier accepts, where their part in the story changes that.
REMINDERS_OF_ROLE = {
    "stop": 1,
    "stop-sentence": 1,
    "wrong-number": 1,
    "landline": 1,  # undelivered: the number is bad for good
    "unknown-handset": 1,
    "opted-out-at-carrier": 0,  # refused: the carrier holds a STOP that Heed never saw
    "deleted": 1,
    "dropped": 1,
    "shares-later": 0,  # another defendant gives the same number before any text is due
}
NOT_REACHED = frozenset(
    {"landline", "unknown-handset", "filtered", "opted-out-at-carrier", "shares-later", "wrong-number"}
)
MOVED_TO = (3, "14:00")  # sitting day and time


@dataclass(frozen=True)
class Script:
    """The people in the order of the feed, the story's days and the protocol's content."""

    people: tuple[Person, ...]
    days: Days
    protocol: dict[str, Any]

    @cached_property
    def arms(self) -> dict[str, str]:
        """Person id → arm, of everybody who is assigned."""
        ratio = [(arm["name"], arm.get("weight", 1)) for arm in self.protocol["arms"]]
        taken: Counter[str] = Counter()
        arms = {}
        for person in self.people:
            if person.court in PILOT and not person.expect:
                stratum = person.court[:5]
                arms[person.id] = arm_for(
                    self.protocol["seed"], stratum, taken[stratum], ratio, self.protocol["block_sizes"]
                )
                taken[stratum] += 1
        return arms

    def arm(self, person: Person) -> str | None:
        """Their arm; None for whom no pilot assigns."""
        return self.arms.get(person.id)

    def owed(self, person: Person) -> bool:
        """Whether reminders are planned for this person when the feed has come."""
        return not person.expect and self.arm(person) != CONTROL

    def texted(self, person: Person) -> bool:
        """Whether the carrier accepts any reminder for this person."""
        return self.owed(person) and REMINDERS_OF_ROLE.get(person.role, 2) > 0

    def reached(self, person: Person) -> bool:
        """Whether a reminder is delivered to this person and no other."""
        return self.texted(person) and person.role not in NOT_REACHED

    def delivered(self, person: Person) -> bool:
        """Whether the carrier says that a reminder was delivered, to whomever has the phone."""
        return self.reached(person) or (self.texted(person) and person.role == "wrong-number")

    def sent_at(self, moment: Moment) -> Texts:
        """Every text that goes out at one moment of the story: (number, words) → how often."""
        return Counter(
            (person.number, body)
            for person in self.people
            for when, body in self._texts(person)
            if when == moment and person.number
        )

    def due_at(self, moment: Moment) -> Texts:
        """What a preview shows for a moment: also the text that the carrier will refuse."""
        refused = [person for person in self.people if person.role == "opted-out-at-carrier"]
        return self.sent_at(moment) + Counter(
            (person.number, body)
            for person in refused
            for when, body in self._reminders(person)
            if when == moment and person.number
        )

    @property
    def moments(self) -> list[Moment]:
        """Every moment at which a planned reminder is due."""
        return sorted({when for person in self.people for when, _ in self._texts(person)})

    def _texts(self, person: Person) -> Iterator[tuple[Moment, str]]:
        if not self.owed(person):
            return
        if person.role == "late-listing":
            yield days.LATE_LISTING, self._reminder(person, (person.day, person.time))
        elif person.role == "moved":
            yield next(iter(self._reminders(person)))
            to = self.days.day(self.days.sitting(MOVED_TO[0]))
            yield days.CHANGES, words.text(words.MOVED, person, to, MOVED_TO[1])
            yield from self._planned(person, MOVED_TO)
        else:
            yield from list(self._reminders(person))[: REMINDERS_OF_ROLE.get(person.role, 2)]
        if person.role == "deleted":
            was = self.days.day(self.days.sitting(person.day))
            yield days.CHANGES, words.text(words.NO_LONGER, person, was, person.time)

    def _reminders(self, person: Person) -> Iterator[tuple[Moment, str]]:
        return self._planned(person, (person.day, person.time))

    def _planned(self, person: Person, hearing: Moment) -> Iterator[tuple[Moment, str]]:
        """Three days and one day before, at ten."""
        for before in (3, 1):
            yield (
                (self.days.sitting(hearing[0]) - before, days.REMINDERS_AT),
                self._reminder(person, hearing),
            )

    def _reminder(self, person: Person, hearing: Moment) -> str:
        return words.reminder(person, self.days.day(self.days.sitting(hearing[0])), hearing[1])


def numbers_of(people: Iterable[Person]) -> set[str]:
    """The numbers of these people."""
    return {person.number for person in people if person.number}
