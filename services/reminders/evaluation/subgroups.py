"""The difference within each group that the protocol named, and whether it differs between them.

The question is the interaction: a difference that excludes zero in one group and not in another shows nothing.
Independent groups are asked by Cochran's Q of their differences. Where court-weeks were assigned, every group lives
in the same court-weeks, so each court-week gives its groups' rates less its mean rate, and those are asked by an F test; where the
groups are courts, each court-week has one rate, and the court-weeks' rates are asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.meta_analysis import combine_effects

from services.reminders.evaluation.columns import independent
from services.reminders.evaluation.court_weeks import ClusterCell, court_weeks
from services.reminders.evaluation.effect import Effect
from services.reminders.evaluation.stratified import Counts, stratified_effect


@dataclass(frozen=True, slots=True)
class SubgroupRow:
    """One level of a subgroup: the difference within it, and (events, people) of each arm."""

    level: str
    effect: Effect
    treated: tuple[int, int]
    control: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Interaction:
    """Whether the difference is the same in every level; None where fewer than two have a standard error."""

    statistic: float | None
    df: float
    p: float | None
    method: str


@dataclass(frozen=True, slots=True)
class Subgroups:
    """The levels in the order given, and the test of interaction."""

    rows: tuple[SubgroupRow, ...]
    interaction: Interaction


def subgroups(
    levels: Mapping[str, Sequence[tuple[str, Counts]]], treated: str, control: str, level: float = 0.95
) -> Subgroups:
    """People assigned one by one within courts: level → strata, as `stratified` takes them."""
    rows = tuple(
        SubgroupRow(
            name,
            stratified_effect(strata, treated, control, level),
            _total(strata, treated),
            _total(strata, control),
        )
        for name, strata in levels.items()
    )
    known = [row.effect for row in rows if row.effect.se]
    return Subgroups(rows, _cochran(known))


def cluster_subgroups(levels: Mapping[str, Sequence[ClusterCell]], level: float = 0.95) -> Subgroups:
    """Court-weeks assigned: level → the court-weeks with that level's people."""
    rows = tuple(
        SubgroupRow(
            name,
            court_weeks(cells, level, draws=0).risk_difference,
            _cells_total(cells, treated=True),
            _cells_total(cells, treated=False),
        )
        for name, cells in levels.items()
    )
    return Subgroups(rows, _within_clusters(levels))


def _cochran(effects: Sequence[Effect]) -> Interaction:
    method = "Cochran's Q of the differences"
    if len(effects) < 2:
        return Interaction(None, max(0, len(effects) - 1), None, method)
    estimates = np.array([found.estimate for found in effects])
    variances = np.array([found.se for found in effects], dtype=float) ** 2
    q = float(combine_effects(estimates, variances).q)
    return Interaction(q, len(effects) - 1, float(chi2.sf(q, len(effects) - 1)), method)


def _within_clusters(levels: Mapping[str, Sequence[ClusterCell]]) -> Interaction:
    cells = [(name, cell) for name, members in levels.items() for cell in members if cell.n > 0]
    names, code = np.unique([name for name, _ in cells], return_inverse=True)
    _, cluster = np.unique([f"{cell.court} {cell.week}" for _, cell in cells], return_inverse=True)
    treated = np.array([cell.treated for _, cell in cells], dtype=float)
    rates = np.array([cell.events / cell.n for _, cell in cells])
    level = np.eye(names.size)[code]
    shared = len(cells) > np.unique(cluster).size
    method = f"F test of arm by level {'within' if shared else 'between'} court-weeks"
    if names.size < 2:
        return Interaction(None, max(0, names.size - 1), None, method)
    alike = independent(np.column_stack([np.eye(cluster.max() + 1)[cluster] if shared else treated, level]))
    apart = independent(np.column_stack([alike, treated[:, None] * level]))
    # Of a level that one arm alone has nothing is asked.
    asked = apart.shape[1] - alike.shape[1]
    if not asked or apart.shape[0] <= apart.shape[1]:
        return Interaction(None, asked, None, method)
    fitted = OLS(rates, apart).fit()
    if not fitted.scale > 0:
        return Interaction(None, asked, None, method)
    statistic, p, _ = fitted.compare_f_test(OLS(rates, alike).fit())
    return Interaction(float(statistic), asked, float(p), method)


def _total(strata: Sequence[tuple[str, Counts]], arm: str) -> tuple[int, int]:
    cells = [counts.get(arm, (0, 0)) for _, counts in strata]
    return sum(events for events, _ in cells), sum(n for _, n in cells)


def _cells_total(cells: Sequence[ClusterCell], *, treated: bool) -> tuple[int, int]:
    mine = [cell for cell in cells if cell.treated == treated]
    return sum(cell.events for cell in mine), sum(cell.n for cell in mine)
