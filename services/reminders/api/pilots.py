"""Pilots: lock a protocol, read its report, audit its assignments, export its rows; and the county's page of attendance."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Response, current_app, g, request
from flask_smorest import Blueprint
from marshmallow import EXCLUDE, Schema, fields, validate
from sqlalchemy.orm import Session

from services.common.acts import Refused
from services.common.web.auth import heed, requires
from services.common.web.errors import fail
from services.reminders import pilots
from services.reminders.api import schemas
from services.reminders.api.acting import refuse

blueprint = Blueprint("pilots", __name__, url_prefix="/v1", description="Pilots and their evaluation")


class Evaluation(Schema):
    """Which report, and in which form."""

    class Meta:
        unknown = EXCLUDE

    look = fields.Integer(load_default=None, validate=validate.Range(min=1))
    format = fields.String(load_default="json", validate=validate.OneOf(["json", "html"]))


class UnplannedLook(Schema):
    """Why the arms must be seen now."""

    reason = fields.String(required=True)


class Recipient(Schema):
    """Who gets the rows."""

    class Meta:
        unknown = EXCLUDE

    recipient = fields.String(required=True)


class Form(Schema):
    """How to answer."""

    class Meta:
        unknown = EXCLUDE

    format = fields.String(load_default="json", validate=validate.OneOf(["json", "csv", "html"]))


class Audited(Schema):
    """Whether every assignment is as the lot drew it."""

    whole = fields.Boolean()
    assignments = fields.Integer()
    breaks = fields.List(fields.String())


@blueprint.post("/pilots")
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
        fail(422, "bad-protocol", str(error), json=error.fields)


@blueprint.get("/pilots/<name>/evaluation")
@requires("evaluation:read")
@blueprint.arguments(Evaluation, location="query")
@blueprint.response(200)
def evaluation(query: dict[str, Any], name: str) -> Any:
    """The pilot's report, by its name or id; between looks without any arm. With `look`, an earlier look's report again."""
    from services.reminders import evaluating  # noqa: PLC0415 - statsmodels and scipy take two seconds to load

    with _asked() as session:
        pilot = evaluating.named(session, name)
        if query["look"]:
            report = evaluating.earlier(session, pilot, query["look"], g.caller.actor)
        else:
            report = evaluating.evaluate(session, pilot, g.caller.actor)
    return _page(report) if query["format"] == "html" else report


@blueprint.post("/pilots/<name>/looks")
@requires("looks:write")
@blueprint.arguments(UnplannedLook)
@blueprint.response(201)
def look(body: dict[str, Any], name: str) -> Any:
    """See the arms though no look is planned now; every verdict from then on is exploratory."""
    from services.reminders import evaluating  # noqa: PLC0415 - as above

    with _asked() as session:
        return evaluating.evaluate(
            session, evaluating.named(session, name), g.caller.actor, unplanned=body["reason"]
        )


@blueprint.get("/pilots/<name>/audit")
@requires("evaluation:read")
@blueprint.response(200, Audited)
def audit(name: str) -> Any:
    """Derive every assignment again, from the seed and the recorded order."""
    from services.reminders import evaluating, pilot_audit  # noqa: PLC0415 - as above

    with _asked() as session:
        count, breaks = pilot_audit.audit(session, evaluating.named(session, name))
    return {"whole": not breaks, "assignments": count, "breaks": breaks}


@blueprint.get("/pilots/<name>/people.csv")
@requires("exports:read")
@blueprint.arguments(Recipient, location="query")
@blueprint.response(200, content_type="text/csv")
def people(query: dict[str, Any], name: str) -> Any:
    """The rows behind the figures, nobody in them, for a named recipient; from the last planned look on."""
    from services.reminders import evaluating, exporting  # noqa: PLC0415 - as above

    with _asked() as session:
        pilot = evaluating.named(session, name)
        mark, rows = exporting.export(session, pilot, g.caller.actor, query["recipient"])
    answer = Response(rows, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{mark}.csv"'
    return answer


@blueprint.get("/performance")
@requires("performance:read")
@blueprint.arguments(Form, location="query")
@blueprint.response(200)
def performance(query: dict[str, Any]) -> Any:
    """Attendance, failures and warrants by court and quarter, small counts hidden: fit for publication."""
    from services.reminders import performance as county_page  # noqa: PLC0415 - as above

    with heed().database.begin() as session:
        county = current_app.extensions["county"]
        figures = county_page.page(session, county, synthetic=heed().sandbox)
    if query["format"] == "csv":
        return Response(county_page.as_csv(figures), mimetype="text/csv")
    if query["format"] == "html":
        return Response(county_page.as_html(figures), mimetype="text/html")
    return figures


@contextmanager
def _asked() -> Iterator[Session]:
    """The caller's transaction; a refusal leaves nothing of it."""
    try:
        with heed().database.begin() as session:
            yield session
    except Refused as refused:
        refuse(refused)


def _page(report: dict[str, Any]) -> Response:
    from services.common.report.forms import as_html  # noqa: PLC0415 - as above
    from services.reminders.evaluation import charts  # noqa: PLC0415
    from services.reminders.evaluation.report_document import document  # noqa: PLC0415

    return Response(as_html(document(report), charts.of(report)), mimetype="text/html")
