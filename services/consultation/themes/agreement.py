"""How far two people who coded the same texts blind agree, theme by theme, beyond chance: Cohen's kappa. Pure.

Plain arithmetic, because statsmodels takes a second to load for one page; a test holds it to statsmodels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class Agreement:
    """`kappa` with its interval, -1 to 1; None where there is nothing to agree on: nobody used the theme, or everybody always."""

    theme: str
    texts: int
    both: int
    one_only: int
    kappa: float | None
    low: float | None
    high: float | None


def agreement(
    themes: Sequence[str], pairs: Sequence[tuple[frozenset[str], frozenset[str]]], level: float = 0.95
) -> list[Agreement]:
    """For each theme, over texts that two people coded blind: `pairs` are the first's and the second's themes of each text.

    The interval is Fleiss, Cohen and Everitt's of 1969, kept within -1 and 1. It is wide for few texts.
    """
    return [_theme(theme, pairs, level) for theme in themes]


def _theme(theme: str, pairs: Sequence[tuple[frozenset[str], frozenset[str]]], level: float) -> Agreement:
    said = [(theme in one, theme in other) for one, other in pairs]
    both, neither = said.count((True, True)), said.count((False, False))
    one_only = len(pairs) - both - neither
    if len(pairs) in (both, neither):
        return Agreement(theme, len(pairs), both, one_only, None, None, None)
    kappa, error = _kappa(both, said.count((True, False)), said.count((False, True)), neither)
    margin = NormalDist().inv_cdf((1 + level) / 2) * error
    return Agreement(
        theme, len(pairs), both, one_only, kappa, max(-1.0, kappa - margin), min(1.0, kappa + margin)
    )


def _kappa(both: int, first: int, second: int, neither: int) -> tuple[float, float]:
    """Cohen's kappa of a table of two by two, and its standard error (Fleiss, Cohen and Everitt 1969, equation 13)."""
    texts = both + first + second + neither
    table = [[both / texts, first / texts], [second / texts, neither / texts]]
    rows = [sum(row) for row in table]
    columns = [table[0][side] + table[1][side] for side in (0, 1)]
    chance = sum(rows[side] * columns[side] for side in (0, 1))
    kappa = (table[0][0] + table[1][1] - chance) / (1 - chance)
    agreed = sum(table[side][side] * (1 - (rows[side] + columns[side]) * (1 - kappa)) ** 2 for side in (0, 1))
    differed = (1 - kappa) ** 2 * sum(
        table[one][other] * (columns[one] + rows[other]) ** 2 for one, other in ((0, 1), (1, 0))
    )
    spread = agreed + differed - (kappa - chance * (1 - kappa)) ** 2
    return kappa, sqrt(max(spread, 0.0) / texts) / (1 - chance)
