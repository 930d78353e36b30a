"""The public page of what was done: every approved answer, and by a receipt what became of one person's responses.

No script, no cookie, and the receipt in no address. It goes on working after the end, when people have noted it down.
"""

from collections.abc import Callable, Mapping
from datetime import date

from flask import Blueprint, Response, make_response, render_template, request

from services.common.acts import Refused
from services.common.times import DAYS, MONTHS
from services.common.web.auth import heed, open_to_all
from services.consultation import coding, feedback, lookup
from services.consultation.models import Consultation
from services.consultation.pages.public_form import language_of, no_page, shared

BODY_MOST = 10_000
WHY = (
    "the public page of what was done: it shows what is published, and to who has a receipt what became of it"
)

blueprint = Blueprint("public_done", __name__, url_prefix="/consultations")


@blueprint.get("/<consultation_id>/done")
@open_to_all(WHY)
def done(consultation_id: str) -> Response:
    """What was considered and done, theme by theme, and a field for a receipt."""
    return _answered(consultation_id, None)


@blueprint.post("/<consultation_id>/done")
@open_to_all(WHY)
def look_up(consultation_id: str) -> Response:
    """What became of the responses of a receipt; or the page again, with what is wrong."""
    request.max_content_length = BODY_MOST
    return _answered(consultation_id, request.form.get("reference", "").replace("\x00", "")[:20])


def _answered(consultation_id: str, given: str | None) -> Response:
    with heed().database.begin() as session:
        row = session.get(Consultation, consultation_id)
        if row is None:
            return no_page()
        language = language_of(row)
        words = shared(row, language)
        say, found, error, status = words["say"], None, "", 200
        try:
            if given is not None:
                found = lookup.find(session, row, given)
                error, status = ("", 200) if found else (say["error_nobody"], 404)
        except Refused:
            error, status = say["error_wait"], 429
        frame = coding.codeframe(session, row.id)
        answers = feedback.approved(session, row.id, frame)
        page = render_template(
            "public/done.html",
            **words,
            found=found
            and {"responses": [one | {"said": _day(one["day"], language)} for one in found["responses"]]},
            answers=[
                (theme, lookup.answer(answers[theme.id])) for theme in feedback.in_order(frame, answers)
            ],
            given="" if found else given or "",
            error=error,
            in_words=_in(language),
        )
    answer = make_response(page, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _in(language: str) -> Callable[[Mapping[str, str]], str]:
    return lambda said: said.get(language) or said["en"]


def _day(day: str, language: str) -> str:
    at = date.fromisoformat(day)
    return f"{DAYS[language][at.weekday()]} {at.day} {MONTHS[language][at.month - 1]} {at.year}"
