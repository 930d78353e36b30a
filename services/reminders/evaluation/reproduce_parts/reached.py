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

WEAK = 10  # a first-stage F under this: Staiger and Stock, Econometrica 65 (1997), 557
SETTLED = 15.0  # log odds so far from even are none or all


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
    pair["without"], pair["had_without"] = 1 - pair.delivered, pair.had * (1 - pair.delivered)
    names = ["had", "treated", "delivered", "without", "had_without"]
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
    strength = (estimate / se) ** 2 if estimate and se else None
    effect, rate = undefined(), None
    if estimate and (strength is None or strength >= WEAK):
        rate = least_squares("had_without", "without")["estimate"]
        if -1e-9 <= rate <= 1 + 1e-9:
            effect = least_squares("had", "delivered")
            effect["ci"] = effect["ci"] and list(np.clip(effect["ci"], -1, 1))
        else:
            rate = None
    return {
        "effect": effect,
        "rate_without": rate,
        "intention_to_treat": least_squares("had", "treated"),
        "reached": share,
        "first_stage_f": strength,
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
    if not in_both_arms(had, pair):
        return told
    clusters = clusters_of(study, people, pair)
    wider = 1.0 if clusters is None else np.sqrt(clusters.nunique() / (clusters.nunique() - 1))
    fitted = logit(had, regressors(pair), clusters)
    if abs(fitted.params["treated"]) > SETTLED:
        return told
    # Of a level in which nobody or everybody had the event the coefficient has no end, and its people say nothing of the arms.
    open_ = np.abs(np.asarray(fitted.predict(which="linear"))) <= SETTLED
    if not open_.all():
        pair, had = pair[open_], had[open_]
        if not in_both_arms(had, pair):
            return told
        fitted = logit(had, regressors(pair), None if clusters is None else clusters[open_])
    effect = fitted.get_margeff(at="overall", dummy=True)
    share = open_.mean()
    told["effect"] = difference_of(
        effect.margeff[0] * share, effect.margeff_se[0] * share * wider, study.level
    )
    arm, se = fitted.params["treated"], fitted.bse["treated"] * wider
    low, high = np.exp(arm + np.array(norm.interval(study.level)) * se)
    return told | {"odds_ratio": {"estimate": np.exp(arm), "ci": [low, high]}}


def in_both_arms(had: Any, pair: pd.DataFrame) -> bool:
    """Whether each arm has people with the event and without."""
    by_arm = had.groupby(pair.treated).mean()
    return len(by_arm) == 2 and bool(by_arm.between(0, 1, inclusive="neither").all())


def logit(had: Any, fixed: pd.DataFrame, clusters: Any) -> Any:
    """statsmodels' fit, clustered errors as they are before the number of clusters is corrected for."""
    how: dict[str, Any] = {}
    if clusters is not None:
        groups = {"groups": pd.factorize(clusters)[0], "use_correction": False}
        how = {"cov_type": "cluster", "cov_kwds": groups}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a coefficient without end never settles
        return Logit(had, fixed).fit(method="newton", tol=1e-12, maxiter=40, disp=0, **how)


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
