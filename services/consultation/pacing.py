"""When texts to many people go: so many an hour, inside the day's window in London. Pure.

The pace is the office's, because replies come within the hour and somebody must be there to read them.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import islice

from services.common.times import at_london, london

OPENS, CLOSES = time(9), time(20)
PER_HOUR, PER_HOUR_MOST = 2000, 100_000


def window(at: datetime) -> datetime:
    """The first instant from `at` on at which an invitation may go: `at` itself between 09:00 and 20:00 in London."""
    local = london(at)
    if local.time() < OPENS:
        return at_london(local.date(), OPENS)
    return at if local.time() < CLOSES else at_london(local.date() + timedelta(days=1), OPENS)


def paced(start: datetime, per_hour: int) -> Iterator[datetime]:
    """An instant for each invitation, evenly `per_hour`, none outside the window; the next day goes on where this one ended."""
    step = timedelta(hours=1) / per_hour
    at = window(start)
    closing = at_london(london(at).date(), CLOSES)
    while True:
        if at >= closing:
            at = window(at)
            closing = at_london(london(at).date(), CLOSES)
        yield at
        at += step


def last_of(start: datetime, per_hour: int, number: int) -> datetime:
    """When the last of so many would go; `start`'s window where there is none."""
    return next(islice(paced(start, per_hour), max(0, number - 1), None))
