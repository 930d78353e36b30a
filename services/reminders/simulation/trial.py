"""One simulated pilot: its people get their arms by the pilot's own allocation, and their outcomes by their draws."""

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from services.reminders.evaluation.allocation import sequence
from services.reminders.evaluation.allocation_clusters import court_week_blocks, wedge_steps
from services.reminders.evaluation.permutation import Floats
from services.reminders.simulation.world import DAYS, People, Scenario, generate

TEXT, NONE = "text", "none"
ARMS = [(TEXT, 1), (NONE, 1)]
BLOCK_SIZES = [4, 6]
# An odd number of a court's weeks leaves a block open, as a pilot's last block is.
WEEK_BLOCK_SIZES = [2, 4]


@dataclass(frozen=True, slots=True)
class Trial:
    """A pilot that has run: who was assigned to the texts, who got one, and who stayed away."""

    scenario: Scenario
    seed: str
    people: People
    treated: NDArray[np.bool_]
    delivered: NDArray[np.bool_]
    event: NDArray[np.bool_]

    def known(self, week: int | None = None) -> NDArray[np.bool_]:
        """Whose outcome is in: at the end, or of the hearings of the first `week` weeks (a look on the way).

        Hearings that a stop vacates are not at risk, in either arm, and never known.
        """
        scenario, people = self.scenario, self.people
        known = people.known_at <= DAYS * scenario.weeks + scenario.wait
        if scenario.stop is not None:
            known &= people.heard_week < scenario.stop
        return known if week is None else known & (people.week < week)

    def truth(self, members: NDArray[np.bool_]) -> float | None:
        """The mean difference that being assigned to the texts makes among these people; None where there is nobody."""
        people = self.people
        change = np.where(people.reachable, people.reached_rate - people.rate, 0.0)
        return _mean(change[members])

    def truth_among_reached(self, members: NDArray[np.bool_]) -> float | None:
        """The mean difference that a delivered text makes among those of them whom one reaches; None where it reaches nobody."""
        people, reached = self.people, members & self.people.reachable
        return _mean((people.reached_rate - people.rate)[reached])


def _mean(changes: Floats) -> float | None:
    return float(changes.mean()) if changes.size else None


def run(scenario: Scenario, seed: str) -> Trial:
    """One pilot from its seed; its people do not depend on their allocation."""
    rng = np.random.default_rng(list(seed.encode()))
    people = generate(scenario, rng)
    treated = allocate(scenario, seed, people)
    delivered = treated & people.reachable
    event = people.draw < np.where(delivered, people.reached_rate, people.rate)
    return Trial(scenario, seed, people, treated, delivered, event)


def without_effect(trial: Trial) -> Trial:
    """The same people in the same arms, where texts do nothing."""
    return replace(trial, event=trial.people.draw < trial.people.rate)


def allocate(scenario: Scenario, seed: str, people: People) -> NDArray[np.bool_]:
    """Who is assigned to the texts, by the functions with which a real pilot assigns."""
    if scenario.design == "all-treated":
        return np.ones(people.court.size, dtype=bool)
    if scenario.design == "court-week":
        return _court_weeks(scenario, seed)[people.court, people.week]
    if scenario.design == "stepped-wedge":
        steps = wedge_steps(
            seed, [scenario.court(place) for place in range(scenario.courts)], scenario.periods - 1
        )
        step = np.array([steps[scenario.court(place)] for place in range(scenario.courts)])
        return period(scenario, people.week) >= step[people.court]
    return _one_by_one(scenario, seed, people)


def period(scenario: Scenario, week: NDArray[np.int64]) -> NDArray[np.int64]:
    """The 0-based period of each week."""
    return week * scenario.periods // scenario.weeks


@lru_cache(maxsize=1)
def week_blocks(scenario: Scenario, seed: str) -> list[list[int]]:
    """By court, the allocation's block of each week."""
    return [
        court_week_blocks(seed, scenario.court(place), scenario.weeks, ARMS, WEEK_BLOCK_SIZES)
        for place in range(scenario.courts)
    ]


def _one_by_one(scenario: Scenario, seed: str, people: People) -> NDArray[np.bool_]:
    """A household takes one place of its court's sequence, when its first member is enrolled."""
    treated = np.zeros(people.court.size, dtype=bool)
    first = people.home == np.arange(people.court.size)
    for place in range(scenario.courts):
        units = np.flatnonzero(first & (people.court == place))
        arms = islice(sequence(seed, scenario.court(place), ARMS, BLOCK_SIZES), units.size)
        treated[units] = [arm == TEXT for arm in arms]
    return treated[people.home]


def _court_weeks(scenario: Scenario, seed: str) -> NDArray[np.bool_]:
    return np.array(
        [
            [
                arm == TEXT
                for arm in islice(
                    sequence(seed, f"court-week:{scenario.court(place)}", ARMS, WEEK_BLOCK_SIZES),
                    scenario.weeks,
                )
            ]
            for place in range(scenario.courts)
        ]
    )
