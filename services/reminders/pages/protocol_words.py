"""What a protocol fixes, in the words of whoever must agree to it: the same before it is locked and after. Pure."""

from collections.abc import Iterator, Mapping
from datetime import date, time

from services.common.times import at_london, full_day
from services.reminders.county_parts import Court
from services.reminders.evaluation.cells import DID
from services.reminders.evaluation.report_plan import RULES
from services.reminders.protocol import Arm, Case, Method, Moved, Protocol, Remanded, Subgroup, Withdrawn

ALLOCATED: dict[Method, str] = {
    "permuted-blocks": "each person by lot, in blocks",
    "court-week": "each week of a court by lot",
    "stepped-wedge": "one court after another begins, in an order drawn by lot",
    "all-treated": "everybody is texted: nothing is compared",
}
WHOSE: dict[Case, str] = {"bail": "people on bail", "summons": "people who were summoned"}
MOVED: dict[Moved, str] = {"follow": "counted by the day it was moved to", "leave-out": "left out"}
WITHDRAWN: dict[Withdrawn, str] = {"not-at-risk": "not counted", "attended": "counted as having attended"}
REMANDED: dict[Remanded, str] = {"as-recorded": "counted as the court recorded it", "leave-out": "left out"}
BY: dict[Subgroup, str] = {
    "court": "court",
    "case": "bail or summons",
    "age": "age",
    "notice": "days of notice",
}


def facts(protocol: Protocol, courts: Mapping[str, Court]) -> Iterator[tuple[str, str]]:
    """Each thing that it fixes, as key and value."""
    rules, plan = protocol.rules, protocol.plan
    yield "Question", protocol.question
    yield "Courts", ", ".join(courts[code].name if code in courts else code for code in protocol.courts)
    yield "Days", f"{_day(protocol.since)} to {_day(protocol.until)}"
    yield "Whose hearings", " and ".join(WHOSE[case] for case in protocol.cases)
    yield "Arms", "; ".join(map(_arm, protocol.arms))
    yield "Who is in which arm", ALLOCATED[protocol.allocation]
    yield "What is compared", f"who {DID[protocol.primary]}"
    yield "A result is late after", f"{protocol.outcome_lag_days} days"
    yield "Somebody whose hearing moved", MOVED[rules.moved]
    yield "Somebody whose case was withdrawn", WITHDRAWN[rules.withdrawn]
    yield "Somebody who was remanded", REMANDED[rules.remanded]
    yield "Looked at apart, by", ", ".join(BY[one] for one in protocol.subgroups) or "nothing"
    yield "Looks", ", ".join(map(_day, protocol.looks))
    yield "How sure each look must be", f"by {RULES[protocol.stopping_rule]}"
    yield (
        "Planned on",
        f"{plan.control:.0%} against {plan.treated:.0%}, {plan.per_arm:,} people an arm"
        if plan
        else "nothing",
    )


def _day(day: date) -> str:
    return full_day(at_london(day, time(12)))


def _arm(arm: Arm) -> str:
    weight = f", {arm.weight} times as likely" if arm.weight > 1 else ""
    return f"{arm.name} ({'texted' if arm.texted else 'not texted'}{weight})"
