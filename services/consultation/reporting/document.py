"""A consultation's report in words, tables and charts: its sections, in a fixed order. Pure.

Built from the report's JSON alone, so that every form says the same and nothing is in one form only.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from services.common.report.document import Block, Document, Section, Table, table
from services.common.times import london, said_day
from services.consultation.reporting import what_was_said, what_went_back, who_answered
from services.consultation.reporting.labels import number, share

Report = dict[str, Any]
SECTIONS: tuple[tuple[str, Callable[[Report], list[Block]]], ...] = (
    ("What was received, and what is analysed", who_answered.reconciliation),
    ("What people spoke of", what_was_said.themes),
    ("Victims of crime beside all", what_was_said.victims),
    ("In people's own words", what_was_said.quotes),
    ("What other bodies should hear", what_went_back.other_bodies),
    ("You said, we did", what_went_back.answers),
    ("When answers came", who_answered.days),
    ("Who answered", who_answered.people),
    ("What was done to be heard", who_answered.heard),
    ("How far two coders agree", what_was_said.agreement),
    ("What this report cannot say", lambda report: list(report["caveats"])),
    ("How it was made", lambda report: [*report["method"], _versions(report)]),
)


def document(report: Report) -> Document:
    """The document of a report, whole or as published."""
    counts, themes = report["counts"], report["themes"]
    return Document(
        title=report["title"],
        mark=_mark(report),
        lead=(
            f"{number(counts['received'])} responses were received and {number(counts['counted'])} are analysed, from"
            f" {number(counts['respondents'])} people. A person has read and coded"
            f" {share(themes['reviewed'] / themes['analysed'] if themes['analysed'] else None)} of them."
            " Responses do not measure public support."
        ),
        facts=(
            ("Open", _open(report)),
            ("Made", f"{_day(report['made_at'])}, {london(datetime.fromisoformat(report['made_at'])):%H:%M}"),
            ("Hidden", _hidden(report)),
        ),
        at=datetime.fromisoformat(report["made_at"]),
        sections=tuple(
            Section(place, title, tuple(blocks(report))) for place, (title, blocks) in enumerate(SECTIONS, 1)
        ),
    )


def _versions(report: Report) -> Table:
    frame, model = report["themes"]["codeframe"], report["themes"]["model"]
    return table(
        "What every figure here can be traced to",
        ["What", "Version or hash"],
        [
            ["Questionnaire, as frozen", report["hash"]],
            ["Codeframe", f"{frame['id']}, version {frame['version']}"],
            ["Codeframe's hash", frame["digest"]],
            ["Model that suggested themes", model["digest"] if model else "none was used"],
            ["Heed's code", report["version"]],
            ["Head of the audit log", report["audit_head"]],
        ],
    )


def _mark(report: Report) -> str | None:
    marks = [
        *(["Synthetic data"] if report["synthetic"] else []),
        *(
            ["For the office: not to be published, small counts are shown"]
            if report["form"] == "full"
            else []
        ),
    ]
    return ". ".join(marks) or None


def _open(report: Report) -> str:
    since = f"from {_day(report['opens_at'])}"
    if report["closes_at"] is None:
        return f"{since}, at any time"
    # It closes at midnight: its last day is the one before.
    last = datetime.fromisoformat(report["closes_at"]) - timedelta(minutes=1)
    return f"{since} to {_day(last.isoformat())}"


def _hidden(report: Report) -> str:
    if report["smallest_count"] is None:
        return "nothing"
    return f"counts of 1 to {report['smallest_count'] - 1}, and so many others that none can be worked out. Hidden is not nought"


def _day(instant: str) -> str:
    at = datetime.fromisoformat(instant)
    return f"{said_day(at)} {london(at).year}"
