"""Responses by day and channel as a grid without gaps; a long time by week or by month. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from services.consultation.states import Channel

MOST = 62  # rows that somebody reads, and that are hidden in seconds


@dataclass(frozen=True, slots=True)
class Grid:
    """`step` is day, week (from its Monday) or month; `starts` are first days, `counts` are by (start, channel), noughts among them."""

    step: str
    starts: tuple[str, ...]
    channels: tuple[str, ...]
    counts: Mapping[tuple[str, str], int]


def grid(by_day: Sequence[Mapping[str, Any]]) -> Grid:
    """From the rows of the whole report: {"day", "channel", "received"}."""
    days = [date.fromisoformat(one["day"]) for one in by_day]
    came = {one["channel"] for one in by_day}
    channels = tuple([str(one) for one in Channel if one in came] + sorted(came - set(Channel)))
    if not days:
        return Grid("day", (), (), {})
    first, last = min(days), max(days)
    span = (last - first).days + 1
    step = "day" if span <= MOST else "week" if span <= 7 * MOST else "month"
    starts = tuple(
        dict.fromkeys(start(first + timedelta(days=number), step).isoformat() for number in range(span))
    )
    counts = {(one, channel): 0 for one in starts for channel in channels}
    for row, day in zip(by_day, days, strict=True):
        counts[start(day, step).isoformat(), row["channel"]] += row["received"]
    return Grid(step, starts, channels, counts)


def start(day: date, step: str) -> date:
    """The first day of the day's period."""
    if step == "day":
        return day
    return day - timedelta(days=day.weekday()) if step == "week" else day.replace(day=1)
