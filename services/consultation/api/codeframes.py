"""A consultation's codeframe over HTTP: read, revised, merged and split; groups that may become a theme."""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from services.common.web.attention import LAST_ID
from services.common.web.auth import heed, requires
from services.consultation import codeframes, coding, emerging
from services.consultation.api.acting import act_on
from services.consultation.api.office import caller
from services.consultation.themes import codeframe as frames

blueprint = Blueprint(
    "codeframes", __name__, url_prefix="/v1/consultations", description="Codeframes and emerging themes"
)
REASON = fields.String(required=True, metadata={"description": "why; stands in the audit log for good"})


class Versions(Schema):
    """One version that was kept."""

    version = fields.Integer()
    digest = fields.String()
    reason = fields.String()
    by = fields.String()
    at = fields.AwareDateTime()


class CodeframeSchema(Schema):
    """The codeframe in use, as the YAML file has it; `versions` is empty until somebody has coded or changed it."""

    codeframe = fields.Dict()
    digest = fields.String()
    versions = fields.List(fields.Nested(Versions))


class ReadIn(Schema):
    """A codeframe made from the version in use."""

    codeframe = fields.Dict(required=True)
    reason = REASON


class Merging(Schema):
    """Themes that are one: a theme in use by its id, or a new one by its content."""

    of = fields.List(fields.String(), required=True, validate=validate.Length(min=1))
    into = fields.Raw(
        required=True,
        validate=lambda value: isinstance(value, str | dict),
        metadata={"description": "a theme's id, or a new theme as in the YAML file"},
    )
    reason = REASON


class Splitting(Schema):
    """One theme that gives way to new ones."""

    of = fields.String(required=True)
    into = fields.List(fields.Dict(), required=True, validate=validate.Length(min=2))
    reason = REASON


class Example(Schema):
    """One text of a group."""

    response = fields.Integer()
    words = fields.String()


class CandidateSchema(Schema):
    """A group of alike texts that no theme has taken."""

    id = fields.Integer()
    texts = fields.Integer()
    tightness = fields.Float(metadata={"description": "how alike the texts are, 0 to 1"})
    marks = fields.List(fields.String())
    examples = fields.List(fields.Nested(Example))
    found_at = fields.AwareDateTime()


class Naming(Schema):
    """The theme that a group becomes."""

    theme = fields.Dict(required=True, metadata={"description": "a theme as in the YAML file"})
    reason = REASON


class Reason(Schema):
    """Why."""

    reason = REASON


class Version(Schema):
    """The codeframe's version that an act made."""

    version = fields.Integer()


@blueprint.get("/<consultation_id>/themes")
@requires("themes:read")
@blueprint.response(200, CodeframeSchema)
def read(consultation_id: str) -> Any:
    """The codeframe in use, and every version of it."""

    def do(session: Any, row: Any) -> dict[str, Any]:
        frame = coding.codeframe(session, row.id)
        return {
            "codeframe": frames.content(frame),
            "digest": frames.digest(frame),
            "versions": codeframes.versions(session, row.id),
        }

    return act_on(consultation_id, do)


@blueprint.post("/<consultation_id>/themes")
@requires("themes:write")
@blueprint.arguments(ReadIn)
@blueprint.response(201, Version)
def read_in(given: dict[str, Any], consultation_id: str) -> Any:
    """Take a codeframe: as it stands where none is kept yet, else as a revision of the version in use."""
    return act_on(
        consultation_id,
        lambda session, row: codeframes.read_in(
            session, row.id, given["codeframe"], given["reason"], caller()
        ),
    )


@blueprint.post("/<consultation_id>/themes/merge")
@requires("themes:write")
@blueprint.arguments(Merging)
@blueprint.response(201, Version)
def merge(given: dict[str, Any], consultation_id: str) -> Any:
    """Make one theme of several. Codes given before count as it from now on."""
    return act_on(
        consultation_id,
        lambda session, row: codeframes.merge(
            session, row.id, given["of"], given["into"], given["reason"], caller()
        ),
    )


@blueprint.post("/<consultation_id>/themes/split")
@requires("themes:write")
@blueprint.arguments(Splitting)
@blueprint.response(201, Version)
def split(given: dict[str, Any], consultation_id: str) -> Any:
    """Make several themes of one. Texts that were given it are to be looked at again."""
    return act_on(
        consultation_id,
        lambda session, row: codeframes.split(
            session, row.id, given["of"], given["into"], given["reason"], caller()
        ),
    )


@blueprint.get("/<consultation_id>/themes/emerging")
@requires("words:read")
@blueprint.response(200, CandidateSchema(many=True))
def candidates(consultation_id: str) -> Any:
    """Groups of alike texts without a theme, the tightest first, each with three examples. The look is audited."""
    return act_on(
        consultation_id, lambda session, row: emerging.candidates(heed(), session, row.id, caller())
    )


@blueprint.post(f"/<consultation_id>/themes/emerging/<int(max={LAST_ID}):candidate_id>/name")
@requires("themes:write")
@blueprint.arguments(Naming)
@blueprint.response(201, Version)
def name(given: dict[str, Any], consultation_id: str, candidate_id: int) -> Any:
    """The group is a theme of the next version. Its texts are coded by people as any."""
    return act_on(
        consultation_id,
        lambda session, row: {
            "version": emerging.name(session, row.id, candidate_id, given["theme"], given["reason"], caller())
        },
    )


@blueprint.post(f"/<consultation_id>/themes/emerging/<int(max={LAST_ID}):candidate_id>/dismiss")
@requires("themes:write")
@blueprint.arguments(Reason)
@blueprint.response(204)
def dismiss(given: dict[str, Any], consultation_id: str, candidate_id: int) -> None:
    """The group is no theme, and is not offered again."""
    act_on(
        consultation_id,
        lambda session, row: emerging.dismiss(session, row.id, candidate_id, given["reason"], caller()),
    )
