"""The call list as a file: CSV for a spreadsheet, and a page for paper that needs nothing from elsewhere. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.common import spreadsheet
from services.common.report.page import rendered
from services.common.times import london, said_day, said_time

COLUMNS = (
    "listing",
    "case_ref",
    "court",
    "court_name",
    "starts_at",
    "name",
    "date_of_birth",
    "number",
    "reasons",
    "opted_out",
    "calls",
)
SAID = {
    "mobile-missing": "no number",
    "mobile-invalid": "not a mobile number",
    "mobile-shared": "number shared",
    "wrong-number": "number is somebody else's",
    "opted-out": "has stopped texts",
    "interpreter-needed": "needs an interpreter",
    "moved-earlier": "moved to an earlier day",
    "moved-soon": "moved, and soon",
    "danger": "may be in danger",
}


def to_csv(rows: Sequence[dict[str, Any]]) -> bytes:
    """The list as CSV in UTF-8, with a mark at its beginning by which Excel knows that; no cell is a formula."""
    return spreadsheet.to_csv(COLUMNS, ([_cell(row[column]) for column in COLUMNS] for row in rows))


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(map(str, value)) if isinstance(value, list) else value


def to_html(rows: Sequence[dict[str, Any]], speaker: str, at: datetime) -> str:
    """The list as one page for paper, with room to write what came of each call."""
    shown = [
        row
        | {
            "day": said_day(datetime.fromisoformat(row["starts_at"])) if row["starts_at"] else "no day",
            "time": said_time(datetime.fromisoformat(row["starts_at"])) if row["starts_at"] else "",
            "why": [SAID.get(code, code) for code in row["reasons"]],
        }
        for row in rows
    ]
    made = f"{said_day(at)} {london(at).year}, {said_time(at)}"
    return rendered(__package__, "call_sheet.html", rows=shown, speaker=speaker, made=made)
