"""From scores to shares: of texts with this score, how many a person gave the theme (Platt 1999), and where to draw the line. Pure.

Both are learnt from scores of rows that were left out, never from rows that a model has seen.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

Array = npt.NDArray[np.float64]

# Below this many reviewed texts of a theme a curve would be drawn through nothing: its score stands as it is.
FEWEST = 3
_EDGE = 0.005


@dataclass(frozen=True, slots=True)
class Curve:
    """One theme's: log-odds of the scores, made standard, then a logistic line."""

    centre: Array
    scale: Array
    slope: Array
    level: float

    def __call__(self, scores: Array) -> Array:
        """Shares from scores (texts x models)."""
        found: Array = 1 / (
            1 + np.exp(-((_odds(scores) - self.centre) / self.scale @ self.slope + self.level))
        )
        return found


def curve(scores: Array, given: npt.NDArray[np.bool_]) -> Curve | None:
    """The curve of one theme from left-out scores (texts x models) and what people gave; None where too few did, or all."""
    if given.sum() < FEWEST or given.all():
        return None
    odds = _odds(scores)
    centre, scale = odds.mean(axis=0), odds.std(axis=0) + 1e-9
    line = LogisticRegression(C=1.0, max_iter=500).fit((odds - centre) / scale, given)
    return Curve(centre, scale, line.coef_[0], float(line.intercept_[0]))


def shares(curves: list[Curve | None], scores: Array) -> Array:
    """Shares (texts x themes) from scores (models x texts x themes); without a curve, the first model's score within 0 and 1."""
    return np.column_stack(
        [
            one(scores[:, :, theme].T) if one else np.clip(scores[0, :, theme], 0, 1)
            for theme, one in enumerate(curves)
        ]
    )


def line(share: Array, given: npt.NDArray[np.bool_]) -> float:
    """The share from which a suggestion counts as likely: where F1 over all texts and themes is highest."""
    flat = share.ravel()
    order = np.argsort(-flat, kind="stable")
    right = np.cumsum(given.ravel()[order])
    f1 = 2 * right / (np.arange(1, len(flat) + 1) + given.sum())
    return float(flat[order[int(f1.argmax())]])


def micro_f1(chosen: npt.NDArray[np.bool_], given: npt.NDArray[np.bool_]) -> float:
    """F1 over all texts and themes together: 1 where every theme chosen was given, and no other."""
    together = int(chosen.sum() + given.sum())
    return 2 * int((chosen & given).sum()) / together if together else 1.0


def recall_at(share: Array, given: npt.NDArray[np.bool_], most: int = 3) -> float:
    """Of a text's themes, the part among its `most` first suggestions: the mean over texts that have a theme."""
    first = np.argsort(-share, axis=1, kind="stable")[:, :most]
    some = given.any(axis=1)
    hits = np.take_along_axis(given, first, axis=1).sum(axis=1)[some]
    return float((hits / given[some].sum(axis=1)).mean()) if some.any() else 1.0


def _odds(scores: Array) -> Array:
    within = np.clip(scores, _EDGE, 1 - _EDGE)
    found: Array = np.log(within / (1 - within))
    return found
