"""You said, we did: answers to themes, approved by a second person and texted to those who asked; and what other bodies are sent."""

import io
import zipfile
from typing import Any

from flask import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from services.common import clock
from services.common.acts import Refused
from services.common.web.attention import LAST_ID
from services.common.web.auth import heed
from services.common.web.fields import Fields
from services.common.web.files import as_file
from services.common.web.refusals import problem, sentence
from services.common.web.said import done
from services.common.web.signed_in import page
from services.consultation import bundles, coding, feedback, feedback_texts, questionnaire, said_back
from services.consultation.api.office import caller
from services.consultation.models import Consultation
from services.consultation.pacing import PER_HOUR, PER_HOUR_MOST
from services.consultation.pages import wording
from services.consultation.pages.acting import act_on, on
from services.consultation.pages.overview import ONE
from services.consultation.said_back import Outcome
from services.consultation.themes.codeframe import Group

blueprint = Blueprint("answer_pages", __name__)
ANSWERS = f"{ONE}/answers"
PARTS = ("considered", "done", "brief")
Answer = AnyResponse | tuple[str, int] | str


@blueprint.get(ANSWERS)
@page("feedback:read")
def index(consultation_id: str) -> str:
    """Which themes are answered, which wait for a second person, which are owed an answer and by when."""
    return _shown(consultation_id, {})


@blueprint.route(f"{ANSWERS}/write", methods=["GET", "POST"])
@page("feedback:write")
def write(consultation_id: str) -> Answer:
    """Write what was considered of a theme and what was done."""
    if request.method == "GET":
        return _form(consultation_id, request.args, {})
    given = Fields(request.form)
    row = act_on(consultation_id, lambda _, row: row)
    languages = questionnaire.parse(row.questionnaire).languages
    content: dict[str, Any] = {
        "theme": given.text("theme", needed="Choose a theme.", most=60),
        "outcome": given.choice("outcome", list(Outcome), needed="Choose what came of it."),
    }
    for part in PARTS:
        said = {one: given.text(f"{part}_{one}", most=said_back.WORDS_MOST) for one in {"en", *languages}}
        content[part] = {language: words for language, words in said.items() if words}
        if not said["en"]:
            given.errors[f"{part}_en"] = "Write it in English at least."
    if not given.errors:
        try:
            written = said_back.read(content)
            made = on(
                consultation_id,
                lambda session, row: feedback.described(feedback.write(session, row, written, caller())),
            )
        except Refused as refused:
            # "brief.cy: …" names the field; any other refusal is about the theme.
            name, _, language = str(refused).partition(":")[0].partition(".")
            given.errors[f"{name}_{language or 'en'}" if name in PARTS else "theme"] = sentence(refused)
        else:
            return done(
                f"/listening/{consultation_id}/answers",
                f"Answer {made['id']} waits for another person to approve it.",
            )
    return _form(consultation_id, request.form, given.errors), 422


@blueprint.post(f"{ANSWERS}/<int(max={LAST_ID}):number>/approve")
@page("publish:write")
def approve(consultation_id: str, number: int) -> AnyResponse:
    """Approve an answer that another person wrote."""
    act_on(consultation_id, lambda session, row: feedback.approve(session, row, number, caller()).id)
    return done(f"/listening/{consultation_id}/answers", "It is published from now on, and may be texted.")


@blueprint.post(f"{ANSWERS}/texts")
@page("feedback:write")
def texts(consultation_id: str) -> Answer:
    """Whom a sending would tell, and what that takes; with the second word, the texts."""
    given = Fields(request.form)
    per_hour = given.number("per_hour", PER_HOUR_MOST) or PER_HOUR
    if given.errors:
        return _shown(consultation_id, given.errors), 422
    if request.form.get("do") == "send":
        made = act_on(
            consultation_id,
            lambda session, row: feedback_texts.send(heed(), session, row, caller(), per_hour),
        )
        return done(
            f"/listening/{consultation_id}/answers",
            f"{len(made.texts):,} people are told, between 9am and 8pm, at the pace that you set.",
        )
    row, plan = act_on(
        consultation_id,
        lambda session, row: (row, feedback_texts.plan(heed(), session, row, per_hour).shown()),
    )
    return render_template(
        "pages/answers_seen.html",
        consultation=row,
        found=plan,
        per_hour=per_hour,
        sender=heed().config.sender,
        wording=wording,
        errors={},
    )


@blueprint.post(f"{ANSWERS}/bundle")
@page("bundles:write")
def bundle(consultation_id: str) -> Response:
    """What another body should hear: its file and its letter, packed together; logged as sent."""
    body, again = request.form.get("body", "")[:200], request.form.get("again") == "yes"
    try:
        made = on(
            consultation_id,
            lambda session, row: bundles.make(heed(), session, row, body, caller(), again=again),
        )
    except Refused as refused:
        problem(refused)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("responses.csv", made.csv)
        archive.writestr("letter.txt", "\n\n".join(made.letter))
    return as_file(packed.getvalue(), f"{consultation_id}-bundle-{made.logged['id']}.zip", "application/zip")


def _shown(consultation_id: str, errors: dict[str, str]) -> str:
    return act_on(consultation_id, lambda session, row: _rendered(session, row, errors))


def _rendered(session: Session, row: Consultation, errors: dict[str, str]) -> str:
    frame = coding.codeframe(session, row.id)
    standing = coding.standing(session, row.id)
    spoken = {theme for one in standing.values() if one.reviewed for theme in one.themes}
    answers = feedback.approved(session, row.id, frame)
    due = feedback.due_at(row)
    return render_template(
        "pages/answers.html",
        consultation=row,
        frame=frame,
        listed=feedback.listed(session, row.id),
        owed=feedback.owed(session, row.id, frame, spoken, answers),
        due=due,
        overdue=due is not None and clock.now(session) >= due,
        bodies=bundles.bodies(session, row.id),
        bundles=bundles.listed(session, row.id),
        page=f"/consultations/{row.id}/done",
        per_hour=PER_HOUR,
        me=caller(),
        wording=wording,
        errors=errors,
    )


def _form(consultation_id: str, given: Any, errors: dict[str, str]) -> str:
    row, frame = act_on(consultation_id, lambda session, row: (row, coding.codeframe(session, row.id)))
    languages = questionnaire.parse(row.questionnaire).languages
    return render_template(
        "pages/answer.html",
        consultation=row,
        themes=[one for one in frame.themes if one.group is not Group.NONE],
        languages=["en", *(one for one in languages if one != "en")],
        given=given,
        errors=errors,
        wording=wording,
    )
