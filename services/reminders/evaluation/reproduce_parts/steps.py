"""Courts that change over in steps: a mixed model of court-periods. A part of the evaluator's script."""

from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.optimize import minimize_scalar

from services.reminders.evaluation.reproduce_parts.court_weeks import DRAWS, means_of, share_beyond
from services.reminders.evaluation.reproduce_parts.rows import Figures, difference_of, undefined


def by_steps(pair: pd.DataFrame, name: str, level: float, *, drawn: bool = True) -> Figures:
    """All of it for one outcome: periods and treatment fixed, courts random, by restricted maximum likelihood."""
    cells = means_of(pair, name)
    means, treated = cells["mean"].to_numpy(), cells.treated.to_numpy()
    period = pd.get_dummies(cells.unit).to_numpy(dtype=float)
    court = pd.get_dummies(cells.court_group).to_numpy(dtype=float)
    told: Figures = {
        "risk_difference": undefined(),
        "permutation": None,
        "clusters": court.shape[1],
        "icc": None,
        "people": len(pair),
        "people_left_out": 0,
    }
    nuisance = np.column_stack([period, court])
    rank = np.linalg.matrix_rank(nuisance)
    # Before the first step and after the last, treatment cannot be told from courts and periods.
    if len(means) > rank + 1 and np.linalg.matrix_rank(np.column_stack([treated, nuisance])) > rank:
        told |= mixed(means, np.column_stack([treated, period]), court, level, float(len(means) - rank - 1))
        if drawn:
            told["permutation"] = {"p": steps_exchanged(means, treated, period, court), "draws": DRAWS}
    return told


def mixed(means: Any, fixed: Any, court: Any, level: float, df: float) -> Figures:
    """Generalised least squares at the ratio of the courts' variance to the rest that is likeliest.

    statsmodels' MixedLM gives no standard error where the courts' variance comes out as zero. The t distribution has the degrees of
    freedom that are left within courts and periods.
    """
    if np.ptp(means) == 0:
        return {"risk_difference": undefined(0.0), "icc": None}

    def sigma(root: float) -> Any:
        return np.eye(len(means)) + root**2 * court @ court.T

    def less_likely(root: float) -> float:
        model = sm.GLS(means, fixed, sigma=sigma(root)).fit()
        information = -np.linalg.slogdet(model.normalized_cov_params)[1]
        return float(model.df_resid * np.log(model.scale) + np.linalg.slogdet(sigma(root))[1] + information)

    found = minimize_scalar(less_likely, bounds=(0, 10), method="bounded", options={"xatol": 1e-9}).x
    root = min((0.0, found), key=less_likely)
    model = sm.GLS(means, fixed, sigma=sigma(root)).fit()
    told = difference_of(model.params[0], model.bse[0], level, df)
    return {"risk_difference": told, "icc": root**2 / (1 + root**2)}


def steps_exchanged(means: Any, treated: Any, period: Any, court: Any) -> float:
    """Least squares within courts and periods, for this order of the courts and for others."""
    number, place = period.argmax(axis=1), court.argmax(axis=1)
    steps = np.full(court.shape[1], period.shape[1])
    np.minimum.at(steps, place[treated == 1], number[treated == 1])
    within = np.column_stack([period, court])
    rest = np.eye(len(means)) - within @ np.linalg.pinv(within)
    draws = np.random.default_rng(1).permuted(np.tile(steps, (DRAWS, 1)), axis=1)
    arms = np.vstack([treated, number >= draws[:, place]]).astype(float) @ rest
    found = arms @ means / (arms * arms).sum(axis=1)
    return share_beyond(found[0], found[1:])
