"""Boundaries where looks did not come as planned: the false alarms spent follow the information that there is.

Lan and DeMets 1983 (Biometrika 70:659): a function says how much of the 5% may be spent by each share of the planned
information; each look's boundary then spends what is left of it, given the looks before.
"""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

from scipy.optimize import brentq
from scipy.stats import norm

from services.reminders.evaluation.looks import LooksError, Shape, boundaries, crossing

# Equal looks are taken as equal up to this share of the plan.
_AS_PLANNED = 0.02
_FARTHEST = 12.0  # no look can need more: a float cannot tell the chance beyond 8.3 from none


def spent_boundaries(
    information: Sequence[float],
    shape: Shape = "obrien-fleming",
    times: Sequence[float] | None = None,
    alpha: float = 0.05,
) -> tuple[float, ...]:
    """The |z| that each look so far must exceed.

    `information` in any unit, rising; `times` as shares of the plan, which say what may be spent (the information
    itself where they are not given); the last time is 1 at the last look.

    Raises:
        LooksError: no look, or shares that do not rise within 0 to 1.

    >>> [round(z, 3) for z in spent_boundaries([0.5, 1])]
    [2.963, 1.969]
    """
    times = information if times is None else times
    if not times or len(times) != len(information):
        raise LooksError("Each look needs its information and its share of the plan.")
    if not times[0] > 0 or times[-1] > 1 or not _rising(times) or not _rising(information):
        raise LooksError("Information must rise from look to look, from above 0 to at most the whole plan.")
    bounds: tuple[float, ...] = ()
    for look, time in enumerate(times, start=1):
        bounds += (_next(bounds, information[:look], _SPENT[shape](time, alpha)),)
    return bounds


def boundary_for(planned: int, shape: Shape, shares: Sequence[float], last: bool) -> tuple[float, str]:
    """This look's boundary, and by which plan: "planned" where every look came at its equal share, else "spending".

    `shares` are people with a known outcome at each look so far, this one included, over the people planned. At the
    `last` look everything that is left is spent. Raises LooksError.
    """
    equal = [look / planned for look in range(1, planned + 1)]
    as_planned = len(shares) <= planned and all(
        abs(share - plan) <= _AS_PLANNED for share, plan in zip(shares, equal, strict=False)
    )
    if as_planned and last == (len(shares) == planned):
        return boundaries(planned, shape)[len(shares) - 1], "planned"
    times = [min(share, 1.0) for share in shares]
    if last:
        times[-1] = 1.0
    return spent_boundaries(shares, shape, times)[-1], "spending"


def _next(bounds: tuple[float, ...], information: Sequence[float], spent: float) -> float:
    def excess(bound: float) -> float:
        return crossing((*bounds, bound), information) - spent

    if not bounds:
        return min(float(norm.isf(spent / 2)), _FARTHEST)
    if excess(_FARTHEST) >= 0:
        return _FARTHEST
    return float(brentq(excess, 0.0, _FARTHEST, xtol=1e-10))


def _rising(values: Sequence[float]) -> bool:
    return all(before < now for before, now in pairwise(values))


def _obrien_fleming(time: float, alpha: float) -> float:
    # Each side has half of alpha to spend, as in the published tables.
    return 4 * float(norm.sf(float(norm.isf(alpha / 4)) / math.sqrt(time)))


def _pocock(time: float, alpha: float) -> float:
    return alpha * math.log1p((math.e - 1) * time)


_SPENT: dict[Shape, Callable[[float, float], float]] = {
    "obrien-fleming": _obrien_fleming,
    "pocock": _pocock,
}
