"""A sandbox carrier and a service of its own, both over real HTTP on loopback, and Twilio's own library."""

import dataclasses
import functools
import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask, Response, request
from twilio.rest import Client
from werkzeug.serving import make_server

from services.sandbox.app import create_app
from services.sandbox.carrier import Carrier
from services.sandbox.config import AUTH_TOKEN, Config, Sender

REMINDERS, CONSULTATION, NAME = "+447700900001", "+447700900002", "HertsCourts"
HANDSET = "+447700900123"


def _wait_for(look: Callable[[], Any], seconds: float = 5.0) -> Any:
    """Look again and again until something true is seen."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)
    return found


class Running:
    """A web application on a port of its own."""

    def __init__(self, app: Flask) -> None:
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@dataclasses.dataclass
class Heard:
    """A webhook as the service got it."""

    path: str
    url: str
    form: dict[str, str]
    headers: dict[str, str]
    at: float


class Service:
    """The other end of the webhooks: records them and answers what the test says (a status, or a Response)."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.answers: list[int | Response] = []
        self.open = threading.Event()  # closed, it keeps whoever calls waiting for the answer
        app = Flask("service")
        app.add_url_rule("/<path:path>", view_func=self._hear, methods=["POST"])
        self._running = Running(app)
        self.url = self._running.url

    def _hear(self, path: str) -> Response:
        form, headers = request.form.to_dict(), dict(request.headers)
        self.heard.append(Heard(path, request.url, form, headers, time.monotonic()))
        self.open.wait(10)
        answer = self.answers.pop(0) if self.answers else 204
        return Response(status=answer) if isinstance(answer, int) else answer

    def statuses(self, sid: str) -> list[str]:
        return [h.form["MessageStatus"] for h in list(self.heard) if h.form.get("MessageSid") == sid]

    def stop(self) -> None:
        self._running.stop()


class Sandbox:
    """A running carrier: its address, its insides, its control API and Twilio's client for it."""

    def __init__(self, config: Config) -> None:
        app = create_app(config)
        self.carrier: Carrier = app.extensions["carrier"]
        self._running = Running(app)
        self.url = self._running.url
        self.session = requests.Session()
        self.api = f"{self.url}/2010-04-01/Accounts/{config.account_sid}/Messages"
        self.auth = (config.account_sid, config.auth_tokens[0])

    @property
    def client(self) -> Client:
        client = _client(*self.auth)
        client.api.base_url = self.url
        return client

    def send(self, to: str = HANDSET, body: str = "Hello", **more: Any) -> Any:
        return self.client.messages.create(**({"to": to, "from_": REMINDERS, "body": body} | more))

    def control(self, path: str, given: Any = None, **params: Any) -> Any:
        verb = "GET" if given is None else "POST"
        answer = self.session.request(verb, f"{self.url}/sandbox/{path}", json=given, params=params)
        return answer.json() if answer.content else None

    def settle(self, sid: str) -> Any:
        """The control API's row of a text once it is final."""
        _wait_for(lambda: self.carrier.store.state.by_sid[sid].is_final)
        return next(row for row in self.control("messages")["messages"] if row["sid"] == sid)

    def stop(self) -> None:
        self._running.stop()
        self.carrier.close()
        self.session.close()


@functools.cache
def _client(account_sid: str, token: str) -> Client:
    """One for all tests: the library takes 40 ms to build one."""
    return Client(account_sid, token)


@pytest.fixture
def wait_for() -> Callable[..., Any]:
    return _wait_for


@pytest.fixture(scope="session")
def _running_service() -> Iterator[Service]:
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    running = Service()
    yield running
    running.stop()


@pytest.fixture
def service(_running_service: Service) -> Service:
    _running_service.heard.clear()
    _running_service.answers.clear()
    _running_service.open.set()
    return _running_service


@pytest.fixture
def sandboxes(service: Service, tmp_path: Path) -> Iterator[Callable[..., Sandbox]]:
    """Starts carriers: keyword arguments change the config."""
    started: list[Sandbox] = []

    def start(**changes: Any) -> Sandbox:
        usual = Config(
            auth_tokens=(AUTH_TOKEN, "the-old-token"),
            senders=(
                Sender(REMINDERS, "Reminders", service.url + "/reminders/twilio/inbound"),
                Sender(CONSULTATION, "Consultation", service.url + "/consultation/twilio/inbound"),
                Sender(NAME, NAME, None),
            ),
            delay_seconds=0.01,
            slow_seconds=0.3,
            backoff_seconds=(0.02, 0.03),
            callback_threads=4,
        )
        started.append(Sandbox(dataclasses.replace(usual, **changes)))
        return started[-1]

    yield start
    for sandbox in started:
        sandbox.stop()


@pytest.fixture
def sandbox(sandboxes: Callable[..., Sandbox]) -> Sandbox:
    return sandboxes()
