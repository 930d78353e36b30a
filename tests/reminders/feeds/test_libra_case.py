"""One Libra case as JSON: the listing that a list would give, under the same key; bare or in an envelope."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.reminders.feeds.libra_case import parse
from services.reminders.feeds.parse import named
from services.reminders.feeds.parse import parse as parse_as
from services.reminders.feeds.records import Batch, FeedError, Listing


def case(**changes: Any) -> dict[str, Any]:
    known = {
        "caseNo": "1600032981",
        "name": {"title": "Mr", "forename1": "Arthur", "surname": "MORGAN"},
        "defendantName": "Mr Arthur MORGAN",
        "defendantType": "P",
        "defendantDob": "01/01/1975",
        "pnc": "2004/0012345U",
        "listNo": "1st",
        "offences": [{"seq": 1, "code": "TH68010"}],
        "sessionStartTime": "2026-07-01T09:01:00",
        "courtCode": "B10JQ",
        "courtRoom": "07",
    }
    return {name: value for name, value in (known | changes).items() if value is not None}


def read(document: Any) -> Batch:
    return parse(json.dumps(document).encode())


def only(**changes: Any) -> Listing:
    batch = read(case(**changes))
    assert batch.rejections == []
    (listing,) = batch.listings
    assert batch.hearing_keys == (listing.hearing_key,)
    assert (batch.snapshots, batch.complete, batch.version) == ([], False, None)
    return listing


def test_a_whole_case() -> None:
    listing = only()
    assert listing.hearing_key == "libra:B10JQ:2026-07-01:7:1600032981"
    assert (listing.source, listing.person_keys) == ("libra", ("pnc:20040012345U",))
    assert (listing.person.given, listing.person.surname) == ("Arthur", "MORGAN")
    assert listing.person.date_of_birth == date(1975, 1, 1)
    # The wall's clock, in summer.
    assert listing.days[0].starts_at == datetime(2026, 7, 1, 8, 1, tzinfo=UTC)
    assert listing.first_hearing
    assert listing.doubts == ("hearing-type-missing",)
    assert listing.offence_codes == ("TH68010",)


def test_other_cases() -> None:
    company = only(defendantType="O", defendantName="Some Organisation").person
    assert (company.organisation, company.surname) == ("Some Organisation", None)
    assert only(name=None, defendantName="Ms Ann OTHER").person.surname == "OTHER"
    assert not only(listNo="2nd").first_hearing
    assert only(defendantDob="1975").doubts == ("hearing-type-missing", "bad-date-of-birth")
    assert only(courtRoom="00").hearing_key == "libra:B10JQ:2026-07-01:0:1600032981"
    assert only(sessionStartTime="2026-07-01T09:01:00Z").days[0].starts_at.hour == 9


def test_in_an_envelope() -> None:
    envelope = {
        "Type": "Notification",
        "Message": json.dumps(case()),
        "MessageAttributes": {"messageType": {"Type": "String", "Value": "LIBRA_COURT_CASE"}},
    }
    body = json.dumps(envelope).encode()
    assert named(body, "auto", None) == "libra"
    assert parse_as(body, "libra", event=None, hearing_id=None).listings == [only()]
    envelope["MessageAttributes"] = {"messageType": {"Value": "COMMON_PLATFORM_HEARING"}}
    with pytest.raises(FeedError, match="LIBRA_COURT_CASE"):
        read(envelope)


@pytest.mark.parametrize(
    ("changes", "where", "code"),
    [
        ({"caseNo": " "}, "/caseNo", "missing-case-reference"),
        ({"courtCode": None}, "/courtCode", "missing-court"),
        ({"sessionStartTime": "soon"}, "/sessionStartTime", "bad-time"),
        ({"name": None, "defendantName": None}, "/defendantName", "missing-name"),
    ],
)
def test_what_is_left_out_says_why(changes: dict[str, Any], where: str, code: str) -> None:
    batch = read(case(**changes))
    assert batch.listings == []
    assert [(one.where, one.code) for one in batch.rejections] == [(where, code)]


@pytest.mark.parametrize("document", [[], {}, {"case": {}}, 7])
def test_refusals(document: Any) -> None:
    with pytest.raises(FeedError) as refusal:
        read(document)
    assert refusal.value.code == "not-libra"
