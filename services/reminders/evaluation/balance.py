"""How alike the arms were at the start: standardised differences, and the size that chance alone gives them.

No p-values: where assignment was random, every difference is chance, and a test of that asks nothing. What matters is
whether they are larger than chance gives (then the assignment is in doubt), and which ones an adjustment should take.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from scipy.stats import norm

LARGE = 0.1


@dataclass(frozen=True, slots=True)
class Row:
    """One level of one covariate: its share in each arm, and the standardised difference, None where no arm varies."""

    covariate: str
    level: str
    treated: float
    control: float
    d: float | None


@dataclass(frozen=True, slots=True)
class Balance:
    """`band` holds 95% of the |d| that chance gives at this size; `over_tenth_by_chance` is the share over 0.1."""

    rows: tuple[Row, ...]
    band: float | None
    over_tenth_by_chance: float | None
    over_tenth: int


def balance(counts: Mapping[str, Mapping[str, tuple[int, int]]], treated: int, control: int) -> Balance:
    """Compare the arms, of `treated` and `control` people, by covariate → level → (treated people, control people)."""
    if treated == 0 or control == 0:
        return Balance((), None, None, 0)
    rows = tuple(
        Row(covariate, level, one / treated, other / control, standardised(one / treated, other / control))
        for covariate, levels in counts.items()
        for level, (one, other) in levels.items()
    )
    return Balance(
        rows=rows,
        band=float(norm.isf(0.025)) * _spread(treated, control),
        over_tenth_by_chance=chance_over(LARGE, treated, control),
        over_tenth=sum(row.d is not None and abs(row.d) > LARGE for row in rows),
    )


def standardised(treated: float, control: float) -> float | None:
    """The difference of two shares in standard deviations (Austin 2009, Statistics in Medicine 28:3083)."""
    variance = (treated * (1 - treated) + control * (1 - control)) / 2
    return (treated - control) / math.sqrt(variance) if variance > 0 else None


def chance_over(threshold: float, treated: int, control: int) -> float:
    """The share of covariates whose |d| exceeds the threshold where only chance made the arms.

    >>> round(chance_over(0.1, 150, 150), 2)
    0.39
    """
    return float(2 * norm.sf(threshold / _spread(treated, control)))


def _spread(treated: int, control: int) -> float:
    return math.sqrt(1 / treated + 1 / control)
