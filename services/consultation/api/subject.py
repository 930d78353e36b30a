"""A person's rights. Whom it is about stands in the body, because addresses are written to logs on the way."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session

from services.common.acts import Refused
from services.common.web.auth import heed, requires
from services.common.web.errors import fail
from services.consultation import erasure, rights, subject
from services.consultation.api.office import caller
from services.consultation.subject import NoSubject

blueprint = Blueprint("subject", __name__, url_prefix="/v1/subject", description="A person's rights")
T = TypeVar("T")
WRITTEN = frozenset({"bad-reason", "no-such-question", "does-not-fit", "no-number"})


class WhoSchema(Schema):
    """Whom it is about."""

    who = fields.String(
        required=True,
        validate=validate.Length(1, 254),
        metadata={"description": "a number, an e-mail address or a receipt"},
    )


class HoldSchema(WhoSchema):
    """Whom, and why nothing of theirs may be erased."""

    reason = fields.String(required=True, validate=validate.Length(1, 200))


class CorrectionSchema(HoldSchema):
    """Whose answer to which question is put right, how and why."""

    question = fields.String(required=True, validate=validate.Length(1, 60))
    answer = fields.String(required=True, validate=validate.Length(1, 1600))


class CorrectedSchema(Schema):
    """The receipt of whose it is."""

    receipt = fields.String()


class ObjectedSchema(Schema):
    """Of how many respondents."""

    respondents = fields.Integer()


class HeldSchema(Schema):
    """Whether erasing is forbidden now."""

    held = fields.Boolean()


def _act(act: Callable[[Session], T]) -> T:
    try:
        with heed().database.begin() as session:
            return act(session)
    except NoSubject as error:
        fail(422, "nobody", str(error))
    except Refused as error:
        fail(422 if error.error in WRITTEN else 409, error.error, str(error))


@blueprint.post("/read")
@requires("subject:read")
@blueprint.arguments(WhoSchema)
@blueprint.response(200)
def read(given: dict[str, str]) -> Any:
    """Everything held about a person: responses, answers, texts both ways, invitations with their consent, the register. Audited."""
    return _act(lambda session: subject.access(heed(), session, given["who"], caller()))


@blueprint.post("/erase")
@requires("subject:write")
@blueprint.arguments(WhoSchema)
@blueprint.response(200)
def erase(given: dict[str, str]) -> Any:
    """Erase a person's words, numbers, names and scans; the rows that are counted stay. 409 under a hold."""
    return _act(lambda session: erasure.erase(heed(), session, given["who"], caller()))


@blueprint.post("/correct")
@requires("subject:write")
@blueprint.arguments(CorrectionSchema)
@blueprint.response(200, CorrectedSchema)
def correct(given: dict[str, str]) -> Any:
    """Put an answer right as if the person had texted it; the former one stays as history."""
    who, question, answer, reason = (given[name] for name in ("who", "question", "answer", "reason"))
    return {
        "receipt": _act(
            lambda session: rights.correct(heed(), session, who, question, answer, reason, caller())
        )
    }


@blueprint.post("/object")
@requires("subject:write")
@blueprint.arguments(HoldSchema)
@blueprint.response(200, ObjectedSchema)
def object_to_texts(given: dict[str, str]) -> Any:
    """Text this person no more, and publish none of their words."""
    return {
        "respondents": _act(
            lambda session: rights.object_to_texts(heed(), session, given["who"], given["reason"], caller())
        )
    }


@blueprint.post("/hold")
@requires("subject:write")
@blueprint.arguments(HoldSchema)
@blueprint.response(200, HeldSchema)
def hold(given: dict[str, str]) -> Any:
    """Forbid erasing this person until it is released."""
    _act(lambda session: erasure.hold(heed(), session, given["who"], given["reason"], caller()))
    return {"held": True}


@blueprint.post("/release")
@requires("subject:write")
@blueprint.arguments(WhoSchema)
@blueprint.response(200, HeldSchema)
def release(given: dict[str, str]) -> Any:
    """Allow it again."""
    _act(lambda session: erasure.release(heed(), session, given["who"], caller()))
    return {"held": False}
