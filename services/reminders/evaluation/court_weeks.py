"""The comparison where whole court-weeks were assigned: one rate a court-week, compared within courts.

People of one court-week share a bench, a list and a week's weather, so they are not independent; court-weeks are
taken to be, within their court. The rates are compared by least squares with the courts as fixed effects and the t
distribution (Hayes and Moulton 2017, Cluster Randomised Trials, chapter 10): every court-week counts the same,
whatever its size. Beside it stands a permutation test that exchanges arms only within the allocation's blocks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from statsmodels.regression.linear_model import OLS

from services.reminders.evaluation.effect import Analysis, Effect, Permutation, effect, undefined
from services.reminders.evaluation.permutation import Floats, permuted
from services.reminders.evaluation.permutation import test as permutation_test

METHOD = "court-week rates, least squares within courts"
PERMUTED = "arms exchanged within blocks of court-weeks"
NOTE = "Each court-week counts once, whatever its size: people of one court-week are not independent of each other."


@dataclass(frozen=True, slots=True)
class ClusterCell:
    """One court-week: `events` of `n` people. `block` is its block of the allocation in that court."""

    court: str
    week: int
    block: int
    treated: bool
    events: int
    n: int


def court_weeks(cells: Sequence[ClusterCell], level: float = 0.95, draws: int = 4_999) -> Analysis:
    """Compare treated with other court-weeks; a week without people is no cluster, a court with one arm is left out.

    The degrees of freedom are court-weeks less courts less 1; where none are left there is no interval.
    """
    full = [cell for cell in cells if cell.n > 0]
    used, left_out = _both_arms(full)
    out = [cell for cell in full if cell.court in left_out]
    found, permutation, icc = undefined(METHOD), None, None
    if used:
        found, permutation = _compare(used, level, draws)
        icc = _intraclass(used)
    return Analysis(
        method="court-week",
        risk_difference=found,
        permutation=permutation,
        clusters=len(used),
        icc=icc,
        people=sum(cell.n for cell in used),
        left_out=left_out,
        people_left_out=sum(cell.n for cell in out),
        note=NOTE,
    )


def _both_arms(cells: Sequence[ClusterCell]) -> tuple[list[ClusterCell], tuple[str, ...]]:
    arms: dict[str, set[bool]] = {}
    for cell in cells:
        arms.setdefault(cell.court, set()).add(cell.treated)
    alone = tuple(sorted(court for court, held in arms.items() if len(held) == 1))
    return [cell for cell in cells if cell.court not in alone], alone


def _compare(cells: Sequence[ClusterCell], level: float, draws: int) -> tuple[Effect, Permutation | None]:
    rates = np.array([cell.events / cell.n for cell in cells])
    treated = np.array([cell.treated for cell in cells], dtype=float)
    courts, court = np.unique([cell.court for cell in cells], return_inverse=True)
    fitted = OLS(rates, np.column_stack([treated, np.eye(courts.size)[court]])).fit()
    df = float(fitted.df_resid)
    estimate = float(fitted.params[0])
    if df < 1:
        return undefined(METHOD, estimate), None
    found = effect(estimate, float(fitted.bse[0]), METHOD, level, df)
    if draws < 1:
        return found, None
    return found, permutation_test(
        estimate, lambda: _elsewhere(cells, rates, treated, court, draws), PERMUTED
    )


def _elsewhere(
    cells: Sequence[ClusterCell], rates: Floats, treated: Floats, court: NDArray[np.int64], draws: int
) -> Floats:
    """The difference under other allocations: each keeps how many weeks of a block are treated, so one division serves."""
    _, blocks = np.unique([f"{cell.court} {cell.block}" for cell in cells], return_inverse=True)
    share = np.bincount(court, treated) / np.bincount(court)
    centred = treated - share[court]
    drawn = treated[permuted(blocks.tolist(), draws)] - share[court]
    result: Floats = drawn @ rates / (centred @ centred)
    return result


def _intraclass(cells: Sequence[ClusterCell]) -> float | None:
    """The intraclass correlation by analysis of variance, court-weeks within court and arm; 0 where it comes out below."""
    n = np.array([cell.n for cell in cells], dtype=float)
    events = np.array([cell.events for cell in cells], dtype=float)
    _, group = np.unique([f"{cell.court} {cell.treated}" for cell in cells], return_inverse=True)
    people, clusters, groups = n.sum(), len(cells), int(group.max()) + 1
    if clusters in (groups, people):
        return None
    mean = np.bincount(group, events) / np.bincount(group, n)
    between = (n * (events / n - mean[group]) ** 2).sum() / (clusters - groups)
    within = (events * (1 - events / n)).sum() / (people - clusters)
    size = (people - (np.bincount(group, n**2) / np.bincount(group, n)).sum()) / (clusters - groups)
    total = between + (size - 1) * within
    return max(0.0, float((between - within) / total)) if total > 0 else None
