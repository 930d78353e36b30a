"""Mobile numbers, as JSON or CSV."""

from typing import Any

from flask import current_app, g, request
from flask_smorest import Blueprint

from services.common.web.auth import heed, requires
from services.common.web.errors import fail
from services.reminders.api import schemas
from services.reminders.contacts import attach, read_csv, read_rows
from services.reminders.feeds.records import FeedError

blueprint = Blueprint("contacts", __name__, url_prefix="/v1", description="Mobile numbers")


@blueprint.post("/contacts")
@requires("contacts:write")
@blueprint.response(200, schemas.Attached)
def contacts() -> Any:
    """Attach mobile numbers, by ASN or by case_ref with surname and date_of_birth: JSON {"contacts": [...]} or CSV."""
    try:
        given, rejections = (
            read_csv(request.get_data()) if request.mimetype == "text/csv" else read_rows(_rows())
        )
    except FeedError as error:
        fail(422, error.code, error.reason)
    with heed().database.begin() as session:
        return attach(heed(), current_app.extensions["county"], session, given, rejections, g.caller.actor)


def _rows() -> list[tuple[str, dict[str, Any]]]:
    if not request.is_json:
        fail(415, "wrong-content-type", "Send application/json or text/csv.")
    content = request.get_json()
    rows = content.get("contacts") if isinstance(content, dict) else content
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        fail(422, "invalid", 'Send {"contacts": [{"asn": …, "mobile": …}, …]}.')
    return [(f"/contacts/{number}", row) for number, row in enumerate(rows)]
