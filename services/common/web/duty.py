# flask-smorest's decorators are untyped.
# mypy: disallow-untyped-decorators=False
"""The duty queue over HTTP: what waits for a person, and a person's word on it; and who sent a text, as a permission of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import current_app, g
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session

from services.common import on_duty
from services.common.acts import Refused
from services.common.web.attention import LAST_ID
from services.common.web.auth import heed, requires
from services.common.web.errors import fail
from services.common.web.refusals import sentence

blueprint = Blueprint("duty", __name__, url_prefix="/v1", description="What a person must see to, by when")
ITEM = f"/duty/<int(max={LAST_ID}):item_id>"
STATUS = {"not-found": 404, "bad-words": 422, "too-long": 422}


class DutyItem(Schema):
    """Something on duty, without its words."""

    id = fields.Integer()
    kind = fields.String(
        validate=validate.OneOf(["danger", "safeguarding", "crime-report", "complaint", "question"])
    )
    rule = fields.String()
    cause = fields.String(metadata={"description": "inbound:12, or another channel's response"})
    ring = fields.Boolean(metadata={"description": "No text reaches the sender: ring them"})
    at = fields.String()
    due_by = fields.String()
    overdue = fields.Boolean()
    escalations = fields.Integer()
    acknowledged_by = fields.String(allow_none=True)
    acknowledged_at = fields.String(allow_none=True)
    done_by = fields.String(allow_none=True)
    done_at = fields.String(allow_none=True)


class DutyItems(Schema):
    """Danger first, then by the time until which each may wait."""

    duty = fields.List(fields.Nested(DutyItem))


class DutyWords(DutyItem):
    """An item with its words."""

    words = fields.String(allow_none=True)


class DutyAnswer(Schema):
    """What to text back."""

    text = fields.String(required=True, validate=validate.Length(min=1, max=1600))


class DutyAnswered(DutyItem):
    """An answer on its way."""

    segments = fields.Integer()


class DutyNote(Schema):
    """What was done; kept encrypted."""

    note = fields.String(load_default="", validate=validate.Length(max=1000))


class TextSender(Schema):
    """Who sent a text."""

    text = fields.Integer()
    number = fields.String()
    received_at = fields.String()


@contextmanager
def _act() -> Iterator[Session]:
    """One act in one transaction. A refusal leaves nothing of it, and answers with its word and its sentence."""
    try:
        with heed().database.begin() as session:
            yield session
    except Refused as refused:
        fail(STATUS.get(refused.error, 409), refused.error, sentence(refused))


@blueprint.get("/duty")
@requires("duty:read")
@blueprint.response(200, DutyItems)
def waiting() -> Any:
    """What is on duty and not done."""
    with heed().database.begin() as session:
        return {"duty": on_duty.waiting(heed(), session)}


@blueprint.get(ITEM)
@requires("duty:read")
@blueprint.response(200, DutyWords)
def read(item_id: int) -> Any:
    """One item with its words. Each look is written into the audit log."""
    with _act() as session:
        elsewhere = current_app.extensions["duty_words"]
        return on_duty.read(heed(), session, item_id, g.caller.actor, elsewhere)


@blueprint.post(f"{ITEM}/acknowledge")
@requires("duty:write")
@blueprint.response(200, DutyItem)
def acknowledge(item_id: int) -> Any:
    """A person takes it: it is no longer escalated."""
    with _act() as session:
        return on_duty.acknowledge(heed(), session, item_id, g.caller.actor)


@blueprint.post(f"{ITEM}/answer")
@requires("duty:write")
@blueprint.arguments(DutyAnswer)
@blueprint.response(201, DutyAnswered)
def answer(given: dict[str, str], item_id: int) -> Any:
    """Text back to the sender. That settles all but danger."""
    with _act() as session:
        return on_duty.answer(heed(), session, item_id, given["text"], g.caller.actor)


@blueprint.post(f"{ITEM}/done")
@requires("duty:write")
@blueprint.arguments(DutyNote)
@blueprint.response(200, DutyItem)
def done(given: dict[str, str], item_id: int) -> Any:
    """Somebody has seen to it."""
    with _act() as session:
        return on_duty.done(heed(), session, item_id, given["note"], g.caller.actor)


@blueprint.get(f"/texts/<int(max={LAST_ID}):inbound_id>/sender")
@requires("identities:read")
@blueprint.response(200, TextSender)
def sender(inbound_id: int) -> Any:
    """Who sent a text: the whole number. Each look is written into the audit log."""
    with _act() as session:
        return on_duty.sender(heed(), session, inbound_id, g.caller.actor)
