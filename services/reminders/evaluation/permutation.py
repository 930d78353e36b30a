"""Permutation tests: the same difference under other allocations that were as likely as the one that was drawn."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from services.reminders.evaluation.effect import Permutation

Floats = NDArray[np.float64]
# Fixed, so that a report made again prints the same p.
_SEED = 20_200_323
_TIE = 1e-12


def permuted(groups: Sequence[int], draws: int) -> NDArray[np.int64]:
    """`draws` rows, each an order of the units 0, 1, 2 … that moves them only within their group."""
    group = np.asarray(groups)
    # Every row sorts by group and then at random; the places of a group are taken by its own units.
    keys = np.random.default_rng(_SEED).random((draws, group.size)) + group
    taken, places = np.argsort(keys, axis=1), np.argsort(group, kind="stable")
    order = np.empty_like(taken)
    order[:, places] = taken
    return order


def test(observed: float, others: Callable[[], Floats], method: str) -> Permutation:
    """The two-sided test of a difference against those of other allocations; the observed one counts among them."""
    drawn = others()
    extreme = int(np.sum(np.abs(drawn) >= abs(observed) - _TIE))
    return Permutation((1 + extreme) / (1 + drawn.size), int(drawn.size), method)
