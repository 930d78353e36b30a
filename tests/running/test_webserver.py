"""How a web process ends: it answers what it has, and nobody who comes meanwhile is taken in and then reset."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from services.common.context import Heed
from tests.support.ports import free_ports

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the queue of a port is read in /proc")

HEAD = b"POST /twilio/inbound HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 6\r\n\r\n"


def test_it_closes_its_port_and_answers_what_it_has(
    consultation: Heed, environment_of: Callable[[Heed, Path], dict[str, str]], until: Any, tmp_path: Path
) -> None:
    ports = free_ports()
    address = ("127.0.0.1", int(ports["CONSULTATION_PORT"]))
    web = subprocess.Popen(
        [sys.executable, "-m", "services.cli", "web", "consultation"],
        env=os.environ | environment_of(consultation, tmp_path) | ports,
    )

    def connected() -> socket.socket | None:
        with suppress(ConnectionRefusedError):
            return socket.create_connection(address, timeout=10)
        return None

    try:
        with until(connected, 60) as under_way:
            under_way.sendall(HEAD + b"Bod")
            until(lambda: not _waits(address[1]), 10)
            web.send_signal(signal.SIGTERM)
            for other in iter(connected, None):
                other.close()
            assert web.poll() is None, "it waits for what is under way"
            under_way.sendall(b"y=x")
            assert b" 403 " in under_way.recv(4096), (
                "a webhook that nobody signed, and an answer all the same"
            )
        assert web.wait(10) == 0
    finally:
        web.kill()
        web.wait()


def _waits(port: int) -> bool:
    """Whether a connection to a port waits to be taken from its queue."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        local, state, queues = line.split()[1], line.split()[3], line.split()[4]
        if state == "0A" and int(local.partition(":")[2], 16) == port:
            return int(queues.partition(":")[2], 16) > 0
    return False
