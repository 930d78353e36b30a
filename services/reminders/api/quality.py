"""What the data can carry."""

from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import EXCLUDE, Schema, fields, validate

from services.common.web.auth import heed, requires
from services.reminders import quality

blueprint = Blueprint("quality", __name__, url_prefix="/v1", description="What the data can carry")


class Form(Schema):
    """How to answer."""

    class Meta:
        unknown = EXCLUDE

    format = fields.String(load_default=None, validate=validate.OneOf(["json", "csv"]))


class Quality(Schema):
    """Counts by name. No person, and no arm."""

    at = fields.String()
    people = fields.Dict(fields.String(), fields.Raw())
    listings = fields.Dict(fields.String(), fields.Raw())
    reasons = fields.Dict(fields.String(), fields.Raw())
    feeds = fields.Dict(fields.String(), fields.Raw())
    unknown_codes = fields.Dict(fields.String(), fields.Integer())
    outcomes = fields.Dict(fields.String(), fields.Integer())
    suggested_duplicates = fields.Integer()


@blueprint.get("/data-quality")
@requires("quality:read")
@blueprint.arguments(Form, location="query")
@blueprint.response(200, Quality)
def data_quality(query: dict[str, Any]) -> Any:
    """Whose numbers reach them, what was left out and why, which feeds have gone quiet; as CSV where `format=csv` or
    `Accept: text/csv` asks for it."""
    figures = quality.report(heed())
    asked = query["format"] or (
        "csv"
        if request.accept_mimetypes.best_match(["application/json", "text/csv"]) == "text/csv"
        else "json"
    )
    return Response(quality.to_csv(figures), mimetype="text/csv") if asked == "csv" else figures
