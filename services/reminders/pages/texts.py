"""The plan and the words: when reminders go, every text as a phone shows it, and words of one's own tried out."""

from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from services.common.web.auth import heed
from services.common.web.files import as_file
from services.common.web.signed_in import page
from services.reminders import wording_page
from services.reminders.county import County
from services.reminders.county_parts import Language
from services.reminders.pages.acting import county
from services.reminders.wording import MissingFact, render

blueprint = Blueprint("text_pages", __name__)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NAME_MOST, WORDS_MOST = 40, 1600


@blueprint.get("/texts")
@page("hearings:read")
def index() -> str:
    """The plan, and every text for an example person at a court."""
    return _shown({})


@blueprint.post("/texts")
@page("hearings:read")
def tried() -> str:
    """The same with another name, court or language, or with words of one's own: by a form, so that none stands in an address."""
    return _shown(request.form.to_dict())


@blueprint.get("/texts/public.html")
@page("hearings:read")
def public() -> AnyResponse:
    """The page that the office publishes, so that people can tell a real text from a scam."""
    return as_file(wording_page.page(county(), heed().config.sender), "reminder-texts.html", "text/html")


def _shown(given: dict[str, str]) -> str:
    known = county()
    name = " ".join(given.get("name", "").split())[:NAME_MOST] or wording_page.EXAMPLE_NAME
    court = given.get("court") if given.get("court") in known.courts else next(iter(known.courts))
    language = given.get("language") if given.get("language") in known.wording.languages else "en"
    own = given.get("words", "")[:WORDS_MOST]
    words = known.wording.languages[str(language)]
    return render_template(
        "pages/texts.html",
        plan=known.plan,
        week=list(zip(DAYS, known.plan.week, strict=True)),
        texts=_texts(known, words, name, str(court), str(language)),
        languages=[(code, wording_page.LANGUAGES[code]) for code in known.wording.languages],
        courts=[(code, one.name) for code, one in known.courts.items()],
        name=name,
        court=court,
        language=language,
        wording=words,
        own=own,
        sender=heed().config.sender,
        answers=known.wording.replies,
        speaker=known.speaker,
        phone=known.courts[str(court)].enquiry_phone,
    )


def _texts(county: County, words: Language, name: str, court: str, language: str) -> list[dict[str, Any]]:
    found = []
    for template in words.templates:
        try:
            text = render(
                county,
                template,
                given=name,
                court=court,
                starts_at=wording_page.EXAMPLE_TIME,
                language=language,
            )
        except MissingFact:
            continue
        found.append({"template": template, "for": wording_page.whom(template), "text": text})
    return found
