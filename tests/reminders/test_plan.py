"""When reminders go: thousands of hearing times around clock changes and Christmas, and the edges of the window one by one."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.common.times import LONDON, at_london, london, parse_instant
from services.reminders.bank_holidays import bank_holidays
from services.reminders.county import Hours, Late, Plan, Step
from services.reminders.plan import Moment, into_window, late, moments, variant_of

OPENS, CLOSES = time(9), time(20)
EVERY_DAY = (Hours(OPENS, CLOSES),) * 7
DEFAULT = Plan(1, EVERY_DAY, (Step("three", 3, time(10)), Step("one", 1, time(10))), Late("late", 3))
SHORT_SATURDAY = (*EVERY_DAY[:5], Hours(time(10), time(16)), None)
# Two years of changes each way, two Christmases (the second one at a weekend), Easter, and a day on which nothing happens.
CHANGES = [
    *(date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31)),
    *(date(2026, 12, 25), date(2027, 12, 25), date(2026, 4, 6), date(2026, 6, 17)),
]

days = st.sampled_from(CHANGES).flatmap(
    lambda day: st.integers(-9, 9).map(lambda more: day + timedelta(days=more))
)
minutes = st.integers(0, 59)
steps = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, 23), minutes, st.sampled_from([0, 0, 0.5, 2, 26])),
    min_size=1,
    max_size=4,
    unique_by=lambda one: one[:3],
).map(
    lambda found: tuple(
        Step(f"step-{number}", before, time(hour, minute), useful)
        for number, (before, hour, minute, useful) in enumerate(
            sorted(found, key=lambda one: (-one[0], *one[1:]))
        )
    )
)
plans = st.builds(
    Plan,
    st.just(1),
    st.sampled_from([EVERY_DAY, SHORT_SATURDAY]),
    st.one_of(st.just(DEFAULT.steps), st.just((*DEFAULT.steps, Step("day", 0, time(9)))), steps),
    st.builds(Late, st.just("late"), st.sampled_from([0, 3])),
    st.sampled_from([frozenset(), bank_holidays()]),
)


def is_open(plan: Plan, instant: datetime) -> bool:
    """Whether a text may go at this moment, worked out by hand."""
    local = london(instant)
    hours = plan.week[local.weekday()]
    return (
        hours is not None and local.date() not in plan.closed and hours.opens <= local.time() < hours.closes
    )


def every_hour(day: date, minute: int) -> list[datetime]:
    """The hearings of a day that begin at this minute of any hour of London's clock."""
    return [at_london(day, time(hour, minute)) for hour in range(24)]


@settings(max_examples=400, derandomize=True)
@given(plan=plans, day=days, minute=minutes, before=st.integers(0, 12 * 24 * 60))
@example(plan=DEFAULT, day=date(2026, 3, 29), minute=30, before=0)
@example(plan=DEFAULT, day=date(2026, 10, 25), minute=30, before=24 * 60)
@example(plan=replace(DEFAULT, closed=bank_holidays()), day=date(2026, 12, 29), minute=0, before=12 * 24 * 60)
def test_every_reminder_is_in_the_window_before_the_hearing_and_in_order(
    plan: Plan, day: date, minute: int, before: int
) -> None:
    names = [step.name for step in plan.steps]
    for starts_at in every_hour(day, minute):
        now = starts_at - timedelta(minutes=before)
        found = moments(plan, starts_at, now)
        for moment in [*found, *late(plan, starts_at, now)]:
            assert is_open(plan, moment.due_at)
            assert now <= moment.due_at < moment.useful_until <= starts_at
            assert moment.due_at.utcoffset() == timedelta(0)
        places = [names.index(moment.step) for moment in found]
        assert places == sorted(places)
        for one, after in pairwise(found):
            assert one.useful_until <= after.due_at
        for moment in found:
            step = plan.steps[names.index(moment.step)]
            assert moment.useful_until <= starts_at - timedelta(hours=step.useful_until_hours_before)
            # Never later than its own day, though a closed day may bring it earlier.
            assert london(moment.due_at).date() <= day - timedelta(days=step.days_before)
        # One text a day, unless the plan itself has two steps on one day.
        texted = [london(moment.due_at).date() for moment in found]
        twice = [one for one in texted if texted.count(one) > 1]
        assert len({names.index(moment.step) for moment in found}) == len(found)
        for one in twice:
            assert sum(day - timedelta(days=step.days_before) == one for step in plan.steps) > 1


@settings(max_examples=100, derandomize=True)
@given(plan=plans, day=days, minute=minutes)
def test_what_is_planned_does_not_depend_on_when_one_looks(plan: Plan, day: date, minute: int) -> None:
    for starts_at in every_hour(day, minute)[::6]:
        everything = moments(plan, starts_at, starts_at - timedelta(days=60))
        for moment in everything:
            later = moments(plan, starts_at, moment.due_at)
            assert later == [one for one in everything if one.due_at >= moment.due_at]


@settings(max_examples=60, derandomize=True)
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


@settings(max_examples=100, derandomize=True)
@given(plan=plans, day=days, minute=minutes)
def test_the_window_holds_what_comes_outside_it_until_it_opens(plan: Plan, day: date, minute: int) -> None:
    for instant in every_hour(day, minute):
        held = into_window(plan, instant)
        assert is_open(plan, held)
        assert (held == instant) == is_open(plan, instant)
        assert held >= instant
        hours = plan.week[london(held).weekday()]
        assert held == instant or (hours is not None and london(held).time() == hours.opens)
        # The next opening: nothing between was open.
        between = [instant + timedelta(hours=n) for n in range(int((held - instant).total_seconds() // 3600))]
        assert not [one for one in between if one < held and is_open(plan, one)]


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
    plan = Plan(1, EVERY_DAY, (Step("one", 1, time(10)), Step("same-day", 0, time(10))), Late("late", 3))
    long_before = parse_instant("2026-09-01T08:00")
    assert len(moments(plan, parse_instant("2026-09-23T14:00"), long_before)) == 2
    assert [one.step for one in moments(plan, parse_instant("2026-09-23T09:30"), long_before)] == ["one"]
    assert [one.step for one in moments(plan, parse_instant("2026-09-23T10:00"), long_before)] == ["one"]
    # Two steps that the window brings together are one text, not two.
    early = Plan(1, EVERY_DAY, (Step("night", 1, time(6)), Step("nine", 1, time(9))), Late("late", 3))
    assert [one.step for one in moments(early, parse_instant("2026-09-23T14:00"), long_before)] == ["nine"]


@pytest.mark.parametrize("changed", CHANGES[:4])
def test_ten_in_the_morning_is_ten_in_the_morning_on_both_sides_of_a_clock_change(changed: date) -> None:
    for more in range(-4, 6):
        starts_at = at_london(changed + timedelta(days=more), time(10, 30))
        for moment in moments(DEFAULT, starts_at, starts_at - timedelta(days=20)):
            assert moment.due_at.astimezone(LONDON).time() == time(10)
            assert moment.due_at.astimezone(UTC).hour in (9, 10)


def written(found: list[Moment]) -> list[tuple[str, str, str]]:
    """(step, when it goes, until when it is of use), by London's clock."""
    return [
        (one.step, f"{london(one.due_at):%a %d %b %H:%M}", f"{london(one.useful_until):%a %d %b %H:%M}")
        for one in found
    ]


HOLIDAYS = replace(DEFAULT, closed=bank_holidays())
SEVEN = (Step("seven", 7, time(10)), *DEFAULT.steps)
SAME_DAY = (*DEFAULT.steps, Step("day", 0, time(9)))


@pytest.mark.parametrize(
    ("plan", "hearing", "reminders"),
    [
        # Friday 25 and Saturday 26 are Christmas and Boxing Day, Monday 28 the day off: earlier days take their texts.
        (
            HOLIDAYS,
            "2026-12-29T10:00",
            [
                ("three", "Thu 24 Dec 10:00", "Sun 27 Dec 10:00"),
                ("one", "Sun 27 Dec 10:00", "Tue 29 Dec 10:00"),
            ],
        ),
        # What may go at Christmas goes at Christmas, where the plan does not skip it.
        (
            DEFAULT,
            "2026-12-28T10:00",
            [
                ("three", "Fri 25 Dec 10:00", "Sun 27 Dec 10:00"),
                ("one", "Sun 27 Dec 10:00", "Mon 28 Dec 10:00"),
            ],
        ),
        # Both steps would go on Christmas Eve: one text, the later step's.
        (
            replace(HOLIDAYS, steps=(Step("two", 2, time(10)), Step("one", 1, time(11)))),
            "2026-12-27T10:00",
            [("one", "Thu 24 Dec 11:00", "Sun 27 Dec 10:00")],
        ),
        # A remand court sits on Christmas Day: the text of the day itself goes the day before, in place of that day's own.
        (
            replace(HOLIDAYS, steps=SAME_DAY),
            "2026-12-25T10:00",
            [
                ("three", "Tue 22 Dec 10:00", "Thu 24 Dec 09:00"),
                ("day", "Thu 24 Dec 09:00", "Fri 25 Dec 10:00"),
            ],
        ),
        # Easter: Good Friday, Saturday, Sunday, Easter Monday; Sundays closed by the week.
        (
            replace(HOLIDAYS, week=SHORT_SATURDAY, steps=SEVEN),
            "2026-04-07T10:00",
            [
                ("seven", "Tue 31 Mar 10:00", "Sat 04 Apr 10:00"),
                ("one", "Sat 04 Apr 10:00", "Tue 07 Apr 10:00"),
            ],
        ),
        # A day with a narrower window: its opening, where the step's time lies outside.
        (
            replace(DEFAULT, week=SHORT_SATURDAY, steps=(Step("one", 2, time(18)),)),
            "2026-09-21T10:00",
            [("one", "Sat 19 Sep 10:00", "Mon 21 Sep 10:00")],
        ),
        # A hearing at half past midnight, and on the day of each change.
        (
            replace(DEFAULT, steps=SAME_DAY),
            "2026-10-25T00:30",
            [
                ("three", "Thu 22 Oct 10:00", "Sat 24 Oct 10:00"),
                ("one", "Sat 24 Oct 10:00", "Sun 25 Oct 00:30"),
            ],
        ),
        (
            replace(DEFAULT, steps=SAME_DAY),
            "2026-03-29T10:00",
            [
                ("three", "Thu 26 Mar 10:00", "Sat 28 Mar 10:00"),
                ("one", "Sat 28 Mar 10:00", "Sun 29 Mar 09:00"),
                ("day", "Sun 29 Mar 09:00", "Sun 29 Mar 10:00"),
            ],
        ),
        # Of use until two hours before: 14:00 becomes noon, and the day's own text at nine comes too late for ten.
        (
            replace(DEFAULT, steps=(Step("day", 0, time(9), 2),)),
            "2026-09-23T14:00",
            [("day", "Wed 23 Sep 09:00", "Wed 23 Sep 12:00")],
        ),
        (replace(DEFAULT, steps=(Step("day", 0, time(9), 2),)), "2026-09-23T11:00", []),
        (
            replace(DEFAULT, steps=(Step("day", 0, time(9), 2),)),
            "2026-09-23T11:01",
            [("day", "Wed 23 Sep 09:00", "Wed 23 Sep 09:01")],
        ),
        # Of use for less time than until the next step: nothing is caught up in between.
        (
            replace(DEFAULT, steps=(Step("three", 3, time(10), 60), DEFAULT.steps[1])),
            "2026-09-23T10:00",
            [
                ("three", "Sun 20 Sep 10:00", "Sun 20 Sep 22:00"),
                ("one", "Tue 22 Sep 10:00", "Wed 23 Sep 10:00"),
            ],
        ),
    ],
)
def test_a_plan_on_the_calendar(plan: Plan, hearing: str, reminders: list[tuple[str, str, str]]) -> None:
    starts_at = parse_instant(hearing)
    assert written(moments(plan, starts_at, starts_at - timedelta(days=30))) == reminders


@pytest.mark.parametrize(
    ("present", "hearing", "goes"),
    [
        # Listed on Christmas Eve after closing: the next open day is the Sunday.
        ("2026-12-24T20:00", "2026-12-29T10:00", "Sun 27 Dec 09:00"),
        ("2026-12-25T10:00", "2026-12-27T12:00", "Sun 27 Dec 09:00"),
        ("2026-12-25T10:00", "2026-12-27T11:59", None),
        ("2026-12-27T10:30", "2026-12-29T10:00", "Sun 27 Dec 10:30"),
        # On the bank holiday itself nothing goes, however near the hearing is.
        ("2026-12-28T10:30", "2026-12-28T16:00", None),
    ],
)
def test_a_late_listing_waits_for_an_open_day(present: str, hearing: str, goes: str | None) -> None:
    found = late(HOLIDAYS, parse_instant(hearing), parse_instant(present))
    assert [when for _, when, _ in written(found)] == ([goes] if goes else [])


def test_a_plan_that_asks_for_no_hours_never_texts_at_the_hearing_itself() -> None:
    plan = replace(DEFAULT, late=Late("late", 0))
    at = parse_instant("2026-09-23T14:00")
    assert late(plan, at, at) == []
    assert len(late(plan, at, at - timedelta(minutes=1))) == 1


def test_a_steps_own_words() -> None:
    plan = replace(DEFAULT, steps=(Step("one", 1, time(10), template="last"),), late=Late("late", 3, "soon"))
    names = ("one", "late", "three-days", None)
    assert [variant_of(plan, name) for name in names] == ["last", "soon", None, None]
