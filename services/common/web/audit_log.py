# flask-smorest's decorators are untyped.
# mypy: disallow-untyped-decorators=False
"""The audit log, over HTTP and as a page: who did what to what."""

from typing import Any

from flask import Blueprint as Pages
from flask import render_template, request
from flask_smorest import Blueprint
from marshmallow import EXCLUDE, Schema, fields, validate

from services.common import audit_trail
from services.common.audit_trail import Wanted
from services.common.web.auth import heed, requires
from services.common.web.fields import Fields
from services.common.web.signed_in import page

LAST_ID = 2**63 - 1  # what a bigint holds
ROWS = 100  # on a page
blueprint = Blueprint("audit", __name__, url_prefix="/v1", description="Who did what")
pages = Pages("audit_pages", __name__)


class Which(Schema):
    """Which rows."""

    class Meta:
        unknown = EXCLUDE

    actor = fields.String(load_default="", metadata={"description": "Like person:anna or key:5d2f"})
    act = fields.String(load_default="", metadata={"description": "Like sending-stopped"})
    subject = fields.String(
        load_default="", metadata={"description": "Like person:12; `person:` has all of that kind"}
    )
    day = fields.Date(load_default=None, metadata={"description": "The day in London"})
    before = fields.Integer(
        load_default=None,
        validate=validate.Range(min=1, max=LAST_ID),
        metadata={"description": "Rows before this number"},
    )
    after = fields.Integer(
        load_default=None,
        validate=validate.Range(min=0, max=LAST_ID),
        metadata={"description": "Every row after this number, the oldest first, with its hashes"},
    )
    limit = fields.Integer(load_default=200, validate=validate.Range(min=1, max=1000))


class Act(Schema):
    """A row of the log."""

    id = fields.Integer()
    at = fields.String()
    actor = fields.String()
    act = fields.String()
    subject = fields.String()
    detail = fields.Dict()
    previous = fields.String(metadata={"description": "With `after`: the hash of the row before, SHA-256"})
    hash = fields.String(metadata={"description": "With `after`: the hash of this row"})


class Log(Schema):
    """`next` is the number to give as `before`, or as `after`, for more rows."""

    audit = fields.List(fields.Nested(Act))
    next = fields.Integer(allow_none=True)


@blueprint.get("/audit")
@requires("audit:read")
@blueprint.arguments(Which, location="query")
@blueprint.response(200, Log)
def read(query: dict[str, Any]) -> Any:
    """Who did what to what, the newest first, a page at a time; with `after` the oldest first, for a collector that keeps up."""
    before, after, limit = query.pop("before"), query.pop("after"), query.pop("limit")
    with heed().database.begin() as session:
        rows = (
            audit_trail.page(session, Wanted(**query), before=before, limit=limit)
            if after is None
            else list(audit_trail.since(session, after, limit))
        )
    return {"audit": rows, "next": rows[-1]["id"] if len(rows) == limit else None}


@pages.get("/audit")
@page("audit:read")
def look() -> str:
    """The same as a page, with its filters."""
    given = Fields(request.args)
    wanted = Wanted(given.text("actor"), given.text("act"), given.text("subject"), given.day("day"))
    before = given.number("after")
    with heed().database.begin() as session:
        rows = audit_trail.page(session, wanted, before=before, limit=ROWS)
    return render_template(
        "audit.html",
        wanted=wanted,
        errors=given.errors,
        rows=rows,
        next=rows[-1]["id"] if len(rows) == ROWS else None,
    )
