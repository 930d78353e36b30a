"""The story's days, counted from a Monday that lies ahead of the present, so that it can be told on any day."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from services.common.times import at_london, london

AHEAD = 14  # days, at least: the clock only goes forward, and the first Monday must be whole


@dataclass(frozen=True, slots=True)
class Days:
    """Days are counted from `start`, a Monday; the sitting days 1, 2 and 3 are the Monday to Wednesday a week later."""

    start: date

    def day(self, number: int) -> date:
        """The day so many days after the first Monday."""
        return self.start + timedelta(days=number)

    def at(self, number: int, clock: str) -> datetime:
        """The instant (UTC) at which London's clocks show "10:00" on that day."""
        return at_london(self.day(number), time.fromisoformat(clock))

    def sitting(self, number: int) -> int:
        """The day's count of sitting day 1, 2 or 3."""
        return 6 + number


FEED, LOCK = (0, "09:30"), (0, "09:20")
REMINDERS_AT = "10:00"
REPLIES, CHANGES, REPEATED = (4, "11:30"), (4, "14:00"), (4, "15:00")
LATE_LISTING, TOO_LATE = (6, "13:00"), (7, "09:00")
RESULTS, AMENDED = (10, "09:00"), (10, "16:00")
LAG = 28  # days after the last sitting day, as the protocol says
COMPARISON = (6 + 3 + 1 + LAG, "09:00")
EARLY, OPENING, SECOND_DAY = (41, "18:00"), (42, "10:00"), (43, "19:00")
LAST_MINUTE, LATE = (62, "23:50"), (63, "09:00")
OPENS, CLOSES = 42, 62


def from_present(present: datetime) -> Days:
    """The days of a story that begins after the present (UTC)."""
    earliest = london(present).date() + timedelta(days=AHEAD)
    return Days(earliest + timedelta(days=-earliest.weekday() % 7))
