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
    nth,
    phone,
    result,
    somebody,
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
        lambda message: {"hearing": message["hearing"]},
        lambda message: json.dumps(message, indent=2).encode(),
        lambda message: message | {"sharedTime": utc("2026-09-14T07:00")},
    ],
    ids=["the same bytes", "without its version", "other bytes", "shared again later"],
)
def test_the_same_again_changes_no_row_and_sends_no_text(office: Office, repeat: Any) -> None:
    shared = "2026-09-14T06:00"
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
    # After sending, a move there and back tells nothing: the day that they know stands.
    assert [("Wed 23 Sep, 10am" in words, "has moved" in words) for words in office.texts()] == [
        (True, False)
    ] * (2 if between else 1)


def test_the_older_never_overwrites_the_newer(office: Office) -> None:
    # (version, hearing) in order of arrival, and which hearing stands.
    arrivals: list[tuple[list[tuple[str | None, str]], str]] = [
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
    ]
    for number, (pushes, _) in enumerate(arrivals):
        for version, at in pushes:
            office.push(nth(number, at) | ({"sharedTime": f"2026-09-14T{version}Z"} if version else {}))
    stands = [office.nth(number)["starts_at"][:16] for number in range(len(arrivals))]
    assert stands == [stands for _, stands in arrivals]


def test_versioned_messages_end_in_one_state_whatever_their_order(office: Office) -> None:
    for number, order in enumerate(itertools.permutations(range(3))):
        ann, ben = somebody(2 * number), somebody(2 * number + 1)
        elsewhere = defendant(f"P{2 * number + 1:03}", mobile=phone(100 + number))

        def message(at: str, *people: dict[str, Any], shared: str, number: int = number) -> dict[str, Any]:
            return hearing(at, case(*people, ref=f"41C{number:03}"), key=f"c{number}", shared=shared)

        messages = [
            message(HEARING, ann, ben, shared="2026-09-14T05:00"),
            message(MOVED, ann, ben, shared="2026-09-14T06:00"),
            message(AGAIN, elsewhere, shared="2026-09-14T07:00"),
        ]
        for one in order:
            office.push(messages[one])
        (ben_row,) = [one for one in office.rows() if one["name"] == f"P{2 * number + 1:03} Example"]
        assert (ben_row["starts_at"][:16], ben_row["status"], ben_row["mobile"]) == (AGAIN, "listed", "valid")
    # Whom the newest no longer names is suspended if they were ever listed, and never texted.
    others = [one for one in office.rows() if int(one["name"][1:4]) % 2 == 0]
    assert {one["status"] for one in others} == {"suspended"}
    office.tick("2026-10-06T10:00")
    assert len(office.texts()) == 6
    assert all("Wed 7 Oct" in words for words in office.texts())
    assert all(office.texts(phone(100 + number)) for number in range(6))


def test_after_a_delete_only_a_later_push_restores(office: Office) -> None:
    table = [
        ("06:00", None, "cancelled"),
        ("06:00", "05:00", "cancelled"),
        ("06:00", "06:00", "cancelled"),
        ("06:00", "06:01", "listed"),
        ("06:00", "unversioned", "listed"),
        (None, "06:00", "listed"),
        (None, "unversioned", "listed"),
    ]
    for number, (before, after, _) in enumerate(table):
        office.push(nth(number, shared=f"2026-09-14T{before}" if before else None))
        assert counted(office.delete(f"c{number}")) == {"hearings": 1, "changed": 1}
        assert office.nth(number)["reasons"] == ["cancelled"]
        if after:
            office.push(nth(number, shared=None if after == "unversioned" else f"2026-09-14T{after}"))
    statuses = [office.nth(number)["status"] for number in range(len(table))]
    assert statuses == [status for *_, status in table]
    office.tick(THREE_DAYS)
    assert [len(office.texts(phone(number))) for number in range(len(table))] == [
        int(status == "listed") for status in statuses
    ]


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


def test_a_court_that_is_not_enrolled_is_kept_and_listed(office: Office) -> None:
    courts = {"another county's": "B01LY00", "a closed one": "B41NW00", "one nobody knows": "???"}
    for number, court in enumerate(courts.values()):
        assert counted(office.push(nth(number, court=court))) == {"hearings": 1, "new": 1}
    assert [one["court"] for one in office.rows()] == ["B01LY", "B41NW", None]
    assert [one["reasons"] for one in office.rows()] == [["court-not-enrolled"]] * 3
    office.tick(THREE_DAYS)
    assert office.texts() == []


def test_the_next_uncancelled_day_is_the_hearings(office: Office) -> None:
    first, second, past = "2026-09-23T10:00", "2026-09-24T10:00", "2026-09-01T10:00"
    table: list[tuple[list[str], list[str], str, str]] = [
        ([first, second], [], first, "listed"),
        ([second, first], [], first, "listed"),
        ([first, second], [first], second, "listed"),
        ([first, second], [second], first, "listed"),
        ([past, second], [], second, "listed"),
        ([first], [first], first, "cancelled"),
        ([first, second], [first, second], second, "cancelled"),
    ]
    for number, (days, cancelled, *_) in enumerate(table):
        office.push(nth(number, days, cancelled=cancelled))
    found = [(one["starts_at"][:16], one["status"]) for one in office.rows()]
    assert found == [(starts, status) for *_, starts, status in table]


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


def test_a_placeholder_reference_joins_nobody(office: Office) -> None:
    for number, ref in enumerate(("00PP0000008", "00NP0000008", "00PP0000008")):
        for surname, born in (("Smith", "1990-05-04"), ("Brown", None)):
            person = defendant(
                "John", surname, born=born, mobile=phone(number), identity=f"{surname}-{number}"
            )
            key = f"h{number}-{surname}"
            office.push(hearing(HEARING, case(person | {"isYouth": False}, ref=ref), key=key))
    with office.heed.database.begin() as session:
        assert session.scalar(select(func.count(Person.id))) == 6


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


def test_a_push_that_is_not_a_hearing_leaves_what_was_there(office: Office) -> None:
    office.push(hearing())
    before = office.everything()
    table: list[tuple[bytes, str]] = [
        (b"", "empty-body"),
        (b"{", "malformed-json"),
        (b"[]", "not-a-hearing"),
        (b"\xff\xfe", "not-utf8"),
        (b'{"hearing": {"id": "h1", "hearingDays": 7}}', "no-defendants"),
    ]
    for body, code in table:
        delivery = office.push(body, "update", key="h1")
        assert (delivery["status"], delivery["counts"]["rejected"]) == (
            "rejected",
            len(delivery["rejections"]),
        )
        assert code in [one["code"] for one in delivery["rejections"]]
    assert office.everything() == before
    office.tick(THREE_DAYS)
    assert len(office.texts()) == 1


def test_a_push_of_which_only_a_suspension_came_was_partly_applied(office: Office) -> None:
    table = [
        ("41AA1", hearing(HEARING, case() | {"defendants": []}, key="41AA1"), "no-defendants"),
        ("41AA2", {"hearingId": "41AA2"}, "event-unnamed"),
    ]
    for ref, body, code in table:
        assert office.push(body)["status"] == "rejected"  # nobody is known in it
        office.push(hearing(HEARING, case(defendant(), ref=ref), key=ref))
        delivery = office.push(body)
        assert (delivery["status"], counted(delivery)) == ("partly_applied", {"suspended": 1, "rejected": 1})
        assert [one["code"] for one in delivery["rejections"]] == [code]
        assert office.row(ref)["status"] == "suspended"


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
