"""The statistics of a report on a million people, beside a row-level logit with clustered errors on the same people."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import statsmodels.api as sm
from numpy.typing import NDArray

from services.reminders.evaluation.adjusted import adjusted
from services.reminders.evaluation.cace import Rows, cace
from services.reminders.evaluation.court_weeks import ClusterCell, court_weeks
from services.reminders.evaluation.stratified import stratified
from tests.bench.memory import peak_megabytes
from tests.bench.table import Line

PEOPLE, COURTS, WEEKS = 1_000_000, 20, 52


@dataclass(frozen=True, slots=True)
class _People:
    """A row a person: courts at 10% to 29%, six in ten reached, three in four alone in their household."""

    court: NDArray[np.int64]
    week: NDArray[np.int64]
    treated: NDArray[np.bool_]
    delivered: NDArray[np.bool_]
    event: NDArray[np.bool_]
    bail: NDArray[np.int64]
    age: NDArray[np.int64]
    home: NDArray[np.int64]


def _people(count: int) -> _People:
    rng = np.random.default_rng(7)
    court, treated = rng.integers(0, COURTS, count), rng.integers(0, 2, count) == 1
    delivered = treated & (rng.random(count) < 0.6)
    bail, age = rng.integers(0, 2, count), rng.integers(0, 4, count)
    event = rng.random(count) < 0.1 + 0.01 * court - 0.03 * delivered + 0.02 * bail
    home = rng.integers(0, 2 * count, count)
    return _People(court, rng.integers(0, WEEKS, count), treated, delivered, event, bail, age, home)


def _grouped(*columns: NDArray[np.int64]) -> tuple[list[NDArray[np.int64]], NDArray[np.int64]]:
    """What `GROUP BY` gives: the distinct rows, and how many people each stands for."""
    sizes = tuple(int(column.max()) + 1 for column in columns)
    code, counts = np.unique(np.ravel_multi_index(columns, sizes), return_counts=True)
    return list(np.unravel_index(code, sizes)), counts


def _primary(people: _People) -> float:
    """From rows to the difference within courts."""
    (court, treated, event), n = _grouped(people.court, people.treated * 1, people.event * 1)
    cells: dict[str, dict[str, list[int]]] = {}
    for place, arm, had, count in zip(court, treated, event, n, strict=True):
        cell = cells.setdefault(str(place), {}).setdefault("text" if arm else "none", [0, 0])
        cell[0] += int(had * count)
        cell[1] += int(count)
    strata = [
        (place, {arm: (events, total) for arm, (events, total) in arms.items()})
        for place, arms in cells.items()
    ]
    return float(stratified(strata, "text", "none")["risk_difference"]["estimate"])


def _logit(people: _People) -> float:
    """The floor: a row a person, a term a court, errors clustered by household."""
    courts = np.eye(COURTS)[people.court][:, 1:]
    fixed = np.column_stack([people.treated, np.ones(people.court.size), courts])
    model = sm.Logit(people.event.astype(float), fixed)
    return float(model.fit(disp=0, cov_type="cluster", cov_kwds={"groups": people.home}).params[0])


def _weeks(people: _People) -> None:
    key = people.court * WEEKS + people.week
    events, n = np.bincount(key, people.event), np.bincount(key)
    court_weeks(
        [
            ClusterCell(str(place // WEEKS), place % WEEKS, place // 4, place % 2 == 0, int(had), int(total))
            for place, (had, total) in enumerate(zip(events, n, strict=True))
        ]
    )


def _reached(people: _People) -> None:
    cace(
        Rows(
            people.court,
            people.treated,
            people.delivered,
            people.event,
            np.ones_like(people.court),
            people.home,
        )
    )


def _adjusted(people: _People) -> None:
    (treated, court, bail, age, home), n = _grouped(
        people.treated * 1, people.court, people.bail, people.age, people.home
    )
    # People of one household and one pattern are one row: their events are counted by the same grouping.
    order = np.lexsort((people.home, people.age, people.bail, people.court, people.treated))
    events = np.add.reduceat(people.event[order].astype(np.int64), np.concatenate([[0], np.cumsum(n)[:-1]]))
    adjusted(events, n, treated == 1, {"court": court, "bail": bail, "age": age}, home)


def _seconds(work: Callable[[_People], object], people: _People) -> float:
    start = time.perf_counter()
    work(people)
    return time.perf_counter() - start


def run(count: int = PEOPLE) -> list[Line]:
    """The lines of the table."""
    people = _people(count)
    primary = min(_seconds(_primary, people) for _ in range(3))
    parts = {
        "difference within courts": primary,
        "court-weeks with 4,999 permutations": _seconds(_weeks, people),
        "effect on people reached, clustered": _seconds(_reached, people),
        "adjusted difference, clustered": _seconds(_adjusted, people),
    }
    # Read before the floor, which needs more memory than the report.
    peak = peak_megabytes() / 1024
    floor = _seconds(_logit, people)
    whole = f"{count:,} people"
    return [
        *(Line(f"{what}, {whole}", f"{seconds:.2f} s") for what, seconds in parts.items()),
        Line(
            f"all of these, {whole}",
            f"{sum(parts.values()):.1f} s",
            "at most 60 s",
            sum(parts.values()) <= 60,
        ),
        Line("memory at most so far", f"{peak:.2f} GB", "at most 2 GB", peak <= 2),
        Line(f"logit of rows, clustered, {whole}", f"{floor:.1f} s"),
        Line(
            "the primary comparison against it",
            f"{floor / primary:.0f} x",
            "at least 10 x",
            floor >= 10 * primary,
        ),
    ]
