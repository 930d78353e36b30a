"""You said, we did: answers to themes, texts on them, what became of a receipt's response, and bundles for other bodies."""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from services.common.acts import Refused
from services.common.web.attention import LAST_ID
from services.common.web.auth import heed, requires
from services.common.web.errors import fail
from services.consultation import bundles, feedback, feedback_texts, lookup, said_back
from services.consultation.api.office import caller, consultation_of
from services.consultation.pacing import PER_HOUR, PER_HOUR_MOST

blueprint = Blueprint("feedback", __name__, url_prefix="/v1/consultations", description="You said, we did")


class FeedbackSchema(Schema):
    """What was considered of a theme and what was done; words by language."""

    id = fields.Integer()
    theme = fields.String()
    outcome = fields.String(metadata={"description": "done, planned, not-done or passed-on"})
    considered = fields.Dict(fields.String(), fields.String())
    done = fields.Dict(fields.String(), fields.String())
    brief = fields.Dict(fields.String(), fields.String(), metadata={"description": "the line that is texted"})
    by = fields.String()
    at = fields.AwareDateTime()
    approved_by = fields.String(allow_none=True)
    approved_at = fields.AwareDateTime(allow_none=True)
    stands = fields.Boolean(metadata={"description": "it is the one that is published"})


class AnswerSchema(Schema):
    """An answer to a theme. Words without a language are English."""

    theme = fields.Raw(required=True)
    outcome = fields.Raw(required=True)
    considered = fields.Raw(required=True)
    done = fields.Raw(required=True)
    brief = fields.Raw(required=True)


class TellingSchema(Schema):
    """How to send."""

    dry_run = fields.Boolean(load_default=False)
    per_hour = fields.Integer(load_default=PER_HOUR, strict=True, validate=validate.Range(1, PER_HOUR_MOST))


class ToldSchema(Schema):
    """Whom a sending tells."""

    dry_run = fields.Boolean()
    people = fields.Integer()
    skipped = fields.Dict(fields.String(), fields.Integer(), metadata={"description": "people, by reason"})
    segments = fields.Integer()
    first_at = fields.AwareDateTime(allow_none=True)
    last_at = fields.AwareDateTime(allow_none=True)
    texts = fields.List(fields.String(), metadata={"description": "the commonest, without the references"})


class ReferenceSchema(Schema):
    """A receipt."""

    reference = fields.String(required=True, validate=validate.Length(1, 20))


class BodySchema(Schema):
    """Whom a bundle is for."""

    body = fields.String(required=True, validate=validate.Length(1, 200))
    again = fields.Boolean(load_default=False)


@blueprint.get("/<consultation_id>/feedback")
@requires("feedback:read")
@blueprint.response(200, FeedbackSchema(many=True))
def listed(consultation_id: str) -> Any:
    """Every answer to a theme that was ever written, the newest of each theme first."""
    with heed().database.begin() as session:
        return feedback.listed(session, consultation_of(session, consultation_id).id)


@blueprint.post("/<consultation_id>/feedback")
@requires("feedback:write")
@blueprint.arguments(AnswerSchema)
@blueprint.response(201, FeedbackSchema)
def write(given: dict[str, Any], consultation_id: str) -> Any:
    """Write what was considered of a theme and what was done. It waits for another person's approval."""
    try:
        written = said_back.read(given)
    except Refused as error:
        fail(422, error.error, str(error))
    try:
        with heed().database.begin() as session:
            made = feedback.write(session, consultation_of(session, consultation_id), written, caller())
            return feedback.described(made)
    except Refused as error:
        fail(422, error.error, str(error))


@blueprint.post(f"/<consultation_id>/feedback/<int(max={LAST_ID}):number>/approval")
@requires("publish:write")
@blueprint.response(200, FeedbackSchema)
def approve(consultation_id: str, number: int) -> Any:
    """Approve an answer that another wrote: it is published from now on, and may be texted."""
    try:
        with heed().database.begin() as session:
            row = consultation_of(session, consultation_id)
            return feedback.described(feedback.approve(session, row, number, caller()))
    except Refused as error:
        fail(404 if error.error == "not-found" else 409, error.error, str(error))


@blueprint.post("/<consultation_id>/feedback/texts")
@requires("feedback:write")
@blueprint.arguments(TellingSchema)
@blueprint.response(200, ToldSchema)
def send(given: dict[str, Any], consultation_id: str) -> Any:
    """Text what was done to those who asked for it, once each for each theme. With `dry_run` nothing is written."""
    try:
        with heed().database.begin() as session:
            row, per_hour = consultation_of(session, consultation_id), given["per_hour"]
            made = (
                feedback_texts.plan(heed(), session, row, per_hour)
                if given["dry_run"]
                else feedback_texts.send(heed(), session, row, caller(), per_hour)
            )
    except Refused as error:
        fail(409, error.error, str(error))
    return made.shown() | {"dry_run": given["dry_run"]}


@blueprint.post("/<consultation_id>/lookup")
@requires("feedback:read")
@blueprint.arguments(ReferenceSchema)
@blueprint.response(200)
def look_up(given: dict[str, str], consultation_id: str) -> Any:
    """What became of what somebody said, by their receipt: themes, and what was done. No words, no number. The look is audited."""
    with heed().database.begin() as session:
        row = consultation_of(session, consultation_id)
        try:
            found = lookup.find(session, row, given["reference"], caller())
        except Refused as error:
            fail(429, error.error, str(error))
    if found is None:
        fail(404, "not-found", "Nobody has this reference.")
    return found


@blueprint.get("/<consultation_id>/bundles")
@requires("feedback:read")
@blueprint.response(200)
def bundled(consultation_id: str) -> Any:
    """What other bodies were sent, the newest first, and which bodies there are."""
    with heed().database.begin() as session:
        row = consultation_of(session, consultation_id)
        return {"bundles": bundles.listed(session, row.id), "bodies": list(bundles.bodies(session, row.id))}


@blueprint.post("/<consultation_id>/bundles")
@requires("bundles:write")
@blueprint.arguments(BodySchema)
@blueprint.response(201)
def bundle(given: dict[str, Any], consultation_id: str) -> Any:
    """What a body should hear, its file as `csv` and the letter's paragraphs; logged as sent. `again`: what it was sent before, too."""
    try:
        with heed().database.begin() as session:
            row = consultation_of(session, consultation_id)
            made = bundles.make(heed(), session, row, given["body"], caller(), again=given["again"])
    except Refused as error:
        fail(409 if error.error == "nothing-new" else 422, error.error, str(error))
    return made.logged | {"csv": made.csv.decode("utf-8-sig"), "letter": made.letter}
