"""How long an account waits after wrong passwords: nothing for the first few slips, then ever longer. Pure."""

from datetime import timedelta

FREE = 3  # wrong ones without a wait
FIRST, LONGEST = timedelta(seconds=15), timedelta(hours=1)


def wait(failures: int) -> timedelta:
    """How long nobody may try after this many wrong ones in a row: 15 s from the fourth on, doubling to an hour."""
    if failures <= FREE:
        return timedelta(0)
    return min(LONGEST, FIRST * float(2 ** min(failures - FREE - 1, 20)))
