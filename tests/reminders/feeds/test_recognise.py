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
        (b'{"document": {"publicationDate": ""}, "courtLists": []}', "", "cath"),
        (b'{"document": {"data": {"job": {"printdate": ""', "", "cath"),
        (b'{"hearingDates": [{"courtRooms": []}]}', "", "common-platform-list"),
        (b'{"caseNo": "1", "sessionStartTime": ""}', "", "libra"),
        (b'{"Type": "Notification", "Message": "{\\"caseNo\\"}", "x": "LIBRA_COURT_CASE"}', "", "libra"),
        (b'{"hearing": {"note": "\\"hearingDates\\" \\"courtRooms\\""}}', "", "common-platform"),
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
        ("libra-json/case.json", "libra"),
        ("cath/magistratesStandardList.json", "cath"),
        ("cath/magistratesAdultCourtList.json", "cath"),
        ("cath/magistratesPublicAdultCourtList.json", "cath"),
        ("common-platform-lists/court-list-payload-public.json", "common-platform-list"),
        ("common-platform-lists/court-list-payload-multiple-dates.json", "common-platform-list"),
        ("common-platform-listing-events/public.listing.court-list-published.json", "common-platform"),
        ("common-platform-listing-events/public.listing.hearing-listed.json", "common-platform"),
    ],
)
def test_samples(name: str, format_name: str, sample: Callable[[str], bytes]) -> None:
    assert recognise(sample(name), "upload") == format_name
