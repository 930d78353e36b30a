"""When a hearing's reminders go: pure rules over a plan, a hearing's time and the present.

Every time is inside the window of its day in London, before the hearing begins, and right across both clock changes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Literal

from services.common.times import at_london, london
from services.reminders.county_parts import Hours, Plan, Release, Step

Standing = Literal["dry-run", "by-hand", "automatic"]
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """One reminder of a hearing: from when it is due and until when it is still of use (both UTC)."""

    step: str
    due_at: datetime
    useful_until: datetime


Moments = Callable[[datetime], list[Moment]]


@dataclass(frozen=True, slots=True)
class _Placed:
    """A step on the calendar. `moved`: its own day was closed, so that it goes earlier."""

    step: Step
    due_at: datetime
    moved: bool


def asked_once(plan: Plan, now: datetime) -> Moments:
    """`moments` of this plan and present, remembered for each time that courts begin at: a county's lists have few."""

    @cache
    def asked(starts_at: datetime) -> list[Moment]:
        return moments(plan, starts_at, now)

    return asked


def moments(plan: Plan, starts_at: datetime, now: datetime) -> list[Moment]:
    """The plan's reminders still to come for a hearing at `starts_at`, earliest first.

    A step is of use until the next one is due, the last until the hearing begins, or as long as the plan says of it.
    """
    standing: list[_Placed] = []
    for one in reversed([_place(plan, step, starts_at) for step in plan.steps]):
        if one.due_at < _last_use(one.step, starts_at) and not (standing and _meet(one, standing[0])):
            standing.insert(0, one)
    ends = [*(one.due_at for one in standing), starts_at][1:]
    return [
        Moment(one.step.name, one.due_at, min(end, _last_use(one.step, starts_at)))
        for one, end in zip(standing, ends, strict=False)  # no step at all may fit
        if now <= one.due_at
    ]


def _place(plan: Plan, step: Step, starts_at: datetime) -> _Placed:
    """A step on its day, or the nearest earlier open one: at its time, or at the opening of a day whose window is narrower."""
    own = london(starts_at).date() - step.days_before * ONE_DAY
    day = _open_day(plan, own, -ONE_DAY)
    hours = _hours(plan, day)
    at = step.at if hours.opens <= step.at < hours.closes else hours.opens
    return _Placed(step, at_london(day, at), moved=day != own)


def _meet(one: _Placed, later: _Placed) -> bool:
    """Two steps that the window, or closed days, bring together are one text: the later step's."""
    on_one_day = london(one.due_at).date() == london(later.due_at).date()
    return one.due_at >= later.due_at or (on_one_day and (one.moved or later.moved))


def _last_use(step: Step, starts_at: datetime) -> datetime:
    return starts_at - timedelta(hours=step.useful_until_hours_before)


def late(plan: Plan, starts_at: datetime, now: datetime) -> list[Moment]:
    """The one reminder of a hearing listed after its last step: as soon as the window allows, if the plan's hours then remain."""
    soonest = into_window(plan, now)
    last = starts_at - timedelta(hours=plan.late.hours_before)
    return [Moment(plan.late.name, soonest, starts_at)] if soonest <= last and soonest < starts_at else []


def standing(release: Release, day: date) -> Standing:
    """How the texts of this day in London are let go: not at all, by a person's hand, or by themselves."""
    if release.dry_run_until and day <= release.dry_run_until:
        return "dry-run"
    return "by-hand" if release.by_hand_until and day <= release.by_hand_until else "automatic"


def variant_of(plan: Plan, step: str | None) -> str | None:
    """The variant of the words that a step, by its name, has of its own."""
    variants = {one.name: one.template for one in plan.steps} | {plan.late.name: plan.late.template}
    return variants.get(step or "")


def into_window(plan: Plan, instant: datetime) -> datetime:
    """The instant itself where the window is open, else the next opening."""
    local = london(instant)
    day = _open_day(plan, local.date(), ONE_DAY)
    hours = _hours(plan, day)
    if day == local.date() and local.time() >= hours.closes:
        day = _open_day(plan, day + ONE_DAY, ONE_DAY)
        hours = _hours(plan, day)
    if day == local.date() and local.time() >= hours.opens:
        return instant
    return at_london(day, hours.opens)


def _open_day(plan: Plan, day: date, onward: timedelta) -> date:
    """This day, or the first after (or before) it on which texts may go; the county's file leaves one weekday open."""
    while day in plan.closed or plan.week[day.weekday()] is None:
        day += onward
    return day


def _hours(plan: Plan, open_day: date) -> Hours:
    hours = plan.week[open_day.weekday()]
    assert hours is not None  # noqa: S101 - the day is an open one
    return hours
