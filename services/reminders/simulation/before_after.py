"""Months before and after the texts began, where everybody was offered them: what an interrupted series makes of it."""

from datetime import date

import numpy as np

from services.reminders.evaluation.interrupted import Interrupted, Point, interrupted
from services.reminders.simulation.world import Scenario, ScenarioError

BEFORE, AFTER = 24, 12
SINCE = date(2020, 2, 1)


def series(scenario: Scenario, seed: str) -> list[Point]:
    """Two years before and one after; each month has a twelfth of the people, and a rate that varies as court-weeks do."""
    rng = np.random.default_rng(list(seed.encode()))
    change = np.where(np.arange(-BEFORE, AFTER) < 0, 0.0, scenario.effect * scenario.reach)
    rates = np.full(BEFORE + AFTER, scenario.baseline)
    if scenario.cluster > 0:
        # A month is four weeks of every court, whose variation it averages.
        size = (1 - scenario.cluster) / scenario.cluster * 4 * scenario.courts
        rates = rng.beta(size * rates, size * (1 - rates))
    people = max(1, scenario.people // 12)
    events = rng.binomial(people, np.clip(rates + change, 0.0, 1.0))
    return [
        Point(_month(step), int(had), people) for step, had in zip(range(-BEFORE, AFTER), events, strict=True)
    ]


def compared(scenario: Scenario, seed: str, level: float = 0.95) -> Interrupted:
    """The interrupted series of one simulated pilot."""
    found = interrupted(series(scenario, seed), SINCE, level)
    if not isinstance(found, Interrupted):
        raise ScenarioError(found.sentence)
    return found


def _month(step: int) -> date:
    number = 12 * SINCE.year + SINCE.month - 1 + step
    return date(number // 12, number % 12 + 1, 1)
