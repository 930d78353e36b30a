"""What a person types in: a listing, a number, a word about a number, a mark not to text."""

from typing import Any

from flask import g, request, url_for
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from services.common.acts import Refused
from services.common.web.auth import heed, requires
from services.common.web.errors import fail
from services.common.work import wake
from services.reminders import do_not_text, typed
from services.reminders.api import schemas
from services.reminders.api.acting import acting, shown
from services.reminders.api.schemas import LAST_ID
from services.reminders.deliveries import IdempotencyConflict, as_json, receive
from services.reminders.jobs import apply_delivery

blueprint = Blueprint("typed", __name__, url_prefix="/v1", description="Typed in by a person")
HEARING = f"/hearings/<int(max={LAST_ID}):listing_id>"


def _cell(**options: Any) -> fields.String:
    return fields.String(validate=validate.Length(max=200), **({"load_default": ""} | options))


class NewListing(Schema):
    """One row of the office's own list, by its columns."""

    case_ref = _cell()
    asn = _cell()
    defendant_name = _cell()
    date_of_birth = _cell(metadata={"description": "dd/mm/yyyy or yyyy-mm-dd"})
    court_code = _cell()
    room = _cell()
    date = _cell(metadata={"description": "dd/mm/yyyy or yyyy-mm-dd"})
    time = _cell(metadata={"description": "10:30 or 10.30am"})
    hearing_type = _cell()
    mobile = _cell()
    bail_status = _cell()
    language = _cell()


class Taken(schemas.Delivery):
    """The delivery that the listing became; a worker applies it."""

    url = fields.String(metadata={"description": "Where to see what became of it"})


class Number(Schema):
    """A mobile number, in any usual writing."""

    mobile = fields.String(required=True, validate=validate.Length(min=1, max=50))


class Why(Schema):
    """Why somebody does something."""

    reason = fields.String(
        required=True, metadata={"description": "It stands in the audit log: no names, no numbers"}
    )


@blueprint.post("/listings")
@requires("listings:write")
@blueprint.arguments(NewListing)
@blueprint.response(202, Taken)
def listing(given: dict[str, str]) -> Any:
    """Type in one listing: it goes the way of a pushed list with one row. What cannot be read is refused, and nothing kept."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 1 <= len(key) <= 255:
        fail(400, "bad-idempotency-key", "An Idempotency-Key has 1 to 255 characters.")
    try:
        push = typed.listing(given, g.caller.actor, f"{g.caller.key_id}:{key}" if key else None)
    except Refused as refused:
        fail(422, refused.error, str(refused))
    try:
        with heed().database.begin() as session:
            delivery = receive(heed(), session, push)
            number, answer = delivery.number, as_json(delivery)
    except IdempotencyConflict:
        fail(
            409,
            "idempotency-conflict",
            "This Idempotency-Key came before with another body; use a fresh key.",
        )
    wake(heed(), apply_delivery, number)
    return answer | {"url": url_for("feeds.delivery", delivery_id=answer["id"])}


@blueprint.post(f"{HEARING}/mobile")
@requires("contacts:write")
@blueprint.arguments(Number)
@blueprint.response(200, schemas.Hearing)
def mobile(given: dict[str, str], listing_id: int) -> Any:
    """Take a number as that of this hearing's person, from the office."""
    with acting() as act:
        return shown(act, typed.number(act, listing_id, given["mobile"]))


@blueprint.post(f"{HEARING}/mobile/right")
@requires("numbers:write")
@blueprint.arguments(Why)
@blueprint.response(200, schemas.Hearing)
def right(given: dict[str, str], listing_id: int) -> Any:
    """The number is this person's after all, or works again: its mark as wrong or dead goes. A STOP stands."""
    with acting() as act:
        return shown(act, typed.number_is_right(act, listing_id, given["reason"]))


@blueprint.post(f"{HEARING}/do-not-text")
@requires("do-not-text:write")
@blueprint.arguments(Why)
@blueprint.response(200, schemas.Hearing)
def mark(given: dict[str, str], listing_id: int) -> Any:
    """Text this hearing's person no more, about any hearing."""
    with acting() as act:
        return shown(act, do_not_text.mark(act, listing_id, given["reason"]))


@blueprint.post(f"{HEARING}/do-not-text/end")
@requires("do-not-text:write")
@blueprint.arguments(Why)
@blueprint.response(200, schemas.Hearing)
def unmark(given: dict[str, str], listing_id: int) -> Any:
    """Text this hearing's person again, as the other rules allow."""
    with acting() as act:
        return shown(act, do_not_text.unmark(act, listing_id, given["reason"]))
