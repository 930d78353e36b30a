"""When reminders go: thousands of hearing times around clock changes, and the edges of the window one by one."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.times import LONDON, at_london, london, parse_instant
from services.reminders.county import Late, Plan, Step
from services.reminders.plan import into_window, late, moments

OPENS, CLOSES = time(9), time(20)
DEFAULT = Plan(1, OPENS, CLOSES, (Step("three", 3, time(10)), Step("one", 1, time(10))), Late("late", 3))
# Two years of changes each way, and a day on which nothing happens.
CHANGES = [
    date(2026, 3, 29),
    date(2026, 10, 25),
    date(2027, 3, 28),
    date(2027, 10, 31),
    date(2026, 6, 17),
]

days = st.sampled_from(CHANGES).flatmap(
    lambda day: st.integers(-9, 9).map(lambda more: day + timedelta(days=more))
)
minutes = st.integers(0, 59)
steps = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, 23), minutes), min_size=1, max_size=4, unique=True
).map(
    lambda found: tuple(
        Step(f"step-{number}", before, time(hour, minute))
        for number, (before, hour, minute) in enumerate(sorted(found, key=lambda one: (-one[0], *one[1:])))
    )
)
plans = st.one_of(
    st.just(DEFAULT),
    steps.map(lambda found: Plan(1, OPENS, CLOSES, found, Late("late", 3))),
)


def every_hour(day: date, minute: int) -> list[datetime]:
    """The hearings of a day that begin at this minute of any hour of London's clock."""
    return [at_london(day, time(hour, minute)) for hour in range(24)]


@settings(max_examples=250)
@given(plan=plans, day=days, minute=minutes, before=st.integers(0, 9 * 24 * 60))
def test_every_reminder_is_in_the_window_before_the_hearing_and_in_order(
    plan: Plan, day: date, minute: int, before: int
) -> None:
    names = [step.name for step in plan.steps]
    for starts_at in every_hour(day, minute):
        now = starts_at - timedelta(minutes=before)
        found = moments(plan, starts_at, now)
        for moment in [*found, *late(plan, starts_at, now)]:
            assert OPENS <= london(moment.due_at).time() < CLOSES
            assert now <= moment.due_at < moment.useful_until <= starts_at
            assert moment.due_at.utcoffset() == timedelta(0)
        places = [names.index(moment.step) for moment in found]
        assert places == sorted(places)
        for one, after in pairwise(found):
            assert one.useful_until <= after.due_at
        if found:
            assert found[-1].useful_until == starts_at


@settings(max_examples=60)
@given(day=days, minute=minutes, before=st.integers(0, 9 * 24 * 60))
def test_the_default_steps_are_at_ten_in_london_three_days_and_one_day_before(
    day: date, minute: int, before: int
) -> None:
    expected = [
        (step, at_london(day - timedelta(days=earlier), time(10)))
        for step, earlier in (("three", 3), ("one", 1))
    ]
    for starts_at in every_hour(day, minute):
        now = starts_at - timedelta(minutes=before)
        found = [(moment.step, moment.due_at) for moment in moments(DEFAULT, starts_at, now)]
        assert found == [(step, due) for step, due in expected if due >= now]
        assert all(london(due).hour == 10 for _, due in found)


@settings(max_examples=60)
@given(day=days, minute=minutes)
def test_the_window_holds_what_comes_outside_it_until_it_opens(day: date, minute: int) -> None:
    for instant in every_hour(day, minute):
        held = into_window(DEFAULT, instant)
        assert instant <= held <= instant + timedelta(hours=14)  # thirteen, and the hour of autumn
        assert (held == instant) == (OPENS <= london(instant).time() < CLOSES)
        assert held == instant or london(held).time() == OPENS


@pytest.mark.parametrize(
    ("present", "opening"),
    [
        ("2026-09-22T02:00", "2026-09-22T09:00"),
        ("2026-09-22T08:59", "2026-09-22T09:00"),
        ("2026-09-22T09:00", "2026-09-22T09:00"),
        ("2026-09-22T19:59", "2026-09-22T19:59"),
        ("2026-09-22T20:00", "2026-09-23T09:00"),
        ("2026-09-22T23:59", "2026-09-23T09:00"),
        # The night on which clocks go forward is an hour shorter, the one on which they go back an hour longer.
        ("2026-03-28T20:00", "2026-03-29T09:00"),
        ("2026-03-29T00:59", "2026-03-29T09:00"),
        ("2026-10-24T20:00", "2026-10-25T09:00"),
        ("2026-10-25T01:30", "2026-10-25T09:00"),
    ],
)
def test_a_late_listing_is_texted_at_once_inside_the_window_and_at_its_opening_outside(
    present: str, opening: str
) -> None:
    now, starts_at = parse_instant(present), parse_instant("2026-12-01T10:00")
    assert [moment.due_at for moment in late(DEFAULT, starts_at, now)] == [parse_instant(opening)]


@pytest.mark.parametrize(
    ("present", "hearing", "texted"),
    [
        # Exactly three hours before, at the time of sending, and a minute less.
        ("2026-09-23T11:00", "2026-09-23T14:00", True),
        ("2026-09-23T11:01", "2026-09-23T14:00", False),
        ("2026-09-23T10:59", "2026-09-23T14:00", True),
        # Listed before the window opens: the three hours count from nine.
        ("2026-09-23T02:00", "2026-09-23T12:00", True),
        ("2026-09-23T02:00", "2026-09-23T11:59", False),
        ("2026-09-22T20:00", "2026-09-23T12:00", True),
        ("2026-09-22T20:00", "2026-09-23T11:59", False),
        ("2026-09-22T20:00", "2026-09-23T10:00", False),
        ("2026-09-22T19:59", "2026-09-23T10:00", True),
        # The night of a clock change changes nothing by day.
        ("2026-03-29T02:30", "2026-03-29T12:00", True),
        ("2026-03-29T02:30", "2026-03-29T11:59", False),
        ("2026-10-25T01:30", "2026-10-25T12:00", True),
        ("2026-10-25T01:30", "2026-10-25T11:59", False),
        # The hearing is now, or was.
        ("2026-09-23T14:00", "2026-09-23T14:00", False),
        ("2026-09-23T14:01", "2026-09-23T14:00", False),
    ],
)
def test_a_late_listing_needs_three_hours_at_the_time_of_sending(
    present: str, hearing: str, texted: bool
) -> None:
    assert bool(late(DEFAULT, parse_instant(hearing), parse_instant(present))) is texted


def test_a_step_of_this_very_moment_is_still_to_come_and_one_of_a_microsecond_ago_is_not() -> None:
    starts_at, due = parse_instant("2026-09-23T10:00"), parse_instant("2026-09-22T10:00")
    assert [one.step for one in moments(DEFAULT, starts_at, due)] == ["one"]
    assert moments(DEFAULT, starts_at, due + timedelta(microseconds=1)) == []


def test_a_step_is_of_use_until_the_next_one_and_the_last_until_the_hearing() -> None:
    starts_at = parse_instant("2026-09-23T10:00")
    three, one = moments(DEFAULT, starts_at, parse_instant("2026-09-14T08:00"))
    assert three.useful_until == one.due_at
    assert one.useful_until == starts_at


def test_a_step_that_falls_after_the_hearing_or_with_the_next_one_is_left_out() -> None:
    # On the day itself at ten: of use to a hearing at two, not to one at half past nine.
    plan = Plan(1, OPENS, CLOSES, (Step("one", 1, time(10)), Step("same-day", 0, time(10))), Late("late", 3))
    long_before = parse_instant("2026-09-01T08:00")
    assert len(moments(plan, parse_instant("2026-09-23T14:00"), long_before)) == 2
    assert [one.step for one in moments(plan, parse_instant("2026-09-23T09:30"), long_before)] == ["one"]
    assert [one.step for one in moments(plan, parse_instant("2026-09-23T10:00"), long_before)] == ["one"]
    # Two steps that the window brings together are one text, not two.
    early = Plan(1, OPENS, CLOSES, (Step("night", 1, time(6)), Step("nine", 1, time(9))), Late("late", 3))
    assert [one.step for one in moments(early, parse_instant("2026-09-23T14:00"), long_before)] == ["nine"]


@pytest.mark.parametrize("changed", CHANGES[:4])
def test_ten_in_the_morning_is_ten_in_the_morning_on_both_sides_of_a_clock_change(changed: date) -> None:
    for more in range(-4, 6):
        starts_at = at_london(changed + timedelta(days=more), time(10, 30))
        for moment in moments(DEFAULT, starts_at, starts_at - timedelta(days=20)):
            assert moment.due_at.astimezone(LONDON).time() == time(10)
            assert moment.due_at.astimezone(UTC).hour in (9, 10)
