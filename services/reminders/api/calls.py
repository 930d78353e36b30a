"""Whom to ring."""

from typing import Any

from flask import Response, current_app, g, request
from flask_smorest import Blueprint
from marshmallow import EXCLUDE, Schema, fields, validate

from services.common import audit
from services.common.web.auth import heed, requires
from services.reminders import call_sheet, calls
from services.reminders.api.acting import acting
from services.reminders.api.schemas import LAST_ID

blueprint = Blueprint("calls", __name__, url_prefix="/v1", description="Whom to ring")


class Day(Schema):
    """Which day's hearings."""

    class Meta:
        unknown = EXCLUDE

    day = fields.Date(
        load_default=None, metadata={"description": "The hearings' day in London; every day if left out"}
    )


class ToRing(Schema):
    """Somebody to ring. Names and numbers are shown in sandbox mode only."""

    listing = fields.Integer()
    case_ref = fields.String(allow_none=True)
    court = fields.String(allow_none=True)
    court_name = fields.String(allow_none=True)
    starts_at = fields.String(allow_none=True)
    name = fields.String(allow_none=True)
    date_of_birth = fields.String(allow_none=True)
    number = fields.String(allow_none=True)
    reasons = fields.List(fields.String())
    opted_out = fields.Boolean(
        metadata={"description": "Has texted STOP: rung only if the office has decided so"}
    )
    calls = fields.List(fields.Integer(), metadata={"description": "Calls to note as done"})


class Calls(Schema):
    """The earliest hearing first."""

    calls = fields.List(fields.Nested(ToRing))


class Note(Schema):
    """What came of a call; kept encrypted."""

    note = fields.String(required=True, validate=validate.Length(min=1, max=calls.NOTE_MOST))


class Made(Schema):
    """A call that was made."""

    id = fields.Integer()
    listing = fields.Integer()
    reason = fields.String()
    done_by = fields.String()
    done_at = fields.String()


def _rows(query: dict[str, Any], form: str) -> list[dict[str, Any]]:
    show = heed().sandbox
    with heed().database.begin() as session:
        county = current_app.extensions["county"]
        found = calls.rows(heed(), county, session, show_people=show, day=query["day"])
        if not show and found:
            audit.record(
                session, g.caller.actor, "calls-read", "calls", rows=len(found), form=form, names=show
            )
        return found


def _csv(query: dict[str, Any]) -> Response:
    return Response(call_sheet.to_csv(_rows(query, "csv")), mimetype="text/csv")


@blueprint.get("/calls")
@requires("calls:read")
@blueprint.arguments(Day, location="query")
@blueprint.response(200, Calls)
def to_ring(query: dict[str, Any]) -> Any:
    """Whom no text reaches, and who was told of a day that has come nearer; as CSV where `Accept: text/csv` asks for it."""
    if request.accept_mimetypes.best_match(["application/json", "text/csv"]) == "text/csv":
        return _csv(query)
    return {"calls": _rows(query, "json")}


@blueprint.get("/calls.csv")
@requires("calls:read")
@blueprint.arguments(Day, location="query")
@blueprint.response(200, content_type="text/csv")
def as_csv(query: dict[str, Any]) -> Any:
    """The same list as CSV, with the same people and the same fields."""
    return _csv(query)


@blueprint.post(f"/calls/<int(max={LAST_ID}):call_id>/done")
@requires("calls:write")
@blueprint.arguments(Note)
@blueprint.response(200, Made)
def done(given: dict[str, str], call_id: int) -> Any:
    """Note that a call was made, or need not be."""
    with acting() as act:
        return calls.as_json(calls.done(act, call_id, given["note"]))


@blueprint.post(f"/hearings/<int(max={LAST_ID}):listing_id>/rung")
@requires("calls:write")
@blueprint.arguments(Note)
@blueprint.response(201, Made)
def rung(given: dict[str, str], listing_id: int) -> Any:
    """Note that somebody whom no text reaches was rung; they leave the list until their hearing moves."""
    with acting() as act:
        return calls.as_json(calls.rung(act, listing_id, given["note"]))
