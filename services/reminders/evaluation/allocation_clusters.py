"""Allocations of whole court-weeks, and of whole courts in steps: from the seed and the protocol's dates alone.

A court's weeks take their arms as people do in `allocation`: week n is position n of the court's own permuted
blocks. A stepped wedge shuffles the courts once with the same words, and deals them out to the steps in turn.
Nobody's enrolment moves anything here, so every arm of every week can be derived before the pilot begins.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import islice

from services.reminders.evaluation.allocation import AllocationError, arm_for, block_numbers, shuffled

_WEDGE = "stepped wedge"


def week_of(day: date, since: date) -> int:
    """The 0-based week of a day, Monday to Sunday; the week of `since` is 0. Raises AllocationError before that week."""
    week = (day - (since - timedelta(days=since.weekday()))).days // 7
    if week < 0:
        raise AllocationError(f"{day} lies before the week of {since}, in which the pilot begins.")
    return week


def court_week_arm(
    seed: str, court: str, week: int, arms: Sequence[tuple[str, int]], block_sizes: Sequence[int]
) -> str:
    """The arm of everybody first enrolled for a hearing at `court` in 0-based `week`. Raises AllocationError."""
    return arm_for(seed, _stratum(court), week, arms, block_sizes)


def court_week_blocks(
    seed: str, court: str, weeks: int, arms: Sequence[tuple[str, int]], block_sizes: Sequence[int]
) -> list[int]:
    """The block of each of a court's first `weeks` weeks: within a block, another order was as likely."""
    return list(islice(block_numbers(seed, _stratum(court), arms, block_sizes), weeks))


def period_of(day: date, since: date, days: int) -> int:
    """The 0-based period, `days` long, of a day; `since` begins period 0. Raises AllocationError before it."""
    if days < 1:
        raise AllocationError("A period lasts at least one day.")
    if day < since:
        raise AllocationError(f"{day} lies before {since}, on which the pilot begins.")
    return (day - since).days // days


def wedge_steps(seed: str, courts: Sequence[str], steps: int) -> dict[str, int]:
    """The step, 1 to `steps`, at which each court changes over; as many courts at each step as can be.

    The order in which the protocol names the courts does not matter.

    Raises:
        AllocationError: no seed, a court named twice, no step, or fewer courts than steps.
    """
    if not seed:
        raise AllocationError("An allocation needs a seed.")
    if len(set(courts)) != len(courts):
        raise AllocationError("A court is named twice.")
    if not 1 <= steps <= len(courts):
        raise AllocationError(
            f"{len(courts)} courts cannot change over in {steps} steps: write 1 to {len(courts)}."
        )
    return {court: 1 + place % steps for place, court in enumerate(shuffled(seed, _WEDGE, sorted(courts)))}


def wedge_arm(
    seed: str, courts: Sequence[str], steps: int, court: str, period: int, arms: tuple[str, str]
) -> str:
    """The arm, of (treated, control), of a court in a 0-based period: control until its step. Raises AllocationError."""
    step = wedge_steps(seed, courts, steps).get(court)
    if step is None:
        raise AllocationError(f"The court {court} is not in the pilot.")
    return arms[0] if period >= step else arms[1]


def _stratum(court: str) -> str:
    return f"court-week:{court}"
