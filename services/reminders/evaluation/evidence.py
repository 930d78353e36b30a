"""What one report stands on, at one data cut: grouped counts, nobody in them, and the proof that they close. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from services.reminders.evaluation.cells import Cell, Lost
from services.reminders.protocol import Protocol


class ReportError(ValueError):
    """Counts that do not reconcile or contradict the design, in one sentence: no report is made of them."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A look at the arms: which planned one (None: not planned), when, and the share of the planned outcomes that were in."""

    number: int | None
    at: datetime
    information: float | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """This report as a look: which planned one (1-based; None: not planned), whether it shows arms, and the looks before it."""

    number: int | None
    shown: bool
    before: tuple[Taken, ...] = ()
    next_day: date | None = None


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a figure can be traced to."""

    protocol_hash: str
    locked_at: datetime
    data_cut: datetime
    code_version: str
    audit_head: str
    changed: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One pilot at one data cut. `assigned` and `assessed` are counted apart from `cells`, to hold these against.

    `weeks` are cells by the hearing's week, `lost` cells with the days that adjournments took, `households` the cells of people
    assigned together, by cluster, `reach` counts by arm, source and age of the number, `months` (month, own court, events, n) the
    history of first hearings, `pauses` (court, since, until, reason). `shared_later` is how many people were found to share a number
    after assignment.
    """

    protocol: Protocol
    provenance: Provenance
    look: Look
    assessed: int
    assigned: Mapping[str, int]
    excluded: Mapping[str, int]
    cells: Sequence[Cell]
    weeks: Sequence[Cell] = ()
    lost: Sequence[Lost] = ()
    households: Sequence[tuple[int, Cell]] = ()
    reach: Sequence[Mapping[str, Any]] = ()
    months: Sequence[Mapping[str, Any]] = ()
    pauses: Sequence[Mapping[str, Any]] = field(default=())
    shared_later: int = 0

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms' names, the control last."""
        return tuple(arm.name for arm in self.protocol.arms)


def check(evidence: Evidence) -> None:
    """Raise ReportError unless the cells are of this protocol and come to what the rows come to."""
    arms, cut = set(evidence.arms), evidence.provenance.data_cut
    _require(cut.utcoffset() is not None, "The data cut has no time zone.")
    _require(
        all(cell.arm in arms for cell in evidence.cells), "Somebody is in an arm that the protocol lacks."
    )
    numbers = [*(cell.n for cell in evidence.cells), *evidence.excluded.values()]
    _require(all(number >= 0 for number in numbers), "A count of the flow is negative.")
    _require(
        all(cell.texts in ("none", "delivered", "undelivered", "no-receipt") for cell in evidence.cells),
        "A text has a fate that the flow has no box for.",
    )
    for arm in evidence.arms:
        counted = sum(cell.n for cell in evidence.cells if cell.arm == arm)
        rows = evidence.assigned.get(arm, 0)
        _require(
            counted == rows,
            f"The flow of {arm} does not close: {rows} assigned, but {counted} accounted for.",
        )
    assigned, excluded = sum(evidence.assigned.values()), sum(evidence.excluded.values())
    _require(
        evidence.assessed == excluded + assigned,
        f"The flow does not close: {evidence.assessed} assessed, but {excluded} excluded and {assigned} assigned.",
    )


def _require(holds: bool, sentence: str) -> None:
    if not holds:
        raise ReportError(sentence)
