"""A pilot's report in words, tables and charts: fourteen sections, whose order and wording are fixed here. Pure.

Built from the report's JSON alone, so that whoever has that can make every other form of it.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from services.common.report.document import Block, Document, Section
from services.reminders.evaluation import report_beside, report_plan, report_primary
from services.reminders.evaluation.report_words import moment

SECTIONS: tuple[tuple[str, Callable[[dict[str, Any]], list[Block]]], ...] = (
    ("Verdict", report_primary.verdict),
    ("Flow of people", report_primary.flow),
    ("Primary comparison: people as they were assigned", report_primary.primary),
    ("Secondary outcomes, costs", report_primary.secondary),
    ("People reached, by instrumental variables", report_beside.reached),
    ("Adjusted for what was known beforehand", report_beside.adjusted),
    ("Balance of the arms", report_beside.balance),
    ("Missing outcomes, and other readings of the rules", report_beside.missing),
    ("Subgroups", report_beside.subgroups),
    ("Looks", report_plan.looks),
    ("Power", report_plan.power),
    ("Reach", report_plan.reach),
    ("Historical and neighbouring comparisons", report_plan.history),
    ("Data and method", report_plan.method),
)


def document(report: dict[str, Any]) -> Document:
    """The document of a report."""
    pilot, look = report["pilot"], report["look"]
    number = (
        f"look {look['number']} of {look['of']} planned"
        if look["number"]
        else f"none of the {look['of']} planned"
    )
    return Document(
        title=f"Pilot {pilot['name']}",
        mark="Synthetic data" if pilot["synthetic"] else None,
        lead=report["verdict"]["sentence"],
        facts=(
            ("Question", pilot["question"]),
            (
                "Allocation",
                f"{pilot['method'].replace('-', ' ')}, {'at random' if pilot['randomised'] else 'not at random'}",
            ),
            ("Look", number),
            ("Data cut", moment(pilot["data_cut"])),
            ("Protocol", pilot["protocol_hash"]),
            ("Code", pilot["code_version"]),
            ("Audit log", report["provenance"]["audit_head"]),
        ),
        at=datetime.fromisoformat(pilot["data_cut"]),
        sections=tuple(
            Section(place, title, tuple(blocks(report))) for place, (title, blocks) in enumerate(SECTIONS, 1)
        ),
    )
