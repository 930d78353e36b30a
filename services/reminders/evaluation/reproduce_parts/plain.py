"""Arms as they are, and plain two-by-two tables: a part of the evaluator's script."""

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2_contingency, fisher_exact, ttest_1samp, ttest_ind
from statsmodels.stats.contingency_tables import Table2x2
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from services.reminders.evaluation.reproduce_parts.rows import Figures, Study, number_needed, undefined


def counted(known: pd.DataFrame, name: str, arm: str) -> tuple[int, int]:
    """Events and people of an arm."""
    had = known[known.arm == arm][name]
    return int(had.sum()), len(had)


def arm_rate(events: int, n: int, level: float, fewest: int = 1) -> Figures:
    """A rate with Wilson's interval, where there are people enough."""
    told: Figures = {"events": events, "n": n, "rate": None, "ci": None}
    if n >= fewest:
        ci = proportion_confint(events, n, alpha=1 - level, method="wilson")
        told |= {"rate": events / n, "ci": list(ci)}
    return told


def unadjusted(study: Study, known: pd.DataFrame, name: str, shown: list[str]) -> Figures:
    """Every pair of arms, and all of them at once, as if each person had been assigned alone."""
    counts = {arm: counted(known, name, arm) for arm in shown}
    return {
        "level": study.level,
        "arms": [{"name": arm} | arm_rate(*counts[arm], study.level) for arm in shown],
        "comparisons": [
            {"treated": one, "control": other} | two_by_two(*counts[one], *counts[other], study.level)
            for one, other in combinations(shown, 2)
        ],
        "overall": {"chi_squared": chi_squared(list(counts.values()))},
    }


def two_by_two(a: int, n1: int, b: int, n0: int, level: float) -> Figures:
    """`a` events of `n1` treated against `b` of `n0` controls."""
    table = Table2x2(np.array([[a, n1 - a], [b, n0 - b]], dtype=float), shift_zeros=False)

    def interval(compare: str, method: str) -> list[float]:
        found = confint_proportions_2indep(a, n1, b, n0, compare=compare, method=method, alpha=1 - level)
        return [float(end) for end in found]

    ratio: Figures = {"estimate": table.riskratio if b else None, "ci": None}
    if a and b and a + b < n1 + n0:
        ratio["ci"] = interval("ratio", "log")
    odds: Figures = {"estimate": table.oddsratio if b and n1 - a else None, "ci": None}
    if np.all(table.table > 0):
        odds["ci"] = interval("odds-ratio", "logit")
    difference: Figures = {"estimate": a / n1 - b / n0, "ci": interval("diff", "newcomb")}
    needed, ci = number_needed(difference["estimate"], difference["ci"])
    return {
        "risk_difference": difference,
        "risk_ratio": ratio,
        "odds_ratio": odds,
        "chi_squared": chi_squared([(a, n1), (b, n0)]),
        "fisher": {"p": fisher_exact([[a, n1 - a], [b, n0 - b]]).pvalue},
        "number_needed_to_treat": needed,
        "number_needed_to_treat_ci": ci,
    }


def chi_squared(counts: list[tuple[int, int]]) -> Figures:
    """Pearson's test without correction; none where everybody or nobody had the event."""
    table = np.array([(events, n - events) for events, n in counts])
    if not table.sum(axis=0).all():
        return {"statistic": None, "df": len(counts) - 1, "p": None, "smallest_expected": 0.0}
    test = chi2_contingency(table, correction=False)
    return {
        "statistic": test.statistic,
        "df": test.dof,
        "p": test.pvalue,
        "smallest_expected": test.expected_freq.min(),
    }


def mean_days(days: Any, level: float, fewest: int) -> Figures:
    """Mean days of an arm, where there are people enough."""
    told: Figures = {"n": len(days), "days": int(days.sum()), "mean": None, "ci": None}
    if len(days) >= fewest:
        ci = [days.mean()] * 2
        if days.var() > 0:
            ci = list(ttest_1samp(days, 0).confidence_interval(level))
        told |= {"mean": days.mean(), "ci": [max(0.0, ci[0]), ci[1]]}
    return told


def welch(one: Any, other: Any, level: float) -> Figures:
    """The plain difference of two arms' mean days."""
    difference = one.mean() - other.mean()
    if not one.var() + other.var() > 0:
        return undefined(difference)
    test = ttest_ind(one, other, equal_var=False)
    return {
        "estimate": difference,
        "ci": list(test.confidence_interval(level)),
        "se": difference / test.statistic if difference else np.sqrt(one.sem() ** 2 + other.sem() ** 2),
        "df": test.df,
        "p": test.pvalue,
    }
