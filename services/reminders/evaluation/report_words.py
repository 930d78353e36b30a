"""Figures and standing sentences that several sections of a report use. Pure."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from services.common.times import london
from services.reminders.evaluation.wording import digits, points_with_interval

Report = dict[str, Any]
NO_ARMS = "Not shown between the planned looks."
METHODS = {"mantel-haenszel, klingenberg": "Mantel and Haenszel's difference, Klingenberg's interval"}
ERRORS = {
    "model": "the model's own",
    "robust": "robust to unequal variances",
    "clustered": "clustered by who was assigned together",
}
NO_COMPARISON = "Not given: this design, or the people in it, carry no comparison of arms."


def effect_text(effect: dict[str, Any] | None) -> str:
    """A difference in points with its interval; "not given" where there is none."""
    return "not given" if effect is None or effect["estimate"] is None else points_with_interval(effect)


def days_text(effect: dict[str, Any]) -> str:
    """A difference in mean days with its interval."""
    if effect["estimate"] is None:
        return "not given"
    told = f"{effect['estimate']:+.3f} days a person"
    return f"{told} (no interval)" if effect["ci"] is None else f"{told} ({interval(effect['ci'])})"


def interval(ci: Sequence[float]) -> str:
    """Bounds of days, with their signs."""
    return f"{ci[0]:+.3f} to {ci[1]:+.3f}"


def points_text(difference: float | None) -> str | None:
    """A difference of proportions in points."""
    return None if difference is None else f"{digits(difference * 100)} percentage points"


def counted(number: int | None) -> str:
    """A count with its thousands apart."""
    return "–" if number is None else f"{number:,}"


def none_of(report: Report) -> str:
    """Why a section holds no figure."""
    return NO_COMPARISON if report["look"]["shown"] else NO_ARMS


def day_text(day: str) -> str:
    """A day as people here read it: "15 February 2027"."""
    return f"{date.fromisoformat(day):%-d %B %Y}"


def moment(instant: str) -> str:
    """An instant as people here read it: "15 February 2027, 09:01"."""
    return f"{london(datetime.fromisoformat(instant)):%-d %B %Y, %H:%M}"
