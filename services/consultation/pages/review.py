"""The review queue, made for the keyboard alone: the text, its themes as one tab stop each, and on to the next."""

from flask import Blueprint, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from services.common.acts import Refused
from services.common.web.attention import LAST_ID
from services.common.web.auth import heed
from services.common.web.fields import Fields
from services.common.web.refusals import problem, sentence
from services.common.web.signed_in import page
from services.consultation import coding, codings, reviewing
from services.consultation.api.office import caller
from services.consultation.models import Consultation
from services.consultation.pages import wording
from services.consultation.pages.acting import act_on, on
from services.consultation.pages.overview import ONE
from services.consultation.reviewing import Turn
from services.consultation.themes.codeframe import Codeframe

blueprint = Blueprint("review_pages", __name__)
REVIEW = f"{ONE}/themes/review"
Answer = AnyResponse | tuple[str, int] | str


@blueprint.get(REVIEW)
@page("codes:write")
def take(consultation_id: str) -> str:
    """The text to code next, held for whoever asks, or the one that is named; the look is written down."""
    return _shown(consultation_id, {}, {}, only=Fields(request.args).number("response", LAST_ID))


@blueprint.post(REVIEW)
@page("codes:write")
def code(consultation_id: str) -> Answer:
    """Code it, and go on to the next."""
    given = Fields(request.form)
    response, after = given.number("response", LAST_ID), given.number("after", LAST_ID)
    themes = {
        name.removeprefix("theme:"): stance
        for name, stance in request.form.items()
        if name.startswith("theme:") and stance
    }
    if not themes:
        given.errors["themes"] = "Choose at least one theme. “None of these” is one."
    if given.errors or response is None:
        return _shown(consultation_id, themes, given.errors, response), 422
    try:
        on(
            consultation_id,
            lambda session, row: codings.code(session, row.id, response, themes, caller(), after),
        )
    except Refused as refused:
        if refused.error == "not-found":
            problem(refused)
        return _shown(consultation_id, {}, {"themes": sentence(refused)}), 409
    # Not the banner of other acts: it would push the next text out of sight each time.
    return redirect(f"/listening/{consultation_id}/themes/review?last={response}", 303)


def _shown(
    consultation_id: str,
    given: dict[str, str],
    errors: dict[str, str],
    of: int | None = None,
    only: int | None = None,
) -> str:
    """The next text, or `only` this one; with what was chosen for it, where it is still the one that it was chosen `of`."""

    def look(session: Session, row: Consultation) -> tuple[Consultation, Turn | None, Codeframe]:
        turn = (
            reviewing.read(heed(), session, row, only, caller())
            if only
            else reviewing.take_next(heed(), session, row, caller())
        )
        return row, turn, coding.codeframe(session, row.id)

    row, turn, frame = act_on(consultation_id, look)
    suggested = {one["theme"]: one for one in turn.suggestions} if turn else {}
    stands = turn.stands["themes"] if turn and turn.stands else {}
    return render_template(
        "pages/review.html",
        consultation=row,
        turn=turn,
        last=Fields(request.args).number("last", LAST_ID),
        suggested=[frame.theme(theme) for theme in suggested],
        because=suggested,
        others=[theme for theme in frame.themes if theme.id not in suggested],
        chosen=given if turn and of == turn.response else stands,
        errors=errors,
        wording=wording,
    )
