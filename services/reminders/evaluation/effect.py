"""What an analysis answers: a difference with its interval, and how it was come by."""

from dataclasses import dataclass
from typing import Any

from scipy.stats import norm
from scipy.stats import t as student

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Effect:
    """A difference of proportions, treated less control, unrounded; None is what the data leave undefined.

    `df` are the t distribution's degrees of freedom behind `ci` and `p`; None means the normal.
    """

    estimate: float | None
    ci: Interval | None
    se: float | None
    df: float | None
    p: float | None
    method: str


@dataclass(frozen=True, slots=True)
class Permutation:
    """The share of `draws` other allocations, as likely as this one, whose difference is at least as large."""

    p: float
    draws: int
    method: str


@dataclass(frozen=True, slots=True)
class Analysis:
    """The primary comparison of a design that allocates whole courts or court-weeks.

    `clusters` were compared; `people` are in them. `left_out` names what one arm alone held, which says nothing
    about the difference, and `people_left_out` counts the people there. `icc` is the share of the variance that
    lies between clusters, where it can be told.
    """

    method: str
    risk_difference: Effect
    permutation: Permutation | None
    clusters: int
    icc: float | None
    people: int
    left_out: tuple[str, ...]
    people_left_out: int
    note: str


def undefined(method: str, estimate: float | None = None) -> Effect:
    """An effect without an interval."""
    return Effect(estimate, None, None, None, None, method)


def effect(estimate: float, se: float, method: str, level: float = 0.95, df: float | None = None) -> Effect:
    """An estimate with its symmetric interval and two-sided p; without an interval where `se` is zero or not a number."""
    # Where every cluster has the same rate, rounding leaves an error of 1e-17 or so.
    if not se > 1e-12:
        return undefined(method, estimate)
    law: Any = norm if df is None else student(df)
    margin = float(law.isf((1 - level) / 2)) * se
    p = float(2 * law.sf(abs(estimate) / se))
    return Effect(estimate, (estimate - margin, estimate + margin), se, df, p, method)
