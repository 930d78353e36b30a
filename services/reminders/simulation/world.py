"""A generated county: who is listed where and when, whom a text reaches, and who stays away with it and without.

Everybody has one draw between 0 and 1. Without a text they stay away where it lies under their rate; with a delivered
one, where it lies under the lowered rate. Both are known, so the truth that an analysis should find is known too.
Rates differ between courts, and between the weeks of a court by a beta distribution; people whom no text reaches stay
away more often, which is what misleads a comparison of those who were reached.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from services.reminders.evaluation.permutation import Floats
from services.reminders.protocol import Method

# How much more often people stay away whom no text can reach.
UNREACHABLE = 1.5
DAYS = 7


class ScenarioError(ValueError):
    """A scenario that cannot be simulated, in one sentence."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is planted. Rates, shares and differences are proportions.

    `people` are spread over `courts` and `weeks` (in a stepped wedge, over `periods` of equal weeks); `effect` is the
    change of the rate among people reached; `spread` how far the first and last court lie from the baseline, the others evenly between; `cluster` the
    intraclass correlation of a court-week; `drift` how far every rate moves from the first week to the last; `shared` the share of people who share a number with another; `moves` that of
    hearings moved, by one to four weeks; `missing` that of outcomes that never come; outcomes come `lag` days after the
    hearing on average, and the data are cut `wait` days after the last week. From week `stop` on, hearings are vacated.
    `names` are the courts' codes where there are messages to write.
    """

    design: Method = "permuted-blocks"
    people: int = 600
    courts: int = 6
    weeks: int = 12
    periods: int = 6
    baseline: float = 0.20
    reach: float = 0.60
    effect: float = -0.06
    spread: float = 0.06
    cluster: float = 0.03
    drift: float = 0.0
    shared: float = 0.05
    moves: float = 0.15
    missing: float = 0.03
    lag: float = 7.0
    wait: float = 56.0
    stop: int | None = None
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("reach", "shared", "moves", "missing", "cluster"):
            if not 0 <= getattr(self, name) <= 1:
                raise ScenarioError(f"{name} is {getattr(self, name):g}: write a share from 0 to 1.")
        if not 0 < self.baseline < 1 or not self.spread <= min(self.baseline, 1 - self.baseline):
            raise ScenarioError(
                "The baseline lies between 0 and 1, and no court's rate may leave that range."
            )
        if not -1 <= self.change <= 1:
            raise ScenarioError(f"An effect of {self.effect:g} is more than the people reached can change.")
        if min(self.people, self.courts, self.weeks, self.periods) < 1 or self.lag <= 0:
            raise ScenarioError("People, courts, weeks, periods and lag must be above zero.")
        if self.design == "stepped-wedge" and not 2 <= self.periods <= self.courts + 1:
            raise ScenarioError("A stepped wedge needs two periods or more, and as many courts as steps.")
        if self.names and len(self.names) != self.courts:
            raise ScenarioError(f"{self.courts} courts have {len(self.names)} names.")
        if self.stop is not None and not 0 <= self.stop <= self.weeks:
            raise ScenarioError(f"It stops after {self.stop} weeks of {self.weeks}.")

    def court(self, place: int) -> str:
        """A court's name, which is its stratum."""
        return self.names[place] if self.names else f"simulated court {place}"

    @property
    def _away(self) -> float:
        """How far a court's rate may lie from the baseline."""
        return abs(self.spread) + abs(self.drift) / 2

    @property
    def reached_rate(self) -> float:
        """The rate, without a text, of the people whom a text reaches."""
        return self.baseline / (self.reach + UNREACHABLE * (1 - self.reach))

    @property
    def change(self) -> float:
        """The effect as a share of their rate."""
        return self.effect / self.reached_rate

    def without_effect(self) -> "Scenario":
        """The same county where texts do nothing."""
        return replace(self, effect=0.0)


@dataclass(frozen=True, slots=True)
class People:
    """Arrays over the people, in the order of their enrolment; courts and homes are numbers, weeks 0-based.

    `rate` is without a text, `reached_rate` with a delivered one; `known_at` the day, from the pilot's first, on which
    the outcome comes (infinite where it never does); `heard_week` the week in which the hearing was held in the end.
    """

    court: NDArray[np.int64]
    week: NDArray[np.int64]
    home: NDArray[np.int64]
    reachable: NDArray[np.bool_]
    rate: Floats
    reached_rate: Floats
    draw: Floats
    heard_week: NDArray[np.int64]
    known_at: Floats


def generate(scenario: Scenario, rng: np.random.Generator) -> People:
    """The people of one pilot."""
    n = scenario.people
    week = np.sort(rng.integers(0, scenario.weeks, n))
    court = rng.integers(0, scenario.courts, n)
    home = _homes(scenario, court, rng)
    reachable = rng.random(n) < scenario.reach
    factor = np.where(reachable, 1.0, UNREACHABLE) * scenario.reached_rate / scenario.baseline
    rate = np.clip(_rates(scenario, rng)[court, week] * factor, 0.0, 1.0)
    heard = week + np.where(rng.random(n) < scenario.moves, rng.integers(1, 5, n), 0)
    known = DAYS * (heard + 1) + rng.exponential(scenario.lag, n)
    known[rng.random(n) < scenario.missing] = np.inf
    return People(
        court=court,
        week=week,
        home=home,
        reachable=reachable,
        rate=rate,
        reached_rate=np.clip(rate * (1 + scenario.change), 0.0, 1.0),
        draw=rng.random(n),
        heard_week=heard,
        known_at=known,
    )


def _rates(scenario: Scenario, rng: np.random.Generator) -> Floats:
    """The rate of each court in each week; weeks of a court vary by a beta distribution with its rate as the mean."""
    courts = np.linspace(-1, 1, scenario.courts) if scenario.courts > 1 else np.zeros(1)
    weeks = np.linspace(-0.5, 0.5, scenario.weeks) if scenario.weeks > 1 else np.zeros(1)
    mean = scenario.baseline + scenario.spread * courts[:, None] + scenario.drift * weeks
    if scenario.cluster == 0:
        return mean
    size = (1 - scenario.cluster) / scenario.cluster
    rates: Floats = rng.beta(size * mean, size * (1 - mean))
    return rates


def _homes(scenario: Scenario, court: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Who shares a number with whom: the first of a pair gives the pair its number; pairs are of one court."""
    home = np.arange(court.size)
    for place in range(scenario.courts):
        members = np.flatnonzero(court == place)
        pairs = int(members.size * scenario.shared / 2)
        chosen = rng.permutation(members)[: 2 * pairs].reshape(pairs, 2)
        home[chosen.max(axis=1)] = chosen.min(axis=1)
    return home
