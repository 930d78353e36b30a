"""Responses of other channels: many in a batch, one typed letter, its scan, and all of them as CSV."""

import base64
import binascii
from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import Schema, fields

from services.common.web.attention import LAST_ID
from services.common.web.auth import heed, requires
from services.common.web.errors import fail
from services.consultation import export, files, imports, letters, questionnaire
from services.consultation.api.office import batch_of, caller, consultation_of, file_or_json
from services.consultation.rows import FileError, Rejection, answered
from services.consultation.states import Channel

blueprint = Blueprint(
    "responses", __name__, url_prefix="/v1/consultations", description="Responses of every channel"
)


class RejectionSchema(Schema):
    """A row that was left out."""

    where = fields.String(metadata={"description": "line or row"})
    field = fields.String()
    code = fields.String()
    reason = fields.String(metadata={"description": "what to do"})


class TakenSchema(Schema):
    """What became of a file."""

    status = fields.String(metadata={"description": "applied, partly_applied or rejected"})
    counts = fields.Dict(fields.String(), fields.Integer())
    rejections = fields.List(fields.Nested(RejectionSchema))


class LetterSchema(Schema):
    """A letter that is kept."""

    id = fields.Integer()
    receipt = fields.String()
    scan = fields.String(allow_none=True, metadata={"description": "the scan's media type"})


@blueprint.post("/<consultation_id>/responses")
@requires("responses:write")
@blueprint.response(200, TakenSchema)
def take(consultation_id: str) -> Any:
    """Keep responses of the web, letters, e-mail or a listening post: JSON {"batch", "responses": [...]}, or CSV with ?batch=."""
    body, given = file_or_json("responses")
    title = batch_of(given)
    with heed().database.begin() as session:
        row = consultation_of(session, consultation_id)
        asked = [one.id for one in questionnaire.parse(row.questionnaire).questions]
        try:
            good, rejections = files.responses(body, asked, drama=heed().sandbox)
        except FileError as error:
            fail(422, error.code, str(error))
        taken = imports.take(heed(), session, row, title, good, caller())
    return answered(taken.counts, [*rejections, *taken.rejections])


@blueprint.post("/<consultation_id>/letters")
@requires("responses:write")
@blueprint.response(200, LetterSchema)
def letter(consultation_id: str) -> Any:
    """Keep one letter that was typed in: the columns of a row without `channel`, and `scan`, its picture in base64."""
    if not request.is_json:
        fail(415, "wrong-content-type", "Send the letter as application/json.")
    content = request.get_json()
    if not isinstance(content, dict):
        fail(422, "not-an-object", "Send the letter as a JSON object.")
    scan = _scan(content.pop("scan", None))
    with heed().database.begin() as session:
        row = consultation_of(session, consultation_id)
        asked = [one.id for one in questionnaire.parse(row.questionnaire).questions]
        good, rejections = files.responses(
            [content | {"channel": str(Channel.LETTER)}], asked, drama=heed().sandbox
        )
        try:
            kept = (
                rejections[0]
                if rejections
                else letters.type_in(heed(), session, row, good[0], scan, caller())
            )
        except FileError as error:
            fail(422, error.code, str(error))
        if isinstance(kept, Rejection):
            fail(422, kept.code, f"{kept.field}: {kept.reason}", json={kept.field: [kept.reason]})
    return {"id": kept.id, "receipt": kept.receipt, "scan": kept.scan}


def _scan(encoded: Any) -> bytes | None:
    if encoded is None:
        return None
    try:
        return base64.b64decode(encoded, validate=True)
    except (TypeError, ValueError, binascii.Error):
        fail(422, "not-a-scan", "The scan is the file's bytes in base64.")


@blueprint.get(f"/<consultation_id>/responses/<int(max={LAST_ID}):response_id>/scan")
@requires("words:read")
@blueprint.response(200, content_type="application/octet-stream")
def scan(consultation_id: str, response_id: int) -> Any:
    """A letter's scan. The look is audited."""
    with heed().database.begin() as session:
        found = letters.scan_of(heed(), session, consultation_id, response_id, caller())
    if found is None:
        fail(404, "not-found", "This response has no scan.")
    media_type, content = found
    return Response(content, mimetype=media_type, headers={"Content-Disposition": "attachment"})


@blueprint.get("/<consultation_id>/responses.csv")
@requires("words:read")
@blueprint.response(200, content_type="text/csv")
def as_csv(consultation_id: str) -> Any:
    """Every response in a row, with its words and without numbers; no cell is a formula. The export is audited."""
    with heed().database.begin() as session:
        row = consultation_of(session, consultation_id)
        content = export.csv(heed(), session, row, caller())
    return Response(content, mimetype="text/csv")
