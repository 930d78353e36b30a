"""Copies: campaigns and likely duplicates found, and settled by a person; two respondents who are one."""

from dataclasses import asdict
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from services.common.web.attention import LAST_ID
from services.common.web.auth import heed, requires
from services.consultation import batch_rows, duplicates, merging
from services.consultation.api.acting import act
from services.consultation.api.office import caller, consultation_of

blueprint = Blueprint(
    "duplicates", __name__, url_prefix="/v1", description="Duplicates, campaigns and merges"
)


class FoundSchema(Schema):
    """What a search found."""

    campaigns = fields.Integer()
    copies = fields.Integer(metadata={"description": "responses in campaigns"})
    suggested = fields.Integer(metadata={"description": "new pairs to settle"})


class SuggestionSchema(Schema):
    """Two responses that may be one person's."""

    id = fields.Integer()
    likeness = fields.Float()
    first = fields.Integer()
    second = fields.Integer()
    first_reference = fields.String()
    second_reference = fields.String()
    first_channel = fields.String()
    second_channel = fields.String()
    first_received_at = fields.AwareDateTime()
    second_received_at = fields.AwareDateTime()
    district = fields.String(allow_none=True)


class MergeSchema(Schema):
    """Two respondents, by their receipts, who are one person."""

    id = fields.Integer(dump_only=True)
    kept = fields.String(required=True, validate=validate.Regexp(batch_rows.RECEIPT))
    merged = fields.String(required=True, validate=validate.Regexp(batch_rows.RECEIPT))
    suggestion = fields.Integer(dump_only=True, allow_none=True)
    by = fields.String(dump_only=True)
    at = fields.AwareDateTime(dump_only=True)
    undone_by = fields.String(dump_only=True, allow_none=True)
    undone_at = fields.AwareDateTime(dump_only=True, allow_none=True)


class DoneSchema(Schema):
    """A decision that was taken."""

    merge = fields.Integer(allow_none=True)


@blueprint.post("/consultations/<consultation_id>/duplicates/find")
@requires("duplicates:write")
@blueprint.response(200, FoundSchema)
def find(consultation_id: str) -> Any:
    """Look for campaigns and likely duplicates; what a person decided before stands."""
    with heed().database.begin() as session:
        row = consultation_of(session, consultation_id)
        return asdict(duplicates.find(heed(), session, row.id, caller()))


@blueprint.get("/consultations/<consultation_id>/duplicates")
@requires("duplicates:read")
@blueprint.response(200, SuggestionSchema(many=True))
def suggestions(consultation_id: str) -> Any:
    """Likely duplicates that wait for a person, the most alike first."""
    with heed().database.begin() as session:
        return duplicates.suggestions(session, consultation_of(session, consultation_id).id)


@blueprint.post(f"/duplicates/<int(max={LAST_ID}):suggestion_id>/accept")
@requires("duplicates:write")
@blueprint.response(200, DoneSchema)
def accept(suggestion_id: int) -> Any:
    """They are one person's: the second is a duplicate."""
    return {"merge": act(lambda session: duplicates.accept(session, suggestion_id, caller()))}


@blueprint.post(f"/duplicates/<int(max={LAST_ID}):suggestion_id>/reject")
@requires("duplicates:write")
@blueprint.response(200, DoneSchema)
def reject(suggestion_id: int) -> Any:
    """They are two people's: both count."""
    act(lambda session: duplicates.reject(session, suggestion_id, caller()))
    return {"merge": None}


@blueprint.post("/merges")
@requires("duplicates:write")
@blueprint.arguments(MergeSchema)
@blueprint.response(201, DoneSchema)
def merge(given: dict[str, str]) -> Any:
    """Two respondents are one person: the second's responses are parts of the first's."""
    return {"merge": act(lambda session: merging.merge(session, given["kept"], given["merged"], caller()))}


@blueprint.get("/consultations/<consultation_id>/merges")
@requires("duplicates:read")
@blueprint.response(200, MergeSchema(many=True))
def merges(consultation_id: str) -> Any:
    """Every merge, the newest first."""
    with heed().database.begin() as session:
        return merging.merges(session, consultation_of(session, consultation_id).id)


@blueprint.post(f"/merges/<int(max={LAST_ID}):merge_id>/undo")
@requires("duplicates:write")
@blueprint.response(200, DoneSchema)
def undo(merge_id: int) -> Any:
    """Take a merge back: everything stands as before it."""
    act(lambda session: merging.undo(session, merge_id, caller()))
    return {"merge": merge_id}
