"""The report: as JSON or a page, and each other form that a browser saves."""

from collections.abc import Callable
from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import EXCLUDE, Schema, fields, validate

from services.common.web.auth import heed, requires
from services.consultation.api.office import caller, consultation_of

blueprint = Blueprint("report", __name__, url_prefix="/v1/consultations", description="The report")
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class ReportForm(Schema):
    """In which form, and whether whole."""

    class Meta:
        unknown = EXCLUDE

    format = fields.String(load_default="json", validate=validate.OneOf(["json", "html", "docx", "csv"]))
    full = fields.Boolean(load_default=False)


@blueprint.get("/<consultation_id>/report")
@requires("responses:read")
@blueprint.arguments(ReportForm, location="query")
@blueprint.response(200)
def reported(query: dict[str, Any], consultation_id: str) -> Any:
    """The report as it may be published, small counts hidden. `full=true`: nothing hidden, for the office; audited."""
    # The statistics and the charts take two seconds to load.
    from services.consultation import reports  # noqa: PLC0415
    from services.consultation.reporting import forms  # noqa: PLC0415

    with heed().database.begin() as session:
        row = consultation_of(session, consultation_id)
        found = (
            reports.whole(heed(), session, row, caller())
            if query["full"]
            else reports.published(heed(), session, row)
        )
    if query["format"] == "json":
        return found
    made: dict[str, tuple[Callable[[dict[str, Any]], str | bytes], str]] = {
        "html": (forms.page, "text/html"),
        "docx": (forms.word, WORD),
        "csv": (forms.csv, "text/csv"),
    }
    make, mimetype = made[query["format"]]
    return Response(make(found), mimetype=mimetype)
