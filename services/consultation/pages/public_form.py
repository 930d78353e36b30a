"""The public form: one page without a script, a cookie or anything from elsewhere, and its receipt."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from services.common import clock
from services.common.times import DAYS, MONTHS, london
from services.common.web.auth import heed, open_to_all
from services.consultation import form_fields, questionnaire, web_form
from services.consultation.batch_rows import ANSWER
from services.consultation.models import Consultation
from services.consultation.web_form import Kept

BODY_MOST = 1024 * 1024
PLAIN_FIELDS = ("words", "type", "organisation", "receipt", "website", "token")
WHY = "the public form: whoever has its address may answer, and it shows nobody's answers"

blueprint = Blueprint(
    "public_form",
    __name__,
    url_prefix="/consultations",
    static_folder="../static",
    static_url_path="/static",
)


@blueprint.get("/<consultation_id>")
@open_to_all(WHY)
def form(consultation_id: str) -> Response:
    """The form, empty."""
    with heed().database.begin() as session:
        row = session.get(Consultation, consultation_id)
        if row is None:
            return no_page()
        return _form(row, language_of(row), clock.now(session), {}, {})


@blueprint.post("/<consultation_id>")
@open_to_all(WHY)
def send(consultation_id: str) -> Response:
    """Keep what was sent and show its receipt; or the form again, with what is wrong and everything that was written."""
    request.max_content_length = BODY_MOST
    with heed().database.begin() as session:
        row = session.get(Consultation, consultation_id)
        if row is None:
            return no_page()
        language = language_of(row)
        given = {name: _clean(request.form.get(name, "")) for name in (*PLAIN_FIELDS, *_answers(row))}
        kept = web_form.keep(heed(), session, row, given, language)
        if not isinstance(kept, Kept):
            return _form(row, language, clock.now(session), given, kept)
        page = render_template(
            "public/receipt.html", **shared(row, language), receipt=kept.receipt, danger=kept.danger
        )
        return make_response(page)


def _form(
    row: Consultation, language: str, now: Any, given: dict[str, str], errors: dict[str, str]
) -> Response:
    parsed = questionnaire.parse(row.questionnaire)
    say = form_fields.sayings()[language]
    token = given.get("token", "")
    page = render_template(
        "public/form.html",
        **shared(row, language),
        when=_when(row, now, say, language),
        fields=form_fields.fields(parsed, row.questionnaire, language),
        given=dict.fromkeys([*PLAIN_FIELDS, *_answers(row)], "") | given,
        errors=errors,
        # A page that is only sent again keeps its token: it is the same response.
        token=token if web_form.fresh(heed(), token, now) else web_form.token(heed(), now),
    )
    return make_response(page, 422 if errors else 200)


def shared(row: Consultation, language: str) -> dict[str, Any]:
    """What every public page of a consultation says in a language."""
    said, spoken = form_fields.sayings(), questionnaire.parse(row.questionnaire).languages
    return {
        "id": row.id,
        "title": row.title,
        "language": language,
        "languages": {code: said[code]["language"] for code in said if code in spoken},
        "say": said[language],
    }


def language_of(row: Consultation) -> str:
    """The language asked for, where the questionnaire and the form speak it; else the questionnaire's first."""
    spoken = [one for one in questionnaire.parse(row.questionnaire).languages if one in form_fields.sayings()]
    asked = request.args.get("lang", "")
    return asked if asked in spoken else [*spoken, "en"][0]


def _answers(row: Consultation) -> list[str]:
    return [f"{ANSWER}{one.id}" for one in form_fields.asked(questionnaire.parse(row.questionnaire))]


def _when(row: Consultation, now: Any, say: dict[str, str], language: str) -> str:
    if now < row.opens_at:
        return say["not_open"].format(day=_day(row.opens_at, language))
    if row.closes_at is None:
        return ""
    # It closes at midnight: its last day is the one before.
    day = _day(row.closes_at - timedelta(minutes=1), language)
    return say["closed" if now >= row.closes_at else "closes"].format(day=day)


def _day(at: Any, language: str) -> str:
    local = london(at)
    return f"{DAYS[language][local.weekday()]} {local.day} {MONTHS[language][local.month - 1]} {local.year}"


def no_page() -> Response:
    """That there is none, as a page."""
    say = form_fields.sayings()["en"]
    return make_response(render_template("public/no_page.html", say=say, language="en", languages={}), 404)


def _clean(text: str) -> str:
    return text.replace("\x00", "").replace("\r\n", "\n").strip()
