"""Inviting people by text, and what else was done to be heard."""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from services.common import clock
from services.common.acts import Refused
from services.common.times import london
from services.common.web.auth import heed, requires
from services.common.web.errors import fail
from services.consultation import files, invitations, publicity
from services.consultation.api.office import batch_of, caller, consultation_of, file_or_json
from services.consultation.api.responses import TakenSchema
from services.consultation.pacing import PER_HOUR, PER_HOUR_MOST
from services.consultation.rows import FileError, answered

blueprint = Blueprint(
    "invitations", __name__, url_prefix="/v1/consultations", description="Invitations by text"
)


class InvitedSchema(TakenSchema):
    """What a file of contacts came to."""

    dry_run = fields.Boolean()
    invited = fields.Integer()
    skipped = fields.Dict(fields.String(), fields.Integer(), metadata={"description": "people, by reason"})
    segments = fields.Integer()
    first_at = fields.AwareDateTime(allow_none=True)
    last_at = fields.AwareDateTime(allow_none=True)
    texts = fields.List(fields.String())


class PublicitySchema(Schema):
    """What was done to be heard, and how many it reached."""

    what = fields.String(required=True, validate=validate.Length(1, 80))
    reached = fields.Integer(required=True, strict=True, validate=validate.Range(0, publicity.REACHED_MOST))
    by = fields.String(dump_only=True)
    at = fields.AwareDateTime(dump_only=True)


@blueprint.post("/<consultation_id>/invitations")
@requires("invitations:write")
@blueprint.response(200, InvitedSchema)
def invite(consultation_id: str) -> Any:
    """Text people who agreed to be asked: JSON {"batch", "contacts": [...], "per_hour", "dry_run"}, or CSV with these in the query.
    With `dry_run` nothing is written."""
    body, given = file_or_json("contacts")
    title, per_hour, dry_run = (
        batch_of(given),
        _per_hour(given.get("per_hour", PER_HOUR)),
        str(given.get("dry_run", "no")).lower(),
    )
    if dry_run not in ("yes", "no", "true", "false"):
        fail(422, "bad-dry-run", "dry_run is true or false.")
    dry = dry_run in ("yes", "true")
    with heed().database.begin() as session:
        row = consultation_of(session, consultation_id)
        try:
            good, rejections = files.contacts(body, london(clock.now(session)).date(), drama=heed().sandbox)
            made = (
                invitations.plan(heed(), session, row, title, good, per_hour)
                if dry
                else invitations.invite(heed(), session, row, title, good, caller(), per_hour)
            )
        except FileError as error:
            fail(422, error.code, str(error))
        except Refused as error:
            fail(409, error.error, str(error))
    counts = {"invited": len(made.invitations), "skipped": sum(made.skipped.values())}
    return answered(counts, rejections) | made.shown() | {"dry_run": dry}


def _per_hour(given: Any) -> int:
    text = str(given)
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= PER_HOUR_MOST):
        fail(422, "bad-per-hour", f"per_hour is a whole number from 1 to {PER_HOUR_MOST:,}.")
    return int(text)


@blueprint.post("/<consultation_id>/publicity")
@requires("consultations:write")
@blueprint.arguments(PublicitySchema)
@blueprint.response(200, PublicitySchema(many=True))
def note_publicity(given: dict[str, Any], consultation_id: str) -> Any:
    """Note what was done to be heard ("households", 18199); a newer figure of the same means takes its place. Answers with all."""
    with heed().database.begin() as session:
        row = consultation_of(session, consultation_id)
        try:
            publicity.note(session, row.id, given["what"], given["reached"], caller())
        except ValueError as error:
            fail(422, "bad-publicity", str(error))
        return publicity.listed(session, row.id)


@blueprint.get("/<consultation_id>/publicity")
@requires("responses:read")
@blueprint.response(200, PublicitySchema(many=True))
def publicity_of(consultation_id: str) -> Any:
    """What was done to be heard."""
    with heed().database.begin() as session:
        return publicity.listed(session, consultation_of(session, consultation_id).id)
