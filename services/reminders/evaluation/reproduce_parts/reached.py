"""People reached, and what an adjustment says: a part of the evaluator's script (sections 5 and 6)."""

import warnings
from typing import Any

import numpy as np
import pandas as pd
from linearmodels.iv import IV2SLS
from scipy.stats import norm
from statsmodels.discrete.discrete_model import Logit

from services.reminders.evaluation.reproduce_parts.plain import two_by_two
from services.reminders.evaluation.reproduce_parts.rows import (
    COVARIATES,
    Figures,
    Study,
    difference_of,
    undefined,
)


def clusters_of(study: Study, people: pd.DataFrame, pair: pd.DataFrame) -> Any:
    """Who is not independent: the court-week or court-period, or people assigned together; None where everybody is alone."""
    if study.allocation != "permuted-blocks":
        return pd.Series(pd.factorize(pair.court_group + " " + pair.unit.astype(str))[0], index=pair.index)
    together = people.together[people.together.duplicated(keep=False)]
    return pair.together if pair.together.isin(together).any() else None


def reached(study: Study, people: pd.DataFrame, known: pd.DataFrame) -> Figures:
    """The effect on those whom a text reached, with assignment as the instrument, within courts; the naive figure."""
    pair = study.pair(known)
    pair["delivered"] = (pair.texts == "delivered").astype(float)
    pair["had"] = pair[study.primary].astype(float)
    names = ["had", "treated", "delivered"]
    within = pair[names] - pair.groupby("court_group")[names].transform("mean")
    clusters = clusters_of(study, people, pair)

    def least_squares(outcome: str, cause: str) -> Figures:
        if abs((within.treated * within[cause]).sum()) < 1e-9:
            return undefined()
        count = None if clusters is None else clusters.nunique()
        how = {"cov_type": "robust"} if count is None else {"cov_type": "clustered", "clusters": clusters}
        if cause == "treated":
            model = IV2SLS(within[outcome], within[[cause]], None, None)
        else:
            model = IV2SLS(within[outcome], None, within[[cause]], within[["treated"]])
        fitted = model.fit(debiased=False, **how)
        estimate, se = fitted.params[cause], fitted.std_errors[cause]
        if count is None:
            return difference_of(estimate, se, study.level)
        if count < 2:
            return undefined(estimate)
        # Clusters may be few: their number is corrected for, and t has one degree of freedom less.
        return difference_of(estimate, se * np.sqrt(count / (count - 1)), study.level, count - 1.0)

    share = least_squares("delivered", "treated")
    estimate, se = share["estimate"], share["se"]
    return {
        "effect": least_squares("had", "delivered") if estimate else undefined(),
        "intention_to_treat": least_squares("had", "treated"),
        "reached": share,
        "first_stage_f": (estimate / se) ** 2 if estimate and se else None,
        "per_protocol": per_protocol(pair, study.level),
        "people": len(pair),
        "clusters": None if clusters is None else clusters.nunique(),
    }


def per_protocol(pair: pd.DataFrame, level: float) -> Figures | None:
    """Biased: whom a text reached against whom none reached in the other arm."""
    one = pair[(pair.treated == 1) & (pair.delivered == 1)].had
    other = pair[(pair.treated == 0) & (pair.delivered == 0)].had
    if not len(one) or not len(other):
        return None
    found: Figures = two_by_two(int(one.sum()), len(one), int(other.sum()), len(other), level)[
        "risk_difference"
    ]
    return found


def adjusted(study: Study, people: pd.DataFrame, known: pd.DataFrame) -> Figures:
    """A logit with everything that was known at assignment: the arm's average marginal effect, by statsmodels' delta method."""
    pair = study.pair(known)
    had = pair[study.primary].astype(float)
    told: Figures = {"effect": undefined(), "odds_ratio": {"estimate": None, "ci": None}, "people": len(pair)}
    by_arm = had.groupby(pair.treated).mean()
    if len(by_arm) < 2 or not by_arm.between(0, 1, inclusive="neither").all():
        return told
    clusters = clusters_of(study, people, pair)
    how: dict[str, Any] = {}
    wider = 1.0
    if clusters is not None:
        count = clusters.nunique()
        wider = np.sqrt(count / (count - 1))
        groups = {"groups": pd.factorize(clusters)[0], "use_correction": False}
        how = {"cov_type": "cluster", "cov_kwds": groups}
    with warnings.catch_warnings():
        # A level where nobody or everybody had the event has no finite coefficient: the arm's is not the worse for it.
        warnings.simplefilter("ignore")
        fitted = Logit(had, regressors(pair)).fit(method="newton", tol=1e-12, maxiter=100, disp=0, **how)
        effect = fitted.get_margeff(at="overall", dummy=True)
    arm, se = fitted.params["treated"], fitted.bse["treated"] * wider
    if abs(arm) > 15:
        return told
    told["effect"] = difference_of(effect.margeff[0], effect.margeff_se[0] * wider, study.level)
    low, high = np.exp(arm + np.array(norm.interval(study.level)) * se)
    return told | {"odds_ratio": {"estimate": np.exp(arm), "ci": [low, high]}}


def regressors(pair: pd.DataFrame) -> pd.DataFrame:
    """The arm first, a constant, and a column a level of each covariate but its first; none that follows from those before."""
    fixed = pd.concat(
        [pair.treated, pd.Series(1.0, index=pair.index, name="constant")]
        + [
            pd.get_dummies(pair[column], prefix=column, drop_first=True).astype(float)
            for column in COVARIATES.values()
        ],
        axis=1,
    )
    # People who are alike need be looked at once.
    kinds = fixed.drop_duplicates().to_numpy()
    ranks = [np.linalg.matrix_rank(kinds[:, : number + 1]) for number in range(kinds.shape[1])]
    return fixed.loc[:, np.diff([0, *ranks]) > 0]
