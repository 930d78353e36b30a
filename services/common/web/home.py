"""The first page: what needs a person now, and the switch that stops all sending. The same for both services."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, g, render_template, request
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from services.common import alarms, attention, clock, heartbeats, stops
from services.common.acts import Refused
from services.common.alerting.kinds import KINDS
from services.common.metrics import OLDEST_DUE
from services.common.outbox import by_hand
from services.common.web.auth import heed
from services.common.web.errors import fail
from services.common.web.refusals import sentence
from services.common.web.said import done
from services.common.web.signed_in import SIGNED_IN, page

# What a service's first page shows besides, by name; its template is pages/today.html of that service.
More = Callable[[Session, datetime], dict[str, Any]]

blueprint = Blueprint("home", __name__)
BY_STATE = text("SELECT state, count(*) AS number FROM outbox GROUP BY state")


@blueprint.get("/")
@page(SIGNED_IN)
def today() -> str:
    """What needs a person now."""
    with heed().database.begin() as session:
        now = clock.now(session)
        shown: dict[str, Any] = {
            "now": now,
            "more": current_app.extensions["today"](session, now),
            "texts": {row.state: row.number for row in session.execute(BY_STATE)},
            "oldest": round(float(session.scalar(OLDEST_DUE, {"now": now}) or 0) / 60),
            "workers": heartbeats.seen(session, "worker"),
            "clocks": heartbeats.seen(session, "clock"),
        }
        if "sending:read" in g.caller.scopes:
            shown["sending"] = attention.sending(session, heed().config.sender)
        if "alarms:read" in g.caller.scopes:
            shown |= {"alarms": attention.sounding(session), "kinds": KINDS}
        if "queue:read" in g.caller.scopes:
            shown["queue"] = attention.unsettled(session)
            shown["failed"] = attention.failed(session)
            shown["comparisons"] = attention.comparisons(session)
    return render_template("today.html", **shown)


def nothing_more(session: Session, now: datetime) -> dict[str, Any]:
    """Of a service whose first page shows what both show."""
    return {}


@blueprint.route("/sending/stop", methods=["GET", "POST"])
@page("sending:write")
def stop() -> AnyResponse | str:
    """Stop all sending: the second of two clicks, with the reason."""
    if request.method == "GET":
        return render_template("stop.html", errors={}, reason="")
    reason = request.form.get("reason", "")
    try:
        with heed().database.begin() as session:
            stops.stop(session, reason, g.caller.actor, clock.now(session))
    except Refused as refused:
        return render_template("stop.html", errors={"reason": sentence(refused)}, reason=reason)
    return done("/", "All sending is stopped.")


@blueprint.post("/sending/resume")
@page("sending:write")
def resume() -> AnyResponse:
    """Let sending go on: by another person than the one who stopped it."""
    with heed().database.begin() as session:
        if not stops.lift(session, g.caller.actor, clock.now(session)) and stops.standing(session):
            fail(409, "stopped-by-you", "You stopped sending yourself: another person lets it go on.")
    return done("/", "Sending goes on.")


@blueprint.post("/alarms/<int:alarm_id>/acknowledge")
@page("alarms:write")
def acknowledge(alarm_id: int) -> AnyResponse:
    """Say that one sees to an alarm."""
    with heed().database.begin() as session:
        if not alarms.acknowledge(session, alarm_id, g.caller.actor, clock.now(session)):
            fail(404, "not-found", "There is no such alarm any more: somebody else may have seen to it.")
    return done("/#alarms", "You see to this alarm.")


@blueprint.post("/queue/<int:text_id>/resolve")
@page("queue:write")
def resolve(text_id: int) -> AnyResponse:
    """Settle a text of which nobody knew whether it went out."""
    with heed().database.begin() as session:
        if not by_hand.resolve(
            heed(), session, text_id, sent=request.form.get("sent") == "yes", by=g.caller.actor
        ):
            fail(404, "not-found", "This text is settled already: evidence or somebody else was quicker.")
    return done("/#queue", "The text is settled.")
