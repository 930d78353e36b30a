"""A consultation's report: its tables as a page that prints, and as files."""

import json
from typing import Any

from flask import Blueprint, Response, render_template

from services.common.web.auth import heed
from services.common.web.errors import fail
from services.common.web.files import as_file
from services.common.web.signed_in import page
from services.consultation import report
from services.consultation.api.office import consultation_of
from services.consultation.models import Consultation
from services.consultation.pages import wording
from services.consultation.pages.overview import ONE
from services.consultation.reconciliation import NotClosed

blueprint = Blueprint("report_pages", __name__)


@blueprint.get(f"{ONE}/report")
@page("responses:read")
def shown(consultation_id: str) -> str:
    """The report as a page."""
    row, found = _made(consultation_id)
    return render_template(
        "pages/report.html",
        consultation=row,
        found=found,
        files=[*report.tables(found), "report.json"],
        wording=wording,
        errors={},
    )


@blueprint.get(f"{ONE}/report/<name>")
@page("responses:read")
def as_files(consultation_id: str, name: str) -> Response:
    """The report in full as JSON, or one of its tables as CSV."""
    row, found = _made(consultation_id)
    if name == "report.json":
        whole = json.dumps(found, indent=2, ensure_ascii=False, default=str)
        return as_file(whole, f"{row.id}-report.json", "application/json")
    tables = report.tables(found)
    if name not in tables:
        fail(404, "not-found", "The report has no such file.")
    return as_file(tables[name], f"{row.id}-{name}")


def _made(consultation_id: str) -> tuple[Consultation, dict[str, Any]]:
    with heed().database.begin() as session:
        row = consultation_of(session, consultation_id)
        try:
            return row, report.report(heed(), session, row)
        except NotClosed as error:
            fail(409, "not-closed", f"The report is not shown, because its tables do not agree: {error}.")
