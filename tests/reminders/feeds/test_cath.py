"""CaTH's lists made to measure: the standard list and the adult court list, as snapshots of rooms; what a public list lacks."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.reminders.feeds.cath import parse
from services.reminders.feeds.records import Batch, FeedError, Listing, Snapshot

PUBLISHED = "2026-12-01T23:30:52.123Z"


def party(role: str = "DEFENDANT", **details: Any) -> dict[str, Any]:
    known = {"individualForenames": "Ada", "individualSurname": "Brook", "dateOfBirth": "1990-01-02"}
    merged = {name: value for name, value in (known | details).items() if value is not None}
    return {"partyRole": role, "individualDetails": merged, "offence": [{"offenceCode": "TH68010"}] * 2}


def case(*parties: dict[str, Any], urn: Any = "41XX0000126") -> dict[str, Any]:
    return {"caseUrn": urn, "party": list(parties) or [party()]}


def hearing(*cases: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"hearingType": "First hearing", "panel": "ADULT", "case": list(cases) or [case()], **changes}


def sitting(*hearings: dict[str, Any], at: Any = "2026-12-03T10:00:00.000Z") -> dict[str, Any]:
    return {"sittingStart": at, "hearing": list(hearings) or [hearing()]}


def room(*sittings: dict[str, Any], name: Any = "Courtroom 1") -> dict[str, Any]:
    return {"courtRoomName": name, "session": [{"sittings": list(sittings) or [sitting()]}]}


def standard(*rooms: dict[str, Any], house: Any = "ST ALBANS", published: Any = PUBLISHED) -> dict[str, Any]:
    return {
        "document": {"publicationDate": published},
        "venue": {"venueAddress": {}},
        "courtLists": [{"courtHouse": {"courtHouseName": house, "courtRoom": list(rooms) or [room()]}}],
    }


def adult_case(**changes: Any) -> dict[str, Any]:
    return {
        "caseno": "1600032981",
        "def_name": "Mr Arthur MORGAN",
        "def_dob": "01/01/1975",
        "inf": "POL01",
        "offences": {"offence": [{"code": "TH68010"}]},
        **changes,
    }


def session(*cases: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "court": "Stevenage Magistrates' Court",
        "room": 1,
        "sstart": "09:00",
        "doh": "26/10/2026",
        "blocks": {"block": [{"bstart": "10:00", "cases": {"case": list(cases) or [adult_case()]}}]},
        **changes,
    }


def adult(*sessions: dict[str, Any], printed: Any = "23/10/2026", start: Any = "09:05:02") -> dict[str, Any]:
    job = {"printdate": printed, "sessions": {"session": list(sessions) or [session()]}}
    return {"document": {"info": {"start_time": start}, "data": {"job": job}}}


def read(document: Any) -> Batch:
    return parse(json.dumps(document).encode())


def only(document: Any) -> Listing:
    batch = read(document)
    assert batch.rejections == []
    assert len(batch.listings) == 1
    return batch.listings[0]


def test_a_whole_standard_entry() -> None:
    details = {"asn": "26/41AA/01/123A", "pncId": "2004/0012345U", "inCustody": True}
    listing = only(standard(room(sitting(hearing(case(party(**details)))))))
    assert listing.hearing_key == "cath:B41ME:2026-12-03:Courtroom 1:41XX0000126"
    assert (listing.source, listing.case_refs) == ("cath", ("41XX0000126",))
    assert listing.person_keys == ("asn:2641AA0100000000123A", "pnc:20040012345U")
    assert (listing.person.given, listing.person.surname) == ("Ada", "Brook")
    assert listing.person.date_of_birth == date(1990, 1, 2)
    assert (listing.court, listing.court_name) == ("B41ME", "ST ALBANS")
    assert [(day.starts_at, day.room, day.certain) for day in listing.days] == [
        (datetime(2026, 12, 3, 10, tzinfo=UTC), "Courtroom 1", True)
    ]
    assert (listing.first_hearing, listing.hearing_type, listing.custody) == (
        True,
        "First hearing",
        "custody",
    )
    assert (listing.mobile, listing.initiation, listing.youth, listing.doubts) == (None, None, None, ())
    assert listing.offence_codes == ("TH68010",)


def test_a_whole_adult_entry() -> None:
    listing = only(adult())
    assert listing.hearing_key == "cath:B41MJ:2026-10-26:1:1600032981"
    assert (listing.person.given, listing.person.surname) == ("Arthur", "MORGAN")
    assert listing.person.date_of_birth == date(1975, 1, 1)
    assert (listing.court, listing.prosecutor, listing.custody) == ("B41MJ", "POL01", "unknown")
    assert listing.days[0].starts_at == datetime(2026, 10, 26, 10, tzinfo=UTC)
    # Nothing in this list says what a first hearing is.
    assert (listing.first_hearing, listing.doubts) == (False, ("hearing-type-missing",))


@pytest.mark.parametrize(
    ("kind", "first", "doubts"),
    [
        ("First hearing", True, ()),
        ("FIRST HEARING", True, ()),
        ("Trial", False, ()),
        ("First hearing (remand)", False, ()),
        (None, False, ("hearing-type-missing",)),
    ],
)
def test_a_first_hearing_is_one_that_the_list_calls_so(
    kind: str | None, first: bool, doubts: tuple[str, ...]
) -> None:
    listing = only(standard(room(sitting(hearing(hearingType=kind)))))
    assert (listing.first_hearing, listing.doubts) == (first, doubts)


@pytest.mark.parametrize(
    ("written", "certain"),
    [
        ("2026-12-03T10:00:00.000Z", True),
        ("2027-03-27T10:00:00Z", True),
        ("2027-03-28T10:00:00Z", False),  # summer: London's clock with a Z, or UTC
        ("2026-10-24T10:00:00Z", False),
        ("2026-10-25T10:00:00Z", True),
        ("2026-12-03T00:00:00Z", False),
    ],
)
def test_in_summer_nobody_knows_which_clock_it_is(written: str, certain: bool) -> None:
    assert only(standard(room(sitting(at=written)))).days[0].certain is certain


def test_marks_of_a_standard_entry() -> None:
    assert only(standard(room(sitting(hearing(channel=["VIDEO HEARING"]))))).doubts == ("video",)
    assert only(standard(room(sitting(hearing(channel=["In person"]))))).doubts == ()
    assert only(standard(room(sitting(hearing(panel="YOUTH"))))).youth is True
    placeholder = case(urn="00PP0000008")
    assert only(standard(room(sitting(hearing(placeholder))))).doubts == ("placeholder-reference",)
    both = party() | {"organisationDetails": {"organisationName": "Acme Ltd"}}
    assert only(standard(room(sitting(hearing(case(both)))))).doubts == ("person-and-organisation",)
    company = {"partyRole": "DEFENDANT", "organisationDetails": {"organisationName": "Acme Ltd"}}
    person = only(standard(room(sitting(hearing(case(company)))))).person
    assert (person.organisation, person.surname) == ("Acme Ltd", None)
    unread = read(standard(room(sitting(hearing(case(party(), party(dateOfBirth="1990")))))))
    assert [one.doubts for one in unread.listings] == [(), ("bad-date-of-birth",)]


def test_only_defendants_are_listed_and_an_application_has_none() -> None:
    others = [party(role) for role in ("RESPONDENT", "APPLICANT", "PROSECUTING_AUTHORITY", "")]
    application = {"applicationReference": "A1", "party": [party("APPLICANT") | {"subject": True}]}
    batch = read(standard(room(sitting(hearing(case(*others, party()), application=[application])))))
    assert (len(batch.listings), batch.rejections) == (1, [])
    nobody = read(standard(room(sitting(hearing(case(*others))))))
    assert [(one.where, one.code) for one in nobody.rejections] == [
        (
            "/courtLists/0/courtHouse/courtRoom/0/session/0/sittings/0/hearing/0/case/0/party",
            "no-defendants",
        )
    ]


def test_one_person_in_two_sittings_of_a_room_is_listed_once() -> None:
    later = sitting(hearing(case(party(inCustody=True))), at="2026-12-03T14:00:00Z")
    listing = only(standard(room(sitting(), later)))
    assert [day.starts_at.hour for day in listing.days] == [10, 14]
    assert listing.custody == "custody"


def test_rooms_are_snapshots_with_the_versions_of_the_list() -> None:
    published = datetime(2026, 12, 1, 23, 30, 52, 123000, tzinfo=UTC)
    batch = read(standard(room(), room(sitting(at="2026-12-04T10:00:00Z"), name="2")))
    assert batch.snapshots == [
        Snapshot("B41ME", date(2026, 12, 3), "Courtroom 1", published),
        Snapshot("B41ME", date(2026, 12, 4), "2", published),
    ]
    assert batch.version == published
    # The print date and the time at which the job began, on the wall's clock in summer time.
    assert read(adult()).snapshots == [
        Snapshot("B41MJ", date(2026, 10, 26), "1", datetime(2026, 10, 23, 8, 5, 2, tzinfo=UTC))
    ]
    assert read(adult(start=None)).version == datetime(2026, 10, 22, 23, tzinfo=UTC)
    assert read(adult(printed="soon")).version is None


def test_a_court_that_nobody_knows_keeps_its_name() -> None:
    listing = only(standard(house="Ambridge Magistrates’ Court"))
    assert (listing.court, listing.court_name) == (None, "Ambridge Magistrates’ Court")
    assert listing.hearing_key == "cath:ambridge-magistrates-court:2026-12-03:Courtroom 1:41XX0000126"
    assert only(adult(session(court="Ambridge", ou_code="B41US00"))).court == "B41US"


@pytest.mark.parametrize(
    ("document", "codes"),
    [
        (standard(house=None), ["missing-court"]),
        (standard(house="***"), ["missing-court"]),
        (standard(room(sitting(at="soon"))), ["bad-time"]),
        (standard(room(sitting(hearing(case(urn=" "))))), ["missing-case-reference"]),
        (standard(room(sitting(hearing(case(party(individualSurname=None)))))), ["missing-name"]),
        (standard({"courtRoomName": "1", "session": []}), ["empty-list"]),
        (standard() | {"courtLists": []}, ["empty-list"]),
        (standard() | {"courtLists": [{"courtHouse": {"courtHouseName": "ST ALBANS"}}]}, ["empty-list"]),
        (standard(published="yesterday"), ["bad-time"]),
        (adult(session(court=None)), ["missing-court"]),
        (adult(session(doh=None)), ["missing-day"]),
        (adult(session(blocks={})), ["empty-list"]),
        (adult(session(adult_case(caseno=""))), ["missing-case-reference"]),
        (adult(session(adult_case(def_name=""))), ["missing-name"]),
        (
            adult(
                session(blocks={"block": [{"bstart": "x", "cases": {"case": [adult_case()]}}]}, sstart="y")
            ),
            ["bad-time"],
        ),
    ],
)
def test_what_is_left_out_says_why(document: Any, codes: list[str]) -> None:
    assert [one.code for one in read(document).rejections] == codes


def test_one_bad_entry_stops_no_other() -> None:
    batch = read(standard(room(sitting(hearing(case(urn=""), case(), case(party(individualSurname="")))))))
    assert (len(batch.listings), len(batch.rejections)) == (1, 2)


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({}, "not-cath"),
        ({"courtLists": []}, "not-cath"),
        ({"document": {"data": {}}}, "not-cath"),
        (standard(room(sitting(hearing(case(party(dateOfBirth=None)))))), "public-list"),
        (adult(session(adult_case(def_dob=None))), "public-list"),
    ],
)
def test_refusals(document: Any, code: str) -> None:
    with pytest.raises(FeedError) as refusal:
        read(document)
    assert refusal.value.code == code


def test_a_person_without_a_birth_date_in_a_full_list_is_listed() -> None:
    entries = [case(party()), case(party(individualSurname="Other", dateOfBirth=None), urn="41XX2")]
    assert len(read(standard(room(sitting(hearing(*entries))))).listings) == 2
