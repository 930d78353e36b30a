"""The 200 defendants of `data/people.csv`: invented, their surnames villages, their numbers Ofcom's for drama.

Columns: `age` on the first sitting day; `mobile` as the feed writes it; `feed` that lists them; `hearing` that they share with others;
`day` 1, 2 or 3 of the sitting days; `type` first or sentence; `start` of the case; `bail`; `expect`, the reason why a person who
knows the rules would say that they are not texted (empty: eligible); `role`, what they do in the story.
"""

import csv
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from services.common.phones import NumberError, mobile
from services.demo.days import Days


@dataclass(frozen=True, slots=True)
class Person:
    """One defendant, as a row of the file."""

    id: str
    given: str
    surname: str
    age: str
    mobile: str
    feed: str
    hearing: str
    court: str
    room: str
    day: int
    time: str
    type: str
    start: str
    bail: str
    expect: str
    role: str

    @property
    def organisation(self) -> bool:
        """A company has no first name."""
        return not self.given

    @property
    def name(self) -> str:
        """First name and surname, or the company's name."""
        return f"{self.given} {self.surname}".strip()

    @property
    def case(self) -> str:
        """The case's reference, one a hearing: force 41, a unit that does not exist, number and year."""
        return f"41DM{self.hearing[1:]:>05}26"

    @property
    def second_case(self) -> str:
        """The reference of another case of theirs at the same time."""
        return f"{self.case[:-2]}27"

    @property
    def asn(self) -> str:
        """The arrest/summons number."""
        return f"2641DM01{self.id[1:]:>011}A"

    @property
    def number(self) -> str | None:
        """The mobile in E.164, None where there is none that could be texted."""
        try:
            return mobile(self.mobile, drama=True)
        except NumberError:
            return None

    def born(self, days: Days) -> date | None:
        """A birthday 100 days before the first sitting day, so that the age holds on all three; or on their own sitting day."""
        if self.organisation:
            return None
        sitting = days.day(days.sitting(self.day))
        if self.role == "eighteen-today":
            leap = (sitting.month, sitting.day) == (2, 29)
            return (sitting - timedelta(days=leap)).replace(year=sitting.year - int(self.age))
        return days.day(days.sitting(1)) - timedelta(days=int(int(self.age) * 365.25) + 100)


@cache
def people() -> tuple[Person, ...]:
    """Everybody, in the order in which the feed lists them."""
    return tuple(Person(**row | {"day": int(row["day"])}) for row in rows("people.csv"))  # type: ignore[arg-type]


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a data file of the demo, without the line that says it is synthetic."""
    lines = files("services.demo").joinpath(f"data/{name}").read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def plainly(name: str) -> str:
    """A name in small ASCII letters: the police's XML has no others, so one person is "Ciarán" here and "CIARAN" there."""
    bare = unicodedata.normalize("NFKD", name.casefold().replace("ł", "l"))
    return bare.encode("ascii", "ignore").decode()


def with_role(role: str) -> list[Person]:
    """The people who play this part."""
    return [person for person in people() if person.role == role]
