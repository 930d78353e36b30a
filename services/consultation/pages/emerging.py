"""Groups of alike texts that no theme has taken: a person names one, which makes a theme, or dismisses it."""

from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from services.common.acts import Refused
from services.common.web.attention import LAST_ID
from services.common.web.auth import heed
from services.common.web.fields import Fields
from services.common.web.reason import Asked, with_reason
from services.common.web.refusals import problem, sentence
from services.common.web.said import done
from services.common.web.signed_in import page
from services.consultation import emerging
from services.consultation.api.office import caller
from services.consultation.export import masked
from services.consultation.pages import wording
from services.consultation.pages.acting import act_on, on
from services.consultation.pages.overview import ONE
from services.consultation.pages.themes import theme_of

blueprint = Blueprint("emerging_pages", __name__)
GROUPS = f"{ONE}/themes/emerging"
GROUP = f"{GROUPS}/<int(max={LAST_ID}):candidate_id>"
Answer = AnyResponse | tuple[str, int] | str


@blueprint.get(GROUPS)
@page("words:read")
def index(consultation_id: str) -> str:
    """What waits for a name, the tightest group first; the look is written down."""
    row, groups = act_on(
        consultation_id,
        lambda session, row: (row, emerging.candidates(heed(), session, row.id, caller())),
    )
    return render_template(
        "pages/emerging.html", consultation=row, groups=groups, masked=masked, wording=wording, errors={}
    )


@blueprint.route(f"{GROUP}/name", methods=["GET", "POST"])
@page("themes:write")
def name(consultation_id: str, candidate_id: int) -> Answer:
    """The group is a theme of the codeframe's next version."""
    if request.method == "GET":
        return _naming(consultation_id, {}, {})
    given = Fields(request.form)
    theme, reason = theme_of(given), given.text("reason", needed="Say why.", most=300)
    if not given.errors:
        try:
            version = on(
                consultation_id,
                lambda session, row: emerging.name(session, row.id, candidate_id, theme, reason, caller()),
            )
        except Refused as refused:
            if refused.error in ("not-found", "already-decided"):
                problem(refused)
            given.errors["reason" if refused.error == "bad-reason" else "id"] = sentence(refused)
        else:
            return done(
                f"/listening/{consultation_id}/themes/emerging",
                f"It is a theme of version {version}. Its texts are coded by people, as any.",
            )
    return _naming(consultation_id, request.form, given.errors), 422


@blueprint.route(f"{GROUP}/dismiss", methods=["GET", "POST"])
@page("themes:write")
def dismiss(consultation_id: str, candidate_id: int) -> Answer:
    """The group is no theme."""
    asked = Asked(
        heading="It is no theme",
        follows="The group is not offered again. Its texts stay in the review.",
        button="Dismiss it",
        back=f"/listening/{consultation_id}/themes/emerging",
        done="The group is dismissed.",
    )

    def act(reason: str) -> None:
        on(
            consultation_id,
            lambda session, row: emerging.dismiss(session, row.id, candidate_id, reason, caller()),
        )

    return with_reason(asked, act)


def _naming(consultation_id: str, given: Any, errors: dict[str, str]) -> str:
    row = act_on(consultation_id, lambda _, row: row)
    return render_template("pages/naming.html", consultation=row, given=given, errors=errors, wording=wording)
