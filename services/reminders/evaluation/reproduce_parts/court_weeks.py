"""Whole court-weeks assigned: a mean each, compared within courts. A part of the evaluator's script."""

from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.stats import f as f_law

from services.reminders.evaluation.reproduce_parts.rows import Figures, difference_of, undefined

DRAWS = 9_999


def means_of(pair: pd.DataFrame, name: str) -> pd.DataFrame:
    """The mean of each court-week or court-period, and its people."""
    grouped = pair.groupby(["court_group", "unit", "block", "treated"])[name]
    return grouped.agg(["mean", "count"]).reset_index()


def weekly(pair: pd.DataFrame, name: str) -> tuple[pd.DataFrame, int]:
    """The court-weeks of courts that have both arms; people of the others."""
    every = means_of(pair, name)
    both = every.groupby("court_group").treated.transform("nunique") == 2
    return every[both], int(every[~both]["count"].sum())


def weeks_difference(weeks: pd.DataFrame, level: float) -> tuple[Figures, bool]:
    """Least squares of the means with courts fixed; whether any degrees of freedom are left for an error."""
    if not len(weeks):
        return undefined(), False
    fixed = pd.get_dummies(weeks.court_group).astype(float)
    fitted = sm.OLS(weeks["mean"], fixed.assign(treated=weeks.treated)).fit()
    if fitted.df_resid < 1:
        return undefined(fitted.params["treated"]), False
    return difference_of(fitted.params["treated"], fitted.bse["treated"], level, fitted.df_resid), True


def by_weeks(pair: pd.DataFrame, name: str, level: float) -> Figures:
    """All of it for one outcome."""
    weeks, left_out = weekly(pair, name)
    found, with_error = weeks_difference(weeks, level)
    return {
        "risk_difference": found,
        "permutation": {"p": arms_exchanged(weeks), "draws": DRAWS} if with_error else None,
        "clusters": len(weeks),
        "icc": intraclass(weeks) if len(weeks) else None,
        "people": int(weeks["count"].sum()),
        "people_left_out": left_out,
    }


def arms_exchanged(weeks: pd.DataFrame) -> float:
    """The same difference with the arms exchanged at random within the allocation's blocks."""
    weeks = weeks.sort_values(["court_group", "block"])
    block = weeks.groupby(["court_group", "block"]).ngroup().to_numpy()
    court = weeks.groupby("court_group").ngroup().to_numpy()
    treated = weeks.treated.to_numpy()
    keys = block + np.random.default_rng(1).random((DRAWS, len(block)))
    arms = np.vstack([treated, treated[np.argsort(keys, axis=1)]])
    centred = arms - (np.bincount(court, treated) / np.bincount(court))[court]
    found = centred @ weeks["mean"].to_numpy() / (centred[0] @ centred[0])
    return share_beyond(found[0], found[1:])


def share_beyond(observed: float, others: Any) -> float:
    """The share of allocations, the real one among them, whose difference is at least as large."""
    return float((1 + (np.abs(others) >= abs(observed) - 1e-12).sum()) / (1 + len(others)))


def intraclass(weeks: pd.DataFrame) -> float | None:
    """The correlation of people of one court-week, by analysis of variance within court and arm; 0 where it comes out below."""
    n, rate = weeks["count"].to_numpy(dtype=float), weeks["mean"].to_numpy()
    group = weeks.groupby(["court_group", "treated"]).ngroup().to_numpy()
    people = np.bincount(group, n)
    freedom = len(n) - len(people)
    if not freedom or n.sum() == len(n):
        return None
    centre = (np.bincount(group, n * rate) / people)[group]
    between = (n * (rate - centre) ** 2).sum() / freedom
    within = (n * rate * (1 - rate)).sum() / (n.sum() - len(n))
    size = (n.sum() - (np.bincount(group, n**2) / people).sum()) / freedom
    total = between + (size - 1) * within
    return max(0.0, float((between - within) / total)) if total > 0 else None


def arm_by_level(pair: pd.DataFrame, name: str, column: str) -> Figures:
    """Whether the difference is the same in every level of a column: least squares of the rates with it and without, by F.

    Levels that share court-weeks are compared within them; courts, which do not, between them.
    """
    keys = dict.fromkeys(["court_group", "unit", "treated", column])
    cells = pair.groupby(list(keys))[name].mean().reset_index()
    levels = pd.get_dummies(cells[column]).astype(float)
    week = cells.court_group + " " + cells.unit.astype(str)
    base = pd.get_dummies(week).astype(float) if week.duplicated().any() else cells.treated
    alike = np.column_stack([base, levels])
    apart = np.column_stack([alike, levels.mul(cells.treated, axis=0)])
    (rest, rank), (less, more) = squares_left(cells[name], alike), squares_left(cells[name], apart)
    told: Figures = {"statistic": None, "df": int(more - rank), "p": None}
    if more > rank and len(cells) > more and less > 1e-20:
        f = (rest - less) / (more - rank) / (less / (len(cells) - more))
        told |= {"statistic": f, "p": f_law.sf(f, more - rank, len(cells) - more)}
    return told


def squares_left(rates: Any, fixed: Any) -> tuple[float, int]:
    """The sum of squares that least squares leaves, and how many columns count."""
    found, _, rank, _ = np.linalg.lstsq(fixed, rates, rcond=None)
    return float(((rates - fixed @ found) ** 2).sum()), int(rank)
