"""A pilot's report as one JSON-able dict: every figure unrounded, every rate and difference a proportion. Pure.

`report_document` says it in words; every other form (text, HTML, Word, CSV) is made of that.
"""

from dataclasses import asdict
from itertools import pairwise
from typing import Any

from services.reminders.evaluation import beside, days_lost
from services.reminders.evaluation.cells import ADJOURNMENTS, DID, OUTCOMES, Counted, Reading
from services.reminders.evaluation.comparison import main_effect, outcome_block, pooled_block
from services.reminders.evaluation.costs import cost_per_avoided
from services.reminders.evaluation.evidence import Evidence, ReportError, check
from services.reminders.evaluation.flow import flow
from services.reminders.evaluation.looks import level_at
from services.reminders.evaluation.multiple import holm
from services.reminders.evaluation.notes import notes
from services.reminders.evaluation.over_time import history, weeks
from services.reminders.evaluation.power import (
    Detectable,
    among_reached,
    detectable,
    detectable_from,
    possible,
)
from services.reminders.evaluation.power import power as power_of
from services.reminders.evaluation.refusals import (
    Refusal,
    arms_between_looks,
    causal_words,
    changed_protocol,
    no_effect,
    received,
)
from services.reminders.evaluation.spending import boundary_for
from services.reminders.evaluation.two_by_two import Estimate
from services.reminders.evaluation.verdict import Finding, Word, sentence, word

__all__ = ["ReportError", "pilot_report"]


def pilot_report(evidence: Evidence) -> dict[str, Any]:
    """The report of one pilot at one data cut.

    Keys: `pilot`, `protocol`, `provenance`, `look`, `verdict`, `flow`, `primary` and each of `secondary` (outcome, did, arms, design,
    stratified, unadjusted; secondary p and p_holm), `days_lost` (days_lost.block, p, p_holm), `sensitivity`, `costs`, `reached`, `adjusted`, `balance`, `missing`,
    `subgroups`, `power`, `reach`, `history`, `weeks`, `pauses`, `notes`, `refusals`. Between looks no key holds a figure by arm.

    Raises:
        ReportError: the counts do not close or contradict the design.
    """
    check(evidence)
    protocol, reading = evidence.protocol, Reading(evidence.protocol.rules)
    counted = Counted.of(evidence.cells, reading, evidence.arms)
    look = _look(evidence, counted)
    shown = evidence.look.shown and evidence.provenance.changed is None
    refusals: list[Refusal | None] = [
        causal_words(protocol.question, protocol.randomised),
        changed_protocol(evidence.provenance.changed),
        arms_between_looks(evidence.look.shown, evidence.look.next_day),
        received("texted"),
    ]
    report = {
        "pilot": _pilot(evidence),
        "protocol": _protocol(evidence),
        "provenance": _provenance(evidence),
        "look": look,
        "flow": flow(evidence, reading),
        "pauses": [dict(pause) for pause in evidence.pauses],
        "reach": [dict(row) for row in evidence.reach] if shown else [],
    }
    figures = _by_arm(evidence, reading, counted, look, refusals) if shown else _pooled(evidence, counted)
    verdict = _verdict(evidence, look, figures["primary"])
    if shown and verdict["word"] == Word.INCONCLUSIVE:
        effect = main_effect(figures["primary"])
        ci = (effect["ci"][0], effect["ci"][1]) if effect else None
        refusals.append(no_effect(ci, protocol.thresholds.negligible))
    report |= figures | {
        "verdict": verdict,
        "power": _power(evidence, look, figures["primary"], verdict) if shown else None,
    }
    report["notes"] = notes(evidence, report)
    report["refusals"] = [{"code": one.code, "sentence": one.sentence} for one in refusals if one is not None]
    return report


def _by_arm(
    evidence: Evidence,
    reading: Reading,
    counted: Counted,
    look: dict[str, Any],
    refusals: list[Refusal | None],
) -> dict[str, Any]:
    protocol, level = evidence.protocol, look["level"]
    blocks = {}
    for outcome in (*OUTCOMES, *_adjournments(counted)):
        blocks[outcome], more = outcome_block(protocol, counted, outcome, level)
        refusals += more
    primary = blocks.pop(protocol.primary)
    secondary = list(blocks.values())
    lost, more = days_lost.block(protocol, evidence.lost, reading, level)
    refusals += more
    _adjust(
        [*((block, "risk_difference") for block in secondary), *([(lost, "mean_difference")] if lost else [])]
    )
    compared = bool(primary["design"])
    sections, more = beside.subgroup_sections(evidence, counted, level) if compared else ([], [])
    on_reached, unsaid = beside.reached(evidence, counted, level) if compared else (None, None)
    refusals += [*more, unsaid]
    return {
        "primary": primary,
        "secondary": secondary,
        "days_lost": lost,
        "sensitivity": beside.sensitivity(evidence, reading, level) if compared else [],
        "missing": beside.missing_outcomes(evidence, reading, counted, level),
        "reached": on_reached,
        "adjusted": beside.adjustment(evidence, counted, level) if compared else None,
        "balance": beside.balance_section(evidence),
        "subgroups": sections,
        "costs": _costs(evidence, primary) | _saved(secondary, lost),
        "history": history(evidence, refusals),
        "weeks": weeks(evidence, reading),
    }


def _adjournments(counted: Counted) -> tuple[str, ...]:
    """Where no result says whether a case was put off, as when all outcomes are typed in, there is nothing to count."""
    return tuple(one for one in ADJOURNMENTS if any(n for _, n in counted.totals(one).values()))


def _adjust(blocks: list[tuple[dict[str, Any], str]]) -> None:
    """Give each secondary outcome the p of its main comparison, and Holm's for all of them together."""
    ps = [block["design"][0][name]["p"] if block["design"] else None for block, name in blocks]
    for (block, _), p, adjusted in zip(blocks, ps, holm(ps), strict=True):
        block["p"], block["p_holm"] = p, adjusted


def _pooled(evidence: Evidence, counted: Counted) -> dict[str, Any]:
    primary = evidence.protocol.primary
    outcomes = (*OUTCOMES, *_adjournments(counted))
    blocks = {outcome: pooled_block(counted, outcome) for outcome in outcomes}
    return {
        "primary": blocks.pop(primary),
        "secondary": [block | {"p": None, "p_holm": None} for block in blocks.values()],
        **dict.fromkeys(("days_lost", "missing", "reached", "adjusted", "balance", "costs", "history")),
        **{name: [] for name in ("sensitivity", "subgroups", "weeks")},
    }


def _pilot(evidence: Evidence) -> dict[str, Any]:
    protocol, provenance = evidence.protocol, evidence.provenance
    return {
        "name": protocol.name,
        "question": protocol.question,
        "protocol_hash": provenance.protocol_hash,
        "code_version": provenance.code_version,
        "data_cut": provenance.data_cut.isoformat(),
        "synthetic": protocol.synthetic,
        "randomised": protocol.randomised,
        "method": protocol.allocation,
    }


def _protocol(evidence: Evidence) -> dict[str, Any]:
    """What was fixed beforehand, JSON-able."""
    told = asdict(evidence.protocol) | {"unit": evidence.protocol.unit}
    for name in ("since", "until"):
        told[name] = told[name].isoformat()
    told["looks"] = [day.isoformat() for day in evidence.protocol.looks]
    # Who has the seed knows every arm to come.
    told.pop("seed")
    return {name: list(value) if isinstance(value, tuple) else value for name, value in told.items()}


def _provenance(evidence: Evidence) -> dict[str, Any]:
    provenance = evidence.provenance
    return {
        "protocol_hash": provenance.protocol_hash,
        "locked_at": provenance.locked_at.isoformat(),
        "data_cut": provenance.data_cut.isoformat(),
        "code_version": provenance.code_version,
        "audit_head": provenance.audit_head,
        "protocol_unchanged": provenance.changed is None,
    }


def _look(evidence: Evidence, counted: Counted) -> dict[str, Any]:
    """This look's boundary and level. One beyond the plan is judged, exploratory, at the last boundary."""
    look, protocol = evidence.look, evidence.protocol
    of = len(protocol.looks)
    number = look.number or of
    known = sum(n for _, n in counted.totals(protocol.primary).values())
    before = [one for one in look.before if one.number is not None and one.number < number]
    share = 1.0 if number == of else _share(evidence, known, number)
    shares = [*(one.information or 0.0 for one in before), share]
    # Where a look of the plan was not taken, or came with no more outcomes, the plan's own shares stand for what was spent.
    as_taken = len(shares) == number and all(one < other for one, other in pairwise(shares))
    planned = [one / of for one in range(1, number + 1)]
    boundary, plan = boundary_for(of, protocol.stopping_rule, shares if as_taken else planned, number == of)
    return {
        "number": look.number,
        "of": of,
        "planned": look.number is not None and not any(one.number is None for one in look.before),
        "shown": look.shown,
        "next_day": look.next_day.isoformat() if look.next_day else None,
        "taken": [
            {"number": one.number, "at": one.at.isoformat(), "information": one.information}
            for one in look.before
        ],
        "information": share,
        "stopping_rule": protocol.stopping_rule,
        "boundary": boundary,
        "boundary_by": plan,
        "level": level_at(boundary),
    }


def _share(evidence: Evidence, known: int, number: int) -> float:
    """How much of the planned outcomes is in: of the people planned, or where no number was planned, as the looks were spaced."""
    plan = evidence.protocol.plan
    if plan is None:
        return number / len(evidence.protocol.looks)
    return min(0.999, known / (plan.per_arm * len(evidence.arms)))


def _exploratory(evidence: Evidence) -> str | None:
    """Why the protocol does not carry a verdict, as a clause; None where it does."""
    look = evidence.look
    if evidence.provenance.changed:
        return f"the protocol is not the one locked: {evidence.provenance.changed}"
    if not evidence.protocol.randomised:
        return "everybody was offered the texts, so there is no arm to compare them with"
    if not look.shown:
        return "the protocol plans no look at this moment, so no figure is given by arm"
    if look.number is None:
        return "the protocol did not plan this look, so its figures settle nothing"
    unplanned = next((one for one in look.before if one.number is None), None)
    if unplanned:
        day = unplanned.at.date().isoformat()
        return f"the arms were looked at on {day}, which the protocol did not plan, so its figures settle nothing"
    return None


def _verdict(evidence: Evidence, look: dict[str, Any], primary: dict[str, Any]) -> dict[str, Any]:
    protocol, exploratory = evidence.protocol, _exploratory(evidence)
    effect = main_effect(primary)
    found = _detectable(evidence, look, primary)
    ci = (effect["ci"][0], effect["ci"][1]) if effect else None
    finding = Finding(
        treated=protocol.arms[0].name,
        control=protocol.arms[-1].name,
        did=DID[protocol.primary],
        difference=effect["estimate"] if effect else None,
        ci=ci,
        level=look["level"],
        randomised=protocol.randomised,
        detectable=found,
        exploratory=exploratory,
        compared=COMPARED[protocol.allocation],
    )
    return {
        "word": word(ci, exploratory is not None).value,
        "sentence": sentence(finding),
        "smallest_detectable_fall": found.fall,
        "smallest_detectable_rise": found.rise,
    }


COMPARED = {
    "permuted-blocks": "compared within courts and kinds of case",
    "court-week": "court-weeks compared within courts",
    "stepped-wedge": "courts compared within periods",
    "all-treated": "not compared",
}


def _detectable(evidence: Evidence, look: dict[str, Any], primary: dict[str, Any]) -> Detectable:
    """The smallest fall and rise that this pilot could have found at this look's boundary."""
    if not primary["design"]:
        return Detectable(None, None)
    treated, control = primary["arms"][0], primary["arms"][-1]
    if treated["rate"] is None or control["rate"] is None:
        return Detectable(None, None)
    if evidence.protocol.allocation != "permuted-blocks":
        difference = primary["design"][0]["risk_difference"]
        if not difference["se"]:
            return Detectable(None, None)
        either = detectable_from(difference["se"], look["level"], difference["df"])
        return possible(control["rate"], either, either)
    return detectable(control["rate"], treated["n"], control["n"], alpha=1 - look["level"])


def _power(
    evidence: Evidence, look: dict[str, Any], primary: dict[str, Any], verdict: dict[str, Any]
) -> dict[str, Any]:
    """What was planned, what was reached, and how the share reached dilutes what could be found."""
    plan = evidence.protocol.plan
    treated = evidence.arms[0]
    assigned = evidence.assigned.get(treated, 0)
    delivered = sum(cell.n for cell in evidence.cells if cell.arm == treated and cell.delivered)
    reach = delivered / assigned if assigned else None
    found = Detectable(verdict["smallest_detectable_fall"], verdict["smallest_detectable_rise"])
    among = among_reached(found, reach, primary["arms"][-1]["rate"])
    planned = None
    if plan:
        alpha = 1 - look["level"]
        planned = asdict(plan) | {
            "power": power_of(plan.control, plan.treated - plan.control, plan.per_arm, alpha=alpha)
        }
    return {
        "planned": planned,
        "analysed": {arm["name"]: arm["n"] for arm in primary["arms"]},
        "reach": reach,
        "smallest_detectable_fall": found.fall,
        "smallest_detectable_rise": found.rise,
        "smallest_detectable_fall_among_reached": among.fall,
        "smallest_detectable_rise_among_reached": among.rise,
    }


def _costs(evidence: Evidence, primary: dict[str, Any]) -> dict[str, Any]:
    """Texts and segments of the first arm, and what one failure fewer took: only where the interval shows a fall."""
    treated = evidence.arms[0]
    texts = sum(row["texts"] for row in evidence.reach if row["arm"] == treated)
    segments = sum(row["segments"] for row in evidence.reach if row["arm"] == treated)
    assigned = evidence.assigned.get(treated, 0)
    effect = main_effect(primary)
    price = evidence.protocol.cost_per_text
    per: dict[str, Any] = {"texts_per_failure_avoided": None, "cost_per_failure_avoided": None}
    if effect and assigned:
        difference = Estimate(effect["estimate"], (effect["ci"][0], effect["ci"][1]), "design")
        for name, each in (("texts", texts / assigned), ("cost", price and price * segments / assigned)):
            found = cost_per_avoided(each, difference) if each else None
            if found:
                per[f"{name}_per_failure_avoided"] = {
                    "estimate": found.estimate,
                    "ci": list(found.ci) if found.ci else None,
                }
    cost = None if price is None else price * segments
    return {"texts": texts, "segments": segments, "cost_per_segment": price, "cost": cost, **per}


def _saved(secondary: list[dict[str, Any]], lost: dict[str, Any] | None) -> dict[str, Any]:
    """Adjournments and days that a thousand people of the first arm had fewer: only where the interval shows a fall."""
    block = next((one for one in secondary if one["outcome"] == "adjourned_for_absence"), None)
    effects = {
        "adjournments_saved_per_thousand": main_effect(block) if block else None,
        "days_saved_per_thousand": lost["design"][0]["mean_difference"] if lost and lost["design"] else None,
    }
    return {
        name: {
            "estimate": -1000 * found["estimate"],
            "ci": [-1000 * bound for bound in reversed(found["ci"])],
        }
        if found and found["ci"] and found["ci"][1] < 0
        else None
        for name, found in effects.items()
    }
