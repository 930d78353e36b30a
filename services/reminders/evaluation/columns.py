"""A model's columns without those that follow from others, which would leave their coefficients undefined."""

import numpy as np

from services.reminders.evaluation.permutation import Floats


def independent(fixed: Floats) -> Floats:
    """The columns that do not follow from those before them, of which there may be more than rows."""
    basis: Floats = np.zeros((fixed.shape[0], 0))
    kept = []
    for number, column in enumerate(fixed.T):
        rest = column - basis @ (basis.T @ column)
        rest -= basis @ (basis.T @ rest)
        size = float(np.linalg.norm(rest))
        if size > 1e-9 * max(1.0, float(np.linalg.norm(column))):
            basis = np.column_stack([basis, rest / size])
            kept.append(number)
    return fixed[:, kept]
