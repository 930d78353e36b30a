"""The boundary of a look, from the looks before it: a part of the evaluator's script (section 10).

The chance that a sum of independent normal steps was beyond a bound at some look, carried from look to look on an even grid.
"""

from typing import Any

import numpy as np
from scipy.integrate import simpson
from scipy.optimize import brentq
from scipy.stats import norm

from services.reminders.evaluation.reproduce_parts.rows import Figures

ALPHA, EVEN, POINTS = 0.05, 0.02, 801


def look(protocol: dict[str, Any], taken: list[dict[str, Any]]) -> Figures:
    """The last planned look, at which all outcomes are due. `taken` are the looks before it, as they were written down then."""
    planned = len(protocol["looks"])
    equal = [(place + 1) / planned for place in range(planned)]
    before = [one["information"] or 0.0 for one in taken if one["number"] and one["number"] < planned]
    shares = [*before, 1.0]
    # Where a planned look was not taken, or brought no more outcomes, the plan's own shares are taken as spent.
    if len(shares) != planned or not np.all(np.diff(shares) > 0):
        shares = equal
    if np.all(np.abs(np.subtract(shares, equal)) <= EVEN):
        bound = boundaries_of_plan(planned, protocol["stopping_rule"])[-1]
    else:
        bound = boundaries_spent(shares, protocol["stopping_rule"])[-1]
    level = 1 - 2 * norm.sf(min(bound, 8.0))
    return {"number": planned, "of": planned, "information": 1.0, "boundary": bound, "level": level}


def boundaries_of_plan(looks: int, rule: str) -> Any:
    """Equal looks: O'Brien's and Fleming's fall with the root of the look's number, Pocock's are alike."""
    if looks == 1:
        return np.array([norm.isf(ALPHA / 2)])
    number = np.arange(1, looks + 1)
    shape = np.sqrt(looks / number) if rule == "obrien-fleming" else np.ones(looks)
    constant = brentq(lambda size: crossed(size * shape, number) - ALPHA, 1, 6, xtol=1e-12)
    return constant * shape


def boundaries_spent(shares: list[float], rule: str) -> list[float]:
    """Unequal looks: what each may spend of the false alarms follows the outcomes that are in (Lan and DeMets 1983)."""
    bounds: list[float] = []
    for place, share in enumerate(shares):
        may = ALPHA * np.log1p((np.e - 1) * share)
        if rule == "obrien-fleming":
            may = 4 * norm.sf(norm.isf(ALPHA / 4) / np.sqrt(share))

        def over(bound: float, may: float = may, so_far: int = place + 1) -> float:
            return crossed([*bounds, bound], shares[:so_far]) - may

        bounds.append(12.0 if over(12.0) >= 0 else brentq(over, 0.01, 12.0, xtol=1e-12))
    return bounds


def crossed(bounds: Any, information: Any) -> float:
    """The chance that |z| is beyond its bound at some look where the arms do not differ."""
    root = np.sqrt(information)
    grid = np.linspace(-1, 1, POINTS) * bounds[0] * root[0]
    density = norm.pdf(grid, scale=root[0])
    for place in range(1, len(root)):
        new = np.linspace(-1, 1, POINTS) * bounds[place] * root[place]
        step = np.sqrt(root[place] ** 2 - root[place - 1] ** 2)
        density = simpson(norm.pdf(new[:, None] - grid, scale=step) * density, x=grid, axis=1)
        grid = new
    return float(1 - simpson(density, x=grid))
