"""Power, the verdict, and what one failure fewer took: a part of the evaluator's script (sections 1, 4 and 11)."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import norm
from scipy.stats import t as student
from statsmodels.stats.proportion import power_proportions_2indep

from services.reminders.evaluation.reproduce_parts.rows import Figures, Study, number_needed

TARGET = 0.8


def main_difference(study: Study, block: Figures | None, key: str = "risk_difference") -> Any:
    """The first arm's difference, where it has an interval."""
    first = block["design"][0] if block and block["design"] else None
    return first[key] if first and first["treated"] == study.arms[0] and first[key]["ci"] else None


def verdict(study: Study, primary: Figures, exploratory: bool) -> Figures:
    """The word, and the smallest fall and rise that could have been found."""
    found = main_difference(study, primary)
    word = "inconclusive"
    if exploratory or not study.randomised:
        word = "exploratory"
    elif found and not found["ci"][0] <= 0 <= found["ci"][1]:
        word = "fewer" if found["ci"][1] < 0 else "more"
    fall, rise = detectable(study, primary)
    return {"word": word, "smallest_detectable_fall": fall, "smallest_detectable_rise": rise}


def detectable(study: Study, primary: Figures) -> tuple[float | None, float | None]:
    """What 80% of pilots of this size find at this look's level."""
    if not primary["design"]:
        return None, None
    alpha = 1 - study.level
    treated, control = primary["arms"][0], primary["arms"][-1]
    if treated["rate"] is None or control["rate"] is None:
        return None, None
    if study.allocation != "permuted-blocks":
        found = primary["design"][0]["risk_difference"]
        if not found["se"]:
            return None, None
        law = norm if found["df"] is None else student(found["df"])
        least = (law.isf(alpha / 2) + law.ppf(TARGET)) * found["se"]
        return no_more(least, control["rate"]), no_more(least, 1 - control["rate"])
    if not 0 < control["rate"] < 1:
        return None, None

    def smallest(sign: int, most: float) -> float | None:
        def more(size: float) -> float:
            return power(sign * size, control["rate"], treated["n"], control["n"], alpha) - TARGET

        return brentq(more, 0, most, xtol=1e-14) if more(most) >= 0 else None

    return smallest(-1, control["rate"]), smallest(1, 1 - control["rate"])


def no_more(size: float, most: float) -> float | None:
    """A change, where a rate leaves so much room."""
    return size if size <= most else None


def power(difference: float, control: float, n1: int, n0: int, alpha: float) -> float:
    """The chance of finding a difference from a control rate."""
    return float(power_proportions_2indep(difference, control, n1, n0 / n1, alpha=alpha).power)


def power_section(study: Study, people: pd.DataFrame, primary: Figures, found: Figures) -> Figures:
    """Planned, reached, and diluted by reach."""
    mine, plan = people[people.arm == study.arms[0]], study.protocol["plan"]
    reach = (mine.texts == "delivered").mean() if len(mine) else None
    if plan:
        size = plan["treated"] - plan["control"], plan["control"], plan["per_arm"], plan["per_arm"]
        plan = plan | {"power": power(*size, 1 - study.level)}
    told = {"planned": plan, "reach": reach, "analysed": {arm["name"]: arm["n"] for arm in primary["arms"]}}
    base = primary["arms"][-1]["rate"]
    for name, most in (("smallest_detectable_fall", base), ("smallest_detectable_rise", 1 - (base or 0))):
        among = no_more(found[name] / reach, most) if found[name] and reach else None
        told |= {name: found[name], f"{name}_among_reached": among}
    return told


def costs(study: Study, people: pd.DataFrame, blocks: dict[str, Any]) -> Figures:
    """Texts and money of the first arm, and what they saved: only where the interval shows a fall."""
    mine, price = people[people.arm == study.arms[0]], study.protocol["cost_per_text"]
    cost = None if price is None else price * mine.segments.sum()
    told: Figures = {
        "texts": mine.sent.sum(),
        "segments": mine.segments.sum(),
        "cost_per_segment": price,
        "cost": cost,
    }
    found = main_difference(study, blocks[study.primary])
    for name, total in (("texts", mine.sent.sum()), ("cost", cost)):
        told[f"{name}_per_failure_avoided"] = None
        if fell(found) and len(mine) and total:
            each, ci = number_needed(found["estimate"], found["ci"], total / len(mine))
            told[f"{name}_per_failure_avoided"] = {"estimate": each, "ci": ci}
    fewer = {
        "adjournments": main_difference(study, blocks.get("adjourned_for_absence")),
        "days": main_difference(study, blocks.get("days_lost"), "mean_difference"),
    }
    for name, one in fewer.items():
        per_thousand = (
            {"estimate": -1000 * one["estimate"], "ci": sorted(-1000 * np.array(one["ci"]))}
            if fell(one)
            else None
        )
        told[f"{name}_saved_per_thousand"] = per_thousand
    return told


def fell(found: Any) -> bool:
    """Whether a difference's whole interval is below none."""
    return bool(found and found["ci"][1] < 0)
