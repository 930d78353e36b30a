"""Times as people here read them, on both nights on which the clocks change."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.times import LONDON, at_london, day_span, london, parse_instant, said_day, said_time


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "clock", "instant"),
    [
        (date(2026, 1, 15), time(10), utc(2026, 1, 15, 10)),
        (date(2026, 7, 15), time(10), utc(2026, 7, 15, 9)),
        # 29 March 2026: 01:00 becomes 02:00.
        (date(2026, 3, 28), time(10), utc(2026, 3, 28, 10)),
        (date(2026, 3, 29), time(0, 59), utc(2026, 3, 29, 0, 59)),
        (date(2026, 3, 29), time(1, 0), utc(2026, 3, 29, 1, 0)),
        (date(2026, 3, 29), time(1, 30), utc(2026, 3, 29, 1, 30)),
        (date(2026, 3, 29), time(2, 0), utc(2026, 3, 29, 1, 0)),
        (date(2026, 3, 29), time(10), utc(2026, 3, 29, 9)),
        # 25 October 2026: 02:00 becomes 01:00, and the hour from one comes twice; the first counts.
        (date(2026, 10, 24), time(10), utc(2026, 10, 24, 9)),
        (date(2026, 10, 25), time(0, 59), utc(2026, 10, 24, 23, 59)),
        (date(2026, 10, 25), time(1, 30), utc(2026, 10, 25, 0, 30)),
        (date(2026, 10, 25), time(2, 0), utc(2026, 10, 25, 2, 0)),
        (date(2026, 10, 25), time(10), utc(2026, 10, 25, 10)),
        (date(2026, 10, 25), time(0), utc(2026, 10, 24, 23)),
        (date(2026, 10, 26), time(0), utc(2026, 10, 26, 0)),
    ],
)
def test_at_london(day: date, clock: time, instant: datetime) -> None:
    assert at_london(day, clock) == instant
    assert at_london(day, clock).tzinfo is UTC


@pytest.mark.parametrize(
    ("instant", "day", "clock"),
    [
        (utc(2026, 9, 23, 9, 30), "Wed 23 Sep", "10.30am"),
        (utc(2026, 9, 23, 13, 0), "Wed 23 Sep", "2pm"),
        (utc(2026, 1, 1, 0, 0), "Thu 1 Jan", "12am"),
        (utc(2026, 1, 1, 12, 0), "Thu 1 Jan", "12pm"),
        (utc(2026, 1, 1, 11, 59), "Thu 1 Jan", "11.59am"),
        (utc(2026, 1, 1, 12, 1), "Thu 1 Jan", "12.01pm"),
        (utc(2026, 1, 1, 23, 59), "Thu 1 Jan", "11.59pm"),
        (utc(2026, 1, 1, 9, 5), "Thu 1 Jan", "9.05am"),
        # Summer nights: it is the next day in London already.
        (utc(2026, 6, 30, 22, 59), "Tue 30 Jun", "11.59pm"),
        (utc(2026, 6, 30, 23, 0), "Wed 1 Jul", "12am"),
        # Around both changes.
        (utc(2026, 3, 29, 0, 59), "Sun 29 Mar", "12.59am"),
        (utc(2026, 3, 29, 1, 0), "Sun 29 Mar", "2am"),
        (utc(2026, 10, 25, 0, 0), "Sun 25 Oct", "1am"),
        (utc(2026, 10, 25, 1, 0), "Sun 25 Oct", "1am"),
        (utc(2026, 10, 25, 2, 0), "Sun 25 Oct", "2am"),
    ],
)
def test_said(instant: datetime, day: str, clock: str) -> None:
    assert (said_day(instant), said_time(instant)) == (day, clock)


@pytest.mark.parametrize("offset", [-12, -5, 0, 1, 14])
def test_said_whatever_zone_the_instant_is_written_in(offset: int) -> None:
    from datetime import timezone

    there = utc(2026, 9, 23, 9, 30).astimezone(timezone(timedelta(hours=offset)))
    assert (said_day(there), said_time(there)) == ("Wed 23 Sep", "10.30am")


def test_every_day_and_month_has_three_letters() -> None:
    assert {len(said_day(utc(2026, month, 15)).split()[2]) for month in range(1, 13)} == {3}
    assert {len(said_day(utc(2026, 6, day)).split()[0]) for day in range(1, 8)} == {3}


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-09-21T10:00", utc(2026, 9, 21, 9)),
        ("2026-09-21 10:00", utc(2026, 9, 21, 9)),
        ("2026-12-21T10:00", utc(2026, 12, 21, 10)),
        ("2026-09-21T10:00Z", utc(2026, 9, 21, 10)),
        ("2026-09-21T10:00+01:00", utc(2026, 9, 21, 9)),
        ("2026-09-21T10:00:00-05:00", utc(2026, 9, 21, 15)),
        ("  2026-09-21T10:00Z ", utc(2026, 9, 21, 10)),
        ("2026-09-21", utc(2026, 9, 20, 23)),
        ("2026-03-29T01:30", utc(2026, 3, 29, 1, 30)),
        ("2026-10-25T01:30", utc(2026, 10, 25, 0, 30)),
    ],
)
def test_parse_instant(text: str, instant: datetime) -> None:
    assert parse_instant(text) == instant


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "10:00", "21/09/2026 10:00", "2026-13-01", "2026-02-30", "2026-09-21T25:00"]
)
def test_parse_instant_refuses(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_instant(text)


@given(st.integers(946_684_800, 2_840_140_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)))
def test_london_shows_the_same_instant(instant: datetime) -> None:
    assert london(instant) == instant
    assert london(instant).tzinfo is LONDON


@given(st.dates(date(2000, 1, 1), date(2060, 1, 1)), st.times())
def test_a_clock_time_comes_back_but_in_the_hour_that_spring_skips(day: date, clock: time) -> None:
    shown = london(at_london(day, clock)).replace(tzinfo=None)
    wanted = datetime.combine(day, clock)
    assert shown - wanted in (timedelta(0), timedelta(hours=1))
    if shown != wanted:
        assert (wanted.month, wanted.hour) == (3, 1)


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        (date(2026, 11, 30), 24),
        (date(2026, 3, 29), 23),
        (date(2026, 10, 25), 25),
        (date.max, 0),
    ],
)
def test_a_day_is_as_long_as_london_makes_it(day: date, hours: int) -> None:
    begins, ends = day_span(day)
    assert ends - begins == timedelta(hours=hours)
