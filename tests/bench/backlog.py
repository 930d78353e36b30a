"""What very many texts that are due keep waiting: webhooks, a call for help, a text for a sooner hearing.

Reminders' own three processes send them, at full speed, to the light carrier.
"""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import urlencode

from services.common import clock
from services.common.context import Heed
from services.common.outbox.drain import BATCH
from services.common.outbox.intentions import Intention, intend_first
from services.common.process import opened
from services.common.settings import SANDBOX_ACCOUNT_SID, SANDBOX_AUTH_TOKEN
from services.common.signature import HEADER, sign
from services.common.understanding import DANGER_ANSWER
from tests.bench.drain import SENDER, TO, carrier, owe, start_anew, taken
from tests.bench.table import Line

BACKLOG, WEBHOOKS = 100_000, 40


def run() -> list[Line]:
    """The lines of the table."""
    with carrier() as url, opened("reminders") as (heed,):
        return measured(heed, url)


def measured(heed: Heed, url: str) -> list[Line]:
    """The same, on what is open already."""
    owe(heed, BACKLOG)
    start_anew(url, 0)
    with service(url) as public_url:
        until(lambda: taken(url)["taken"] >= 10 * BATCH)
        sooner(heed)
        before = taken(url)["taken"]
        answers = [webhook(public_url, "I think the roads are fine", one) for one in range(WEBHOOKS)]
        begun = time.perf_counter()
        webhook(public_url, "help me please", WEBHOOKS)
        until(lambda: DANGER_ANSWER in taken(url, DANGER_ANSWER)["places"])
        helped = time.perf_counter() - begun
        there = taken(url, "Sooner")
    passed = there["places"]["Sooner"] - before
    return [
        Line(
            f"slowest of {WEBHOOKS} webhooks among {BACKLOG:,} due",
            f"{max(answers) * 1000:.0f} ms",
            "under 1 s",
            max(answers) < 1 and there["taken"] < BACKLOG,
        ),
        Line("a call for help meanwhile: its answer at the carrier", f"after {helped:.1f} s"),
        Line(
            "a sooner hearing meanwhile: other texts before it",
            str(max(passed, 0)),
            f"at most {3 * BATCH}",
            passed <= 3 * BATCH,
        ),
    ]


@contextlib.contextmanager
def service(url: str) -> Iterator[str]:
    """Reminders' own three processes, on a port of their own; its public address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    public_url = f"http://127.0.0.1:{port}"
    own = {
        "TWILIO_API_BASE_URL": url,
        "REMINDERS_PORT": str(port),
        "REMINDERS_PUBLIC_URL": public_url,
        "HEED_LOG_LEVEL": "error",
    }
    kinds = [
        subprocess.Popen(
            [sys.executable, "-m", "services.cli", kind, "reminders"],
            env=os.environ | own,
            stderr=subprocess.DEVNULL,
        )
        for kind in ("web", "worker", "clock")
    ]
    try:
        yield public_url
    finally:
        for one in kinds:
            one.kill()
            one.wait()


def sooner(heed: Heed) -> None:
    """Owe a text for a hearing that is sooner than all the others'."""
    with heed.database.begin() as session:
        now = clock.now(session)
        sooner = Intention(
            dedupe_key="bench:sooner",
            kind="bench",
            subject_id=0,
            due_at=now,
            useful_until=now + timedelta(hours=3),
            priority=50,
            to_key=heed.index.of(TO, "number"),
            to_enc=heed.cipher.seal(TO, "number"),
            body_enc=heed.cipher.seal("Sooner", "body"),
        )
        intend_first(session, [sooner], now)


def webhook(public_url: str, body: str, number: int) -> float:
    """A person's text by a signed webhook; the seconds until it is answered."""
    address = f"{public_url}/twilio/inbound"
    form = {
        "AccountSid": SANDBOX_ACCOUNT_SID,
        "MessageSid": f"SM{number:032x}",
        "From": f"+4477009{number:05}",
        "To": SENDER,
        "Body": body,
    }
    signed = sign(SANDBOX_AUTH_TOKEN, address, form)
    request = urllib.request.Request(address, urlencode(form).encode(), {HEADER: signed}, method="POST")
    begun = time.perf_counter()
    urllib.request.urlopen(request, timeout=30).close()
    return time.perf_counter() - begun


def until(condition: Callable[[], bool]) -> None:
    """Wait, two minutes at most."""
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end, "the benchmark waited in vain"
        time.sleep(0.1)
