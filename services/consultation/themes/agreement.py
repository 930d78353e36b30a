"""How far two people who coded the same texts blind agree, theme by theme, beyond chance: Cohen's kappa. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm
from statsmodels.stats.inter_rater import cohens_kappa


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

    The interval is Fleiss, Cohen and Everitt's of 1969, as statsmodels has it, kept within -1 and 1. It is wide for few texts.
    """
    return [_theme(theme, pairs, level) for theme in themes]


def _theme(theme: str, pairs: Sequence[tuple[frozenset[str], frozenset[str]]], level: float) -> Agreement:
    first = np.array([theme in one for one, _ in pairs], dtype=bool)
    second = np.array([theme in other for _, other in pairs], dtype=bool)
    both, neither = int((first & second).sum()), int((~first & ~second).sum())
    table = np.array([[both, int((first & ~second).sum())], [int((~first & second).sum()), neither]])
    one_only = len(pairs) - both - neither
    if len(pairs) in (both, neither):
        return Agreement(theme, len(pairs), both, one_only, None, None, None)
    found = cohens_kappa(table)
    margin = float(norm.ppf((1 + level) / 2) * found.std_kappa)
    return Agreement(
        theme,
        len(pairs),
        both,
        one_only,
        float(found.kappa),
        max(-1.0, float(found.kappa) - margin),
        min(1.0, float(found.kappa) + margin),
    )
