"""Every comparison of a table of arms, in the shape `heed evaluate --json` promises."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from services.reminders.evaluation.arms import Arm, check_arms
from services.reminders.evaluation.two_by_two import (
    ChiSquared,
    Estimate,
    chi_squared,
    fisher,
    number_needed,
    odds_ratio,
    risk_difference,
    risk_ratio,
    wilson,
)


def compare(arms: Sequence[Arm], level: float = 0.95) -> dict[str, Any]:
    """Compare every pair of arms (treated: the earlier named; control: the later) and all arms at once.

    The last arm is the control of the whole. Values are unrounded and JSON-able: rates and differences are
    proportions, and what a zero cell leaves undefined is None. Nothing is adjusted for making several comparisons.

    Raises:
        ArmError: fewer than two arms, or two of one name.
    """
    check_arms(arms)
    return {
        "level": level,
        "control": arms[-1].name,
        "arms": [arm_figures(arm, level) for arm in arms],
        "comparisons": [_pair(treated, control, level) for treated, control in combinations(arms, 2)],
        "overall": {"chi_squared": _chi_squared(chi_squared(arms))},
    }


def arm_figures(arm: Arm, level: float = 0.95) -> dict[str, Any]:
    """One arm: name, events, n, rate and its Wilson interval."""
    ci = list(wilson(arm, level))
    return {"name": arm.name, "events": arm.events, "n": arm.n, "rate": arm.rate, "ci": ci}


def _pair(treated: Arm, control: Arm, level: float) -> dict[str, Any]:
    difference = risk_difference(treated, control, level)
    needed = number_needed(difference)
    return {
        "treated": treated.name,
        "control": control.name,
        "risk_difference": _estimate(difference),
        "risk_ratio": _estimate(risk_ratio(treated, control, level)),
        "odds_ratio": _estimate(odds_ratio(treated, control, level)),
        "chi_squared": _chi_squared(chi_squared([treated, control])),
        "fisher": {"p": fisher(treated, control)},
        "number_needed_to_treat": needed.estimate if needed else None,
        "number_needed_to_treat_ci": list(needed.ci) if needed and needed.ci else None,
    }


def _estimate(value: Estimate) -> dict[str, Any]:
    return {"estimate": value.estimate, "ci": list(value.ci) if value.ci else None, "method": value.method}


def _chi_squared(value: ChiSquared) -> dict[str, Any]:
    return {
        "statistic": value.statistic,
        "df": value.df,
        "p": value.p,
        "smallest_expected": value.smallest_expected,
    }
