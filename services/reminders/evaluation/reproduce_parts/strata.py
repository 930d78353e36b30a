"""People assigned one by one, compared within courts and kinds of case: a part of the evaluator's script."""

from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.stats import chi2, norm
from statsmodels.stats.contingency_tables import StratifiedTable

from services.reminders.evaluation.reproduce_parts.rows import Figures, difference_of, undefined


def tables_of(pair: pd.DataFrame, name: str) -> tuple[Any, int, int]:
    """Events and people of the treated, then of the control, a row a stratum that has both; how many strata; people of the others."""
    told = pair.groupby(["court_group", "case", "treated"])[name].agg(["sum", "count"])
    order = [(what, arm) for arm in (1, 0) for what in ("sum", "count")]
    tables = told.unstack("treated").reindex(columns=order).to_numpy(dtype=float)
    both = ~np.isnan(tables).any(axis=1)
    return tables[both], int(both.sum()), int(np.nansum(tables[~both][:, [1, 3]]))


def risk_difference(tables: Any, level: float) -> Figures:
    """Mantel and Haenszel's, with Sato's standard error and Klingenberg's interval.

    Sato 1989, Biometrics 45:1323: at a difference d the estimate's variance is d P + Q. Klingenberg 2014, Statistics in Medicine
    33:2968: a bound is the d which the estimate is just z of its standard errors away from, z² (d P + Q) = (estimate - d)².
    """
    if not len(tables):
        return undefined()
    a, n1, b, n0 = tables.T
    n = n1 + n0
    weight = n1 * n0 / n
    estimate = float(np.average(a / n1 - b / n0, weights=weight))
    if not informative(tables):
        return undefined(estimate)
    p = ((n1**2 * b - n0**2 * a + n1 * n0 * (n0 - n1) / 2) / n**2).sum() / weight.sum() ** 2
    q = ((a * (n0 - b) + b * (n1 - a)) / (2 * n)).sum() / weight.sum() ** 2
    z2 = norm.isf((1 - level) / 2) ** 2
    ends = np.roots([1, -2 * estimate - z2 * p, estimate**2 - z2 * q]).real
    variance = estimate * p + q
    return {
        "estimate": estimate,
        "ci": [max(-1.0, ends.min()), min(1.0, ends.max())],
        "se": np.sqrt(variance) if variance > 1e-15 else None,
        "df": None,
        "p": cochran(tables)["p"],
    }


def informative(tables: Any) -> bool:
    """Whether some stratum has people with the event and without."""
    had, people = tables[:, 0] + tables[:, 2], tables[:, 1] + tables[:, 3]
    return bool(np.any((had > 0) & (had < people)))


def pooled_of(tables: Any) -> Any:
    """The strata as statsmodels takes them."""
    return StratifiedTable([[[a, n1 - a], [b, n0 - b]] for a, n1, b, n0 in tables])


def cochran(tables: Any) -> Figures:
    """Cochran's, Mantel's and Haenszel's test."""
    if not informative(tables):
        return {"statistic": None, "df": 1, "p": None}
    statistic = pooled_of(tables).test_null_odds(correction=False).statistic
    return {"statistic": statistic, "df": 1, "p": chi2.sf(statistic, 1)}


def risk_ratio(tables: Any, level: float) -> Figures:
    """Mantel and Haenszel's; its interval is Greenland's and Robins' (1985, Biometrics 41:55)."""
    told: Figures = {"estimate": None, "ci": None}
    a, n1, b, n0 = tables.T if len(tables) else np.zeros((4, 1))
    if not b.any():
        return told
    told["estimate"] = pooled_of(tables).riskratio_pooled
    if a.any() and informative(tables):
        n = n1 + n0
        spread = ((n1 * n0 * (a + b) - a * b * n) / n**2).sum() / ((a * n0 / n).sum() * (b * n1 / n).sum())
        told["ci"] = list(told["estimate"] * np.exp(np.array(norm.interval(level)) * np.sqrt(spread)))
    return told


def odds_ratio(tables: Any, level: float) -> Figures:
    """Mantel and Haenszel's; its interval is Robins', Breslow's and Greenland's (1986)."""
    told: Figures = {"estimate": None, "ci": None}
    a, n1, b, n0 = tables.T if len(tables) else np.zeros((4, 1))
    if not ((n1 - a) * b).any():
        return told
    found = pooled_of(tables)
    told["estimate"] = found.oddsratio_pooled
    if (a * (n0 - b)).any():
        told["ci"] = list(found.oddsratio_pooled_confint(alpha=1 - level))
    return told


def within_strata(pair: pd.DataFrame, name: str, level: float) -> Figures:
    """All of it for one outcome."""
    tables, used, left_out = tables_of(pair, name)
    return {
        "level": level,
        "risk_difference": risk_difference(tables, level),
        "risk_ratio": risk_ratio(tables, level),
        "odds_ratio": odds_ratio(tables, level),
        "test": cochran(tables),
        "strata_used": used,
        "people_left_out": left_out,
    }


def means_within_strata(pair: pd.DataFrame, name: str, level: float) -> Figures:
    """Least squares within strata; the error from each stratum's and arm's own variance. Two people an arm at least."""
    stratum = ["court_group", "case"]
    enough = pair[pair.groupby([*stratum, "treated"])[name].transform("size") > 1]
    within = enough[enough.groupby(stratum).treated.transform("nunique") == 2]
    told: Figures = {
        "people": len(within),
        "people_left_out": len(pair) - len(within),
        "mean_difference": undefined(),
    }
    if len(within):
        fixed = pd.get_dummies(within.court_group + " " + within.case).astype(float)
        fitted = sm.OLS(within[name], fixed.assign(treated=within.treated)).fit()
        days = within.groupby([*stratum, "treated"])[name].agg(["var", "count"]).unstack("treated")
        weight = 1 / (1 / days["count"]).sum(axis=1)
        variance = (days["var"] / days["count"]).sum(axis=1)
        se = np.sqrt((weight**2 * variance).sum()) / weight.sum()
        told["mean_difference"] = difference_of(fitted.params["treated"], se, level)
    return told
