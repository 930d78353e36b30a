"""Who is texted: one reason code for each thing that forbids it (REMINDERS §3). Pure; an empty answer means yes.

The codes are the boxes of the flow diagram, listed in docs/reminders.md. Two are decided elsewhere: `same-visit` (cases) and
`control-arm` (pilots).
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Literal, NamedTuple

from services.common.times import london_day
from services.reminders.county import County

MobileState = Literal["valid", "invalid", "missing", "shared", "wrong", "stopped"]

# A single justice decides on papers: nobody attends (J, Z).
NOBODY_ATTENDS = frozenset({"J", "Z"})
SUMMONED = frozenset({"S", "Q"})


class Facts(NamedTuple):
    """What is known of one person's listing, without what differs from one to the next: most of a list's rows have the same facts.

    `adult` is None where the birth or the day is not known, `timed` false without a day. `time_left` is false where no reminder
    fits before the hearing any more, `paused` true where a person has paused its court on that day (pauses).
    """

    status: str
    organisation: bool
    named: bool
    adult: bool | None
    youth: bool | None
    first_hearing: bool
    custody: str
    initiation: str | None
    box_hearing: bool
    guilty_plea_by_post: bool
    doubts: tuple[str, ...]
    interpreter: bool
    offence_codes: tuple[str, ...]
    markers: tuple[str, ...]
    court: str | None
    timed: bool
    time_certain: bool
    mobile: MobileState
    do_not_text: bool
    time_left: bool
    paused: bool


def reasons(facts: Facts, county: County) -> tuple[str, ...]:
    """Every reason why this person is not texted about this hearing, in the order in which staff should read them."""
    return tuple(code for code, holds in RULES if holds(facts, county))


def adult(born: date | None, starts_at: datetime | None) -> bool | None:
    """Whether somebody is 18 or more on the day of the hearing, in London; None where the birth or the day is not known."""
    return years(born, london_day(starts_at)) >= 18 if born and starts_at else None


def years(born: date, day: date) -> int:
    """Whole years on a day."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _missing_fact(facts: Facts) -> bool:
    if facts.organisation:
        return False
    age_unknown = facts.adult is None and facts.youth is None
    return not facts.named or age_unknown or not facts.timed


def _needs_review(facts: Facts) -> bool:
    """Doubts of the feed; and someone charged whose bail nobody states, since what is true of missing court depends on it."""
    unsaid = facts.custody == "unknown" and facts.initiation not in SUMMONED and facts.initiation is not None
    return bool(facts.doubts) or unsaid


def _sensitive(facts: Facts, county: County) -> bool:
    if not facts.offence_codes and not facts.markers:
        return False
    by_offence = any(
        code.startswith(mark) for code in facts.offence_codes for mark in county.sensitive_offences
    )
    return by_offence or any(marker in county.sensitive_markers for marker in facts.markers)


RULES: tuple[tuple[str, Callable[[Facts, County], bool | None]], ...] = (
    ("cancelled", lambda facts, _: facts.status == "cancelled"),
    ("resulted", lambda facts, _: facts.status == "heard"),
    ("suspended", lambda facts, _: facts.status == "suspended"),
    ("organisation", lambda facts, _: facts.organisation),
    ("under-18", lambda facts, _: facts.youth or facts.adult is False),
    ("not-first-hearing", lambda facts, _: not facts.first_hearing),
    ("in-custody", lambda facts, _: facts.custody == "custody"),
    (
        "no-attendance-expected",
        lambda facts, _: facts.initiation in NOBODY_ATTENDS or facts.box_hearing or facts.guilty_plea_by_post,
    ),
    ("court-not-enrolled", lambda facts, county: facts.court not in county.courts),
    ("court-paused", lambda facts, _: facts.paused),
    ("sensitive", _sensitive),
    ("missing-fact", lambda facts, _: _missing_fact(facts)),
    ("time-uncertain", lambda facts, _: not facts.time_certain),
    ("needs-review", lambda facts, _: _needs_review(facts)),
    ("interpreter-needed", lambda facts, _: facts.interpreter),
    ("mobile-missing", lambda facts, _: facts.mobile == "missing"),
    ("mobile-invalid", lambda facts, _: facts.mobile == "invalid"),
    ("mobile-shared", lambda facts, _: facts.mobile == "shared"),
    ("opted-out", lambda facts, _: facts.mobile == "stopped"),
    ("wrong-number", lambda facts, _: facts.mobile == "wrong"),
    ("do-not-text", lambda facts, _: facts.do_not_text),
    ("too-late", lambda facts, _: facts.status == "listed" and not facts.time_left),
)
