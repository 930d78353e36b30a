"""Inviting people by text: a file of contacts, what it would come to and cost, and then, by a second word, the invitations."""

from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from services.common import clock, held_files
from services.common.acts import Refused
from services.common.held_files import HeldFile
from services.common.web.auth import heed
from services.common.web.fields import Fields
from services.common.web.long_work_pages import begun
from services.common.web.refusals import sentence
from services.common.web.said import done
from services.common.web.signed_in import page
from services.consultation import brought, contact_rows, invitations, overview, questionnaire
from services.consultation.api.office import caller, consultation_of
from services.consultation.asked_work import CONTACTS, LOOK, TAKE, later
from services.consultation.models import Consultation
from services.consultation.pacing import PER_HOUR, PER_HOUR_MOST
from services.consultation.pages import wording
from services.consultation.pages.acting import looked_through
from services.consultation.pages.overview import ONE
from services.consultation.rows import FileError

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
    sent = HeldFile(
        batch or (chosen.filename or "")[-100:], chosen.read(), {"per_hour": per_hour, "pence": pence}
    )
    try:
        with heed().database.begin() as session:
            row = consultation_of(session, consultation_id)
        token = held_files.hold(heed(), sent, caller())
        if work := later(CONTACTS, LOOK, consultation_id, token, sent, caller(), per_hour):
            return begun(work)
        with heed().database.begin() as session:
            found = brought.contacts(heed(), session, row, sent, caller(), per_hour, dry=True)
    except FileError as error:
        return _form(consultation_id, request.form, {"file": sentence(error)}), 422
    except Refused as refused:
        return _form(consultation_id, request.form, {"file": sentence(refused)}), 422
    return _seen(row, sent, token, found)


@blueprint.get(f"{ONE}/invitations/<token>")
@page("invitations:write")
def seen(consultation_id: str, token: str) -> Answer:
    """What a worker found in a long file."""
    looked = looked_through(consultation_id, token, "invited")
    if looked is None:
        return redirect(f"/listening/{consultation_id}/invitations", 303)
    row, sent = looked
    return _seen(row, sent, token, sent.noted["found"])


def _seen(row: Consultation, sent: HeldFile, token: str, found: dict[str, Any]) -> str:
    pence = sent.noted["pence"]
    return render_template(
        "pages/invitations_seen.html",
        consultation=row,
        batch=sent.name,
        token=token,
        per_hour=sent.noted["per_hour"],
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
        if work := later(CONTACTS, TAKE, consultation_id, token, sent, caller(), per_hour):
            return begun(work)
        with heed().database.begin() as session:
            row = consultation_of(session, consultation_id)
            found = brought.contacts(heed(), session, row, sent, caller(), per_hour, dry=False)
    except Refused as refused:
        return _form(consultation_id, {}, {"file": sentence(refused)}), 409
    held_files.let_go(heed(), token, caller())
    return done(*brought.said_of_contacts(consultation_id, found))


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
