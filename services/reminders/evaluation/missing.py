"""Outcomes that never came: as they are, and as the best and the worst that the missing could have been."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

Fill = Literal["complete", "best", "worst"]
# court, arm → (events, people with a known outcome, people without)
Incomplete = Sequence[tuple[str, Mapping[str, tuple[int, int, int]]]]
Strata = list[tuple[str, dict[str, tuple[int, int]]]]


def fill(strata: Incomplete, treated: str) -> dict[Fill, Strata]:
    """The strata with the missing left out; with them all in `treated`'s favour; and all against it.

    Best: nobody missing in `treated` had the event, and everybody missing in another arm had it. Each result goes to
    the design's own comparison.
    """
    known = [(court, {arm: (events, n) for arm, (events, n, _) in arms.items()}) for court, arms in strata]
    return {
        "complete": known,
        "best": _counted(strata, lambda arm: arm != treated),
        "worst": _counted(strata, lambda arm: arm == treated),
    }


def arm_bounds(events: int, n: int, missing: int) -> tuple[float, float] | None:
    """The lowest and highest rate of an arm whatever the missing were; None without people."""
    people = n + missing
    return (events / people, (events + missing) / people) if people else None


def _counted(strata: Incomplete, had_it: Callable[[str], bool]) -> Strata:
    """Everybody, the missing of an arm with the event or without."""
    return [
        (
            court,
            {
                arm: (events + missing * had_it(arm), n + missing)
                for arm, (events, n, missing) in arms.items()
            },
        )
        for court, arms in strata
    ]
