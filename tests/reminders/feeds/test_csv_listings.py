"""The office's CSV: the header exact, bad rows told by line, good rows kept."""

from datetime import UTC, date, datetime

import pytest

from services.common.times import LONDON
from services.reminders.feeds.csv_listings import COLUMNS, SIZE_LIMIT, listing, parse, rows
from services.reminders.feeds.records import FeedError, Listing

HEADER = ",".join(COLUMNS)
ROW = dict(
    zip(
        COLUMNS,
        (
            "41XX0000126",
            "2641XX0100000000123A",
            "Ada Brook",
            "02/01/1990",
            "B41ME00",
            "1",
            "23/09/2026",
            "10:00",
            "First hearing",
            "07700 900111",
            "B",
            "English",
        ),
        strict=True,
    )
)


def row(**changes: str) -> str:
    return ",".join({**ROW, **changes}.values())


def file(*rows: str, header: str = HEADER) -> bytes:
    return "\r\n".join([header, *rows, ""]).encode()


def only(**changes: str) -> Listing:
    batch = parse(file(row(**changes)))
    assert batch.rejections == []
    return batch.listings[0]


def test_a_whole_row() -> None:
    listing = only()
    assert (listing.source, listing.hearing_key) == ("csv", "csv:41XX0000126")
    assert (listing.case_refs, listing.person_keys) == (("41XX0000126",), ("asn:2641XX0100000000123A",))
    assert (listing.person.given, listing.person.surname) == ("Ada", "Brook")
    assert listing.person.date_of_birth == date(1990, 1, 2)
    assert (listing.court, listing.days[0].room) == ("B41ME", "1")
    assert listing.days[0].starts_at == datetime(2026, 9, 23, 9, tzinfo=UTC)
    assert (listing.first_hearing, listing.hearing_type) == (True, "First hearing")
    assert (listing.mobile, listing.custody, listing.bail_code) == ("07700 900111", "bail", "B")
    assert (listing.language, listing.doubts, listing.where) == ("en", (), "line 2")


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        (b"", "empty-body", "case_ref"),
        (b"\xef\xbb\xbf", "empty-body", "case_ref"),
        (file(header=HEADER.replace("case_ref", "urn")), "wrong-header", "Column 1 must be case_ref"),
        (file(header=HEADER.replace("mobile", "phone")), "wrong-header", "Column 10 must be mobile"),
        (file(header=HEADER.replace(",language", "")), "wrong-header", "Column 12 must be language"),
        (file(header=HEADER + ",notes"), "wrong-header", "Column 13"),
        (file(header=HEADER.replace("date,time", "time,date")), "wrong-header", "Column 7 must be date"),
        (file(header=HEADER.replace(",", ";")), "wrong-header", "Column 1 must be case_ref"),
        (file(row(), header=row()), "wrong-header", "Column 1 must be case_ref"),
        (file(header=HEADER.upper()), "wrong-header", "Column 1 must be case_ref"),
        (b"x" * 131_073, "wrong-header", "more than 131,072 characters"),
        (b'"' + file(row(defendant_name="x" * 131_073)), "wrong-header", "stray quotation mark"),
        (file(row()) + row(defendant_name="Zoë Hall").encode("cp1252"), "not-utf8", "Line 3"),
        (b"x" * (SIZE_LIMIT + 1), "too-large", "parts"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_a_file_that_is_refused(body: bytes, code: str, said: str) -> None:
    with pytest.raises(FeedError) as refusal:
        parse(body)
    assert refusal.value.code == code
    assert said in refusal.value.reason
    assert "Brook" not in refusal.value.reason


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\xbb\xbf" + file(row()),
        file(row()).replace(b"\r\n", b"\n"),
        file(row(), header=HEADER.replace(",", ", ")),
        file(row(), "", ",,,,,,,,,,,"),
    ],
)
def test_a_file_that_is_read(body: bytes) -> None:
    batch = parse(body)
    assert (len(batch.listings), batch.rejections) == (1, [])
    assert (batch.event, batch.complete, batch.version) == ("update", False, None)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"case_ref": ""}, "missing-case-reference"),
        ({"case_ref": "X" * 65}, "missing-case-reference"),
        ({"case_ref": "00PP0000008", "asn": ""}, "missing-case-reference"),
        ({"defendant_name": " "}, "missing-name"),
        ({"defendant_name": "Mr"}, "missing-name"),
        ({"court_code": ""}, "missing-court"),
        ({"court_code": "B41"}, "missing-court"),
        ({"date": ""}, "missing-day"),
        ({"date": "31/02/2026"}, "bad-day"),
        ({"date": "23/09/26"}, "bad-day"),
        ({"date": "9/23/2026"}, "bad-day"),
        ({"time": ""}, "missing-time"),
        ({"time": "10"}, "bad-time"),
        ({"time": "25:00"}, "bad-time"),
        ({"language": "English,extra"}, "wrong-column-count"),
    ],
)
def test_a_bad_row_is_left_out_and_the_rest_go(changes: dict[str, str], code: str) -> None:
    batch = parse(file(row(), row(**changes), row(case_ref="41XX0000226")))
    assert [listing.hearing_key for listing in batch.listings] == ["csv:41XX0000126", "csv:41XX0000226"]
    assert [(one.where, one.code) for one in batch.rejections] == [("line 3", code)]
    assert "Brook" not in batch.rejections[0].reason


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    batch = parse(file(row(defendant_name='"Ada\nBrook"'), row(time="soon")))
    assert batch.listings[0].where == "line 2"
    assert batch.listings[0].person.surname == "Brook"
    assert batch.rejections[0].where == "line 4"


def test_a_quotation_mark_that_is_never_closed() -> None:
    batch = parse(file(row(), row(defendant_name='"Ada Brook'), row()))
    assert len(batch.listings) == 1
    assert [(one.where, one.code) for one in batch.rejections] == [("line 3", "wrong-column-count")]


def test_a_field_too_long_for_csv_is_one_bad_row() -> None:
    batch = parse(file(row(room="x" * 200_000), row()))
    assert [(one.where, one.code) for one in batch.rejections] == [("line 2", "malformed-row")]
    assert "131,072 characters" in batch.rejections[0].reason
    assert len(batch.listings) == 1


@pytest.mark.parametrize(
    ("day", "clock", "in_court", "certain"),
    [
        ("2026-09-23", "10:00", "2026-09-23 10:00", True),
        ("3/9/2026", "2pm", "2026-09-03 14:00", True),
        ("23/12/2026", "10.30am", "2026-12-23 10:30", True),
        ("29/03/2026", "01:30", "2026-03-29 02:30", False),
        ("25/10/2026", "01:30", "2026-10-25 01:30", False),
        ("25/10/2026", "00:00", "2026-10-25 00:00", False),
    ],
)
def test_days_and_clocks(day: str, clock: str, in_court: str, certain: bool) -> None:
    found = only(date=day, time=clock).days[0]
    assert (f"{found.starts_at.astimezone(LONDON):%Y-%m-%d %H:%M}", found.certain) == (in_court, certain)


@pytest.mark.parametrize(
    ("written", "custody", "code", "initiation", "doubts"),
    [
        ("B", "bail", "B", None, ()),
        ("u", "bail", "U", None, ()),
        ("C", "custody", "C", None, ()),
        ("conditional bail", "bail", None, None, ()),
        ("Remanded in custody", "custody", None, None, ()),
        ("Summons", "none", None, "S", ()),
        ("Postal requisition", "none", None, "Q", ()),
        ("charged", "unknown", None, "C", ()),
        ("not applicable", "none", None, None, ()),
        ("X", "unknown", "X", None, ()),
        ("", "unknown", None, None, ()),
        ("ask the clerk", "unknown", None, None, ("bail-status-unknown",)),
    ],
)
def test_bail(
    written: str, custody: str, code: str | None, initiation: str | None, doubts: tuple[str, ...]
) -> None:
    listing = only(bail_status=written)
    assert (listing.custody, listing.bail_code, listing.initiation, listing.doubts) == (
        custody,
        code,
        initiation,
        doubts,
    )


@pytest.mark.parametrize(
    ("kind", "first", "doubts"),
    [
        ("FIRST HEARING", True, ()),
        ("First appearance", True, ()),
        ("FHG", True, ()),
        ("Plea", False, ()),
        ("", False, ("hearing-type-missing",)),
    ],
)
def test_first_hearing(kind: str, first: bool, doubts: tuple[str, ...]) -> None:
    listing = only(hearing_type=kind)
    assert (listing.first_hearing, listing.doubts) == (first, doubts)


def test_people_companies_and_birth_dates() -> None:
    assert only(defendant_name="Acme Ltd", date_of_birth="").person.organisation == "Acme Ltd"
    assert only(defendant_name="Ada Ltd").person.organisation is None
    assert only(date_of_birth="").person.date_of_birth is None
    assert only(date_of_birth="").doubts == ()
    assert only(date_of_birth="1990").doubts == ("bad-date-of-birth",)
    comma = only(defendant_name='"BROOK, Ada"')
    assert (comma.person.given, comma.person.surname) == ("Ada", "BROOK")


def test_a_placeholder_is_no_key() -> None:
    listing = only(case_ref="00PP0000008")
    assert (listing.hearing_key, listing.doubts) == ("csv:2641XX0100000000123A", ("placeholder-reference",))


def test_rows_come_as_they_are_read() -> None:
    lines = iter([HEADER + "\n", row() + "\n", row(case_ref="") + "\n"])
    coming = rows(lines)
    assert isinstance(listing(next(coming)), Listing)
    assert list(lines) == [row(case_ref="") + "\n"]
