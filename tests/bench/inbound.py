"""A text comes in: signature checked and row committed before it is answered, against a bare Flask view that does just these two.

Both run under the same gunicorn settings on the same database, one after the other; the same client drives them over kept-alive
connections, in a process of its own. Peak is what 16 connections get through that never wait; the latency is taken at a steady 70 %
of Heed's own peak, from the moment at which each request was due.
"""

import json
import math
import socket
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import replace
from urllib.parse import urlencode

from flask import Flask, Response, abort, request
from sqlalchemy import text
from twilio.request_validator import RequestValidator

from services.common.context import Heed
from services.common.logs import configure
from services.common.process import opened
from services.common.settings import load
from services.common.signature import sign
from services.consultation.app import create_app
from services.running.webserver import serve
from tests.bench.table import Line

CONNECTIONS, WORKERS, SECONDS, TIMES = 16, 2, 4.0, 3
SHARE = 0.7  # of the peak, at which latency is taken
ADDRESS = "http://127.0.0.1"
FORM = {
    "From": "+447700900123",
    "Body": "More police on the beat in Hitchin please, and lights.",
}


def floor(heed: Heed) -> Flask:
    """The bare view: the official library's check, one INSERT, one commit."""
    app = Flask("floor")
    validator = RequestValidator(heed.settings.auth_tokens[0])
    url = f"{heed.config.public_url}/twilio/inbound"

    @app.post("/twilio/inbound")
    def inbound() -> Response:
        form = request.form
        if not validator.validate(url, form, request.headers.get("X-Twilio-Signature", "")):
            abort(403)
        with heed.database.engine.begin() as connection:
            connection.execute(
                text('INSERT INTO floor_inbound (sid, "from", "to", body) VALUES (:sid, :from, :to, :body)'),
                {"sid": form["MessageSid"], "from": form["From"], "to": form["To"], "body": form["Body"]},
            )
        return Response("<Response/>", mimetype="text/xml")

    return app


def server(kind: str, port: int) -> None:
    """One web process, as `heed web` runs it, on a port of its own."""
    settings = load("consultation")
    configure(settings.log_level, process="web")
    own = replace(settings.services["consultation"], port=port, public_url=f"{ADDRESS}:{port}")
    settings = replace(settings, services={**settings.services, "consultation": own})
    with opened("consultation", settings=settings) as (heed,):
        with heed.database.begin() as session:
            session.execute(
                text(
                    "CREATE TABLE IF NOT EXISTS floor_inbound (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, sid text UNIQUE,"
                    ' "from" text, "to" text, body text, at timestamptz DEFAULT clock_timestamp())'
                )
            )
            session.execute(text("TRUNCATE floor_inbound, inbound"))
        serve(heed, floor(heed) if kind == "floor" else create_app(heed), WORKERS)


def requests(port: int, first: int, number: int) -> list[bytes]:
    """Signed webhooks, ready for the wire, each with a sid of its own."""
    settings = load("consultation")
    url = f"{ADDRESS}:{port}/twilio/inbound"
    made = []
    for one in range(first, first + number):
        form = FORM | {
            "To": settings.service("consultation").sender,
            "AccountSid": settings.account_sid,
            "MessageSid": f"SM{one:032x}",
        }
        body = urlencode(form).encode()
        head = (
            f"POST /twilio/inbound HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"X-Twilio-Signature: {sign(settings.auth_tokens[0], url, form)}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return made


class _Line:
    """One kept-alive connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, payload: bytes) -> None:
        self.socket.sendall(payload)
        got = b""
        while b"\r\n\r\n" not in got:
            got += self.socket.recv(4096)
        head, _, body = got.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        while len(body) < length:
            body += self.socket.recv(4096)


def drive(port: int, first: int, rate: float | None) -> dict[str, float]:
    """Drive a server for some seconds: {"rate", "p99"}, in requests a second and milliseconds. Without `rate`, as fast as it goes."""
    waiting = requests(port, first, int((rate or 4000) * SECONDS))
    taken: list[float] = []
    turn = threading.Lock()
    begun = time.perf_counter()

    def run() -> None:
        line = _Line(port)
        while True:
            with turn:
                if not waiting or time.perf_counter() - begun > SECONDS * (2 if rate else 1):
                    return
                payload, place = waiting.pop(), len(taken_places)
                taken_places.append(place)
            due = begun + place / rate if rate else time.perf_counter()
            time.sleep(max(0.0, due - time.perf_counter()))
            line.ask(payload)
            taken.append(time.perf_counter() - due)

    taken_places: list[int] = []
    threads = [threading.Thread(target=run) for _ in range(CONNECTIONS if rate is None else 4 * CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begun
    ordered = sorted(taken)
    return {"rate": len(taken) / seconds, "p99": ordered[math.ceil(0.99 * len(ordered)) - 1] * 1000}


def measure(kind: str, port: int, share: float | None = None, peak: float = 0.0) -> list[dict[str, float]]:
    """Start a server, warm it, drive it: its peak (the median of three), or its latency at a share of `peak`."""
    started = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.inbound", "serve", kind, str(port)], stderr=subprocess.DEVNULL
    )
    try:
        _until_up(port)
        found = []
        for number in range(1 + TIMES):
            rate = str(share * peak) if share else "none"
            done = subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "tests.bench.inbound",
                    "drive",
                    str(port),
                    str(number * 1_000_000),
                    rate,
                ],
                check=True,
                capture_output=True,
                text=True,
            )
            found.append(json.loads(done.stdout))
        return found[1:]
    finally:
        started.terminate()
        started.wait(30)


def _until_up(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server does not come up")


def free_port() -> int:
    """A port that nobody has now."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        return int(held.getsockname()[1])


def run() -> list[Line]:
    """The lines of the table."""
    with opened("consultation"):  # the stores stay up between the servers
        bare = statistics.median(one["rate"] for one in measure("floor", free_port()))
        peak = statistics.median(one["rate"] for one in measure("heed", free_port()))
        p99 = statistics.median(one["p99"] for one in measure("heed", free_port(), SHARE, peak))
    return [
        Line("bare view, a signed text inserted", f"{bare:.0f} a second"),
        Line(
            "durable inbound",
            f"{peak:.0f} a second = {peak / bare:.2f} x the bare view's",
            "at least 0.5 x",
            peak / bare >= 0.5,
        ),
        Line(f"inbound at {SHARE:.0%} of its peak, p99", f"{p99:.0f} ms", "under 250 ms", p99 < 250),
    ]


if __name__ == "__main__":
    what, *given = sys.argv[1:]
    if what == "serve":
        server(given[0], int(given[1]))
    else:
        answer = drive(int(given[0]), int(given[1]), None if given[2] == "none" else float(given[2]))
        print(json.dumps(answer))
