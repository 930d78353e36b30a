"""Takes texts from the services: the acceptance that the REST API answers with 201, and changes afterwards."""

import time
from collections.abc import Mapping

from services.sandbox.config import Config
from services.sandbox.errors import TwilioError
from services.sandbox.faults import Fault
from services.sandbox.messages import OUTBOUND_API, Message
from services.sandbox.progress import Progress
from services.sandbox.request import SendRequest, parse
from services.sandbox.store import Store


class Outbound:
    """Accepts, redacts, cancels and deletes."""

    def __init__(self, config: Config, store: Store, progress: Progress) -> None:
        self._config = config
        self._store = store
        self._progress = progress

    def read(self, form: Mapping[str, str]) -> SendRequest:
        """The request in a form, or the `TwilioError` that refuses it."""
        return parse(form, self._config, time.time())

    def accept(self, request: SendRequest, fault: Fault | None) -> Message:
        """Journal the text and answer for it; it does not move until `Progress.start`."""
        with self._store.lock:
            if (request.sender, request.to) in self._store.state.opt_outs:
                raise TwilioError(21610)
            if fault is not None and fault.stage == "refusal" and fault.code is not None:
                raise TwilioError(fault.code, request.to)
            return self._store.add(
                direction=OUTBOUND_API,
                status="queued" if request.send_at is None else "scheduled",
                to=request.to,
                sender=request.sender,
                body=request.body,
                callback=request.callback,
                service=request.service,
                valid_for=request.valid_for,
                send_at=request.send_at,
                fault=fault.name if fault else "",
            )

    def find(self, sid: str, path: str) -> Message:
        """The text under this sid; `TwilioError` 20404 naming the path when there is none."""
        message = self._store.visible(sid)
        if message is None:
            raise TwilioError(20404, path)
        return message

    def update(self, message: Message, form: Mapping[str, str]) -> Message:
        """`Body=` (empty) redacts a finished text, `Status=canceled` calls off a scheduled one."""
        if form.get("Body"):
            raise TwilioError(20001, "Body")
        if form.get("Status", "canceled") != "canceled":
            raise TwilioError(20001, "Status")
        if "Status" in form and self._store.cancel(message.sid) is None:
            raise TwilioError(30409)
        if "Body" in form:
            self._require_final(message)
            self._store.record("redacted", sid=message.sid, at=time.time())
        return message

    def delete(self, message: Message) -> None:
        """Take a finished text out of the API."""
        self._require_final(message)
        self._store.record("deleted", sid=message.sid)

    @staticmethod
    def _require_final(message: Message) -> None:
        if not message.is_final:
            raise TwilioError(20009)
