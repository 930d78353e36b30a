"""Pauses of courts, and days that are let go by hand."""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields

from services.common.web.auth import heed, requires
from services.reminders import pauses, pausing, releases
from services.reminders.api.acting import acting
from services.reminders.api.schemas import LAST_ID

blueprint = Blueprint("pauses", __name__, url_prefix="/v1", description="Pauses, and days let go by hand")


class NewPause(Schema):
    """Which court is paused, and when."""

    court = fields.String(
        load_default=None, allow_none=True, metadata={"description": "Court code; every court if left out"}
    )
    since = fields.Date(required=True)
    until = fields.Date(required=True, metadata={"description": "The last day"})
    reason = fields.String(
        required=True, metadata={"description": "It stands in the audit log: no names, no numbers"}
    )


class Pause(Schema):
    """No reminders for a court's hearings from one day to another, both included."""

    id = fields.Integer()
    court = fields.String(allow_none=True)
    since = fields.String()
    until = fields.String()
    reason = fields.String()
    by = fields.String()
    at = fields.String()
    ended_by = fields.String(allow_none=True)
    ended_at = fields.String(allow_none=True)


class Pauses(Schema):
    """Every pause there ever was."""

    pauses = fields.List(fields.Nested(Pause))


class Released(Schema):
    """A day that was let go."""

    day = fields.String()
    by = fields.String()
    at = fields.String()


class Release(Released):
    """A day let go now; `due` counts the texts that waited for it."""

    due = fields.Integer()


class Releases(Schema):
    """Every day that was let go, the latest first."""

    releases = fields.List(fields.Nested(Released))


class NewRelease(Schema):
    """The day to let go."""

    day = fields.Date(required=True)


@blueprint.get("/pauses")
@requires("pauses:read")
@blueprint.response(200, Pauses)
def every() -> Any:
    """Every pause, those that have ended too."""
    with heed().database.begin() as session:
        return {"pauses": [pauses.as_json(row) for row in pauses.every(session)]}


@blueprint.post("/pauses")
@requires("pauses:write")
@blueprint.arguments(NewPause)
@blueprint.response(201, Pause)
def add(given: dict[str, Any]) -> Any:
    """Pause a court, or every court; what was planned for those days is taken back."""
    with acting() as act:
        return pauses.as_json(
            pausing.add(act, given["court"], given["since"], given["until"], given["reason"])
        )


@blueprint.post(f"/pauses/<int(max={LAST_ID}):pause_id>/end")
@requires("pauses:write")
@blueprint.response(200, Pause)
def end(pause_id: int) -> Any:
    """End a pause; what is still of use is planned again."""
    with acting() as act:
        return pauses.as_json(pausing.end(act, pause_id))


@blueprint.get("/releases")
@requires("releases:read")
@blueprint.response(200, Releases)
def released() -> Any:
    """The days that were let go."""
    with heed().database.begin() as session:
        return {"releases": [releases.as_json(row) for row in releases.every(session)]}


@blueprint.post("/releases")
@requires("releases:write")
@blueprint.arguments(NewRelease)
@blueprint.response(201, Release)
def release(given: dict[str, Any]) -> Any:
    """Let a day's texts go; those that waited for it are due at once."""
    with acting() as act:
        row, due = releases.release(act, given["day"])
        return releases.as_json(row) | {"due": due}
