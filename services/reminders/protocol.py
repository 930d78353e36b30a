"""A pilot's protocol: everything that is fixed before its first outcome. Pure; `protocol_schema` reads one."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, get_args

from services.common.times import at_london, london_day
from services.reminders.eligibility import SUMMONED

Method = Literal["permuted-blocks", "court-week", "stepped-wedge", "all-treated"]
Case = Literal["bail", "summons"]
Subgroup = Literal["court", "case", "age", "notice"]
Moved = Literal["follow", "leave-out"]
Withdrawn = Literal["not-at-risk", "attended"]
Remanded = Literal["as-recorded", "leave-out"]
METHODS: tuple[Method, ...] = get_args(Method)
CASES: tuple[Case, ...] = get_args(Case)
SUBGROUPS: tuple[Subgroup, ...] = get_args(Subgroup)
# What one lot decides for.
UNITS: dict[Method, str] = {
    "permuted-blocks": "person",
    "court-week": "court-week",
    "stepped-wedge": "court-period",
    "all-treated": "everybody",
}
RECEIVES = "what the court sends by post, as before; none of the office's older texts"


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm: whether its people are texted, with which variant of the templates, its weight in the ratio, and what else it gets."""

    name: str
    texted: bool
    weight: int
    template: str | None
    receives: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What becomes of people whose hearing moved, was withdrawn, or who were remanded after assignment; the report shows the other
    choice of each as a sensitivity row."""

    moved: Moved
    withdrawn: Withdrawn
    remanded: Remanded


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The fewest people for a rate, the smallest count that is printed in a small cell, and the largest difference (a proportion)
    that counts as none: None where the protocol names none."""

    fewest_for_a_rate: int
    smallest_cell: int
    negligible: float | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What the pilot was planned on: the rates hoped for (proportions) and people an arm."""

    control: float
    treated: float
    per_arm: int


@dataclass(frozen=True, slots=True)
class Protocol:
    """What is fixed before the first outcome. The last arm is the control. Days are in London, both included.

    `looks` are the days from which each planned look may be taken, the last one after every outcome is due. `steps` and
    `period_days` belong to a stepped wedge, `block_sizes` to blocks and court-weeks. `cost_per_text` is in pounds.
    """

    name: str
    question: str
    cases: tuple[Case, ...]
    courts: tuple[str, ...]
    since: date
    until: date
    arms: tuple[Arm, ...]
    allocation: Method
    seed: str
    block_sizes: tuple[int, ...]
    steps: int
    period_days: int
    primary: str
    outcome_lag_days: int
    rules: Rules
    subgroups: tuple[Subgroup, ...]
    looks: tuple[date, ...]
    stopping_rule: Literal["obrien-fleming", "pocock"]
    thresholds: Thresholds
    plan: Plan | None
    cost_per_text: float | None
    synthetic: bool

    @property
    def ratio(self) -> list[tuple[str, int]]:
        """The arms as allocation takes them."""
        return [(arm.name, arm.weight) for arm in self.arms]

    @property
    def randomised(self) -> bool:
        """Whether a lot decided who is in which arm."""
        return self.allocation != "all-treated"

    @property
    def unit(self) -> str:
        """What one lot decides for."""
        return UNITS[self.allocation]

    def arm(self, name: str | None) -> Arm | None:
        """The arm of a name."""
        return next((arm for arm in self.arms if arm.name == name), None)

    def covers(self, court: str | None, starts_at: datetime | None) -> bool:
        """Whether a court (five characters) and a time are inside the pilot."""
        return (
            court in self.courts
            and starts_at is not None
            and self.since <= london_day(starts_at) <= self.until
        )

    def takes(self, initiation: str | None) -> bool:
        """Whether a case of this initiation is one of the pilot's kinds."""
        return case_of(initiation) in self.cases

    def looks_due(self, now: datetime) -> int:
        """How many of the planned looks may have been taken by now."""
        return sum(now >= at_london(day, time.min) for day in self.looks)


def case_of(initiation: str | None) -> Case:
    """A person summoned by post, or one on bail or charged: a warrant is rare on a summons, so the two are strata throughout."""
    return "summons" if initiation in SUMMONED else "bail"


def look_days(since: date, until: date, lag: int, looks: int) -> tuple[date, ...]:
    """Days of equally spaced looks: each when a further equal share of the pilot's days has its outcomes, the last when all have."""
    days = (until - since).days + 1
    return tuple(since + timedelta(days=round(days * look / looks) + lag) for look in range(1, looks + 1))
