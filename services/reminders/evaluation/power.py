"""Sample size, power and the smallest detectable difference between two rates.

Power is statsmodels' `power_proportions_2indep`: variance pooled under the null, both tails. A fall and a rise
of one size are not equally easy to detect, because a rate's variance grows towards one half.
"""

import math
from dataclasses import dataclass
from typing import Any

from scipy.optimize import brentq
from scipy.stats import norm
from scipy.stats import t as student
from statsmodels.stats.power import normal_sample_size_one_tail
from statsmodels.stats.proportion import power_proportions_2indep, samplesize_proportions_2indep_onetail

from services.reminders.evaluation.power_question import PowerError, PowerQuestion

__all__ = [
    "Detectable",
    "PowerError",
    "PowerQuestion",
    "among_reached",
    "answer",
    "detectable",
    "detectable_from",
    "possible",
    "power",
    "sample_size",
]

ALPHA = 0.05
TARGET = 0.80


@dataclass(frozen=True, slots=True)
class Detectable:
    """The smallest fall and rise from the control rate, as proportions; None where none is large enough."""

    fall: float | None
    rise: float | None


def sample_size(control: float, difference: float) -> dict[str, int]:
    """People an arm for 80% power at a two-sided 5%, rounded up: variance `pooled` under the null, and `unpooled`.

    The one-tail formula (Fleiss 1981, without continuity correction): the far tail adds nothing at this power.
    """
    treated = control + difference
    pooled = samplesize_proportions_2indep_onetail(difference, control, TARGET, alpha=ALPHA)
    spread = math.sqrt(treated * (1 - treated) + control * (1 - control))
    unpooled = normal_sample_size_one_tail(difference, TARGET, ALPHA / 2, std_null=spread)
    return {"pooled": math.ceil(pooled), "unpooled": math.ceil(unpooled)}


def power(
    control: float, difference: float, n_treated: int, n_control: int | None = None, alpha: float = ALPHA
) -> float:
    """The chance, 0 to 1, that a two-sided test at `alpha` finds this difference with so many people an arm."""
    ratio = 1.0 if n_control is None else n_control / n_treated
    value = power_proportions_2indep(
        difference, control, n_treated, ratio=ratio, alpha=alpha, return_results=False
    )
    return float(value)


def detectable(
    control: float, n_treated: int, n_control: int | None = None, alpha: float = ALPHA
) -> Detectable:
    """The differences from `control` found with 80% power, by root finding on `power`.

    A control rate of 0 or 1 has no variance to plan with: both are None.
    """
    if not 0 < control < 1:
        return Detectable(None, None)

    def smallest(sign: int, limit: float) -> float | None:
        def shortfall(size: float) -> float:
            return power(control, sign * size, n_treated, n_control, alpha) - TARGET

        return None if shortfall(limit) < 0 else float(brentq(shortfall, 0.0, limit, xtol=1e-12))

    return Detectable(smallest(-1, control), smallest(1, 1 - control))


def detectable_from(se: float, level: float = 0.95, df: float | None = None) -> float:
    """The smallest difference, either way, that 80% of pilots with this standard error find: where rates of clusters
    are compared, a fall and a rise are alike."""
    law: Any = norm if df is None else student(df)
    return float(law.isf((1 - level) / 2) + law.ppf(TARGET)) * se


def possible(control: float, fall: float | None, rise: float | None) -> Detectable:
    """Of these differences those that rates can give: from the control rate nothing falls below 0 or rises above 1."""
    return Detectable(
        None if fall is None or fall > control else fall, None if rise is None or rise > 1 - control else rise
    )


def among_reached(found: Detectable, reach: float | None, control: float | None) -> Detectable:
    """The same differences concentrated on the people reached, whose rate without a text is taken to be the control arm's."""
    if not reach or control is None:
        return Detectable(None, None)
    fall, rise = (None if each is None else each / reach for each in (found.fall, found.rise))
    return possible(control, fall, rise)


def answer(question: PowerQuestion) -> dict[str, Any]:
    """Everything `heed power --json` prints; what was not asked for is left out.

    `per_arm` comes with a treated rate; `smallest_detectable_*` with a number of people an arm, as differences
    between whole arms and, divided by the reach, among the people reached; `power` with both.
    """
    result: dict[str, Any] = {
        "control": question.control,
        "treated": question.treated,
        "reach": question.reach,
        "difference": question.difference,
        "alpha": ALPHA,
        "target_power": TARGET,
    }
    if question.difference is not None:
        result["per_arm"] = sample_size(question.control, question.difference)
    if question.per_arm is not None:
        found = detectable(question.control, question.per_arm)
        result["given_per_arm"] = question.per_arm
        result["smallest_detectable_fall"] = found.fall
        result["smallest_detectable_rise"] = found.rise
        among = among_reached(found, question.reach, question.control)
        result["smallest_detectable_fall_among_reached"] = among.fall
        result["smallest_detectable_rise_among_reached"] = among.rise
    if question.difference is not None and question.per_arm is not None:
        result["power"] = power(question.control, question.difference, question.per_arm)
    return result
