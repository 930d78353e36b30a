"""Each outcome's rates, its comparison as people were assigned, and the plain one: a part of the evaluator's script (sections 3 and 4)."""

from typing import Any

import pandas as pd
from statsmodels.stats.multitest import multipletests

from services.reminders.evaluation.reproduce_parts.court_weeks import by_weeks, weekly, weeks_difference
from services.reminders.evaluation.reproduce_parts.plain import (
    arm_rate,
    counted,
    mean_days,
    unadjusted,
    welch,
)
from services.reminders.evaluation.reproduce_parts.rows import (
    ADJOURNMENTS,
    OUTCOMES,
    Figures,
    Study,
    number_needed,
    said,
)
from services.reminders.evaluation.reproduce_parts.steps import by_steps
from services.reminders.evaluation.reproduce_parts.strata import (
    means_within_strata,
    risk_difference,
    tables_of,
    within_strata,
)


def difference(study: Study, people: pd.DataFrame, name: str) -> Figures | None:
    """The difference of the first arm, of any people, as they were assigned; none where an arm has too few."""
    pair = study.pair(people)
    if not study.randomised or any(counted(pair, name, arm)[1] < study.fewest for arm in pair_of(study)):
        return None
    return difference_within(study, pair, name)


def difference_within(study: Study, pair: pd.DataFrame, name: str) -> Figures:
    """The same, however few."""
    if study.allocation == "permuted-blocks":
        return risk_difference(tables_of(pair, name)[0], study.level)
    if study.allocation == "court-week":
        return weeks_difference(weekly(pair, name)[0], study.level)[0]
    found: Figures = by_steps(pair, name, study.level, drawn=False)["risk_difference"]
    return found


def pair_of(study: Study) -> tuple[str, str]:
    """The first arm and the control."""
    return study.arms[0], study.arms[-1]


def outcome(study: Study, known: pd.DataFrame, name: str) -> Figures:
    """One outcome's block."""
    known = said(known, name)
    counts = {arm: counted(known, name, arm) for arm in study.arms}
    shown = [arm for arm, (_, n) in counts.items() if n >= study.fewest]
    control = study.arms[-1]
    compared = study.randomised and control in shown and len(shown) > 1
    treated = [arm for arm in shown if arm != control] if compared else []
    blocks: list[Figures] = [
        {"treated": arm, "control": control} | within_strata(study.pair(known, arm), name, study.level)
        for arm in (treated if study.allocation == "permuted-blocks" else ())
    ]
    return {
        "outcome": name,
        "arms": [{"name": arm} | arm_rate(*counts[arm], study.level, study.fewest) for arm in study.arms],
        "design": (
            [block_design(one) for one in blocks]
            or [with_needed(arm, clustered(study, known, name, arm)) for arm in treated]
        ),
        "stratified": [one | {"risk_difference": without_test(one["risk_difference"])} for one in blocks],
        "unadjusted": unadjusted(study, known, name, shown) if compared else None,
    }


def block_design(found: Figures) -> Figures:
    """What is told of people assigned one by one."""
    same = ("risk_difference", "risk_ratio", "odds_ratio", "people_left_out")
    none = dict.fromkeys(("permutation", "clusters", "icc", "people"))
    told = {name: found[name] for name in same} | none | {"strata": found["strata_used"]}
    return with_needed(found["treated"], told)


def without_test(found: Figures) -> Figures:
    """A difference whose test stands beside it."""
    return {name: found[name] for name in ("estimate", "ci", "se")}


def clustered(study: Study, known: pd.DataFrame, name: str, treated: str) -> Figures:
    """What is told where whole courts were assigned."""
    by = by_weeks if study.allocation == "court-week" else by_steps
    return {"strata": None} | by(study.pair(known, treated), name, study.level)


def with_needed(treated: str, told: Figures) -> Figures:
    """With the number needed to text."""
    found = told["risk_difference"]
    needed, ci = number_needed(found["estimate"], found["ci"])
    return {"treated": treated} | told | {"number_needed_to_text": needed, "number_needed_to_text_ci": ci}


def pooled(known: pd.DataFrame, name: str) -> Figures:
    """Everybody as one, where no arm may be shown."""
    had = said(known, name)[name]
    return {"outcome": name, "pooled": {"events": int(had.sum()), "n": len(had)}}


def others(study: Study, known: pd.DataFrame) -> list[str]:
    """The secondary outcomes: of adjournments those of which any result says something."""
    told = [*OUTCOMES, *(name for name in ADJOURNMENTS if len(said(known, name)))]
    return [name for name in told if name != study.primary]


def days_lost(study: Study, known: pd.DataFrame) -> Figures | None:
    """Mean days by arm and their differences; none where no result says whether a case was put off."""
    known = said(known, "days_lost")
    if not len(known):
        return None
    days = {arm: known[known.arm == arm].days_lost for arm in study.arms}
    control = study.arms[-1]
    shown = [arm for arm in study.arms if len(days[arm]) >= study.fewest]
    treated = [arm for arm in shown if arm != control] if study.randomised and control in shown else []
    return {
        "outcome": "days_lost",
        "arms": [{"name": arm} | mean_days(days[arm], study.level, study.fewest) for arm in study.arms],
        "design": [days_design(study, known, arm) for arm in treated],
        "unadjusted": [
            {"treated": arm, "mean_difference": welch(days[arm], days[control], study.level)}
            for arm in treated
        ],
    }


def days_design(study: Study, known: pd.DataFrame, treated: str) -> Figures:
    """The difference in mean days as people were assigned."""
    pair = study.pair(known, treated)
    if study.allocation == "permuted-blocks":
        none = dict.fromkeys(("permutation", "clusters", "icc"))
        return {"treated": treated} | none | means_within_strata(pair, "days_lost", study.level)
    told = clustered(study, known, "days_lost", treated)
    if study.allocation == "court-week":
        told["icc"] = None  # the correlation within court-weeks is that of rates
    return {"treated": treated, "mean_difference": told.pop("risk_difference")} | told


def holm(blocks: list[Figures]) -> None:
    """Give each secondary outcome the p of its main comparison, and Holm's of all that there are."""
    for block in blocks:
        first = block["design"][0] if block["design"] else {}
        block["p"] = (first.get("mean_difference") or first.get("risk_difference") or {}).get("p")
        block["p_holm"] = None
    tested = [block for block in blocks if block["p"] is not None]
    adjusted: Any = multipletests([block["p"] for block in tested], method="holm")[1] if tested else []
    for block, p in zip(tested, adjusted, strict=True):
        block["p_holm"] = p
