"""A web process: it takes a body whole or not at all, and when it ends it answers what it has and resets nobody."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from services.common.context import Heed
from services.reminders.models import Delivery
from tests.support.ports import free_ports

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the queue of a port is read in /proc")

HEAD = b"POST /twilio/inbound HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 6\r\n\r\n"


LIMIT = 1024


@contextmanager
def started(heed: Heed, environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The service's web process, and its port."""
    ports = free_ports()
    web = subprocess.Popen(
        [sys.executable, "-m", "services.cli", "web", heed.service], env=os.environ | environment | ports
    )
    try:
        yield web, int(ports[f"{heed.service.upper()}_PORT"])
    finally:
        web.kill()
        web.wait()


def connected(port: int) -> socket.socket | None:
    """A connection to a port, or None where nobody listens."""
    with suppress(ConnectionRefusedError):
        return socket.create_connection(("127.0.0.1", port), timeout=10)
    return None


def test_it_closes_its_port_and_answers_what_it_has(
    consultation: Heed, environment_of: Callable[[Heed, Path], dict[str, str]], until: Any, tmp_path: Path
) -> None:
    with started(consultation, environment_of(consultation, tmp_path)) as (web, port):
        with until(lambda: connected(port), 60) as under_way:
            under_way.sendall(HEAD + b"Bod")
            until(lambda: not _waits(port), 10)
            web.send_signal(signal.SIGTERM)
            for other in iter(lambda: connected(port), None):
                other.close()
            assert web.poll() is None, "it waits for what is under way"
            under_way.sendall(b"y=x")
            assert b" 403 " in under_way.recv(4096), (
                "a webhook that nobody signed, and an answer all the same"
            )
        assert web.wait(10) == 0


def test_a_body_in_chunks_is_taken_whole_or_not_at_all(
    reminders: Heed,
    environment_of: Callable[[Heed, Path], dict[str, str]],
    key: Callable[..., dict[str, str]],
    until: Any,
    tmp_path: Path,
) -> None:
    """No Content-Length says how long it is, so that it must be read to its end."""
    headers = key(reminders, "listings:write", "contacts:write")
    environment = environment_of(reminders, tmp_path) | {"HEED_MAX_BODY_BYTES": str(LIMIT)}
    contact = json.dumps({"contacts": [{"case_ref": "41A", "mobile": "07700 900101"}]}).encode()
    form = "application/x-www-form-urlencoded"
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n%s\r\n--x--\r\n'
    parts, multipart = part % (b"a" * (LIMIT - len(part) + 2)), "multipart/form-data; boundary=x"
    assert len(parts) == LIMIT
    table: list[tuple[str, str, bytes, int]] = [
        ("/v1/feeds/csv", "text/csv", b"a" * LIMIT, 202),
        ("/v1/feeds/csv", "text/csv", b"a" * (LIMIT + 1), 413),
        ("/v1/feeds/csv", "text/csv", b"a" * (LIMIT * 200), 413),
        ("/v1/contacts", "application/json", contact.ljust(LIMIT), 200),
        ("/v1/contacts", "application/json", contact.ljust(LIMIT + 1), 413),
        ("/v1/listings", "application/json", b"{}".ljust(LIMIT + 1), 413),
        ("/v1/listings", "text/plain", b"{}", 415),
        ("/sign-in", form, b"a=".ljust(LIMIT, b"a"), 403),
        ("/sign-in", form, b"a=".ljust(LIMIT + 1, b"a"), 413),
        ("/sign-in", multipart, parts, 403),
        ("/sign-in", multipart, parts + b" ", 413),
    ]
    with started(reminders, environment) as (_, port):
        until(lambda: connected(port), 60).close()
        for path, kind, body, status in table:
            client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            chunks = [body[:700], body[700:]]
            client.request("POST", path, chunks, headers | {"Content-Type": kind}, encode_chunked=True)  # type: ignore[arg-type]
            assert client.getresponse().status == status, (path, kind, len(body))
            client.close()
    with reminders.database.begin() as session:
        assert session.scalar(select(func.count()).select_from(Delivery)) == 1


def _waits(port: int) -> bool:
    """Whether a connection to a port waits to be taken from its queue."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        local, state, queues = line.split()[1], line.split()[3], line.split()[4]
        if state == "0A" and int(local.partition(":")[2], 16) == port:
            return int(queues.partition(":")[2], 16) > 0
    return False
