"""What the API answers to a request to send, and the faults of that answer."""

import socket
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
        fault = self.outbound.fault(request)
        name = fault.name if fault else ""
        if fault and name in TURNS_AWAY:
            self._turn_away(request, fault, TURNS_AWAY[name])
        message = self.outbound.accept(request)
        if name == "callback-first":
            self.progress.send_now(message)
        else:
            self.progress.start(message)
        # Only the first acceptance of a text is answered badly: the second would hide whether it was a mistake.
        if name in SPOILS and self.store.state.accepts(message.to, message.body) == 1:
            SPOILS[name](self, environ)
        return message

    def _turn_away(self, request: SendRequest, fault: Fault, times: int) -> None:
        with self.store.lock:
            if self.store.state.refused[request.to, request.body] >= times:
                return
            self.store.record("refused", to=request.to, body=request.body)
        raise TwilioError(fault.code or 20500)


def _error(answers: Answers, environ: Mapping[str, Any]) -> None:
    raise TwilioError(20500)


def _silence(answers: Answers, environ: Mapping[str, Any]) -> None:
    """Cut the connection under the server: what it writes next goes nowhere."""
    connection = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)


def _slow(answers: Answers, environ: Mapping[str, Any]) -> None:
    time.sleep(answers.slow_seconds)


# Faults that accept nothing at first, and how often; and faults of the answer to a text that was accepted.
TURNS_AWAY = {"busy-twice": BUSY_TIMES, "error-before": 1}
SPOILS: dict[str, Callable[[Answers, Mapping[str, Any]], None]] = {
    "error-after": _error,
    "answer-lost": _silence,
    "slow": _slow,
}
