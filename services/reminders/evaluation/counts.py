"""The counts a pilot's report stands on, and the proof that its boxes close."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.reminders.evaluation.looks import Shape

Method = Literal["permuted-blocks", "court-week", "stepped-wedge", "all-treated"]


class ReportError(ValueError):
    """Counts that do not reconcile or contradict the design, in one sentence: no report is made of them."""


@dataclass(frozen=True, slots=True)
class ArmFlow:
    """People of one arm. Texted = delivered + undelivered + no_receipt; assigned = known + pending + missing +
    not_at_risk (the last: the hearing was vacated by a recorded pause). The outcome is the primary one."""

    assigned: int
    texted: int
    delivered: int
    undelivered: int
    known: int
    pending: int
    missing: int
    no_receipt: int = 0
    not_at_risk: int = 0


@dataclass(frozen=True, slots=True)
class PilotCounts:
    """One pilot at one data cut, already grouped: no row here is a person.

    `arms` in the protocol's order, the control last; `outcomes` gives (events, n) by outcome and (court, arm), n
    counting the people whose outcome is known. `look` is which planned look this is (1-based; None: not planned),
    `looks_taken` the data cuts of the looks so far. `negligible` is the largest difference, as a proportion, that
    the protocol calls no difference; None where it names none.
    """

    name: str
    protocol_hash: str
    code_version: str
    data_cut: datetime
    synthetic: bool
    randomised: bool
    method: Method
    planned_looks: int
    look: int | None
    arms: tuple[str, ...]
    assessed: int
    excluded: Mapping[str, int]
    flow: Mapping[str, ArmFlow]
    outcomes: Mapping[str, Mapping[tuple[str, str], tuple[int, int]]]
    primary: str = "did_not_attend"
    question: str = ""
    stopping_rule: Shape = "obrien-fleming"
    looks_taken: tuple[datetime, ...] = ()
    negligible: float | None = None

    def totals(self, outcome: str) -> dict[str, tuple[int, int]]:
        """(events, n) of an outcome by arm, over all courts."""
        cells = self.outcomes[outcome]
        return {
            arm: (
                sum(events for (_, name), (events, _) in cells.items() if name == arm),
                sum(n for (_, name), (_, n) in cells.items() if name == arm),
            )
            for arm in self.arms
        }

    def strata(self, outcome: str) -> list[tuple[str, dict[str, tuple[int, int]]]]:
        """The outcome as (court, arm -> (events, n)), in the order of the courts' names."""
        courts: dict[str, dict[str, tuple[int, int]]] = {}
        for (court, arm), cell in self.outcomes[outcome].items():
            courts.setdefault(court, {})[arm] = cell
        return sorted(courts.items())


def check(counts: PilotCounts) -> None:
    """Raise ReportError unless the design is coherent and every box of the flow closes."""
    _check_design(counts)
    _check_flow(counts)
    for outcome in counts.outcomes:
        _check_outcome(counts, outcome)


def _check_design(counts: PilotCounts) -> None:
    _require(counts.data_cut.utcoffset() is not None, "The data cut has no time zone.")
    _require(counts.primary in counts.outcomes, f"The primary outcome {counts.primary!r} was not counted.")
    _require(len(counts.arms) > 0, "The pilot has no arms.")
    _require(len(set(counts.arms)) == len(counts.arms), "Two arms have the same name.")
    if counts.method == "all-treated":
        _require(not counts.randomised, "An all-treated pilot has no random assignment.")
    else:
        _require(len(counts.arms) > 1, f"A {counts.method} pilot needs at least two arms.")
    planned = counts.look is None or 1 <= counts.look <= counts.planned_looks
    _require(planned, f"Look {counts.look} is not one of the {counts.planned_looks} planned.")


def _check_flow(counts: PilotCounts) -> None:
    _require(set(counts.flow) == set(counts.arms), "The flow does not count exactly the pilot's arms.")
    numbers = [counts.assessed, *counts.excluded.values()]
    _require(all(number >= 0 for number in numbers), "A count of the flow is negative.")
    excluded = sum(counts.excluded.values())
    assigned = sum(flow.assigned for flow in counts.flow.values())
    _require(
        counts.assessed == excluded + assigned,
        f"The flow does not close: {counts.assessed} assessed, but {excluded} excluded and {assigned} assigned.",
    )
    for arm, flow in counts.flow.items():
        _check_arm(arm, flow)


def _check_arm(arm: str, flow: ArmFlow) -> None:
    sent = flow.delivered + flow.undelivered + flow.no_receipt
    followed = flow.known + flow.pending + flow.missing + flow.not_at_risk
    parts = (flow.delivered, flow.undelivered, flow.no_receipt, flow.known, flow.pending, flow.missing)
    _require(all(part >= 0 for part in (*parts, flow.not_at_risk)), f"A count of {arm} is negative.")
    _require(
        flow.texted == sent,
        f"The flow of {arm} does not close: {flow.texted} texted, but {sent} delivered, undelivered or unanswered.",
    )
    _require(
        flow.texted <= flow.assigned,
        f"The flow of {arm} does not close: {flow.texted} people texted of {flow.assigned} assigned.",
    )
    _require(
        flow.assigned == followed,
        f"The flow of {arm} does not close: {flow.assigned} assigned, but {followed} known, pending, missing "
        "or not at risk.",
    )


def _check_outcome(counts: PilotCounts, outcome: str) -> None:
    for (court, arm), (events, n) in counts.outcomes[outcome].items():
        _require(arm in counts.flow, f"Outcome {outcome} counts an unknown arm, {arm!r}.")
        _require(
            0 <= events <= n, f"Outcome {outcome} at {court} in {arm} has {events} events of {n} people."
        )
    for arm, (_, n) in counts.totals(outcome).items():
        flow = counts.flow[arm]
        at_risk = flow.assigned - flow.not_at_risk
        _require(n <= at_risk, f"Outcome {outcome} is known for {n} people of {arm}, who are {at_risk}.")
        if outcome == counts.primary:
            _require(
                n == flow.known,
                f"The flow of {arm} does not close: {flow.known} known outcomes, but {n} people analysed.",
            )


def _require(holds: bool, sentence: str) -> None:
    if not holds:
        raise ReportError(sentence)
