"""The edge that speaks Twilio's REST API, version 2010-04-01: the Messages resource."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from services.sandbox import guard, listing
from services.sandbox.carrier import carrier
from services.sandbox.errors import TwilioError
from services.sandbox.payload import API_VERSION, message_json

PREFIX = f"/{API_VERSION}/Accounts/"
blueprint = Blueprint("twilio_api", __name__, url_prefix=f"{PREFIX}<account_sid>")


@blueprint.before_request
def authenticate() -> None:
    """Basic authentication with the account's sid and a token, on this account's own address."""
    config = carrier().config
    if not guard.knows_account(config):
        raise TwilioError(20003)
    if (request.view_args or {}).get("account_sid") != config.account_sid:
        raise TwilioError(20404, request.path)


@blueprint.post("/Messages.json")
def create(account_sid: str) -> tuple[Response, int]:
    """Accept a text: 201 and the Message, status "queued"."""
    message = carrier().answers.create(request.form, request.environ)
    return _message(message_json(account_sid, message) | _as_accepted(message.send_at)), 201


@blueprint.get("/Messages.json")
def list_messages(account_sid: str) -> Response:
    """One page of texts, newest first."""
    state = carrier().store.state
    return jsonify(listing.page(account_sid, state, listing.parse(request.args, state), request.args))


@blueprint.get("/Messages/<sid>.json")
def fetch(account_sid: str, sid: str) -> Response:
    """One text."""
    return _message(message_json(account_sid, carrier().outbound.find(sid, request.path)))


@blueprint.post("/Messages/<sid>.json")
def update(account_sid: str, sid: str) -> Response:
    """Redact a finished text, or cancel a scheduled one."""
    outbound = carrier().outbound
    message = outbound.update(outbound.find(sid, request.path), request.form)
    return _message(message_json(account_sid, message))


@blueprint.delete("/Messages/<sid>.json")
def delete(account_sid: str, sid: str) -> tuple[str, int]:
    """Take a finished text out of the API: 204."""
    outbound = carrier().outbound
    outbound.delete(outbound.find(sid, request.path))
    return "", 204


def refuse(error: TwilioError) -> Response:
    """Twilio's error JSON, with the headers that go with its status."""
    response = jsonify(error.body())
    response.status_code = error.status
    if error.status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
    if error.status == 429:
        response.headers["Retry-After"] = "1"
    return response


def refuse_http(error: HTTPException) -> Response:
    """The framework's own refusals (no such path, wrong method, too large) in Twilio's JSON."""
    if error.code == 405:
        return refuse(TwilioError(20004))
    if error.code == 404:
        return refuse(TwilioError(20404, request.path))
    response = jsonify(
        code=error.code, message=error.name, more_info="https://www.twilio.com/docs/errors", status=error.code
    )
    response.status_code = error.code or 500
    return response


def _message(payload: Mapping[str, Any]) -> Response:
    return jsonify(payload)


def _as_accepted(send_at: float | None) -> dict[str, Any]:
    """What the answer to a request says whatever happened to the text meanwhile: Twilio answers before it sends."""
    return {"status": "queued" if send_at is None else "scheduled", "date_sent": None, "error_code": None}
