"""The days of a hearing, as a listing keeps them: a list of {"starts_at", "room", "cancelled", "certain"}."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from services.common.times import london
from services.reminders.feeds.records import Day
from services.reminders.fresh import AnyListing

# Why no outcome is taken for a day on which the hearing does not sit.
NOT_ITS_DAY = ("not-a-day-of-it", "the hearing does not sit on this day: correct the day")


@lru_cache(maxsize=16384)
def day_as_json(day: Day) -> dict[str, Any]:
    """One of a listing's `days`; never changed once made, since many listings share it."""
    return {
        "starts_at": iso(day.starts_at),
        "room": day.room,
        "cancelled": day.cancelled,
        "certain": day.certain,
    }


def listed_start(days: Sequence[Day], now: datetime) -> datetime | None:
    """The next uncancelled day's start, as the feed lists it; the last one where all have passed."""
    if len(days) == 1:
        return days[0].starts_at
    return next_start([(day.starts_at, day.cancelled) for day in days], now)


def next_start(days: Iterable[tuple[datetime, bool]], now: datetime) -> datetime | None:
    """Of (start, cancelled) pairs: the next uncancelled start, else the last uncancelled, else the last of all."""
    ordered = sorted(days)
    standing = [start for start, cancelled in ordered if not cancelled]
    coming = [start for start in standing if start > now]
    if coming:
        return coming[0]
    last = standing or [start for start, _ in ordered]
    return last[-1] if last else None


def row_days(row: AnyListing) -> set[Any]:
    """The days of a listing, in London."""
    return {london(datetime.fromisoformat(day["starts_at"])).date() for day in row.days}


def sits_on(row: AnyListing, day: date) -> bool:
    """Whether a day is one of a listing's. A hearing that is known by its result only has none of its own, and takes any."""
    return not row.days or day in row_days(row)


def next_of(row: AnyListing, now: datetime) -> datetime | None:
    """The next start of the days as they were listed until now."""
    days = [(datetime.fromisoformat(day["starts_at"]), day["cancelled"]) for day in row.days]
    return next_start(days, now) if days else row.starts_at


def all_cancelled(days: Sequence[Day]) -> bool:
    """Whether there are days and none of them stands."""
    return bool(days) and not [day for day in days if not day.cancelled]


@lru_cache(maxsize=4096)
def iso(instant: datetime | None) -> str | None:
    """An instant as the tables keep it in JSON."""
    return instant.isoformat() if instant else None
