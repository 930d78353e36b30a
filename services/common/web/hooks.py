"""The carrier's webhooks: verify over the configured public URL, store, commit, wake, answer (SENDING §3).

Anything but a true signature is 403, whatever else is wrong with the request; repeated webhooks answer the same and do nothing.
"""

import re
from collections.abc import Callable

from flask import Blueprint, Response, request

from services.common import inbound
from services.common.context import Heed
from services.common.logs import log
from services.common.outbox import callbacks
from services.common.outbox.states import CARRIER_ORDER
from services.common.web.auth import heed, open_to_all
from services.common.web.errors import fail
from services.common.work import Job, wake_once

BODY_MOST = 64 * 1024
SID = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")
CODE = re.compile(r"[0-9]{1,9}")
TOKEN = re.compile(r"[A-Za-z0-9_-]{10,64}")
TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
OPT_OUT_TYPES = frozenset({"STOP", "START", "HELP"})


def blueprint(handle: Job) -> Blueprint:
    """The two webhooks; `handle` is the service's job that understands every text that waits."""
    hooks = Blueprint("twilio", __name__, url_prefix="/twilio")

    @hooks.post("/inbound")
    @open_to_all("verified by the carrier's signature")
    def inbound_text() -> Response:
        service = heed()
        form = _verified(service, f"{service.config.public_url}/twilio/inbound")
        sender, to, body = form("From"), form("To"), form("Body")
        if to != service.config.sender:
            fail(403, "wrong-number", "This webhook is about a number that is not this service's sender.")
        with service.database.once() as connection:
            kept = inbound.keep(
                service,
                connection,
                sid=_sid(form),
                sender=sender,
                to=to,
                body=body,
                opt_out_type=form("OptOutType") if form("OptOutType") in OPT_OUT_TYPES else None,
            )
        if kept is not None:
            wake_once(service, handle)
        return Response(TWIML, mimetype="text/xml")

    @hooks.post("/status/<token>")
    @open_to_all("verified by the carrier's signature")
    def status(token: str) -> Response:
        service = heed()
        form = _verified(service, f"{service.config.public_url}/twilio/status/{token}")
        word = form("MessageStatus").lower()
        if word not in CARRIER_ORDER or not TOKEN.fullmatch(token):
            log.warning("unknown-status")
            return Response(status=204)
        code = form("ErrorCode")
        with service.database.begin() as session:
            outcome = callbacks.status(
                service, session, token, _sid(form), word, int(code) if CODE.fullmatch(code) else None
            )
        if outcome == "unknown":
            log.warning("callback-for-no-attempt")
        return Response(status=204)

    return hooks


def _verified(service: Heed, url: str) -> Callable[[str], str]:
    """The form's fields, once the signature over the public URL is true and the account is ours. Else 403, 413 or 415."""
    request.max_content_length = BODY_MOST
    raw = request.get_data(cache=True)
    signature = request.headers.get("X-Twilio-Signature", "")
    if not service.carrier.verified(url, raw, signature):
        fail(
            403,
            "bad-signature",
            "The signature does not match the configured public URL and token; see docs/operations.",
        )
    form = request.form
    if form.get("AccountSid") != service.settings.account_sid:
        fail(403, "wrong-account", "This webhook names another account.")
    return lambda name: (form.get(name) or "").replace("\x00", "")


def _sid(form: Callable[[str], str]) -> str:
    sid = form("MessageSid")
    if not SID.fullmatch(sid):
        fail(400, "bad-sid", "MessageSid must be SM or MM and 32 hexadecimal digits.")
    return sid
