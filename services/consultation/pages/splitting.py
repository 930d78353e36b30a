"""One theme that gives way to several: a page of its own, which says beforehand what that asks of people."""

from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from services.common.acts import Refused
from services.common.web.errors import fail
from services.common.web.fields import Fields
from services.common.web.refusals import sentence
from services.common.web.said import done
from services.common.web.signed_in import page
from services.consultation import codeframes, coding, reviewing
from services.consultation.api.office import caller
from services.consultation.pages import wording
from services.consultation.pages.acting import act_on, on
from services.consultation.pages.themes import FRAME, theme_of

blueprint = Blueprint("splitting_pages", __name__)
LEAST, MOST = 2, 6  # new themes
Answer = AnyResponse | tuple[str, int] | str


@blueprint.get(f"{FRAME}/split/<theme_id>")
@page("themes:write")
def form(consultation_id: str, theme_id: str) -> str:
    """Which theme it is, how many texts have it, and the fields of the new ones."""
    return _form(consultation_id, theme_id, None, {}, LEAST)


@blueprint.post(f"{FRAME}/split/<theme_id>")
@page("themes:write")
def split(consultation_id: str, theme_id: str) -> Answer:
    """The theme gives way to new ones; texts that have it are to be looked at again."""
    given = Fields(request.form)
    parts = min(max(given.number("parts") or LEAST, LEAST), MOST)
    if request.form.get("do") == "more":
        return _form(consultation_id, theme_id, request.form, {}, min(parts + 1, MOST))
    new = [theme_of(given, part) for part in _names(parts)]
    reason = given.text("reason", needed="Say why.", most=300)
    if not given.errors:
        try:
            frame = on(
                consultation_id,
                lambda session, row: codeframes.split(session, row.id, theme_id, new, reason, caller()),
            )
        except Refused as refused:
            given.errors["reason" if refused.error == "bad-reason" else _blamed(refused, new)] = sentence(
                refused
            )
        else:
            return done(
                f"/listening/{consultation_id}/themes/codeframe",
                f"The codeframe is at version {frame.version}. Texts that had the theme wait in the review to be looked at again.",
            )
    return _form(consultation_id, theme_id, request.form, given.errors, parts), 422


def _names(parts: int) -> list[str]:
    """How the fields of each new theme begin."""
    return [f"new{number}-" for number in range(1, parts + 1)]


def _blamed(refused: Refused, new: list[dict[str, Any]]) -> str:
    """The last id that the refusal names: of two that are alike, the second is the one to change."""
    numbers = [number for number, one in enumerate(new, 1) if f"'{one['id']}'" in str(refused)]
    return f"new{numbers[-1] if numbers else 1}-id"


def _form(consultation_id: str, theme_id: str, given: Any, errors: dict[str, str], parts: int) -> str:
    row, frame, texts = act_on(
        consultation_id,
        lambda session, row: (
            row,
            coding.codeframe(session, row.id),
            reviewing.given(session, row, theme_id),
        ),
    )
    theme = next((one for one in frame.themes if one.id == theme_id), None)
    if theme is None:
        fail(404, "not-found", "There is no such theme in use: it may have been merged or split meanwhile.")
    return render_template(
        "pages/split.html",
        consultation=row,
        theme=theme,
        texts=texts,
        new=_names(parts),
        most=MOST,
        given=given or {f"{part}group": theme.group for part in _names(parts)},  # most stay where it stood
        errors=errors,
        wording=wording,
    )
