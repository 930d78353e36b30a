"""A file from the office: what it would change, and then the change; and one listing typed in."""

from flask import Blueprint, g, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from services.common import clock
from services.common.acts import Refused
from services.common.web.auth import heed
from services.common.web.errors import fail
from services.common.web.fields import Fields
from services.common.web.long_work_pages import begun
from services.common.web.refusals import problem, sentence
from services.common.web.said import done
from services.common.web.signed_in import page
from services.reminders import deliveries, samples, typed, uploads
from services.reminders.feeds import csv_listings
from services.reminders.pages.acting import county, courts

blueprint = Blueprint("upload_pages", __name__)
SCOPES = {
    uploads.LISTINGS: "listings:write",
    uploads.CONTACTS: "contacts:write",
    uploads.OUTCOMES: "outcomes:write",
}
BAIL = (
    ("", "Not known"),
    ("B", "Conditional bail"),
    ("U", "Unconditional bail"),
    ("summons", "Summons"),
    ("requisition", "Requisition"),
    ("C", "In custody"),
)
# Beside which field the list's own refusals stand.
FIELD_OF = {
    "missing-name": "defendant_name",
    "missing-court": "court_code",
    "missing-day": "date",
    "bad-day": "date",
    "missing-time": "time",
    "bad-time": "time",
}
LANGUAGES = (("en", "English"), ("cy", "Welsh"), ("pl", "Polish"), ("ro", "Romanian"))


@blueprint.route("/upload", methods=["GET", "POST"])
@page("listings:write")
def upload() -> AnyResponse | tuple[str, int] | str:
    """Choose a file; nothing is changed by it yet."""
    if request.method == "GET":
        return render_template("pages/upload.html", kind=uploads.LISTINGS, errors={})
    given = Fields(request.form)
    kind = given.choice("kind", uploads.KINDS, needed="Say what the file has in it.") or uploads.LISTINGS
    if SCOPES[kind] not in g.caller.scopes:
        fail(403, "missing-scope", "Your account may not upload files of this kind.")
    file = request.files.get("file")
    if file is None or not file.filename:
        given.errors["file"] = "Choose a file."
    if not given.errors and file is not None:
        try:
            name, body = (file.filename or "")[-100:], file.read()
            if uploads.is_long(body):
                return begun(uploads.look_later(heed(), kind, name, body, g.caller.actor, SCOPES[kind]))
            token = uploads.look(heed(), county(), kind, name, body, g.caller.actor)
        except Refused as refused:
            given.errors["file"] = sentence(refused)
        else:
            return redirect(f"/upload/{token}", 303)
    return render_template("pages/upload.html", kind=kind, errors=given.errors), 422


@blueprint.get("/upload/<token>")
@page("listings:write")
def preview(token: str) -> str:
    """What the file would change."""
    try:
        waiting = uploads.waiting(heed(), token, g.caller.actor)
    except Refused as refused:
        problem(refused)
    return render_template("pages/upload_preview.html", waiting=waiting, token=token)


@blueprint.post("/upload/<token>")
@page("listings:write")
def confirm(token: str) -> AnyResponse:
    """Let it change that."""
    try:
        waiting = uploads.waiting(heed(), token, g.caller.actor)
        kind = waiting.kind
        if SCOPES[kind] not in g.caller.scopes:
            fail(403, "missing-scope", "Your account may not upload files of this kind.")
        if uploads.is_long(waiting.body):
            return begun(uploads.take_later(waiting, token, g.caller.actor, SCOPES[kind]))
        found = uploads.apply(heed(), county(), token, g.caller.actor)
    except Refused as refused:
        problem(refused)
    return done(*uploads.taken(found))


@blueprint.post("/sample")
@page("listings:write")
def sample() -> AnyResponse:
    """In sandbox mode alone: a list of made-up people, so that every page has something to show."""
    if not heed().sandbox:
        fail(404, "not-found", "There is sample data in sandbox mode only.")
    with heed().database.begin() as session:
        body = samples.listings(clock.now(session), list(county().courts))
        push = deliveries.Push(body=body, format="csv", actor=g.caller.actor, file="sample.csv")
        delivery = deliveries.receive(heed(), session, push)
        number, found = delivery.number, delivery.id
    deliveries.applied(heed(), county(), found, number)
    return done("/", "Made-up people with hearings on the next days are listed now.")


@blueprint.route("/listings/add", methods=["GET", "POST"])
@page("listings:write")
def add() -> AnyResponse | tuple[str, int] | str:
    """Type in one listing: it goes the way of a pushed list with one row."""
    choices = {"courts": courts()[1:], "bail": BAIL, "languages": LANGUAGES}
    if request.method == "GET":
        return render_template("pages/listing.html", given={}, errors={}, **choices)
    form = Fields(request.form)
    needs = {
        "case_ref": "Write the case reference.",
        "defendant_name": "Write first name and surname.",
        "court_code": "Choose the court.",
        "date": "Write the day of the hearing.",
        "time": "Write the time, like 10:00.",
    }
    values = {name: form.text(name, needed=needs.get(name)) for name in csv_listings.COLUMNS}
    values["hearing_type"] = "First hearing" if request.form.get("first") == "yes" else "Other"
    if not form.errors:
        try:
            push = typed.listing(values, g.caller.actor)
        except Refused as refused:
            form.errors[FIELD_OF.get(refused.error, "case_ref")] = sentence(refused)
        else:
            with heed().database.begin() as session:
                delivery = deliveries.receive(heed(), session, push)
                number, found = delivery.number, delivery.id
            deliveries.applied(heed(), county(), found, number)
            return done(f"/feeds/{found}", "The listing is taken in.")
    return render_template("pages/listing.html", given=request.form, errors=form.errors, **choices), 422
