"""What one failure fewer cost."""

from services.reminders.evaluation.effect import Effect
from services.reminders.evaluation.two_by_two import Estimate, number_needed


def cost_per_avoided(cost_per_person: float, difference: Effect | Estimate) -> Estimate | None:
    """Money for one failure fewer: the extra cost of a treated person over the fall in the rate, with its interval.

    None unless the interval shows a fall: then the cost's interval would run through infinity.
    """
    if difference.ci is None or difference.ci[1] >= 0:
        return None
    needed = number_needed(Estimate(difference.estimate, difference.ci, difference.method))
    if needed is None or needed.estimate is None or needed.ci is None:
        return None
    low, high = needed.ci
    return Estimate(
        cost_per_person * needed.estimate,
        (cost_per_person * low, cost_per_person * high),
        "per failure avoided",
    )
