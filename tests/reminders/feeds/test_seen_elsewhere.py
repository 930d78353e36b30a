"""What went wrong in other people's reminders, as far as it came in with the feed: REMINDERS §9, by its rows."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from services.common.times import LONDON
from services.reminders.feeds.parse import named, parse
from services.reminders.feeds.records import Batch, Day, FeedError
from services.reminders.feeds.spi_people import WALL_CLOCK_FORCES

PERSON = {"firstName": "Ada", "lastName": "Brook", "dateOfBirth": "1990-01-02"}


def read(body: str | bytes | dict[str, Any]) -> Batch:
    raw = json.dumps(body).encode() if isinstance(body, dict) else body
    raw = raw.encode() if isinstance(raw, str) else raw
    return parse(raw, named(raw, "auto", None), event=None, hearing_id=None)


def shown(day: Day) -> str:
    """What a text would say, and whether the time can be trusted."""
    return f"{day.starts_at.astimezone(LONDON):%Y-%m-%d %H:%M}{'' if day.certain else ' ?'}"


def common_platform(sitting_day: str, *defendants: dict[str, Any]) -> dict[str, Any]:
    people = list(defendants) or [{"id": "d1", "personDefendant": {"personDetails": PERSON}}]
    case = {"prosecutionCaseIdentifier": {"caseURN": "41XX0000126"}, "defendants": people}
    return {"hearing": {"id": "h1", "hearingDays": [{"sittingDay": sitting_day}], "prosecutionCases": [case]}}


def spi(day: str, clock: str, ptiurn: str = "41XX0000126", defendants: int = 1) -> str:
    person = (
        "<Defendant><ProsecutorReference>2641XX0100000000123A</ProsecutorReference><PoliceIndividualDefendant>"
        "<PersonDefendant><BasePersonDetails><PersonName><PersonGivenName1>Ada</PersonGivenName1><PersonFamilyName>Brook"
        "</PersonFamilyName></PersonName><Birthdate>1990-01-02</Birthdate></BasePersonDetails></PersonDefendant>"
        "</PoliceIndividualDefendant></Defendant>"
    )
    return (
        f"<NewCaseMessage><Case><PTIURN>{ptiurn}</PTIURN><InitialHearing><CourtHearingLocation>B41ME00</CourtHearingLocation>"
        f"<DateOfHearing>{day}</DateOfHearing><TimeOfHearing>{clock}</TimeOfHearing></InitialHearing>{person * defendants}"
        "</Case></NewCaseMessage>"
    )


def libra(day: str, clock: str, cases: int = 1) -> str:
    year, month, date = day.split("-")
    case = (
        "<case><caseno>1600032981</caseno><def_name>Ada BROOK</def_name><def_dob>02/01/1990</def_dob></case>"
    )
    return (
        f"<CourtList><sessions><session><ou_code>B41ME00</ou_code><doh>{date}/{month}/{year}</doh><room>1</room><blocks><block>"
        f"<bstart>{clock}</bstart><cases>{case * cases}</cases></block></blocks></session></sessions></CourtList>"
    )


def libra_case(day: str, clock: str) -> dict[str, Any]:
    return {
        "caseNo": "1600032981",
        "defendantName": "Ada BROOK",
        "defendantDob": "02/01/1990",
        "courtCode": "B41ME",
        "sessionStartTime": f"{day}T{clock}:00",
    }


def payload(day: str, clock: str, hearings: int = 1) -> dict[str, Any]:
    defendant = {"firstName": "Ada", "surname": "Brook", "dateOfBirth": "2 Jan 1990"}
    hearing = {"caseNumber": "41XX0000126", "startTime": clock, "defendants": [defendant]}
    room = {"courtRoomName": "1", "timeslots": [{"hearings": [hearing] * hearings}]}
    dates = [{"hearingDate": day, "courtRooms": [room]}]
    return {"courtCentreName": "St Albans Magistrates' Court", "hearingDates": dates}


def cath(start: str, parties: int = 1) -> dict[str, Any]:
    details = {"individualForenames": "Ada", "individualSurname": "Brook", "dateOfBirth": "1990-01-02"}
    case = {
        "caseUrn": "41XX0000126",
        "party": [{"partyRole": "DEFENDANT", "individualDetails": details}] * parties,
    }
    rooms = [
        {
            "courtRoomName": "1",
            "session": [{"sittings": [{"sittingStart": start, "hearing": [{"case": [case]}]}]}],
        }
    ]
    return {
        "document": {"publicationDate": "2026-01-01T00:00:00Z"},
        "courtLists": [{"courtHouse": {"courtHouseName": "St Albans", "courtRoom": rooms}}],
    }


def csv(day: str, clock: str, rows: int = 1) -> str:
    header = "case_ref,asn,defendant_name,date_of_birth,court_code,room,date,time,hearing_type,mobile,bail_status,language\n"
    return header + f"41XX0000126,,Ada Brook,02/01/1990,B41ME00,1,{day},{clock},First hearing,,,\n" * rows


# The last Sundays of March and October 2026 are 29 and 25.
AROUND_THE_CHANGES = ("2026-03-28", "2026-03-29", "2026-03-30", "2026-10-24", "2026-10-25", "2026-10-26")
ON_THE_WALL: dict[str, Callable[[str, str], Any]] = {
    "spi": lambda day, clock: spi(day, f"{clock}:00.000-00:00"),
    "libra": libra,
    "libra-case": libra_case,
    "common-platform-list": payload,
    "csv": csv,
    "common-platform without a zone": lambda day, clock: common_platform(f"{day} {clock}:00"),
}


@pytest.mark.parametrize("feed", ON_THE_WALL)
def test_row_07_the_walls_clock_on_each_side_of_both_clock_changes(feed: str) -> None:
    for day in AROUND_THE_CHANGES:
        (listing,) = read(ON_THE_WALL[feed](day, "10:00")).listings
        assert [shown(one) for one in listing.days] == [f"{day} 10:00"]


@pytest.mark.parametrize("feed", ON_THE_WALL)
def test_row_07_an_hour_that_is_skipped_or_comes_twice_is_doubted(feed: str) -> None:
    for day in ("2026-03-29", "2026-10-25"):
        (listing,) = read(ON_THE_WALL[feed](day, "01:30")).listings
        assert [one.certain for one in listing.days] == [False]


@pytest.mark.parametrize(
    ("written", "in_court"),
    [
        ("2021-06-25T09:00:00.000Z", "2021-06-25 10:00"),
        ("2019-01-28T10:30:00Z", "2019-01-28 10:30"),
        ("2026-03-28T10:00:00Z", "2026-03-28 10:00"),
        ("2026-03-29T00:59:00Z", "2026-03-29 00:59"),
        ("2026-03-29T01:00:00Z", "2026-03-29 02:00"),
        ("2026-03-30T09:00:00Z", "2026-03-30 10:00"),
        ("2026-10-24T09:00:00Z", "2026-10-24 10:00"),
        ("2026-10-25T00:30:00Z", "2026-10-25 01:30"),
        ("2026-10-25T01:30:00Z", "2026-10-25 01:30"),
        ("2026-10-26T10:00:00Z", "2026-10-26 10:00"),
        ("2026-07-05T10:00:00+01:00", "2026-07-05 10:00"),
        ("2026-07-05T05:00:00-04:00", "2026-07-05 10:00"),
    ],
)
def test_row_07_an_instant_is_what_it_is_in_london(written: str, in_court: str) -> None:
    (listing,) = read(common_platform(written)).listings
    assert [shown(one) for one in listing.days] == [in_court]


@pytest.mark.parametrize(
    ("written", "in_court"),
    [
        ("2026-01-28T10:30:00Z", "2026-01-28 10:30"),
        ("2026-10-24T09:00:00Z", "2026-10-24 10:00 ?"),  # London's clock with a Z, or UTC: nobody knows
        ("2026-10-26T10:00:00Z", "2026-10-26 10:00"),
    ],
)
def test_row_07_a_list_with_a_letter_that_may_be_wrong(written: str, in_court: str) -> None:
    (listing,) = read(cath(written)).listings
    assert [shown(one) for one in listing.days] == [in_court]


@pytest.mark.parametrize(
    ("body", "code", "named_in_it"),
    [
        (csv("2026-07-05", "10:00").replace("case_ref", "case_reference", 1), "wrong-header", "case_ref"),
        (csv("2026-07-05", "10:00").replace("date_of_birth,", "", 1), "wrong-header", "date_of_birth"),
        (csv("2026-07-05", "10:00").replace(",language", ",language,notes", 1), "wrong-header", "language"),
        ({"hearings": {"id": "h1"}}, "event-not-supported", "send the hearing itself"),
        ({"hearing": {"identifier": "h1", "cases": []}}, "not-a-hearing", '{"hearing"'),
        ("<NewCase/>", "format-unknown", "SPI"),
        (
            spi("2026-07-05", "10:00:00").replace("NewCaseMessage", "NewCaseMessageV2"),
            "not-spi",
            "NewCaseMessage",
        ),
        ("<CourtLists><Sessions/></CourtLists>", "not-libra", "ExternalDocumentRequest"),
        (
            {"document": {"publicationDate": "x"}, "lists": []},
            "not-cath",
            "CaTH",
        ),
        ({"hearingDates": [{"courtRooms": []}]}, "not-a-list", "courtCentreName"),
    ],
)
def test_row_11_another_header_or_format_refuses_the_whole_file_and_names_what_it_lacks(
    body: Any, code: str, named_in_it: str
) -> None:
    with pytest.raises(FeedError) as refusal:
        read(body)
    assert refusal.value.code == code
    assert named_in_it in refusal.value.reason


DEFENDANT = {"id": "d1", "masterDefendantId": "m1", "personDefendant": {"personDetails": PERSON}}
TWICE: dict[str, Any] = {
    "common-platform, the same defendant": common_platform("2026-07-05T09:00:00Z", DEFENDANT, DEFENDANT),
    "common-platform, a copy with an id of its own": common_platform(
        "2026-07-05T09:00:00Z", DEFENDANT, DEFENDANT | {"id": "d2", "masterDefendantId": "m2"}
    ),
    "common-platform, one master in two cases": common_platform(
        "2026-07-05T09:00:00Z", DEFENDANT, DEFENDANT | {"id": "d2"}
    ),
    "libra": libra("2026-07-05", "10:00", cases=2),
    "cath": cath("2026-01-05T10:00:00Z", parties=2),
    "common-platform-list": payload("2026-07-05", "10:00", hearings=2),
}


@pytest.mark.parametrize("feed", TWICE)
def test_row_12_one_person_written_twice_is_listed_once(feed: str) -> None:
    batch = read(TWICE[feed])
    assert (len(batch.listings), batch.rejections) == (1, [])
    assert len(batch.listings[0].days) == 1


@pytest.mark.parametrize("feed", ["spi", "csv"])
def test_row_12_where_each_record_stands_alone_its_copies_are_one_person(feed: str) -> None:
    body = spi("2026-07-05", "10:00:00", defendants=2) if feed == "spi" else csv("2026-07-05", "10:00", 2)
    first, second = read(body).listings
    identity = [(one.hearing_key, one.person_keys, one.case_refs, one.person) for one in (first, second)]
    assert identity[0] == identity[1]


@pytest.mark.parametrize(
    ("written", "in_court"),
    [
        ("2021-06-25T09:00:00.000Z", "2021-06-25 10:00"),
        ("2021-06-25T09:00:00.000", "2021-06-25 10:00"),  # a reader dropped the zone of a real instant
        ("2021-06-25T09:00:00", "2021-06-25 10:00"),
        ("2021-01-28T10:30:00", "2021-01-28 10:30"),
        ("2018-10-24 10:00:00", "2018-10-24 10:00"),  # a space: one source writes the wall's clock
        ("2018-12-24 10:00:00", "2018-12-24 10:00"),
        ("2021-06-25", "2021-06-25 00:00 ?"),
        ("2021-06-25T00:00:00", "2021-06-25 01:00 ?"),
    ],
)
def test_row_25_a_dropped_zone(written: str, in_court: str) -> None:
    (listing,) = read(common_platform(written)).listings
    assert [shown(one) for one in listing.days] == [in_court]


@pytest.mark.parametrize("force", sorted(WALL_CLOCK_FORCES))
def test_row_25_eighteen_forces_write_an_offset_that_is_wrong_in_summer(force: str) -> None:
    for clock in ("09:00:00-00:00", "09:00:00Z", "09:00:00+01:00", "09:00:00.0000000-00:00", "09:00:00"):
        (listing,) = read(spi("2026-07-05", clock, f"{force}XX0000126")).listings
        assert [shown(one) for one in listing.days] == ["2026-07-05 09:00"]


def test_row_25_the_eighteen_forces() -> None:
    assert sorted(WALL_CLOCK_FORCES) == sorted(
        "41 46 42 37 36 40 23 35 10 22 20 14 04 03 11 06 63 01".split()  # noqa: SIM905 - as the page lists them
    )


@pytest.mark.parametrize(
    ("clock", "in_court"),
    [
        ("09:00:00-00:00", "2026-07-05 10:00"),
        ("09:00:00+01:00", "2026-07-05 09:00"),
        ("09:00:00", "2026-07-05 09:00"),
    ],
)
def test_row_25_for_other_forces_an_offset_holds(clock: str, in_court: str) -> None:
    for force in ("52", "62", "93"):
        (listing,) = read(spi("2026-07-05", clock, f"{force}XX0000126")).listings
        assert [shown(one) for one in listing.days] == [in_court]


def test_row_25_a_next_hearing_that_common_platform_wrote_into_spi_is_doubted() -> None:
    """Its clock is UTC with the zone dropped; Libra's in the same place is the wall's."""
    message = (
        "<ResultedCaseMessage {}><Session><CourtHearing><Hearing><CourtHearingLocation>B41ME00</CourtHearingLocation>"
        "<DateOfHearing>2026-07-05</DateOfHearing><TimeOfHearing>09:00:00</TimeOfHearing></Hearing></CourtHearing><Case>"
        "<PTIURN>41XX0000126</PTIURN><Defendant><CourtIndividualDefendant><PersonDefendant><BasePersonDetails><PersonName>"
        "<PersonFamilyName>Brook</PersonFamilyName></PersonName></BasePersonDetails></PersonDefendant>"
        "</CourtIndividualDefendant><Offence><Result><ResultCode>4506</ResultCode><NextHearing><NextHearingDetails>"
        "<CourtHearingLocation>B41ME00</CourtHearingLocation><DateOfHearing>2026-08-05</DateOfHearing>"
        "<TimeOfHearing>09:00:00</TimeOfHearing></NextHearingDetails></NextHearing></Result></Offence></Defendant></Case>"
        "</Session></ResultedCaseMessage>"
    )
    for namespace, in_court in (
        ('xmlns:ns2="http://www.govtalk.gov.uk/people/bs7666"', "2026-08-05 10:00 ?"),
        ("", "2026-08-05 09:00"),
    ):
        (result,) = read(message.replace("{}", namespace)).results
        assert result.next_listing is not None
        assert [shown(one) for one in result.next_listing.days] == [in_court]
