"""A person's rights. Whom it is about stands in the body, because addresses are written to logs on the way."""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from services.common.web.auth import requires
from services.reminders import subject
from services.reminders.api.acting import acting
from services.reminders.api.schemas import LAST_ID

blueprint = Blueprint("subject", __name__, url_prefix="/v1/subject", description="A person's rights")


class Who(Schema):
    """Whom it is about, by a mobile number."""

    who = fields.String(required=True, validate=validate.Length(1, 40))


class WhoOf(Who):
    """Whom; `record` where more than one person has or had the number."""

    record = fields.Integer(strict=True, validate=validate.Range(min=1, max=LAST_ID))


class Why(Who):
    """Whom, and why; the reason stands in the audit log."""

    reason = fields.String(required=True, validate=validate.Length(1, 300))


class Restricting(Why):
    """What is forbidden: to erase, to use and text, or to text."""

    kind = fields.String(required=True, validate=validate.OneOf(subject.KINDS))


class Correction(Why):
    """What is put right; `record` where more than one person has the number."""

    given = fields.String(validate=validate.Length(1, 100))
    surname = fields.String(validate=validate.Length(1, 100))
    date_of_birth = fields.Date()
    record = fields.Integer(strict=True, validate=validate.Range(min=1, max=LAST_ID))


class Records(Schema):
    """How many records it concerns."""

    records = fields.Integer()


class Corrected(Schema):
    """Which record was put right."""

    record = fields.Integer()


@blueprint.post("/read")
@requires("subject:read")
@blueprint.arguments(WhoOf)
@blueprint.response(200)
def read(given: dict[str, Any]) -> Any:
    """Everything held about a person: records, numbers, hearings with outcomes, texts both ways, the register. Audited."""
    with acting() as act:
        return subject.access(act, given["who"], given.get("record"))


@blueprint.post("/correct")
@requires("subject:write")
@blueprint.arguments(Correction)
@blueprint.response(200, Corrected)
def correct(given: dict[str, Any]) -> Any:
    """Put a name or birth date right."""
    with acting() as act:
        row = subject.correct(
            act,
            given["who"],
            given["reason"],
            given=given.get("given"),
            surname=given.get("surname"),
            born=given.get("date_of_birth"),
            record=given.get("record"),
        )
        return {"record": row.id}


@blueprint.post("/erase")
@requires("subject:write")
@blueprint.arguments(WhoOf)
@blueprint.response(200)
def erase(given: dict[str, Any]) -> Any:
    """Erase a person's names, numbers, references and words; the rows that are counted stay."""
    with acting() as act:
        return subject.erase(act, given["who"], given.get("record"))


@blueprint.post("/restrict")
@requires("subject:write")
@blueprint.arguments(Restricting)
@blueprint.response(200, Records)
def restrict(given: dict[str, Any]) -> Any:
    """Forbid erasing a person, using what is held of them, or texting them, until it is released."""
    with acting() as act:
        return {"records": subject.restrict(act, given["who"], given["kind"], given["reason"])}


@blueprint.post("/release")
@requires("subject:write")
@blueprint.arguments(Restricting)
@blueprint.response(200, Records)
def release(given: dict[str, Any]) -> Any:
    """End it."""
    with acting() as act:
        return {"records": subject.release(act, given["who"], given["kind"], given["reason"])}
