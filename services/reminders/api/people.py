"""Records that may be one human, and what people have said of them."""

from typing import Any

from flask import g
from flask_smorest import Blueprint
from marshmallow import EXCLUDE, Schema, fields, validate

from services.common import audit
from services.common.web.auth import heed, requires
from services.reminders import merging, review
from services.reminders.api.acting import acting
from services.reminders.api.schemas import LAST_ID

blueprint = Blueprint("people", __name__, url_prefix="/v1/people", description="Who is who")
PERSON_ID = validate.Range(min=1, max=LAST_ID)


class Limit(Schema):
    """How many."""

    class Meta:
        unknown = EXCLUDE

    limit = fields.Integer(load_default=200, validate=validate.Range(min=1, max=1000))


class Record(Schema):
    """One record of a person. Names are shown in sandbox mode only."""

    id = fields.Integer()
    name = fields.String(allow_none=True)
    date_of_birth = fields.String(allow_none=True)
    mobile = fields.String()
    do_not_text = fields.Boolean()
    case_refs = fields.List(fields.String())
    courts = fields.List(fields.String())
    listings = fields.List(fields.Integer())


class Suggestion(Schema):
    """Two records that may be one human, and why."""

    why = fields.List(
        fields.String(validate=validate.OneOf([review.NAME_AND_BIRTH, review.NUMBER, review.CASE]))
    )
    people = fields.List(fields.Nested(Record))


class Suggestions(Schema):
    """Pairs to decide."""

    suggestions = fields.List(fields.Nested(Suggestion))


class Decision(Schema):
    """What a person has said of two records; `undoes` is the merge that a split took back."""

    id = fields.Integer()
    decision = fields.String(validate=validate.OneOf(["same", "different", "split"]))
    kept = fields.Integer()
    other = fields.Integer()
    undoes = fields.Integer(allow_none=True)
    by = fields.String()
    at = fields.String()


class Decisions(Schema):
    """The latest first."""

    decisions = fields.List(fields.Nested(Decision))


class Same(Schema):
    """Which record is kept, and which is made part of it."""

    kept = fields.Integer(required=True, strict=True, validate=PERSON_ID)
    other = fields.Integer(required=True, strict=True, validate=PERSON_ID)


class Different(Schema):
    """Two records."""

    one = fields.Integer(required=True, strict=True, validate=PERSON_ID)
    other = fields.Integer(required=True, strict=True, validate=PERSON_ID)


@blueprint.get("/suggestions")
@requires("people:read")
@blueprint.arguments(Limit, location="query")
@blueprint.response(200, Suggestions)
def suggestions(query: dict[str, int]) -> Any:
    """Pairs of records with one name and birth date, that nobody has called different."""
    show = heed().sandbox
    with heed().database.begin() as session:
        found = review.suggestions(heed(), session, show_people=show, limit=query["limit"])
        if not show and found:
            audit.record(session, g.caller.actor, "suggestions-read", "people", rows=len(found))
        return {"suggestions": found}


@blueprint.get("/decisions")
@requires("people:read")
@blueprint.arguments(Limit, location="query")
@blueprint.response(200, Decisions)
def decisions(query: dict[str, int]) -> Any:
    """What people have said of records, the latest first."""
    with heed().database.begin() as session:
        return {"decisions": [review.as_json(row) for row in review.decisions(session, query["limit"])]}


@blueprint.post("/same")
@requires("people:write")
@blueprint.arguments(Same)
@blueprint.response(201, Decision)
def same(given: dict[str, int]) -> Any:
    """Two records are one human: what is known of both stands under the one that is kept."""
    with acting() as act:
        return review.as_json(merging.merge(act, given["kept"], given["other"]))


@blueprint.post("/different")
@requires("people:write")
@blueprint.arguments(Different)
@blueprint.response(201, Decision)
def different(given: dict[str, int]) -> Any:
    """Two records are two people: they are not suggested again."""
    with acting() as act:
        return review.as_json(review.different(act, given["one"], given["other"]))


@blueprint.post(f"/decisions/<int(max={LAST_ID}):decision_id>/split")
@requires("people:write")
@blueprint.response(201, Decision)
def split(decision_id: int) -> Any:
    """Undo a merge: exactly what it moved goes back."""
    with acting() as act:
        return review.as_json(merging.split(act, decision_id))
