"""What Reminders' first page shows besides: the next days' texts, what is held and why; and the texts of one day, word for word."""

from datetime import date, datetime
from typing import Any

from flask import Blueprint, g, render_template, request
from sqlalchemy.orm import Session

from services.common.times import london
from services.common.web.auth import heed
from services.common.web.errors import fail
from services.common.web.signed_in import page
from services.reminders import needs, reason_words, upcoming
from services.reminders.browsing import Place
from services.reminders.pages.acting import act, county

blueprint = Blueprint("today_pages", __name__)
ROWS = 50


def more(session: Session, now: datetime) -> dict[str, Any]:
    """For whoever may see hearings: texts by day, reasons, and how much waits for a person."""
    if "hearings:read" not in g.caller.scopes:
        return {}
    return {
        "days": upcoming.days(session, now),
        "held": upcoming.held(session, now),
        "needs": needs.waiting(session, now),
        "words": reason_words,
    }


@blueprint.get("/going-out/<day>")
@page("hearings:read")
def day(day: str) -> str:
    """The texts of one day as they would go out; the look is written down, since first names stand in them."""
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        fail(404, "not-found", "Write the day like 2026-11-30.")
    with act() as one:
        if wanted < london(one.now).date():
            fail(404, "not-found", "This day is over: what went out stands on each person’s page.")
        rows, following = upcoming.texts(
            heed(),
            county(),
            one.session,
            wanted,
            one.now,
            after=Place.read(request.args.get("after")),
            limit=ROWS,
        )
        if rows:
            one.record("reminders-read", f"day:{wanted}", rows=len(rows))
    return render_template("pages/going_out.html", day=wanted, rows=rows, next=following, words=reason_words)
