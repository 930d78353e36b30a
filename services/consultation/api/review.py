"""The review over HTTP: the next text, codes and their history, what is suggested, agreement, and what is hidden before publishing."""

from dataclasses import asdict
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from services.common.web.attention import LAST_ID
from services.common.web.auth import heed, requires
from services.consultation import coding, codings, redacting, reviewing
from services.consultation.api.acting import act_on
from services.consultation.api.office import caller
from services.consultation.themes.codeframe import Stance

blueprint = Blueprint(
    "review", __name__, url_prefix="/v1/consultations", description="Coding, agreement and redaction"
)
STANCES = fields.Dict(
    keys=fields.String(),
    values=fields.String(validate=validate.OneOf([str(one) for one in Stance])),
    metadata={"description": "each theme's id with its stance"},
)


class GivenCode(Schema):
    """One act of coding one text."""

    id = fields.Integer()
    themes = STANCES
    version = fields.Integer(metadata={"description": "of the codeframe, when it was given"})
    at = fields.AwareDateTime()
    by = fields.String(allow_none=True, metadata={"description": "the person"})
    model = fields.String(allow_none=True, metadata={"description": "the model's digest"})
    blind = fields.Boolean()


class CodeOfHistory(GivenCode):
    """A code, and whether it is the one that stands."""

    stands = fields.Boolean(metadata={"description": "whether this one counts today"})


class SuggestedTheme(Schema):
    """One theme that is suggested for a text."""

    theme = fields.String()
    title = fields.String()
    share = fields.Float(
        allow_none=True,
        metadata={"description": "of texts with this score, how many got the theme from people"},
    )
    likely = fields.Boolean(metadata={"description": "over the model's line"})
    words = fields.List(fields.String(), metadata={"description": "those that spoke for it"})
    terms = fields.List(fields.String(), metadata={"description": "what the lexicon found"})


class RunSchema(Schema):
    """A run of suggestions."""

    version = fields.Integer(metadata={"description": "of the codeframe"})
    digest = fields.String(metadata={"description": "names the model"})
    learnt_from = fields.Integer(metadata={"description": "texts that people coded"})
    embeddings = fields.Boolean()
    line = fields.Float(allow_none=True, metadata={"description": "the share from which a theme is likely"})
    f1 = fields.Float(allow_none=True, metadata={"description": "on texts left out of learning"})
    recall = fields.Float(allow_none=True, metadata={"description": "on the same, of the first three"})
    suggested = fields.Integer(metadata={"description": "texts"})
    reason = fields.String(allow_none=True, metadata={"description": "why it did less than it could"})
    at = fields.AwareDateTime()


class StateSchema(Schema):
    """How far the review is."""

    version = fields.Integer()
    responses = fields.Integer()
    responses_reviewed = fields.Integer()
    texts = fields.Integer(metadata={"description": "copies of one text are one"})
    texts_waiting = fields.Integer(metadata={"description": "that no person has coded"})
    to_look_at_again = fields.Integer(metadata={"description": "whose theme was split since"})
    blind = fields.Integer(metadata={"description": "texts for two people to code blind"})
    coded_twice = fields.Integer()
    differ = fields.List(fields.Integer(), metadata={"description": "responses that two coded differently"})
    coders = fields.Dict(keys=fields.String(), values=fields.Integer())
    run = fields.Nested(RunSchema, allow_none=True)


class TurnSchema(Schema):
    """A text to be coded. A blind one comes without suggestions and without what others said."""

    response = fields.Integer()
    words = fields.String()
    blind = fields.Boolean()
    version = fields.Integer()
    after = fields.Integer(allow_none=True, metadata={"description": "goes back with the code"})
    stands = fields.Nested(GivenCode, allow_none=True)
    suggestions = fields.List(fields.Nested(SuggestedTheme))


class Coded(Schema):
    """What a person says a response is about."""

    response = fields.Integer(required=True, validate=validate.Range(1, LAST_ID))
    themes = fields.Dict(
        keys=fields.String(), values=fields.String(), required=True, metadata=STANCES.metadata
    )
    after = fields.Integer(
        load_default=None,
        allow_none=True,
        metadata={"description": "the code that it replaces, as the coder saw it"},
    )


class Numbered(Schema):
    """The number of what was made."""

    id = fields.Integer()


class AgreementSchema(Schema):
    """How far two people agree on a theme, over the texts that both coded blind."""

    theme = fields.String()
    texts = fields.Integer()
    both = fields.Integer()
    one_only = fields.Integer()
    kappa = fields.Float(allow_none=True, metadata={"description": "Cohen's; none where nobody used it"})
    low = fields.Float(allow_none=True)
    high = fields.Float(allow_none=True)


class Hidden(Schema):
    """Words as they stand in the response, and why they are hidden."""

    words = fields.String(required=True)
    reason = fields.String(required=True)


class Proposing(Schema):
    """What is to be hidden beside what the rules find; may be nothing."""

    response = fields.Integer(required=True, validate=validate.Range(1, LAST_ID))
    hide = fields.List(fields.Nested(Hidden), load_default=list)


class Proposed(Schema):
    """The words as they would be published."""

    id = fields.Integer()
    response = fields.Integer()
    words = fields.String()


class WantedSchema(Schema):
    """Responses that may be quoted once two people have seen to them."""

    responses = fields.List(fields.Integer())


class RedactionSchema(Schema):
    """A redaction that waits for a second person."""

    id = fields.Integer()
    response = fields.Integer()
    words = fields.String()
    published = fields.String(metadata={"description": "the words as they would be published"})
    reasons = fields.List(fields.String())
    consent = fields.Boolean(metadata={"description": "whether the writer agreed to be quoted"})
    by = fields.String()
    at = fields.AwareDateTime()


@blueprint.get("/<consultation_id>/themes/review")
@requires("themes:read")
@blueprint.response(200, StateSchema)
def state(consultation_id: str) -> Any:
    """How far the review is, who has coded how many, and the latest run of suggestions."""
    return act_on(consultation_id, reviewing.state)


@blueprint.post("/<consultation_id>/themes/review")
@requires("codes:write")
@blueprint.response(200, TurnSchema)
@blueprint.alt_response(204, description="Nothing waits for this coder.")
def take(consultation_id: str) -> Any:
    """The text to code next, held for the caller for a quarter of an hour. The look is audited."""
    turn = act_on(consultation_id, lambda session, row: reviewing.take_next(heed(), session, row, caller()))
    return turn if turn is not None else ("", 204)


@blueprint.get(f"/<consultation_id>/themes/texts/<int(max={LAST_ID}):response_id>")
@requires("words:read")
@blueprint.response(200, TurnSchema)
def read(consultation_id: str, response_id: int) -> Any:
    """One text as the caller may see it, to be looked at again, settled or redacted. The look is audited."""
    return act_on(
        consultation_id, lambda session, row: reviewing.read(heed(), session, row, response_id, caller())
    )


@blueprint.post("/<consultation_id>/themes/codes")
@requires("codes:write")
@blueprint.arguments(Coded)
@blueprint.response(201, Numbered)
def code(given: dict[str, Any], consultation_id: str) -> Any:
    """Give a response its themes, all at once. What stood before stays in its history."""
    return act_on(
        consultation_id,
        lambda session, row: {
            "id": codings.code(session, row.id, given["response"], given["themes"], caller(), given["after"])
        },
    )


@blueprint.get(f"/<consultation_id>/themes/codes/<int(max={LAST_ID}):response_id>")
@requires("themes:read")
@blueprint.response(200, CodeOfHistory(many=True))
def history(consultation_id: str, response_id: int) -> Any:
    """Every code that a response's text was ever given. 409 `blind` for who may still be asked to code it blind."""
    return act_on(
        consultation_id, lambda session, row: codings.history(session, row.id, response_id, caller())
    )


@blueprint.get("/<consultation_id>/themes/suggestions")
@requires("themes:read")
@blueprint.response(200, RunSchema(many=True))
def runs(consultation_id: str) -> Any:
    """Every run of suggestions, the newest first: which model, learnt from how many texts, how good on texts left out."""
    return act_on(consultation_id, lambda session, row: coding.runs(session, row.id))


@blueprint.get("/<consultation_id>/themes/agreement")
@requires("themes:read")
@blueprint.response(200, AgreementSchema(many=True))
def agreement(consultation_id: str) -> Any:
    """Cohen's kappa of each theme, with its 95% interval."""
    return act_on(
        consultation_id,
        lambda session, row: [asdict(one) for one in coding.agreement(session, row.id)],
    )


@blueprint.get("/<consultation_id>/themes/redactions/wanted")
@requires("themes:read")
@blueprint.response(200, WantedSchema)
def wanted(consultation_id: str) -> Any:
    """Responses whose writers agreed to be quoted and that nobody has read for it, those that a person has coded first."""
    return act_on(consultation_id, lambda session, row: {"responses": redacting.wanted(session, row.id)})


@blueprint.get("/<consultation_id>/themes/redactions")
@requires("words:read")
@blueprint.response(200, RedactionSchema(many=True))
def redactions(consultation_id: str) -> Any:
    """What waits for a second person's approval, with the words. The look is audited."""
    return act_on(consultation_id, lambda session, row: redacting.waiting(heed(), session, row.id, caller()))


@blueprint.post("/<consultation_id>/themes/redactions")
@requires("codes:write")
@blueprint.arguments(Proposing)
@blueprint.response(201, Proposed)
def propose(given: dict[str, Any], consultation_id: str) -> Any:
    """Say what is to be hidden in a response. It stands instead of any earlier one, and waits for approval."""
    hide = [(one["words"], one["reason"]) for one in given["hide"]]
    return act_on(
        consultation_id,
        lambda session, row: redacting.propose(heed(), session, row.id, given["response"], hide, caller()),
    )


@blueprint.post(f"/<consultation_id>/themes/redactions/<int(max={LAST_ID}):redaction_id>/approve")
@requires("publish:write")
@blueprint.response(204)
def approve(consultation_id: str, redaction_id: int) -> None:
    """The response may be published so. Another person than the one who proposed it."""
    act_on(
        consultation_id,
        lambda session, row: redacting.approve(heed(), session, row.id, redaction_id, caller()),
    )
