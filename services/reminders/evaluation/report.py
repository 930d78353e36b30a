"""A pilot's report as one JSON-able dict: verdict, flow, the comparison the allocation allows, then the unadjusted one."""

from typing import Any

from statsmodels.stats.multitest import multipletests

from services.reminders.evaluation.arms import Arm
from services.reminders.evaluation.compare import arm_figures, compare
from services.reminders.evaluation.counts import ArmFlow, Method, PilotCounts, ReportError, check
from services.reminders.evaluation.looks import LooksError, boundaries, level_at
from services.reminders.evaluation.power import Detectable, detectable
from services.reminders.evaluation.refusals import Refusal, causal_words, no_effect, rate_on_few
from services.reminders.evaluation.report_text import render_text
from services.reminders.evaluation.stratified import stratified
from services.reminders.evaluation.verdict import Finding, Word, sentence, word

__all__ = ["ArmFlow", "Method", "PilotCounts", "ReportError", "pilot_report", "render_text"]

DID = {
    "did_not_attend": "did not attend",
    "fta": "failed to appear by the court's word",
    "warrant": "had a warrant issued",
}

# Why a design's arms cannot be compared by strata of independent people.
_OTHER_DESIGN = {
    "court-week": "whole court-weeks were assigned, and the analysis by court-week is not in this report",
    "stepped-wedge": "courts changed over in steps, and the analysis by period is not in this report",
    "all-treated": "everybody was offered the texts, so there is no arm to compare them with",
}


def pilot_report(counts: PilotCounts) -> dict[str, Any]:
    """The report of one pilot at one data cut; every figure is unrounded, every rate and difference a proportion.

    Keys: `pilot` (name, question, hash, code version, data cut, synthetic, randomised, method), `look` (number,
    planned, taken, boundary, level), `verdict` (word, sentence, smallest detectable fall and rise), `flow`,
    `primary` and each of `secondary` (outcome, did, arms, stratified, unadjusted, and for secondary p and p_holm),
    `notes` (sentences), `refusals` (code, sentence).

    Raises:
        ReportError: the counts do not close, contradict the design, or the looks have no boundaries.
    """
    check(counts)
    look = _look(counts)
    level = look["level"]
    refusals: list[Refusal | None] = [causal_words(counts.question, counts.randomised)]
    primary, primary_refusals = _outcome(counts, counts.primary, level)
    refusals += primary_refusals
    verdict = _verdict(counts, look, primary)
    if verdict["word"] == Word.INCONCLUSIVE:
        refusals.append(no_effect(_main(primary)[1], counts.negligible))
    secondary = []
    for outcome in counts.outcomes:
        if outcome != counts.primary:
            block, more = _outcome(counts, outcome, level)
            secondary.append(block)
            refusals += more
    _holm(secondary)
    return {
        "pilot": {
            "name": counts.name,
            "question": counts.question,
            "protocol_hash": counts.protocol_hash,
            "code_version": counts.code_version,
            "data_cut": counts.data_cut.isoformat(),
            "synthetic": counts.synthetic,
            "randomised": counts.randomised,
            "method": counts.method,
        },
        "look": look,
        "verdict": verdict,
        "flow": _flow(counts),
        "primary": primary,
        "secondary": secondary,
        "notes": _notes(counts, primary),
        "refusals": [{"code": r.code, "sentence": r.sentence} for r in refusals if r is not None],
    }


def _look(counts: PilotCounts) -> dict[str, Any]:
    """This look's boundary and level. A look beyond the plan is judged, exploratory, at the last boundary."""
    try:
        bounds = boundaries(counts.planned_looks, counts.stopping_rule)
    except LooksError as error:
        raise ReportError(str(error)) from error
    earlier = sum(1 for taken in counts.looks_taken if taken < counts.data_cut)
    # More looks before this one than the plan allows have already spent the false alarms it had left.
    planned = counts.look is not None and earlier < counts.look
    boundary = bounds[(counts.look or counts.planned_looks) - 1]
    return {
        "number": counts.look,
        "of": counts.planned_looks,
        "planned": planned,
        "taken": [taken.isoformat() for taken in sorted(counts.looks_taken)],
        "stopping_rule": counts.stopping_rule,
        "boundary": boundary,
        "level": level_at(boundary),
    }


def _outcome(counts: PilotCounts, outcome: str, level: float) -> tuple[dict[str, Any], list[Refusal | None]]:
    """One outcome's block, and the arms whose rate is refused: they are in no comparison either."""
    totals = counts.totals(outcome)
    did = DID.get(outcome, outcome)
    refusals = [rate_on_few(f"{arm} ({did})", n) for arm, (_, n) in totals.items()]
    shown = [
        Arm(arm, *cell)
        for (arm, cell), refusal in zip(totals.items(), refusals, strict=True)
        if refusal is None
    ]
    figures = {arm.name: arm_figures(arm, level) for arm in shown}
    arms = [
        figures.get(arm, {"name": arm, "events": events, "n": n, "rate": None, "ci": None})
        for arm, (events, n) in totals.items()
    ]
    control = counts.arms[-1]
    comparable = control in figures and len(shown) > 1 and counts.method != "all-treated"
    by_court = comparable and counts.method == "permuted-blocks"
    block = {
        "outcome": outcome,
        "did": did,
        "arms": arms,
        "stratified": [
            stratified(counts.strata(outcome), arm.name, control, level) for arm in shown[:-1] if by_court
        ],
        "unadjusted": compare(shown, level) if comparable else None,
    }
    return block, list(refusals)


def _main(block: dict[str, Any]) -> tuple[float | None, tuple[float, float] | None]:
    """The primary difference and interval: the first named arm against the control, within courts."""
    first = block["arms"][0]["name"]
    for comparison in block["stratified"]:
        if comparison["treated"] == first and comparison["risk_difference"]["ci"] is not None:
            low, high = comparison["risk_difference"]["ci"]
            return comparison["risk_difference"]["estimate"], (low, high)
    return None, None


def _verdict(counts: PilotCounts, look: dict[str, Any], primary: dict[str, Any]) -> dict[str, Any]:
    difference, ci = _main(primary)
    exploratory = _OTHER_DESIGN.get(counts.method)
    if exploratory is None and not look["planned"]:
        exploratory = "the protocol did not plan this look, so its figures settle nothing"
    treated, control = primary["arms"][0], primary["arms"][-1]
    found = Detectable(None, None)
    if treated["rate"] is not None and control["rate"] is not None and counts.method != "all-treated":
        found = detectable(control["rate"], treated["n"], control["n"], alpha=1 - look["level"])
    finding = Finding(
        treated=treated["name"],
        control=control["name"],
        did=primary["did"],
        difference=difference,
        ci=ci,
        level=look["level"],
        randomised=counts.randomised,
        detectable=found,
        exploratory=exploratory,
    )
    return {
        "word": word(ci, exploratory is not None).value,
        "sentence": sentence(finding),
        "smallest_detectable_fall": found.fall,
        "smallest_detectable_rise": found.rise,
    }


def _holm(blocks: list[dict[str, Any]]) -> None:
    """Adds `p` (the first arm's stratified test) and `p_holm`, adjusted over the secondary outcomes that have one."""
    for block in blocks:
        tests = block["stratified"]
        block["p"] = tests[0]["test"]["p"] if tests else None
        block["p_holm"] = None
    tested = [block for block in blocks if block["p"] is not None]
    if tested:
        adjusted = multipletests([block["p"] for block in tested], method="holm")[1]
        for block, p in zip(tested, adjusted, strict=True):
            block["p_holm"] = float(p)


def _flow(counts: PilotCounts) -> dict[str, Any]:
    arms = []
    for arm in counts.arms:
        flow = counts.flow[arm]
        arms.append(
            {
                "name": arm,
                "assigned": flow.assigned,
                "texted": flow.texted,
                "delivered": flow.delivered,
                "undelivered": flow.undelivered,
                "no_receipt": flow.no_receipt,
                "known": flow.known,
                "pending": flow.pending,
                "missing": flow.missing,
                "not_at_risk": flow.not_at_risk,
                "analysed": flow.known,
            }
        )
    return {
        "assessed": counts.assessed,
        "excluded": dict(counts.excluded),
        "excluded_total": sum(counts.excluded.values()),
        "assigned_total": sum(flow.assigned for flow in counts.flow.values()),
        "arms": arms,
    }


def _notes(counts: PilotCounts, primary: dict[str, Any]) -> list[str]:
    notes = []
    if counts.synthetic:
        notes.append(
            "Synthetic data: made up to show the report. No figure here describes a real person or court."
        )
    if counts.method in ("court-week", "stepped-wedge"):
        notes.append(
            "Whole courts were assigned, so the unadjusted figures look surer than they are: such a test, at 5%, "
            "raised a false alarm in 10% to 19% of simulated pilots."
        )
    if not counts.randomised and counts.method != "all-treated":
        notes.append("People were not assigned at random: arms can differ for reasons other than the texts.")
    notes.append("Everybody is counted in the arm they were assigned to, whether or not a text reached them.")
    for arm in counts.arms:
        flow = counts.flow[arm]
        if flow.pending + flow.missing > 0:
            notes.append(
                f"In {arm}, {flow.pending} outcomes are pending and {flow.missing} missing, of {flow.assigned} "
                "people assigned; the figures are for the rest."
            )
    for comparison in primary["stratified"]:
        if comparison["people_left_out"]:
            notes.append(
                f"{comparison['treated']} against {comparison['control']} leaves out {comparison['people_left_out']} "
                f"people at courts where one of the two arms has nobody: {', '.join(comparison['strata_left_out'])}."
            )
    if len(counts.arms) > 2:
        notes.append(
            f"The verdict is on {counts.arms[0]} against {counts.arms[-1]}; other pairs are exploratory."
        )
    return notes
