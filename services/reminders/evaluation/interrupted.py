"""Before and after, where everybody was offered the texts: an interrupted time series, and not a randomised comparison.

Weighted least squares on monthly rates: a level and a slope before, a change of each from the first month with texts,
and one yearly wave (sine and cosine of the month), the months' terms that twelve points can carry: with a term for
each month, a level cannot be told from a slope until a month has come round twice before the texts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from statsmodels.regression.linear_model import WLS

from services.reminders.evaluation.effect import Effect, effect
from services.reminders.evaluation.permutation import Floats
from services.reminders.evaluation.refusals import Refusal

FEWEST_BEFORE, FEWEST_AFTER = 12, 8
HEADING = "Not a randomised comparison"
METHOD = "interrupted time series, weighted least squares with a yearly wave"


@dataclass(frozen=True, slots=True)
class Point:
    """One month (its first day): `events` of `n` people."""

    month: date
    events: int
    n: int


@dataclass(frozen=True, slots=True)
class Interrupted:
    """What changed when the texts began. `level_change` is a difference of proportions at once, `slope_change` a month.

    `fitted` and `expected` (the line without the texts) are rates by month, for the chart; with a neighbour they are
    differences from it. `autocorrelation` is that of the residuals at one month: where it is far from zero the
    intervals are too narrow.
    """

    heading: str
    level_change: Effect
    slope_change: Effect
    before: int
    after: int
    months: tuple[date, ...]
    fitted: tuple[float, ...]
    expected: tuple[float, ...]
    autocorrelation: float | None


def interrupted(
    points: Sequence[Point], since: date, level: float = 0.95, neighbour: Sequence[Point] | None = None
) -> Interrupted | Refusal:
    """Compare the months from `since` with what the months before let expect; a month without people is no point.

    With a `neighbour`, a series without texts, the months' differences from it are compared, where both have people.
    Refused under 12 points before or 8 after.
    """
    series = _series(points, neighbour)
    months = [month for month, _, _ in series]
    before = sum(month < since for month in months)
    after = len(months) - before
    if before < FEWEST_BEFORE or after < FEWEST_AFTER:
        return Refusal(
            "too-few-points",
            f"No comparison over time is given: it has {before} months before and {after} after, and needs "
            f"{FEWEST_BEFORE} and {FEWEST_AFTER}.",
        )
    rates = np.array([rate for _, rate, _ in series])
    design = _design(months, since)
    fitted = WLS(rates, design, weights=np.array([weight for _, _, weight in series])).fit()
    without = fitted.fittedvalues - design[:, :2] @ fitted.params[:2]
    df = float(fitted.df_resid)
    change, slope = (
        effect(float(fitted.params[column]), float(fitted.bse[column]), METHOD, level, df)
        for column in (0, 1)
    )
    return Interrupted(
        heading=HEADING,
        level_change=change,
        slope_change=slope,
        before=before,
        after=after,
        months=tuple(months),
        fitted=tuple(fitted.fittedvalues.tolist()),
        expected=tuple(without.tolist()),
        autocorrelation=_autocorrelation(fitted.wresid),
    )


def _series(points: Sequence[Point], neighbour: Sequence[Point] | None) -> list[tuple[date, float, float]]:
    """(month, rate, weight) in order; the weight is the inverse of what chance adds, but for a constant."""
    own = {point.month: point for point in points if point.n > 0}
    if neighbour is None:
        return [(month, own[month].events / own[month].n, float(own[month].n)) for month in sorted(own)]
    other = {point.month: point for point in neighbour if point.n > 0}
    return [
        (
            month,
            own[month].events / own[month].n - other[month].events / other[month].n,
            1 / (1 / own[month].n + 1 / other[month].n),
        )
        for month in sorted(own.keys() & other.keys())
    ]


def _design(months: Sequence[date], since: date) -> Floats:
    """Columns: change of level, change of slope, level, slope, and the yearly wave."""
    number = np.array([12 * month.year + month.month for month in months], dtype=float)
    later = np.array([month >= since for month in months], dtype=float)
    start = number[later == 1].min()
    wave = 2 * np.pi * number / 12
    columns = [
        later,
        later * (number - start),
        np.ones(number.size),
        number - start,
        np.sin(wave),
        np.cos(wave),
    ]
    return np.column_stack(columns)


def _autocorrelation(residuals: Floats) -> float | None:
    total = float(residuals @ residuals)
    return float(residuals[1:] @ residuals[:-1]) / total if total > 1e-24 else None
