"""Feed pushes: kept first, answered 202, applied by a worker."""

from collections.abc import Sequence
from typing import Any

from flask import g, request, url_for
from flask_smorest import Blueprint
from sqlalchemy import select

from services.common.acts import Refused
from services.common.web.auth import heed, requires
from services.common.web.errors import fail
from services.common.work import wake
from services.reminders import deliveries
from services.reminders.api import schemas
from services.reminders.api.acting import refuse
from services.reminders.deliveries import IdempotencyConflict, Push, as_json, receive
from services.reminders.feeds.fields import identifier
from services.reminders.jobs import apply_delivery
from services.reminders.models import Delivery

blueprint = Blueprint("feeds", __name__, url_prefix="/v1/feeds", description="Court listings and results")
JSON = ("application/json",)
XML = ("application/xml", "text/xml")
CSV = ("text/csv", "application/csv")
WRITE = "listings:write"


def _keep(
    format_name: str, content_types: Sequence[str], *, event: str | None = None, hearing_id: str | None = None
) -> Any:
    """Store the body, wake a worker and say where to look."""
    kind = request.mimetype
    if content_types and kind not in content_types and not kind.endswith(("+json", "+xml")):
        fail(415, "wrong-content-type", f"Send it as {' or '.join(content_types)}.")
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 1 <= len(key) <= 255:
        fail(400, "bad-idempotency-key", "An Idempotency-Key has 1 to 255 characters.")
    if hearing_id is not None and identifier(hearing_id) is None:
        fail(400, "bad-hearing-id", "A hearing's id has letters, digits and hyphens, at most 64.")
    push = Push(
        body=request.get_data(cache=False),
        format=format_name,
        actor=g.caller.actor,
        event=event,
        hearing_id=identifier(hearing_id),
        idempotency_key=f"{g.caller.key_id}:{key}" if key else None,
    )
    if not push.body and event != "delete":
        fail(400, "empty-body", "The body is empty; send the message in it.")
    try:
        with heed().database.begin() as session:
            delivery = receive(heed(), session, push)
            number, answer = delivery.number, {"id": delivery.id}
    except IdempotencyConflict:
        fail(
            409,
            "idempotency-conflict",
            "This Idempotency-Key came before with another body; use a fresh key.",
        )
    wake(heed(), apply_delivery, number)
    return answer | {"url": url_for("feeds.delivery", delivery_id=answer["id"])}


@blueprint.post("/common-platform/hearing/<hearing_id>")
@requires(WRITE)
@blueprint.response(202, schemas.Acknowledged)
def update(hearing_id: str) -> Any:
    """Common Platform: a hearing is confirmed or updated."""
    return _keep("common-platform", JSON, event="update", hearing_id=hearing_id)


@blueprint.post("/common-platform/hearing/<hearing_id>/result")
@requires(WRITE)
@blueprint.response(202, schemas.Acknowledged)
def result(hearing_id: str) -> Any:
    """Common Platform: a hearing is resulted."""
    return _keep("common-platform", JSON, event="result", hearing_id=hearing_id)


@blueprint.delete("/common-platform/hearing/<hearing_id>/delete")
@requires(WRITE)
@blueprint.response(202, schemas.Acknowledged)
def delete(hearing_id: str) -> Any:
    """Common Platform: a hearing is deleted. There is no body."""
    return _keep("common-platform", (), event="delete", hearing_id=hearing_id)


@blueprint.post("/common-platform/messages")
@requires(WRITE)
@blueprint.response(202, schemas.Acknowledged)
def message() -> Any:
    """Common Platform inside an SNS envelope: hearingEventType says what it is."""
    return _keep("common-platform", (*JSON, "text/plain"))


@blueprint.post("/common-platform/list")
@requires(WRITE)
@blueprint.response(202, schemas.Acknowledged)
def common_platform_list() -> Any:
    """Common Platform's court list (JSON)."""
    return _keep("common-platform-list", JSON)


@blueprint.post("/cath")
@requires(WRITE)
@blueprint.response(202, schemas.Acknowledged)
def cath() -> Any:
    """A court list as CaTH publishes it (JSON)."""
    return _keep("cath", JSON)


@blueprint.post("/libra")
@requires(WRITE)
@blueprint.response(202, schemas.Acknowledged)
def libra() -> Any:
    """A Libra court list (XML), or one Libra case (JSON)."""
    return _keep("libra", (*XML, *JSON))


@blueprint.post("/spi")
@requires(WRITE)
@blueprint.response(202, schemas.Acknowledged)
def spi() -> Any:
    """An SPI new case or result (XML)."""
    return _keep("spi", XML)


@blueprint.post("/csv")
@requires(WRITE)
@blueprint.response(202, schemas.Acknowledged)
def csv() -> Any:
    """The office's own list (CSV)."""
    return _keep("csv", CSV)


@blueprint.post("/deliveries/<delivery_id>/replay")
@requires(WRITE)
@blueprint.response(202, schemas.Acknowledged)
def replay(delivery_id: str) -> Any:
    """Apply a push once more, after a fix. What came later stays: the replay counts as old as the push."""
    try:
        with heed().database.begin() as session:
            again = deliveries.replay(session, delivery_id, g.caller.actor)
            if again is None:
                fail(404, "not-found", "There is no delivery with this id.")
            number, answer = again.number, {"id": again.id}
    except Refused as refused:
        refuse(refused)
    wake(heed(), apply_delivery, number)
    return answer | {"url": url_for("feeds.delivery", delivery_id=answer["id"])}


@blueprint.get("/deliveries/<delivery_id>")
@requires(WRITE)
@blueprint.response(200, schemas.Delivery)
def delivery(delivery_id: str) -> Any:
    """What became of a push: status, counts, and each record left out with its place and reason."""
    with heed().database.begin() as session:
        row = session.scalar(select(Delivery).where(Delivery.id == delivery_id))
        if row is None:
            fail(404, "not-found", "There is no delivery with this id.")
        return as_json(row)
