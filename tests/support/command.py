"""The `heed` command in this process, as the console script runs it, on databases of its own.

A start of the real script costs a second and a half; `main()` with its arguments in `sys.argv` is the same code.
"""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import text

from services.cli.main import main
from services.common import logs
from services.common.database import Database
from services.common.settings import SERVICES, Settings
from services.common.times import parse_instant
from tests.reminders.office import START
from tests.support.stores import Databases


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.out)


@dataclass
class Command:
    """Runs commands: `command("reminders", "hearings", "--json")`."""

    capture: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch
    folder: Path

    def __call__(self, *arguments: Any) -> Ran:
        self.patch.setattr(sys, "argv", ["heed", *map(str, arguments)])
        self.capture.readouterr()
        code = 0
        with _logging_as_before():
            try:
                main()
            except SystemExit as stop:
                code = int(stop.code or 0)
        said = self.capture.readouterr()
        return Ran(code, said.out, said.err)

    def file(self, name: str, content: Any) -> Path:
        """Write a file for a command to read."""
        path = self.folder / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path


@contextmanager
def _logging_as_before() -> Iterator[None]:
    """A command sets up this process's logging; the next test's is not its business."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    levels = {name: logging.getLogger(name).level for name in logs.QUIET}
    try:
        yield
    finally:
        root.handlers = handlers
        root.setLevel(level)
        for name, before in levels.items():
            logging.getLogger(name).setLevel(before)
        structlog.reset_defaults()
        vars(logs.log).pop("bind", None)  # cached at its first use
        structlog.contextvars.clear_contextvars()


@contextmanager
def installed(
    capture: pytest.CaptureFixture[str],
    databases: Databases,
    settings: Settings,
    folder: Path,
    start: str = START,
) -> Iterator[Command]:
    """Commands on two fresh databases, whose clocks stand at `start`."""
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        environment = {
            "HEED_DATA_DIR": str(folder / "heed"),
            "REDIS_URL": settings.redis_url or "",
            "TWILIO_API_BASE_URL": settings.carrier_url,
        }
        for name in SERVICES:
            url = stack.enter_context(databases.fresh(name))
            environment |= {
                f"{name.upper()}_DATABASE_URL": url,
                f"{name.upper()}_ENCRYPTION_KEYS": settings.service(name).encryption_keys,
                f"{name.upper()}_INDEX_KEY": settings.service(name).index_key,
            }
            database = Database.at(url)
            with database.begin() as session:
                session.execute(
                    text("INSERT INTO clock (id, shift) VALUES (1, :at - clock_timestamp())"),
                    {"at": parse_instant(start)},
                )
            database.close()
        for name, value in environment.items():
            patch.setenv(name, value)
        yield Command(capture, patch, folder)
