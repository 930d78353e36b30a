"""SPI messages made to measure: wrappers, prefixes, the clock of each force, whose mobile it is, results."""

import html
import re
from datetime import date

import pytest

from services.common.times import LONDON
from services.reminders.feeds.records import FeedError, Listing, Result
from services.reminders.feeds.spi import parse
from services.reminders.feeds.spi_people import WALL_CLOCK_FORCES

LIBRA = "http://www.dca.gov.uk/xmlschemas/libra"
MOBILE = "<TelephoneDetails><TelephoneNumberMobile>{}</TelephoneNumberMobile></TelephoneDetails>"

PERSON = """<PersonDefendant><BasePersonDetails><PersonName><PersonGivenName1>Ada</PersonGivenName1>
<PersonFamilyName>Brook</PersonFamilyName></PersonName>{phone}<Birthdate>1990-01-02</Birthdate></BasePersonDetails>
<PNCidentifier>2004/0012345U</PNCidentifier></PersonDefendant>"""


def new_case(
    *,
    ptiurn: str = "41XX0000126",
    day: str = "2026-07-05",
    clock: str = "09:00:00-00:00",
    court: str = "B41ME02",
    initiation: str = "<CaseInitiation>C</CaseInitiation>",
    defendants: str | None = None,
) -> str:
    return f"""<NewCaseMessage xmlns="{LIBRA}"><Case><PTIURN>{ptiurn}</PTIURN>
<OriginatingOrganisation>041HQ00</OriginatingOrganisation>{initiation}<CaseMarker>DV</CaseMarker>
<InitialHearing><CourtHearingLocation>{court}</CourtHearingLocation><DateOfHearing>{day}</DateOfHearing>
<TimeOfHearing>{clock}</TimeOfHearing></InitialHearing>
<OtherPartyOfficerInCase>{MOBILE.format("07700900901")}</OtherPartyOfficerInCase>
{defendants if defendants is not None else defendant()}</Case></NewCaseMessage>"""


def defendant(
    *,
    asn: str = "2641XX0100000000123A",
    phone: str = "",
    rest: str = "<CustodyStatus>U</CustodyStatus>",
    person: str = PERSON,
) -> str:
    return f"""<Defendant><ProsecutorReference>{asn}</ProsecutorReference>
<PoliceIndividualDefendant>{person.format(phone=phone)}{rest}
<ParentGuardianDetails><BasePersonDetails>{MOBILE.format("07700900902")}</BasePersonDetails></ParentGuardianDetails>
</PoliceIndividualDefendant>
<Offence><BaseOffenceDetails><OffenceCode>TH68010</OffenceCode></BaseOffenceDetails>
<OtherPartyVictim>{MOBILE.format("07700900903")}</OtherPartyVictim></Offence></Defendant>"""


def resulted(
    *,
    results: str = "<Result><ResultCode>4575</ResultCode><ResultCodeQualifier>CG</ResultCodeQualifier></Result>",
    ptiurn: str = "41XX0000126",
    present: str = "N",
    root: str = f'xmlns="{LIBRA}"',
    hearing: str = "<Hearing><CourtHearingLocation>B41ME00</CourtHearingLocation>"
    "<DateOfHearing>2026-09-23</DateOfHearing><TimeOfHearing>10:00:00</TimeOfHearing></Hearing>",
) -> str:
    return f"""<ResultedCaseMessage {root}><Session><CourtHearing>{hearing}</CourtHearing><Case><PTIURN>{ptiurn}</PTIURN>
<Defendant><ProsecutorReference>2641XX0100000000123A</ProsecutorReference><CourtIndividualDefendant>
{PERSON.format(phone=MOBILE.format("07700900111"))}<BailStatus>B</BailStatus><PresentAtHearing>{present}</PresentAtHearing>
</CourtIndividualDefendant><Offence><BaseOffenceDetails><OffenceCode>TH68010</OffenceCode></BaseOffenceDetails>{results}
</Offence></Defendant></Case></Session></ResultedCaseMessage>"""


def next_hearing(clock: str = "14:00:00", day: str = "2026-10-23", court: str = "B41MJ00") -> str:
    return f"""<Result><ResultCode>4506</ResultCode><NextHearing><NextHearingDetails>
<CourtHearingLocation>{court}</CourtHearingLocation><DateOfHearing>{day}</DateOfHearing><TimeOfHearing>{clock}</TimeOfHearing>
</NextHearingDetails><NextHearingReason>To attend or a warrant to issue</NextHearingReason></NextHearing></Result>"""


def listed(message: str) -> Listing:
    batch = parse(message.encode())
    assert batch.rejections == []
    assert len(batch.listings) == 1
    return batch.listings[0]


def result(message: str) -> Result:
    batch = parse(message.encode())
    assert batch.rejections == []
    assert len(batch.results) == 1
    return batch.results[0]


def clock_in_court(listing: Listing | None) -> str:
    assert listing is not None
    return f"{listing.days[0].starts_at.astimezone(LONDON):%Y-%m-%d %H:%M}"


def route(content: str, system: str = "B00LIBRA") -> str:
    return (
        f'<RouteData xmlns="http://schemas.cjse.gov.uk/common/operations"><RequestFromSystem><SystemID> {system} </SystemID>'
        f"</RequestFromSystem><DataStream><DataStreamContent>{content}</DataStreamContent></DataStream></RouteData>"
    )


def test_a_whole_new_case() -> None:
    listing = listed(new_case(defendants=defendant(phone=MOBILE.format("07700900111"))))
    assert listing.hearing_key == "spi:41XX0000126:first"
    assert listing.case_refs == ("41XX0000126",)
    assert listing.person_keys == ("asn:2641XX0100000000123A", "pnc:20040012345U")
    assert (listing.person.given, listing.person.surname) == ("Ada", "Brook")
    assert listing.person.date_of_birth == date(1990, 1, 2)
    assert (listing.court, listing.days[0].room) == ("B41ME", "02")
    assert clock_in_court(listing) == "2026-07-05 09:00"
    assert listing.first_hearing
    assert (listing.mobile, listing.custody, listing.initiation) == ("07700900111", "bail", "C")
    assert (listing.prosecutor_unit, listing.markers) == ("041HQ00", ("DV",))
    assert listing.offence_codes == ("TH68010",)
    assert listing.youth is None


def test_the_mobile_is_not_the_officers_the_parents_or_the_victims() -> None:
    assert listed(new_case()).mobile is None


DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'


@pytest.mark.parametrize(
    "wrapped",
    [
        new_case(),
        DECLARATION + new_case(),
        "\ufeff" + DECLARATION + new_case(),
        new_case()
        .replace("<", "<DC:")
        .replace("<DC:/", "</DC:")
        .replace(f'xmlns="{LIBRA}"', f'xmlns:DC="{LIBRA}"'),
        new_case().replace(f' xmlns="{LIBRA}"', ""),
        f'<DeliverRequest xmlns="urn:d"><Message>{new_case()}</Message></DeliverRequest>',
        route(html.escape(DECLARATION + new_case())),
        route(html.escape(f"<!-- a comment -->{new_case()}")),
        route(f"<![CDATA[{DECLARATION}{new_case()}]]>"),
        route(html.escape(html.escape(new_case()))),
        route("<!-- a comment -->" + html.escape(html.escape(DECLARATION + new_case()))),
        route(html.escape("<!-- a comment -->" + html.escape(new_case()))),
        f'<s:Envelope xmlns:s="urn:soap"><s:Body>{route(html.escape(new_case()))}</s:Body></s:Envelope>',
    ],
    ids=range(13),
)
def test_every_wrapper(wrapped: str) -> None:
    listing = listed(wrapped)
    assert (listing.hearing_key, clock_in_court(listing)) == ("spi:41XX0000126:first", "2026-07-05 09:00")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "empty-body"),
        ("<a/>", "not-spi"),
        (route(""), "not-spi"),
        (route("foo"), "malformed-xml"),
        (route(html.escape("<a/>")), "not-spi"),
        (route(html.escape("<!DOCTYPE a><a/>")), "dtd-not-allowed"),
        ("<NewCaseMessage>", "malformed-xml"),
    ],
)
def test_refusals(body: str, code: str) -> None:
    with pytest.raises(FeedError) as refusal:
        parse(body.encode())
    assert refusal.value.code == code


@pytest.mark.parametrize("force", sorted(WALL_CLOCK_FORCES))
def test_the_wall_clock_of_eighteen_forces(force: str) -> None:
    listing = listed(new_case(ptiurn=f"{force}XX0000126"))
    assert clock_in_court(listing) == "2026-07-05 09:00"


def test_there_are_eighteen() -> None:
    assert len(WALL_CLOCK_FORCES) == 18
    assert "41" in WALL_CLOCK_FORCES


@pytest.mark.parametrize(
    ("ptiurn", "day", "clock", "in_court"),
    [
        # Another force's offset is honoured; without one it is the wall's clock.
        ("53XX0000126", "2026-07-05", "09:00:00-00:00", "10:00"),
        ("53XX0000126", "2026-07-05", "10:00:00.000+01:00", "10:00"),
        ("53XX0000126", "2026-07-05", "10:00:00", "10:00"),
        ("53XX0000126", "2026-12-05", "09:00:00Z", "09:00"),
        # Hertfordshire, each side of both clock changes.
        ("41XX0000126", "2026-03-27", "10:00:00-00:00", "10:00"),
        ("41XX0000126", "2026-03-30", "10:00:00-00:00", "10:00"),
        ("41XX0000126", "2026-10-23", "10:00:00-00:00", "10:00"),
        ("41XX0000126", "2026-10-26", "10:00:00-00:00", "10:00"),
        ("41XX0000126", "2026-07-05", "10:00:00+05:00", "10:00"),
    ],
)
def test_the_clock(ptiurn: str, day: str, clock: str, in_court: str) -> None:
    assert clock_in_court(listed(new_case(ptiurn=ptiurn, day=day, clock=clock))) == f"{day} {in_court}"


def test_a_doubled_hour_and_midnight_are_uncertain() -> None:
    assert not listed(new_case(day="2026-10-25", clock="01:30:00")).days[0].certain
    assert not listed(new_case(clock="00:00:00")).days[0].certain


@pytest.mark.parametrize(
    ("rest", "initiation", "custody", "language", "interpreter"),
    [
        ("<CustodyStatus>C</CustodyStatus>", "<CaseInitiation>C</CaseInitiation>", "custody", None, None),
        ("<CustodyStatus>P</CustodyStatus>", "<CaseInitiation>C</CaseInitiation>", "custody", None, None),
        ("", "<CaseInitiation>C</CaseInitiation>", "unknown", None, None),
        ("", "<CaseInitiation>q</CaseInitiation>", "none", None, None),
        ("", "<InitiationCode>S</InitiationCode><SummonsCode>M</SummonsCode>", "none", None, None),
        (
            "<LanguageOptions><DocumentationLanguage>W</DocumentationLanguage><HearingLanguage>E</HearingLanguage>"
            "</LanguageOptions><LanguageNeeds>Polish</LanguageNeeds>",
            "",
            "unknown",
            "cy",
            "Polish",
        ),
        (
            "<LanguageOptions><HearingLanguage>E</HearingLanguage></LanguageOptions>",
            "",
            "unknown",
            "en",
            None,
        ),
    ],
)
def test_custody_and_language(
    rest: str, initiation: str, custody: str, language: str | None, interpreter: str | None
) -> None:
    listing = listed(new_case(initiation=initiation, defendants=defendant(rest=rest)))
    assert (listing.custody, listing.language, listing.interpreter) == (custody, language, interpreter)


CORPORATE = "<PoliceCorporateDefendant><OrganisationName><OrganisationName>Acme Ltd</OrganisationName></OrganisationName></PoliceCorporateDefendant>"


def test_a_company_and_a_person_who_is_also_a_company() -> None:
    company = listed(
        new_case(
            defendants=f"<Defendant><ProsecutorReference>TFL</ProsecutorReference>{CORPORATE}</Defendant>"
        )
    )
    assert (company.person.organisation, company.person.surname, company.person_keys) == (
        "Acme Ltd",
        None,
        (),
    )
    both = listed(
        new_case(defendants=defendant().replace("<PoliceIndividual", CORPORATE + "<PoliceIndividual"))
    )
    assert (both.person.organisation, both.person.surname) == (None, "Brook")
    assert both.doubts == ()
    undated = defendant().replace("<PoliceIndividual", CORPORATE + "<PoliceIndividual")
    undated = re.sub(r"<Birthdate>[^<]*</Birthdate>", "", undated)
    assert listed(new_case(defendants=undated)).doubts == ("person-and-organisation",)


def test_several_defendants_and_one_without_a_name() -> None:
    nameless = defendant(person="<PersonDefendant><BasePersonDetails/></PersonDefendant>")
    batch = parse(new_case(defendants=defendant() + nameless + defendant(asn="TFL")).encode())
    assert [listing.person_keys[0] for listing in batch.listings] == [
        "asn:2641XX0100000000123A",
        "pnc:20040012345U",
    ]
    assert [(one.where, one.code) for one in batch.rejections] == [
        ("/NewCaseMessage/Case/Defendant[2]", "missing-name")
    ]
    assert not batch.complete


def test_placeholder_references_identify_nothing() -> None:
    listing = listed(new_case(ptiurn="00PP0000008"))
    assert listing.hearing_key == "spi:2641XX0100000000123A:first"
    assert listing.doubts == ("placeholder-reference",)
    batch = parse(new_case(ptiurn="00PP0000008", defendants=defendant(asn="TFL")).encode())
    assert [one.code for one in batch.rejections] == ["missing-case-reference"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ptiurn": ""}, "missing-case-reference"),
        ({"day": ""}, "missing-day"),
        ({"day": "05/07/2026"}, "missing-day"),
        ({"clock": ""}, "bad-time"),
        ({"clock": "nine"}, "bad-time"),
        ({"defendants": ""}, "no-defendants"),
    ],
)
def test_a_case_without_a_needed_fact_is_left_out(changes: dict[str, str], code: str) -> None:
    batch = parse(new_case(**changes).encode())  # type: ignore[arg-type]
    assert (batch.listings, [one.code for one in batch.rejections]) == ([], [code])


def test_a_case_without_a_hearing_is_left_out() -> None:
    message = new_case().replace("InitialHearing", "AnotherHearing")
    assert [one.code for one in parse(message.encode()).rejections] == ["missing-day"]


def test_a_court_that_nobody_knows_is_kept() -> None:
    assert listed(new_case(court="")).court is None


def test_a_whole_result() -> None:
    found = result(resulted())
    assert found.hearing_key == "spi:41XX0000126:B41ME:2026-09-23"
    assert (found.court, found.day, found.attendance) == ("B41ME", date(2026, 9, 23), "N")
    assert found.person_keys[0] == "asn:2641XX0100000000123A"
    assert [(one.code, one.qualifiers) for one in found.codes] == [("4575", ("CG",))]
    assert (found.custody, found.next_listing) == ("bail", None)
    assert parse(resulted().encode()).listings == []


def test_codes_of_every_form() -> None:
    results = (
        "<Result><ResultCode> 4576 </ResultCode><ResultCodeQualifier>cv</ResultCodeQualifier>"
        "<ResultCodeQualifier>CG</ResultCodeQualifier></Result>"
        "<Result><ResultText>free text</ResultText></Result>"
        "<Result><ResultCode>15</ResultCode><ResultCodeQualifier>A,B</ResultCodeQualifier></Result>"
    )
    assert [(one.code, one.qualifiers) for one in result(resulted(results=results)).codes] == [
        ("4576", ("CV", "CG")),
        ("0015", ("A", "B")),
    ]


@pytest.mark.parametrize(("written", "word"), [("y", "Y"), (" A ", "A"), ("", None)])
def test_attendance(written: str, word: str | None) -> None:
    assert result(resulted(present=written)).attendance == word


def test_the_next_hearing() -> None:
    found = result(resulted(results=next_hearing()))
    listing = found.next_listing
    assert listing is not None
    assert listing.hearing_key == "spi:41XX0000126:B41MJ:2026-10-23"
    assert (clock_in_court(listing), listing.days[0].certain) == ("2026-10-23 14:00", True)
    assert (listing.first_hearing, listing.mobile, listing.custody, listing.bail_code) == (
        False,
        "07700900111",
        "bail",
        "B",
    )
    assert found.codes[0].reasons == ("To attend or a warrant to issue",)


JAXB = f'xmlns="{LIBRA}" xmlns:ns2="http://www.govtalk.gov.uk/people/bs7666"'


@pytest.mark.parametrize(
    ("message", "in_court", "certain"),
    [
        (resulted(results=next_hearing("09:30:00")), "09:30", True),
        # Common Platform dropped the zone of a UTC time: an hour later in court in summer, and not certain.
        (resulted(results=next_hearing("09:30:00"), root=JAXB), "10:30", False),
        (route(html.escape(resulted(results=next_hearing("09:30:00"))), "C00CommonPlatform"), "10:30", False),
        (route(html.escape(resulted(results=next_hearing("09:30:00")))), "09:30", True),
    ],
)
def test_the_clock_of_a_next_hearing(message: str, in_court: str, certain: bool) -> None:
    listing = result(message).next_listing
    assert listing is not None
    assert (clock_in_court(listing), listing.days[0].certain) == (f"2026-10-23 {in_court}", certain)


def test_next_hearings_that_differ_and_one_that_cannot_be_read() -> None:
    batch = parse(
        resulted(
            results=next_hearing(day="2026-10-24") + next_hearing() + next_hearing(clock="soon")
        ).encode()
    )
    listing = batch.results[0].next_listing
    assert listing is not None
    assert (clock_in_court(listing), listing.doubts) == ("2026-10-23 14:00", ("several-next-hearings",))
    assert [one.code for one in batch.rejections] == ["bad-time"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ptiurn": ""}, "missing-case-reference"),
        ({"hearing": ""}, "missing-day"),
        ({"hearing": "<Hearing><DateOfHearing>2026-09-23</DateOfHearing></Hearing>"}, "bad-time"),
        ({"hearing": "<Hearing/>"}, "missing-day"),
    ],
)
def test_a_result_without_a_needed_fact_is_left_out(changes: dict[str, str], code: str) -> None:
    batch = parse(resulted(**changes).encode())  # type: ignore[arg-type]
    assert (batch.results, [one.code for one in batch.rejections]) == ([], [code])


@pytest.mark.parametrize(
    ("message", "lost"),
    [
        (new_case(), "Case"),
        (new_case(), "Defendant"),
        (resulted(), "Session"),
        (resulted(), "Case"),
        (resulted(), "Defendant"),
    ],
)
def test_a_message_with_nobody_in_it_is_left_out(message: str, lost: str) -> None:
    batch = parse(message.replace(f"<{lost}>", "<Other>").replace(f"</{lost}>", "</Other>").encode())
    assert [one.code for one in batch.rejections] == ["no-defendants"]


def test_reasons_never_quote_a_person() -> None:
    message = new_case(clock="Brook", ptiurn="41XX0000126")
    assert all("Brook" not in one.where + one.reason for one in parse(message.encode()).rejections)
