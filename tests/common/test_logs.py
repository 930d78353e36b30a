"""One JSON object a line, with ids and counts: an exception is its type and place, and what is not plain is its type."""

import json
import logging
from collections.abc import Callable

import pytest

from services.common import logs
from services.common.private import Private

SECRET = "07700 900123"


@pytest.fixture
def lines(debug_log: Callable[[], str]) -> Callable[[], list[dict[str, object]]]:
    """What is logged, read back."""
    return lambda: [json.loads(line) for line in debug_log().splitlines()]


def test_a_line_says_when_what_and_who(lines: Callable[[], list[dict[str, object]]]) -> None:
    logs.log.info("request", status=200, route="/healthz")
    (line,) = lines()
    assert line["event"] == "request"
    assert (line["level"], line["service"], line["process"], line["status"]) == (
        "info",
        "reminders",
        "test",
        200,
    )
    assert str(line["timestamp"]).endswith("Z")


def test_an_exception_is_its_type_and_place(lines: Callable[[], list[dict[str, object]]]) -> None:
    try:
        raise ValueError(f"bad number {SECRET}")
    except ValueError:
        logs.log.exception("job-failed", ids=[17])
    (line,) = lines()
    assert line["exception"] == "ValueError"
    assert line["ids"] == [17]
    assert "test_logs" in str(line["raised_at"])
    assert SECRET not in json.dumps(line)


def test_an_exception_of_another_librarys_logger_too(lines: Callable[[], list[dict[str, object]]]) -> None:
    try:
        raise KeyError(SECRET)
    except KeyError:
        logging.getLogger("heed.reminders").exception("Exception on %s", "/x")
        logging.getLogger("somewhere.else").error("failed", exc_info=True)
    first, second = lines()
    assert (first["event"], first["exception"]) == ("Exception on /x", "KeyError")
    assert second["exception"] == "KeyError"
    assert SECRET not in json.dumps([first, second])


@pytest.mark.parametrize("value", [Private(SECRET), object(), {1, 2}, b"07700 900123", ValueError(SECRET)])
def test_what_is_not_plain_json_is_named_by_its_type(
    lines: Callable[[], list[dict[str, object]]], value: object
) -> None:
    logs.log.warning("odd", value=value)
    (line,) = lines()
    assert line["value"] in ("[private]", f"[{type(value).__name__}]")


@pytest.mark.parametrize("name", logs.QUIET)
def test_chatty_libraries_are_quiet_even_at_debug(
    lines: Callable[[], list[dict[str, object]]], name: str
) -> None:
    logging.getLogger(name).info(SECRET)
    logging.getLogger(f"{name}.deeper").debug(SECRET)
    assert lines() == []


def test_an_error_without_an_exception(lines: Callable[[], list[dict[str, object]]]) -> None:
    logs.log.error("sender-stopped", exc_info=True)
    (line,) = lines()
    assert "exception" not in line or line["exception"] in (None, "NoneType")
