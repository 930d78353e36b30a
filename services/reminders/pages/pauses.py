"""Courts that are paused, and days whose texts a person lets go."""

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from services.common import clock
from services.common.acts import Refused
from services.common.web.auth import heed
from services.common.web.fields import Fields
from services.common.web.refusals import problem, sentence
from services.common.web.said import done
from services.common.web.signed_in import page
from services.reminders import pauses, pausing, releases, upcoming
from services.reminders.pages.acting import LAST_ID, act, asked, county, courts
from services.reminders.plan import standing

blueprint = Blueprint("pause_pages", __name__)
EVERY = "every"  # chosen on purpose: nobody pauses the county by leaving a field as it was
Answer = AnyResponse | tuple[str, int] | str


@blueprint.get("/pauses")
@page("pauses:read")
def index() -> str:
    """Every pause, those that stand first; and the days to let go."""
    return _shown({}, {})


@blueprint.post("/pauses")
@page("pauses:write")
def add() -> Answer:
    """Pause a court, or every court."""
    given = Fields(request.form)
    court = given.choice("court", [EVERY, *county().courts], needed="Choose a court, or every court.")
    since = given.day("since", needed="Write the first day.")
    until = given.day("until", needed="Write the last day.")
    reason = given.text("reason", needed="Say why.", most=300)
    if not given.errors and since and until:
        try:
            with act() as one:
                pausing.add(one, "" if court == EVERY else court, since, until, reason)
        except Refused as refused:
            field = {"bad-days": "until", "unknown-court": "court"}.get(refused.error, "reason")
            given.errors[field] = sentence(refused)
        else:
            return done("/pauses", "The court is paused. What was planned for these days is taken back.")
    return _shown(request.form.to_dict(), given.errors), 422


@blueprint.post(f"/pauses/<int(max={LAST_ID}):pause_id>/end")
@page("pauses:write")
def end(pause_id: int) -> AnyResponse:
    """End a pause."""
    with asked() as one:
        pausing.end(one, pause_id)
    return done("/pauses", "The pause is over. What is still of use is planned again.")


@blueprint.post("/releases")
@page("releases:write")
def release() -> AnyResponse:
    """Let a day's texts go."""
    given = Fields(request.form)
    day = given.day("day", needed="Choose a day.")
    if day is None:
        problem(Refused("bad-day", given.errors["day"]))
    with asked() as one:
        _, due = releases.release(one, day)
    return done("/pauses#days", f"The day is released. Texts that go out now: {due}.")


def _shown(given: dict[str, str], errors: dict[str, str]) -> str:
    with heed().database.begin() as session:
        now = clock.now(session)
        rows = [pauses.as_json(row) for row in pauses.every(session)]
        released = {row.day: releases.as_json(row) for row in releases.every(session)}
        planned = upcoming.days(session, now)
    how = [(one, standing(county().release, one.day), released.get(one.day)) for one in planned]
    return render_template(
        "pages/pauses.html",
        standing=[row for row in rows if row["ended_at"] is None],
        over=[row for row in reversed(rows) if row["ended_at"] is not None][:100],
        days=how,
        by_hand=any(way == "by-hand" for _, way, _ in how),
        choices=[("", "Choose"), *((code or EVERY, name) for code, name in courts())],
        names=dict(courts()),
        given=given,
        errors=errors,
        release=county().release,
    )
