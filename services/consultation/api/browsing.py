"""Looking through responses over HTTP: the same stream as the office's page, and one response whole. Numbers are in neither."""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import EXCLUDE, Schema, fields, validate

from services.common.times import written
from services.common.web.attention import LAST_ID
from services.common.web.auth import heed, requires
from services.consultation import browsing
from services.consultation.api.acting import act_on
from services.consultation.api.office import caller
from services.consultation.browsing import Wanted
from services.consultation.states import Channel, Standing

blueprint = Blueprint(
    "browsing", __name__, url_prefix="/v1/consultations", description="Looking through responses"
)


class WhichResponses(Schema):
    """Which responses."""

    class Meta:
        unknown = EXCLUDE

    kind = fields.String(load_default=None, validate=validate.OneOf(browsing.KINDS))
    channel = fields.String(load_default=None, validate=validate.OneOf([str(one) for one in Channel]))
    standing = fields.String(load_default=None, validate=validate.OneOf([str(one) for one in Standing]))
    day = fields.Date(load_default=None, metadata={"description": "the day in London"})
    campaign = fields.Integer(load_default=None, validate=validate.Range(1, LAST_ID))
    before = fields.Integer(
        load_default=None,
        validate=validate.Range(1, LAST_ID),
        metadata={"description": "those with lower numbers"},
    )
    limit = fields.Integer(load_default=200, validate=validate.Range(1, 1000))


@blueprint.get("/<consultation_id>/responses")
@requires("words:read")
@blueprint.arguments(WhichResponses, location="query")
@blueprint.response(200)
def listed(query: dict[str, Any], consultation_id: str) -> Any:
    """Responses with their words, the one that came last first; numbers and addresses in them are masked. The look is audited."""
    before, limit = query.pop("before"), query.pop("limit")
    rows = act_on(
        consultation_id,
        lambda session, row: browsing.page(
            heed(), session, row, Wanted(**query), caller(), before=before, limit=limit
        ),
    )
    return {"responses": written(rows), "next": rows[-1]["id"] if len(rows) == limit else None}


@blueprint.get(f"/<consultation_id>/responses/<int(max={LAST_ID}):response_id>")
@requires("words:read")
@blueprint.response(200)
def one(consultation_id: str, response_id: int) -> Any:
    """One response whole: its words, its person's answers with their history, and what became of it. The look is audited."""
    return act_on(
        consultation_id, lambda session, row: browsing.one(heed(), session, row, response_id, caller())
    )
