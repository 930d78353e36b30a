"""Incidents: numbers that reached the wrong person, what a stranger may have read, and what was decided within the law's time."""

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from services.common.acts import Refused
from services.common.web.auth import heed
from services.common.web.fields import Fields
from services.common.web.reason import Asked, with_reason
from services.common.web.refusals import problem
from services.common.web.said import done
from services.common.web.signed_in import page
from services.reminders import incidents
from services.reminders.incidents import DECISIONS
from services.reminders.models import Incident
from services.reminders.pages.acting import LAST_ID, act, asked

blueprint = Blueprint("incident_pages", __name__)
SETTLED = 100  # rows that are shown
NOTE_MOST = 1000  # characters
DECIDED = {
    "reported": "Reported to the Information Commissioner",
    "no-risk": "No risk to the person: not reported",
    "no-personal-data": "No personal data reached anybody",
}
Answer = AnyResponse | tuple[str, int] | str


@blueprint.get("/incidents")
@page("inbox:read")
def index() -> str:
    """What waits to be assessed, the law's clock beside it, and what was."""
    with heed().database.begin() as session:
        found = incidents.every(heed(), session)
    waiting = [one for one in found if one["decision"] is None or one["done_at"] is None]
    settled = [one for one in reversed(found) if one not in waiting]
    return render_template(
        "pages/incidents.html", waiting=waiting, settled=settled[:SETTLED], decided=DECIDED
    )


@blueprint.route(f"/incidents/<int(max={LAST_ID}):incident_id>/assess", methods=["GET", "POST"])
@page("inbox:write")
def assess(incident_id: int) -> Answer:
    """Write down what was decided of one, and why."""
    if request.method == "GET":
        return _assessing(incident_id, {})
    given = Fields(request.form)
    decision = given.choice("decision", DECISIONS, needed="Say what was decided.")
    note = given.text("note", needed="Say how you judged it.", most=NOTE_MOST)
    if not given.errors:
        try:
            with act() as one:
                incidents.assess(one, incident_id, next(word for word in DECISIONS if word == decision), note)
        except Refused as refused:
            problem(refused)
        return done("/incidents", "The assessment is written down, and the clock has ended.")
    return _assessing(incident_id, given.errors), 422


@blueprint.route(f"/hearings/<int(max={LAST_ID}):listing_id>/incident", methods=["GET", "POST"])
@page("inbox:write")
def report(listing_id: int) -> Answer:
    """Texts about a hearing reached somebody else, and the office heard of it otherwise than by WRONG."""
    with asked() as one:
        person = one.listing(listing_id).person_id
    words = Asked(
        heading="A text reached somebody else",
        follows="This opens an incident. The law gives 72 hours from now to report it to the Information Commissioner. Whoever has"
        " the number is not stopped by this: correct the number too.",
        button="Open an incident",
        back=f"/people/{person}",
        done="The incident is open: it stands under Needs a person, Wrong numbers.",
        label="How the office knows",
    )

    def do(reason: str) -> None:
        with act() as one:
            incidents.report(one, listing_id, reason)

    return with_reason(words, do)


def _assessing(incident_id: int, errors: dict[str, str]) -> str:
    with asked() as one:
        row = one.session.get(Incident, incident_id)
        if row is None or row.decision is not None:
            problem(
                Refused("not-found" if row is None else "already-assessed", "this incident waits for nobody")
            )
        found = incidents.shown(one.heed, one.session, row)
    return render_template(
        "pages/incident.html", one=found, choices=list(DECIDED.items()), given=request.form, errors=errors
    )
