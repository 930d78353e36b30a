"""The counts that every section of a report is a sum of: assigned people who are alike in all that is counted. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeVar

from services.reminders.protocol import Rules

Key = TypeVar("Key")
State = Literal["known", "pending", "missing", "not-at-risk"]
OUTCOMES = ("did_not_attend", "fta", "warrant")
DID = {
    "did_not_attend": "did not attend",
    "fta": "failed to appear by the court's word",
    "warrant": "had a warrant issued",
    "adjourned_for_absence": "had the case put off for absence",
    "adjourned": "had the case put off, for whatever reason",
}
# Counted where the feed says it: neither a protocol's primary outcome nor on the county's page.
ADJOURNMENTS = ("adjourned_for_absence", "adjourned")


@dataclass(frozen=True, slots=True)
class Cell:
    """`n` people of one arm and court whose first enrolled hearing went alike.

    `unit` is the week or period whose lot decided. `case`, `age` and `notice` (days from enrolment to the hearing) were known at
    assignment. `texts` is "none", "delivered", "undelivered" or "no-receipt"; `why` the reason of none or of undelivered.
    `stopped` and `wrong` are what the holder of the number said. `moved`, `withdrawn`, `remanded` and `paused` (the hearing stands
    on a paused day) are what befell the hearing; `overdue` that its outcome should be in by now. `adjourned` is adjournments' word.
    """

    arm: str
    court: str
    n: int
    unit: int | None = None
    case: str = "bail"
    age: str = "unknown"
    notice: str = "unknown"
    texts: str = "none"
    why: str | None = None
    stopped: bool = False
    wrong: bool = False
    moved: bool = False
    withdrawn: bool = False
    remanded: bool = False
    paused: bool = False
    overdue: bool = False
    attendance: str = "unknown"
    fta: str = "unknown"
    warrant: str = "unknown"
    adjourned: str = "unknown"
    week: date | None = None

    @property
    def delivered(self) -> bool:
        """Whether the carrier says that a reminder arrived."""
        return self.texts == "delivered"


@dataclass(frozen=True, slots=True)
class Lost:
    """People who are alike, with the days that an adjournment for absence took from them all, and the sum of each one's days squared.

    A day is counted from the hearing to the next that its own result lists; a warrant lists none, so it adds nothing.
    """

    days: int
    squares: int
    cell: Cell


@dataclass(frozen=True, slots=True)
class Reading:
    """How cells are read: the protocol's rules, and whether the hearings of paused days count as recorded (a sensitivity row)."""

    rules: Rules
    with_paused: bool = False

    def fate(self, cell: Cell) -> tuple[State, str | None]:
        """What became of these people's outcome; of those not at risk, why. One rule for every arm."""
        if cell.paused and not self.with_paused:
            return "not-at-risk", "paused"
        if cell.withdrawn and self.rules.withdrawn == "not-at-risk":
            return "not-at-risk", "withdrawn"
        if cell.remanded and self.rules.remanded == "leave-out":
            return "not-at-risk", "remanded"
        if cell.moved and self.rules.moved == "leave-out":
            return "not-at-risk", "moved"
        if cell.withdrawn or cell.attendance != "unknown":
            return "known", None
        return ("missing" if cell.overdue else "pending"), None

    def event(self, cell: Cell, outcome: str) -> bool:
        """Whether these people had the outcome. Who need not come any more has attended; `fta` is the court's word, also where it is
        presumed; a warrant that was closed later had been issued."""
        if cell.withdrawn:
            return False
        return {
            "did_not_attend": cell.attendance == "absent",
            "fta": cell.fta in ("yes", "presumed"),
            "warrant": cell.warrant in ("issued", "closed"),
            "adjourned_for_absence": cell.adjourned == "absence",
            "adjourned": cell.adjourned in ("absence", "yes"),
        }[outcome]

    def says(self, cell: Cell, outcome: str) -> bool:
        """Whether of these people, whose attendance is known, this outcome is known too: not every result says what became of a case."""
        return outcome not in ADJOURNMENTS or cell.adjourned != "unknown" or cell.withdrawn


Table = dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Counted:
    """Cells as one reading sees them: sums of (events, people whose outcome is known)."""

    cells: tuple[Cell, ...]
    reading: Reading
    arms: tuple[str, ...]

    @classmethod
    def of(cls, cells: Iterable[Cell], reading: Reading, arms: Iterable[str]) -> "Counted":
        """The cells of these arms whose outcome is known."""
        names = tuple(arms)
        known = (cell for cell in cells if cell.arm in names and reading.fate(cell)[0] == "known")
        return cls(tuple(known), reading, names)

    def totals(self, outcome: str) -> Table:
        """Arm → (events, n)."""
        return self._by(outcome, lambda cell: cell.arm, dict.fromkeys(self.arms, (0, 0)))

    def table(self, outcome: str) -> dict[tuple[str, str, int | None, str], tuple[int, int]]:
        """(Court, kind of case, unit, arm) → (events, n): what an analysis by design takes."""
        return self._by(outcome, lambda cell: (cell.court, cell.case, cell.unit, cell.arm), {})

    def _by(
        self, outcome: str, key: Callable[[Cell], Key], found: dict[Key, tuple[int, int]]
    ) -> dict[Key, tuple[int, int]]:
        for cell in self.cells:
            if not self.reading.says(cell, outcome):
                continue
            events, n = found.get(key(cell), (0, 0))
            had = cell.n if self.reading.event(cell, outcome) else 0
            found[key(cell)] = (events + had, n + cell.n)
        return found
