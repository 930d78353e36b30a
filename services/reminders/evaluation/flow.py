"""The flow of people (CONSORT): assessed, excluded by reason, assigned, texted or why not, outcome known or not, analysed. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from services.reminders.evaluation.cells import Cell, Reading
from services.reminders.evaluation.evidence import Evidence


def flow(evidence: Evidence, reading: Reading) -> dict[str, Any]:
    """Every box; each is the sum of the boxes after it, by construction from the cells. Between looks the arms are one."""
    shown = evidence.look.shown
    groups = (
        [(arm, [cell for cell in evidence.cells if cell.arm == arm]) for arm in evidence.arms]
        if shown
        else [("all arms together", list(evidence.cells))]
    )
    return {
        "assessed": evidence.assessed,
        "excluded": dict(evidence.excluded),
        "excluded_total": sum(evidence.excluded.values()),
        "assigned_total": sum(evidence.assigned.values()),
        "shared_later": evidence.shared_later,
        "arms": [_group(name, cells, reading, with_texts=shown) for name, cells in groups],
    }


def _group(name: str, cells: list[Cell], reading: Reading, *, with_texts: bool) -> dict[str, Any]:
    fates = Counter[str]()
    off = Counter[str]()
    for cell in cells:
        state, reason = reading.fate(cell)
        fates[state] += cell.n
        if reason:
            off[reason] += cell.n
    # Why somebody was not texted would tell the arm.
    texts = _texts(cells) if with_texts else {}
    return {
        "name": name,
        "assigned": sum(cell.n for cell in cells),
        **texts,
        "stopped": _people(cells, lambda cell: cell.stopped),
        "wrong_number": _people(cells, lambda cell: cell.wrong),
        "known": fates["known"],
        "pending": fates["pending"],
        "missing": fates["missing"],
        "not_at_risk": fates["not-at-risk"],
        "not_at_risk_by_reason": dict(sorted(off.items())),
        "analysed": fates["known"],
    }


def _texts(cells: list[Cell]) -> dict[str, Any]:
    by = Counter[str]()
    none, failed = Counter[str](), Counter[str]()
    for cell in cells:
        by[cell.texts] += cell.n
        if cell.texts in ("none", "undelivered"):
            (none if cell.texts == "none" else failed)[cell.why or "unknown"] += cell.n
    return {
        "texted": sum(by.values()) - by["none"],
        "delivered": by["delivered"],
        "undelivered": by["undelivered"],
        "undelivered_by_reason": dict(sorted(failed.items())),
        "no_receipt": by["no-receipt"],
        "not_texted": by["none"],
        "not_texted_by_reason": dict(sorted(none.items())),
    }


def _people(cells: Iterable[Cell], holds: Callable[[Cell], bool]) -> int:
    return sum(cell.n for cell in cells if holds(cell))
