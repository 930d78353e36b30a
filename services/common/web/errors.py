"""One error shape everywhere: flask-smorest's envelope plus `error`, a stable word that programs may branch on."""

import re
from typing import Any, NoReturn

from flask import abort, current_app, make_response
from flask_smorest import Api
from marshmallow import Schema, fields
from werkzeug.exceptions import HTTPException

WORDS = {
    400: "bad-request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    409: "conflict",
    413: "too-large",
    415: "wrong-content-type",
    422: "invalid",
    429: "too-many-requests",
    500: "internal-error",
    503: "unavailable",
}
MESSAGES = {
    400: "The request cannot be read: send what /docs says of this call, JSON as JSON.",
    401: "Send the key as 'Authorization: Bearer <key>'.",
    404: "There is nothing at this address; /docs lists every call.",
    405: "This address takes another method; /docs lists every call.",
    413: "The body is over the size limit; split it.",
    422: "Some of it is not as it must be: `errors` names each place, and what it takes.",
    500: "Something failed here. Nothing was half-applied; try again, and quote the request id if it stays.",
}


class ErrorSchema(Schema):
    """The shape of every error."""

    code = fields.Integer(metadata={"description": "HTTP status"})
    status = fields.String(metadata={"description": "HTTP status in words"})
    error = fields.String(metadata={"description": "Stable word for programs"})
    message = fields.String(metadata={"description": "What to do next"})
    errors = fields.Dict(
        metadata={"description": "Messages by place: json, query, headers, then the field's path"}
    )


class HeedApi(Api):  # type: ignore[misc] # flask-smorest is untyped
    """flask-smorest's Api with our one addition to its error envelope."""

    ERROR_SCHEMA = ErrorSchema

    def handle_http_exception(self, error: HTTPException) -> Any:
        shown = current_app.extensions["problem_page"](error)  # None where a program asks
        if shown is not None:
            return make_response(*shown)
        payload, code, headers = super().handle_http_exception(error)
        data = getattr(error, "data", None) or {}
        payload["error"] = data.get("error") or WORDS.get(
            code or 500, re.sub(r"\W+", "-", payload["status"].lower())
        )
        payload.setdefault("message", MESSAGES.get(code or 500, error.description or ""))
        retry = getattr(error, "retry_after", None)
        if retry:
            headers = {**headers, "Retry-After": str(retry)}
        if code == 401:
            headers = {**headers, "WWW-Authenticate": 'Bearer realm="heed"'}
        return make_response(payload, code, headers)


def fail(code: int, error: str, message: str, **errors: Any) -> NoReturn:
    """Answer with an error: a stable word, and one sentence that says what to do."""
    try:
        abort(code)
    except HTTPException as raised:
        raised.data = {"error": error, "message": message} | ({"errors": errors} if errors else {})  # type: ignore[attr-defined]
        raise
