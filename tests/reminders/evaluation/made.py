"""Evidence made by hand for the tests of a report: cells of a pilot, and what stands around them."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from services.reminders.evaluation.cells import Cell
from services.reminders.evaluation.evidence import Evidence, Look, Provenance
from services.reminders.protocol import Protocol
from services.reminders.protocol_schema import parse

CUT = datetime(2026, 3, 1, tzinfo=UTC)
PROTOCOL: dict[str, Any] = {
    "name": "watford",
    "question": "Who attends?",
    "courts": ["B41ME", "B41MJ"],
    "since": "2026-01-01",
    "until": "2026-01-31",
    "arms": [{"name": "text", "texted": True}, {"name": "none", "texted": False}],
    "allocation": "permuted-blocks",
    "seed": "4711",
    "block_sizes": [4],
    "synthetic": True,
}
PROVENANCE = Provenance("c0ffee", datetime(2025, 12, 1, tzinfo=UTC), CUT, "0.1.0", "12:ab")


def protocol(**changes: Any) -> Protocol:
    """The protocol with these changes."""
    return parse({name: value for name, value in (PROTOCOL | changes).items() if value is not None})


def people(
    arm: str, court: str, absent: int, n: int, fta: int = 0, warrant: int = 0, **more: Any
) -> list[Cell]:
    """`n` people whose outcome is known: the absent, of them those the court says failed, of them those with a warrant."""
    counts = [
        (warrant, {"attendance": "absent", "fta": "yes", "warrant": "issued"}),
        (fta - warrant, {"attendance": "absent", "fta": "yes", "warrant": "none"}),
        (absent - fta, {"attendance": "absent", "fta": "no", "warrant": "none"}),
        (n - absent, {"attendance": "attended", "fta": "no", "warrant": "none"}),
    ]
    texts = more.pop("texts", "delivered" if arm == "text" else "none")
    return [
        Cell(arm=arm, court=court, n=number, overdue=True, texts=texts, **(outcome | more))
        for number, outcome in counts
        if number
    ]


def evidence(cells: list[Cell], plan: Protocol | None = None, **more: Any) -> Evidence:
    """Evidence of these cells, whose flow closes unless `more` says otherwise."""
    plan = plan or protocol()
    excluded = more.pop("excluded", {})
    assigned = {arm.name: sum(cell.n for cell in cells if cell.arm == arm.name) for arm in plan.arms}
    made = Evidence(
        protocol=plan,
        provenance=PROVENANCE,
        look=Look(len(plan.looks), shown=True),
        assessed=sum(assigned.values()) + sum(excluded.values()),
        assigned=assigned,
        excluded=excluded,
        cells=cells,
    )
    return replace(made, **more)


def small(events: int, n: int, control: tuple[int, int], **more: Any) -> Evidence:
    """A pilot with one court and one outcome."""
    return evidence([*people("text", "B41ME", events, n), *people("none", "B41ME", *control)], **more)


def big(**more: Any) -> Evidence:
    """Two courts, some people beside those whose outcome is known, and every kind of exclusion."""
    cells = [
        *people("text", "B41ME", 181, 1898, 150, 50),
        *people("none", "B41ME", 220, 1811, 180, 80),
        *people("text", "B41MJ", 100, 1000),
        *people("none", "B41MJ", 120, 1000),
        Cell("text", "B41ME", 3),
        Cell("text", "B41MJ", 2, overdue=True, texts="undelivered", why="carrier 30003"),
        Cell("none", "B41ME", 3, overdue=True, why="control-arm"),
        Cell("none", "B41MJ", 2, withdrawn=True, why="control-arm"),
    ]
    return evidence(cells, **({"excluded": {"mobile-missing": 881, "in-custody": 400}} | more))
