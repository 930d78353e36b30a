"""JSON from outside: bounded in size and depth, and read through a `Node` that no wrong type can upset.

Keys written twice are tolerated (the last counts), as every producer's own library does.
"""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any, NoReturn

from services.reminders.feeds.fields import clean
from services.reminders.feeds.instants import iso_day
from services.reminders.feeds.records import FeedError

SIZE_LIMIT = 10 * 1024 * 1024  # bytes; the largest hearing among the samples has 107 kB
DEPTH_LIMIT = 64  # the deepest sample has 14 levels
VALUES_LIMIT = 600_000  # a body of the size limit that is as dense as the densest sample


class Node:
    """A value in a JSON document and its place (a JSON pointer).

    Every step answers: what is missing, or not of the kind asked for, is a node of nothing, no items, or None.
    """

    __slots__ = ("value", "where")

    def __init__(self, value: Any, where: str = "") -> None:
        self.value = value
        self.where = where

    def __getitem__(self, key: str) -> "Node":
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return Node(value, f"{self.where}/{key}")

    def __iter__(self) -> Iterator["Node"]:
        items = self.value if isinstance(self.value, list) else []
        return (Node(item, f"{self.where}/{number}") for number, item in enumerate(items))

    def holds(self, *keys: str) -> bool:
        """Whether this is an object that has any of these keys."""
        return isinstance(self.value, dict) and any(key in self.value for key in keys)

    @property
    def is_object(self) -> bool:
        """Whether this is an object with something in it."""
        return isinstance(self.value, dict) and bool(self.value)

    def text(self) -> str | None:
        """A string on one line; None where it is blank or not a string."""
        return clean(self.value) if isinstance(self.value, str) else None

    def code(self) -> str | None:
        """A code: a string, or a whole number written without quotes (4575)."""
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            return str(self.value) if abs(self.value) < 10**15 else None
        return self.text()

    def flag(self) -> bool | None:
        """True or false, also as the string that one source writes ("true"); None where it says neither."""
        if isinstance(self.value, bool):
            return self.value
        return {"true": True, "false": False}.get((self.text() or "").lower())

    def day(self) -> date | None:
        """A day as yyyy-mm-dd (a time after it is passed over); None where it is not one."""
        return iso_day((self.text() or "")[:10])


def load(body: bytes, *, limit: int = SIZE_LIMIT) -> Any:
    """The document in `body` (UTF-8, with or without a byte order mark).

    Raises FeedError: `empty-body`, `too-large`, `not-utf8`, `malformed-json` (with line and column), `too-deep`.
    """
    if len(body) > limit:
        raise FeedError("too-large", f"The body has more than {limit} bytes: send it in parts.")
    if not body.strip():
        raise FeedError("empty-body", "The body is empty: send the message as JSON.")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FeedError("not-utf8", f"Byte {error.start + 1} is not UTF-8: send JSON in UTF-8.") from None
    return load_text(text)


def load_text(text: str) -> Any:
    """As `load`, for text that came inside another document."""
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise FeedError(
            "malformed-json",
            f"Not JSON at line {error.lineno}, column {error.colno}: correct it and send it again.",
        ) from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError:  # a whole number of more digits than Python reads (4,300)
        raise FeedError(
            "malformed-json", "A number is too long to read: correct it and send it again."
        ) from None
    _check_shape(value)
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise FeedError("malformed-json", f"{name} is not JSON: leave the value out or write null.")


def _too_deep() -> FeedError:
    return FeedError(
        "too-deep", f"The JSON is nested more than {DEPTH_LIMIT} deep: it is not a feed message."
    )


def _check_shape(value: Any) -> None:
    level, depth, values = [value], 0, 1
    while level := [
        child
        for parent in level
        if isinstance(parent, (dict, list))
        for child in (parent.values() if isinstance(parent, dict) else parent)
    ]:
        depth += 1
        values += len(level)
        if depth > DEPTH_LIMIT:
            raise _too_deep()
        if values > VALUES_LIMIT:
            raise FeedError("too-large", f"The JSON has more than {VALUES_LIMIT} values: send it in parts.")
