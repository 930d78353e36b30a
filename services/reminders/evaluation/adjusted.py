"""The difference adjusted for what was known at enrolment: a logit, and the arm's average marginal effect.

A binomial model of grouped people gives the estimates of the same people one by one, so statsmodels fits one row a
pattern of arm and covariates, however many people there are. Clustered errors need which patterns share a cluster,
and no more. The average marginal effect is the mean over people of their fitted rate with treatment less their rate
without, with the delta method's error.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.stats import norm
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM

from services.reminders.evaluation.columns import independent
from services.reminders.evaluation.effect import Effect, effect, undefined
from services.reminders.evaluation.permutation import Floats
from services.reminders.evaluation.two_by_two import Estimate

METHOD = "logit, average marginal effect"
# Log odds beyond this stand for a group in which everybody or nobody had the event: there is no estimate.
_SEPARATED = 15.0


@dataclass(frozen=True, slots=True)
class Adjusted:
    """`effect` is the arm's average marginal effect on the rate; `odds_ratio` the arm's, given the covariates."""

    effect: Effect
    odds_ratio: Estimate
    covariates: tuple[str, ...]
    errors: Literal["model", "clustered"]
    people: int


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows given, each with the number of its pattern."""

    pattern: NDArray[np.int64]
    events: Floats
    n: Floats
    cluster: NDArray[np.int64] | None

    def of(self, kept: NDArray[np.bool_]) -> "_Rows":
        """The rows of these patterns, which are numbered anew."""
        mine = kept[self.pattern]
        number = (np.cumsum(kept) - 1)[self.pattern[mine]]
        return _Rows(
            number, self.events[mine], self.n[mine], None if self.cluster is None else self.cluster[mine]
        )


def adjusted(
    events: NDArray[np.int64],
    n: NDArray[np.int64],
    treated: NDArray[np.bool_],
    covariates: Mapping[str, Sequence[Any] | NDArray[Any]],
    cluster: NDArray[np.int64] | None = None,
    level: float = 0.95,
) -> Adjusted:
    """A row a pattern of arm and covariates (within a cluster, where there are clusters): `events` of `n` people.

    A covariate of numbers with a fraction enters as it is, any other as its levels. Undefined where an arm is empty,
    or where the arm's events or others are none.
    """
    full = np.asarray(n) > 0
    columns = [treated[full], *(np.asarray(values)[full] for values in covariates.values())]
    first, pattern = _patterns(columns)
    row = _Rows(
        pattern,
        events[full].astype(float),
        n[full].astype(float),
        None if cluster is None else np.unique(cluster[full], return_inverse=True)[1],
    )
    had, people = (np.asarray(np.bincount(pattern, counts), dtype=float) for counts in (row.events, row.n))
    fixed = independent(
        np.column_stack(
            [
                columns[0][first].astype(float),
                np.ones(first.size),
                *(_terms(column, first, people) for column in columns[1:]),
            ]
        )
    )
    found, odds = _fit(row, had, people, fixed, level)
    return Adjusted(
        effect=found,
        odds_ratio=odds,
        covariates=tuple(covariates),
        errors="model" if cluster is None else "clustered",
        people=int(people.sum()),
    )


def _patterns(columns: Sequence[NDArray[Any]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first row of each pattern, and each row's pattern."""
    code = np.zeros(columns[0].size, dtype=np.int64)
    for column in columns:
        levels, mine = np.unique(column, return_inverse=True)
        # Numbered anew each time, so that many levels of many covariates never outgrow an integer.
        _, code = np.unique(code * levels.size + mine, return_inverse=True)
    _, first = np.unique(code, return_index=True)
    return first, code


def _terms(column: NDArray[Any], first: NDArray[np.int64], people: Floats) -> Floats:
    """A covariate's columns by pattern: a number as it is, less its mean; else one a level but the first."""
    values = column[first]
    if column.dtype.kind == "f":
        centred: Floats = (values - np.average(values, weights=people))[:, None]
        return centred
    levels, code = np.unique(values, return_inverse=True)
    return np.eye(levels.size)[code][:, 1:]


def _fit(row: _Rows, had: Floats, people: Floats, fixed: Floats, level: float) -> tuple[Effect, Estimate]:
    nothing = undefined(METHOD), Estimate(None, None, METHOD)
    everybody = people.sum()
    clusters = 0 if row.cluster is None else int(row.cluster.max()) + 1
    fitted = _logit(had, people, fixed)
    if fitted is not None:
        settled = np.abs(fixed @ fitted.params) > _SEPARATED
        if settled.any():
            # People of a level in which nobody, or everybody, had the event say nothing of the arms. Their coefficient has no end,
            # and its error, as large as rounding leaves it, would stand in the arm's: it made one of .0391 one of .0392.
            row, had, people, fixed = (
                row.of(~settled),
                had[~settled],
                people[~settled],
                independent(fixed[~settled]),
            )
            fitted = _logit(had, people, fixed)
    if fitted is None:
        return nothing
    arm, covariance = float(fitted.params[0]), np.asarray(fitted.cov_params())
    if row.cluster is not None:
        covariance = _clustered(row, np.asarray(fitted.fittedvalues), fixed, clusters, covariance)
    rest = fixed @ fitted.params - fixed[:, 0] * arm
    weight = people / everybody
    # The rates of everybody with treatment and without, and the gradient of their mean difference.
    with_it, without = 1 / (1 + np.exp(-rest - arm)), 1 / (1 + np.exp(-rest))
    steep, flat = weight * with_it * (1 - with_it), weight * without * (1 - without)
    gradient = (steep - flat) @ fixed
    gradient[0] = steep.sum()
    error = float(np.sqrt(gradient @ covariance @ gradient))
    found = effect(float(weight @ (with_it - without)), error, METHOD, level)
    margin = float(norm.isf((1 - level) / 2) * np.sqrt(covariance[0, 0]))
    ratio = (float(np.exp(arm - margin)), float(np.exp(arm + margin)))
    return found, Estimate(float(np.exp(arm)), ratio, METHOD)


def _logit(had: Floats, people: Floats, fixed: Floats) -> Any:
    """statsmodels' fit; None where an arm's events or others are none, or the arm's coefficient has no end."""
    arm = fixed[:, 0] == 1
    if not all(0 < had[members].sum() < people[members].sum() for members in (arm, ~arm)):
        return None
    with warnings.catch_warnings():
        # Separation is told by what comes out.
        warnings.simplefilter("ignore")
        fitted = GLM(np.column_stack([had, people - had]), fixed, family=Binomial()).fit(tol=1e-12)
    return fitted if fitted.converged and abs(fitted.params[0]) <= _SEPARATED else None


def _clustered(row: _Rows, rate: Floats, fixed: Floats, clusters: int, covariance: Floats) -> Floats:
    """The covariance where people of a cluster are not independent (Liang and Zeger 1986), clusters over clusters - 1."""
    rest = row.events - row.n * rate[row.pattern]
    scores = csr_array((rest, (row.cluster, row.pattern)), shape=(clusters, rate.size))
    meat = fixed.T @ (scores.T @ scores) @ fixed
    sandwich: Floats = covariance @ meat @ covariance * clusters / (clusters - 1)
    return sandwich
