"""Every form of a report, by file name: JSON, a page, Word, plain text, and its tables as CSV. Pure."""

import json
from typing import Any

from services.common.report import forms
from services.common.report.text import as_text
from services.consultation.reporting import charts
from services.consultation.reporting.document import document
from services.consultation.reporting.tables import tables


def files(report: dict[str, Any]) -> dict[str, bytes]:
    """The files of a report, whole or as published."""
    return {
        "report.json": (json.dumps(report, indent=2, ensure_ascii=False) + "\n").encode(),
        "report.html": page(report).encode(),
        "report.docx": word(report),
        "report.txt": text(report).encode(),
        "report.csv": csv(report),
        **tables(report),
    }


def page(report: dict[str, Any]) -> str:
    """The page alone."""
    return forms.as_html(document(report), charts.of(report))


def word(report: dict[str, Any]) -> bytes:
    """The Word document alone."""
    return forms.as_docx(document(report), charts.of(report))


def csv(report: dict[str, Any]) -> bytes:
    """Every table's cells, a line each."""
    return forms.as_csv(document(report))


def text(report: dict[str, Any]) -> str:
    """The plain text alone."""
    return as_text(document(report))
