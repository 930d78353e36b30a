# flask-smorest's decorators are untyped.
# mypy: disallow-untyped-decorators=False
"""What needs a person, and a person's word on it, over HTTP: stops of sending, alarms, texts that evidence cannot settle."""

from typing import Any

from flask import g
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from services.common import alarms, attention, clock, stops
from services.common.acts import Refused
from services.common.outbox import by_hand
from services.common.web.auth import heed, requires
from services.common.web.errors import fail

LAST_ID = 2**63 - 1  # what a bigint holds
blueprint = Blueprint("attention", __name__, url_prefix="/v1", description="What needs a person")


class Stop(Schema):
    """A stop of sending that nobody has lifted."""

    id = fields.Integer()
    of = fields.String(metadata={"description": "all, or one sender"})
    since = fields.String()
    by = fields.String()
    reason = fields.String()


class Sending(Schema):
    """Whether texts go out."""

    sending = fields.String(validate=validate.OneOf(["on", "stopped"]))
    reason = fields.String(allow_none=True, metadata={"description": "sending-stopped, or null"})
    stops = fields.List(fields.Nested(Stop))


class StopReason(Schema):
    """Why sending is stopped."""

    reason = fields.String(
        required=True,
        validate=validate.Length(min=1, max=300),
        metadata={"description": "It stands in the audit log: no names, no numbers"},
    )


class Alarm(Schema):
    """Something that a person must look at; docs/operations.md says what to do about each code."""

    id = fields.Integer()
    code = fields.String()
    subject = fields.String()
    detail = fields.Dict()
    first_at = fields.String()
    last_at = fields.String()
    times = fields.Integer()
    owner = fields.String(allow_none=True, metadata={"description": "Who sees to this kind"})
    told = fields.Dict(metadata={"description": "By channel: how often, when last, what came back"})


class Alarms(Schema):
    """The alarms that nobody has acknowledged."""

    alarms = fields.List(fields.Nested(Alarm))


class Message(Schema):
    """A message at the carrier that could be a text of ours."""

    sid = fields.String()
    status = fields.String()
    created = fields.String(metadata={"description": "By the carrier's clock"})


class Unsettled(Schema):
    """A text that may or may not have gone out."""

    id = fields.Integer()
    kind = fields.String()
    step = fields.String(allow_none=True)
    attempt = fields.Integer()
    reason = fields.String(allow_none=True)
    claimed_at = fields.String(allow_none=True)
    age_seconds = fields.Integer(allow_none=True)
    useful_until = fields.String()
    seen = fields.List(fields.Nested(Message))


class Failed(Schema):
    """Texts of the last seven days that did not arrive, under one code of the carrier."""

    code = fields.Integer(allow_none=True)
    meaning = fields.String()
    action = fields.String()
    texts = fields.Integer()
    last_at = fields.String()


class Compared(Schema):
    """A day's comparison with the carrier's list, in one direction."""

    day = fields.String()
    direction = fields.String(validate=validate.OneOf(["outbound", "inbound"]))
    listed = fields.Integer(metadata={"description": "Messages on the carrier's list"})
    matched = fields.Integer(metadata={"description": "Of these, known here"})
    settled = fields.Integer(
        metadata={"description": "Of these, an open text's, or a person's text kept now"}
    )
    orphans = fields.Integer(metadata={"description": "Known to the carrier alone"})
    missing = fields.Integer(metadata={"description": "Known here alone"})
    complete = fields.Boolean(metadata={"description": "Whether the whole list was read"})


class Queue(Schema):
    """The texts that evidence cannot settle, those that did not arrive, and how the carrier's list compares."""

    queue = fields.List(fields.Nested(Unsettled))
    failed = fields.List(fields.Nested(Failed))
    comparisons = fields.List(fields.Nested(Compared))


class Resolution(Schema):
    """What a person found out."""

    sent = fields.Boolean(required=True)
    sid = fields.String(metadata={"description": "Sent as which of the messages that were seen"})


class Resolved(Schema):
    """A text that a person has settled."""

    id = fields.Integer()
    sent = fields.Boolean()


@blueprint.get("/sending")
@requires("sending:read")
@blueprint.response(200, Sending)
def sending() -> Any:
    """Whether texts go out; each open stop, with since when, by whom and why."""
    with heed().database.begin() as session:
        return attention.sending(session, heed().config.sender)


@blueprint.post("/sending/stop")
@requires("sending:write")
@blueprint.arguments(StopReason)
@blueprint.response(200, Sending)
def stop(given: dict[str, Any]) -> Any:
    """Stop all sending of this service at once. What is on the wire cannot be called back."""
    try:
        with heed().database.begin() as session:
            stops.stop(session, given["reason"], g.caller.actor, clock.now(session))
            return attention.sending(session, heed().config.sender)
    except Refused as error:
        fail(422, error.error, str(error))


@blueprint.post("/sending/resume")
@requires("sending:write")
@blueprint.response(200, Sending)
def resume() -> Any:
    """Lift every stop but the caller's own: whoever stopped sending does not let it go on."""
    with heed().database.begin() as session:
        if not stops.lift(session, g.caller.actor, clock.now(session)):
            if stops.by_restore(session):
                fail(
                    409,
                    "restored",
                    "A backup was restored: sending goes on by itself, once the carrier's lists are read.",
                )
            if stops.standing(session):
                fail(409, "stopped-by-you", "You stopped sending yourself: another person lets it go on.")
            fail(409, "not-stopped", "Nothing is stopped.")
        return attention.sending(session, heed().config.sender)


@blueprint.get("/alarms")
@requires("alarms:read")
@blueprint.response(200, Alarms)
def sounding() -> Any:
    """The alarms that nobody has acknowledged, oldest first."""
    with heed().database.begin() as session:
        return {"alarms": attention.sounding(session)}


@blueprint.post(f"/alarms/<int(max={LAST_ID}):alarm_id>/acknowledge")
@requires("alarms:write")
@blueprint.response(200, Alarms)
def acknowledge(alarm_id: int) -> Any:
    """Say that a person sees to it; answers with the alarms that are left."""
    with heed().database.begin() as session:
        if not alarms.acknowledge(session, alarm_id, g.caller.actor, clock.now(session)):
            fail(404, "not-found", "There is no open alarm with this id.")
        return {"alarms": attention.sounding(session)}


@blueprint.get("/queue")
@requires("queue:read")
@blueprint.response(200, Queue)
def queue() -> Any:
    """The texts that evidence cannot settle, with what was seen; those that did not arrive; how the carrier's list compares."""
    with heed().database.begin() as session:
        return {
            "queue": attention.unsettled(session),
            "failed": attention.failed(session),
            "comparisons": attention.comparisons(session),
        }


@blueprint.post(f"/queue/<int(max={LAST_ID}):text_id>/resolve")
@requires("queue:write")
@blueprint.arguments(Resolution)
@blueprint.response(200, Resolved)
def resolve(given: dict[str, Any], text_id: int) -> Any:
    """Settle one of them by a person's word. Not sent: it goes out again if it is still of use."""
    try:
        with heed().database.begin() as session:
            if not by_hand.resolve(heed(), session, text_id, by=g.caller.actor, **given):
                fail(404, "not-found", "There is no text with this id in the queue.")
    except by_hand.WrongMessage as error:
        fail(409, "wrong-message", f"{error}.")
    return {"id": text_id, "sent": given["sent"]}
