"""What stands beside the primary comparison: other readings of the rules, missing outcomes, balance, subgroups, people reached. Pure.

Each section is a JSON-able dict, or None where the design has no comparison for it; a difference is a proportion, treated less control.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.common.suppression import Sum, hidden
from services.reminders.evaluation.adjusted import adjusted
from services.reminders.evaluation.balance import balance
from services.reminders.evaluation.cace import Rows, cace, sayable
from services.reminders.evaluation.cells import Cell, Counted, Reading
from services.reminders.evaluation.design import Table, analyse, strata, weeks
from services.reminders.evaluation.evidence import Evidence
from services.reminders.evaluation.missing import arm_bounds, fill
from services.reminders.evaluation.refusals import Refusal, rate_on_few, small_cell
from services.reminders.evaluation.subgroups import Subgroups, cluster_subgroups, subgroups
from services.reminders.protocol import Moved, Protocol, Remanded, Withdrawn

Ints = NDArray[np.int64]
# What was known of people when the lot was drawn, as a reader calls it.
COVARIATES: dict[str, tuple[str, Callable[[Cell], str]]] = {
    "court": ("court", lambda cell: cell.court),
    "case": ("kind of case", lambda cell: cell.case),
    "age": ("age", lambda cell: cell.age),
    "notice": ("notice of the hearing", lambda cell: cell.notice),
}


def sensitivity(evidence: Evidence, reading: Reading, level: float) -> list[dict[str, Any]]:
    """The primary difference under the other choice of each rule, and with the hearings of paused days as recorded."""
    rules = reading.rules
    readings = [
        ("as the protocol says", reading),
        _other(reading, OTHER_MOVED[rules.moved]),
        _other(reading, OTHER_WITHDRAWN[rules.withdrawn]),
        _other(reading, OTHER_REMANDED[rules.remanded]),
        ("hearings of paused days: as recorded", replace(reading, with_paused=True)),
    ]
    return [_row(evidence, name, one, level) for name, one in readings]


# Each rule's choice → the other one, in words and as a rule.
OTHER_MOVED: dict[Moved, tuple[str, dict[str, Any]]] = {
    "follow": ("moved hearings: left out", {"moved": "leave-out"}),
    "leave-out": ("moved hearings: followed", {"moved": "follow"}),
}
OTHER_WITHDRAWN: dict[Withdrawn, tuple[str, dict[str, Any]]] = {
    "not-at-risk": ("withdrawn before the hearing: counted as attended", {"withdrawn": "attended"}),
    "attended": ("withdrawn before the hearing: not at risk", {"withdrawn": "not-at-risk"}),
}
OTHER_REMANDED: dict[Remanded, tuple[str, dict[str, Any]]] = {
    "as-recorded": ("remanded after assignment: left out", {"remanded": "leave-out"}),
    "leave-out": ("remanded after assignment: as recorded", {"remanded": "as-recorded"}),
}


def _other(reading: Reading, choice: tuple[str, dict[str, Any]]) -> tuple[str, Reading]:
    name, change = choice
    return name, replace(reading, rules=replace(reading.rules, **change))


def _row(evidence: Evidence, name: str, reading: Reading, level: float) -> dict[str, Any]:
    protocol = evidence.protocol
    counted = Counted.of(evidence.cells, reading, evidence.arms)
    found = _compare(protocol, counted.table(protocol.primary), level)
    totals = counted.totals(protocol.primary)
    return {"name": name, "arms": {arm: list(cell) for arm, cell in totals.items()}, "risk_difference": found}


def _compare(protocol: Protocol, table: Table, level: float) -> dict[str, Any] | None:
    """The first arm against the control, if both have enough people."""
    treated, control = protocol.arms[0].name, protocol.arms[-1].name
    for name in (treated, control):
        n = sum(of for (_, _, _, arm), (_, of) in table.items() if arm == name)
        if rate_on_few(name, n, protocol.thresholds.fewest_for_a_rate):
            return None
    found = analyse(protocol, table, treated, control, level, draws=0)
    return found["risk_difference"] if found else None


def missing_outcomes(evidence: Evidence, reading: Reading, counted: Counted, level: float) -> dict[str, Any]:
    """Complete cases, and the bounds if all missing outcomes (overdue or not yet due) favoured one arm; and each arm's own bounds."""
    protocol, primary = evidence.protocol, evidence.protocol.primary
    absent: Counter[tuple[str, str, int | None, str]] = Counter()
    for cell in evidence.cells:
        if reading.fate(cell)[0] in ("missing", "pending"):
            absent[cell.court, cell.case, cell.unit, cell.arm] += cell.n
    known = counted.table(primary)
    keys = list(known.keys() | absent.keys())
    # `fill` asks for strata by name: each cell of the design is one here.
    cells = [(str(place), {key[3]: (*known.get(key, (0, 0)), absent[key])}) for place, key in enumerate(keys)]
    filled = fill(cells, protocol.arms[0].name)
    arms = []
    for arm, (events, n) in counted.totals(primary).items():
        out = sum(number for key, number in absent.items() if key[3] == arm)
        bounds = arm_bounds(events, n, out)
        arms.append({"name": arm, "missing": out, "bounds": list(bounds) if bounds else None})
    rows: dict[str, Any] = {
        str(name): _compare(
            protocol, {keys[int(place)]: one[keys[int(place)][3]] for place, one in table}, level
        )
        for name, table in filled.items()
    }
    return {"arms": arms} | rows


@dataclass(frozen=True, slots=True)
class _Rows:
    """People of two arms whose outcome is known, as arrays: row `r` is `n[r]` people of `cells[place[r]]`, in the cluster
    `cluster[r]` (None where all are independent)."""

    cells: list[Cell]
    place: Ints
    n: Ints
    cluster: Ints | None

    def of(self, value: Callable[[Cell], Any]) -> NDArray[Any]:
        """A value of each row's cell."""
        column: NDArray[Any] = np.array([value(cell) for cell in self.cells])[self.place]
        return column


def _rows(evidence: Evidence, counted: Counted, arms: tuple[str, str]) -> _Rows:
    """A cluster is a court-week, or people assigned together. Where some belong together, everybody else is a cluster of one."""
    cells = [cell for cell in counted.cells if cell.arm in arms]
    everybody = np.arange(len(cells)), np.array([cell.n for cell in cells], dtype=np.int64)
    if evidence.protocol.allocation != "permuted-blocks":
        units = sorted({(cell.court, cell.unit or 0) for cell in cells})
        number = {unit: place for place, unit in enumerate(units)}
        clusters = [number[cell.court, cell.unit or 0] for cell in cells]
        return _Rows(cells, *everybody, np.array(clusters, dtype=np.int64))
    together = [
        (cluster, cell)
        for cluster, cell in evidence.households
        if cell.arm in arms and counted.reading.fate(cell)[0] == "known"
    ]
    if not together:
        return _Rows(cells, *everybody, None)
    known = {replace(cell, n=0): place for place, cell in enumerate(cells)}
    places = np.array([known[replace(cell, n=0)] for _, cell in together])
    theirs = np.array([cell.n for _, cell in together], dtype=np.int64)
    alone = everybody[1] - np.bincount(places, theirs, len(cells)).astype(np.int64)
    clusters = [cluster for cluster, _ in together]
    return _Rows(
        cells,
        np.concatenate([places, np.repeat(everybody[0], alone)]),
        np.concatenate([theirs, np.ones(alone.sum(), dtype=np.int64)]),
        np.concatenate([np.array(clusters, dtype=np.int64), max(clusters) + 1 + np.arange(alone.sum())]),
    )


def reached(
    evidence: Evidence, counted: Counted, level: float
) -> tuple[dict[str, Any] | None, Refusal | None]:
    """The effect on those reached (CACE), delivered as the treatment received, or why it is refused (`refused`, the sentence); the
    naive figure beside it, labelled biased."""
    protocol = evidence.protocol
    treated, control = protocol.arms[0].name, protocol.arms[-1].name
    if not protocol.randomised:
        return None, None
    rows = _rows(evidence, counted, (treated, control))
    courts = {court: code for code, court in enumerate(sorted({cell.court for cell in rows.cells}))}
    found = cace(
        Rows(
            court=rows.of(lambda cell: courts[cell.court]),
            treated=rows.of(lambda cell: cell.arm == treated),
            delivered=rows.of(lambda cell: cell.delivered),
            event=rows.of(lambda cell: counted.reading.event(cell, protocol.primary)),
            n=rows.n,
            cluster=rows.cluster,
        ),
        level,
    )
    told, refused = sayable(found)
    return _as_json(told) | {"refused": refused.sentence if refused else None}, refused


def adjustment(evidence: Evidence, counted: Counted, level: float) -> dict[str, Any] | None:
    """The average marginal effect of a logit with everything that was known at assignment."""
    protocol = evidence.protocol
    treated, control = protocol.arms[0].name, protocol.arms[-1].name
    if not protocol.randomised:
        return None
    rows = _rows(evidence, counted, (treated, control))
    varied = {
        name: rows.of(value)
        for name, value in COVARIATES.values()
        if len({value(cell) for cell in rows.cells}) > 1
    }
    had = rows.of(lambda cell: counted.reading.event(cell, protocol.primary))
    found = adjusted(
        had * rows.n, rows.n, rows.of(lambda cell: cell.arm == treated), varied, rows.cluster, level
    )
    return _as_json(found)


def balance_section(evidence: Evidence) -> dict[str, Any] | None:
    """Everybody assigned to the first arm and the control, by what was known then; no p-values: the lot is known to be fair."""
    if not evidence.protocol.randomised:
        return None
    treated, control = evidence.arms[0], evidence.arms[-1]
    counts: dict[str, dict[str, tuple[int, int]]] = {}
    for name, value in COVARIATES.values():
        levels: dict[str, list[int]] = {}
        for cell in evidence.cells:
            if cell.arm in (treated, control):
                levels.setdefault(value(cell), [0, 0])[cell.arm == control] += cell.n
        counts[name] = {level: (one, other) for level, (one, other) in sorted(levels.items())}
    people = [evidence.assigned.get(arm, 0) for arm in (treated, control)]
    return _as_json(balance(counts, *people))


def subgroup_sections(
    evidence: Evidence, counted: Counted, level: float
) -> tuple[list[dict[str, Any]], list[Refusal]]:
    """Each subgroup that the protocol names, with its test of interaction; small cells hidden, and what they would give away."""
    sections, refusals = [], []
    for asked in evidence.protocol.subgroups:
        name, value = COVARIATES[asked]
        found, more = _subgroup(evidence.protocol, counted, name, value, level)
        sections.append(found)
        refusals += more
    return sections, refusals


def _subgroup(
    protocol: Protocol, counted: Counted, name: str, value: Callable[[Cell], str], level: float
) -> tuple[dict[str, Any], list[Refusal]]:
    levels = sorted({value(cell) for cell in counted.cells})
    arms = (protocol.arms[0].name, protocol.arms[-1].name)
    tables: dict[str, Table] = {
        one: replace(counted, cells=tuple(cell for cell in counted.cells if value(cell) == one)).table(
            protocol.primary
        )
        for one in levels
    }
    found = _subgroups(protocol, tables, arms, level)
    fewest, smallest = protocol.thresholds.fewest_for_a_rate, protocol.thresholds.smallest_cell
    totals = {
        one: {
            arm: tuple(sum(cell[place] for key, cell in table.items() if key[3] == arm) for place in (0, 1))
            for arm in arms
        }
        for one, table in tables.items()
    }
    away = _away(totals, smallest)
    rows, refusals = [], []
    for place, (one, cells) in enumerate(totals.items()):
        hides = one in away
        refused = [
            small_cell(f"{name} {one}", hides, smallest),
            *(rate_on_few(f"{arm}, {name} {one}", cells[arm][1], fewest) for arm in arms),
        ]
        first = next((refusal for refusal in refused if refusal), None)
        refusals += [first] if first else []
        effect = found.rows[place].effect if found and not first else None
        rows.append(
            {
                "level": one,
                "arms": [
                    {"name": arm, "events": None, "n": None}
                    if hides
                    else {"name": arm, "events": cells[arm][0], "n": cells[arm][1]}
                    for arm in arms
                ],
                "risk_difference": _as_json(effect) if effect else None,
            }
        )
    # The test uses every level: with a hidden one shown beside the others it could be worked back.
    interaction = asdict(found.interaction) if found and not away else None
    return {"name": name, "rows": rows, "interaction": interaction}, refusals


def _away(totals: Mapping[str, Mapping[str, tuple[int, ...]]], smallest: int) -> frozenset[Hashable]:
    """The levels of which nothing is shown: each with a count from 1 to `smallest` - 1, and another where it alone were hidden.

    The arms' totals are printed with the primary comparison, so of one hidden level every count could be worked out. A level's own
    total is printed nowhere: of two, each count may be any part of what is left.
    """
    people: dict[Hashable, int] = {one: sum(n for _, n in arms.values()) for one, arms in totals.items()}
    everybody = sum(people.values())
    small = [
        one
        for one, arms in totals.items()
        if any(0 < count < smallest for events, n in arms.values() for count in (events, n - events))
    ]
    sums = [Sum(tuple(people), "everybody")] if len(people) > 1 else []
    return hidden(people | {"everybody": everybody}, sums, everybody + 1, small, printed=["everybody"])


def _subgroups(
    protocol: Protocol, tables: dict[str, Table], arms: tuple[str, str], level: float
) -> Subgroups | None:
    if protocol.allocation == "permuted-blocks":
        return subgroups({one: strata(table) for one, table in tables.items()}, *arms, level)
    if protocol.allocation == "court-week":
        return cluster_subgroups({one: weeks(protocol, table, *arms) for one, table in tables.items()}, level)
    return None


def _as_json(found: Any) -> dict[str, Any]:
    """A dataclass as JSON has it."""
    told: dict[str, Any] = _plain(asdict(found))
    return told


def _plain(value: Any) -> Any:
    """Tuples as lists, as JSON has them."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value
