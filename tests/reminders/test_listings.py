"""Applying listings: what is new, repeated, moved, taken away and brought back, in any order of arrival."""

import itertools
import json
from typing import Any

import pytest
from sqlalchemy import func, select

from services.reminders.models import Person
from tests.reminders.office import (
    ANN,
    BEN,
    CAT,
    HEARING,
    ONE_DAY,
    THREE_DAYS,
    Office,
    case,
    defendant,
    hearing,
    result,
    spi,
    spi_result,
    utc,
)

MOVED, AGAIN = "2026-09-30T14:00", "2026-10-07T10:00"
BEN_TOO = case(defendant(), defendant("Ben", mobile=BEN))


def counted(delivery: dict[str, Any]) -> dict[str, int]:
    """A delivery's counts that are not zero."""
    return {name: number for name, number in delivery["counts"].items() if number}


def test_a_new_hearing_is_listed_as_the_message_says(office: Office) -> None:
    assert counted(office.push(hearing())) == {"hearings": 1, "new": 1}
    row = office.row()
    assert row == row | {
        "case_ref": "41AA1000126",
        "court": "B41ME",
        "room": "Courtroom 1",
        "starts_at": "2026-09-23T10:00:00+01:00",
        "time_certain": True,
        "first_hearing": True,
        "status": "listed",
        "name": "Ann Example",
        "date_of_birth": "1990-05-04",
        "mobile": "valid",
        "eligible": True,
        "reasons": [],
        "version": 1,
        "outcome": {"attendance": "unknown", "fta": "unknown", "warrant": "unknown"},
        "outcomes": [],
    }
    assert office.planned() == [("three-days", THREE_DAYS), ("one-day", ONE_DAY)]


@pytest.mark.parametrize(
    "repeat",
    [
        lambda message: message,
        lambda message: json.dumps(message, indent=2).encode(),
        lambda message: message | {"sharedTime": utc("2026-09-14T07:00")},
    ],
    ids=["the same bytes", "other bytes", "shared again later"],
)
@pytest.mark.parametrize("shared", [None, "2026-09-14T06:00"], ids=["unversioned", "versioned"])
def test_the_same_again_changes_no_row_and_sends_no_text(
    office: Office, shared: str | None, repeat: Any
) -> None:
    message = hearing(HEARING, BEN_TOO, shared=shared)
    office.push(message)
    office.tick(THREE_DAYS)
    before, texts = office.everything(), office.texts()
    for _ in range(2):
        assert counted(office.push(repeat(message))) == {"hearings": 2, "unchanged": 2}
    office.tick()
    assert office.everything() == before
    assert office.texts() == texts
    assert len(texts) == 2


@pytest.mark.parametrize("between", [None, THREE_DAYS], ids=["before sending", "after sending"])
def test_earlier_bytes_again_are_a_move_back(office: Office, between: str | None) -> None:
    there, elsewhere = hearing(), hearing(MOVED)
    office.push(there)
    if between:
        office.tick(between)
    assert counted(office.push(elsewhere)) == {"hearings": 1, "changed": 1}
    assert office.row()["starts_at"] == "2026-09-30T14:00:00+01:00"
    assert counted(office.push(there)) == {"hearings": 1, "changed": 1}
    assert (office.row()["starts_at"], office.row()["version"]) == ("2026-09-23T10:00:00+01:00", 3)
    office.tick(ONE_DAY)
    assert all("Wed 23 Sep, 10am" in words for words in office.texts())
    # After sending, the move there and back is told once, in the words of a change.
    assert sum("has moved" in words for words in office.texts()) == (between is not None)


@pytest.mark.parametrize(
    ("pushes", "stands"),
    [
        # (version, hearing) in order of arrival.
        ([("06:00", HEARING), ("07:00", MOVED)], MOVED),
        ([("07:00", MOVED), ("06:00", HEARING)], MOVED),
        ([("06:00", HEARING), ("06:00", MOVED)], HEARING),
        ([("06:00", HEARING), ("06:00:00.001", MOVED)], MOVED),
        ([("06:00", HEARING), (None, MOVED)], MOVED),
        ([(None, HEARING), ("06:00", MOVED)], MOVED),
        ([("06:00", HEARING), (None, MOVED), ("05:00", HEARING)], MOVED),
        ([("06:00", HEARING), (None, MOVED), ("07:00", AGAIN)], AGAIN),
        ([("07:00", AGAIN), ("05:00", HEARING), ("06:00", MOVED)], AGAIN),
        ([("05:00", HEARING), ("07:00", AGAIN), ("06:00", MOVED), ("07:00", AGAIN)], AGAIN),
        ([("06:00", MOVED), ("05:00", HEARING), ("06:00", MOVED)], MOVED),
    ],
)
def test_the_older_never_overwrites_the_newer(
    office: Office, pushes: list[tuple[str | None, str]], stands: str
) -> None:
    for version, at in pushes:
        message = hearing(at)
        office.push(message | ({"sharedTime": f"2026-09-14T{version}Z"} if version else {}))
    assert office.row()["starts_at"][:16] == stands


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_versioned_messages_end_in_one_state_whatever_their_order(
    office: Office, order: tuple[int, ...]
) -> None:
    messages = [
        hearing(HEARING, BEN_TOO, shared="2026-09-14T05:00"),
        hearing(MOVED, BEN_TOO, shared="2026-09-14T06:00"),
        hearing(AGAIN, case(defendant("Ben", mobile=CAT)), shared="2026-09-14T07:00"),
    ]
    for number in order:
        office.push(messages[number])
    (ben,) = [one for one in office.rows() if one["name"].startswith("Ben")]
    assert (ben["starts_at"][:16], ben["status"], ben["mobile"]) == (AGAIN, "listed", "valid")
    # Ann was no longer named in the newest: suspended if she was ever listed, never texted.
    assert all(one["status"] == "suspended" for one in office.rows() if one["name"].startswith("Ann"))
    office.tick("2026-10-06T10:00")
    assert [len(office.texts(number)) for number in (ANN, BEN)] == [0, 0]
    assert all("Wed 7 Oct" in words for words in office.texts(CAT))
    assert office.texts(CAT)


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [
        ("06:00", None, "cancelled"),
        ("06:00", "05:00", "cancelled"),
        ("06:00", "06:00", "cancelled"),
        ("06:00", "06:01", "listed"),
        ("06:00", "unversioned", "listed"),
        (None, "06:00", "listed"),
        (None, "unversioned", "listed"),
    ],
)
def test_after_a_delete_only_a_later_push_restores(
    office: Office, before: str | None, after: str | None, status: str
) -> None:
    office.push(hearing(shared=f"2026-09-14T{before}" if before else None))
    assert counted(office.delete()) == {"hearings": 1, "changed": 1}
    assert office.row()["reasons"] == ["cancelled"]
    if after:
        office.push(hearing(shared=None if after == "unversioned" else f"2026-09-14T{after}"))
    assert office.row()["status"] == status
    assert [step for step, _ in office.planned()] == (["three-days", "one-day"] if status == "listed" else [])
    office.tick(THREE_DAYS)
    assert len(office.texts()) == (status == "listed")


def test_a_delete_of_what_nobody_knows_and_a_delete_twice_do_no_harm(office: Office) -> None:
    assert counted(office.delete("nobody-knows-it")) == {}
    office.push(hearing())
    office.delete()
    before = office.everything()
    assert counted(office.delete()) == {}
    assert office.everything() == before
    office.push(hearing())
    assert counted(office.delete()) == {"hearings": 1, "changed": 1}
    assert office.row()["status"] == "cancelled"


def test_a_defendant_missing_from_an_update_is_suspended_and_restored_when_back(office: Office) -> None:
    office.push(hearing(HEARING, BEN_TOO))
    assert counted(office.push(hearing())) == {"hearings": 1, "unchanged": 1, "suspended": 1}
    assert (office.row("Ben")["status"], office.row("Ben")["reasons"]) == ("suspended", ["suspended"])
    office.tick(THREE_DAYS)
    assert (len(office.texts(ANN)), office.texts(BEN)) == (1, [])
    assert counted(office.push(hearing(HEARING, BEN_TOO))) == {"hearings": 2, "changed": 1, "unchanged": 1}
    assert (office.row("Ben")["status"], office.row("Ben")["version"]) == ("listed", 1)
    office.tick(ONE_DAY)
    assert (len(office.texts(ANN)), len(office.texts(BEN))) == (2, 1)


def test_a_suspended_person_who_was_texted_is_told_nothing(office: Office) -> None:
    office.push(hearing(HEARING, BEN_TOO))
    office.tick(THREE_DAYS)
    office.push(hearing())
    office.tick(ONE_DAY)
    assert len(office.texts(BEN)) == 1


@pytest.mark.parametrize(
    ("court", "kept"),
    [("B01LY00", "B01LY"), ("B41NW00", "B41NW"), ("???", None)],
    ids=["another county's", "a closed one", "one nobody knows"],
)
def test_a_court_that_is_not_enrolled_is_kept_and_listed(
    office: Office, court: str, kept: str | None
) -> None:
    assert counted(office.push(hearing(court=court))) == {"hearings": 1, "new": 1}
    assert (office.row()["court"], office.row()["reasons"]) == (kept, ["court-not-enrolled"])
    office.tick(THREE_DAYS)
    assert office.texts() == []


@pytest.mark.parametrize(
    ("days", "cancelled", "starts", "status"),
    [
        (["2026-09-23T10:00", "2026-09-24T10:00"], [], "2026-09-23T10:00", "listed"),
        (["2026-09-24T10:00", "2026-09-23T10:00"], [], "2026-09-23T10:00", "listed"),
        (["2026-09-23T10:00", "2026-09-24T10:00"], ["2026-09-23T10:00"], "2026-09-24T10:00", "listed"),
        (["2026-09-23T10:00", "2026-09-24T10:00"], ["2026-09-24T10:00"], "2026-09-23T10:00", "listed"),
        (["2026-09-01T10:00", "2026-09-24T10:00"], [], "2026-09-24T10:00", "listed"),
        (["2026-09-23T10:00"], ["2026-09-23T10:00"], "2026-09-23T10:00", "cancelled"),
        (
            ["2026-09-23T10:00", "2026-09-24T10:00"],
            ["2026-09-23T10:00", "2026-09-24T10:00"],
            "2026-09-24T10:00",
            "cancelled",
        ),
    ],
)
def test_the_next_uncancelled_day_is_the_hearings(
    office: Office, days: list[str], cancelled: list[str], starts: str, status: str
) -> None:
    office.push(hearing(days, cancelled=cancelled))
    assert (office.row()["starts_at"][:16], office.row()["status"]) == (starts, status)


def test_a_vacated_hearing_is_cancelled(office: Office) -> None:
    office.push(hearing())
    office.push(hearing(isVacatedTrial=True))
    assert (office.row()["status"], office.planned()) == ("cancelled", [])


def test_one_hearing_from_two_feeds_is_one_listing_with_one_reminder(office: Office) -> None:
    message = hearing(HEARING, case(defendant(mobile="07700 900101")))
    office.push(spi(), form="spi")
    office.push(message)
    before = office.everything()
    assert counted(office.push(spi(), form="spi")) == {"hearings": 1, "unchanged": 1}
    assert counted(office.push(message)) == {"hearings": 1, "unchanged": 1}
    assert office.everything() == before
    assert len(office.rows()) == 1
    office.tick(THREE_DAYS)
    assert len(office.texts()) == 1
    assert office.row()["time_certain"] is True


@pytest.mark.parametrize("first", ["spi", "common-platform"])
def test_two_feeds_with_different_times_are_held_until_they_agree(office: Office, first: str) -> None:
    messages = {"spi": spi(), "common-platform": hearing("2026-09-23T14:00")}
    for form in sorted(messages, key=lambda name: name != first):
        office.push(messages[form], form=form)
    row = office.row()
    assert (row["reasons"], row["time_certain"], row["starts_at"][:10]) == (
        ["time-uncertain"],
        False,
        "2026-09-23",
    )
    office.tick(THREE_DAYS)
    assert office.texts() == []
    office.push(hearing())
    office.push(spi(), form="spi")
    assert (office.row()["reasons"], office.row()["time_certain"]) == ([], True)
    office.tick(ONE_DAY)
    assert len(office.texts()) == 1
    assert "10am" in office.texts()[0]


def test_the_same_case_on_another_day_is_another_hearing(office: Office) -> None:
    office.push(spi(), form="spi")
    office.push(hearing(MOVED))
    assert [one["starts_at"][:16] for one in office.rows()] == [HEARING, MOVED]
    assert len({one["name"] for one in office.rows()}) == 1


def test_a_second_feed_adds_the_bail_that_the_first_did_not_say(office: Office) -> None:
    office.push(hearing(HEARING, case(defendant(bail=None))))
    assert office.row()["reasons"] == ["needs-review"]
    office.push(spi(), form="spi")
    assert office.row()["reasons"] == []


def test_two_people_of_one_case_with_one_name_are_two_people(office: Office) -> None:
    father, son = defendant("John", born="1960-01-02"), defendant("John", born="1990-01-02", mobile=BEN)
    father, son = father | {"id": "f", "masterDefendantId": "f"}, son | {"id": "s", "masterDefendantId": "s"}
    assert counted(office.push(hearing(HEARING, case(father, son)))) == {"hearings": 2, "new": 2}
    assert {one["date_of_birth"] for one in office.rows()} == {"1960-01-02", "1990-01-02"}


@pytest.mark.parametrize("born", ["1990-05-04", None])
def test_a_placeholder_reference_joins_nobody(office: Office, born: str | None) -> None:
    for number, ref in enumerate(("00PP0000008", "00NP0000008", "00PP0000008")):
        person = defendant(
            "John", "Smith", born=born, mobile=f"0770090020{number}", identity=f"john-{number}"
        )
        office.push(hearing(HEARING, case(person | {"isYouth": False}, ref=ref), key=f"h{number}"))
    with office.heed.database.begin() as session:
        assert session.scalar(select(func.count(Person.id))) == 3


def test_a_corrected_name_and_birth_are_taken_over_without_a_new_version(office: Office) -> None:
    office.push(hearing(HEARING, case(defendant("An", born=None))))
    assert office.row()["reasons"] == ["missing-fact"]
    person = defendant("Ann", identity="an-example")
    assert counted(office.push(hearing(HEARING, case(person)))) == {"hearings": 1, "changed": 1}
    assert (office.row()["name"], office.row()["date_of_birth"]) == ("Ann Example", "1990-05-04")
    assert (office.row()["version"], office.row()["reasons"]) == (1, [])
    office.tick(THREE_DAYS)
    assert office.texts()[0].startswith("Herts Police: Ann,")


def test_a_message_that_lacks_the_number_or_birth_takes_nothing_away(office: Office) -> None:
    office.push(hearing())
    office.push(hearing(HEARING, case(defendant(born=None, mobile=None))))
    assert (office.row()["mobile"], office.row()["date_of_birth"], office.row()["reasons"]) == (
        "valid",
        "1990-05-04",
        [],
    )


def test_bad_records_in_the_middle_are_kept_with_their_place_and_the_rest_go(office: Office) -> None:
    nameless = defendant("Nameless")
    del nameless["personDefendant"]["personDetails"]["lastName"]
    message = hearing(HEARING, case(defendant(), nameless, defendant("Cat", mobile=CAT)))
    delivery = office.push(message)
    assert delivery["status"] == "partly_applied"
    assert counted(delivery) == {"hearings": 2, "new": 2, "rejected": 1}
    assert delivery["rejections"] == [
        {
            "where": "/hearing/prosecutionCases/0/defendants/1",
            "code": "missing-name",
            "reason": "The defendant has no last name: send it again with one.",
        }
    ]
    office.tick(THREE_DAYS)
    assert (len(office.texts(ANN)), len(office.texts(CAT))) == (1, 1)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty-body"),
        (b"{", "malformed-json"),
        (b"[]", "not-a-hearing"),
        (b"\xff\xfe", "not-utf8"),
        (b'{"hearing": {"id": "h1", "hearingDays": 7}}', None),
    ],
)
def test_a_push_that_is_not_a_hearing_leaves_what_was_there(
    office: Office, body: bytes, code: str | None
) -> None:
    office.push(hearing())
    before = office.everything()
    delivery = office.push(body, "update", key="h1")
    assert delivery["status"] == "rejected"
    assert code in (None, delivery["rejections"][0]["code"])
    assert delivery["counts"]["rejected"] >= 1
    assert office.everything() == before
    office.tick(THREE_DAYS)
    assert len(office.texts()) == 1


def test_a_company_a_child_and_someone_in_custody_are_listed_and_not_texted(office: Office) -> None:
    company = {
        "id": "c",
        "masterDefendantId": "c",
        "legalEntityDefendant": {"organisation": {"name": "A Ltd"}},
    }
    child = defendant("Kim", born="2010-01-28", mobile=BEN)
    held = defendant("Cat", bail="C", mobile=CAT)
    office.push(hearing(HEARING, case(company, child, held)))
    assert [one["reasons"][0] for one in office.rows()] == ["organisation", "under-18", "in-custody"]
    assert office.planned() == []


def test_a_result_for_a_hearing_never_listed_is_kept_and_nobody_is_texted(office: Office) -> None:
    """Even where the day of it lies ahead: the sandbox's clock and the feed's need not agree."""
    delivery = office.push(result("4576 CG", attendance="NOT_PRESENT"), "result")
    assert delivery["counts"] == delivery["counts"] | {"results": 1, "rejected": 0}
    row = office.row()
    assert (row["status"], row["outcome"]["fta"], row["eligible"]) == ("heard", "yes", False)
    assert "resulted" in row["reasons"]
    assert office.planned() == []
    office.tick(THREE_DAYS)
    assert office.texts() == []


def test_a_police_result_for_a_case_nobody_knows_is_a_hearing_known_by_its_result(office: Office) -> None:
    office.start("2026-10-01T08:00")
    office.push(spi_result(), form="spi")
    row = office.row()
    assert (row["status"], row["first_hearing"], row["doubts"]) == ("heard", False, ["known-by-result"])
    assert row["outcome"] == {"attendance": "absent", "fta": "yes", "warrant": "issued"}
    assert [str(one["day"]) for one in row["outcomes"]] == ["2026-09-23"]
