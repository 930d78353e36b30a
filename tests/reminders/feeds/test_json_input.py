"""JSON from outside: limits at n and n+1, and one clear code for each thing that can be wrong."""

from datetime import date

import pytest

from services.reminders.feeds.json_input import DEPTH_LIMIT, Node, load
from services.reminders.feeds.records import FeedError


def nested(depth: int) -> bytes:
    return b"[" * depth + b"1" + b"]" * depth


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b'\xef\xbb\xbf{"a": "\xc3\xa9"}', {"a": "é"}),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b" [1.5e3, null, true] ", [1500.0, None, True]),
    ],
)
def test_load(body: bytes, value: object) -> None:
    assert load(body) == value


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        (b"", "empty-body", "empty"),
        (b" \n", "empty-body", "empty"),
        (b"\xef\xbb\xbf", "malformed-json", "line 1, column 1"),
        (b'{"a": 1', "malformed-json", "line 1"),
        (b'{"a":\n  oops}', "malformed-json", "line 2, column 3"),
        (b"{'a': 1}", "malformed-json", "line 1, column 2"),
        (b'{"a": NaN}', "malformed-json", "NaN"),
        (b"[-Infinity]", "malformed-json", "-Infinity"),
        (b"[" + b"1" * 5000 + b"]", "malformed-json", "too long"),
        (b'{"a": "\xff"}', "not-utf8", "Byte 8"),
        ('{"a": 1}'.encode("utf-16"), "not-utf8", "Byte 1"),
        (nested(DEPTH_LIMIT + 1), "too-deep", "64"),
        (nested(100_000), "too-deep", "64"),
        (b'{"a":' * 100_000, "too-deep", "64"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_refusals(body: bytes, code: str, said: str) -> None:
    with pytest.raises(FeedError) as refusal:
        load(body)
    assert refusal.value.code == code
    assert said in refusal.value.reason


def test_depth_at_the_limit() -> None:
    load(nested(DEPTH_LIMIT))


def test_size_at_the_limit() -> None:
    assert load(b"[1]", limit=3) == [1]
    with pytest.raises(FeedError, match="more than 2 bytes"):
        load(b"[1]", limit=2)


def test_nodes_answer_whatever_they_hold() -> None:
    node = Node(
        {
            "text": " a\nb ",
            "blank": "  ",
            "n": 4575,
            "yes": "TRUE",
            "no": False,
            "day": "2026-03-05T00:00",
            "list": [1],
        }
    )
    assert node["text"].text() == "a b"
    assert node["blank"].text() is None
    assert node["n"].text() is None
    assert node["n"].code() == "4575"
    assert Node(10**15).code() is None
    assert Node(True).code() is None
    assert node["yes"].flag() is True
    assert node["no"].flag() is False
    assert node["n"].flag() is None
    assert node["day"].day() == date(2026, 3, 5)
    assert node["absent"]["deeper"].text() is None
    assert node["absent"]["deeper"].where == "/absent/deeper"
    assert [item.where for item in node["list"]] == ["/list/0"]
    assert list(node["text"]) == []
    assert not Node([]).is_object
    assert not Node({}).is_object
    assert node.holds("absent", "n")
