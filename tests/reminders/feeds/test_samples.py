"""What every sample of the departments became: one table a feed. A sample that is not here fails the last test."""

from collections.abc import Callable
from pathlib import Path

import pytest

from services.common.times import LONDON
from services.reminders.feeds.parse import named, parse
from services.reminders.feeds.records import Batch, FeedError, Listing, Result

Sample = Callable[[str], bytes]
Row = tuple[object, ...]

APPLICATION = "59cb14a6-e8de-4615-9c9d-94fa5ef81ad2"
LIVERPOOL = "8bbb4fe3-a899-45c7-bdd4-4ee25ac5a83f"
WIMBLEDON = "e10e3ef3-8637-40e3-bded-8ed104a380ac"
WARRINGTON = "b935a64a-6d03-4da4-bba6-4d32cc2e7fb4"
LAVENDER = "9b95abcf-6bf8-4da2-bb2f-1023a82483bb"

# sample → event, then for each listing: hearing, court, London times, surname, case, mobile, custody, first hearing, doubts
LISTINGS: dict[str, tuple[str, list[Row]]] = {
    "common-platform/court-application-minimal.json": (
        "update",
        [(APPLICATION, "B10JQ", ["2021-06-25 10:00"], "Klingon", "80GD8183221", None, "unknown", False, ())],
    ),
    "common-platform/court-hearing-event.json": (
        "update",
        [(APPLICATION, "B10JQ", ["2021-06-25 10:00"], "Klingon", "80GD8183221", None, "unknown", False, ())],
    ),
    "common-platform/hearing-1.json": (
        "update",
        [
            (LIVERPOOL, "B05KP", ["2019-01-28 10:30"], "McCullough", "74GD8837719", None, "bail", False, ()),
            (LIVERPOOL, "B05KP", ["2019-01-28 10:30"], "Leffler", "74GD8837719", None, "bail", False, ()),
        ],
    ),
    "common-platform/hearing.json": (
        "update",
        [
            (
                WIMBLEDON,
                "B10JQ",
                ["2021-09-08 10:00", "2021-09-09 11:30"],
                name,
                "25GD34377719",
                None,
                "unknown",
                False,
                (),
            )
            for name in ("MORGAN", "Leffler")
        ],
    ),
    "common-platform/laa-valid.json": ("update", []),
    "common-platform/laa-with_prosecution_case.json": (
        "update",
        [
            (
                WARRINGTON,
                "A07AF",
                ["2019-10-25 11:45"],
                "Dodger",
                "20GD0217100",
                "07700900100",
                "unknown",
                False,
                (),
            )
        ],
    ),
    **{
        f"common-platform/multi-offence-hearing-results-added-for-day-{day}.json": (
            "result",
            [
                (LAVENDER, "B01LY", ["2024-09-24 23:30"], name, case, None, "custody", True, ())
                for name, case in (
                    ("Spinka", "28DI9410771"),
                    ("Harris", "28DI9410771"),
                    ("Howe", "28DI4164138"),
                    ("Lang", "28DI4164138"),
                )
            ],
        )
        for day in (1, 2)
    },
    "common-platform-police-results/multi-offence-police-result-generated-1.json": ("result", []),
    "common-platform-police-results/public.results.police-result-generated.json": ("result", []),
    "spi/new-case-CorporateDefendantCC.xml": (
        "update",
        [
            (
                "URN_NUMBER:first",
                "COURT",
                ["2019-02-09 09:01"],
                "OrganisationName0",
                "URN_NUMBER",
                None,
                "unknown",
                True,
                (),
            )
        ],
    ),
    "spi/new-case-PoliceCase.xml": (
        "update",
        [
            (
                "53CP2215321:first",
                "B01CX",
                ["2020-07-31 10:00"],
                "Eliseh",
                "53CP2215321",
                None,
                "bail",
                True,
                (),
            )
        ],
    ),
    "spi/new-case-SingleDefendantSingeOffence.xml": (
        "update",
        [
            (
                "16BH0037004:first",
                "B16GE",
                ["2004-12-09 09:00"],
                "RAMBO",
                "16BH0037004",
                None,
                "bail",
                True,
                (),
            )
        ],
    ),
    **{
        f"spi/resulted-{name}.xml": ("result", [])
        for name in (
            "028-driver-disqualification",
            "043-dated-warrant",
            "402-cp-bail-conditions-semicolon-split",
            "from-common-platform",
            "input-message-routedata-001",
            "roles",
        )
    },
    "libra/external-document-request-multi-court-room.xml": (
        "update",
        [
            (
                "B01CX:2020-07-25:1:1000000001",
                "B01CX",
                ["2020-07-25 09:00"],
                "WATTS",
                "1000000001",
                None,
                "unknown",
                True,
                (),
            ),
            (
                "B01CX:2020-07-25:2:1000000002",
                "B01CX",
                ["2020-07-25 09:00"],
                "FAULKNER",
                "1000000002",
                None,
                "unknown",
                True,
                (),
            ),
        ],
    ),
    "libra/external-document-request-multi-day.xml": (
        "update",
        [
            (
                f"B01CX:{day}:{room}:100000000{n}",
                "B01CX",
                [f"{day} 09:00"],
                name,
                f"100000000{n}",
                None,
                "unknown",
                first,
                (),
            )
            for day, room, n, name, first in (
                ("2020-07-25", 1, 1, "WATTS", True),
                ("2020-07-25", 1, 2, "PARMAR", True),
                ("2020-07-25", 1, 3, "BERKLEY", True),
                ("2020-07-25", 2, 4, "DEANE", False),
                ("2020-07-28", 1, 5, "FAULKNER", True),
                ("2020-07-28", 2, 6, "Phillips", False),
            )
        ],
    ),
    "libra/external-document-request-single-case.xml": (
        "update",
        [
            (
                "B10JQ:2020-10-26:0:1600032981",
                "B10JQ",
                ["2020-10-26 09:00"],
                "MORGAN",
                "1600032981",
                None,
                "unknown",
                False,
                (),
            )
        ],
    ),
    "libra/massive-file.xml": (
        "update",
        [
            (
                "B10JQ:2020-10-26:0:1777732981",
                "B10JQ",
                ["2020-10-26 09:00"],
                "MELLOTRON",
                "1777732981",
                None,
                "unknown",
                True,
                (),
            ),
            (
                "B10JQ:2020-10-26:0:166662982",
                "B10JQ",
                ["2020-10-26 09:00"],
                "LINCOLN",
                "166662982",
                None,
                "unknown",
                True,
                (),
            ),
        ],
    ),
    "libra/request-B10JQ01.xml": ("update", []),
    "libra/sample-request.xml": (
        "update",
        [
            (
                "B10JQ:2020-10-26:0:166662981",
                "B10JQ",
                ["2020-10-26 09:00"],
                "LINCOLN",
                "166662981",
                None,
                "unknown",
                True,
                (),
            ),
            (
                "B10JQ:2020-10-26:0:1777732980",
                "B10JQ",
                ["2020-10-26 09:00"],
                "MELLOTRON",
                "1777732980",
                None,
                "unknown",
                True,
                (),
            ),
        ],
    ),
}

LISTINGS |= {
    "cath/magistratesAdultCourtList.json": ("update", []),
    "cath/magistratesPublicAdultCourtList.json": ("update", []),
    "cath/magistratesStandardList.json": (
        "update",
        [
            (
                f"B04KO:2023-12-13:Courtroom {room}:{case}",
                "B04KO",
                [f"2023-12-13 {time}:30" for time in times],
                f"Surname {name}",
                case,
                None,
                custody,
                False,
                doubts,
            )
            for room, case, times, name, custody, doubts in (
                (1, "45684548", ["13", "16"], "A", "unknown", ("video",)),
                (2, "45684548", ["13"], "B", "custody", ()),
                (2, "12345678", ["13"], "B", "custody", ("video",)),
            )
        ],
    ),
    "common-platform-lists/court-list-payload-multiple-dates.json": (
        "update",
        [
            (
                f"test-court-centre:2026-01-0{day}:Courtroom 0{room}:CASE00{room}",
                None,
                [f"2026-01-0{day} {time}:00"],
                name,
                f"CASE00{room}",
                None,
                "unknown",
                False,
                ("hearing-type-missing",),
            )
            for day, room, time, name in ((5, 1, 10, "Doe"), (6, 2, 11, "Smith"))
        ],
    ),
    "common-platform-lists/court-list-payload-public.json": (
        "update",
        [
            (
                f"B01LY:2026-01-{day}:Courtroom {room}:{case}",
                "B01LY",
                [f"2026-01-{day} {time}"],
                name,
                case,
                None,
                "unknown",
                first,
                (),
            )
            for day, room, case, time, name, first in (
                ("05", "01", "EK121443449", "10:30", "Bogisich", True),
                ("06", "03", "QZ141205473", "10:00", "Mertz", False),
                ("06", "03", "UD133718536", "10:00", "Mraz", False),
                ("06", "03", "WX141203286", "10:00", "Koch", False),
                ("06", "03", "FX141202987", "10:00", "Jenkins", False),
                ("06", "03", "HG133712387", "10:00", "Osinski", False),
            )
        ],
    ),
    **{
        f"libra-json/{name}.json": (
            "update",
            [
                (
                    f"B10JQ:2020-02-20:{room}:{case}",
                    "B10JQ",
                    ["2020-02-20 09:01"],
                    who,
                    case,
                    None,
                    "unknown",
                    True,
                    ("hearing-type-missing",),
                )
            ],
        )
        for name, room, case, who in (
            ("case", 0, "1600032981", "MORGAN"),
            ("case-org", 7, "2100049401", "Some Organisation"),
        )
    },
    **{
        f"common-platform-listing-events/public.{name}.json": ("update", [])
        for name in (
            "events.listing.allocated-hearing-deleted",
            "listing.events.hearing-deleted",
            "listing.hearing-days-changed-for-hearing",
        )
    },
}

DO = ("To produce motor insurance documents or test certificates (not driving licence)",)
GE = ("To attend or a warrant to issue",)


def adjourned(name: str, qualifier: str, reasons: tuple[str, ...], other: str, next_hearing: str) -> Row:
    codes = [("4506", (qualifier,), reasons, 1), (other, (), (), 2)]
    return (
        name,
        LAVENDER,
        "B01LY",
        "2024-09-24",
        "IN_PERSON",
        "none",
        codes,
        f"B01LY {next_hearing}",
        True,
        None,
    )


# sample → for each result: surname, hearing, court, day, attendance, custody, codes, next hearing, its time certain, mobile
RESULTS: dict[str, list[Row]] = {
    "common-platform/multi-offence-hearing-results-added-for-day-1.json": [
        adjourned("Spinka", "DO", DO, "1018", "2024-09-27 14:00"),
        adjourned("Harris", "DO", DO, "1017", "2024-09-30 14:00"),
        adjourned("Howe", "GE", GE, "1018", "2024-09-27 14:00"),
        adjourned("Lang", "GE", GE, "1017", "2024-09-30 14:00"),
    ],
    "common-platform/multi-offence-hearing-results-added-for-day-2.json": [
        adjourned("Spinka", "DO", DO, "1018", "2024-10-03 14:00"),
        adjourned("Harris", "DO", DO, "1017", "2024-10-03 10:00"),
        adjourned("Howe", "GE", GE, "1018", "2024-10-03 14:00"),
        adjourned("Lang", "GE", GE, "1017", "2024-10-03 14:00"),
    ],
    "common-platform-police-results/multi-offence-police-result-generated-1.json": [
        adjourned("Spinka", "DO", DO, "1018", "2024-09-27 14:00"),
    ],
    "common-platform-police-results/public.results.police-result-generated.json": [
        (
            "Ormsby",
            "61676439-cd3a-49b5-9590-0abd685fb83c",
            "B01LY",
            "2020-05-26",
            "IN_PERSON",
            "none",
            [("4592", (), GE, 1), ("1018", (), (), 1), ("1018", (), (), 2)],
            "C05LV 2020-09-20 10:30",
            True,
            None,
        )
    ],
    "spi/resulted-028-driver-disqualification.xml": [
        (
            "Jimbobjones",
            "01ZD0307208:B41ME:2011-09-26",
            "B41ME",
            "2011-09-26",
            "Y",
            "none",
            [("3096", (), (), 1), ("4047", (), ("non-standard reason: For sentence",), 1)],
            "B01EF 2011-10-26 14:00",
            True,
            None,
        )
    ],
    "spi/resulted-043-dated-warrant.xml": [
        (
            "NEWTRPRTWO",
            "01ZD0307708:B01EF:2011-09-26",
            "B01EF",
            "2011-09-26",
            "A",
            "bail",
            [("4575", ("CG",), ("To continue hearing",), 1)],
            "B01EF 2011-10-01 14:00",
            True,
            None,
        )
    ],
    "spi/resulted-402-cp-bail-conditions-semicolon-split.xml": [
        (
            "SmithY",
            "89GD6425322:B01EF:2022-04-11",
            "B01EF",
            "2022-04-11",
            "N",
            "bail",
            [("4027", ("KQ", "JD", "JN", "RD"), ("Insufficient court time to hear the case",), 1)],
            "B01LY 2022-04-16 10:00",
            False,
            None,
        )
    ],
    "spi/resulted-from-common-platform.xml": [
        (
            "Ormsby",
            "21EU9147637:B01LY:2020-05-26",
            "B01LY",
            "2020-05-26",
            "Y",
            "custody",
            [("4592", (), GE, 1), ("1018", (), (), 1), ("1018", (), (), 2)],
            "C05LV 2020-09-20 10:30",
            False,
            None,
        )
    ],
    "spi/resulted-input-message-routedata-001.xml": [
        (
            "SEXOFFENCE",
            "01ZD0303208:B01EF:2011-09-26",
            "B01EF",
            "2011-09-26",
            "A",
            "bail",
            [("3078", (), (), 1), ("3052", (), (), 2), ("1015", (), (), 3)],
            None,
            None,
            None,
        )
    ],
    "spi/resulted-roles.xml": [
        (
            "Rigout",
            "41BP0510007:B01EF:2008-01-11",
            "B01EF",
            "2008-01-11",
            "Y",
            "bail",
            [("4023", (), (), 1)],
            "B01EF 2008-02-01 13:30",
            True,
            "07700900101",
        )
    ],
}

REFUSED = {
    "common-platform/laa-contact_details.json": "not-a-hearing",
    "common-platform/laa-search_prosecution_case_response.json": "not-a-hearing",
    "common-platform/sns-message-container.json": "malformed-json",  # its Message is the word "foo"
    "common-platform-listing-events/listing.command.list-unscheduled-court-hearing.json": "event-not-supported",
    "common-platform-listing-events/public.listing.court-list-published.json": "event-not-supported",
    "common-platform-listing-events/public.listing.hearing-listed.json": "event-not-supported",
}

# sample → the codes of what is left out of it
REJECTED: dict[str, list[str]] = {
    "cath/magistratesAdultCourtList.json": ["missing-day"] * 2 + ["empty-list"] * 4 + ["missing-day"] * 2,
    "cath/magistratesPublicAdultCourtList.json": ["missing-day"] * 2 + ["empty-list"] * 4,
    "common-platform-listing-events/public.events.listing.allocated-hearing-deleted.json": ["event-unnamed"],
    "common-platform-listing-events/public.listing.events.hearing-deleted.json": ["event-unnamed"],
    "common-platform/laa-valid.json": ["no-defendants"],
    "libra/request-B10JQ01.xml": ["empty-list"],
}
FOLDERS = (
    "cath",
    "common-platform",
    "common-platform-listing-events",
    "common-platform-lists",
    "common-platform-police-results",
    "libra",
    "libra-json",
    "spi",
)


def read(name: str, body: bytes) -> Batch:
    """As a file of this name is read, whose format nobody states."""
    return parse(body, named(body, "auto", name), event=None, hearing_id=None)


def listing_row(listing: Listing) -> Row:
    return (
        listing.hearing_key.removeprefix(f"{listing.source}:"),
        listing.court,
        [day.starts_at.astimezone(LONDON).strftime("%Y-%m-%d %H:%M") for day in listing.days],
        listing.person.surname or listing.person.organisation,
        *listing.case_refs,
        listing.mobile,
        listing.custody,
        listing.first_hearing,
        listing.doubts,
    )


def result_row(result: Result) -> Row:
    listed = result.next_listing
    day = listed.days[0] if listed else None
    return (
        result.person.surname,
        result.hearing_key.removeprefix(f"{result.source}:"),
        result.court,
        result.day.isoformat(),
        result.attendance,
        result.custody,
        [(one.code, one.qualifiers, one.reasons, one.offence) for one in result.codes],
        f"{listed.court} {day.starts_at.astimezone(LONDON):%Y-%m-%d %H:%M}" if listed and day else None,
        day.certain if day else None,
        listed.mobile if listed else None,
    )


@pytest.mark.parametrize("name", LISTINGS)
def test_what_it_became(name: str, sample: Sample) -> None:
    event, listings = LISTINGS[name]
    batch = read(name, sample(name))
    assert batch.event == event
    assert [listing_row(listing) for listing in batch.listings] == listings
    assert [result_row(result) for result in batch.results] == RESULTS.get(name, [])
    assert [rejection.code for rejection in batch.rejections] == REJECTED.get(name, [])
    assert all(day.certain for listing in batch.listings for day in listing.days)
    assert all(not listing.first_hearing for result in batch.results if (listing := result.next_listing))


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str, sample: Sample) -> None:
    with pytest.raises(FeedError) as refusal:
        read(name, sample(name))
    assert refusal.value.code == REFUSED[name]


def test_no_sample_is_forgotten(sample: Sample) -> None:
    sample("MANIFEST.json")
    root = Path(__file__).parents[4] / "shared/data/feeds"
    found = {str(path.relative_to(root)) for folder in FOLDERS for path in (root / folder).glob("*.*")}
    assert found == LISTINGS.keys() | REFUSED.keys()
