"""What the feeds brought: deliveries, what was left out of each and why, and applying one again."""

from flask import Blueprint, g, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from services.common.spreadsheet import to_csv
from services.common.web.auth import heed
from services.common.web.errors import fail
from services.common.web.fields import Fields
from services.common.web.files import as_file
from services.common.web.said import done
from services.common.web.signed_in import page
from services.common.work import wake
from services.reminders import deliveries, delivery_list
from services.reminders.delivery_list import Wanted
from services.reminders.feeds.parse import FORMATS
from services.reminders.jobs import apply_delivery

blueprint = Blueprint("feed_pages", __name__)
ROWS, REJECTIONS = 50, 500


@blueprint.get("/feeds")
@page("listings:write")
def index() -> str:
    """Deliveries, the latest first."""
    given = Fields(request.args)
    wanted = Wanted(
        given.choice("format", FORMATS) or "",
        given.choice("status", delivery_list.STATUSES),
        given.day("day"),
    )
    before = given.number("after")
    with heed().database.begin() as session:
        rows = delivery_list.page(session, wanted, before=before, limit=ROWS)
    return render_template(
        "pages/feeds.html",
        wanted=wanted,
        errors=given.errors,
        rows=rows,
        formats=[("", "Any"), *((one, one) for one in FORMATS if one != "auto")],
        next=rows[-1]["number"] if len(rows) == ROWS else None,
    )


@blueprint.get("/feeds/<delivery_id>")
@page("listings:write")
def one(delivery_id: str) -> str:
    """One delivery with everything that was left out of it."""
    with heed().database.begin() as session:
        found = delivery_list.one(session, delivery_id)
    if found is None:
        fail(404, "not-found", "There is no delivery with this number.")
    return render_template("pages/delivery.html", one=found, most=REJECTIONS)


@blueprint.get("/feeds/<delivery_id>/rejections.csv")
@page("listings:write")
def rejections(delivery_id: str) -> AnyResponse:
    """What was left out, as a file for whoever keeps the record at its source."""
    with heed().database.begin() as session:
        found = delivery_list.one(session, delivery_id)
    if found is None:
        fail(404, "not-found", "There is no delivery with this number.")
    lines = [(one["where"], one["code"], one["reason"]) for one in found["rejections"]]
    return as_file(to_csv(("where", "code", "reason"), lines), "rejections.csv")


@blueprint.post("/feeds/<delivery_id>/replay")
@page("listings:write")
def replay(delivery_id: str) -> AnyResponse:
    """Apply a delivery once more, after a fix."""
    with heed().database.begin() as session:
        again = deliveries.replay(session, delivery_id, g.caller.actor)
        if again is None:
            fail(404, "not-found", "There is no delivery with this number.")
        number, new = again.number, again.id
    wake(heed(), apply_delivery, number)
    return done(
        f"/feeds/{new}", "It is applied once more. It counts as old as the first one: what came later stays."
    )
