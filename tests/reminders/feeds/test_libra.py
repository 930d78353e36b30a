"""Libra lists made to measure: wrappers, rooms as snapshots, what a first listing is, issues in order."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from services.common.times import LONDON
from services.reminders.feeds.libra import parse
from services.reminders.feeds.records import Batch, FeedError, Listing, Snapshot


def case(number: str = "1600032981", name: str = "Mr Arthur MORGAN", **changes: str) -> str:
    parts = {
        "caseno": number,
        "def_name": name,
        "def_type": "P",
        "def_dob": "01/01/1975",
        "listno": "1st",
        **changes,
    }
    offences = "<offences><offence><code>TH68010</code></offence></offences>"
    return f"<case>{''.join(f'<{tag}>{text}</{tag}>' for tag, text in parts.items())}{offences}</case>"


def session(*cases: str, blocks: str | None = None, **changes: str) -> str:
    parts = {"ou_code": "B10JQ00", "doh": "26/10/2026", "room": "01", "sstart": "09:00", **changes}
    tags = "".join(f"<{tag}>{text}</{tag}>" for tag, text in parts.items() if text)
    return f"<session>{tags}<blocks>{blocks if blocks is not None else block(*cases)}</blocks></session>"


def block(*cases: str, start: str = "10:00", desc: str = "First Hearings Slot") -> str:
    return f"<block><bstart>{start}</bstart><desc>{desc}</desc><cases>{''.join(cases or [case()])}</cases></block>"


def document(
    *sessions: str, name: str = "5_26102026_2992_B10JQ01_ADULT_COURT_LIST_DAILY", printed: str = "23/10/2026"
) -> str:
    return (
        f"<document><info><source_file_name>{name}</source_file_name></info><data><job><printdate>{printed}</printdate>"
        f"<sessions>{''.join(sessions or [session()])}</sessions></job></data></document>"
    )


def request(*documents: str) -> str:
    namespace = "http://www.justice.gov.uk/magistrates/external/ExternalDocumentRequest"
    inner = "".join(documents or [document()])
    return f'<n:ExternalDocumentRequest xmlns:n="{namespace}"><documents>{inner}</documents></n:ExternalDocumentRequest>'


def read(*documents: str) -> Batch:
    return parse(request(*documents).encode())


def only(*documents: str) -> Listing:
    batch = read(*documents)
    assert batch.rejections == []
    assert len(batch.listings) == 1
    return batch.listings[0]


def test_a_whole_case() -> None:
    listing = only(document(session(case(pnc_id="2004/0012345U", inf="POL01"))))
    assert listing.hearing_key == "libra:B10JQ:2026-10-26:1:1600032981"
    assert (listing.case_refs, listing.person_keys) == (("1600032981",), ("pnc:20040012345U",))
    assert (listing.person.given, listing.person.surname) == ("Arthur", "MORGAN")
    assert listing.person.date_of_birth == date(1975, 1, 1)
    assert (listing.court, listing.days[0].room, listing.prosecutor) == ("B10JQ", "1", "POL01")
    assert listing.days[0].starts_at == datetime(2026, 10, 26, 10, tzinfo=UTC)
    assert (listing.first_hearing, listing.hearing_type) == (True, "First Hearings Slot")
    assert (listing.mobile, listing.custody, listing.initiation) == (None, "unknown", None)
    assert listing.offence_codes == ("TH68010",)


@pytest.mark.parametrize(
    "wrapped",
    [
        request(),
        f'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>{request()}</s:Body></s:Envelope>',
        f"<CSCI_Message_Type><MessageBody><GatewayOperationType>{request()}</GatewayOperationType></MessageBody></CSCI_Message_Type>",
        f"<CourtList><sessions>{session()}</sessions></CourtList>",
        request(document().replace("<info>", '<x:info xmlns:x="urn:x">').replace("</info>", "</x:info>")),
    ],
    ids=range(5),
)
def test_every_wrapper(wrapped: str) -> None:
    batch = parse(wrapped.encode())
    assert [listing.hearing_key for listing in batch.listings] == ["libra:B10JQ:2026-10-26:1:1600032981"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty-body"),
        (b"<a/>", "not-libra"),
        (b"<sessions>", "malformed-xml"),
        (b"<!DOCTYPE a><a/>", "dtd-not-allowed"),
    ],
)
def test_refusals(body: bytes, code: str) -> None:
    with pytest.raises(FeedError) as refusal:
        parse(body)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "empty", [document().partition("<data>")[0] + "<data/></document>", document(session(blocks=""))]
)
def test_an_empty_list_says_nothing_of_the_room(empty: str) -> None:
    batch = read(empty)
    assert (batch.listings, batch.snapshots) == ([], [])
    assert [one.code for one in batch.rejections] == ["empty-list"]


@pytest.mark.parametrize(
    ("changes", "name", "court", "day"),
    [
        ({}, "5_25102026_2992_C01XX01_LIST", "B10JQ", date(2026, 10, 26)),
        ({"ou_code": ""}, "5_25102026_2992_C01XX01_LIST", "C01XX", date(2026, 10, 26)),
        ({"doh": ""}, "5_25102026_2992_C01XX01_LIST", "B10JQ", date(2026, 10, 25)),
        ({"doh": ""}, "5_251026_2992_C01XX01_LIST", "B10JQ", date(2026, 10, 25)),
    ],
)
def test_court_and_day(changes: dict[str, str], name: str, court: str, day: date) -> None:
    batch = read(document(session(**changes), name=name))  # type: ignore[arg-type]
    assert batch.snapshots[0].court == batch.listings[0].court == court
    assert batch.snapshots[0].day == batch.listings[0].days[0].starts_at.date() == day


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"ou_code": ""}, "missing-court"), ({"doh": ""}, "missing-day"), ({"doh": "soon"}, "missing-day")],
)
def test_a_session_of_nowhere_is_left_out(changes: dict[str, str], code: str) -> None:
    batch = read(document(session(**changes), session(room="2"), name="list"))  # type: ignore[arg-type]
    assert [(one.where, one.code) for one in batch.rejections] == [("/document[1]/session[1]", code)]
    assert len(batch.listings) == 1


@pytest.mark.parametrize(
    ("block_start", "session_start", "in_court", "certain"),
    [
        ("10:00", "09:00", "10:00", True),
        ("", "09:00", "09:00", True),
        ("soon", "09:00", "09:00", False),
        ("10:00", "", "10:00", True),
        ("00:00", "09:00", "00:00", False),
    ],
)
def test_the_clock(block_start: str, session_start: str, in_court: str, certain: bool) -> None:
    listing = only(document(session(blocks=block(start=block_start), sstart=session_start, doh="01/07/2026")))
    day = listing.days[0]
    assert (f"{day.starts_at.astimezone(LONDON):%H:%M}", day.certain) == (in_court, certain)


@pytest.mark.parametrize(
    ("listno", "desc", "first"),
    [
        ("1st", "First Hearings Slot", True),
        ("1ST", "Anything", True),
        ("2nd", "First Hearings Slot", False),
        ("1st", "Enforcement List", False),
        ("1st", "BREACH of community orders", False),
        ("", "First Hearings Slot", False),
    ],
)
def test_first_listings(listno: str, desc: str, first: bool) -> None:
    assert only(document(session(blocks=block(case(listno=listno), desc=desc)))).first_hearing is first


def test_marks_of_a_case() -> None:
    assert only(document(session(case(prov="Y", valid="N", def_dob="1975")))).doubts == (
        "provisional",
        "not-valid",
        "bad-date-of-birth",
    )
    assert only(document(session(case(prov="N", valid="Y")))).doubts == ()
    assert only(document(session(blocks=block(desc="Overnight custody")))).custody == "custody"
    assert only(document(session(panel="Youth Panel"))).youth is True
    assert only(document(session(panel="Adult Panel"))).youth is None


def test_names() -> None:
    elements = "<title>Mr</title><forename1>Ann Marie</forename1><surname>DE LA CRUZ</surname>"
    person = only(document(session(case(def_name_elements=elements)))).person
    assert (person.given, person.surname) == ("Ann Marie", "DE LA CRUZ")
    company = only(document(session(case(name="Acme", def_type="O", def_dob="")))).person
    assert (company.organisation, company.surname) == ("Acme", None)
    assert only(document(session(case(name="Acme Ltd", def_dob="")))).person.organisation == "Acme Ltd"
    unnamed = case(name="", def_type="O", def_name_elements="<surname>Acme</surname>")
    assert only(document(session(unnamed))).person.organisation == "Acme"


def test_bad_cases_are_left_out_and_the_rest_go() -> None:
    batch = read(document(session(case(number=""), case(name=""), case())))
    assert [(one.where, one.code) for one in batch.rejections] == [
        ("/document[1]/session[1]/block[1]/case[1]", "missing-case-reference"),
        ("/document[1]/session[1]/block[1]/case[2]", "missing-name"),
    ]
    assert len(batch.listings) == 1
    assert [one.code for one in read(document(session(blocks=block(start="x"), sstart="y"))).rejections] == [
        "bad-time"
    ]


def test_one_person_twice_in_a_room_is_listed_once_with_both_times() -> None:
    blocks = block(case(), start="14:00") + block(case(), case(name="Ms Ann OTHER"), start="10:00")
    batch = read(document(session(blocks=blocks)))
    assert [(one.person.surname, [day.starts_at.hour for day in one.days]) for one in batch.listings] == [
        ("MORGAN", [10, 14]),
        ("OTHER", [10]),
    ]


def test_rooms_are_snapshots_with_a_version() -> None:
    printed = datetime(2026, 10, 23, microsecond=5, tzinfo=UTC)
    batch = read(
        document(session(room="00"), session(room="0"), session(room="02"), session(doh="29/10/2026"))
    )
    assert batch.snapshots == [
        Snapshot("B10JQ", date(2026, 10, 26), "0", printed),
        Snapshot("B10JQ", date(2026, 10, 26), "2", printed),
        Snapshot("B10JQ", date(2026, 10, 29), "1", printed),
    ]
    assert batch.version == printed
    assert read(document(printed="")).version is None


@pytest.mark.parametrize(
    ("first", "second", "standing"),
    [
        (("5", "23/10/2026"), ("6", "23/10/2026"), ["B"]),
        (("6", "23/10/2026"), ("5", "23/10/2026"), ["A"]),
        (("6", "23/10/2026"), ("5", "24/10/2026"), ["B"]),
        (("5", "23/10/2026"), ("5", "23/10/2026"), ["A", "B"]),
        (("5", ""), ("6", ""), ["A", "B"]),
    ],
)
def test_of_two_issues_of_a_room_the_later_stands(
    first: tuple[str, str], second: tuple[str, str], standing: list[str]
) -> None:
    documents = [
        document(
            session(case(name=f"Mr {name}")), name=f"{sequence}_26102026_2992_B10JQ01_L", printed=printed
        )
        for name, (sequence, printed) in zip("AB", (first, second), strict=True)
    ]
    batch = read(*documents)
    assert [one.person.surname for one in batch.listings] == standing
    assert len(batch.snapshots) == 1


def test_the_massive_file_is_quick(sample: Callable[[str], bytes]) -> None:
    body = sample("libra/massive-file.xml")
    started = time.process_time()
    assert len(parse(body).listings) == 2
    assert time.process_time() - started < 3
