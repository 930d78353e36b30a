"""Which hearing days wait for an outcome, what was written of a hearing, and many outcomes at once."""

from typing import Any

from flask import g, request
from flask_smorest import Blueprint
from marshmallow import EXCLUDE, Schema, fields, validate

from services.common import audit
from services.common.web.auth import heed, requires
from services.common.web.errors import fail
from services.reminders import outcome_file, outcomes_due
from services.reminders.api import schemas
from services.reminders.api.acting import acting
from services.reminders.api.schemas import LAST_ID
from services.reminders.feeds.records import FeedError
from services.reminders.outcome_history import history as written_of

blueprint = Blueprint("outcomes", __name__, url_prefix="/v1", description="What happened in court")


class Which(Schema):
    """Which days, from which page."""

    class Meta:
        unknown = EXCLUDE

    state = fields.String(load_default=None, validate=validate.OneOf(outcomes_due.STATES))
    court = fields.String(
        load_default=None,
        validate=validate.Regexp(r"[A-Za-z0-9]{1,10}$"),
        metadata={"description": "Court code; its first five characters count"},
    )
    date = fields.Date(load_default=None, metadata={"description": "The day in London"})
    after = fields.Integer(
        load_default=0,
        validate=validate.Range(min=0, max=LAST_ID),
        metadata={"description": "From after this listing_id"},
    )
    limit = fields.Integer(load_default=200, validate=validate.Range(min=1, max=1000))


class HearingDay(schemas.Outcome):
    """One day of one person's hearing. Names are shown in sandbox mode only; the arm never."""

    listing_id = fields.Integer()
    day = fields.String()
    case_ref = fields.String(allow_none=True)
    court = fields.String(allow_none=True)
    court_name = fields.String(allow_none=True)
    room = fields.String(allow_none=True)
    starts_at = fields.String()
    hearing_type = fields.String(allow_none=True)
    status = fields.String()
    name = fields.String(allow_none=True)
    date_of_birth = fields.String(allow_none=True)
    state = fields.String(validate=validate.OneOf(outcomes_due.STATES))
    missing_after = fields.String(
        metadata={"description": "The last day on which its result is not yet late"}
    )


class HearingDays(Schema):
    """A page; a hearing's days stay together. `next` is the id to give as `after` for the next one."""

    outcomes = fields.List(fields.Nested(HearingDay))
    next = fields.Integer(allow_none=True)


class Written(schemas.Outcome):
    """One outcome as it was written. `replaced_at` is when a newer word took its place; null where it stands."""

    id = fields.Integer()
    day = fields.String()
    reason = fields.String(metadata={"description": "The rule that decided, or by-hand"})
    source = fields.String()
    entered_by = fields.String()
    entered_at = fields.String()
    replaces = fields.Integer(allow_none=True)
    replaced_at = fields.String(allow_none=True)


class History(Schema):
    """Every outcome of a hearing, the oldest first."""

    outcomes = fields.List(fields.Nested(Written))


@blueprint.get("/outcomes")
@requires("hearings:read")
@blueprint.arguments(Which, location="query")
@blueprint.response(200, HearingDays)
def index(query: dict[str, Any]) -> Any:
    """The hearing days that wait for an outcome (pending, missing) or have one (recorded), a page at a time."""
    show = heed().sandbox
    wanted = outcomes_due.Wanted(query["state"], query["court"], query["date"])
    with heed().database.begin() as session:
        rows = outcomes_due.page(
            heed(), session, wanted, show_people=show, after=query["after"], limit=query["limit"]
        )
        if rows and not show:
            audit.record(session, g.caller.actor, "outcomes-read", "outcomes", rows=len(rows))
    more = rows[-1]["listing_id"] if len(rows) >= query["limit"] else None
    return {"outcomes": rows, "next": more}


@blueprint.post("/outcomes")
@requires("outcomes:write")
@blueprint.response(200, schemas.Attached)
def enter() -> Any:
    """Enter many outcomes by hand: JSON {"outcomes": [...]} or CSV. Bad rows are left out, each with its reason."""
    try:
        entries, rejections = (
            outcome_file.read_csv(request.get_data())
            if request.mimetype == "text/csv"
            else outcome_file.read_rows(_rows())
        )
    except FeedError as error:
        fail(422, error.code, error.reason)
    with acting() as act:
        return outcome_file.enter(act, entries, rejections)


def _rows() -> list[tuple[str, dict[str, Any]]]:
    if not request.is_json:
        fail(415, "wrong-content-type", "Send application/json or text/csv.")
    content = request.get_json()
    rows = content.get("outcomes") if isinstance(content, dict) else content
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        fail(422, "invalid", 'Send {"outcomes": [{"listing_id": …, "day": …, "attendance": …}, …]}.')
    return [(f"/outcomes/{number}", row) for number, row in enumerate(rows)]


@blueprint.get(f"/hearings/<int(max={LAST_ID}):listing_id>/outcomes")
@requires("hearings:read")
@blueprint.response(200, History)
def history(listing_id: int) -> Any:
    """Every outcome ever written of one hearing: who wrote it, when, from which source, and what it replaced."""
    with acting() as act:
        act.listing(listing_id)
        return {"outcomes": written_of(act.session, listing_id)}
