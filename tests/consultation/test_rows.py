"""Rows of the office's files: what is taken, and what is refused with its place and field. And when invitations go."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

import pytest

from services.consultation import files
from services.consultation.pacing import last_of, paced, window
from services.consultation.rows import FileError

HEAD = "reference,channel,received,text"
GOOD = {"reference": "1", "channel": "letter", "received": "2026-09-14", "text": "More police"}
AGREED = {
    "reference": "1",
    "mobile": "07700 900123",
    "consent": "form",
    "consented_by": "herself",
    "consented_on": "2026-08-01",
}
TODAY = date(2026, 9, 14)

WHOLE_FILES: list[tuple[bytes, str, str]] = [
    (b"", "wrong-header", "'reference'"),
    (b"reference,channel,recieved\n", "wrong-header", "'recieved'"),
    (b"reference,channel,received,received\n", "wrong-header", "twice"),
    (b"reference,channel,text\n", "wrong-header", "'received'"),
    (b"reference;channel;received\n1;web;2026-09-14\n", "wrong-header", "commas"),
    (b"reference\tchannel\treceived\n", "wrong-header", "commas"),
    (b"PK\x03\x04\x14\x00", "not-csv", "save it as 'CSV UTF-8'"),
    (b"reference,channel,received\n1,web,\xff\n", "not-utf-8", "line 2"),
    (HEAD.encode() + b'\n1,web,2026-09-14,"never closed\n' + b"x" * 200_000, "malformed-csv", "line"),
    (b'{"responses": 7}', "not-a-list", "list"),
    (b"{", "malformed-json", "line 1"),
]


@pytest.mark.parametrize(("body", "code", "words"), WHOLE_FILES)
def test_a_file_of_which_nothing_can_be_taken_says_what_to_change(body: bytes, code: str, words: str) -> None:
    with pytest.raises(FileError) as refused:
        files.responses(body, (), drama=True)
    assert refused.value.code == code
    assert words in str(refused.value)


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"reference": "x" * 65}, "reference", "bad-reference"),
    ({"reference": ""}, "reference", "missing"),
    ({"channel": "fax"}, "channel", "bad-channel"),
    ({"received": "yesterday"}, "received", "bad-date"),
    ({"received": "31/02/2026"}, "received", "bad-date"),
    ({"received": "0001-01-01T00:00+14:00"}, "received", "bad-date"),
    ({"text": "x" * 100_001}, "text", "too-long"),
    ({"type": "martian"}, "type", "bad-type"),
    ({"type": "organisation"}, "organisation", "missing"),
    ({"mobile": "01992 555555"}, "mobile", "bad-mobile"),
    ({"email": "a b@c"}, "email", "bad-email"),
    ({"receipt": "O0I1"}, "receipt", "bad-receipt"),
    ({"place": "Atlantis"}, "place", "unknown-place"),
    ({"victim": "perhaps"}, "victim", "bad-word"),
    ({"language": "english"}, "language", "bad-language"),
    ({"colour": "red"}, "colour", "unknown-field"),
    ({"text": {"a": 1}}, "text", "not-text"),
]


@pytest.mark.parametrize(("changes", "field", "code"), BAD)
def test_a_bad_row_is_left_out_with_its_place_and_field(
    changes: dict[str, Any], field: str, code: str
) -> None:
    good, [bad] = files.responses([GOOD, GOOD | {"reference": "2"} | changes], (), drama=True)
    assert [one.reference for one in good] == ["1"]
    assert (bad.where, bad.field, bad.code) == ("row 2", field, code)
    assert "Atlantis" not in bad.reason


def test_csv_and_json_say_the_same() -> None:
    columns = [
        "reference",
        "channel",
        "received",
        "text",
        "type",
        "organisation",
        "mobile",
        "place",
        "publish",
    ]
    cells = [
        "7",
        "WEB",
        "14/09/2026",
        "First line\nsecond, with a comma",
        "organisation",
        "The Parish",
        "07700 900123",
        "AL1",
        "Y",
    ]
    line = ",".join(f'"{cell}"' for cell in cells)
    written = f"\ufeff{','.join(columns)}\r\n\r\n{line}\r\n"
    [one], nothing = files.responses(written.encode(), (), drama=True)
    assert not nothing
    [other], nothing = files.responses([dict(zip(columns, cells, strict=True))], (), drama=True)
    assert not nothing
    # Their places apart: "line 4" and "row 1".
    assert {name: getattr(one, name) for name in one.__slots__ if name != "where"} == {
        name: getattr(other, name) for name in other.__slots__ if name != "where"
    }
    assert (one.mobile, one.district, one.publish, one.channel) == ("+447700900123", "st-albans", True, "web")
    # Noon in London, because a day has no hour.
    assert one.received_at == datetime(2026, 9, 14, 11, tzinfo=UTC)


def test_a_row_with_a_cell_too_many_is_named() -> None:
    good, [bad] = files.responses(
        f"{HEAD}\n1,web,2026-09-14,a, b\n2,web,2026-09-14,c\n".encode(), (), drama=True
    )
    assert (bad.where, bad.code, len(good)) == ("line 2", "wrong-cell-count", 1)


def test_the_postcode_is_dropped() -> None:
    [one], _ = files.responses([GOOD | {"place": "SG14 1AA"}], (), drama=True)
    assert "SG14" not in repr([getattr(one, name) for name in one.__slots__])


NOT_ASKED: list[tuple[dict[str, str], str, str]] = [
    ({"consent": ""}, "consent", "missing"),
    ({"consent": "assumed"}, "consent", "no-consent"),
    ({"consented_by": "x" * 201}, "consented_by", "no-consent"),
    ({"consented_on": "2026-09-15"}, "consented_on", "no-consent"),
    ({"consented_on": "soon"}, "consented_on", "no-consent"),
    ({"mobile": "07700 9"}, "mobile", "bad-mobile"),
    ({"victim": "yes"}, "safe_to_text", "not-safe-to-text"),
    ({"victim": "yes", "safe_to_text": "no"}, "safe_to_text", "not-safe-to-text"),
    ({"safe_to_text": "no"}, "safe_to_text", "not-safe-to-text"),
    ({"victim": "maybe"}, "victim", "bad-word"),
]


@pytest.mark.parametrize(("changes", "field", "code"), NOT_ASKED)
def test_nobody_is_asked_without_consent_on_record(changes: dict[str, str], field: str, code: str) -> None:
    good, [bad] = files.contacts([AGREED, AGREED | changes], TODAY, drama=True)
    assert len(good) == 1
    assert (bad.where, bad.field, bad.code) == ("row 2", field, code)


def test_a_victim_is_asked_where_a_text_is_safe() -> None:
    [one], nothing = files.contacts(
        [AGREED | {"victim": "yes", "safe_to_text": "yes", "consented_on": "2026-09-14"}], TODAY, drama=True
    )
    assert (one.victim, nothing) == (True, [])


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-07-01T07:59:59", "2026-07-01T08:00:00"),  # summer: London is an hour ahead
        ("2026-07-01T08:00:00", "2026-07-01T08:00:00"),
        ("2026-07-01T18:59:59", "2026-07-01T18:59:59"),
        ("2026-07-01T19:00:00", "2026-07-02T08:00:00"),
        ("2026-12-01T19:59:59", "2026-12-01T19:59:59"),
        ("2026-12-01T20:00:00", "2026-12-02T09:00:00"),
        ("2026-10-24T19:00:00", "2026-10-25T09:00:00"),  # the clocks go back in between
    ],
)
def test_the_window_is_nine_to_eight_in_london(now: str, opens: str) -> None:
    assert window(at(now)) == at(opens)


def test_invitations_are_paced_and_go_on_the_next_morning() -> None:
    times = list(islice(paced(at("2026-07-01T18:59:00"), 60), 4))
    assert times == [at(f"2026-07-0{day}T{clock}") for day, clock in
                     [(1, "18:59:00"), (2, "08:00:00"), (2, "08:01:00"), (2, "08:02:00")]]  # fmt: skip
    # 133,000 at 2,000 an hour, eleven hours a day: the seventh day.
    assert last_of(at("2026-07-01T08:00:00"), 2000, 133_000) - at("2026-07-01T08:00:00") < timedelta(days=7)
    assert last_of(at("2026-07-01T08:00:00"), 2000, 1) == at("2026-07-01T08:00:00")
