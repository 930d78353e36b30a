"""After the lag: the pilot's report, and every number in it counted once more from the script."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from services.demo import days, telling, world
from services.demo.courts import PILOT
from services.demo.people import Person
from services.demo.results import Truths
from services.demo.script import Script
from services.demo.stage import Stage
from services.demo.world import Truth
from services.reminders.evaluation.report_text import FIRST, render_text

EVENTS: dict[str, Callable[[Truth], bool]] = {
    "did_not_attend": lambda truth: truth.attendance == "absent",
    "fta": lambda truth: truth.fta in ("yes", "presumed"),
    "warrant": lambda truth: truth.warrant == "issued",
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
    cells = {}
    for arm in script.protocol["arms"]:
        known = [
            truth
            for person in script.people
            if script.arm(person) == arm["name"] and (truth := truths[person.id])
        ]
        cells[arm["name"]] = (sum(EVENTS[outcome](truth) for truth in known), len(known))
    return cells
