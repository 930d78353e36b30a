"""The difference adjusted for what was known at enrolment: a logit, and the arm's average marginal effect.

A binomial model of grouped people gives the estimates of the same people one by one. The average marginal effect is
the mean over people of their fitted rate with treatment less their rate without, with the delta method's error.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM

from services.reminders.evaluation.effect import Effect, effect, undefined
from services.reminders.evaluation.permutation import Floats
from services.reminders.evaluation.two_by_two import Estimate

METHOD = "logit, average marginal effect"
# Beyond this a coefficient stands for a group in which everybody or nobody had the event: there is no estimate.
_SEPARATED = 15.0


@dataclass(frozen=True, slots=True)
class Adjusted:
    """`effect` is the arm's average marginal effect on the rate; `odds_ratio` the arm's, given the covariates."""

    effect: Effect
    odds_ratio: Estimate
    covariates: tuple[str, ...]
    errors: Literal["model", "clustered"]
    people: int


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
    had, people, treated = events[full].astype(float), n[full].astype(float), treated[full]
    groups = None if cluster is None else cluster[full]
    columns = [_columns(np.asarray(values)[full]) for values in covariates.values()]
    fixed = _independent(np.column_stack([treated.astype(float), np.ones(people.size), *columns]))
    found, odds = undefined(METHOD), Estimate(None, None, METHOD)
    if all(0 < had[arm].sum() < people[arm].sum() for arm in (treated, ~treated)):
        found, odds = _fit(had, people, fixed, groups, level)
    return Adjusted(
        effect=found,
        odds_ratio=odds,
        covariates=tuple(covariates),
        errors="model" if groups is None else "clustered",
        people=int(people.sum()),
    )


def _columns(values: NDArray[Any]) -> Floats:
    if values.dtype.kind == "f":
        centred: Floats = (values - values.mean())[:, None]
        return centred
    levels, code = np.unique(values.astype(str), return_inverse=True)
    return np.eye(levels.size)[code][:, 1:]


def _independent(fixed: Floats) -> Floats:
    """The columns that do not follow from those before them."""
    triangle = np.linalg.qr(fixed, mode="r")
    size = np.abs(np.diag(triangle))
    return fixed[:, size > 1e-9 * size.max()]


def _fit(
    events: Floats, n: Floats, fixed: Floats, groups: NDArray[np.int64] | None, level: float
) -> tuple[Effect, Estimate]:
    how: dict[str, Any] = {} if groups is None else {"cov_type": "cluster", "cov_kwds": {"groups": groups}}
    with warnings.catch_warnings():
        # Separation is told by what comes out.
        warnings.simplefilter("ignore")
        fitted = GLM(np.column_stack([events, n - events]), fixed, family=Binomial()).fit(**how)
    arm, covariance = float(fitted.params[0]), np.asarray(fitted.cov_params())
    if not fitted.converged or abs(arm) > _SEPARATED:
        return undefined(METHOD), Estimate(None, None, METHOD)
    rest = fixed @ fitted.params - fixed[:, 0] * arm
    weight = n / n.sum()
    # The rates of everybody with treatment and without, and the gradient of their mean difference.
    with_it, without = 1 / (1 + np.exp(-rest - arm)), 1 / (1 + np.exp(-rest))
    steep, flat = weight * with_it * (1 - with_it), weight * without * (1 - without)
    gradient = (steep - flat) @ fixed
    gradient[0] = steep.sum()
    error = float(np.sqrt(gradient @ covariance @ gradient))
    found = effect(float(weight @ (with_it - without)), error, METHOD, level)
    margin = float(norm.isf((1 - level) / 2)) * float(fitted.bse[0])
    ratio = (float(np.exp(arm - margin)), float(np.exp(arm + margin)))
    return found, Estimate(float(np.exp(arm)), ratio, METHOD)
