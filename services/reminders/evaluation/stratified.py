"""The design-based comparison of two arms allocated within strata (courts): Mantel-Haenszel estimates.

statsmodels gives the common odds ratio, the common risk ratio and the Cochran-Mantel-Haenszel test; it lacks the
common risk difference and the risk ratio's variance, which are written here.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scipy.stats import chi2, norm
from statsmodels.stats.contingency_tables import StratifiedTable

from services.reminders.evaluation.effect import Effect

Counts = Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class _Table:
    """One stratum: `x1` events of `n1` treated, `x0` of `n0` controls, both `n` at least 1."""

    x1: int
    n1: int
    x0: int
    n0: int

    @property
    def n(self) -> int:
        return self.n1 + self.n0


def stratified(
    strata: Sequence[tuple[str, Counts]], treated: str, control: str, level: float = 0.95
) -> dict[str, Any]:
    """Compare `treated` with `control` within strata, each (name, arm -> (events, n)).

    The risk difference has Sato's standard error (Sato 1989, Biometrics 45:1323) and Klingenberg's interval
    (2014, Statistics in Medicine 33:2968), which inverts the test with Sato's variance instead of adding 1.96 standard
    errors: simulated with two courts at 5% and 45% and 15 an arm in each, it misses 4.4% of the time, where the
    symmetric interval misses 5.7%. Both assume one difference common to the strata.

    Returns a JSON-able dict of unrounded figures: `risk_difference` (estimate, ci, se, method), `risk_ratio` and
    `odds_ratio` (estimate, ci, method), `test` (statistic, df, p), `level`, `strata_used`, and `strata_left_out`
    and `people_left_out`: a stratum with nobody in one arm says nothing about the difference. What is undefined,
    such as everything when nobody or everybody had the event, is None.
    """
    tables, left_out, people = _tables(strata, treated, control)
    z = float(norm.isf((1 - level) / 2))
    return {
        "treated": treated,
        "control": control,
        "level": level,
        "risk_difference": _risk_difference(tables, z),
        "risk_ratio": _risk_ratio(tables, z),
        "odds_ratio": _odds_ratio(tables, level),
        "test": _test(tables),
        "strata_used": len(tables),
        "strata_left_out": left_out,
        "people_left_out": people,
    }


def stratified_effect(
    strata: Sequence[tuple[str, Counts]], treated: str, control: str, level: float = 0.95
) -> Effect:
    """The risk difference of `stratified` as other designs give theirs; the p is Cochran's, Mantel's and Haenszel's."""
    tables, _, _ = _tables(strata, treated, control)
    found = _risk_difference(tables, float(norm.isf((1 - level) / 2)))
    ci = (found["ci"][0], found["ci"][1]) if found["ci"] else None
    return Effect(found["estimate"], ci, found["se"], None, _test(tables)["p"], found["method"])


def _tables(
    strata: Sequence[tuple[str, Counts]], treated: str, control: str
) -> tuple[list[_Table], list[str], int]:
    """The strata with both arms, the names of those with one, and how many people these hold."""
    tables, left_out, people = [], [], 0
    for name, counts in strata:
        (x1, n1), (x0, n0) = counts.get(treated, (0, 0)), counts.get(control, (0, 0))
        if n1 > 0 and n0 > 0:
            tables.append(_Table(x1, n1, x0, n0))
        elif n1 + n0 > 0:
            left_out.append(name)
            people += n1 + n0
    return tables, left_out, people


def _risk_difference(tables: Sequence[_Table], z: float) -> dict[str, Any]:
    undefined = {"estimate": None, "ci": None, "se": None, "method": "mantel-haenszel, klingenberg"}
    if not tables:
        return undefined
    weight = sum(t.n1 * t.n0 / t.n for t in tables)
    difference = sum((t.x1 * t.n0 - t.x0 * t.n1) / t.n for t in tables) / weight
    # P and Q as in Sato; the variance at a difference d is (d * sum(P) + sum(Q)) / weight**2.
    p = sum((t.n1**2 * t.x0 - t.n0**2 * t.x1 + t.n1 * t.n0 * (t.n0 - t.n1) / 2) / t.n**2 for t in tables)
    q = sum((t.x1 * (t.n0 - t.x0) + t.x0 * (t.n1 - t.x1)) / (2 * t.n) for t in tables)
    # Zero where one arm has nobody and the other everybody, and then rounding can leave it below; the interval stands.
    variance = max(0.0, (difference * p + q) / weight**2)
    if not _informative(tables):
        return undefined | {"estimate": difference}
    middle = difference + z**2 * p / (2 * weight**2)
    margin = math.sqrt(max(0.0, middle**2 - difference**2 + z**2 * q / weight**2))
    low, high = max(-1.0, middle - margin), min(1.0, middle + margin)
    return undefined | {
        "estimate": difference,
        "ci": [min(low, difference), max(high, difference)],
        "se": math.sqrt(variance) if variance > 0 else None,
    }


def _risk_ratio(tables: Sequence[_Table], z: float) -> dict[str, Any]:
    """Greenland and Robins 1985 (Biometrics 41:55) for the variance of the log."""
    upper = sum(t.x1 * t.n0 / t.n for t in tables)
    lower = sum(t.x0 * t.n1 / t.n for t in tables)
    undefined = {"estimate": None, "ci": None, "method": "mantel-haenszel, greenland-robins"}
    if lower == 0:
        return undefined
    estimate = float(_statsmodels(tables).riskratio_pooled)
    if upper == 0 or not _informative(tables):
        return undefined | {"estimate": estimate}
    spread = sum((t.n1 * t.n0 * (t.x1 + t.x0) - t.x1 * t.x0 * t.n) / t.n**2 for t in tables)
    factor = math.exp(z * math.sqrt(spread / (upper * lower)))
    return undefined | {"estimate": estimate, "ci": [estimate / factor, estimate * factor]}


def _odds_ratio(tables: Sequence[_Table], level: float) -> dict[str, Any]:
    """Robins, Breslow and Greenland 1986 for the interval, as statsmodels computes it."""
    upper = sum(t.x1 * (t.n0 - t.x0) for t in tables)
    lower = sum((t.n1 - t.x1) * t.x0 for t in tables)
    undefined = {"estimate": None, "ci": None, "method": "mantel-haenszel, robins-breslow-greenland"}
    if lower == 0:
        return undefined
    pooled = _statsmodels(tables)
    estimate = float(pooled.oddsratio_pooled)
    if upper == 0:
        return undefined | {"estimate": estimate}
    low, high = pooled.oddsratio_pooled_confint(alpha=1 - level)
    return undefined | {"estimate": estimate, "ci": [float(low), float(high)]}


def _test(tables: Sequence[_Table]) -> dict[str, Any]:
    if not _informative(tables):
        return {"statistic": None, "df": 1, "p": None, "method": "cochran-mantel-haenszel"}
    statistic = float(_statsmodels(tables).test_null_odds(correction=False).statistic)
    # statsmodels' own p is 1 - cdf, which is 0 beyond a statistic of about 70.
    p = float(chi2.sf(statistic, 1))
    return {"statistic": statistic, "df": 1, "p": p, "method": "cochran-mantel-haenszel"}


def _informative(tables: Sequence[_Table]) -> bool:
    """True when some stratum holds both people with the event and people without."""
    return any(0 < t.x1 + t.x0 < t.n for t in tables)


def _statsmodels(tables: Sequence[_Table]) -> Any:
    return StratifiedTable([[[t.x1, t.n1 - t.x1], [t.x0, t.n0 - t.x0]] for t in tables])
