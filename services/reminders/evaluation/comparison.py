"""One outcome's block of the report: rates by arm, the comparison the allocation allows, then the unadjusted one. Pure."""

from typing import Any

from services.reminders.evaluation.arms import Arm
from services.reminders.evaluation.cells import DID, Counted
from services.reminders.evaluation.compare import arm_figures, compare
from services.reminders.evaluation.design import analyse, strata
from services.reminders.evaluation.refusals import Refusal, rate_on_few
from services.reminders.evaluation.stratified import stratified
from services.reminders.evaluation.two_by_two import Estimate, number_needed
from services.reminders.protocol import Protocol


def outcome_block(
    protocol: Protocol, counted: Counted, outcome: str, level: float
) -> tuple[dict[str, Any], list[Refusal]]:
    """The block, and the refusals of arms with too few people: these are in no comparison either."""
    totals, did = counted.totals(outcome), DID[outcome]
    fewest = protocol.thresholds.fewest_for_a_rate
    refused = {arm: rate_on_few(f"{arm} ({did})", n, fewest) for arm, (_, n) in totals.items()}
    shown = [Arm(arm, *cell) for arm, cell in totals.items() if refused[arm] is None]
    figures = {arm.name: arm_figures(arm, level) for arm in shown}
    control = counted.arms[-1]
    comparable = protocol.randomised and control in figures and len(shown) > 1
    table = counted.table(outcome)
    treated = [arm.name for arm in shown if arm.name != control] if comparable else []
    by_person = protocol.allocation == "permuted-blocks"
    designs = [analyse(protocol, table, name, control, level) for name in treated]
    return {
        "outcome": outcome,
        "did": did,
        "arms": [
            figures.get(arm, {"name": arm, "events": events, "n": n, "rate": None, "ci": None})
            for arm, (events, n) in totals.items()
        ],
        "design": [_with_needed(one) for one in designs if one],
        "stratified": [
            stratified(strata(table), name, control, level) for name in (treated if by_person else ())
        ],
        "unadjusted": compare(shown, level) if comparable else None,
    }, [refusal for refusal in refused.values() if refusal]


def pooled_block(counted: Counted, outcome: str) -> dict[str, Any]:
    """Between looks: everybody as one, and no arm."""
    cells = counted.totals(outcome).values()
    everybody = {"events": sum(events for events, _ in cells), "n": sum(n for _, n in cells)}
    return {
        "outcome": outcome,
        "did": DID[outcome],
        "arms": [],
        "pooled": everybody,
        "design": [],
        "stratified": [],
        "unadjusted": None,
    }


def main_effect(block: dict[str, Any]) -> dict[str, Any] | None:
    """The figure that a verdict stands on: the first named arm against the control, by design."""
    first = block["arms"][0]["name"] if block["arms"] else None
    found = next((one for one in block["design"] if one["treated"] == first), None)
    return found["risk_difference"] if found and found["risk_difference"]["ci"] else None


def _with_needed(design: dict[str, Any]) -> dict[str, Any]:
    """With the number needed to text, only where the difference's interval excludes zero."""
    difference = design["risk_difference"]
    ci = tuple(difference["ci"]) if difference["ci"] else None
    needed = number_needed(Estimate(difference["estimate"], ci, "design"))
    return design | {
        "number_needed_to_text": needed.estimate if needed else None,
        "number_needed_to_text_ci": list(needed.ci) if needed and needed.ci else None,
    }
