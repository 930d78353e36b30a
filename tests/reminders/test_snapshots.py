"""Whole lists of rooms, issued again: the newer replaces the older, and who is in none of them is held, never told "cancelled"."""

from typing import Any

from sqlalchemy import select

from services.common import alarms
from services.reminders.models import Listing
from tests.reminders.office import Office, nth, phone
from tests.reminders.rooms import libra, listed

ONE, TWO, THREE = listed(1), listed(2), listed(3)


def push(office: Office, rooms: dict[str, list[dict[str, Any]]], **more: Any) -> dict[str, int]:
    """Push a list; its counts that are not zero."""
    delivery = office.push(libra(rooms, **more), form="libra")
    assert delivery["status"] == "applied", delivery
    return {name: number for name, number in delivery["counts"].items() if number}


def stands(office: Office) -> dict[str, tuple[str, str | None, str]]:
    """Each case's status, room and time."""
    return {row["case_ref"]: (row["status"], row["room"], row["starts_at"][11:16]) for row in office.rows()}


def test_a_newer_issue_replaces_the_room_and_an_older_one_changes_nothing(office: Office) -> None:
    assert push(office, {"1": [ONE, TWO]}, sequence=2) == {"hearings": 2, "new": 2}
    # The same again, and an earlier issue that arrives late: nothing.
    before = office.everything()
    assert push(office, {"1": [ONE, TWO]}, sequence=2) == {"hearings": 2, "unchanged": 2}
    assert push(office, {"1": [THREE]}, sequence=1) == {"hearings": 1, "unchanged": 1}
    assert push(office, {"1": [THREE]}, printed="11/09/2026", sequence=9) == {"hearings": 1, "unchanged": 1}
    assert office.everything() == before
    # A later one without the second case, the first an hour later: one is moved, one held.
    later = push(office, {"1": [listed(1, at="11:00")]}, sequence=3)
    assert later == {"hearings": 1, "changed": 1, "suspended": 1}
    assert stands(office) == {"41C001": ("listed", "1", "11:00"), "41C002": ("suspended", "1", "10:00")}
    # The print date goes before the sequence; the case that comes back is listed again.
    assert push(office, {"1": [ONE, TWO]}, printed="15/09/2026") == {"hearings": 2, "changed": 2}
    assert stands(office) == {"41C001": ("listed", "1", "10:00"), "41C002": ("listed", "1", "10:00")}


def test_a_case_that_moves_to_another_room_is_the_same_hearing(office: Office) -> None:
    office.push(libra({"1": [ONE, TWO], "2": [THREE]}), form="libra")
    ids = {row["case_ref"]: row["id"] for row in office.rows()}
    # Both rooms in one file, the room it left first, the room it came to first.
    assert push(office, {"1": [TWO], "2": [THREE, ONE]}, sequence=2)["hearings"] == 3
    assert stands(office)["41C001"] == ("listed", "2", "10:00")
    push(office, {"2": [THREE]}, sequence=3)
    assert stands(office)["41C001"][0] == "suspended"
    push(office, {"1": [TWO, ONE]}, sequence=3)
    assert stands(office)["41C001"] == ("listed", "1", "10:00")
    push(office, {"2": [THREE, TWO]}, sequence=4)
    push(office, {"1": [ONE]}, sequence=4)
    assert {ref: room for ref, (_, room, _) in stands(office).items()} == {
        "41C001": "1",
        "41C002": "2",
        "41C003": "2",
    }
    assert {row["case_ref"]: row["id"] for row in office.rows()} == ids
    assert {row["version"] for row in office.rows()} == {1}
    # The old issue of a room that it left long ago does not take it back.
    assert push(office, {"1": [ONE, TWO]}, sequence=2) == {"hearings": 2, "unchanged": 2}


def test_a_case_in_two_rooms_of_one_list_is_for_a_person_until_the_list_agrees(office: Office) -> None:
    push(office, {"1": [ONE], "2": [listed(1, at="14:00")]})
    [row] = office.rows()
    assert "listed-twice" in row["doubts"] and "needs-review" in row["reasons"]
    before = office.everything()
    push(office, {"1": [ONE], "2": [listed(1, at="14:00")]})
    assert office.everything() == before
    push(office, {"1": [ONE, TWO], "2": [listed(1, at="14:00")]}, sequence=2)
    assert "listed-twice" in office.rows()[0]["doubts"]
    push(office, {"2": [listed(1, at="14:00")], "1": [TWO]}, sequence=3)
    [row, _] = office.rows()
    assert (row["doubts"], row["room"], row["status"]) == ([], "2", "listed")


def test_an_emptied_room_is_a_fault_and_what_was_known_stays(office: Office) -> None:
    push(office, {"1": [ONE], "2": [TWO]})
    delivery = office.push(libra({"1": [], "2": [TWO]}, sequence=2), form="libra")
    assert (delivery["status"], [one["code"] for one in delivery["rejections"]]) == (
        "partly_applied",
        ["empty-list"],
    )
    assert {status for status, _, _ in stands(office).values()} == {"listed"}
    with office.heed.database.begin() as session:
        assert [one.code for one in alarms.sounding(session)] == ["feed-empty"]


def test_rooms_and_days_are_each_their_own_list(office: Office) -> None:
    push(office, {"1": [ONE]})
    push(office, {"1": [ONE]}, day="24/09/2026")
    push(office, {"10": [TWO]}, sequence=2)
    push(office, {"1": [THREE]}, sequence=2, court="B41MJ00")
    assert [(row["case_ref"], row["court"], row["status"]) for row in office.rows()] == [
        ("41C001", "B41ME", "listed"),
        ("41C001", "B41ME", "listed"),
        ("41C002", "B41ME", "listed"),
        ("41C003", "B41MJ", "listed"),
    ]


def test_the_same_hearing_in_a_push_feed_and_a_list_is_one_listing(office: Office) -> None:
    """The list confirms it, holds it where the times differ, and suspends it where a newer issue lacks it."""
    office.push(nth(1))
    push(office, {"1": [ONE]})
    assert len(office.rows()) == 1
    assert (office.rows()[0]["status"], office.rows()[0]["reasons"]) == ("listed", [])
    push(office, {"1": [listed(1, at="10:30")]}, sequence=2)
    assert "time-uncertain" in office.rows()[0]["reasons"]
    push(office, {"1": [TWO]}, sequence=3)
    assert office.rows()[0]["status"] == "suspended"


def test_nobody_is_told_cancelled_because_a_list_lacks_them(office: Office) -> None:
    office.push(nth(1))
    push(office, {"1": [ONE]})
    office.tick("2026-09-20T10:00")
    assert len(office.texts(phone(1))) == 1
    push(office, {"1": [TWO]}, sequence=2)
    office.tick("2026-09-22T12:00")
    assert len(office.texts(phone(1))) == 1
    with office.heed.database.begin() as session:
        row = session.scalars(select(Listing).order_by(Listing.id)).first()
        assert row is not None and (row.status, row.reasons[0]) == ("suspended", "suspended")
