"""Launching a consultation, and its counts."""

from typing import Any

from flask import g, request
from flask_smorest import Blueprint
from marshmallow import Schema, fields

from services.common import audit
from services.common.acts import Refused
from services.common.web.auth import heed, requires
from services.common.web.errors import fail
from services.consultation import consultations, questionnaire, responses
from services.consultation.models import Consultation

blueprint = Blueprint("consultations", __name__, url_prefix="/v1/consultations", description="Consultations")


class ConsultationSchema(Schema):
    """A launched consultation and its counts."""

    id = fields.String()
    title = fields.String()
    hash = fields.String(metadata={"description": "SHA-256 of the frozen questionnaire"})
    opens_at = fields.AwareDateTime()
    closes_at = fields.AwareDateTime(allow_none=True)
    counts = fields.Dict(fields.String(), fields.Integer())


@blueprint.post("")
@requires("consultations:write")
@blueprint.response(201, ConsultationSchema)
def create() -> Any:
    """Launch a questionnaire (JSON, the same content as the YAML file); it is frozen with its hash."""
    if not request.is_json:
        fail(415, "wrong-content-type", "Send the questionnaire as application/json.")
    content = request.get_json()
    try:
        content = content if isinstance(content, dict) else {}
        questionnaire.parse(content)
        with heed().database.begin() as session:
            row = consultations.launch(heed(), session, content)
            audit.record(
                session, g.caller.actor, "consultation-launched", f"consultation:{row.id}", hash=row.hash
            )
            return _shown(row, responses.counts(session, row.id))
    except questionnaire.QuestionnaireError as error:
        fail(422, "bad-questionnaire", str(error), json=error.fields)
    except Refused as refused:
        fail(409, refused.error, str(refused))


@blueprint.get("/<consultation_id>")
@requires("responses:read")
@blueprint.response(200, ConsultationSchema)
def one(consultation_id: str) -> Any:
    """A consultation and how many texts it has had."""
    with heed().database.begin() as session:
        row = session.get(Consultation, consultation_id)
        if row is None:
            fail(404, "not-found", "There is no consultation with this id.")
        return _shown(row, responses.counts(session, row.id))


def _shown(row: Consultation, counts: dict[str, int]) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "hash": row.hash,
        "opens_at": row.opens_at,
        "closes_at": row.closes_at,
        "counts": counts,
    }
