"""What the API answers to a request to send, and the faults of that answer."""

import os
import socket
import struct
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from services.sandbox.errors import TwilioError
from services.sandbox.faults import Fault
from services.sandbox.messages import Message
from services.sandbox.outbound import Outbound
from services.sandbox.progress import Progress
from services.sandbox.request import SendRequest
from services.sandbox.store import Store

BUSY_TIMES = 2


@dataclass(frozen=True, slots=True)
class Answers:
    """Accepts a text as asked, or as its fault will have it. `slow_seconds` is how long the slow answer takes."""

    outbound: Outbound
    progress: Progress
    store: Store
    slow_seconds: float

    def create(self, form: Mapping[str, str], environ: Mapping[str, Any]) -> Message:
        """The accepted text; `TwilioError` when refused, or when its fault makes the answer look like that."""
        request = self.outbound.read(form)
        fault = self.store.state.fault(request.to, request.body)
        name = fault.name if fault else ""
        if name == "slow-before" and not self.store.state.accepts(request.to, request.body):
            time.sleep(self.slow_seconds)
        try:
            message = self._take(request, fault)
        except TwilioError:
            if name == "reset-before":
                _reset(self, environ)
            raise
        if name == "callback-first":
            self.progress.send_now(message)
        else:
            self.progress.start(message)
        # Only the first acceptance of a text is answered badly: the second would hide whether it was a mistake.
        if name in SPOILS and self.store.state.accepts(message.to, message.body) == 1:
            SPOILS[name](self, environ)
        return message

    def _take(self, request: SendRequest, fault: Fault | None) -> Message:
        """Accept the text, or count the request among those that were not."""
        with self.store.lock:
            try:
                self._turn_away(request, fault)
                return self.outbound.accept(request, fault)
            except TwilioError:
                self.store.record("refused", to=request.to, body=request.body)
                raise

    def _turn_away(self, request: SendRequest, fault: Fault | None) -> None:
        times = TURNS_AWAY.get(fault.name, 0) if fault else 0
        if fault and self.store.state.refusals(request.to, request.body) < times:
            raise TwilioError(fault.code or 20500)


def _error(answers: Answers, environ: Mapping[str, Any]) -> None:
    raise TwilioError(20500)


def _connection(environ: Mapping[str, Any]) -> socket.socket | None:
    found = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    return found if isinstance(found, socket.socket) else None


def _silence(answers: Answers, environ: Mapping[str, Any]) -> None:
    """Cut the connection under the server: what it writes next goes nowhere."""
    connection = _connection(environ)
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)


def _reset(answers: Answers, environ: Mapping[str, Any]) -> None:
    """Reset the connection under the server (RST, where `_silence` ends it with FIN)."""
    connection = _connection(environ)
    if connection is None:
        return
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with socket.socket() as nowhere:
        # The last copy of the descriptor goes, and the kernel resets; the server finds one that is connected to nobody.
        os.dup2(nowhere.fileno(), connection.fileno(), inheritable=False)


def _slow(answers: Answers, environ: Mapping[str, Any]) -> None:
    time.sleep(answers.slow_seconds)


# Faults that accept nothing at first, and how often; and faults of the answer to a text that was accepted.
TURNS_AWAY = {"busy-twice": BUSY_TIMES, "error-before": 1, "reset-before": 1}
SPOILS: dict[str, Callable[[Answers, Mapping[str, Any]], None]] = {
    "error-after": _error,
    "answer-lost": _silence,
    "slow": _slow,
    "reset-after": _reset,
    "unlisted": _silence,
    "unseen": _silence,
}
