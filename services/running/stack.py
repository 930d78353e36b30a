"""`heed up`: every process of both services and the sandbox carrier, and `up.json` that says where they are."""

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

import requests

from services.common import keys
from services.common.context import Heed
from services.common.process import opened
from services.common.scopes import SCOPES
from services.common.settings import SERVICES, Settings, SettingsError, load
from services.common.stores import StoresError, hold
from services.running.supervise import Child, Family

READY_WITHIN = 60.0
STORES_EVERY = 1.0


class StackError(SettingsError):
    """The stack cannot start; the message says what to do."""


@contextmanager
def running() -> Iterator[dict[str, Any]]:
    """Start everything, write up.json, and stop it all at the block's end. Yields up.json's content."""
    settings = load()
    _check_ports(settings)
    with opened(*SERVICES, settings=settings) as services:
        made = {heed.service: _make_key(heed) for heed in services}
        family = Family(_children(settings), _environment(settings))
        path = settings.data_dir / "up.json"
        try:
            family.start()
            _wait_until_ready(settings, family)
            up = _describe(settings, {service: key for service, (_, key) in made.items()}, family.pids())
            _write(path, up)
            yield up | {"family": family, "path": path}
        finally:
            path.unlink(missing_ok=True)
            family.stop()
            for heed in services:
                with heed.database.begin() as session:
                    keys.revoke(session, made[heed.service][0], "heed up")


class Stopping(Protocol):
    """Whatever knows whether to stop."""

    asked: bool


def keep_running(up: dict[str, Any], stop: Stopping) -> None:
    """Restart what dies until told to stop, the embedded stores included, keeping up.json true."""
    family: Family = up["family"]
    described = {name: value for name, value in up.items() if name not in ("family", "path")}
    settings = load()
    next_look = 0.0
    while not stop.asked:
        pids = dict(described["pids"])
        if time.monotonic() >= next_look:
            next_look = time.monotonic() + STORES_EVERY
            pids |= _store_pids(settings)
        family.look_after()
        pids |= family.pids()
        if pids != described["pids"]:
            described["pids"] = pids
            _write(up["path"], described)
        time.sleep(0.1)


def _store_pids(settings: Settings) -> dict[str, int]:
    """The embedded stores' process ids; asking starts them again where even their supervisor was killed."""
    if settings.redis_url and all(settings.service(name).database_url for name in SERVICES):
        return {}
    try:
        with hold(settings.data_dir) as stores:
            return stores.pids
    except StoresError:
        return {}


class Stop:
    """Whether a person or the system has asked to stop (Ctrl-C, SIGTERM)."""

    def __init__(self) -> None:
        self.asked = False
        for one in (signal.SIGINT, signal.SIGTERM):
            signal.signal(one, self._ask)

    def _ask(self, _signal: int, _frame: FrameType | None) -> None:
        self.asked = True


def _children(settings: Settings) -> list[Child]:
    logs = settings.data_dir / "logs"
    heed = [sys.executable, "-m", "services.cli"]
    children = [Child("sandbox", [*heed, "sandbox"], logs / "sandbox.log")] if settings.own_sandbox else []
    for service in SERVICES:
        for role in ("web", "worker", "clock"):
            name = f"{service}-{role}"
            children.append(Child(name, [*heed, role, service], logs / f"{name}.log"))
    return children


def _environment(settings: Settings) -> dict[str, str]:
    return os.environ | {"HEED_DATA_DIR": str(settings.data_dir), "PYTHONUNBUFFERED": "1"}


def _check_ports(settings: Settings) -> None:
    ports = {f"{name.upper()}_PORT": settings.service(name).port for name in SERVICES}
    if settings.own_sandbox:
        ports["SANDBOX_PORT"] = settings.sandbox_port
    for variable, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.bind, port))
            except OSError:
                raise StackError(
                    f"port {port} is taken (is another `heed up` running?): stop it, or set {variable}"
                ) from None


def _make_key(heed: Heed) -> tuple[str, str]:
    with heed.database.begin() as session:
        return keys.add(session, sorted(SCOPES[heed.service]), "heed up", "heed up")


def _wait_until_ready(settings: Settings, family: Family) -> None:
    """Until every page answers and a worker and a clock of each service were seen."""
    deadline = time.monotonic() + READY_WITHIN
    waiting: dict[str, str] = {
        name: f"http://127.0.0.1:{settings.service(name).port}/readyz" for name in SERVICES
    }
    waiting |= {"sandbox": f"{settings.sandbox_url}/sandbox/accepted"} if settings.own_sandbox else {}
    while waiting:
        for name, url in list(waiting.items()):
            if _answers(url):
                del waiting[name]
        family.look_after()
        if family.dead() or time.monotonic() > deadline:
            which = family.dead() or sorted(waiting)
            raise StackError(f"{', '.join(which)} did not start: see {settings.data_dir / 'logs'}")
        time.sleep(0.1)


def _answers(url: str) -> bool:
    try:
        answer = requests.get(url, timeout=2)
    except requests.RequestException:
        return False
    return answer.status_code == 200 and answer.json().get("status", "ready") == "ready"


def _describe(settings: Settings, made: dict[str, str], pids: dict[str, int]) -> dict[str, Any]:
    described: dict[str, Any] = {
        name: {"url": f"http://127.0.0.1:{settings.service(name).port}", "key": made[name]}
        for name in SERVICES
    }
    if settings.own_sandbox:
        described["sandbox"] = {"url": settings.sandbox_url}
    return described | {"pids": pids | _store_pids(settings)}


def _write(path: Path, content: dict[str, Any]) -> None:
    """Replace the file whole, readable by its owner only."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file, indent=2)
    fresh.replace(path)
