"""Whether a day in court put the case off, whether because the person was absent, and to which day. A reviewed table decides. Pure.

The table is `data/adjournment_rules.csv`, one row a (code, ground) with its source. `ground` is a CJS qualifier, a reason in words
(lower case), "-" where the result states none, or "*" for whichever. `for_absence` says what the row takes the cause to be: absence
("yes"), absence if nobody came and no other result of that day says otherwise ("if-absent"), or something else ("no").
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal

from services.reminders.feeds.records import ResultCode
from services.reminders.outcome_rules import Outcome

Word = Literal["no", "yes", "absence", "unknown"]
Cause = Literal["yes", "if-absent", "no"]
CAUSES: tuple[Cause, ...] = ("yes", "if-absent", "no")
ANY, NONE = "*", "-"


@dataclass(frozen=True, slots=True)
class Adjournment:
    """What a day's results say. `until` is the day that they themselves set, None where they set none."""

    word: Word
    until: date | None = None


def adjournment(
    outcome: Outcome, codes: Sequence[ResultCode], day: date, next_day: date | None
) -> Adjournment:
    """From one hearing day's outcome and results, and the day of the hearing that they list next at the same court.

    A hearing at another court is the case going on (a committal), so it is not given. A warrant for not appearing puts the case off
    too, to no day. Results that say neither attendance nor a code say nothing of this either.
    """
    until = next_day if next_day and next_day > day else None
    causes = {cause for code in codes if (cause := _cause(code))} | ({"if-absent"} if until else set())
    if outcome.fta in ("yes", "presumed") or "yes" in causes:
        return Adjournment("absence", until)
    if not causes:
        return Adjournment("no" if codes else "unknown")
    absent = outcome.attendance == "absent" and "no" not in causes
    return Adjournment("absence" if absent else "yes", until)


def _cause(code: ResultCode) -> Cause | None:
    """What the first row that fits a result says; None where it puts nothing off."""
    grounds = {*code.qualifiers, *(reason.casefold() for reason in code.reasons)}
    for ground, cause in table().get(code.code, ()):
        if ground == ANY or ground in grounds or (ground == NONE and not grounds):
            return cause
    return None


@cache
def table() -> dict[str, tuple[tuple[str, Cause], ...]]:
    """Code → its rows (ground, cause), in order. Raises ValueError on a row that is not as the columns demand."""
    found: dict[str, tuple[tuple[str, Cause], ...]] = {}
    with files("services.reminders").joinpath("data/adjournment_rules.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            cause = next((one for one in CAUSES if one == row["for_absence"]), None)
            if cause is None or not row["source"]:
                raise ValueError(f"adjournment_rules.csv: {row}")
            found[row["code"]] = (*found.get(row["code"], ()), (row["ground"], cause))
    return found
