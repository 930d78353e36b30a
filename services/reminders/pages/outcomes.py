"""What happened in court, entered by hand. Nothing here tells an arm, nor whether anybody was texted."""

from datetime import date, datetime
from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from services.common.acts import Refused
from services.common.times import london
from services.common.web.auth import heed
from services.common.web.fields import Fields
from services.common.web.files import as_file
from services.common.web.refusals import problem, sentence
from services.common.web.said import done
from services.common.web.signed_in import page
from services.reminders import outcome_history, outcomes_due, reason_words, typed
from services.reminders.acts import Act
from services.reminders.outcomes_due import Wanted
from services.reminders.pages.acting import LAST_ID, act, asked, courts
from services.reminders.shown import shown

blueprint = Blueprint("outcome_pages", __name__)
ROWS, FILE_ROWS = 50, 20_000
STATES = {
    "missing": "No result, and late",
    "pending": "No result yet",
    "recorded": "Recorded",
}


@blueprint.get("/outcomes")
@page("outcomes:write")
def index() -> str:
    """Hearing days that wait for an outcome, with their people; the look is written down."""
    given = Fields(request.args)
    wanted, after = _wanted(given), given.number("after") or 0
    rows = _rows(wanted, after, ROWS)
    following = rows[-1]["listing_id"] if len(rows) >= ROWS else None
    return render_template(
        "pages/outcomes.html",
        wanted=wanted,
        errors=given.errors,
        rows=rows,
        next=following,
        courts=courts(),
        states=STATES,
        words=reason_words,
    )


@blueprint.get("/outcomes.csv")
@page("outcomes:write")
def as_csv() -> AnyResponse:
    """The same days as a file that the upload takes back, filled in."""
    rows = _rows(_wanted(Fields(request.args)), 0, FILE_ROWS)
    return as_file(outcomes_due.to_csv(rows), "outcomes.csv")


@blueprint.route(f"/outcomes/<int(max={LAST_ID}):listing_id>", methods=["GET", "POST"])
@page("outcomes:write")
def enter(listing_id: int) -> AnyResponse | tuple[str, int] | str:
    """What happened on a day of one hearing, and everything written of it before."""
    given = Fields(request.form if request.method == "POST" else request.args)
    day = given.day("day")
    if request.method == "GET":
        return render_template("pages/outcome.html", **_hearing(listing_id), day=day, given={}, errors={})
    facts = {
        "attendance": given.choice("attendance", reason_words.ATTENDANCES, needed="Say whether they came."),
        "fta": given.choice("fta", reason_words.FAILURES, needed="Say whether they failed to appear."),
        "warrant": given.choice("warrant", reason_words.WARRANTS, needed="Say whether a warrant was issued."),
    }
    if not given.errors:
        try:
            with act() as one:
                typed.outcome(one, listing_id, day, facts)
        except Refused as refused:
            if refused.error == "not-found":
                problem(refused)
            field = {"contradiction": "fta"}.get(refused.error, "day")
            given.errors[field] = sentence(refused)
        else:
            return done(
                f"/outcomes/{listing_id}", "The outcome is recorded. What stood before is kept below it."
            )
    return render_template(
        "pages/outcome.html", **_hearing(listing_id), day=day, given=request.form, errors=given.errors
    ), 422


def _hearing(listing_id: int) -> dict[str, Any]:
    with asked() as one:
        row = one.listing(listing_id)
        person = one.person(row)
        one.record("outcomes-read", f"hearing:{row.id}", names=True)
        return {
            "row": row,
            "known": shown(one.heed, [person], show_people=True)[person.id],
            "days": _days(one, row.days),
            "written": list(reversed(outcome_history.history(one.session, row.id))),
            "words": reason_words,
        }


def _days(one: Act, days: list[dict[str, Any]]) -> list[date]:
    """The hearing's days that have begun, the latest first."""
    begun = {
        london(at).date()
        for at in (datetime.fromisoformat(day["starts_at"]) for day in days if not day["cancelled"])
        if at <= one.now
    }
    return sorted(begun, reverse=True)


def _wanted(given: Fields) -> Wanted:
    state: Any = given.choice("state", outcomes_due.STATES)
    return Wanted(state, given.choice("court", [code for code, _ in courts()]), given.day("date"))


def _rows(wanted: Wanted, after: int, limit: int) -> list[dict[str, Any]]:
    with act() as one:
        rows = outcomes_due.page(heed(), one.session, wanted, show_people=True, after=after, limit=limit)
        if rows:
            one.record("outcomes-read", "outcomes", rows=len(rows), names=True)
    return rows
