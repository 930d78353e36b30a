"""Everything that waits for a person: where it is, and how much of it."""

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from services.common import clock, on_duty
from services.common.web.auth import heed
from services.common.web.fields import Fields
from services.common.web.said import done
from services.common.web.signed_in import page
from services.reminders import merging, needs, reason_words, review
from services.reminders.pages.acting import LAST_ID, act, asked

blueprint = Blueprint("needs_pages", __name__)
PAIRS, DECISIONS = 50, 50


@blueprint.get("/needs")
@page("inbox:read")
def index() -> str:
    """What waits for a person."""
    with heed().database.begin() as session:
        found = needs.counts(session, clock.now(session))
        overdue = sum(one["overdue"] for one in on_duty.waiting(heed(), session))
    return render_template("pages/needs.html", needs=found, overdue=overdue, words=reason_words)


@blueprint.get("/needs/records")
@page("people:read")
def records() -> str:
    """Pairs of records that may be one human, and what was decided; the look is written down."""
    with act() as one:
        pairs = review.suggestions(one.heed, one.session, show_people=True, limit=PAIRS)
        if pairs:
            one.record("suggestions-read", "people", rows=len(pairs), names=True)
        decided = [review.as_json(row) for row in review.decisions(one.session, DECISIONS)]
    undone = {row["undoes"] for row in decided}
    return render_template(
        "pages/records.html", pairs=pairs, most=PAIRS, decided=decided, undone=undone, words=reason_words
    )


@blueprint.post("/needs/records/same")
@page("people:write")
def same() -> AnyResponse:
    """Two records are one human."""
    kept, other = _pair()
    with asked() as one:
        merging.merge(one, kept, other)
    return done(
        "/needs/records", f"Record {other} is part of record {kept} now. The decision can be undone below."
    )


@blueprint.post("/needs/records/different")
@page("people:write")
def different() -> AnyResponse:
    """Two records are two people."""
    kept, other = _pair()
    with asked() as one:
        review.different(one, kept, other)
    return done("/needs/records", f"Records {kept} and {other} are two people: they are not suggested again.")


@blueprint.post(f"/needs/records/<int(max={LAST_ID}):decision_id>/split")
@page("people:write")
def split(decision_id: int) -> AnyResponse:
    """Undo a merge."""
    with asked() as one:
        merging.split(one, decision_id)
    return done("/needs/records", "The merge is undone: exactly what it moved has gone back.")


def _pair() -> tuple[int, int]:
    given = Fields(request.form)
    return given.number("kept") or 0, given.number("other") or 0
