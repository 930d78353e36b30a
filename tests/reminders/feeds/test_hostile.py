"""Input made to hurt: entity bombs, files from outside, ten megabytes of nearly nothing, and what grows with the square of its size.

Each case ends in a batch or a FeedError within a bound that leaves room for a slow machine; linear work takes a fraction of it.
"""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from services.reminders.feeds import libra, spi
from services.reminders.feeds.json_input import SIZE_LIMIT
from services.reminders.feeds.parse import named, parse
from services.reminders.feeds.records import Batch, FeedError

FULL = SIZE_LIMIT - 2_000  # bytes
PART = (
    1_000_000  # bytes: linear work takes a second, and work that grows with the square many times the bound
)
LONG = 9_900_000  # characters; XML texts end at ten million
SECONDS = 20  # of the processor, for ten megabytes
SECONDS_FOR_A_PART = 8

PERSON = '{"personDefendant":{"personDetails":{"lastName":"a"}}}'
NEW_CASE = (
    "<NewCaseMessage><Case><PTIURN>41XX1</PTIURN><InitialHearing><CourtHearingLocation>B41ME00</CourtHearingLocation>"
    "<DateOfHearing>2026-01-05</DateOfHearing><TimeOfHearing>10:00:00</TimeOfHearing></InitialHearing>{}</Case></NewCaseMessage>"
)
NAMED = (
    "<PersonDefendant><BasePersonDetails><PersonName><PersonFamilyName>A</PersonFamilyName></PersonName>"
    "</BasePersonDetails></PersonDefendant>"
)
RESULTED = (
    "<ResultedCaseMessage><Session><CourtHearing><Hearing><CourtHearingLocation>B41ME00</CourtHearingLocation>"
    "<DateOfHearing>2026-01-05</DateOfHearing><TimeOfHearing>10:00:00</TimeOfHearing></Hearing></CourtHearing>"
    "<Case><PTIURN>41XX1</PTIURN>{}</Case></Session></ResultedCaseMessage>"
)
LIST = (
    "<CourtList><sessions><session><ou_code>B41ME00</ou_code><doh>05/01/2026</doh><sstart>10:00</sstart>{}"
    "</session></sessions></CourtList>"
)
CASE = "<case><caseno>1</caseno><def_name>A B</def_name></case>"


def read(body: bytes) -> Batch | str:
    """What a file of unknown format becomes: its batch, or the code of its refusal."""
    try:
        return parse(body, named(body, "auto", "upload"), event=None, hearing_id=None)
    except FeedError as error:
        return error.code


def times(unit: str, size: int, around: str = "{}") -> str:
    """A text of this size: a unit again and again, inside another text."""
    return around.replace("{}", unit * ((size - len(around)) // len(unit)), 1)


def each(unit: Callable[[int], str], size: int, between: str = ",") -> str:
    """A text of about this size: units that differ by their number."""

    def units() -> Iterator[str]:
        number = length = 0
        while length < size:
            one = unit(number)
            number, length = number + 1, length + len(one) + len(between)
            yield one

    return between.join(units())


def hearing(defendants: str, rest: str = "", reference: str = '"caseURN":"41XX1"', case: str = "") -> str:
    """A Common Platform hearing with these defendants, in JSON."""
    return (
        f'{{"hearing":{{"id":"h1",{rest}"prosecutionCases":[{{{case}"prosecutionCaseIdentifier":{{{reference}}},'
        f'"defendants":[{defendants}]}}]}}}}'
    )


def cath(sittings: str) -> str:
    """A CaTH standard list of one room."""
    return (
        '{"document":{"publicationDate":"2026-01-01T00:00:00Z"},"courtLists":[{"courtHouse":{"courtHouseName":"St Albans",'
        f'"courtRoom":[{{"courtRoomName":"1","session":[{{"sittings":[{sittings}]}}]}}]}}}}]}}'
    )


def payload(rooms: str) -> str:
    """A Common Platform list of one day."""
    return f'{{"courtCentreName":"Ambridge","hearingDates":[{{"hearingDate":"2026-01-05","courtRooms":[{rooms}]}}]}}'


DAY = '"hearingDays":[{"sittingDay":"2026-01-05T10:00:00Z"}],'

# name → the body, and its refusal; "" where a batch comes of it
TEN_MEGABYTES: dict[str, tuple[Callable[[], str], str]] = {
    "json open lists": (lambda: times("[", FULL), "too-deep"),
    "json open objects": (lambda: times('{"a":', FULL), "too-deep"),
    "json long text": (lambda: times("x", FULL, '{"hearing":{"id":"h1","prosecutionCases":"{}"}}'), ""),
    "json long id": (
        lambda: times("x", FULL, '{"hearing":{"id":"{}","prosecutionCases":[]}}'),
        "missing-hearing-id",
    ),
    "json long number": (lambda: times("9", FULL, '{"hearing":{}}'), "malformed-json"),
    "json long exponent": (lambda: times("9", FULL, '{"a":1e{}}'), "not-a-hearing"),
    "json one key": (lambda: times('"a":1,', FULL, '{{}"a":1}'), "not-a-hearing"),
    "json surrogates": (
        lambda: times("\\ud800", FULL, '{"hearing":{"id":"{}","prosecutionCases":[]}}'),
        "missing-hearing-id",
    ),
    "json values": (lambda: times("0,", FULL, "[{}0]"), "too-large"),
    "json keys": (lambda: "{" + each(lambda n: f'"k{n}":1', FULL) + "}", "too-large"),
    "json nameless": (lambda: hearing(times("{},", FULL - 200) + "{}"), "too-large"),
    "json in an envelope": (
        lambda: json.dumps({"Type": "Notification", "Message": times("[", FULL)}),
        "too-deep",
    ),
    "libra case long time": (lambda: times("2", FULL, '{"caseNo":"1","sessionStartTime":"{}"}'), ""),
    "list long room": (lambda: payload(times("x", FULL - 200, '{"courtRoomName":"{}","timeslots":[]}')), ""),
    "cath no court houses": (
        lambda: times("{},", FULL, '{"document":{"publicationDate":""},"courtLists":[{}{}]}'),
        "too-large",
    ),
    "xml open": (lambda: times("<a>", FULL, "<NewCaseMessage>{}"), "too-deep"),
    "xml long attribute": (lambda: times("x", LONG, '<NewCaseMessage a="{}"/>'), ""),
    "xml too long attribute": (lambda: times("x", FULL, '<NewCaseMessage a="{}"/>'), "malformed-xml"),
    "xml long text": (lambda: times("x", LONG, "<NewCaseMessage>{}</NewCaseMessage>"), ""),
    "xml long name": (lambda: times("x", FULL, "<NewCaseMessage{}/>"), "malformed-xml"),
    "xml comments": (lambda: times("<!---->", FULL, "<NewCaseMessage>{}</NewCaseMessage>"), ""),
    "xml instructions": (lambda: times("<?a?>", FULL, "<NewCaseMessage>{}</NewCaseMessage>"), ""),
    "xml characters": (lambda: times("&#65;", FULL, "<NewCaseMessage>{}</NewCaseMessage>"), ""),
    "xml elements": (lambda: times("<a/>", FULL, "<NewCaseMessage>{}</NewCaseMessage>"), "too-large"),
    "xml namespaces": (
        lambda: "<NewCaseMessage " + each(lambda n: f'xmlns:a{n}="u"', PART, " ") + "/>",
        "",
    ),
    "spi messages": (lambda: times("<NewCaseMessage/>", FULL, "<a>{}</a>"), "too-large"),
    "spi nameless": (lambda: times("<Defendant/>", FULL, NEW_CASE), "too-large"),
    "spi escaped comments": (
        lambda: times("&lt;!-- --&gt;", FULL, "<a><DataStreamContent>{}</DataStreamContent></a>"),
        "empty-body",
    ),
    "spi escaped ampersands": (
        lambda: times("&amp;amp;", FULL, "<a><DataStreamContent>{}</DataStreamContent></a>"),
        "malformed-xml",
    ),
    "libra cases": (lambda: times("<case/>", FULL, LIST.replace("{}", "<block>{}</block>")), "too-large"),
    "libra long room": (
        lambda: times("1", LONG, LIST.replace("{}", f"<room>{{}}</room><block>{CASE}</block>")),
        "",
    ),
    "libra long name": (lambda: times("A ", LONG, LIST.replace("{}", f"<block>{CASE}</block>")), ""),
    "libra long day": (lambda: times("1/", LONG, LIST.replace("05/01/2026", "{}")), ""),
}

# What would take the square of its size, were every record compared with every other.
MANY: dict[str, Callable[[], str]] = {
    "copies of one person": lambda: hearing(
        each(
            lambda n: (
                f'{{"id":"d{n}","masterDefendantId":"m","offences":[{{"offenceCode":"c{n}"}}],{PERSON[1:]}'
            ),
            PART,
        ),
        DAY,
    ),
    "attendance": lambda: hearing(
        each(lambda n: f'{{"id":"d{n}",{PERSON[1:]}', PART // 2),
        f'{DAY}"defendantAttendance":['
        + each(
            lambda n: (
                f'{{"defendantId":"d{n}","attendanceDays":[{{"day":"2026-01-05","attendanceType":"IN_PERSON"}}]}}'
            ),
            PART // 2,
        )
        + "],",
    ),
    "results on people": lambda: hearing(
        each(lambda n: f'{{"id":"d{n}","masterDefendantId":"m{n}",{PERSON[1:]}', PART // 2),
        f'{DAY}"hasSharedResults":true,"defendantJudicialResults":['
        + each(lambda n: f'{{"masterDefendantId":"m{n}","judicialResult":{{"cjsCode":"1"}}}}', PART // 2)
        + "],",
    ),
    "results of one person": lambda: hearing(
        f'{{{PERSON[1:-1]},"judicialResults":['
        + each(
            lambda n: (
                f'{{"judicialResultId":"r{n}","rootJudicialResultId":"r{n}","label":"x","orderedHearingId":"h1",'
                '"resultDefinitionGroup":"Adjournment reasons","cjsCode":"4506","orderedDate":"2026-01-05"}'
            ),
            PART,
        )
        + "]}",
        DAY,
    ),
    "days": lambda: hearing(
        f'{{{PERSON[1:-1]},"judicialResults":['
        + each(lambda n: f'{{"orderedDate":"2190-01-0{n % 9 + 1}","orderedHearingId":"h1"}}', PART // 2)
        + "]}",
        '"hearingDays":['
        + each(
            lambda n: (
                f'{{"sittingDay":"{1900 + n % 280}-{1 + n // 280 % 12:02}-{1 + n // 3360 % 28:02}T10:00:00Z"}}'
            ),
            PART // 2,
        )
        + "],",
    ),
    "markers": lambda: hearing(
        each(lambda n: PERSON, PART // 2),
        DAY,
        case='"caseMarkers":[' + each(lambda n: f'{{"markerTypeCode":"m{n}"}}', PART // 2) + "],",
    ),
    "one case in many sittings": lambda: cath(
        each(
            lambda n: (
                f'{{"sittingStart":"2026-01-05T10:00:{n % 60:02}.{n:06}Z","hearing":[{{"case":[{{"caseUrn":"41XX1","party":'
                '[{"partyRole":"DEFENDANT","individualDetails":{"individualSurname":"a","dateOfBirth":"1990-01-01"},'
                f'"offence":[{{"offenceCode":"c{n}"}}]}}]}}]}}]}}'
            ),
            PART,
        )
    ),
    "rooms": lambda: payload(each(lambda n: f'{{"courtRoomName":"{n}"}}', PART)),
    "spi defendants": lambda: times(
        f"<Defendant><PoliceIndividualDefendant>{NAMED}</PoliceIndividualDefendant></Defendant>",
        PART,
        NEW_CASE,
    ),
    "spi nameless": lambda: times("<Defendant/>", PART, NEW_CASE),
    "spi messages": lambda: times("<ResultedCaseMessage><Session/></ResultedCaseMessage>", PART, "<a>{}</a>"),
    "spi results": lambda: RESULTED.replace(
        "{}",
        f"<Defendant><CourtIndividualDefendant>{NAMED}</CourtIndividualDefendant><Offence>"
        + each(
            lambda n: (
                f"<Result><ResultCode>{n}</ResultCode><NextHearing><NextHearingDetails><DateOfHearing>x</DateOfHearing>"
                "</NextHearingDetails></NextHearing></Result>"
            ),
            PART,
            "",
        )
        + "</Offence></Defendant>",
    ),
    "libra nested documents": lambda: times(
        "<session/>", PART, "<document>" * 50 + "{}" + "</document>" * 50
    ).join(("<CourtList>", "</CourtList>")),
    "libra nested sessions": lambda: times(
        CASE, PART, LIST.replace("{}", "<session>" * 25 + "<block>" * 25 + "{}" + "</block>" * 25)
    ).replace("</session>", "</session>" * 26),
    "libra one case": lambda: LIST.replace(
        "{}",
        each(
            lambda n: (
                f"<block><bstart>{n // 60 % 24:02}:{n % 60:02}</bstart><case><caseno>1</caseno><def_name>A B</def_name>"
                f"<offences><offence><code>c{n}</code></offence></offences></case></block>"
            ),
            PART,
            "",
        ),
    ),
}


@pytest.mark.parametrize("name", TEN_MEGABYTES)
def test_ten_megabytes(name: str) -> None:
    make, refusal = TEN_MEGABYTES[name]
    body = make().encode()
    started = time.process_time()
    became = read(body)
    assert time.process_time() - started < SECONDS
    assert isinstance(became, Batch) if refusal == "" else became == refusal


@pytest.mark.parametrize("name", MANY)
def test_many_records(name: str) -> None:
    body = MANY[name]().encode()
    started = time.process_time()
    became = read(body)
    assert time.process_time() - started < SECONDS_FOR_A_PART
    assert isinstance(became, Batch), became
    assert became.listings or became.results or became.rejections


def test_the_massive_file_takes_well_under_a_second(sample: Callable[[str], bytes]) -> None:
    body = sample("libra/massive-file.xml")
    started = time.process_time()
    libra.parse(body)
    assert time.process_time() - started < 1


PARSERS: dict[str, Callable[[bytes], Any]] = {
    "libra": libra.parse,
    "spi": spi.parse,
    "auto": lambda body: parse(body, named(body, "auto", "upload"), event=None, hearing_id=None),
    "carried": lambda body: spi.parse(
        b"<a><DataStreamContent><![CDATA[" + body.decode("latin-1").encode() + b"]]></DataStreamContent></a>"
    ),
}
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
MESSAGE = "<NewCaseMessage>{}</NewCaseMessage>"
ENTITIES = {
    "billion laughs": f'<!DOCTYPE a [<!ENTITY l0 "lol">{LAUGHS}]>{MESSAGE.format("&l9;")}',
    "quadratic blow-up": f'<!DOCTYPE a [<!ENTITY x "{"x" * 50_000}">]>{MESSAGE.format("&x;" * 50_000)}',
    "blow-up in an attribute": f'<!DOCTYPE a [<!ENTITY x "{"x" * 50_000}">]><NewCaseMessage a="{"&x;" * 50_000}"/>',
    "external entity": f'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>{MESSAGE.format("&x;")}',
    "external subset": f'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd">{MESSAGE.format("")}',
    "parameter entity": f'<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd">%x;]>{MESSAGE.format("")}',
    "default attribute": f'<!DOCTYPE a [<!ATTLIST NewCaseMessage a CDATA "b">]>{MESSAGE.format("")}',
    "no entity at all": f"<!DOCTYPE a>{MESSAGE.format('')}",
}


@pytest.mark.parametrize("name", ENTITIES)
@pytest.mark.parametrize("adapter", PARSERS)
def test_a_document_type_is_refused_before_it_is_read(name: str, adapter: str) -> None:
    started = time.process_time()
    with pytest.raises(FeedError) as refusal:
        PARSERS[adapter](ENTITIES[name].encode())
    assert refusal.value.code == "dtd-not-allowed"
    assert time.process_time() - started < 5


@pytest.mark.parametrize("name", ENTITIES)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-8-sig", "cp037", "utf-7"])
def test_a_document_type_in_an_encoding_that_hides_it(name: str, encoding: str) -> None:
    label = {"utf-16-be": "UTF-16BE", "cp037": "IBM037", "utf-8-sig": "UTF-8"}.get(encoding, encoding.upper())
    body = f'<?xml version="1.0" encoding="{label}"?>{ENTITIES[name]}'.encode(encoding)
    if encoding == "utf-7":  # "<!" need not stand there as such
        body = body.replace(b"<!DOCTYPE", b"+ADwAIQ-DOCTYPE")
    for parser in (libra.parse, spi.parse):
        started = time.process_time()
        with pytest.raises(FeedError):
            parser(body)
        assert time.process_time() - started < 5


def test_an_inclusion_is_not_followed() -> None:
    body = (
        b'<NewCaseMessage xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///etc/passwd" parse="text"/>'
        b"<Case><PTIURN><xi:include href='file:///etc/passwd' parse='text'/></PTIURN></Case></NewCaseMessage>"
    )
    assert [one.code for one in spi.parse(body).rejections] == ["missing-case-reference"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"hearing": {"id": NaN}}', "malformed-json"),
        (b'{"hearing": {"id": -Infinity}}', "malformed-json"),
        (b'{"hearing": {"id": 1e999, "prosecutionCases": []}}', "missing-hearing-id"),
        (b'{"hearing": {"id": "a\x00b", "prosecutionCases": []}}', "malformed-json"),
        (b'{"hearing": {"id": "\\u0000\\ud800", "prosecutionCases": []}}', "missing-hearing-id"),
        (b'\xff\xfe{\x00"\x00a\x00"\x00', "not-utf8"),
        (b'{"hearing": "\xe9"}', "not-utf8"),
        (b"\xef\xbb\xbf\xef\xbb\xbf{}", "format-unknown"),
        (b"<NewCaseMessage>\x00</NewCaseMessage>", "malformed-xml"),
        (b"<NewCaseMessage>&#0;&#xD800;</NewCaseMessage>", "malformed-xml"),
        (b"<NewCaseMessage>\xed\xa0\x80</NewCaseMessage>", "malformed-xml"),
        (b"<NewCaseMessage a='1' a='2'/>", "malformed-xml"),
        (b'<?xml version="1.0" encoding="UTF-16"?><NewCaseMessage/>', "malformed-xml"),
    ],
)
def test_what_is_no_text(body: bytes, code: str) -> None:
    assert read(body) == code
