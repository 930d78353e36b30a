"""The consultations there are, and how each one goes."""

from datetime import datetime
from typing import Any

from flask import Blueprint, g, render_template, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from services.common import clock
from services.common.times import london_day
from services.common.web.auth import heed
from services.common.web.fields import Fields
from services.common.web.refusals import sentence
from services.common.web.said import done
from services.common.web.signed_in import page
from services.consultation import overview, publicity, questionnaire
from services.consultation.api.office import caller, consultation_of
from services.consultation.models import Suggestion
from services.consultation.pages import wording

blueprint = Blueprint("overview_pages", __name__)
ONE = "/listening/<consultation_id>"
DAYS = 62  # that are drawn; the report has all


@blueprint.get("/listening")
@page("responses:read")
def index() -> str:
    """Every consultation, standing post and feedback request."""
    with heed().database.begin() as session:
        rows = overview.listed(session, clock.now(session))
    return render_template("pages/listening.html", rows=rows, wording=wording)


@blueprint.get(ONE)
@page("responses:read")
def one(consultation_id: str) -> str:
    """How it goes: what came, from where, by which way, and what of it is analysed."""
    return _shown(consultation_id, {}, {})


@blueprint.post(f"{ONE}/publicity")
@page("consultations:write")
def note_publicity(consultation_id: str) -> AnyResponse | tuple[str, int]:
    """Note what was done to be heard."""
    given = Fields(request.form)
    what = given.text("what", needed="Say what was done.", most=80)
    reached = given.number("reached", publicity.REACHED_MOST)
    if reached is None:
        given.errors.setdefault("reached", "Say how many it reached.")
    if not given.errors and reached is not None:
        try:
            with heed().database.begin() as session:
                row = consultation_of(session, consultation_id)
                publicity.note(session, row.id, what, reached, caller())
        except ValueError as error:
            given.errors["what"] = sentence(error)
        else:
            return done(f"/listening/{consultation_id}#publicity", "It is noted.")
    return _shown(consultation_id, request.form, given.errors), 422


def _shown(consultation_id: str, given: Any, errors: dict[str, str]) -> str:
    with heed().database.begin() as session:
        row = consultation_of(session, consultation_id)
        now = clock.now(session)
        found = overview.of(session, row)
        today = london_day(now)
        return render_template(
            "pages/overview.html",
            consultation=row,
            asked=questionnaire.parse(row.questionnaire),
            sender=heed().config.sender,
            form=f"{heed().config.public_url}/consultations/{row.id}",
            state=overview.state(row, now),
            last_day=overview.last_day(row),
            found=found,
            days=overview.every_day(found["days"], DAYS),
            today=next((one for one in found["days"] if one["day"] == today), {"day": today, "received": 0}),
            given=given,
            errors=errors,
            wording=wording,
        )


def today(session: Session, now: datetime) -> dict[str, Any]:
    """What the first page shows of the consultations."""
    if "responses:read" not in g.caller.scopes:
        return {}
    rows = [one for one in overview.listed(session, now) if one["state"] != "closed"]
    waiting = select(func.count()).select_from(Suggestion).where(Suggestion.decision.is_(None))
    return {"rows": rows, "suggestions": session.scalar(waiting) or 0, "wording": wording}
