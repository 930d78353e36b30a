# ruff: noqa: PLC0415 - the statistics and the charts take two seconds to load, and only a report needs them.
"""A consultation's report: as it may be published, as a page that prints and as files; and the whole one for the office, audited."""

import io
import zipfile
from typing import Any

from flask import Blueprint, Response, g, render_template, request

from services.common.web.auth import heed
from services.common.web.errors import fail
from services.common.web.files import as_file, as_picture
from services.common.web.signed_in import page
from services.consultation.api.office import caller, consultation_of
from services.consultation.models import Consultation
from services.consultation.pages.overview import ONE
from services.consultation.reconciliation import NotClosed

blueprint = Blueprint("report_pages", __name__)
REPORT = f"{ONE}/report"
KINDS = {
    "report.html": "text/html",
    "report.docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "report.csv": "text/csv",
    "report.json": "application/json",
    "report.txt": "text/plain",
}


@blueprint.get(REPORT)
@page("responses:read")
def shown(consultation_id: str) -> str:
    """The report as a page: small counts hidden, or whole with `?whole=yes`."""
    from services.consultation.reporting.document import document

    row, found = _made(consultation_id)
    return render_template(
        "pages/report.html",
        consultation=row,
        document=document(found),
        whole=_whole(),
        may_take_words="words:read" in g.caller.scopes,
        errors={},
    )


@blueprint.get(f"{REPORT}/charts/<name>.svg")
@page("responses:read")
def chart(consultation_id: str, name: str) -> Response:
    """One of its charts."""
    from services.common.report import drawing
    from services.common.report.document import Chart
    from services.consultation.reporting import charts
    from services.consultation.reporting.document import document

    _, found = _made(consultation_id)
    blocks = (block for section in document(found).sections for block in section.blocks)
    if name not in {block.name for block in blocks if isinstance(block, Chart)}:
        fail(404, "not-found", "The report has no such chart.")
    return as_picture(drawing.svg(name, charts.of(found)(name)), name)


@blueprint.get(f"{REPORT}/<name>")
@page("responses:read")
def as_files(consultation_id: str, name: str) -> Response:
    """One of its files, or all of them together."""
    from services.consultation.reporting import forms

    if name not in (*KINDS, "report.zip"):
        fail(404, "not-found", "The report has no such file.")
    row, found = _made(consultation_id)
    files = forms.files(found)
    if name == "report.zip":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for each, content in files.items():
                archive.writestr(each, content)
        return as_file(packed.getvalue(), f"{row.id}-report.zip", "application/zip")
    return as_file(files[name], f"{row.id}-{name}", KINDS[name])


def _made(consultation_id: str) -> tuple[Consultation, dict[str, Any]]:
    # The statistics and the charts take two seconds to load.
    from services.consultation import reports

    with heed().database.begin() as session:
        row = consultation_of(session, consultation_id)
        try:
            if _whole():
                return row, reports.whole(heed(), session, row, caller())
            return row, reports.published(heed(), session, row)
        except NotClosed as error:
            fail(409, "not-closed", f"The report is not shown, because its tables do not agree: {error}.")


def _whole() -> bool:
    return request.args.get("whole") == "yes"
