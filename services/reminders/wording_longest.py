"""Each template as long as it can become, and what it then costs."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from services.common.segments import SegmentCount, count
from services.common.times import said_day, said_time
from services.reminders.county_parts import County
from services.reminders.wording import NAME_MOST, render

LONGEST_NAME, UNICODE_NAME = "Bartholomew-Xavierus", "Ж" * NAME_MOST


@dataclass(frozen=True, slots=True)
class Longest:
    """A template at its longest court, name, day and time: the text, its cost, and its cost with a name outside the GSM alphabet."""

    text: str
    cost: SegmentCount
    cost_unicode: SegmentCount


def longest(county: County, code: str, template: str) -> Longest:
    """What this template comes to at its longest. Raises MissingFact where there is none."""
    court = max(county.courts, key=lambda one: len(county.courts[one].short))

    def said(name: str) -> str:
        at = _longest_moment(code)
        return render(county, template, given=name, court=court, starts_at=at, language=code)

    text = said(LONGEST_NAME)
    return Longest(text, count(text), count(said(UNICODE_NAME)))


@cache
def _longest_moment(code: str) -> datetime:
    """A moment whose day and time are as long as any can be in this language."""
    midnight = datetime(2026, 1, 1, tzinfo=UTC)
    day = max((midnight + timedelta(days=n) for n in range(365)), key=lambda at: len(said_day(at, code)))
    # From half past ten, which no minute of the day is longer than; it stays within the day in summer too.
    return max(
        (day + timedelta(minutes=30 * n) for n in range(21, 45)), key=lambda at: len(said_time(at, code))
    )
