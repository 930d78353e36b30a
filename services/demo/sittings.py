"""A hearing as one message tells it, with the ids and times of Common Platform."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from services.demo.courts import COURTS
from services.demo.people import Person


@dataclass(frozen=True, slots=True)
class Sitting:
    """A hearing: whose, when (UTC), and when the message about it was shared. `key` is the file's name of it."""

    key: str
    people: Sequence[Person]
    starts_at: datetime
    shared: datetime

    @property
    def id(self) -> str:
        """Common Platform's id of the hearing."""
        return identifier("hearing", self.key)

    @property
    def again(self) -> str:
        """What tells the defendants of somebody's second case from those of the first."""
        return "" if self.key == self.people[0].hearing else f"-{self.key}"

    @property
    def day(self) -> str:
        """The day it sits."""
        return self.starts_at.date().isoformat()

    def defendant(self, person: Person) -> str:
        """The id of a person as a defendant of this hearing's case."""
        return identifier("defendant", person.id + self.again)


def identifier(kind: str, key: str) -> str:
    """The same id each time the story is told."""
    return str(uuid5(NAMESPACE_URL, f"https://heed.example/demo/{kind}/{key}"))


def utc(instant: datetime) -> str:
    """A time as Common Platform writes it."""
    return instant.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def centre(person: Person) -> dict[str, Any]:
    """The court and room that a person is listed at."""
    court = COURTS[person.court]
    street, town, postcode = court.address
    return {
        "id": court.id,
        "code": person.court,
        "name": court.name,
        "roomId": identifier("room", person.court + person.room),
        "roomName": person.room,
        "address": {"address1": street, "address2": town, "postcode": postcode},
        "lja": {"ljaCode": court.lja[0], "ljaName": court.lja[1]},
    }
