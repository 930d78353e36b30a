"""The comparison that the allocation allows, in one shape whatever the design: blocks, court-weeks or steps. Pure."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from services.reminders.evaluation.allocation_clusters import court_week_blocks
from services.reminders.evaluation.court_weeks import ClusterCell, court_weeks
from services.reminders.evaluation.effect import Analysis
from services.reminders.evaluation.stepped_wedge import WedgeCell, stepped_wedge
from services.reminders.evaluation.stratified import stratified
from services.reminders.protocol import Protocol

# (Court, kind of case, unit, arm) → (events, people whose outcome is known).
Key = tuple[str, str, int | None, str]
Table = Mapping[Key, tuple[int, int]]
Strata = list[tuple[str, dict[str, tuple[int, int]]]]
DRAWS = 9_999


def analyse(
    protocol: Protocol, table: Table, treated: str, control: str, level: float, draws: int = DRAWS
) -> dict[str, Any] | None:
    """Compare two arms as they were allocated; None where there is no control arm.

    Keys: treated, control, method, risk_difference (estimate, ci, se, df, p, method), permutation, clusters, icc, people, left_out,
    people_left_out, note. Rates and differences are proportions.
    """
    if protocol.allocation == "all-treated":
        return None
    if protocol.allocation == "permuted-blocks":
        return _from_strata(stratified(strata(table), treated, control, level))
    if protocol.allocation == "court-week":
        return _from_analysis(
            court_weeks(weeks(protocol, table, treated, control), level, draws), treated, control
        )
    cells = [
        WedgeCell(court, unit, arm == treated, events, n)
        for (court, unit, arm), (events, n) in _units(table, treated, control).items()
    ]
    return _from_analysis(stepped_wedge(cells, level, draws), treated, control)


def strata(table: Table) -> Strata:
    """(Court and kind of case, arm → (events, n)), by name: a warrant is rare on a summons, so the two are strata throughout."""
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for (court, case, _, arm), (events, n) in table.items():
        arms = found.setdefault(f"{court} {case}", {})
        had, of = arms.get(arm, (0, 0))
        arms[arm] = (had + events, of + n)
    return sorted(found.items())


def weeks(protocol: Protocol, table: Table, treated: str, control: str) -> list[ClusterCell]:
    """The court-weeks of two arms, each with its block of the allocation."""
    units = _units(table, treated, control)
    longest = max((unit for _, unit, _ in units), default=-1) + 1
    blocks = {
        court: court_week_blocks(protocol.seed, court, longest, protocol.ratio, protocol.block_sizes)
        for court in {court for court, _, _ in units}
    }
    return [
        ClusterCell(court, unit, blocks[court][unit], arm == treated, events, n)
        for (court, unit, arm), (events, n) in sorted(units.items())
    ]


def _units(table: Table, treated: str, control: str) -> dict[tuple[str, int, str], tuple[int, int]]:
    found: dict[tuple[str, int, str], tuple[int, int]] = {}
    for (court, _, unit, arm), (events, n) in table.items():
        if arm in (treated, control):
            had, of = found.get((court, unit or 0, arm), (0, 0))
            found[court, unit or 0, arm] = (had + events, of + n)
    return found


def _from_strata(found: dict[str, Any]) -> dict[str, Any]:
    return {
        "treated": found["treated"],
        "control": found["control"],
        "method": "stratified",
        "risk_difference": found["risk_difference"] | {"df": None, "p": found["test"]["p"]},
        "risk_ratio": found["risk_ratio"],
        "odds_ratio": found["odds_ratio"],
        "permutation": None,
        "clusters": None,
        "icc": None,
        "strata": found["strata_used"],
        "people": None,
        "left_out": found["strata_left_out"],
        "people_left_out": found["people_left_out"],
        "note": "People are compared within courts and kinds of case, as they were assigned.",
    }


def _from_analysis(found: Analysis, treated: str, control: str) -> dict[str, Any]:
    told = asdict(found)
    told["risk_difference"]["ci"] = _listed(told["risk_difference"]["ci"])
    told["left_out"] = list(told["left_out"])
    return {"treated": treated, "control": control, "strata": None, **told}


def _listed(ci: tuple[float, float] | None) -> list[float] | None:
    return list(ci) if ci else None
