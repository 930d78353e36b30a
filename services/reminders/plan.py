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
    """The plan's reminders still to come for a hearing at `starts_at`, earliest first.

    A step is of use until the next one is due, the last until the hearing begins.
    """
    day = london(starts_at).date()
    times = [
        (step.name, into_window(plan, at_london(day - timedelta(days=step.days_before), step.at)))
        for step in plan.steps
    ]
    times = [(name, due) for name, due in times if due < starts_at]
    # No step at all may fit (one on the day itself, a hearing before it).
    ends = [*(due for _, due in times), starts_at][1:]
    return [
        Moment(name, due, until) for (name, due), until in zip(times, ends, strict=True) if now <= due < until
    ]


def late(plan: Plan, starts_at: datetime, now: datetime) -> list[Moment]:
    """The one reminder of a hearing listed after its last step: as soon as the window allows, if the plan's hours then remain."""
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
