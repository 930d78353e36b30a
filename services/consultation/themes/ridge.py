"""Kernel ridge regression on all themes at once, with the scores that each row would get were it not there. Pure.

One inverse of (kernel + penalty) gives both: the weights, and for any part of the rows left out, its scores, without
fitting again (Rifkin and Lippert 2007, "Notes on Regularized Least Squares", §3, for parts of one row; the same algebra
holds for larger ones). Five folds of one-vs-rest logistic regression take five times as long and score lower; see
docs/decisions/0040.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import lapack

Array = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Fit:
    """`weights` (rows x themes) times a new text's likeness to the rows, plus `mean`, is its scores; `left_out` are the rows' own."""

    weights: Array
    mean: Array
    left_out: Array


def fit(kernel: Array, targets: Array, penalty: float, parts: npt.NDArray[np.int64]) -> Fit:
    """Fit `targets` (rows x themes, 0 or 1); `kernel` (rows x rows) is overwritten, for at 4,000 rows it is 64 MB.

    Rows whose part is -1 are never left out and do not count towards the mean: they are the codeframe's own words.
    """
    counted = parts >= 0
    mean = targets[counted].mean(axis=0) if counted.any() else np.zeros(targets.shape[1], dtype=np.float32)
    kernel[np.diag_indices_from(kernel)] += np.float32(penalty)
    inverse = _inverse(kernel)
    weights = inverse @ (targets - mean)
    left_out = np.zeros_like(targets)
    for part in np.unique(parts[counted]):
        rows = np.flatnonzero(parts == part)
        left_out[rows] = targets[rows] - np.linalg.solve(inverse[np.ix_(rows, rows)], weights[rows])
    return Fit(weights, mean, left_out)


def _inverse(kernel: Array) -> Array:
    """By Cholesky's factors, a third of the work of the general inverse; a kernel plus a penalty always has them."""
    factor, failed = lapack.spotrf(kernel.T, lower=1, overwrite_a=1)
    inverse, failed_too = lapack.spotri(factor, lower=1, overwrite_c=1)
    if failed or failed_too:
        raise ArithmeticError("the kernel has no Cholesky factors: it is not one of likeness")
    # LAPACK fills one half. Row by row, because the places of the other half would take twice the memory of the matrix.
    for row in range(len(inverse)):
        inverse[row, row + 1 :] = inverse[row + 1 :, row]
    found: Array = inverse
    return found
