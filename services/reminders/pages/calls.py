"""Whom to ring: the list, on paper and as a file, and what came of a call."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from services.common.times import full_moment, london
from services.common.web.auth import heed
from services.common.web.fields import Fields
from services.common.web.files import as_file
from services.common.web.reason import Asked, with_reason
from services.common.web.signed_in import page
from services.reminders import call_sheet, calls
from services.reminders.pages.acting import LAST_ID, act, asked, county

blueprint = Blueprint("call_pages", __name__)
DAYS = 7
ASKED: dict[str, Any] = {
    "follows": "What you write is kept encrypted with the call. They leave the list until their hearing moves.",
    "button": "Keep this",
    "back": "/calls",
    "done": "The call is noted.",
    "label": "What came of it",
    "hint": "At most 1,000 characters.",
    "long": True,
}


@blueprint.get("/calls")
@page("calls:read")
def index() -> str:
    """Whom to ring about the hearings of a day, or of the next days; the look is written down."""
    given = Fields(request.args)
    day = given.day("day")
    rows, until = _rows(day, "page")
    return render_template(
        "pages/calls.html",
        rows=rows,
        day=day,
        until=until,
        errors=given.errors,
        words=call_sheet.SAID,
        speaker=county().speaker,
    )


@blueprint.get("/calls.csv")
@page("calls:read")
def as_csv() -> AnyResponse:
    """The same people as a file."""
    rows, _ = _rows(Fields(request.args).day("day"), "csv")
    return as_file(call_sheet.to_csv(rows), "calls.csv")


@blueprint.get("/calls.html")
@page("calls:read")
def on_paper() -> AnyResponse:
    """The same people as a page for paper, with room to write; it opens from the disk and needs nothing from here."""
    rows, _ = _rows(Fields(request.args).day("day"), "paper")
    with act() as one:
        sheet = call_sheet.to_html(rows, county().speaker, one.now)
    return as_file(sheet, "calls.html", "text/html")


@blueprint.route(f"/calls/<int(max={LAST_ID}):call_id>/done", methods=["GET", "POST"])
@page("calls:write")
def done(call_id: int) -> AnyResponse | tuple[str, int] | str:
    """Somebody was rung about a move, or need not be."""

    def note(words: str) -> None:
        with act() as one:
            calls.done(one, call_id, words)

    return with_reason(Asked(heading="This call is made", **ASKED), note)


@blueprint.route(f"/calls/hearings/<int(max={LAST_ID}):listing_id>/rung", methods=["GET", "POST"])
@page("calls:write")
def rung(listing_id: int) -> AnyResponse | tuple[str, int] | str:
    """Somebody whom no text reaches was rung."""

    def note(words: str) -> None:
        with act() as one:
            calls.rung(one, listing_id, words)

    return with_reason(Asked(heading="This person was rung", about=_about(listing_id), **ASKED), note)


def _about(listing_id: int) -> str:
    """Which case and day it is, so that the call is noted with the right person."""
    with asked() as one:
        row = one.listing(listing_id)
        case = row.case_refs[0] if row.case_refs else "no case"
        return f"Case {case}, {full_moment(row.starts_at) if row.starts_at else 'no day'}"


def _rows(day: date | None, form: str) -> tuple[list[dict[str, Any]], date | None]:
    """The rows, and the last day that they reach to where no day is asked for."""
    with act() as one:
        until = None if day else london(one.now).date() + timedelta(days=DAYS)
        rows = calls.rows(heed(), county(), one.session, show_people=True, day=day, until=until)
        if rows:
            one.record("calls-read", "calls", rows=len(rows), form=form, names=True)
    return rows, until
