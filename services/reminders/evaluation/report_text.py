"""A pilot's report for the terminal: the verdict first, refusals in sight. Pure."""

from typing import Any

from services.common.report.text import as_text
from services.reminders.evaluation.report_document import document

FIRST = 4  # the sections that a board reads; the rest stand on them


def render_text(report: dict[str, Any], sections: int | None = None) -> str:
    """The report of `pilot_report` as text, ending with a newline; of all sections, or the first few."""
    return as_text(document(report), sections)
