"""Pilots: lock a protocol, read its report."""

import re
from typing import Any

from flask import g, request
from flask_smorest import Blueprint
from sqlalchemy import select

from services.common import audit
from services.common.web.auth import heed, requires
from services.common.web.errors import fail
from services.reminders import pilots
from services.reminders.api import schemas
from services.reminders.models import Pilot

PILOT_ID = re.compile(r"[0-9]{1,18}")
blueprint = Blueprint("pilots", __name__, url_prefix="/v1/pilots", description="Pilots and their evaluation")


@blueprint.post("")
@requires("pilots:write")
@blueprint.response(201, schemas.PilotCreated)
def create() -> Any:
    """Lock a protocol (JSON, the same content as the YAML file)."""
    if not request.is_json:
        fail(415, "wrong-content-type", "Send the protocol as application/json.")
    content = request.get_json()
    try:
        with heed().database.begin() as session:
            pilot = pilots.lock(session, content if isinstance(content, dict) else {}, g.caller.actor)
            return {"id": pilot.id, "name": pilot.name, "hash": pilot.hash}
    except pilots.ProtocolError as error:
        fail(422, "bad-protocol", str(error))


@blueprint.get("/<name>/evaluation")
@requires("evaluation:read")
@blueprint.response(200)
def evaluation(name: str) -> Any:
    """The pilot's report, by its name or id."""
    from services.reminders import assembly  # noqa: PLC0415 - statsmodels and scipy take two seconds to load
    from services.reminders.evaluation.report import pilot_report  # noqa: PLC0415

    with heed().database.begin() as session:
        pilot = session.scalar(select(Pilot).where(Pilot.name == name))
        if pilot is None and PILOT_ID.fullmatch(name):
            pilot = session.get(Pilot, int(name))
        if pilot is None:
            fail(404, "not-found", "There is no pilot with this name.")
        counted = assembly.counts(session, pilot)
        audit.record(session, g.caller.actor, "pilot-evaluated", f"pilot:{pilot.id}", hash=pilot.hash)
    return pilot_report(counted)
