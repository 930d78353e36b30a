"""A simulated pilot put through the estimators of the report, and through the analyses that would be wrong."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from services.reminders.evaluation.arms import Arm
from services.reminders.evaluation.cace import Complier, Rows, cace
from services.reminders.evaluation.court_weeks import ClusterCell, court_weeks
from services.reminders.evaluation.effect import Effect
from services.reminders.evaluation.stepped_wedge import WedgeCell, stepped_wedge
from services.reminders.evaluation.stratified import stratified_effect
from services.reminders.evaluation.two_by_two import Estimate, risk_difference
from services.reminders.protocol import Method
from services.reminders.simulation.trial import NONE, TEXT, Trial, period, week_blocks

Members = NDArray[np.bool_]
Cells = dict[tuple[int, ...], tuple[int, int]]


def leaves_out(found: Effect | Estimate, value: float) -> bool:
    """Whether the interval excludes a value; no interval excludes nothing."""
    return found.ci is not None and not found.ci[0] <= value <= found.ci[1]


def covers(found: Effect | Estimate, value: float | None) -> bool:
    """Whether there is an interval and a value, and the one holds the other."""
    return found.ci is not None and value is not None and not leaves_out(found, value)


def primary(trial: Trial, members: Members, level: float = 0.95) -> Effect:
    """The comparison that the report of this design makes of these people."""
    return _PRIMARY[trial.scenario.design](trial, members, level)


def naive(trial: Trial, members: Members, level: float = 0.95) -> Estimate | None:
    """The plain two-by-two table, as if each person had been assigned alone and courts did not exist."""
    arms = [
        Arm(name, int(trial.event[mine].sum()), int(mine.sum()))
        for name, mine in ((TEXT, members & trial.treated), (NONE, members & ~trial.treated))
        if mine.any()
    ]
    if len(arms) < 2:
        return None
    return risk_difference(arms[0], arms[1], level)


def reached(trial: Trial, members: Members, level: float = 0.95) -> Complier:
    """The effect on people reached, with the errors of the design: households, or court-weeks."""
    people, scenario = trial.people, trial.scenario
    cluster = people.home
    if scenario.design != "permuted-blocks":
        cluster = people.court * scenario.weeks + people.week
    return cace(
        Rows(
            court=people.court[members],
            treated=trial.treated[members],
            delivered=trial.delivered[members],
            event=trial.event[members],
            n=np.ones(int(members.sum()), dtype=np.int64),
            cluster=cluster[members],
        ),
        level,
    )


def counted(trial: Trial, members: Members) -> dict[str, dict[str, tuple[int, int]]]:
    """(events, people) by court and arm: the sufficient statistics of people assigned one by one."""
    people = trial.people
    strata: dict[str, dict[str, tuple[int, int]]] = {}
    for (place, arm), cell in _cells(trial, members, people.court, trial.treated.astype(np.int64)).items():
        strata.setdefault(trial.scenario.court(place), {})[TEXT if arm else NONE] = cell
    return strata


def _blocks(trial: Trial, members: Members, level: float) -> Effect:
    return stratified_effect(sorted(counted(trial, members).items()), TEXT, NONE, level)


def _weeks(trial: Trial, members: Members, level: float) -> Effect:
    people, blocks = trial.people, week_blocks(trial.scenario, trial.seed)
    treated = trial.treated.astype(np.int64)
    cells = [
        ClusterCell(trial.scenario.court(place), week, blocks[place][week], bool(arm), events, n)
        for (place, week, arm), (events, n) in _cells(
            trial, members, people.court, people.week, treated
        ).items()
    ]
    return court_weeks(cells, level, draws=0).risk_difference


def _wedge(trial: Trial, members: Members, level: float) -> Effect:
    people = trial.people
    periods, treated = period(trial.scenario, people.week), trial.treated.astype(np.int64)
    cells = [
        WedgeCell(trial.scenario.court(place), at, bool(arm), events, n)
        for (place, at, arm), (events, n) in _cells(trial, members, people.court, periods, treated).items()
    ]
    return stepped_wedge(cells, level, draws=0).risk_difference


def _cells(trial: Trial, members: Members, *keys: NDArray[np.int64]) -> Cells:
    """What GROUP BY gives: the distinct keys of these people, with (events, people)."""
    sizes = tuple(int(key.max()) + 1 for key in keys)
    code = np.ravel_multi_index(tuple(key[members] for key in keys), sizes)
    people = np.bincount(code)
    events = np.bincount(code, trial.event[members])
    held = np.flatnonzero(people)
    places = zip(*(place.tolist() for place in np.unravel_index(held, sizes)), strict=True)
    return {
        place: (int(had), int(n)) for place, had, n in zip(places, events[held], people[held], strict=True)
    }


_PRIMARY: Mapping[Method, Callable[[Trial, Members, float], Effect]] = {
    "permuted-blocks": _blocks,
    "court-week": _weeks,
    "stepped-wedge": _wedge,
}
