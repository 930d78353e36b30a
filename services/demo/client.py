"""The story's hands: HTTP to the services and the carrier as any outsider has it, patient with a process that was just killed."""

import time
import uuid
from typing import Any

import requests

from services.demo.feed import Push

PATIENCE = 20.0  # seconds: longer than a killed web process takes to come back on two busy cores
PAUSE = 0.25
TIMEOUT = 75.0  # the carrier waits up to 60 s for a webhook's outcome


class NoAnswer(Exception):
    """A service did not answer in time, or not as it should; the message names the call, never its content."""


class Client:
    """One service. What is asked again after a lost answer is idempotent: by its nature, its key or its sid."""

    def __init__(self, url: str, key: str | None = None) -> None:
        self.url = url
        self._session = requests.Session()
        if key:
            self._session.headers["Authorization"] = f"Bearer {key}"

    def push(self, push: Push) -> str:
        """Push a message of a feed; the delivery's id."""
        headers = {"Idempotency-Key": f"demo:{push.key}", "Content-Type": push.content_type}
        answer = self._call(push.method, push.path, data=push.body, headers=headers)
        return str(answer["id"])

    def get(self, path: str, **query: Any) -> Any:
        """The JSON at an address."""
        return self._call("GET", path, params=query)

    def post(self, path: str, content: Any) -> Any:
        """Send JSON, take JSON."""
        return self._call("POST", path, json=content)

    def text(self, sender: str, to: str, body: str) -> None:
        """Send a text from a handset, until the service has taken it. With its sid, however often, it is one text."""
        sid = f"SM{uuid.uuid4().hex}"
        end = time.monotonic() + PATIENCE
        while True:
            sent = self.post("/sandbox/inbound", {"from": sender, "to": to, "body": body, "sid": sid})
            if sent["status_code"] is not None and sent["status_code"] < 300:
                return
            if time.monotonic() > end:
                raise NoAnswer(f"the webhook for texts does not answer: {sent['status_code']}")
            time.sleep(PAUSE)

    def _call(self, method: str, path: str, **more: Any) -> Any:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                answer = self._session.request(method, self.url + path, timeout=TIMEOUT, **more)
            except requests.RequestException as error:
                said = type(error).__name__
            else:
                if answer.status_code < 300:
                    return answer.json() if answer.content else None
                said = f"HTTP {answer.status_code} {_word(answer)}".rstrip()
                if answer.status_code < 500:
                    raise NoAnswer(f"{method} {path}: {said}")
            if time.monotonic() > end:
                raise NoAnswer(f"{method} {path}: {said} for {PATIENCE:.0f} s")
            time.sleep(PAUSE)


def _word(answer: requests.Response) -> str:
    try:
        return str(answer.json().get("error", ""))
    except (ValueError, AttributeError):
        return ""
