"""The edge for tests and the demo: what the carrier accepted, texts from handsets, the handsets' clock, a reset.

For this machine alone, without a key. JSON in, JSON out; a mistake is 400 with {"error", "message"}.
"""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest, HTTPException

from services.sandbox import guard
from services.sandbox.carrier import carrier
from services.sandbox.control import accepted, listed
from services.sandbox.inbound import InboundError
from services.sandbox.labels import LONDON

# Twilio gives a webhook up after 15 s; the rest is for a queue of other webhooks before it.
WEBHOOK_PATIENCE_SECONDS = 60.0

blueprint = Blueprint("control_api", __name__, url_prefix="/sandbox")
blueprint.before_request(lambda: guard.require_loopback(carrier().config))
blueprint.before_request(guard.require_same_origin)


@blueprint.get("/messages")
def messages() -> Response:
    """Texts by sequence number, oldest first: filters to, from, direction, since (a sequence number), limit."""
    since, limit = request.args.get("since", 0, type=int), request.args.get("limit", type=int)
    return jsonify(listed(carrier().store.state, request.args, max(since, 0), limit))


@blueprint.get("/accepted")
def accepted_counts() -> Response:
    """How often each (to, body) was accepted; with `to`, for that number alone."""
    return jsonify(accepted(carrier().store.state, request.args.get("to")))


@blueprint.post("/inbound")
def inbound() -> Response:
    """Send a text from a handset and wait for what its webhook comes to."""
    given = _body("from", "to", "body")
    sid = given.get("sid")
    if sid is not None and not _is_sid(sid):
        raise BadRequest("sid must be SM and 32 hexadecimal digits")
    sent = carrier().inbound.send(given["from"], given["to"], given["body"], sid)
    sent.wait(WEBHOOK_PATIENCE_SECONDS)
    message = sent.message
    return jsonify(sid=message.sid, status_code=message.answer_status, attempts=message.answer_tries)


@blueprint.post("/clock")
def set_clock() -> Response:
    """Set the time that handsets show from now on, as {"now": ISO 8601 with an offset}; it runs on from there.

    Only what a person sees moves. The API's dates stay real: no customer can set a carrier's clock, and the services
    settle a doubtful request by comparing those dates with the real time of the request.
    """
    try:
        moment = datetime.fromisoformat(_body("now")["now"])
    except ValueError:
        raise BadRequest("now is not an ISO 8601 time") from None
    if moment.tzinfo is None:
        raise BadRequest("now needs an offset from UTC")
    one = carrier()
    one.store.set_clock(moment.timestamp())
    one.progress.clock_moved()
    return clock()


@blueprint.get("/clock")
def clock() -> Response:
    """The time that handsets show, and how far it is from the real one."""
    store = carrier().store
    shown = datetime.fromtimestamp(store.shown_now(), LONDON)
    return jsonify(now=shown.isoformat(timespec="seconds"), offset_seconds=round(store.state.clock_offset, 3))


@blueprint.post("/callbacks")
def switch_callbacks() -> Response:
    """Turn status callbacks on or off: {"on": bool}. Those already under way still go out."""
    switched = _body().get("on")
    if not isinstance(switched, bool):
        raise BadRequest("on must be true or false")
    carrier().store.record("callbacks", on=switched)
    return callbacks()


@blueprint.get("/callbacks")
def callbacks() -> Response:
    """Whether status callbacks are on, and how all webhooks fared since the start."""
    one = carrier()
    return jsonify(
        on=one.callbacks.on,
        waiting=one.webhooks.waiting(),
        delivered=one.webhooks.delivered,
        given_up=one.webhooks.given_up,
    )


@blueprint.post("/faults")
def set_rates() -> Response:
    """Faults for all other traffic: {"seed": int, "rates": {name of a fault: share of texts}}; {} ends them."""
    given = _body()
    seed, shares = given.get("seed", 0), given.get("rates", {})
    if not isinstance(seed, int) or not isinstance(shares, dict):
        raise BadRequest("seed must be a whole number and rates an object")
    if not all(isinstance(share, int | float) for share in shares.values()):
        raise BadRequest("every rate must be a number from 0 to 1")
    try:
        carrier().set_rates(seed, shares)
    except ValueError as error:
        raise BadRequest(str(error)) from None
    return faults()


@blueprint.get("/faults")
def faults() -> Response:
    """Which faults are set: for numbers, and for all other traffic."""
    state = carrier().store.state
    return jsonify(seed=state.rates.seed, rates=dict(state.rates.shares), numbers=state.chosen.copy())


@blueprint.post("/fault")
def choose_fault() -> Response:
    """The fault of one number: {"number", "fault": a fault's name}; "" gives the number its own back."""
    given = _body("number", "fault")
    try:
        carrier().choose_fault(given["number"], given["fault"])
    except ValueError as error:
        raise BadRequest(str(error)) from None
    return faults()


@blueprint.post("/reset")
def reset() -> tuple[str, int]:
    """Forget everything: 204."""
    carrier().reset()
    return "", 204


@blueprint.errorhandler(InboundError)
def refuse_inbound(error: InboundError) -> tuple[Response, int]:
    return jsonify(error="not_sent", message=str(error)), 400


@blueprint.errorhandler(HTTPException)
def refuse_http(error: HTTPException) -> tuple[Response, int]:
    name = error.name.lower().replace(" ", "_")
    return jsonify(error=name, message=error.description or error.name), error.code or 500


def _body(*required: str) -> dict[str, Any]:
    """The JSON object sent, with these fields as strings. Asking for JSON's content type keeps forms of other sites
    out: a browser will not send it across sites without our leave."""
    given = request.get_json()
    if not isinstance(given, dict):
        raise BadRequest("a JSON object is needed")
    missing = [name for name in required if not isinstance(given.get(name), str)]
    if missing:
        raise BadRequest(f"{missing[0]} is missing or not a string")
    return given


def _is_sid(given: Any) -> bool:
    return (
        isinstance(given, str)
        and len(given) == 34
        and given.startswith("SM")
        and set(given[2:]) <= set("0123456789abcdef")
    )
