"""What people have texted that a person must read, and the numbers that reached the wrong person."""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from services.common.web.auth import heed, requires
from services.reminders import inbox, incidents
from services.reminders.api.acting import acting
from services.reminders.api.schemas import LAST_ID

blueprint = Blueprint("inbox", __name__, url_prefix="/v1", description="Replies that a person must read")
TEXT = f"/inbox/<int(max={LAST_ID}):reply_id>"


class Waiting(Schema):
    """A text that waits for a person, without its words."""

    id = fields.Integer()
    kind = fields.String(validate=validate.OneOf(["danger", "wrong-number", "message"]))
    sender = fields.String(
        data_key="from", attribute="from", metadata={"description": "Its last three digits"}
    )
    received_at = fields.String()
    done_by = fields.String(allow_none=True)
    done_at = fields.String(allow_none=True)


class Inbox(Schema):
    """Texts of danger first, then the oldest."""

    inbox = fields.List(fields.Nested(Waiting))


class Words(Waiting):
    """A text with its words."""

    words = fields.String(allow_none=True)
    listings = fields.List(fields.Integer(), metadata={"description": "Hearings of whoever has this number"})


class Answer(Schema):
    """What to text back."""

    text = fields.String(required=True, validate=validate.Length(min=1, max=1600))


class Answered(Waiting):
    """An answer on its way."""

    segments = fields.Integer()
    waits_for = fields.String(allow_none=True, metadata={"description": "sending-stopped, or null"})


class Reached(Schema):
    """A hearing that a stranger may have read of."""

    listing = fields.Integer()
    court = fields.String(allow_none=True)
    day = fields.String(allow_none=True)


class Incident(Waiting):
    """A text that may have told a stranger; `id` is the reply that said so, none where the office did."""

    id = fields.Integer(allow_none=True)
    kind = fields.String(validate=validate.OneOf(["wrong-number", "office"]))
    sender = fields.String(data_key="from", attribute="from", allow_none=True)
    incident = fields.Integer()
    reason = fields.String()
    report_by = fields.String(metadata={"description": "Until when the law wants it reported"})
    hours_left = fields.Integer(allow_none=True)
    decision = fields.String(allow_none=True, validate=validate.OneOf(incidents.DECISIONS))
    decided_by = fields.String(allow_none=True)
    decided_at = fields.String(allow_none=True)
    texts = fields.Integer(metadata={"description": "How many had gone to it"})
    hearings = fields.List(fields.Nested(Reached))


class Incidents(Schema):
    """Oldest first; `done_at` is null while nobody has seen to it."""

    incidents = fields.List(fields.Nested(Incident))


class Report(Schema):
    """Which hearing a stranger may have read of, and how we know."""

    listing = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=LAST_ID))
    reason = fields.String(required=True, validate=validate.Length(1, 300))


class Assessment(Schema):
    """What was decided of an incident; the note is kept encrypted."""

    decision = fields.String(required=True, validate=validate.OneOf(incidents.DECISIONS))
    note = fields.String(load_default="", validate=validate.Length(max=1000))


@blueprint.get("/inbox")
@requires("inbox:read")
@blueprint.response(200, Inbox)
def waiting() -> Any:
    """The texts that wait for a person."""
    with heed().database.begin() as session:
        return {"inbox": inbox.waiting(heed(), session)}


@blueprint.get(TEXT)
@requires("inbox:read")
@blueprint.response(200, Words)
def read(reply_id: int) -> Any:
    """One text with its words. Each look is written into the audit log."""
    with acting() as act:
        return inbox.read(act, reply_id)


@blueprint.post(f"{TEXT}/answer")
@requires("inbox:write")
@blueprint.arguments(Answer)
@blueprint.response(201, Answered)
def answer(given: dict[str, str], reply_id: int) -> Any:
    """Text back. That settles a message; a text of danger stays until it is done."""
    with acting() as act:
        return inbox.answer(act, reply_id, given["text"])


@blueprint.post(f"{TEXT}/done")
@requires("inbox:write")
@blueprint.response(200, Waiting)
def done(reply_id: int) -> Any:
    """Somebody has seen to it: the text leaves the inbox, the incident is settled."""
    with acting() as act:
        return inbox.done(act, reply_id)


@blueprint.post("/incidents")
@requires("inbox:write")
@blueprint.arguments(Report)
@blueprint.response(201, Incident)
def report(given: dict[str, Any]) -> Any:
    """Texts about a hearing reached somebody else: open an incident, with the law's clock."""
    with acting() as act:
        row = incidents.report(act, given["listing"], given["reason"])
        return incidents.shown(act.heed, act.session, row)


@blueprint.post(f"/incidents/<int(max={LAST_ID}):incident_id>/assess")
@requires("inbox:write")
@blueprint.arguments(Assessment)
@blueprint.response(200, Incident)
def assess(given: dict[str, Any], incident_id: int) -> Any:
    """Write down what was decided of an incident; that ends its clock."""
    with acting() as act:
        row = incidents.assess(act, incident_id, given["decision"], given["note"])
        act.session.flush()
        return incidents.shown(act.heed, act.session, row)


@blueprint.get("/incidents")
@requires("inbox:read")
@blueprint.response(200, Incidents)
def every() -> Any:
    """The numbers that reached the wrong person, with the hearings they were texted about."""
    with heed().database.begin() as session:
        return {"incidents": incidents.every(heed(), session)}
