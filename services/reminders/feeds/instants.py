"""When a hearing is: the feeds' ways of writing a time, as instants in UTC and whether they can be trusted.

Sources: REMINDERS §2 C, E and §9 (rows 7 and 25). All results are aware and in UTC.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple

from services.common.times import LONDON

WRITTEN = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:([T ])(\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)\s?(Z|[+-]\d{2}:?\d{2})?)?",
    re.IGNORECASE,
)
CLOCK = re.compile(r"(\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?(Z|[+-]\d{2}:?\d{2})?")
SAID = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?(?::\d{2})?\s?(am|pm|noon)?", re.IGNORECASE)
SPOKEN = re.compile(r"(\d{1,2})\s([A-Za-z]{3,9})\.?\s(\d{4})")
SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
LONGEST = 40  # characters; no day or time has as many
EARLIEST, LATEST = 1880, 2200  # years outside are a slip of the pen, and near the ends arithmetic overflows


class Moment(NamedTuple):
    """An instant (UTC). `certain` is false where the feed's words fit more than one, none, or no real time of day."""

    at: datetime
    certain: bool


@lru_cache(maxsize=4096)
def wall_clock(day: date, clock: time) -> Moment:
    """What a clock on a wall in London shows.

    The hour that spring skips and the hour that autumn repeats are uncertain, and so is midnight: no court sits
    then, it is what systems write for "no time yet".
    """
    local = datetime.combine(day, clock, LONDON)
    doubled_or_skipped = local.utcoffset() != local.replace(fold=1).utcoffset()
    return Moment(local.astimezone(UTC), not doubled_or_skipped and clock != time(0))


def instant(text: str | None) -> Moment | None:
    """A date and time of Common Platform, to the microsecond; None where it is not one.

    With a zone, or with a "T" and the zone dropped by a reader, it is a real UTC instant ("2021-06-25T09:00:00" is
    10:00 in court); with a space and no zone it is the wall's clock ("2018-10-24 10:00:00").
    """
    found = WRITTEN.fullmatch((text or "").strip())
    if not found:
        return None
    written_day, separator, clock, zone = found.groups()
    day = iso_day(written_day)
    at = _time(clock or "00:00")
    if day is None or at is None:
        return None
    if separator is None or (separator == " " and zone is None):
        return wall_clock(day, at)
    return _zoned(day, at, zone or "Z")


def wall_instant(text: str | None) -> Moment | None:
    """A date and time of Libra, whose clock is the wall's unless it says otherwise ("2020-02-20T09:01:00"); None if it is not one."""
    found = WRITTEN.fullmatch((text or "").strip())
    if not found or found.group(4):
        return instant(text) if found else None
    day, at = iso_day(found.group(1)), _time(found.group(3) or "00:00")
    return wall_clock(day, at) if day is not None and at is not None else None


def hearing_time(day: date, text: str | None, *, trust_offset: bool) -> Moment | None:
    """SPI's xsd:time on a day: its offset honoured or, where it is known to be wrong, ignored; None if it is not a time."""
    found = CLOCK.fullmatch((text or "").strip())
    at = _time(found.group(1)) if found else None
    if not found or at is None:
        return None
    zone = found.group(2)
    return _zoned(day, at, zone) if zone and trust_offset else wall_clock(day, at)


def said_time(text: str) -> time | None:
    """A clock time as an office writes it: "10:30", "10.30am", "2pm", "14.30"; None where it is not one."""
    return _said_time(_short(text))


@lru_cache(maxsize=4096)
def _said_time(text: str) -> time | None:
    found = SAID.fullmatch(text)
    if not found:
        return None
    hour, minute, half = int(found.group(1)), int(found.group(2) or 0), (found.group(3) or "").lower()
    if not half and found.group(2) is None:
        return None  # "10" may be a room, a list number or an hour
    if half:
        if not 1 <= hour <= 12 or (half == "noon" and (hour, minute) != (12, 0)):
            return None
        hour = hour % 12 + (0 if half == "am" else 12)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def iso_day(text: str | None) -> date | None:
    """A day as yyyy-mm-dd, of a plausible year; None where it is not one."""
    return _iso_day(_short(text))


def british_day(text: str | None) -> date | None:
    """A day as d/m/yyyy or yyyy-mm-dd; None where it is not one."""
    return _british_day(_short(text))


def spoken_day(text: str | None) -> date | None:
    """A day as "5 Jan 2006" or "11 September 1972", else as `british_day` reads it; None where it is not one."""
    found = SPOKEN.fullmatch(_short(text))
    if not found:
        return british_day(text)
    day, month, year = found.groups()
    short = month[:3].casefold()
    return iso_day(f"{year}-{MONTHS.index(short) + 1:02}-{day:0>2}") if short in MONTHS else None


def _short(text: str | None) -> str:
    """At most as much of a text as a day or time has, so that the caches below never keep a long one."""
    return (text or "")[:LONGEST].strip()


@lru_cache(maxsize=65536)
def _iso_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST <= day.year <= LATEST else None


@lru_cache(maxsize=65536)
def _british_day(text: str) -> date | None:
    found = SLASHED.fullmatch(text)
    return _iso_day(f"{found[3]}-{found[2]:0>2}-{found[1]:0>2}" if found else text)


def _time(text: str) -> time | None:
    try:
        return time.fromisoformat(text)
    except ValueError:
        return None


def _zoned(day: date, at: time, zone: str) -> Moment | None:
    if zone in "Zz":
        offset = timedelta(0)
    else:
        digits = zone[1:].replace(":", "")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:])) * (-1 if zone[0] == "-" else 1)
    if abs(offset) > timedelta(hours=14):  # no zone on Earth is further from UTC
        return None
    moment = datetime.combine(day, at, timezone(offset)).astimezone(UTC)
    midnight = time(0) in (moment.time(), moment.astimezone(LONDON).time())
    return Moment(moment, not midnight)
