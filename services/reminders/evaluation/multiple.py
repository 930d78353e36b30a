"""Several outcomes at once: Holm's adjustment, as statsmodels computes it."""

from collections.abc import Sequence

from statsmodels.stats.multitest import multipletests


def holm(ps: Sequence[float | None]) -> list[float | None]:
    """Each p adjusted over those that there are; a test that could not be made stays None and is not counted."""
    tested = [p for p in ps if p is not None]
    if not tested:
        return [None] * len(ps)
    adjusted = iter(multipletests(tested, method="holm")[1])
    return [None if p is None else float(next(adjusted)) for p in ps]
