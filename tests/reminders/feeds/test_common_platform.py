"""Common Platform messages made to measure: envelopes, days, people, custody, results."""

import copy
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.common.times import LONDON
from services.reminders.feeds.common_platform import parse
from services.reminders.feeds.records import Batch, FeedError

HEARING = "0f1e2d3c-0000-4000-8000-000000000001"
KEY = f"common-platform:{HEARING}"
FIRST = {"id": "4a0e892d-c0c5-3c51-95b8-704d8c781776", "description": "First hearing"}
PLEA = {"id": "511fe0a3-1391-4954-8158-6b10eed0dad9", "description": "Plea"}


def defendant(**changes: Any) -> dict[str, Any]:
    person: dict[str, Any] = {
        "personDetails": {
            "firstName": "Ada",
            "lastName": "Brook",
            "dateOfBirth": "1990-01-02",
            "contact": {"mobile": "07700900111", "home": "01727000000"},
        },
        "bailStatus": {"code": "U", "description": "Unconditional Bail"},
    }
    return {
        "id": "d0000000-0000-4000-8000-000000000001",
        "masterDefendantId": "a0000000-0000-4000-8000-000000000001",
        "isYouth": False,
        "offences": [{"offenceCode": "TH68010"}],
        "personDefendant": person,
        **changes,
    }


def person(**details: Any) -> dict[str, Any]:
    own = copy.deepcopy(defendant()["personDefendant"])
    own["personDetails"].update(details)
    return own  # type: ignore[no-any-return]


def case(*defendants: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "initiationCode": "C",
        "prosecutionCaseIdentifier": {"caseURN": "41XX0000126", "prosecutionAuthorityCode": "HERTPF"},
        "defendants": list(defendants) or [defendant()],
        **changes,
    }


def hearing(*cases: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "id": HEARING,
        "type": FIRST,
        "courtCentre": {
            "id": "c1",
            "code": "B41ME00",
            "name": "St Albans Magistrates' Court",
            "roomName": "Room 1",
        },
        "hearingDays": [{"sittingDay": "2026-09-23T09:00:00.000Z"}],
        "prosecutionCases": list(cases) or [case()],
        **changes,
    }


def push(body: Any, *args: Any) -> Batch:
    return parse(json.dumps(body).encode(), *args)


def only(body: Any) -> Any:
    batch = push(body)
    assert batch.rejections == []
    assert len(batch.listings) == 1
    return batch.listings[0]


def sns(message: Any, event: str | None = "ConfirmedOrUpdated", **changes: Any) -> dict[str, Any]:
    attributes = {"messageType": {"Type": "String", "Value": "COMMON_PLATFORM_HEARING"}}
    if event:
        attributes["hearingEventType"] = {"Type": "String", "Value": event}
    return {
        "Type": "Notification",
        "Message": message if isinstance(message, str) else json.dumps(message),
        "Timestamp": "2026-09-01T10:16:38.165Z",
        "MessageAttributes": attributes,
        **changes,
    }


def test_a_whole_update() -> None:
    listing = only({"hearing": hearing(), "sharedTime": "2026-09-01T08:00:00.5Z"})
    assert listing.hearing_key == KEY
    assert listing.person_keys == (
        "master:a0000000-0000-4000-8000-000000000001",
        "defendant:d0000000-0000-4000-8000-000000000001",
    )
    assert listing.case_refs == ("41XX0000126",)
    assert (listing.person.given, listing.person.surname) == ("Ada", "Brook")
    assert listing.person.date_of_birth == date(1990, 1, 2)
    assert (listing.court, listing.court_name) == ("B41ME", "St Albans Magistrates' Court")
    assert [day.starts_at for day in listing.days] == [datetime(2026, 9, 23, 9, tzinfo=UTC)]
    assert listing.days[0].room == "Room 1"
    assert (listing.first_hearing, listing.hearing_type) == (True, "First hearing")
    assert (listing.mobile, listing.custody, listing.bail_code) == ("07700900111", "bail", "U")
    assert (listing.initiation, listing.youth, listing.prosecutor) == ("C", False, "HERTPF")
    assert listing.offence_codes == ("TH68010",)
    assert listing.doubts == ()
    assert listing.where == "/hearing/prosecutionCases/0/defendants/0"


@pytest.mark.parametrize(
    ("body", "event", "version"),
    [
        (
            {"hearing": hearing(), "sharedTime": "2026-09-01T08:00:00Z"},
            "update",
            datetime(2026, 9, 1, 8, tzinfo=UTC),
        ),
        (
            {"hearing": hearing(), "sharedTime": "2026-09-01 08:00:00"},
            "update",
            datetime(2026, 9, 1, 7, tzinfo=UTC),
        ),
        ({"hearing": hearing()}, "update", None),
        (hearing(), "update", None),
        ({"data": {"hearing": hearing()}}, "update", None),
        ({"data": hearing()}, "update", None),
        (
            {"data": {"hearing": hearing(), "sharedTime": "2026-09-01T08:00:00Z"}},
            "update",
            datetime(2026, 9, 1, 8, tzinfo=UTC),
        ),
        (sns({"hearing": hearing()}), "update", datetime(2026, 9, 1, 10, 16, 38, 165000, UTC)),
        (sns({"hearing": hearing()}, "Resulted"), "result", datetime(2026, 9, 1, 10, 16, 38, 165000, UTC)),
        (
            sns({"hearing": hearing(), "sharedTime": "2026-09-01T08:00:00Z"}),
            "update",
            datetime(2026, 9, 1, 8, tzinfo=UTC),
        ),
        (sns(hearing(), None), "update", datetime(2026, 9, 1, 10, 16, 38, 165000, UTC)),
        (sns("x", Message=hearing()), "update", datetime(2026, 9, 1, 10, 16, 38, 165000, UTC)),
        (sns(hearing(), MessageAttributes={}), "update", datetime(2026, 9, 1, 10, 16, 38, 165000, UTC)),
        (
            sns(hearing(), MessageAttributes={"hearingEventType": {"StringValue": "Resulted"}}),
            "result",
            datetime(2026, 9, 1, 10, 16, 38, 165000, UTC),
        ),
    ],
)
def test_every_envelope(body: Any, event: str, version: datetime | None) -> None:
    batch = push(body)
    assert (batch.event, batch.version, batch.complete) == (event, version, True)
    assert [listing.hearing_key for listing in batch.listings] == [KEY]
    assert batch.hearing_keys == (KEY,)


@pytest.mark.parametrize(
    ("body", "event", "hearing_id", "code"),
    [
        ({}, None, None, "not-a-hearing"),
        ([], None, None, "not-a-hearing"),
        ("hearing", None, None, "not-a-hearing"),
        ({"hearing": "x"}, None, None, "not-a-hearing"),
        ({"hearing": None}, "update", HEARING, "not-a-hearing"),
        ({"hearing": hearing(id=None)}, None, None, "missing-hearing-id"),
        ({"hearing": hearing(id=7)}, None, None, "missing-hearing-id"),
        ({"hearing": hearing(id="../etc")}, None, None, "missing-hearing-id"),
        ({"hearing": hearing()}, None, "a b", "missing-hearing-id"),
        ({"hearing": hearing()}, None, "another", "hearing-id-differs"),
        ({"id": "another"}, "delete", HEARING, "hearing-id-differs"),
        ({}, "delete", None, "missing-hearing-id"),
        (sns("foo"), None, None, "malformed-json"),
        (sns(hearing(), "Cancelled"), None, None, "event-not-supported"),
        (sns(hearing(), "Resulted"), "update", None, "event-differs"),
        (
            sns(hearing(), MessageAttributes={"messageType": {"Value": "LIBRA_COURT_CASE"}}),
            None,
            None,
            "message-not-supported",
        ),
        (
            sns(["software.amazon.payloadoffloading.PayloadS3Pointer", {}]),
            None,
            None,
            "message-not-supported",
        ),
        (
            {"Type": "SubscriptionConfirmation", "Message": "You have chosen"},
            None,
            None,
            "message-not-supported",
        ),
    ],
)
def test_refusals(body: Any, event: str | None, hearing_id: str | None, code: str) -> None:
    with pytest.raises(FeedError) as refusal:
        push(body, event, hearing_id)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("body", "hearing_id"),
    [
        (b"", HEARING),
        (b"  \n", HEARING.upper()),
        (b"{}", HEARING),
        (json.dumps({"hearing": {"id": HEARING}}).encode(), None),
        (json.dumps({"hearingId": HEARING.upper()}).encode(), None),
        (json.dumps(hearing()).encode(), HEARING),
    ],
)
def test_deletes_need_no_body(body: bytes, hearing_id: str | None) -> None:
    batch = parse(body, "delete", hearing_id)
    assert (batch.event, batch.deleted, batch.version) == ("delete", [KEY], None)
    assert batch.listings == []


def test_a_delete_in_an_envelope_carries_its_time() -> None:
    batch = push(sns({"hearingId": HEARING}, "Deleted"))
    assert (batch.event, batch.deleted) == ("delete", [KEY])
    assert batch.version == datetime(2026, 9, 1, 10, 16, 38, 165000, UTC)


@pytest.mark.parametrize("event", ["update", "result"])
def test_an_empty_body_is_no_update(event: str) -> None:
    with pytest.raises(FeedError) as refusal:
        parse(b"", event, HEARING)  # type: ignore[arg-type]
    assert refusal.value.code == "empty-body"


def test_ids_are_the_same_in_either_case() -> None:
    batch = push(hearing(id=HEARING.upper()), "update", HEARING)
    assert batch.listings[0].hearing_key == KEY


def test_an_unreadable_shared_time_is_told_and_orders_nothing() -> None:
    batch = push({"hearing": hearing(), "sharedTime": "yesterday"})
    assert batch.version is None
    assert [(one.where, one.code) for one in batch.rejections] == [("/sharedTime", "bad-time")]
    assert len(batch.listings) == 1


# Days and kind


def test_days_in_order_each_with_its_room_and_fate() -> None:
    days = [
        {"sittingDay": "2026-09-24T09:30:00Z", "courtRoomId": "r2"},
        {"sittingDay": "2026-09-23T09:00:00Z", "isCancelled": True, "courtRoomId": "r1"},
        {"sittingDay": "2026-09-23T09:00:00Z", "isCancelled": True, "courtRoomId": "r1"},
    ]
    centre = {"id": "c1", "code": "B41ME00", "roomId": "r1", "roomName": "Room 1"}
    listing = only(hearing(hearingDays=days, courtCentre=centre))
    assert [(day.starts_at.day, day.cancelled, day.room) for day in listing.days] == [
        (23, True, "Room 1"),
        (24, False, None),
    ]


@pytest.mark.parametrize(
    ("sitting", "clock", "certain"),
    [
        ("2026-06-25T09:00:00.000Z", "10:00", True),
        ("2026-01-28T10:30:00.000Z", "10:30", True),
        ("2026-06-25T09:00:00", "10:00", True),
        ("2018-10-24 10:00:00", "10:00", True),
        ("2026-10-25 01:30:00", "01:30", False),
        ("2026-06-25T00:00:00Z", "01:00", False),
        ("2026-06-25T09:00:59.999Z", "10:00", True),
    ],
)
def test_the_clock_in_court(sitting: str, clock: str, certain: bool) -> None:
    day = only(hearing(hearingDays=[{"sittingDay": sitting}])).days[0]
    assert (day.starts_at.astimezone(LONDON).strftime("%H:%M:%S.%f"), day.certain) == (
        f"{clock}:00.000000",
        certain,
    )


def test_one_unreadable_day_leaves_the_rest_with_a_doubt() -> None:
    batch = push(hearing(hearingDays=[{"sittingDay": "soon"}, {"sittingDay": "2026-09-24T09:00:00Z"}]))
    assert [(one.where, one.code) for one in batch.rejections] == [("/hearingDays/0/sittingDay", "bad-time")]
    assert batch.listings[0].doubts == ("day-unreadable",)
    assert len(batch.listings[0].days) == 1


@pytest.mark.parametrize("days", [None, [], [{}], "x", [{"sittingDay": "soon"}]])
def test_no_day_lists_nobody_and_keeps_nobody(days: Any) -> None:
    batch = push(hearing(hearingDays=days))
    assert batch.listings == []
    assert batch.rejections[-1].code == "missing-day"
    assert batch.complete


@pytest.mark.parametrize(
    ("of_the_day", "of_the_hearing", "doubts"),
    [
        ("c2", "c1", ("court-differs-by-day",)),
        ("C1", "c1", ()),
        (None, "c1", ()),
        ("c2", None, ()),
    ],
)
def test_another_court_on_one_day_is_a_doubt(
    of_the_day: str | None, of_the_hearing: str | None, doubts: tuple[str, ...]
) -> None:
    days = [{"sittingDay": "2026-09-24T09:00:00Z", "courtCentreId": of_the_day}]
    centre = {"id": of_the_hearing, "code": "B41ME00"}
    assert only(hearing(hearingDays=days, courtCentre=centre)).doubts == doubts


def test_a_vacated_trial_has_no_day_left() -> None:
    assert [day.cancelled for day in only(hearing(isVacatedTrial=True)).days] == [True]


@pytest.mark.parametrize(
    ("kind", "first", "doubts"),
    [
        (FIRST, True, ()),
        ({**FIRST, "description": " FIRST  Hearing "}, True, ()),
        ({"description": "first hearing"}, True, ()),
        ({"id": FIRST["id"]}, True, ()),
        ({"id": FIRST["id"].upper()}, True, ()),
        (PLEA, False, ()),
        ({"id": PLEA["id"], "description": "First hearing"}, True, ("first-hearing-disagrees",)),
        ({"id": FIRST["id"], "description": "Plea"}, False, ("first-hearing-disagrees",)),
        ({"id": PLEA["id"]}, False, ()),
        ({}, False, ("hearing-type-missing",)),
        (None, False, ("hearing-type-missing",)),
    ],
)
def test_first_hearing(kind: Any, first: bool, doubts: tuple[str, ...]) -> None:
    listing = only(hearing(type=kind))
    assert (listing.first_hearing, listing.doubts) == (first, doubts)


@pytest.mark.parametrize(
    ("changes", "box"),
    [
        ({}, False),
        ({"isBoxHearing": True}, True),
        ({"isVirtualBoxHearing": "true"}, True),
        ({"isSJPHearing": True}, True),
        ({"isBoxHearing": "false"}, False),
    ],
)
def test_hearings_that_nobody_attends(changes: dict[str, Any], box: bool) -> None:
    assert only(hearing(**changes)).box_hearing is box


@pytest.mark.parametrize("code", ["B41ME00", "B41ME", "b41me00"])
def test_court_is_the_first_five_characters(code: str) -> None:
    assert only(hearing(courtCentre={"code": code})).court == "B41ME"


@pytest.mark.parametrize("centre", [None, {}, {"code": "B41"}, {"id": "c1"}, {"code": 7}])
def test_a_court_that_nobody_knows_is_kept(centre: Any) -> None:
    assert only(hearing(courtCentre=centre)).court is None


# People


def test_the_mobile_is_the_defendants_own_and_no_other() -> None:
    others = {"contact": {"mobile": "07700900999"}, "personDetails": {"contact": {"mobile": "07700900999"}}}
    body = hearing(
        case(
            defendant(
                personDefendant=person(contact={"home": "07700900999", "work": "07700900999"}),
                associatedPersons=[{"person": others, "role": "parent"}],
                defenceOrganisation={"organisation": others, **others},
                contact=others["contact"],
            ),
            policeOfficerInCase=others,
            prosecutionCaseIdentifier={"caseURN": "41XX0000126", **others},
        ),
        defenceCounsels=[others],
    )
    assert only(body).mobile is None


@pytest.mark.parametrize(
    ("written", "youth"),
    [
        (True, True),
        (False, False),
        ("true", True),
        ("False", False),
        (None, None),
        ("maybe", None),
        (1, None),
    ],
)
def test_youth(written: Any, youth: bool | None) -> None:
    assert only(hearing(case(defendant(isYouth=written)))).youth is youth


def test_a_missing_birth_date_is_no_fault_and_an_unreadable_one_a_doubt() -> None:
    missing = only(hearing(case(defendant(personDefendant=person(dateOfBirth=None)))))
    assert (missing.person.date_of_birth, missing.doubts) == (None, ())
    unreadable = only(hearing(case(defendant(personDefendant=person(dateOfBirth="31/02/1990")))))
    assert (unreadable.person.date_of_birth, unreadable.doubts) == (None, ("bad-date-of-birth",))


def test_a_company() -> None:
    company = {"organisation": {"name": "Acme Ltd", "contact": {"mobile": "07700900111"}}}
    listing = only(hearing(case(defendant(personDefendant=None, legalEntityDefendant=company))))
    assert (listing.person.organisation, listing.person.surname, listing.mobile) == ("Acme Ltd", None, None)


def test_a_person_who_is_also_a_company_is_doubtful() -> None:
    listing = only(hearing(case(defendant(legalEntityDefendant={"organisation": {"name": "Acme Ltd"}}))))
    assert (listing.person.organisation, listing.person.surname) == (None, "Brook")
    assert listing.doubts == ("person-and-organisation",)


def test_bad_records_are_left_out_and_the_rest_go() -> None:
    batch = push(
        hearing(
            case(defendant(personDefendant=None), defendant(), "x"),  # type: ignore[arg-type]
            case(defendant(id="d2", masterDefendantId="m2"), prosecutionCaseIdentifier={}),
            7,  # type: ignore[arg-type]
        )
    )
    assert [one.person.surname for one in batch.listings] == ["Brook"]
    assert [(one.where, one.code) for one in batch.rejections] == [
        ("/prosecutionCases/0/defendants/0", "missing-name"),
        ("/prosecutionCases/0/defendants/2", "missing-name"),
        ("/prosecutionCases/1/prosecutionCaseIdentifier", "missing-case-reference"),
    ]
    assert batch.complete


@pytest.mark.parametrize(
    ("identifier", "references", "doubts"),
    [
        ({"caseURN": "41xx 0000126"}, ("41XX0000126",), ()),
        ({"caseURN": "41XX0000126", "prosecutionAuthorityReference": "TFL1"}, ("41XX0000126",), ()),
        ({"prosecutionAuthorityReference": "TFL1"}, ("TFL1",), ()),
        ({"caseURN": "00PP0000008", "prosecutionAuthorityReference": "TFL1"}, ("TFL1",), ()),
        ({"caseURN": "00PP0000008"}, ("00PP0000008",), ("placeholder-reference",)),
        ({"prosecutionAuthorityReference": "00np0000008"}, ("00NP0000008",), ("placeholder-reference",)),
    ],
)
def test_case_references(identifier: Any, references: tuple[str, ...], doubts: tuple[str, ...]) -> None:
    listing = only(hearing(case(prosecutionCaseIdentifier=identifier)))
    assert (listing.case_refs, listing.doubts) == (references, doubts)


@pytest.mark.parametrize(
    ("changes", "keys"),
    [
        ({"pncId": "2004/0012345U"}, ["pnc:20040012345U"]),
        ({"prosecutionAuthorityReference": "1101ZD0100000448754K"}, ["asn:1101ZD0100000448754K"]),
        ({"prosecutionAuthorityReference": "TFL", "pncId": "pnc number1"}, []),
        (
            {
                "personDefendant": {**person(), "arrestSummonsNumber": "11/01ZD/01/448754K"},
                "prosecutionAuthorityReference": "2101ZD0100000999999X",
            },
            ["asn:1101ZD0100000448754K"],
        ),
    ],
)
def test_person_keys(changes: dict[str, Any], keys: list[str]) -> None:
    listing = only(hearing(case(defendant(id=None, masterDefendantId=None, **changes))))
    assert list(listing.person_keys) == keys


def test_the_same_defendant_twice_in_a_case_is_listed_once() -> None:
    assert only(hearing(case(defendant(), defendant()))).case_refs == ("41XX0000126",)


SECOND = {"caseURN": "41YY0000226"}


@pytest.mark.parametrize(
    "other",
    [
        {"id": "d2"},
        {"id": "d2", "masterDefendantId": None},
        {"id": "d2", "masterDefendantId": "d2"},
        {"id": "d2", "masterDefendantId": None, "personDefendant": person(firstName="ADA", lastName="brook")},
    ],
)
def test_one_person_in_two_cases_is_listed_once(other: dict[str, Any]) -> None:
    listing = only(hearing(case(), case(defendant(**other), prosecutionCaseIdentifier=SECOND)))
    assert listing.case_refs == ("41XX0000126", "41YY0000226")
    assert "defendant:d2" in listing.person_keys


@pytest.mark.parametrize(
    "details",
    [
        {"firstName": "Eve"},
        {"dateOfBirth": "1990-01-03"},
        {"dateOfBirth": None},
        {"lastName": "Brooks"},
        {"firstName": None},
    ],
)
def test_two_people_are_not_one(details: dict[str, Any]) -> None:
    other = defendant(id="d2", masterDefendantId="m2", personDefendant=person(**details))
    assert len(push(hearing(case(), case(other, prosecutionCaseIdentifier=SECOND))).listings) == 2


def test_two_people_without_birth_dates_are_never_joined_by_name() -> None:
    two = [
        defendant(id=f"d{n}", masterDefendantId=f"m{n}", personDefendant=person(dateOfBirth=None))
        for n in (1, 2)
    ]
    assert len(push(hearing(case(*two))).listings) == 2


def test_of_two_cases_the_more_careful_fact_stands() -> None:
    held = {
        **person(contact={"mobile": "07700900222"}),
        "bailStatus": {"code": "C", "description": "Custody"},
    }
    posted = {"offenceCode": "RT88001", "notifiedPlea": {"notifiedPleaValue": "NOTIFIED_GUILTY"}}
    listing = only(
        hearing(
            case(defendant(offences=[posted]), initiationCode="Z"),
            case(
                defendant(id="d2", isYouth=True, personDefendant=held),
                initiationCode="S",
                prosecutionCaseIdentifier=SECOND,
                caseMarkers=[{"markerTypeCode": "DV", "markerTypeDescription": "Domestic violence"}],
            ),
        )
    )
    assert (listing.custody, listing.bail_code, listing.initiation) == ("custody", "C", "S")
    assert listing.youth is True
    assert listing.guilty_plea_by_post is False
    assert listing.offence_codes == ("RT88001", "TH68010")
    assert listing.markers == ("DV", "Domestic violence")
    assert (listing.mobile, listing.doubts) == ("07700900111", ("mobiles-differ",))


def test_one_id_for_two_names_is_doubtful() -> None:
    other = defendant(personDefendant=person(lastName="Other", dateOfBirth="1991-01-01"))
    assert only(hearing(case(defendant(), other))).doubts == ("names-differ", "birth-dates-differ")


def test_a_placeholder_beside_a_real_reference_is_dropped() -> None:
    listing = only(
        hearing(case(prosecutionCaseIdentifier={"caseURN": "00PP0000008"}), case(defendant(id="d2")))
    )
    assert (listing.case_refs, listing.doubts) == (("41XX0000126",), ())


@pytest.mark.parametrize(
    ("bail", "initiation", "custody"),
    [
        ({"bailStatus": {"code": "C"}}, "C", "custody"),
        ({"bailStatus": {"code": "A"}}, "C", "none"),
        (
            {"bailStatus": {"code": "P", "description": "Conditional Bail with Pre-Release conditions"}},
            "C",
            "bail",
        ),
        ({"bailStatus": {"code": "P", "description": "Custody"}}, "C", "custody"),
        ({"bailStatus": {"code": "X"}}, "C", "unknown"),
        ({}, "C", "unknown"),
        ({}, "S", "none"),
        ({}, "q", "none"),
        ({"policeBailStatus": {"code": "C"}}, "C", "custody"),
        ({"bailStatus": {"code": "B"}, "policeBailStatus": {"code": "C"}}, "C", "bail"),
    ],
)
def test_custody(bail: dict[str, Any], initiation: str, custody: str) -> None:
    own = {"personDetails": person()["personDetails"], **bail}
    listing = only(hearing(case(defendant(personDefendant=own), initiationCode=initiation)))
    assert listing.custody == custody


@pytest.mark.parametrize(
    ("details", "language", "interpreter"),
    [
        ({}, None, None),
        ({"documentationLanguageNeeds": "ENGLISH"}, "en", None),
        ({"documentationLanguageNeeds": "WELSH", "hearingLanguageNeeds": "ENGLISH"}, "cy", None),
        ({"hearingLanguageNeeds": "WELSH"}, "cy", None),
        ({"interpreterLanguageNeeds": "Polish"}, None, "Polish"),
        ({"interpreterLanguageNeeds": "None"}, None, None),
    ],
)
def test_languages(details: dict[str, Any], language: str | None, interpreter: str | None) -> None:
    listing = only(hearing(case(defendant(personDefendant=person(**details))), hearingLanguage="WELSH"))
    assert (listing.language, listing.interpreter) == (language, interpreter)


@pytest.mark.parametrize(
    ("changes", "doubts"),
    [
        ({"hasVideoLink": True}, ("video",)),
        ({"type": {"description": "Remand by video link"}}, ("video",)),
        (
            {
                "defendantAttendance": [
                    {
                        "defendantId": "D0000000-0000-4000-8000-000000000001",
                        "attendanceDays": [{"day": "2026-09-23", "attendanceType": "BY_VIDEO"}],
                    }
                ]
            },
            ("video",),
        ),
        (
            {
                "defendantAttendance": [
                    {
                        "defendantId": "other",
                        "attendanceDays": [{"day": "2026-09-23", "attendanceType": "BY_VIDEO"}],
                    }
                ]
            },
            (),
        ),
    ],
)
def test_video(changes: dict[str, Any], doubts: tuple[str, ...]) -> None:
    assert only(hearing(**changes)).doubts == doubts


@pytest.mark.parametrize(
    ("pleas", "by_post"),
    [
        (["NOTIFIED_GUILTY"], True),
        (["NOTIFIED_GUILTY", "NOTIFIED_GUILTY"], True),
        (["NOTIFIED_GUILTY", "NOTIFIED_NOT_GUILTY"], False),
        (["NOTIFIED_GUILTY", None], False),
        ([], False),
    ],
)
def test_guilty_plea_by_post(pleas: list[str | None], by_post: bool) -> None:
    offences = [{"notifiedPlea": {"notifiedPleaValue": plea}} for plea in pleas]
    assert only(hearing(case(defendant(offences=offences)))).guilty_plea_by_post is by_post


def test_proceedings_that_are_over_are_doubtful() -> None:
    assert only(hearing(case(defendant(proceedingsConcluded=True)))).doubts == ("proceedings-concluded",)


def test_applications_alone_list_nobody_and_are_no_fault() -> None:
    batch = push(hearing(prosecutionCases=None, courtApplications=[{"id": "a1", "applicant": {}}]))
    assert (batch.listings, batch.rejections, batch.complete) == ([], [], False)


@pytest.mark.parametrize("cases", [None, [], "x", [None], [[]]])
def test_a_hearing_of_nobody_keeps_what_was_known(cases: Any) -> None:
    batch = push(hearing(prosecutionCases=cases))
    assert ([one.code for one in batch.rejections], batch.complete) == (["no-defendants"], False)


@pytest.mark.parametrize("defendants", [None, [], "x"])
def test_a_case_of_nobody_is_left_out_and_whoever_was_in_it_has_left(defendants: Any) -> None:
    empty = case() | {"defendants": defendants}
    alone, beside = push(hearing(empty)), push(hearing(case(), empty))
    assert [(len(one.listings), one.complete) for one in (alone, beside)] == [(0, True), (1, True)]
    assert [(one.where, one.code) for batch in (alone, beside) for one in batch.rejections] == [
        ("/prosecutionCases/0/defendants", "no-defendants"),
        ("/prosecutionCases/1/defendants", "no-defendants"),
    ]


# Results


def result(code: str | None = "4576", **changes: Any) -> dict[str, Any]:
    return {
        "cjsCode": code,
        "orderedDate": "2026-09-23",
        "orderedHearingId": HEARING,
        "label": "A result",
        **changes,
    }


def resulted(*results: dict[str, Any], **changes: Any) -> dict[str, Any]:
    body = hearing(case(defendant(offences=[{"judicialResults": list(results)}])), **changes)
    return {"hearing": body, "sharedTime": "2026-09-23T15:00:00Z"}


def attended(
    word: str, day: str = "2026-09-23", who: str = "d0000000-0000-4000-8000-000000000001"
) -> dict[str, Any]:
    return {"defendantId": who, "attendanceDays": [{"day": day, "attendanceType": word}]}


@pytest.mark.parametrize(
    ("body", "event"),
    [
        (resulted(result()), "result"),
        (resulted(result(orderedHearingId=None)), "result"),
        (resulted(result(orderedHearingId=None, orderedDate="2026-09-01")), "update"),
        (resulted(result(orderedHearingId="an-earlier-hearing")), "update"),
        (resulted(result(isDeleted=True)), "update"),
        (resulted(hasSharedResults=True), "result"),
        (resulted(), "update"),
        (resulted(defendantAttendance=[attended("NOT_PRESENT")]), "result"),
        (resulted(defendantAttendance=[attended("BY_VIDEO")]), "update"),
    ],
)
def test_result_or_update_from_the_content(body: Any, event: str) -> None:
    batch = push(body)
    assert batch.event == event
    assert bool(batch.results) is (event == "result")
    assert len(batch.listings) == 1


def test_an_update_that_carries_results_is_an_update() -> None:
    assert push(resulted(result()), "update").results == []


def test_codes_qualifiers_and_reasons() -> None:
    ground = {"label": "Grounds for warrant", "value": "no appearance in answer to bail", "qualifier": "CG"}
    address = {"label": "Courthouse address line 1", "value": "1 High Street"}
    notes = {"label": "Reasons", "value": "Mr Brook did not come"}
    batch = push(
        resulted(
            result(4576, qualifier="cg, CV", judicialResultPrompts=[ground, address, notes]),
            result("2509", judicialResultId="x"),
            result("4506", judicialResultId="y", isDeleted=True),
            result(None, label="Next hearing"),
        )
    )
    codes = batch.results[0].codes
    assert [(one.code, one.qualifiers, one.reasons) for one in codes] == [
        ("4576", ("CG", "CV"), ("no appearance in answer to bail",)),
        ("2509", (), ()),
    ]
    assert codes[0].ordered == date(2026, 9, 23)


def test_the_reason_of_an_adjournment_from_prompt_child_and_next_hearing() -> None:
    last_chance = "To attend or a warrant to issue"
    prompt = result(
        "4506", judicialResultPrompts=[{"label": last_chance, "value": ""}, {"label": "Adjournment reasons"}]
    )
    child = result(
        None, label=last_chance, rootJudicialResultId="root", resultDefinitionGroup="Adjournment reasons"
    )
    parent = result("4506", judicialResultId="root")
    own = result("4506", nextHearing={"adjournmentReason": last_chance})
    for results in ([prompt], [parent, child], [own]):
        assert push(resulted(*results)).results[0].codes[0].reasons == (last_chance,)


def test_a_result_stated_twice_counts_once() -> None:
    twice = defendant(offences=[{"judicialResults": [result(judicialResultId="one")]}])
    batch = push({"hearing": hearing(case(twice, twice)), "sharedTime": "2026-09-23T15:00:00Z"})
    assert [len(one.codes) for one in batch.results] == [1]


def test_three_warrants_for_three_offences_are_one_result() -> None:
    offences = [{"judicialResults": [result()]} for _ in range(3)]
    batch = push(hearing(case(defendant(offences=offences))))
    assert [[(one.code, one.offence) for one in found.codes] for found in batch.results] == [
        [("4576", 1), ("4576", 2), ("4576", 3)]
    ]


def test_results_of_the_defendant_of_the_case_and_of_the_hearing() -> None:
    body = hearing(
        case(defendant(judicialResults=[result("1")], defendantCaseJudicialResults=[result("2")])),
        defendantJudicialResults=[
            {"masterDefendantId": "A0000000-0000-4000-8000-000000000001", "judicialResult": result("3")},
            {"masterDefendantId": "someone-else", "judicialResult": result("4")},
        ],
    )
    codes = push(body).results[0].codes
    assert [(one.code, one.offence) for one in codes] == [("0001", None), ("0002", None), ("0003", None)]


TWO_DAYS = [{"sittingDay": "2026-09-23T09:00:00Z"}, {"sittingDay": "2026-09-24T09:00:00Z"}]


def test_each_day_has_its_own_result() -> None:
    batch = push(
        resulted(
            result("4506"),
            result("1015", orderedDate="2026-09-24"),
            hearingDays=TWO_DAYS,
            defendantAttendance=[attended("IN_PERSON"), attended("NOT_PRESENT", "2026-09-24")],
        )
    )
    assert [(one.day.day, one.attendance, [code.code for code in one.codes]) for one in batch.results] == [
        (23, "IN_PERSON", ["4506"]),
        (24, "NOT_PRESENT", ["1015"]),
    ]


def test_the_day_that_results_were_added_for() -> None:
    """`hearingDay` takes results ordered on no sitting day, and is there even with nothing left on it."""
    late = {**resulted(result(orderedDate="2026-09-30"), hearingDays=TWO_DAYS), "hearingDay": "2026-09-24"}
    assert [(one.day.day, len(one.codes)) for one in push(late).results] == [(24, 1)]
    taken_away = {**resulted(result(isDeleted=True), hearingDays=TWO_DAYS), "hearingDay": "2026-09-24"}
    assert [(one.day.day, len(one.codes)) for one in push(taken_away, "result").results] == [(24, 0)]


def test_everybody_in_a_result_message_is_told_of() -> None:
    other = defendant(id="d2", masterDefendantId="m2", personDefendant=person(firstName="Eve"))
    own = defendant(offences=[{"judicialResults": [result()]}])
    batch = push(hearing(case(own, other)))
    assert [(one.person.given, len(one.codes), one.attendance) for one in batch.results] == [
        ("Ada", 1, None),
        ("Eve", 0, None),
    ]


def test_the_evening_sitting_belongs_to_its_london_day() -> None:
    late = [{"sittingDay": "2026-07-01T23:30:00Z"}]
    batch = push(resulted(result(orderedDate="2026-07-02"), hearingDays=late))
    assert [one.day for one in batch.results] == [date(2026, 7, 2)]


def test_one_person_under_two_ids_attended_if_either_did() -> None:
    body = hearing(
        case(defendant(id="d1")),
        case(defendant(id="d2"), prosecutionCaseIdentifier=SECOND),
        defendantAttendance=[attended("NOT_PRESENT", who="d1"), attended("IN_PERSON", who="D2")],
    )
    assert [one.attendance for one in push(body).results] == ["IN_PERSON"]


@pytest.mark.parametrize(
    ("statuses", "custody"),
    [(["A", "C"], "custody"), (["A", "B"], "bail"), (["A"], "none"), ([None], "bail"), (["Z"], "unknown")],
)
def test_custody_after_the_hearing(statuses: list[str | None], custody: str) -> None:
    results = [result(postHearingCustodyStatus=status) for status in statuses]
    assert push(resulted(*results)).results[0].custody == custody


def next_hearing(**changes: Any) -> dict[str, Any]:
    return {
        "listedStartDateTime": "2026-10-26T10:00:00Z",
        "courtCentre": {"code": "B41MJ00", "roomName": "Room 2"},
        "type": PLEA,
        **changes,
    }


def test_the_next_hearing() -> None:
    batch = push(
        resulted(result("4506", nextHearing=next_hearing()), result("1", nextHearing=next_hearing()))
    )
    listed = batch.results[0].next_listing
    assert listed is not None
    assert listed.hearing_key == f"{KEY}:next:d0000000-0000-4000-8000-000000000001"
    assert (listed.court, listed.first_hearing, listed.hearing_type) == ("B41MJ", False, "Plea")
    assert [(day.starts_at, day.room) for day in listed.days] == [
        (datetime(2026, 10, 26, 10, tzinfo=UTC), "Room 2")
    ]
    assert (listed.mobile, listed.doubts) == ("07700900111", ())


def test_next_hearings_that_differ() -> None:
    later = next_hearing(listedStartDateTime="2026-10-27T10:00:00Z", existingHearingId="ANOTHER")
    listed = (
        push(resulted(result(nextHearing=later), result(nextHearing=next_hearing()))).results[0].next_listing
    )
    assert listed is not None
    assert (listed.days[0].starts_at.day, listed.doubts) == (26, ("several-next-hearings",))
    alone = push(resulted(result(nextHearing=later))).results[0].next_listing
    assert alone is not None
    assert alone.hearing_key == "common-platform:another"


@pytest.mark.parametrize(
    "node",
    [
        None,
        {},
        next_hearing(listedStartDateTime=None, weekCommencingDate="2026-10-26"),
        {"dateToBeFixed": True},
    ],
)
def test_a_next_hearing_without_a_time_lists_nothing(node: Any) -> None:
    assert push(resulted(result(nextHearing=node))).results[0].next_listing is None


def test_a_police_result_says_nothing_of_the_listing() -> None:
    body = {
        "id": HEARING,
        "urn": "41XX0000126",
        "sessionDays": [{"sittingDay": "2026-09-23T09:00:00Z"}],
        "courtCentreWithLJA": {"courtHearingLocation": "B41ME00", "courtCentre": {"name": "St Albans"}},
        "defendant": {
            "defendantId": "d1",
            "attendanceDays": [{"day": "2026-09-23", "attendanceType": "NOT_PRESENT"}],
            "individualDefendant": {"person": person()["personDetails"]},
            "offences": [{"judicialResults": [result(qualifier="CG")]}],
        },
    }
    batch = push(body)
    assert (batch.event, batch.listings, batch.complete, batch.rejections) == ("result", [], False, [])
    found = batch.results[0]
    assert (found.hearing_key, found.court, found.attendance) == (KEY, "B41ME", "NOT_PRESENT")
    assert [(one.code, one.qualifiers) for one in found.codes] == [("4576", ("CG",))]
    company = {**body, "defendant": {"defendantId": "d1", "corporateDefendant": {"name": "Acme Ltd"}}}
    assert push(company).results[0].person.organisation == "Acme Ltd"


def test_reasons_never_quote_a_person() -> None:
    body = hearing(
        case(defendant(personDefendant=person(lastName=None, firstName="Zebedee"))), hearingDays=["Zebedee"]
    )
    batch = push({"hearing": body, "sharedTime": "Zebedee"})
    assert batch.rejections
    assert all("Zebedee" not in f"{one.where}{one.reason}" for one in batch.rejections)
