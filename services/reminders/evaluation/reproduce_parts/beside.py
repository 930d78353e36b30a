"""Balance, missing outcomes, other readings of the rules, subgroups: a part of the evaluator's script (sections 7 to 9)."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2, norm
from statsmodels.stats.meta_analysis import combine_effects

from services.reminders.evaluation.reproduce_parts.court_weeks import arm_by_level
from services.reminders.evaluation.reproduce_parts.outcomes import difference, difference_within, pair_of
from services.reminders.evaluation.reproduce_parts.plain import counted
from services.reminders.evaluation.reproduce_parts.rows import (
    COVARIATES,
    Figures,
    Study,
    is_known,
    known_under,
    out_of_risk,
)


def balance(study: Study, people: pd.DataFrame) -> Figures:
    """Standardised differences of everybody assigned, and what chance alone gives at this size."""
    one, other = (people[people.arm == arm] for arm in pair_of(study))
    if not len(one) or not len(other):
        return {"rows": [], "band": None, "over_tenth_by_chance": None, "over_tenth": 0}
    chance = norm(scale=np.sqrt(1 / len(one) + 1 / len(other)))
    rows = []
    for covariate, column in COVARIATES.items():
        for level in sorted(set(one[column]) | set(other[column])):
            p, q = (one[column] == level).mean(), (other[column] == level).mean()
            spread = np.sqrt((p * (1 - p) + q * (1 - q)) / 2)
            d = (p - q) / spread if spread > 0 else None
            rows.append({"covariate": covariate, "level": level, "treated": p, "control": q, "d": d})
    return {
        "rows": rows,
        "band": chance.isf(0.025),
        "over_tenth_by_chance": 2 * chance.sf(0.1),
        "over_tenth": sum(row["d"] is not None and abs(row["d"]) > 0.1 for row in rows),
    }


def missing(study: Study, people: pd.DataFrame, known: pd.DataFrame) -> Figures:
    """The rates that outcomes which never came allow, and the difference with all of them in favour of an arm or against it."""
    name = study.primary
    out = people[~out_of_risk(people, study.protocol["rules"]) & ~is_known(people)]
    arms = []
    for arm in study.arms:
        (events, n), lost = counted(known, name, arm), int((out.arm == arm).sum())
        bounds = [events / (n + lost), (events + lost) / (n + lost)] if n + lost else None
        arms.append({"name": arm, "missing": lost, "bounds": bounds})
    told: Figures = {"arms": arms, "complete": difference(study, known, name)}
    for kind, had in (("best", out.arm != study.arms[0]), ("worst", out.arm == study.arms[0])):
        told[kind] = difference(study, pd.concat([known, out.assign(**{name: had.astype(float)})]), name)
    return told


def sensitivity(study: Study, people: pd.DataFrame) -> list[Figures]:
    """The primary difference under the other choice of each rule, and with the hearings of paused days as recorded."""
    rules = study.protocol["rules"]
    choices = {
        "moved": ("follow", "leave-out"),
        "withdrawn": ("not-at-risk", "attended"),
        "remanded": ("as-recorded", "leave-out"),
    }
    turned = [rules | {rule: two[rules[rule] == two[0]]} for rule, two in choices.items()]
    groups = [known_under(people, one) for one in (rules, *turned)]
    groups.append(known_under(people, rules, paused=True))
    return [
        {
            "arms": {arm: list(counted(group, study.primary, arm)) for arm in study.arms},
            "risk_difference": difference(study, group, study.primary),
        }
        for group in groups
    ]


def subgroups(study: Study, known: pd.DataFrame) -> list[Figures]:
    """The difference within each level, hidden ones too (the report shows fewer), and the test between them."""
    words = {"court": "court", "case": "kind of case", "age": "age", "notice": "notice of the hearing"}
    return [subgroup(study, known, words[asked]) for asked in study.protocol["subgroups"]]


def subgroup(study: Study, known: pd.DataFrame, covariate: str) -> Figures:
    """One of them. For a stepped wedge only the counts are given."""
    name, column, pair = study.primary, COVARIATES[covariate], study.pair(known)
    rows: list[Figures] = []
    for level in sorted(known[column].unique()):
        mine = pair[pair[column] == level]
        counts = [counted(mine, name, arm) for arm in pair_of(study)]
        row: Figures = {
            "level": level,
            "arms": [
                {"name": arm, "events": e, "n": n} for arm, (e, n) in zip(pair_of(study), counts, strict=True)
            ],
            "risk_difference": None,
        }
        if study.allocation != "stepped-wedge":
            row["risk_difference"] = difference_within(study, mine, name)
        rows.append(row)
    told: Figures = {"name": covariate, "rows": rows, "interaction": None}
    if study.allocation == "permuted-blocks":
        told["interaction"] = cochran_q([row["risk_difference"] for row in rows])
    elif study.allocation == "court-week":
        told["interaction"] = arm_by_level(pair, name, column)
    return told


def cochran_q(differences: list[Any]) -> Figures:
    """Cochran's Q: whether independent groups have one difference."""
    known = [one for one in differences if one["se"]]
    df = max(0, len(known) - 1)
    if not df:
        return {"statistic": None, "df": df, "p": None}
    estimates = np.array([one["estimate"] for one in known])
    q = combine_effects(estimates, np.array([one["se"] for one in known]) ** 2).q
    return {"statistic": q, "df": df, "p": chi2.sf(q, df)}
