"""Pilots: their protocols, the looks at them, and their reports. Nobody is named; between looks no arm is shown."""

from typing import Any

from flask import Blueprint, g, render_template, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from services.common import clock
from services.common.acts import Refused
from services.common.web.auth import heed
from services.common.web.files import as_file, as_picture
from services.common.web.refusals import problem, sentence
from services.common.web.said import done
from services.common.web.signed_in import page
from services.reminders import pilots
from services.reminders.models import Pilot, PilotLook
from services.reminders.pages import protocol_words
from services.reminders.pages.acting import county

# statsmodels and scipy, which reports stand on, take two seconds to load: they are imported where a report is made.
# ruff: noqa: PLC0415

blueprint = Blueprint("pilot_pages", __name__)
PILOT = f"/pilots/<int(max={2**63 - 1}):pilot_id>"
PROTOCOL_MOST = 100_000  # characters
FORMS = {
    "html": "text/html",
    "csv": "text/csv",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@blueprint.get("/pilots")
@page("evaluation:read")
def index() -> str:
    """Every pilot."""
    with heed().database.begin() as session:
        now = clock.now(session)
        rows = [
            (pilot, pilots.parse(pilot.protocol))
            for pilot in session.scalars(select(Pilot).order_by(Pilot.id.desc()))
        ]
        shown = [
            {"id": pilot.id, "protocol": protocol, "due": protocol.looks_due(now)} for pilot, protocol in rows
        ]
    return render_template("pages/pilots.html", pilots=shown)


@blueprint.route("/pilots/new", methods=["GET", "POST"])
@page("pilots:write")
def new() -> AnyResponse | tuple[str, int] | str:
    """Read a protocol, look at what it says, and lock it: from then on it is never changed."""
    text, protocol, errors = "", None, {}
    if request.method == "POST":
        file = request.files.get("file")
        text = request.form.get("protocol", "")[:PROTOCOL_MOST]
        try:
            if file and file.filename:
                text = file.read(PROTOCOL_MOST).decode("utf-8-sig")
            content = pilots.read(text)
            protocol = pilots.parse(content)
            if request.form.get("do") == "lock":
                with heed().database.begin() as session:
                    pilot_id = pilots.lock(session, content, g.caller.actor).id
                return done(
                    f"/pilots/{pilot_id}",
                    "The protocol is locked. Eligible people are assigned by it from now on.",
                )
        except UnicodeDecodeError:
            errors = {"file": "The file is not UTF-8: save it as plain text and choose it again."}
        except pilots.ProtocolError as error:
            errors, protocol = {"protocol": sentence(error)}, None
    shown = render_template(
        "pages/pilot_new.html",
        text=text,
        protocol=protocol,
        errors=errors,
        fixed=[*protocol_words.facts(protocol, county().courts)] if protocol else [],
    )
    return (shown, 422) if errors else shown


@blueprint.get(PILOT)
@page("evaluation:read")
def one(pilot_id: int) -> str:
    """A pilot's protocol, the looks that were taken, and which may be taken now."""
    from services.reminders import evaluating

    with heed().database.begin() as session:
        pilot = _pilot(session, pilot_id)
        protocol = pilots.parse(pilot.protocol)
        taken = session.scalars(
            select(PilotLook).where(PilotLook.pilot_id == pilot.id).order_by(PilotLook.id)
        ).all()
        standing = evaluating.standing_of(session, pilot)
        changed = pilots.changed(session, pilot)
    return render_template(
        "pages/pilot.html",
        pilot=pilot,
        protocol=protocol,
        taken=[
            {"n": n, "at": row.at, "by": row.by, "planned": row.planned, "reason": row.reason}
            for n, row in enumerate(taken, 1)
        ],
        look=standing,
        changed=changed,
        fixed=[*protocol_words.facts(protocol, county().courts)],
    )


@blueprint.post(f"{PILOT}/report")
@page("evaluation:read")
def report(pilot_id: int) -> AnyResponse | str:
    """The report at this moment. Where a planned look may be taken, reading takes it: it is kept, and shown from where it is kept."""
    from services.reminders import evaluating

    with heed().database.begin() as session:
        pilot = _pilot(session, pilot_id)
        before = _looks(session, pilot)
        found = evaluating.evaluate(session, pilot, g.caller.actor)
        after = _looks(session, pilot)
    if after > before:
        return done(
            f"/pilots/{pilot_id}/looks/{after}", "The look is taken. Its report is kept as it is here."
        )
    return _answer(found, request.form.get("form", ""), pilot_id, None)


@blueprint.get(f"{PILOT}/looks/<int(max=9999):number>")
@page("evaluation:read")
def look(pilot_id: int, number: int) -> AnyResponse | str:
    """The report of a look that was taken, as it was then."""
    return _answer(_earlier(pilot_id, number), request.args.get("form", ""), pilot_id, number)


@blueprint.get(f"{PILOT}/looks/<int(max=9999):number>/<name>.svg")
@page("evaluation:read")
def chart(pilot_id: int, number: int, name: str) -> AnyResponse:
    """One of its charts: part of a reading that is written down already."""
    from services.common.report import drawing
    from services.common.report.document import Chart
    from services.reminders import evaluating
    from services.reminders.evaluation import charts
    from services.reminders.evaluation.report_document import document

    try:
        with heed().database.begin() as session:
            found = evaluating.kept(session, _pilot(session, pilot_id), number).report
    except Refused as refused:
        problem(refused)
    blocks = (block for section in document(found).sections for block in section.blocks)
    if name not in {block.name for block in blocks if isinstance(block, Chart)}:
        problem(Refused("not-found", "this report has no such chart"))
    return as_picture(drawing.svg(name, charts.of(found)(name)), name)


@blueprint.post(f"{PILOT}/audit")
@page("evaluation:read")
def audit(pilot_id: int) -> AnyResponse:
    """Derive every assignment again, from the seed and the recorded order."""
    from services.reminders import pilot_audit

    with heed().database.begin() as session:
        count, breaks = pilot_audit.audit(session, _pilot(session, pilot_id))
    if breaks:
        problem(
            Refused(
                "assignments-changed", f"{len(breaks)} of {count} assignments are not as drawn: {breaks[0]}"
            )
        )
    return done(f"/pilots/{pilot_id}", f"All {count} assignments are as the lot drew them.")


def _pilot(session: Session, pilot_id: int) -> Pilot:
    found = session.get(Pilot, pilot_id)
    if found is None:
        problem(Refused("not-found", "there is no pilot with this number"))
    return found


def _looks(session: Session, pilot: Pilot) -> int:
    return session.scalar(select(func.count()).where(PilotLook.pilot_id == pilot.id)) or 0


def _earlier(pilot_id: int, number: int) -> dict[str, Any]:
    from services.reminders import evaluating

    try:
        with heed().database.begin() as session:
            return evaluating.earlier(session, _pilot(session, pilot_id), number, g.caller.actor)
    except Refused as refused:
        problem(refused)


def _answer(found: dict[str, Any], form: str, pilot_id: int, number: int | None) -> AnyResponse | str:
    """The report as a page, or as a file of one of its forms."""
    from services.common.report import forms
    from services.reminders.evaluation import charts
    from services.reminders.evaluation.report_document import document

    told, draw = document(found), charts.of(found)
    if form in FORMS:
        if form == "docx":
            written: bytes | str = forms.as_docx(told, draw)
        else:
            written = forms.as_csv(told) if form == "csv" else forms.as_html(told, draw)
        return as_file(written, f"pilot-{pilot_id}{f'-look-{number}' if number else ''}.{form}", FORMS[form])
    return render_template("pages/report.html", document=told, pilot_id=pilot_id, number=number)
