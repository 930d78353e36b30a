"""Hearings, outcomes typed by hand, and what will go out."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import current_app, g, request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from services.common import audit
from services.common.web.auth import heed, requires
from services.common.web.errors import fail
from services.reminders import hearings, typed
from services.reminders.api import schemas
from services.reminders.api.acting import acting, shown
from services.reminders.api.schemas import LAST_ID
from services.reminders.models import Listing

blueprint = Blueprint("hearings", __name__, url_prefix="/v1", description="Hearings and their outcomes")
READ = "hearings:read"
P = ParamSpec("P")
R = TypeVar("R")


def _json_only(view: Callable[P, R]) -> Callable[P, R]:
    @wraps(view)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        if not request.is_json:
            fail(415, "wrong-content-type", "Send the outcome as application/json.")
        return view(*args, **kwargs)

    return checked


@blueprint.get("/hearings")
@requires(READ)
@blueprint.arguments(schemas.HearingsQuery, location="query")
@blueprint.response(200, schemas.Hearings)
def index(query: dict[str, Any]) -> Any:
    """Every person listed for every hearing, by court and day, a page at a time."""
    with heed().database.begin() as session:
        found = hearings.find(
            session, court=query["court"], day=query["date"], after=query["after"], limit=query["limit"]
        )
        more = found[-1].id if len(found) == query["limit"] else None
        return {"hearings": _shown(session, found), "next": more}


@blueprint.get(f"/hearings/<int(max={LAST_ID}):listing_id>")
@requires(READ)
@blueprint.response(200, schemas.Hearing)
def one(listing_id: int) -> Any:
    """One person's listing."""
    with heed().database.begin() as session:
        return _shown(session, [_listing(session, listing_id)])[0]


@blueprint.post(f"/hearings/<int(max={LAST_ID}):listing_id>/outcome")
@requires("outcomes:write")
@_json_only
@blueprint.arguments(schemas.DayOutcome)
@blueprint.response(200, schemas.Hearing)
def outcome(facts: dict[str, Any], listing_id: int) -> Any:
    """Record by hand what happened; the arm is never shown to whoever does."""
    day = facts.pop("day")
    with acting() as act:
        return shown(act, typed.outcome(act, listing_id, day, facts))


@blueprint.get("/reminders")
@requires(READ)
@blueprint.arguments(schemas.DueQuery, location="query")
@blueprint.response(200, schemas.Due)
def reminders(query: dict[str, Any]) -> Any:
    """Exactly what will go out and what will not, rendered by the code that sends."""
    with heed().database.begin() as session:
        county = current_app.extensions["county"]
        return hearings.preview(heed(), county, session, since=query["at"], until=query["until"])


def _listing(session: Session, listing_id: int) -> Listing:
    row = session.get(Listing, listing_id)
    if row is None:
        fail(404, "not-found", "There is no hearing with this id.")
    return row


def _shown(session: Session, found: list[Listing]) -> list[dict[str, Any]]:
    show = heed().sandbox
    if not show and found:
        audit.record(session, g.caller.actor, "hearings-read", "hearings", rows=len(found))
    return hearings.rows(heed(), session, found, show_people=show)
