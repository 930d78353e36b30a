"""The comparisons as people were allocated, once more: a part of the evaluator's script (reproduce), which stands alone."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.optimize import minimize_scalar
from scipy.stats import chi2, norm
from scipy.stats import t as student
from statsmodels.stats.contingency_tables import StratifiedTable

DRAWS = 9_999
Figures = Iterator[tuple[str, float | None, float]]
Strata = list[tuple[int, int, int, int]]


def both(label: str, ci: list[float], computed: Any) -> Figures:
    """The two ends of an interval."""
    yield f"{label}: low", ci[0], computed[0]
    yield f"{label}: high", ci[1], computed[1]


def quantile(df: float | None, level: float) -> float:
    """How many standard errors an interval reaches to each side."""
    return float(norm.isf((1 - level) / 2) if df is None else student.isf((1 - level) / 2, df))


def strata(pair: pd.DataFrame, name: str, treated: str) -> Strata:
    """(Events, n) of the treated and of the control, where both have people."""
    found = []
    for _, rows in pair.groupby(["court_group", "case"]):
        one, other = rows[rows.arm == treated][name], rows[rows.arm != treated][name]
        if len(one) and len(other):
            found.append((int(one.sum()), len(one), int(other.sum()), len(other)))
    return found


def columns(tables: Strata) -> tuple[Any, ...]:
    """Events and people of each arm, an array each."""
    return tuple(np.array(column, dtype=float) for column in zip(*tables, strict=True))


def mantel_haenszel(tables: Strata) -> float:
    """The common risk difference."""
    a, n1, b, n0 = columns(tables)
    return float(np.average(a / n1 - b / n0, weights=n1 * n0 / (n1 + n0)))


def sato(tables: Strata, at: float) -> float:
    """Its standard error at a difference (Sato 1989, Biometrics 45:1323)."""
    a, n1, b, n0 = columns(tables)
    n = n1 + n0
    p = ((n1**2 * b - n0**2 * a + n1 * n0 * (n0 - n1) / 2) / n**2).sum()
    q = ((a * (n0 - b) + b * (n1 - a)) / (2 * n)).sum()
    return float(np.sqrt((at * p + q) / (n1 * n0 / n).sum() ** 2))


def risk_ratio(tables: Strata, found: Any, level: float) -> tuple[float, float]:
    """The common risk ratio's interval (Greenland and Robins 1985, Biometrics 41:55)."""
    a, n1, b, n0 = columns(tables)
    n = n1 + n0
    spread = ((n1 * n0 * (a + b) - a * b * n) / n**2).sum() / ((a * n0 / n).sum() * (b * n1 / n).sum())
    factor = np.exp(norm.isf((1 - level) / 2) * np.sqrt(spread))
    return found.riskratio_pooled / factor, found.riskratio_pooled * factor


def design(pair: pd.DataFrame, name: str, one: dict[str, Any], level: float) -> Figures:
    """The comparison as people were allocated."""
    difference, label = one["risk_difference"], f"{name} {one['treated']} by design"
    if difference["estimate"] is None:
        return
    if one["method"] == "stratified":
        yield from stratified(strata(pair, name, one["treated"]), one, label, level)
    elif one["method"] == "court-week":
        yield from court_weeks(pair, name, difference, one, label, level)
        if one["icc"] is not None:
            yield f"{label}: intraclass correlation", one["icc"], intraclass(pair, name)
    else:
        yield from stepped_wedge(pair, name, difference, one, label, level)


def stratified(tables: Strata, one: dict[str, Any], label: str, level: float) -> Figures:
    """Mantel and Haenszel's, within courts and kinds of case."""
    difference = one["risk_difference"]
    estimate = mantel_haenszel(tables)
    yield f"{label}: difference", difference["estimate"], estimate
    if difference["se"]:
        yield f"{label}: standard error", difference["se"], sato(tables, estimate)
        for end, bound in zip(("low", "high"), difference["ci"], strict=True):
            # Klingenberg 2014: a bound is where the difference is z of Sato's standard errors away, taken at the bound.
            if abs(bound) < 1:
                z = abs(estimate - bound) / sato(tables, bound)
                yield f"{label}: z at the {end} bound", norm.isf((1 - level) / 2), z
    found = StratifiedTable([[[a, n1 - a], [b, n0 - b]] for a, n1, b, n0 in tables])
    if one["odds_ratio"]["ci"]:
        yield f"{label}: odds ratio", one["odds_ratio"]["estimate"], found.oddsratio_pooled
        yield from both(
            f"{label}: odds ratio", one["odds_ratio"]["ci"], found.oddsratio_pooled_confint(1 - level)
        )
    if one["risk_ratio"]["ci"]:
        yield f"{label}: risk ratio", one["risk_ratio"]["estimate"], found.riskratio_pooled
        yield from both(f"{label}: risk ratio", one["risk_ratio"]["ci"], risk_ratio(tables, found, level))
    if difference["p"] is not None:
        yield f"{label}: p", difference["p"], chi2.sf(found.test_null_odds(correction=False).statistic, 1)


def means(pair: pd.DataFrame, name: str) -> pd.DataFrame:
    """The mean of each court-week or court-period, in the order of courts and units."""
    return pair.groupby(["court_group", "unit", "block", "arm"])[name].agg(["mean", "count"]).reset_index()


def weekly(pair: pd.DataFrame, name: str, treated: str) -> tuple[pd.DataFrame, Any]:
    """The court-weeks of courts with both arms, and least squares within courts."""
    found = means(pair, name)
    found = found[found.groupby("court_group").arm.transform("nunique") == 2]
    fixed = pd.get_dummies(found.court_group).astype(float)
    fixed.insert(0, "treated", (found.arm == treated).astype(float))
    return found, sm.OLS(found["mean"], fixed).fit()


def court_weeks(
    pair: pd.DataFrame, name: str, difference: dict[str, Any], one: dict[str, Any], label: str, level: float
) -> Figures:
    """The mean of each court-week, by least squares within courts; and arms exchanged within blocks."""
    found, fitted = weekly(pair, name, one["treated"])
    yield f"{label}: difference", difference["estimate"], fitted.params["treated"]
    if not difference["ci"]:
        return
    yield f"{label}: standard error", difference["se"], fitted.bse["treated"]
    yield f"{label}: p", difference["p"], fitted.pvalues["treated"]
    yield from both(label, difference["ci"], fitted.conf_int(1 - level).loc["treated"].tolist())
    if one.get("permutation"):
        found = found.sort_values(["court_group", "block"])
        block = found.groupby(["court_group", "block"]).ngroup().to_numpy()
        treated = (found.arm == one["treated"]).to_numpy(dtype=float)
        court = found.groupby("court_group").ngroup().to_numpy()
        keys = block + np.random.default_rng(1).random((DRAWS, len(block)))
        share = np.bincount(court, treated) / np.bincount(court)
        drawn = treated[np.argsort(keys, axis=1)] - share[court]
        centred = treated - share[court]
        others = drawn @ found["mean"].to_numpy() / (centred @ centred)
        yield f"{label}: p, drawn", one["permutation"]["p"], beyond(fitted.params["treated"], others)


def beyond(observed: float, others: Any) -> float:
    """The share of other allocations whose difference is at least as large."""
    return float((1 + (np.abs(others) >= abs(observed) - 1e-12).sum()) / (1 + len(others)))


def intraclass(pair: pd.DataFrame, name: str) -> float:
    """By analysis of variance, court-weeks within court and arm; 0 where it comes out below."""
    weeks_of = means(pair, name)
    weeks_of = weeks_of[weeks_of.groupby("court_group").arm.transform("nunique") == 2]
    n, rate = weeks_of["count"].to_numpy(dtype=float), weeks_of["mean"].to_numpy()
    group = weeks_of.groupby(["court_group", "arm"]).ngroup().to_numpy()
    people = np.bincount(group, n)
    centre = (np.bincount(group, n * rate) / people)[group]
    freedom = len(n) - len(people)
    between = (n * (rate - centre) ** 2).sum() / freedom
    within = (n * rate * (1 - rate)).sum() / (n.sum() - len(n))
    size = (n.sum() - (np.bincount(group, n**2) / people).sum()) / freedom
    return max(0.0, float((between - within) / (between + (size - 1) * within)))


def stepped_wedge(
    pair: pd.DataFrame, name: str, difference: dict[str, Any], one: dict[str, Any], label: str, level: float
) -> Figures:
    """A mixed model of court-periods: periods fixed, courts random, their variance by restricted maximum likelihood."""
    cells = means(pair, name)
    rates, treated = cells["mean"].to_numpy(), (cells.arm == one["treated"]).to_numpy(dtype=float)
    period = pd.get_dummies(cells.unit).to_numpy(dtype=float)
    court = pd.get_dummies(cells.court_group).to_numpy(dtype=float)
    fixed = np.column_stack([treated, period])

    def fitted(ratio: float) -> Any:
        return sm.GLS(rates, fixed, sigma=np.eye(len(rates)) + ratio * court @ court.T).fit()

    def criterion(root: float) -> float:
        model = fitted(root**2)
        spread = np.linalg.slogdet(np.eye(len(rates)) + root**2 * court @ court.T)[1]
        return float(
            model.df_resid * np.log(model.scale) + spread - np.linalg.slogdet(model.normalized_cov_params)[1]
        )

    if one.get("icc") is not None:
        root = min((0.0, minimize_scalar(criterion, bounds=(0, 10), method="bounded").x), key=criterion)
        yield f"{label}: intraclass correlation, searched", one["icc"], root**2 / (1 + root**2)
        model = fitted(one["icc"] / (1 - one["icc"]))
        nuisance = np.column_stack([period, court[:, 1:]])
        df = len(rates) - np.linalg.matrix_rank(nuisance) - 1
        estimate, se = model.params[0], model.bse[0]
        margin = student.isf((1 - level) / 2, df) * se
        yield f"{label}: difference", difference["estimate"], estimate
        yield f"{label}: standard error", difference["se"], se
        yield f"{label}: p", difference["p"], 2 * student.sf(abs(estimate) / se, df)
        yield from both(label, difference["ci"], (estimate - margin, estimate + margin))
    if one.get("permutation"):
        yield f"{label}: p, drawn", one["permutation"]["p"], steps_exchanged(rates, treated, period, court)


def steps_exchanged(rates: Any, treated: Any, period: Any, court: Any) -> float:
    """Least squares within courts and periods, for this order of the courts and for others."""
    number, place = period.argmax(axis=1), court.argmax(axis=1)
    steps = np.full(court.shape[1], period.shape[1])
    np.minimum.at(steps, place[treated == 1], number[treated == 1])
    within = np.column_stack([period, court[:, 1:]])
    rest = np.eye(len(rates)) - within @ np.linalg.pinv(within)
    draws = np.random.default_rng(1).permuted(np.tile(steps, (DRAWS, 1)), axis=1)
    arms = np.vstack([treated, number >= draws[:, place]]).astype(float) @ rest
    found = arms @ rates / (arms * arms).sum(axis=1)
    return beyond(found[0], found[1:])


def comparison(one: dict[str, Any]) -> Callable[[pd.DataFrame, str], float] | None:
    """The design's difference of any rows; None where it would need a variance of its own."""
    if one["method"] == "stratified":
        return lambda rows, name: mantel_haenszel(strata(rows, name, one["treated"]))
    if one["method"] == "court-week":
        return lambda rows, name: float(weekly(rows, name, one["treated"])[1].params["treated"])
    return None
