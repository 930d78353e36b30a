"""When a hearing's reminders go: pure rules over a plan, a hearing's time and the present.

Every time is inside the window of the day in London, before the hearing begins, and right across both clock changes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.common.times import at_london, london
from services.reminders.county import Plan


@dataclass(frozen=True, slots=True)
class Moment:
    """One reminder of a hearing: from when it is due and until when it is still of use (both UTC)."""

    step: str
    due_at: datetime
    useful_until: datetime


def moments(plan: Plan, starts_at: datetime, now: datetime) -> list[Moment]:
    """The reminders still to come for a hearing at `starts_at`, earliest first; empty where it is too late for any.

    A step is of use until the next one is due, the last until the hearing begins. A hearing listed after its last step gets one
    reminder as soon as the window allows, if the plan's hours then remain.
    """
    day = london(starts_at).date()
    times = [
        (step.name, into_window(plan, at_london(day - timedelta(days=step.days_before), step.at)))
        for step in plan.steps
    ]
    times = [(name, due) for name, due in times if due < starts_at]
    ends = [due for _, due in times[1:]] + [starts_at]
    coming = [
        Moment(name, due, until)
        for (name, due), until in zip(times, ends, strict=True)
        if due >= now and due < until
    ]
    return coming or _late(plan, starts_at, now)


def _late(plan: Plan, starts_at: datetime, now: datetime) -> list[Moment]:
    soonest = into_window(plan, now)
    last = starts_at - timedelta(hours=plan.late.hours_before)
    return [Moment(plan.late.name, soonest, starts_at)] if soonest <= last else []


def into_window(plan: Plan, instant: datetime) -> datetime:
    """The instant itself where the window is open, else the next opening."""
    local = london(instant)
    if local.time() < plan.opens:
        return at_london(local.date(), plan.opens)
    if local.time() >= plan.closes:
        return at_london(local.date() + timedelta(days=1), plan.opens)
    return instant
