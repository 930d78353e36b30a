"""Which format a file is, from its content, for every sample and for what is damaged."""

from collections.abc import Callable

import pytest

from services.reminders.feeds.recognise import recognise
from services.reminders.feeds.records import FeedError


@pytest.mark.parametrize(
    ("body", "filename", "format_name"),
    [
        (b'{"hearing": {}}', "", "common-platform"),
        (b"\xef\xbb\xbf\n [1]", "", "common-platform"),
        (b"{broken", "x.csv", "common-platform"),
        (b"<NewCaseMessage/>", "", "spi"),
        (b'<?xml version="1.0"?><DC:ResultedCaseMessage broken', "", "spi"),
        (b"<RouteData><DataStreamContent/></RouteData>", "", "spi"),
        ('<?xml version="1.0" encoding="UTF-16"?><NewCaseMessage/>'.encode("utf-16"), "", "spi"),
        (b"<a:ExternalDocumentRequest/>", "", "libra"),
        (b"<CourtList><sessions/></CourtList>", "", "libra"),
        (b"case_ref,asn\n", "", "csv"),
        (b"\xef\xbb\xbfurn,name\n", "", "csv"),
        (b"one column", "list.CSV", "csv"),
    ],
)
def test_recognise(body: bytes, filename: str, format_name: str) -> None:
    assert recognise(body, filename) == format_name


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty-body"),
        (b"\xef\xbb\xbf \n", "empty-body"),
        (b"<html/>", "format-unknown"),
        (b"PK\x03\x04,", "format-unknown"),
        (b"hello", "format-unknown"),
    ],
)
def test_what_is_none_of_them(body: bytes, code: str) -> None:
    with pytest.raises(FeedError) as refusal:
        recognise(body)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("name", "format_name"),
    [
        ("common-platform/hearing-1.json", "common-platform"),
        ("common-platform/sns-message-container.json", "common-platform"),
        ("spi/new-case-CorporateDefendantCC.xml", "spi"),
        ("spi/resulted-input-message-routedata-001.xml", "spi"),
        ("spi/resulted-roles.xml", "spi"),
        ("spi/resulted-from-common-platform.xml", "spi"),
        ("libra/request-B10JQ01.xml", "libra"),
        ("libra/sample-request.xml", "libra"),
        ("libra/external-document-request-multi-day.xml", "libra"),
    ],
)
def test_samples(name: str, format_name: str, sample: Callable[[str], bytes]) -> None:
    assert recognise(sample(name), "upload") == format_name
