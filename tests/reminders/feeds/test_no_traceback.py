"""Whatever is pushed, an adapter answers with a batch or a FeedError, and what it hands on can be stored.

Every node of a sample in turn is replaced by a value of the wrong kind; bytes are cut, changed and re-encoded.
"""

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import etree

from services.reminders.feeds import common_platform, csv_listings, libra, spi
from services.reminders.feeds.recognise import recognise
from services.reminders.feeds.records import Batch, FeedError
from services.reminders.outcome_rules import decide

Sample = Callable[[str], bytes]
Parse = Callable[[bytes], Batch]

WRONG = (None, 7, True, "x", "\x00\ud800", "2026-02-30T99:00:00Z", [], {}, [None])
ADAPTERS: dict[str, Parse] = {
    "common-platform": common_platform.parse,
    "result": lambda body: common_platform.parse(body, "result"),
    "delete": lambda body: common_platform.parse(body, "delete"),
    "spi": spi.parse,
    "libra": libra.parse,
    "csv": csv_listings.parse,
}


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from texts(item)
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts(getattr(value, field.name))


def check(parse: Parse, body: bytes) -> None:
    try:
        batch = parse(body)
    except FeedError as error:
        assert error.code
        assert error.reason.endswith(".")
        return
    for text in texts(batch):
        assert "\x00" not in text
        text.encode()
    for result in batch.results:
        decide(result.attendance, result.codes)


def trimmed(value: Any, most: int) -> Any:
    """The same document with at most so many items in a list, so that every kind of node is met and none a hundred times."""
    if isinstance(value, dict):
        return {key: trimmed(item, most) for key, item in value.items()}
    return [trimmed(item, most) for item in value[:most]] if isinstance(value, list) else value


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) in a document."""
    items = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    for key, item in items:
        yield value, key
        if isinstance(item, (dict, list)):
            yield from places(item)


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("common-platform/hearing.json", 2),
        ("common-platform/laa-with_prosecution_case.json", 1),
        ("common-platform-police-results/public.results.police-result-generated.json", 1),
        ("common-platform/sns-message-container.json", 1),
    ],
)
def test_every_node_of_the_wrong_kind(name: str, most: int, sample: Sample) -> None:
    document = trimmed(json.loads(sample(name)), most)
    for container, key in list(places(document)):
        kept = container[key]
        for wrong in WRONG:
            container[key] = wrong
            body = json.dumps(document).encode()
            check(ADAPTERS["result"], body)
        container[key] = kept
    assert document == trimmed(json.loads(sample(name)), most)


@pytest.mark.parametrize(
    "whole", [*WRONG, "hearing", {"hearing": {}}, {"hearing": []}, {"data": {"hearing": 7}}]
)
def test_whole_documents_of_the_wrong_kind(whole: Any) -> None:
    for name in ("common-platform", "result", "delete"):
        check(ADAPTERS[name], json.dumps(whole).encode())


@pytest.mark.parametrize(
    ("name", "adapter"),
    [
        ("spi/new-case-SingleDefendantSingeOffence.xml", "spi"),
        ("spi/new-case-CorporateDefendantCC.xml", "spi"),
        ("spi/resulted-043-dated-warrant.xml", "spi"),
        ("libra/external-document-request-single-case.xml", "libra"),
    ],
)
def test_every_element_damaged(name: str, adapter: str, sample: Sample) -> None:
    root = etree.fromstring(sample(name))
    for element in list(root.iter(etree.Element)):
        parent, text, tag = element.getparent(), element.text, element.tag
        for wrong in ("", "x", "2026-99-99", "9" * 400, "<", "&#0;"):
            element.text = wrong
            check(ADAPTERS[adapter], etree.tostring(root))
        element.text = text
        element.tag = "Other"
        check(ADAPTERS[adapter], etree.tostring(root))
        element.tag = tag
        if parent is not None:
            index = parent.index(element)
            parent.insert(index, etree.fromstring(etree.tostring(element)))
            check(ADAPTERS[adapter], etree.tostring(root))
            parent.remove(parent[index])
            parent.remove(element)
            check(ADAPTERS[adapter], etree.tostring(root))
            parent.insert(index, element)


SAMPLES = [
    ("common-platform/hearing.json", "common-platform"),
    ("spi/resulted-input-message-routedata-001.xml", "spi"),
    ("libra/sample-request.xml", "libra"),
]


@pytest.mark.parametrize(("name", "adapter"), SAMPLES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_bytes_cut_and_changed(name: str, adapter: str, sample: Sample, data: st.DataObject) -> None:
    body = bytearray(sample(name))
    start = data.draw(st.integers(0, len(body)))
    body[start : start + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=8))
    check(ADAPTERS[adapter], bytes(body[: data.draw(st.integers(0, len(body)))]))
    check(ADAPTERS[adapter], bytes(body))


@pytest.mark.parametrize(("name", "adapter"), SAMPLES)
@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "utf-32", "latin-1", "cp037", "utf-8-sig", "utf-7"]
)
def test_bytes_in_another_encoding(name: str, adapter: str, encoding: str, sample: Sample) -> None:
    check(ADAPTERS[adapter], sample(name).decode().encode(encoding, "replace"))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
@example(b'{"hearing": {"id": "x", "hearingDays": [{}]}}')
def test_any_bytes(body: bytes) -> None:
    for parse in ADAPTERS.values():
        check(parse, body)
    with contextlib.suppress(FeedError):
        recognise(body)


CELL = st.text(st.characters(exclude_categories=()), max_size=12).map(lambda text: text.replace('"', "'"))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(CELL, min_size=10, max_size=13), max_size=4))
def test_any_rows(rows: list[list[str]]) -> None:
    lines = [",".join(csv_listings.COLUMNS), *(",".join(f'"{cell}"' for cell in row) for row in rows)]
    check(csv_listings.parse, "\n".join(lines).encode("utf-8", "surrogatepass"))
    check(csv_listings.parse, "\n".join(lines).encode("utf-8", "replace"))


KEYS = [
    "hearing",
    "data",
    "Type",
    "Message",
    "id",
    "hearingDays",
    "sittingDay",
    "prosecutionCases",
    "defendants",
]


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    )
)
def test_any_json(document: Any) -> None:
    for name in ("common-platform", "result", "delete"):
        check(ADAPTERS[name], json.dumps(document).encode())
