"""What a day in court came to: attendance, failure to appear and warrant, decided by a reviewed table.

The table is `data/outcome_rules.csv`, one row a (code, qualifier, attendance) with its source. `qualifier` is a CJS qualifier, a
reason in words (lower case), "-" for none, "?" for one that the table does not name, or "*" for whichever. For each result
the first row that fits decides. `came` is what the row itself says of attendance, used where the feed says nothing.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal, cast, get_args

from services.reminders.feeds.records import ResultCode

Attendance = Literal["attended", "represented", "absent", "unknown"]
Fta = Literal["yes", "presumed", "no", "unknown"]
Warrant = Literal["none", "issued", "closed", "unknown"]

# The feeds' own words: Common Platform's attendanceType and SPI's PresentAtHearing (REMINDERS §7).
ATTENDANCE: dict[str, Attendance] = {
    "IN_PERSON": "attended",
    "BY_VIDEO": "attended",
    "Y": "attended",
    "A": "represented",
    "NOT_PRESENT": "absent",
    "N": "absent",
}
ATTENDANCES: tuple[str, ...] = get_args(Attendance)
# Of several results on one day the first of these that any gives.
FTA_ORDER: tuple[Fta, ...] = ("yes", "presumed", "unknown", "no")
WARRANT_ORDER: tuple[Warrant, ...] = ("closed", "issued", "none", "unknown")
ANY, NONE, OTHER = "*", "-", "?"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table."""

    rule: str
    code: str
    qualifier: str
    attendance: str
    fta: Fta
    warrant: Warrant
    backed_for_bail: bool | None
    came: Attendance | None
    case_ended: bool
    remanded: bool

    def fits(self, result: ResultCode, came: Attendance) -> bool:
        """Whether this row, one of the result's code, speaks of this result, given the attendance."""
        if self.attendance not in (ANY, came):
            return False
        if self.qualifier == NONE:
            return not result.qualifiers
        if self.qualifier == OTHER:
            return bool(result.qualifiers)
        return self.qualifier == ANY or self.qualifier in _grounds(result)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one defendant's day in court came to; three warrants for three offences are one.

    `reason` is the id of the rule that decided. `case_ended`: every offence that was dealt with is over. `remanded`: into
    custody. `unknown_codes` lists for review what the table does not know: "4576 ZZ" (code and qualifier), "attendance Q".
    """

    attendance: Attendance
    fta: Fta
    warrant: Warrant
    reason: str
    backed_for_bail: bool | None = None
    case_ended: bool = False
    remanded: bool = False
    unknown_codes: tuple[str, ...] = ()


def decide(attendance: str | None, codes: Sequence[ResultCode]) -> Outcome:
    """The outcome of one hearing day from the feed's attendance word (None where it has none) and all its results."""
    word = (attendance or "").strip().upper()
    came = ATTENDANCE.get(word, "unknown")
    if came == "unknown":
        came = next((rule.came for rule in _rules_for(codes, came) if rule.came), came)
    if not codes and came == "unknown":
        return Outcome(came, "unknown", "unknown", "no-result", unknown_codes=tuple(_unknown(word, codes)))
    rules = list(_rules_for(codes, came))
    given = {rule.warrant for rule in rules}
    warrant: Warrant = next((warrant for warrant in WARRANT_ORDER if warrant in given), "none")
    deciding = min(rules, key=_weight, default=None)
    backing = [rule.backed_for_bail for rule in rules if rule.backed_for_bail is not None]
    return Outcome(
        attendance=came,
        fta=deciding.fta if deciding else "no",
        warrant=warrant,
        reason=deciding.rule if deciding else "no-warrant",
        backed_for_bail=all(backing) if backing else None,
        case_ended=_all_ended(codes, came),
        remanded=any(rule.remanded for rule in rules),
        unknown_codes=tuple(_unknown(word, codes)),
    )


def contradiction(attendance: str, fta: str, warrant: str) -> str | None:
    """Why a person's three facts cannot all be true, as one sentence that says what to write; None where they can (REMINDERS §7).

    A feed's own facts are kept as they come. Somebody who came and absconded after surrendering (CY) has a warrant and no failure to
    appear; a lawyer may come for somebody whom the court says failed to appear.
    """
    if fta == "presumed" and attendance != "absent":
        return "fta 'presumed' is for somebody absent, on a warrant whose ground is not stated: write yes, no or unknown"
    if fta == "yes" and attendance == "attended":
        return "attended and fta 'yes' contradict each other: for somebody who left after surrendering, fta is 'no'"
    if fta in ("yes", "presumed") and warrant == "none":
        return f"fta {fta!r} is the court's word with a warrant: write the warrant (issued, closed, unknown), or fta 'no' or 'unknown'"
    return None


@cache
def table() -> tuple[Rule, ...]:
    """The rows of the table, in order. Raises ValueError on a row that is not as the columns demand."""
    with files("services.reminders").joinpath("data/outcome_rules.csv").open(encoding="utf-8") as lines:
        return tuple(_row(row) for row in csv.DictReader(lines))


def _row(row: dict[str, str]) -> Rule:
    if row["fta"] not in FTA_ORDER or row["warrant"] not in WARRANT_ORDER or not row["source"]:
        raise ValueError(f"outcome_rules.csv: {row}")
    return Rule(
        rule=row["rule"],
        code=row["code"],
        qualifier=row["qualifier"],
        attendance=row["attendance"],
        fta=row["fta"],
        warrant=row["warrant"],
        backed_for_bail={"yes": True, "no": False, "": None}[row["backed_for_bail"]],
        came=cast(Attendance, row["came"]) if row["came"] else None,
        case_ended=row["case_ended"] == "yes",
        remanded=row["remanded"] == "yes",
    )


def _rules_for(codes: Iterable[ResultCode], came: Attendance) -> Iterator[Rule]:
    """The first row that fits each result; many results (a fine, a discharge) have none."""
    for result in codes:
        yield from (rule for rule in [_rule_for(result, came)] if rule)


def _rule_for(result: ResultCode, came: Attendance) -> Rule | None:
    return next((rule for rule in _rows_of(result.code) if rule.fits(result, came)), None)


@lru_cache(maxsize=1024)
def _rows_of(code: str) -> tuple[Rule, ...]:
    return tuple(rule for rule in table() if rule.code in (ANY, code))


def _weight(rule: Rule) -> tuple[int, int]:
    return FTA_ORDER.index(rule.fta), WARRANT_ORDER.index(rule.warrant)


def _grounds(result: ResultCode) -> set[str]:
    return {*result.qualifiers, *(reason.casefold() for reason in result.reasons)}


def _all_ended(codes: Sequence[ResultCode], came: Attendance) -> bool:
    """Whether each offence has a result that ends it; an offence of which only a fine is known was not withdrawn."""
    dealt_with = {result.offence for result in codes}
    ended = {result.offence for result in codes if (rule := _rule_for(result, came)) and rule.case_ended}
    return bool(ended) and ended == dealt_with


def _unknown(word: str, codes: Sequence[ResultCode]) -> Iterator[str]:
    if word and word not in ATTENDANCE:
        yield f"attendance {word}"
    known = {(rule.code, rule.qualifier) for rule in table()}
    pairs = ((result.code, qualifier) for result in codes for qualifier in result.qualifiers)
    for code, qualifier in dict.fromkeys(pairs):
        if (code, OTHER) in known and (code, qualifier) not in known:
            yield f"{code} {qualifier}"
