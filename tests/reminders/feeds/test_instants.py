"""Times as the feeds write them, each side of both clock changes."""

from datetime import UTC, date, datetime, time

import pytest

from services.common.times import LONDON
from services.reminders.feeds import instants


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "at", "certain", "in_court"),
    [
        # A real UTC instant, in summer and in winter (PI-3193), also when a reader dropped the zone.
        ("2021-06-25T09:00:00.000Z", "2021-06-25T09:00", True, "10:00"),
        ("2021-06-25T09:00:00", "2021-06-25T09:00", True, "10:00"),
        ("2021-06-25T09:00", "2021-06-25T09:00", True, "10:00"),
        ("2019-01-28T10:30:00.000Z", "2019-01-28T10:30", True, "10:30"),
        ("2019-01-28T10:30:00", "2019-01-28T10:30", True, "10:30"),
        ("2021-06-25t09:00:00z", "2021-06-25T09:00", True, "10:00"),
        # An offset is honoured, with or without the space and the colon.
        ("2021-06-25T10:00:00+01:00", "2021-06-25T09:00", True, "10:00"),
        ("2021-06-25T10:00:00+0100", "2021-06-25T09:00", True, "10:00"),
        ("2021-06-25 10:00:00+01:00", "2021-06-25T09:00", True, "10:00"),
        ("2021-06-25T05:00:00-04:00", "2021-06-25T09:00", True, "10:00"),
        # A space and no zone is the wall's clock.
        ("2018-10-24 10:00:00", "2018-10-24T09:00", True, "10:00"),
        ("2018-11-24 10:00:00", "2018-11-24T10:00", True, "10:00"),
        # The last hours before and the first after the change of March 2026 (29th, 01:00 UTC) …
        ("2026-03-27T10:00:00Z", "2026-03-27T10:00", True, "10:00"),
        ("2026-03-30T09:00:00Z", "2026-03-30T09:00", True, "10:00"),
        ("2026-03-29 00:59:00", "2026-03-29T00:59", True, "00:59"),
        ("2026-03-29 01:00:00", "2026-03-29T01:00", False, "02:00"),
        ("2026-03-29 01:59:00", "2026-03-29T01:59", False, "02:59"),
        ("2026-03-29 02:00:00", "2026-03-29T01:00", True, "02:00"),
        # … and of October 2026 (25th, 01:00 UTC).
        ("2026-10-23T09:00:00Z", "2026-10-23T09:00", True, "10:00"),
        ("2026-10-26T10:00:00Z", "2026-10-26T10:00", True, "10:00"),
        ("2026-10-25 00:59:00", "2026-10-24T23:59", True, "00:59"),
        ("2026-10-25 01:00:00", "2026-10-25T00:00", False, "01:00"),
        ("2026-10-25 01:59:00", "2026-10-25T00:59", False, "01:59"),
        ("2026-10-25 02:00:00", "2026-10-25T02:00", True, "02:00"),
        # An instant is one moment, also in the hour that comes twice.
        ("2026-10-25T00:30:00Z", "2026-10-25T00:30", True, "01:30"),
        ("2026-10-25T01:30:00Z", "2026-10-25T01:30", True, "01:30"),
        ("2026-10-25T01:30:00+01:00", "2026-10-25T00:30", True, "01:30"),
        # Midnight, in court or in UTC, and a day alone say that no time is known.
        ("2026-06-25T00:00:00Z", "2026-06-25T00:00", False, "01:00"),
        ("2026-06-24T23:00:00Z", "2026-06-24T23:00", False, "00:00"),
        ("2026-01-25 00:00:00", "2026-01-25T00:00", False, "00:00"),
        ("2026-01-25", "2026-01-25T00:00", False, "00:00"),
        ("2026-01-25T00:01:00Z", "2026-01-25T00:01", True, "00:01"),
    ],
)
def test_instant(written: str, at: str, certain: bool, in_court: str) -> None:
    moment = instants.instant(written)
    assert moment == (utc(at), certain)
    assert moment.at.astimezone(LONDON).strftime("%H:%M") == in_court


def test_instants_keep_the_fraction_that_orders_two_messages_of_one_second() -> None:
    assert instants.instant("2024-09-24T10:20:11.093Z").at < instants.instant("2024-09-24T10:20:11.094Z").at  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "written",
    [
        None,
        "",
        "x",
        "2026-02-30T10:00:00Z",
        "2026-13-01T10:00:00Z",
        "2026-01-01T25:00:00Z",
        "2026-01-01T10:61:00Z",
        "2026-01-01T10:00:00+15:00",
        "25/06/2026 10:00",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59-14:00",
        "٢٠٢٦-01-01T10:00:00Z",
    ],
)
def test_what_is_no_instant(written: str | None) -> None:
    assert instants.instant(written) is None


@pytest.mark.parametrize(
    ("day", "written", "trust", "at"),
    [
        # Hertfordshire and 17 more forces: the offset is wrong in summer, the wall's clock is right.
        (date(2026, 7, 5), "09:00:00-00:00", False, "2026-07-05T08:00"),
        (date(2026, 7, 5), "09:00:00.0000000-00:00", False, "2026-07-05T08:00"),
        (date(2026, 7, 5), "09:00:00Z", False, "2026-07-05T08:00"),
        (date(2026, 12, 5), "09:00:00-00:00", False, "2026-12-05T09:00"),
        # Other forces: the offset holds.
        (date(2026, 7, 5), "09:00:00-00:00", True, "2026-07-05T09:00"),
        (date(2020, 7, 31), "10:00:00.000+01:00", True, "2020-07-31T09:00"),
        # No offset is the wall's clock for everybody.
        (date(2026, 7, 5), "10:00:00", True, "2026-07-05T09:00"),
        (date(2026, 7, 5), "10:00", True, "2026-07-05T09:00"),
    ],
)
def test_hearing_time(day: date, written: str, trust: bool, at: str) -> None:
    assert instants.hearing_time(day, written, trust_offset=trust) == (utc(at), True)


@pytest.mark.parametrize(
    ("written", "at", "certain"),
    [
        ("2026-07-01T09:01:00", "2026-07-01T08:01", True),
        ("2026-12-01T09:01:00", "2026-12-01T09:01", True),
        ("2026-07-01T09:01:00Z", "2026-07-01T09:01", True),
        ("2026-07-01T09:01:00+01:00", "2026-07-01T08:01", True),
        ("2026-10-25T01:30:00", "2026-10-25T00:30", False),
        ("2026-07-01", "2026-06-30T23:00", False),
    ],
)
def test_the_clock_of_libra_is_the_walls(written: str, at: str, certain: bool) -> None:
    assert instants.wall_instant(written) == (utc(at), certain)


@pytest.mark.parametrize("written", [None, "", "soon", "2026-02-30T09:00:00", "2026-07-01T25:00:00"])
def test_what_is_no_time_of_libra(written: str | None) -> None:
    assert instants.wall_instant(written) is None


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("5 Jan 2006", date(2006, 1, 5)),
        ("20 Sept 1978", date(1978, 9, 20)),
        ("11 September 1972", date(1972, 9, 11)),
        ("05 JAN. 2006", date(2006, 1, 5)),
        ("2006-01-05", date(2006, 1, 5)),
        ("05/01/2006", date(2006, 1, 5)),
        ("31 Feb 2006", None),
        ("5 Jam 2006", None),
        ("Jan 2006", None),
        ("", None),
        (None, None),
    ],
)
def test_spoken_days(written: str | None, day: date | None) -> None:
    assert instants.spoken_day(written) == day


@pytest.mark.parametrize("written", [None, "", "10", "24:00:00", "9:00", "10.00", "10:00:00+99:00"])
def test_what_is_no_hearing_time(written: str | None) -> None:
    assert instants.hearing_time(date(2026, 7, 5), written, trust_offset=True) is None


@pytest.mark.parametrize(
    ("written", "clock"),
    [
        ("10:30", time(10, 30)),
        ("10:30:00", time(10, 30)),
        ("09:05", time(9, 5)),
        ("9.30", time(9, 30)),
        ("10.30am", time(10, 30)),
        ("10.30 AM", time(10, 30)),
        ("2pm", time(14)),
        ("12pm", time(12)),
        ("12 noon", time(12)),
        ("12am", time(0)),
        ("14.15", time(14, 15)),
        ("23:59", time(23, 59)),
        ("24:00", None),
        ("13pm", None),
        ("0am", None),
        ("10:60", None),
        ("10", None),
        ("1030", None),
        ("3 noon", None),
        ("", None),
        ("ten", None),
    ],
)
def test_said_time(written: str, clock: time | None) -> None:
    assert instants.said_time(written) == clock


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("05/03/2026", date(2026, 3, 5)),
        ("5/3/2026", date(2026, 3, 5)),
        ("2026-03-05", date(2026, 3, 5)),
        ("31/02/2026", None),
        ("05/03/26", None),
        ("03/05/20260", None),
        ("05/13/2026", None),
        ("2026-3-5", None),
        ("", None),
        ("05-03-2026", None),
        ("01/01/1879", None),
        ("01/01/1880", date(1880, 1, 1)),
        ("01/01/2200", date(2200, 1, 1)),
        ("01/01/2201", None),
    ],
)
def test_british_day(written: str, day: date | None) -> None:
    assert instants.british_day(written) == day
