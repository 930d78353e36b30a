"""Heed's own logging, switched on as in a process and read back."""

import io
import logging
from collections.abc import Callable, Iterator

import pytest
import structlog

from services.common import logs


@pytest.fixture
def debug_log() -> Iterator[Callable[[], str]]:
    """Everything that Heed's own set-up logs at DEBUG since it was last asked."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    configured = structlog.get_config()
    levels = {name: logging.getLogger(name).level for name in logs.QUIET}
    logs.configure("debug", service="reminders", process="test")
    (handler,) = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    written = io.StringIO()
    handler.setStream(written)

    def read() -> str:
        said = written.getvalue()
        written.seek(0)
        written.truncate()
        return said

    yield read
    root.handlers = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    structlog.configure(**configured)
    vars(logs.log).pop("bind", None)  # cached at its first use
    structlog.contextvars.clear_contextvars()
