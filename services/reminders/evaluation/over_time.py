"""What a pilot's report says over time: weeks since the beginning, and months before and after. Pure."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from services.reminders.evaluation.cells import Reading
from services.reminders.evaluation.evidence import Evidence
from services.reminders.evaluation.interrupted import Interrupted, Point, interrupted
from services.reminders.evaluation.refusals import Refusal


def history(evidence: Evidence, refusals: list[Refusal | None]) -> dict[str, Any] | None:
    """Where everybody is texted: the months before and after, with the other courts beside them; never pooled with a control arm."""
    protocol = evidence.protocol
    if protocol.randomised:
        return None
    own, others = (
        [Point(row["month"], row["events"], row["n"]) for row in evidence.months if row["own"] is mine]
        for mine in (True, False)
    )
    first = protocol.since.replace(day=1)
    # A month in which the texts began half-way belongs to neither side.
    begins = first if protocol.since.day == 1 else _next_month(first)
    own = [point for point in own if begins == first or point.month != first]
    found = interrupted(own, begins)
    if not isinstance(found, Interrupted):
        refusals.append(found)
        return None
    beside_others = interrupted(own, begins, neighbour=others) if others else None
    told: dict[str, Any] = {"own": _told(found), "neighbour": None}
    if isinstance(beside_others, Interrupted):
        told["neighbour"] = _told(beside_others)
    beside = {point.month: point for point in others}
    here = {point.month: point for point in own}
    fewest = protocol.thresholds.fewest_for_a_rate
    told["months"] = [
        {
            "month": month.isoformat(),
            "events": here[month].events,
            "n": here[month].n,
            "rate": here[month].events / here[month].n if here[month].n >= fewest else None,
            "fitted": fitted,
            "expected": expected,
            "neighbour_events": beside[month].events if month in beside else 0,
            "neighbour_n": beside[month].n if month in beside else 0,
        }
        for month, fitted, expected in zip(found.months, found.fitted, found.expected, strict=True)
    ]
    return told


def _told(found: Interrupted) -> dict[str, Any]:
    told = asdict(found)
    for name in ("months", "fitted", "expected"):
        told.pop(name)
    for name in ("level_change", "slope_change"):
        told[name]["ci"] = list(told[name]["ci"]) if told[name]["ci"] else None
    return told


def _next_month(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


def weeks(evidence: Evidence, reading: Reading) -> list[dict[str, Any]]:
    """By week of the hearing and arm: failures and known outcomes, and the same since the beginning."""
    found: dict[tuple[date, str], list[int]] = {}
    for cell in evidence.weeks:
        if cell.week is not None and reading.fate(cell)[0] == "known":
            had = found.setdefault((cell.week, cell.arm), [0, 0])
            had[0] += cell.n if reading.event(cell, evidence.protocol.primary) else 0
            had[1] += cell.n
    running = {arm: [0, 0] for arm in evidence.arms}
    rows = []
    for week in sorted({week for week, _ in found}):
        for arm in evidence.arms:
            events, n = found.get((week, arm), (0, 0))
            running[arm] = [running[arm][0] + events, running[arm][1] + n]
            rows.append(
                {
                    "week": week.isoformat(),
                    "arm": arm,
                    "events": events,
                    "n": n,
                    "events_so_far": running[arm][0],
                    "n_so_far": running[arm][1],
                }
            )
    return rows
