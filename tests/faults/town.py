"""One installation under fire: real processes of both services and the stand-in carrier, kept running whatever kills them."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest import mock

import requests
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from services.common.context import Heed
from services.common.process import opened
from services.common.settings import SERVICES, ServiceName, load
from services.running.supervise import end_with_parent
from tests.faults import evidence
from tests.support.ports import free_ports

ROOT = Path(__file__).parents[2]
ROLES = ("web", "worker", "clock")
EVERYTHING = ("sandbox", *(f"{service}-{role}" for service in SERVICES for role in ROLES))
# Waiting is what a campaign has no time for; every figure is a setting of Heed's or of the stand-in carrier's. As in real life the
# second look comes after the lease and the slowest answer together.
SHORTENED = {
    "HEED_CLAIM_LEASE_SECONDS": 4.0,
    "HEED_SETTLE_FIRST_SECONDS": 1.0,
    "HEED_SETTLE_AGAIN_SECONDS": 12.0,
    "SANDBOX_SLOW_SECONDS": 5.0,
}
USUAL = {
    "HEED_CLAIM_LEASE_SECONDS": 120.0,
    "HEED_SETTLE_FIRST_SECONDS": 60.0,
    "HEED_SETTLE_AGAIN_SECONDS": 600.0,
    "SANDBOX_SLOW_SECONDS": 40.0,
}
READY_WITHIN, STOPPED_WITHIN = 60.0, 40.0


class Broken(Exception):
    """The campaign itself cannot go on; the message says why."""


class Town:
    """Starts, kills and stops processes by name ("consultation-worker", "consultation-web --workers 2"); what was not stopped is started
    again at once."""

    def __init__(
        self, folder: Path, environment: Mapping[str, str], services: Mapping[ServiceName, Heed]
    ) -> None:
        self.folder, self.services = folder, services
        self.sandbox = environment["TWILIO_API_BASE_URL"]
        self._environment = dict(os.environ) | dict(environment)
        self._wanted: dict[str, list[str]] = {}
        self._roots: dict[str, Path] = {}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._lock = threading.RLock()
        self._over = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="keeper")
        self._keeper.start()

    def start(self, *names: str, wrapped: tuple[str, ...] = (), **changes: float) -> None:
        """Start processes, in the test's own entry where `wrapped` holds its options; wait until they answer."""
        self._environment |= {name: str(value) for name, value in changes.items()}
        with self._lock:
            for name in names:
                self._wanted[name] = _command(name, wrapped)
        self.until(lambda: all(self._answers(name) for name in names), f"start of {', '.join(names)}")

    def stop(self, *names: str) -> None:
        """Ask processes to end, and do not start them again."""
        for process in self._take(names):
            process.terminate()
            process.wait(STOPPED_WITHIN)

    def restart(self, *names: str, wrapped: tuple[str, ...] = ()) -> None:
        """kill -9, and start anew with other options."""
        for process in self._take(names):
            process.kill()
            process.wait()
        self.start(*names, wrapped=wrapped)

    def roll(self, name: str, root: Path = ROOT) -> None:
        """Ask a process to end, and wait until the one in its place, of the code in `root`, serves or beats."""
        with self._lock:
            self._roots[name] = root
            process = self._running[name]
            process.terminate()
        process.wait(STOPPED_WITHIN)
        self.until(lambda: self._lives(name, process.pid), f"{name} in the place of the one before")

    def kill(self, name: str) -> bool:
        """kill -9; the process is started again. False where it is not running just now."""
        with self._lock:
            process = self._running.get(name)
            if process is None or process.poll() is not None:
                return False
            process.kill()
            return True

    def pids(self) -> dict[str, int]:
        """The number of each process that runs."""
        with self._lock:
            return {name: process.pid for name, process in self._running.items() if process.poll() is None}

    def until(self, look: Callable[[], Any], what: str, seconds: float = READY_WITHIN) -> Any:
        """Wait for something true, and return it. Raises Broken."""
        end = time.monotonic() + seconds
        while not (found := look()):
            if time.monotonic() > end:
                raise Broken(f"{what}: not within {seconds:.0f} s; see {self.folder}")
            time.sleep(0.1)
        return found

    def settled(self, service: ServiceName, seconds: float) -> None:
        """Wait until nothing is due, on the wire or unknown; after `seconds` that is said, and the count goes on without."""
        end, left = time.monotonic() + seconds, {"not known": 1}
        while time.monotonic() < end:
            with suppress(OperationalError, requests.RequestException):  # what was just restarted
                left = evidence.unsettled(self.services[service])
                waiting = self.control("callbacks")["waiting"]
                if not left and not waiting:
                    return
            time.sleep(0.5)
        print(f"not settled after {seconds:.0f} s: {left}", file=sys.stderr, flush=True)

    def control(self, path: str, given: Any = None) -> Any:
        """Ask the stand-in carrier's control API: GET, or POST where something is given."""
        verb = "GET" if given is None else "POST"
        answer = requests.request(verb, f"{self.sandbox}/sandbox/{path}", json=given, timeout=120)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def heed(self, *arguments: str, root: Path = ROOT) -> Any:
        """Run a command that answers in JSON, of the code in `root`."""
        command = [sys.executable, "-m", "services.cli", *arguments, "--json"]
        done = subprocess.run(
            command, env=self._environment, cwd=root, capture_output=True, text=True, timeout=600, check=False
        )
        if done.returncode:
            raise Broken(f"heed {arguments[0]}: {done.stderr[-400:]}")
        return json.loads(done.stdout)

    def close(self) -> None:
        """End everything."""
        self._over.set()
        self._keeper.join()
        for process in self._take(tuple(self._wanted)):
            process.kill()
            process.wait()

    def _take(self, names: tuple[str, ...]) -> list[subprocess.Popen[bytes]]:
        with self._lock:
            for name in names:
                self._wanted.pop(name, None)
            return [self._running.pop(name) for name in names if name in self._running]

    def _keep(self) -> None:
        """The one thread that starts processes: the kernel ends them when it ends, however it ends."""
        while not self._over.wait(0.1):
            with self._lock:
                for name, command in self._wanted.items():
                    process = self._running.get(name)
                    if process is None or process.poll() is not None:
                        self._running[name] = self._spawn(name, command)

    def _spawn(self, name: str, command: list[str]) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                command,
                env=self._environment | self._port(name),
                cwd=self._roots.get(name, ROOT),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=lambda: end_with_parent(signal.SIGTERM),  # noqa: PLW1509
            )

    def _answers(self, name: str) -> bool:
        """Whether it serves, or has said that it lives since it was started."""
        role = name.partition("-")[2]
        with suppress(requests.RequestException):
            if name == "sandbox":
                return requests.get(f"{self.sandbox}/sandbox/clock", timeout=5).ok
            if role.startswith("web"):
                (port,) = self._port(name).values()
                return requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5).ok
            with self._lock:
                return name in self._running and self._running[name].poll() is None
        return False

    def _lives(self, name: str, before: int) -> bool:
        """Whether another process than that one answers; of worker and clock, whether its own row says so."""
        service, role, *_ = name.split("-")
        with self._lock:
            pid = self._running[name].pid
        if pid == before or role == "web":
            return pid != before and self._answers(name)
        like = {"process": f"{role}@%:{pid}"}
        with self.services[service].database.begin() as session:  # type: ignore[index] # a service's name
            return bool(
                session.scalar(text("SELECT count(*) FROM heartbeats WHERE process LIKE :process"), like)
            )

    def _port(self, name: str) -> dict[str, str]:
        """Where a web process listens: a second one ("reminders-web-2") has a port of its own, in REMINDERS_PORT_2."""
        service, _, role = name.split(maxsplit=1)[0].partition("-")
        variable = f"{service.upper()}_PORT"
        listens = {"web": variable, "web-2": f"{variable}_2"}
        return {variable: self._environment[listens[role]]} if role in listens else {}


@contextmanager
def town(folder: Path, urls: Mapping[str, str], *names: str, **changes: float | str) -> Iterator[Town]:
    """A town on stores that stand: `urls` holds the three addresses. Starts `names`, or everything; settings by `changes`."""
    ports = free_ports()
    environment: dict[str, str] = {
        **urls,
        **ports,
        "HEED_DATA_DIR": str(folder),
        "HEED_LOG_LEVEL": "warning",
        "TWILIO_API_BASE_URL": f"http://127.0.0.1:{ports['SANDBOX_PORT']}",
        "SANDBOX_DELAY_SECONDS": "0.02",
        "PYTHONUNBUFFERED": "1",
        **{name: str(value) for name, value in (SHORTENED | changes).items()},
    }
    folder.mkdir(parents=True, exist_ok=True)
    with mock.patch.dict(os.environ, environment):
        settings = load()
    with opened(*SERVICES, settings=settings) as services:
        one = Town(folder, environment, {heed.service: heed for heed in services})
        try:
            one.start(*(names or EVERYTHING))
            yield one
        finally:
            one.close()


def _command(name: str, wrapped: tuple[str, ...]) -> list[str]:
    which, *options = name.split()
    service, _, role = which.partition("-")
    what = ["sandbox"] if which == "sandbox" else [role.partition("-")[0], service, *options]
    if wrapped:
        return [sys.executable, "-m", "tests.faults.process", *wrapped, "--", *what]
    return [sys.executable, "-m", "services.cli", *what]
