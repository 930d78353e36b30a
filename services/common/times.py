"""Times as people in this country read them, and as machines write them."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
NEVER = datetime.min.replace(tzinfo=UTC)


def london(instant: datetime) -> datetime:
    """The same instant on a clock in London."""
    return instant.astimezone(LONDON)


@lru_cache(maxsize=4096)
def london_day(instant: datetime) -> date:
    """The day on which an instant falls in London."""
    return london(instant).date()


def at_london(day: date, clock: time) -> datetime:
    """The instant (UTC) at which clocks in London show this time on this day.

    An hour that spring skips is read as the hour after; of autumn's repeated hour, the first.
    """
    return datetime.combine(day, clock, LONDON).astimezone(UTC)


def day_span(day: date) -> tuple[datetime, datetime]:
    """The instants (UTC) at which a day begins and ends in London; at the calendar's own ends a span that holds nothing."""
    try:
        begins, ends = (at_london(one, time.min) for one in (day, day + timedelta(days=1)))
    except OverflowError:
        return NEVER, NEVER
    return begins, ends


def said_day(instant: datetime, language: str = "en") -> str:
    """ "Wed 23 Sep", "śr 23 wrz": a day as texts and pages write it, independent of the process's locale."""
    local = london(instant)
    return f"{DAYS[language][local.weekday()]} {local.day} {MONTHS[language][local.month - 1]}"


def said_time(instant: datetime, language: str = "en") -> str:
    """ "10.30am", "2pm", "14:00": a clock time as texts write it."""
    local = london(instant)
    if language in WHOLE_DAY_CLOCK:
        return f"{local.hour}:{local.minute:02}"
    hour = local.hour % 12 or 12
    minutes = f".{local.minute:02}" if local.minute else ""
    return f"{hour}{minutes}{'am' if local.hour < 12 else 'pm'}"


def full_day(instant: datetime) -> str:
    """ "Wed 23 Sep 2026": a day on pages, where other years stand beside it."""
    return f"{said_day(instant)} {london(instant).year}"


def full_moment(instant: datetime) -> str:
    """ "Wed 23 Sep 2026, 10.30am"."""
    return f"{full_day(instant)}, {said_time(instant)}"


def parse_day(text: str) -> date:
    """A day from a person or a browser's calendar: 2026-11-30, 30/11/2026 or 30.11.2026. Raises ValueError."""
    written = re.fullmatch(r"(\d{1,2})[/. ](\d{1,2})[/. ](\d{4})", text.strip(), re.ASCII)
    if written:
        day, month, year = map(int, written.groups())
        return date(year, month, day)
    return date.fromisoformat(text.strip())


def parse_instant(text: str) -> datetime:
    """An ISO 8601 time from a person: without an offset it is London's clock. Raises ValueError."""
    instant = datetime.fromisoformat(text.strip())
    return (instant if instant.tzinfo else instant.replace(tzinfo=LONDON)).astimezone(UTC)


def written(value: Any) -> Any:
    """A JSON value with every instant and day in it as ISO 8601, however deep."""
    if isinstance(value, Mapping):
        return {key: written(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [written(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


# Days from Monday and months from January, by language, as people there shorten them. Where a short month would read like a
# weekday (Welsh "Maw", Romanian "mar"), it is written out.
DAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "cy": ("Llun", "Maw", "Mer", "Iau", "Gwe", "Sad", "Sul"),
    "pl": ("pon", "wt", "śr", "czw", "pt", "sob", "niedz"),
    "ro": ("lun", "mar", "mie", "joi", "vin", "sâm", "dum"),
}
MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "cy": ("Ion", "Chwef", "Mawrth", "Ebr", "Mai", "Meh", "Gorff", "Awst", "Medi", "Hyd", "Tach", "Rhag"),
    "pl": ("sty", "lut", "mar", "kwi", "maj", "cze", "lip", "sie", "wrz", "paź", "lis", "gru"),
    "ro": ("ian", "feb", "martie", "apr", "mai", "iun", "iul", "aug", "sept", "oct", "nov", "dec"),
}
# "14:00"; the others count to twelve twice.
WHOLE_DAY_CLOCK = frozenset({"pl", "ro"})
