"""Structured logs: one JSON object a line on standard error, with ids and counts, never content.

Personal data is kept out by what callers pass (ids) and by `Private`, which prints a mask; a test reads every log after a full run.
"""

import logging
import sys
from typing import Any

import structlog

log: structlog.stdlib.BoundLogger = structlog.get_logger("heed")

QUIET = ("urllib3", "twilio", "werkzeug", "alembic", "sqlalchemy", "httpx", "faker")


def configure(level: str = "info", **always: str) -> None:
    """Set up logging for this process; `always` stands on every line (service, process)."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _exception_without_text,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(default=_masked),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.contextvars.bind_contextvars(**always)


def _masked(value: Any) -> str:
    """What is not plain JSON is named by its type, never printed."""
    return f"[{type(value).__name__}]"


def _exception_without_text(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """An exception is logged as its type and where it was raised: its text may quote data."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()
    if isinstance(error, BaseException):
        error = (type(error), error, error.__traceback__)
    if isinstance(error, tuple) and error[0] is not None:
        event["exception"] = error[0].__name__
        frames = []
        trace = error[2]
        while trace is not None:
            frames.append(f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}")
            trace = trace.tb_next
        event["raised_at"] = frames[-8:]
    return event
