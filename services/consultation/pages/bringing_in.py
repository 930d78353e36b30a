"""Responses that an office brings in: a letter that somebody types, and a file that is looked at before it is taken."""

from typing import Any

from flask import Blueprint, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from services.common import held_files
from services.common.acts import Refused
from services.common.held_files import HeldFile
from services.common.web.auth import heed
from services.common.web.fields import Fields
from services.common.web.long_work_pages import begun
from services.common.web.refusals import sentence
from services.common.web.said import done
from services.common.web.signed_in import page
from services.consultation import batch_rows, brought, files, letters, questionnaire
from services.consultation.api.office import caller, consultation_of
from services.consultation.asked_work import LOOK, RESPONSES, TAKE, later
from services.consultation.batch_rows import ANSWER, TEXT_MOST
from services.consultation.models import Consultation
from services.consultation.pages import wording
from services.consultation.pages.acting import looked_through
from services.consultation.pages.overview import ONE
from services.consultation.questions import Question
from services.consultation.rows import FileError, Rejection
from services.consultation.states import Channel

blueprint = Blueprint("bringing_in_pages", __name__)
REJECTED = 200  # rows that are shown; all are counted
LETTER = ("reference", "received", "text", "type", "organisation", "place", "victim", "publish", "receipt")
Answer = AnyResponse | tuple[str, int] | str


@blueprint.get(f"{ONE}/letter")
@page("responses:write")
def letter(consultation_id: str) -> str:
    """The form for a letter."""
    return _letter(consultation_id, {}, {})


@blueprint.post(f"{ONE}/letter")
@page("responses:write")
def keep_letter(consultation_id: str) -> Answer:
    """Keep a letter with its scan, once by its reference."""
    given = Fields(request.form)
    file = request.files.get("scan")
    scan = file.read() if file and file.filename else None
    with heed().database.begin() as session:
        row = consultation_of(session, consultation_id)
        asked = _asked(row)
        names = [*LETTER, *(f"{ANSWER}{one.id}" for one in asked)]
        letter = {name: given.text(name, most=TEXT_MOST) for name in names}
        if not letter["text"]:
            given.errors["text"] = "Type what the letter says."
        if not given.errors:
            errors = _kept(session, row, letter, scan)
            if not errors:
                return done(
                    f"/listening/{consultation_id}/letter",
                    f"The letter {letter['reference']} is kept. You can type in the next one.",
                )
            given.errors |= errors
    return _letter(consultation_id, letter, given.errors), 422


def _kept(session: Session, row: Consultation, letter: dict[str, str], scan: bytes | None) -> dict[str, str]:
    """Keep it; else what is wrong, by field."""
    asked = [one.id for one in _asked(row)]
    good, rejections = files.responses(
        [{"channel": str(Channel.LETTER)} | letter], asked, drama=heed().sandbox
    )
    try:
        kept = rejections[0] if rejections else letters.type_in(heed(), session, row, good[0], scan, caller())
    except FileError as error:
        return {"scan": sentence(error)}
    return {kept.field: sentence(kept.reason)} if isinstance(kept, Rejection) else {}


def _letter(consultation_id: str, given: dict[str, str], errors: dict[str, str]) -> str:
    with heed().database.begin() as session:
        row = consultation_of(session, consultation_id)
    return render_template(
        "pages/letter.html", consultation=row, asked=_asked(row), given=given, errors=errors, wording=wording
    )


@blueprint.get(f"{ONE}/file")
@page("responses:write")
def file(consultation_id: str) -> str:
    """The form for a file."""
    return _file(consultation_id, {}, {})


@blueprint.post(f"{ONE}/file")
@page("responses:write")
def look(consultation_id: str) -> Answer:
    """Say what of a file would be taken and what refused; nothing is written."""
    chosen = request.files.get("file")
    given = Fields(request.form)
    batch = given.text("batch", most=100)
    if chosen is None or not chosen.filename:
        given.errors["file"] = "Choose a CSV or JSON file."
    if given.errors or chosen is None:
        return _file(consultation_id, {"batch": batch}, given.errors), 422
    sent = HeldFile(batch or (chosen.filename or "")[-100:], chosen.read())
    try:
        with heed().database.begin() as session:
            row = consultation_of(session, consultation_id)
        token = held_files.hold(heed(), sent, caller())
        if work := later(RESPONSES, LOOK, consultation_id, token, sent, caller()):
            return begun(work)
        with heed().database.begin() as session:
            found = brought.responses(heed(), session, row, sent, caller(), dry=True)
    except FileError as error:
        return _file(consultation_id, {"batch": batch}, {"file": sentence(error)}), 422
    except Refused as refused:
        return _file(consultation_id, {"batch": batch}, {"file": sentence(refused)}), 422
    return _seen(row, sent, token, found)


@blueprint.get(f"{ONE}/file/<token>")
@page("responses:write")
def seen(consultation_id: str, token: str) -> Answer:
    """What a worker found in a long file."""
    looked = looked_through(consultation_id, token, "responses")
    if looked is None:
        return redirect(f"/listening/{consultation_id}/file", 303)
    row, sent = looked
    return _seen(row, sent, token, sent.noted["found"])


def _seen(row: Consultation, sent: HeldFile, token: str, found: dict[str, Any]) -> str:
    return render_template(
        "pages/file_seen.html",
        consultation=row,
        batch=sent.name,
        token=token,
        found=found,
        shown=REJECTED,
        errors={},
    )


@blueprint.post(f"{ONE}/file/take")
@page("responses:write")
def take(consultation_id: str) -> Answer:
    """Take the file that was looked at."""
    token = request.form.get("token", "")
    try:
        sent = held_files.held(heed(), token, caller())
        if work := later(RESPONSES, TAKE, consultation_id, token, sent, caller()):
            return begun(work)
    except Refused as refused:
        return _file(consultation_id, {}, {"file": sentence(refused)}), 409
    with heed().database.begin() as session:
        row = consultation_of(session, consultation_id)
        found = brought.responses(heed(), session, row, sent, caller(), dry=False)
    held_files.let_go(heed(), token, caller())
    return done(*brought.said_of_responses(consultation_id, found))


def _file(consultation_id: str, given: dict[str, str], errors: dict[str, str]) -> str:
    with heed().database.begin() as session:
        row = consultation_of(session, consultation_id)
    columns = batch_rows.columns(one.id for one in _asked(row))
    return render_template(
        "pages/file.html",
        consultation=row,
        columns=columns,
        needed=batch_rows.NEEDED,
        given=given,
        errors=errors,
    )


def _asked(row: Consultation) -> tuple[Question, ...]:
    return questionnaire.parse(row.questionnaire).questions
