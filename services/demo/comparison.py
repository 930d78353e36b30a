"""After the lag: the pilot's report, and every number in it counted once more from the script."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from services.demo import days, telling, world
from services.demo.common_platform_results import NEXT_HEARING_AFTER
from services.demo.courts import PILOT
from services.demo.feed import typed_in
from services.demo.people import Person
from services.demo.results import Truths
from services.demo.script import Script
from services.demo.stage import Stage
from services.demo.world import Truth
from services.reminders.evaluation.report_text import FIRST, render_text

# Results that put a case off because nobody came: a warrant for not appearing does too.
PUT_OFF = ("last-chance", "warrant", "warrant-unstated")
EVENTS: dict[str, Callable[[Truth], bool]] = {
    "did_not_attend": lambda truth: truth.attendance == "absent",
    "fta": lambda truth: truth.fta in ("yes", "presumed"),
    "warrant": lambda truth: truth.warrant == "issued",
    "adjourned_for_absence": lambda truth: truth.result in PUT_OFF,
    "adjourned": lambda truth: truth.result in (*PUT_OFF, "adjourned"),
}


def comparison(stage: Stage, truths: Truths) -> None:
    """Print the report; hold its flow and its counts against a direct count."""
    at = stage.go(days.COMPARISON)
    stage.checks.equal("texts sent while the outcomes were waited for", 0, stage.arrived().total())
    report = stage.reminders.get(f"/v1/pilots/{stage.script.protocol['name']}/evaluation")
    telling.heading(at, "Four weeks after the last hearing: the comparison that the protocol planned")
    telling.tell(
        "",
        *render_text(report, FIRST).splitlines(),
        "",
        f"The other sections, and the report as a page: heed reminders evaluate {stage.script.protocol['name']} --out FOLDER",
        f"Synthetic: in the world that was made up for this story, {world.STAYS_AWAY_UNREMINDED:.0%} stay away if no reminder",
        f"reaches them and {world.STAYS_AWAY_ANYWAY:.0%} whatever they read. It says nothing about a real court.",
    )
    checks, script = stage.checks, stage.script
    checks.equal(
        "the report says that it is synthetic", True, render_text(report).startswith("Synthetic data")
    )
    _flow(stage, report, truths)
    for block in (report["primary"], *report["secondary"]):
        name = block["outcome"]
        got = {arm["name"]: (arm["events"], arm["n"]) for arm in block["arms"]}
        checks.equal(f"the report's {name}: events and people by arm", _cells(script, truths, name), got)
    lost = {arm["name"]: (arm["days"], arm["n"]) for arm in report["days_lost"]["arms"]}
    checks.equal("the report's days lost: days and people by arm", _lost(script, truths), lost)


def _flow(stage: Stage, report: dict[str, Any], truths: Truths) -> None:
    flow, script = report["flow"], stage.script
    assigned = [person for person in script.people if script.arm(person)]
    excluded = Counter(
        person.expect for person in script.people if person.court in PILOT and not script.arm(person)
    )
    checks = stage.checks
    checks.equal("flow: excluded, by reason", dict(excluded), flow["excluded"])
    checks.equal("flow: assessed", len(assigned) + excluded.total(), flow["assessed"])
    for arm in flow["arms"]:
        mine = [person for person in assigned if script.arm(person) == arm["name"]]
        got = {name: arm[name] for name in _counted(script, mine, truths)}
        checks.equal(f"flow of the arm {arm['name']}", _counted(script, mine, truths), got)


def _counted(script: Script, people: list[Person], truths: Truths) -> dict[str, int]:
    texted = [person for person in people if script.texted(person)]
    delivered = [person for person in texted if script.delivered(person)]
    known = [person for person in people if truths[person.id]]
    off = [person for person in people if person.role == "deleted"]
    return {
        "assigned": len(people),
        "texted": len(texted),
        "delivered": len(delivered),
        "undelivered": len(texted) - len(delivered),
        "known": len(known),
        "pending": 0,
        "missing": len(people) - len(known) - len(off),
        "not_at_risk": len(off),
    }


def _cells(script: Script, truths: Truths, outcome: str) -> dict[str, tuple[int, int]]:
    by_arm = _known(script, truths, adjournment=outcome.startswith("adjourned"))
    return {
        arm: (sum(EVENTS[outcome](truth) for truth in known), len(known)) for arm, known in by_arm.items()
    }


def _lost(script: Script, truths: Truths) -> dict[str, tuple[int, int]]:
    by_arm = _known(script, truths, adjournment=True)
    return {
        arm: (NEXT_HEARING_AFTER.days * sum(truth.result == "last-chance" for truth in known), len(known))
        for arm, known in by_arm.items()
    }


def _known(script: Script, truths: Truths, *, adjournment: bool) -> dict[str, list[Truth]]:
    """By arm, what happened to whom it is known of; whoever types an outcome in is not asked about an adjournment."""
    return {
        arm["name"]: [
            truth
            for person in script.people
            if script.arm(person) == arm["name"]
            and (truth := truths[person.id])
            and not (adjournment and typed_in(person))
        ]
        for arm in script.protocol["arms"]
    }
