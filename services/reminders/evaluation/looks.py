"""Boundaries for planned, equally spaced looks at a pilot, so that looking often does not raise the false alarms.

statsmodels and scipy have no group sequential bounds. This is the recursion of Armitage, McPherson and Rowe
(1969): the density of the running sum, among pilots not yet stopped, carried from look to look.
"""

from collections.abc import Sequence
from functools import cache
from typing import Literal, get_args

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm

Shape = Literal["obrien-fleming", "pocock"]

MOST_LOOKS = 20
# 200 nodes a look give the published constants (Jennison and Turnbull 2000, tables 2.1 and 2.3) to six digits.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(200)


class LooksError(ValueError):
    """A plan of looks without boundaries, in one sentence."""


@cache
def boundaries(looks: int, shape: Shape = "obrien-fleming", alpha: float = 0.05) -> tuple[float, ...]:
    """The |z| that each look must exceed, in order, for `alpha` two-sided over all `looks`. Raises LooksError.

    >>> [round(z, 3) for z in boundaries(2)]
    [2.797, 1.977]
    """
    if not 1 <= looks <= MOST_LOOKS:
        raise LooksError(f"A pilot plans between 1 and {MOST_LOOKS} looks, not {looks}.")
    if shape not in get_args(Shape):
        raise LooksError(f"The stopping rule {shape!r} is unknown: write {' or '.join(get_args(Shape))}.")
    if looks == 1:
        return (float(norm.isf(alpha / 2)),)

    def excess(constant: float) -> float:
        return crossing(_bounds(looks, shape, constant), range(1, looks + 1)) - alpha

    return _bounds(looks, shape, float(brentq(excess, 1.0, 6.0, xtol=1e-10)))


def level_at(boundary: float) -> float:
    """The confidence level whose interval excludes zero when |z| exceeds the boundary: 1.96 gives 0.95."""
    # Beyond 8 a float cannot tell the level from 1, whose interval would have no ends.
    return 1 - 2 * float(norm.sf(min(boundary, 8.0)))


def crossing(bounds: Sequence[float], information: Sequence[float]) -> float:
    """The chance that |z| exceeds its bound at some look when the arms do not differ; `information` by look, rising."""
    # The sum after information t is sqrt(t) * z; what a look adds is independent, its variance the information added.
    half = bounds[0] * information[0] ** 0.5
    points, weights = half * _NODES, half * _WEIGHTS
    density = norm.pdf(points, scale=information[0] ** 0.5)
    for bound, before, now in zip(bounds[1:], information, information[1:], strict=False):
        half = bound * now**0.5
        steps = half * _NODES
        density = norm.pdf(steps[:, None] - points[None, :], scale=(now - before) ** 0.5) @ (
            weights * density
        )
        points, weights = steps, half * _WEIGHTS
    return 1 - float(weights @ density)


def _bounds(looks: int, shape: Shape, constant: float) -> tuple[float, ...]:
    if shape == "pocock":
        return (constant,) * looks
    return tuple(constant * (looks / look) ** 0.5 for look in range(1, looks + 1))
