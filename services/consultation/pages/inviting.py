"""Inviting people by text: a file of contacts, what it would come to and cost, and then, by a second word, the invitations."""

from typing import Any

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from services.common import clock, held_files
from services.common.acts import Refused
from services.common.held_files import HeldFile
from services.common.times import london
from services.common.web.auth import heed
from services.common.web.fields import Fields
from services.common.web.refusals import sentence
from services.common.web.said import done
from services.common.web.signed_in import page
from services.consultation import contact_rows, files, invitations, overview, questionnaire
from services.consultation.api.office import caller, consultation_of
from services.consultation.models import Consultation
from services.consultation.pacing import PER_HOUR, PER_HOUR_MOST
from services.consultation.pages import wording
from services.consultation.pages.overview import ONE
from services.consultation.rows import FileError, answered

blueprint = Blueprint("inviting_pages", __name__)
PENCE = 4.0  # about what a segment costs in this country
REJECTED = 200  # rows that are shown; all are counted
Answer = AnyResponse | tuple[str, int] | str


@blueprint.get(f"{ONE}/invitations")
@page("invitations:write")
def index(consultation_id: str) -> str:
    """How the invitations fare, and the form for more."""
    return _form(consultation_id, {}, {})


@blueprint.post(f"{ONE}/invitations")
@page("invitations:write")
def look(consultation_id: str) -> Answer:
    """Who would be asked, when, with which words, and what that costs; nothing is written."""
    given = Fields(request.form)
    batch, per_hour = given.text("batch", most=100), given.number("per_hour", PER_HOUR_MOST) or PER_HOUR
    pence = _pence(given)
    chosen = request.files.get("file")
    if chosen is None or not chosen.filename:
        given.errors["file"] = "Choose a CSV or JSON file of contacts."
    if given.errors or chosen is None:
        return _form(consultation_id, request.form, given.errors), 422
    sent = HeldFile(batch or (chosen.filename or "")[-100:], chosen.read())
    try:
        with heed().database.begin() as session:
            row = consultation_of(session, consultation_id)
            found = _made(session, row, sent, per_hour, dry=True)
        token = held_files.hold(heed(), sent, caller())
    except FileError as error:
        words = str(error)
        return _form(consultation_id, request.form, {"file": f"{words[:1].upper()}{words[1:]}."}), 422
    except Refused as refused:
        return _form(consultation_id, request.form, {"file": sentence(refused)}), 422
    return render_template(
        "pages/invitations_seen.html",
        consultation=row,
        batch=sent.name,
        token=token,
        per_hour=per_hour,
        pounds=found["segments"] * pence / 100,
        pence=pence,
        found=found,
        shown=REJECTED,
        sender=heed().config.sender,
        errors={},
        wording=wording,
    )


@blueprint.post(f"{ONE}/invitations/send")
@page("invitations:write")
def send(consultation_id: str) -> Answer:
    """Invite the people of the file that was looked at."""
    token = request.form.get("token", "")
    per_hour = Fields(request.form).number("per_hour", PER_HOUR_MOST) or PER_HOUR
    try:
        sent = held_files.held(heed(), token, caller())
        with heed().database.begin() as session:
            row = consultation_of(session, consultation_id)
            found = _made(session, row, sent, per_hour, dry=False)
    except Refused as refused:
        return _form(consultation_id, {}, {"file": sentence(refused)}), 409
    held_files.let_go(heed(), token, caller())
    return done(
        f"/listening/{consultation_id}/invitations",
        f"{found['counts']['invited']:,} people are invited. Their texts go out at the pace that you set, between 9am and 8pm.",
    )


def _made(session: Session, row: Consultation, sent: HeldFile, per_hour: int, *, dry: bool) -> dict[str, Any]:
    today = london(clock.now(session)).date()
    good, rejections = files.contacts(sent.body, today, drama=heed().sandbox)
    made = (
        invitations.plan(heed(), session, row, sent.name, good, per_hour)
        if dry
        else invitations.invite(heed(), session, row, sent.name, good, caller(), per_hour)
    )
    counts = {"invited": len(made.invitations), "skipped": sum(made.skipped.values())}
    return answered(counts, rejections) | made.shown()


def _form(consultation_id: str, given: Any, errors: dict[str, str]) -> str:
    with heed().database.begin() as session:
        row = consultation_of(session, consultation_id)
        words = questionnaire.parse(row.questionnaire).invitation
        return render_template(
            "pages/invitations.html",
            consultation=row,
            state=overview.state(row, clock.now(session)),
            words=words,
            found=overview.invitations(session, row.id),
            batches=invitations.batches(session, row.id),
            columns=contact_rows.COLUMNS,
            needed=contact_rows.NEEDED,
            usual={"per_hour": PER_HOUR, "pence": PENCE},
            sender=heed().config.sender,
            given=given,
            errors=errors,
        )


def _pence(given: Fields) -> float:
    """What a segment costs, as the person says."""
    written = given.text("pence", most=10) or str(PENCE)
    try:
        pence = float(written)
    except ValueError:
        pence = -1
    if not 0 <= pence <= 100:
        given.errors["pence"] = "Write a price in pence, like 4 or 3.8."
    return pence
