"""Common Platform's court list made to measure: rooms and days as snapshots, times on the wall's clock."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.reminders.feeds.common_platform_list import parse
from services.reminders.feeds.records import Batch, FeedError, Listing, Snapshot

DEFENDANT = "1b4ffa2a-aeb4-4d03-993e-b40e2e404c7d"


def defendant(**changes: Any) -> dict[str, Any]:
    return {
        "id": DEFENDANT,
        "asn": "26/41AA/01/123A",
        "organisationName": "",
        "firstName": "Ada",
        "surname": "Brook",
        "dateOfBirth": "5 Jan 1990",
        "offences": [{"offenceTitle": "Theft", "offenceCode": "TH68010"}],
        **changes,
    }


def hearing(*defendants: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "id": "887ddce4-0ee1-4c5f-a5a4-af8a24820792",
        "startTime": "10:30",
        "hearingType": "First hearing",
        "caseNumber": "41XX0000126",
        "prosecutorType": "HERTPF",
        "defendants": list(defendants) or [defendant()],
        **changes,
    }


def room(*hearings: dict[str, Any], name: Any = "Courtroom 01") -> dict[str, Any]:
    return {"courtRoomName": name, "timeslots": [{"hearings": list(hearings) or [hearing()]}]}


def listed(*rooms: dict[str, Any], day: Any = "2026-07-05", **changes: Any) -> dict[str, Any]:
    return {
        "listType": "standard",
        "courtCentreName": "St Albans Magistrates' Court",
        "hearingDates": [{"hearingDate": day, "courtRooms": list(rooms) or [room()]}],
        **changes,
    }


def read(document: Any) -> Batch:
    return parse(json.dumps(document).encode())


def only(document: Any) -> Listing:
    batch = read(document)
    assert batch.rejections == []
    assert len(batch.listings) == 1
    return batch.listings[0]


def test_a_whole_entry() -> None:
    listing = only(listed())
    assert listing.hearing_key == "common-platform-list:B41ME:2026-07-05:Courtroom 01:41XX0000126"
    assert listing.person_keys == (f"defendant:{DEFENDANT}", "asn:2641AA0100000000123A")
    assert (listing.person.given, listing.person.surname) == ("Ada", "Brook")
    assert listing.person.date_of_birth == date(1990, 1, 5)
    assert (listing.court, listing.prosecutor, listing.hearing_type) == ("B41ME", "HERTPF", "First hearing")
    assert (listing.first_hearing, listing.mobile, listing.custody, listing.doubts) == (
        True,
        None,
        "unknown",
        (),
    )
    # Half past ten on the wall, in summer.
    day = listing.days[0]
    assert (day.starts_at, day.room, day.certain) == (
        datetime(2026, 7, 5, 9, 30, tzinfo=UTC),
        "Courtroom 01",
        True,
    )
    assert listing.offence_codes == ("TH68010",)


@pytest.mark.parametrize(
    ("changes", "court"),
    [
        ({"ouCode": "B41MJ00"}, "B41MJ"),
        ({"ouCode": "B41MJ00", "courtCentreName": None}, "B41MJ"),
        ({"courtCentreName": "Hatfield Magistrates’ Court"}, "B41US"),
        ({"courtCentreName": "St Albans Crown Court"}, "C41ST"),
        ({"courtCentreName": "St Albans"}, None),  # a magistrates' and a Crown court are there
        ({"courtCentreName": "Shrewsbury Crown Court"}, None),  # two have this name
    ],
)
def test_the_court(changes: dict[str, Any], court: str | None) -> None:
    assert only(listed(**changes)).court == court


def test_a_short_id_joins_nobody() -> None:
    assert only(listed(room(hearing(defendant(id="def-1", asn="TFL"))))).person_keys == ()


def test_marks() -> None:
    assert only(listed(room(hearing(hearingType=None)))).doubts == ("hearing-type-missing",)
    assert only(listed(room(hearing(caseNumber="00NP0000008")))).doubts == ("placeholder-reference",)
    assert only(listed(room(hearing(panel="YOUTH")))).youth is True
    company = only(listed(room(hearing(defendant(organisationName="Acme Ltd", firstName="", surname="")))))
    assert (company.person.organisation, company.person.surname) == ("Acme Ltd", None)
    # An application has no defendants, and that is no fault.
    assert (
        read(listed(room(hearing(), hearing(defendants=[], courtApplication={"id": "a"})))).rejections == []
    )


def test_rooms_and_days_are_snapshots_without_a_version() -> None:
    document = listed(room(), room(name="2"))
    document["hearingDates"].append({"hearingDate": "2026-07-06", "courtRooms": [room()]})
    batch = read(document)
    assert batch.snapshots == [
        Snapshot("B41ME", date(2026, 7, 5), "Courtroom 01"),
        Snapshot("B41ME", date(2026, 7, 5), "2"),
        Snapshot("B41ME", date(2026, 7, 6), "Courtroom 01"),
    ]
    assert (len(batch.listings), batch.version) == (3, None)


@pytest.mark.parametrize(
    ("document", "codes"),
    [
        (listed(courtCentreName=" "), ["missing-court"]),
        (listed(day="soon"), ["missing-day"]),
        (listed(room(hearing(startTime=None))), ["bad-time"]),
        (listed(room(hearing(caseNumber=None))), ["missing-case-reference"]),
        (listed(room(hearing(defendant(surname="")))), ["missing-name"]),
        (listed(room(hearing(defendants=[]))), ["no-defendants"]),
        (listed({"courtRoomName": "1", "timeslots": []}), ["empty-list"]),
        (listed(hearingDates=[]), ["empty-list"]),
        (listed(hearingDates=[{"hearingDate": "2026-07-05", "courtRooms": None}]), ["empty-list"]),
    ],
)
def test_what_is_left_out_says_why(document: Any, codes: list[str]) -> None:
    assert [one.code for one in read(document).rejections] == codes


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ([], "not-a-list"),
        ({"hearingDates": []}, "not-a-list"),
        ({"courtCentreName": "St Albans Magistrates' Court"}, "not-a-list"),
        (listed(room(hearing(defendant(dateOfBirth="")))), "public-list"),
    ],
)
def test_refusals(document: Any, code: str) -> None:
    with pytest.raises(FeedError) as refusal:
        read(document)
    assert refusal.value.code == code
