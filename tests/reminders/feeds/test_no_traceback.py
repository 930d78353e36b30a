"""Whatever is pushed, an adapter answers with a batch or a FeedError, and what it hands on can be stored.

Every node of a sample in turn is replaced by a value of the wrong kind; keys and elements are shuffled, doubled and dropped; bytes
are cut, changed and re-encoded. No reason and no place ever holds what the record said.
"""

import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import etree

from services.reminders.feeds import (
    cath,
    common_platform,
    common_platform_list,
    csv_listings,
    libra,
    libra_case,
    spi,
)
from services.reminders.feeds.parse import named
from services.reminders.feeds.parse import parse as parse_as
from services.reminders.feeds.records import Batch, FeedError
from services.reminders.outcome_rules import decide

Sample = Callable[[str], bytes]
Parse = Callable[[bytes], Batch]

CODE = re.compile(r"[a-z][a-z0-9-]+")
SECRET = "Zanzibarski"
WRONG = (None, 7, True, "x", "\x00\ud800", "2026-02-30T99:00:00Z", [], {}, [None])
ADAPTERS: dict[str, Parse] = {
    "common-platform": common_platform.parse,
    "result": lambda body: common_platform.parse(body, "result"),
    "delete": lambda body: common_platform.parse(body, "delete"),
    "spi": spi.parse,
    "libra": libra.parse,
    "csv": csv_listings.parse,
    "cath": cath.parse,
    "common-platform-list": common_platform_list.parse,
    "libra-case": libra_case.parse,
    "auto": lambda body: parse_as(body, named(body, "auto", "upload"), event=None, hearing_id=None),
}
JSON_ADAPTERS = ("common-platform", "result", "delete", "cath", "common-platform-list", "libra-case", "auto")


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from texts(item)
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts(getattr(value, field.name))


def check(parse: Parse, body: bytes) -> Batch | None:
    try:
        batch = parse(body)
    except FeedError as error:
        assert CODE.fullmatch(error.code)
        assert error.reason.endswith(".")
        assert SECRET.casefold() not in error.reason.casefold()
        return None
    for one in batch.rejections:
        assert CODE.fullmatch(one.code)
        assert one.reason.endswith(".")
        assert SECRET.casefold() not in (one.where + one.reason).casefold()
    for text in texts(batch):
        assert "\x00" not in text
        text.encode()
    for result in batch.results:
        decide(result.attendance, result.codes)
    return batch


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
    ("name", "most", "adapter"),
    [
        ("common-platform/hearing.json", 2, "result"),
        ("common-platform/laa-with_prosecution_case.json", 1, "result"),
        ("common-platform-police-results/public.results.police-result-generated.json", 1, "result"),
        ("common-platform/sns-message-container.json", 1, "result"),
        ("common-platform-listing-events/public.listing.hearing-days-changed-for-hearing.json", 1, "auto"),
        ("common-platform-lists/court-list-payload-public.json", 1, "common-platform-list"),
        ("cath/magistratesStandardList.json", 1, "cath"),
        ("cath/magistratesAdultCourtList.json", 2, "cath"),
        ("libra-json/case.json", 1, "libra-case"),
    ],
)
def test_every_node_of_the_wrong_kind(name: str, most: int, adapter: str, sample: Sample) -> None:
    document = trimmed(json.loads(sample(name)), most)
    for container, key in list(places(document)):
        kept = container[key]
        for wrong in WRONG:
            container[key] = wrong
            check(ADAPTERS[adapter], json.dumps(document).encode())
        container[key] = kept
    assert document == trimmed(json.loads(sample(name)), most)


@pytest.mark.parametrize(
    "whole", [*WRONG, "hearing", {"hearing": {}}, {"hearing": []}, {"data": {"hearing": 7}}]
)
def test_whole_documents_of_the_wrong_kind(whole: Any) -> None:
    for name in JSON_ADAPTERS:
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
    ("libra-json/case.json", "libra-case"),
    ("cath/magistratesAdultCourtList.json", "cath"),
    ("common-platform-lists/court-list-payload-multiple-dates.json", "common-platform-list"),
]
SMALL = [*SAMPLES[2:], SAMPLES[0], ("spi/new-case-PoliceCase.xml", "spi")]


@pytest.mark.parametrize(("name", "adapter"), SMALL)
def test_bytes_cut_anywhere(name: str, adapter: str, sample: Sample) -> None:
    body = sample(name)
    for cut in range(0, len(body), 1 if len(body) < 5000 else 3):
        check(ADAPTERS[adapter], body[:cut])
        if cut % 50 == 0:
            check(ADAPTERS["auto"], body[:cut])
            check(ADAPTERS["auto"], body[cut:])


DOCUMENTS = [
    ("common-platform/hearing-1.json", "common-platform"),
    ("common-platform-police-results/public.results.police-result-generated.json", "auto"),
    ("cath/magistratesStandardList.json", "cath"),
    ("common-platform-lists/court-list-payload-public.json", "common-platform-list"),
    ("libra-json/case.json", "libra-case"),
]


def written(value: Any, chance: random.Random, changes: float) -> str:
    """A document as JSON with its keys shuffled; with `changes`, some keys and items doubled or dropped as well."""
    if isinstance(value, dict):
        pairs = [f"{json.dumps(key)}: {written(item, chance, changes)}" for key, item in value.items()]
        chance.shuffle(pairs)
        return f"{{{', '.join(doubled(pairs, chance, changes))}}}"
    if isinstance(value, list):
        return f"[{', '.join(doubled([written(item, chance, changes) for item in value], chance, changes))}]"
    return json.dumps(value)


def doubled(parts: list[str], chance: random.Random, changes: float) -> list[str]:
    return [part for part in parts for _ in range(chance.choice((0, 2)) if chance.random() < changes else 1)]


@pytest.mark.parametrize(("name", "adapter"), DOCUMENTS)
def test_keys_in_any_order_say_the_same(name: str, adapter: str, sample: Sample) -> None:
    document, chance = json.loads(sample(name)), random.Random(1)
    usual = check(ADAPTERS[adapter], sample(name))
    assert usual is not None
    for _ in range(5):
        batch = check(ADAPTERS[adapter], written(document, chance, 0).encode())
        assert batch == usual
    for _ in range(60):
        check(ADAPTERS[adapter], written(document, chance, 0.1).encode())


@pytest.mark.parametrize(("name", "adapter"), [SAMPLES[1], SAMPLES[2], SMALL[-1]])
def test_elements_in_any_order(name: str, adapter: str, sample: Sample) -> None:
    chance = random.Random(1)
    for _ in range(40):
        root = etree.fromstring(sample(name))
        for element in list(root.iter(etree.Element)):
            children = list(element)
            chance.shuffle(children)
            element[:] = [child for child in children if chance.random() > 0.05]
        check(ADAPTERS[adapter], etree.tostring(root))


@pytest.mark.parametrize(("name", "adapter"), [*DOCUMENTS, *SAMPLES, SMALL[-1]])
def test_no_reason_and_no_place_holds_what_a_record_says(name: str, adapter: str, sample: Sample) -> None:
    """Every text of the sample is replaced by a secret, all at once and one by one."""
    body = sample(name)
    if body.lstrip()[:1] == b"<":
        root = etree.fromstring(body)
        leaves = [element for element in root.iter(etree.Element) if (element.text or "").strip()]
        for leaf in leaves:
            leaf.text, kept = SECRET, leaf.text
            check(ADAPTERS[adapter], etree.tostring(root))
            leaf.text = kept
        for leaf in leaves:
            leaf.text = SECRET
        check(ADAPTERS[adapter], etree.tostring(root))
        return
    document = json.loads(body)
    texts_of = [
        (container, key) for container, key in list(places(document)) if isinstance(container[key], str)
    ]
    for container, key in texts_of:
        container[key], kept = SECRET, container[key]
        check(ADAPTERS[adapter], json.dumps(document).encode())
        container[key] = kept
    for container, key in texts_of:
        container[key] = SECRET
    check(ADAPTERS[adapter], json.dumps(document).encode())
    # A secret as a key of the message, and a message that breaks off after one.
    check(ADAPTERS[adapter], json.dumps({SECRET: document}).encode())
    check(ADAPTERS[adapter], body + SECRET.encode())


@pytest.mark.parametrize(("name", "adapter"), SAMPLES)
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
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


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.binary(max_size=200))
@example(b'{"hearing": {"id": "x", "hearingDays": [{}]}}')
@example(b"\xff\xfe{\x00}\x00")
@example(b"\xef\xbb\xbf\xef\xbb\xbf<")
def test_any_bytes(body: bytes) -> None:
    for parse in ADAPTERS.values():
        check(parse, body)


CELL = st.text(st.characters(exclude_categories=()), max_size=12).map(lambda text: text.replace('"', "'"))


@settings(max_examples=100, deadline=None, derandomize=True)
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
    "hearingId",
    "hearingDates",
    "courtCentreName",
    "courtRooms",
    "document",
    "job",
    "courtLists",
    "courtHouse",
    "caseNo",
]


@settings(max_examples=100, deadline=None, derandomize=True)
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
    for name in JSON_ADAPTERS:
        check(ADAPTERS[name], json.dumps(document).encode())
