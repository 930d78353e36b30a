"""Times as people in this country read them, and as machines write them."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def london(instant: datetime) -> datetime:
    """The same instant on a clock in London."""
    return instant.astimezone(LONDON)


def at_london(day: date, clock: time) -> datetime:
    """The instant (UTC) at which clocks in London show this time on this day.

    An hour that spring skips is read as the hour after; of autumn's repeated hour, the first.
    """
    return datetime.combine(day, clock, LONDON).astimezone(UTC)


def said_day(instant: datetime) -> str:
    """ "Wed 23 Sep": a day as texts and pages write it, independent of the process's locale."""
    local = london(instant)
    return f"{DAYS[local.weekday()]} {local.day} {MONTHS[local.month - 1]}"


def said_time(instant: datetime) -> str:
    """ "10.30am", "2pm": a clock time as texts write it."""
    local = london(instant)
    hour = local.hour % 12 or 12
    minutes = f".{local.minute:02}" if local.minute else ""
    return f"{hour}{minutes}{'am' if local.hour < 12 else 'pm'}"


def parse_instant(text: str) -> datetime:
    """An ISO 8601 time from a person: without an offset it is London's clock. Raises ValueError."""
    instant = datetime.fromisoformat(text.strip())
    return (instant if instant.tzinfo else instant.replace(tzinfo=LONDON)).astimezone(UTC)


DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
