"""What becomes of reminders when a hearing moves, goes away or is heard, before and after the first text (REMINDERS §4, §9)."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import text

from tests.reminders.office import (
    ANN,
    BEN,
    HEARING,
    ONE_DAY,
    STEVENAGE,
    THREE_DAYS,
    Office,
    case,
    defendant,
    hearing,
    nth,
    nth_case,
    nth_result,
    phone,
    result,
    somebody,
    spi,
)

LATER = "2026-09-30T14:00"
SOONER = "2026-09-21T14:00"
FIRST = "Herts Police: Ann, you must be at St Albans Magistrates Court on Wed 23 Sep, 10am."
GONE = (
    "Herts Police: Ann, your court date of Wed 23 Sep may have changed. Ask your solicitor or the court before "
    "that day. Not you? Text WRONG"
)


def moved(where: str) -> str:
    """The words of a change to this place and time."""
    return f"Herts Police: Ann, your court date has moved. You must be at {where}. Not you? Text WRONG"


def starts(texts: Sequence[str], *beginnings: str) -> bool:
    """Whether these are the texts, each by how it begins."""
    return len(texts) == len(beginnings) and all(
        words.startswith(beginning) for words, beginning in zip(texts, beginnings, strict=True)
    )


def test_moved_before_sending_the_old_reminders_die_and_new_ones_are_planned(office: Office) -> None:
    office.push(hearing())
    office.push(hearing(LATER))
    assert office.planned() == [("three-days", "2026-09-27T10:00"), ("one-day", "2026-09-29T10:00")]
    assert office.planned("cancelled") == [("three-days", THREE_DAYS), ("one-day", ONE_DAY)]
    office.tick(THREE_DAYS)
    office.tick(ONE_DAY)
    assert office.texts() == []
    office.tick("2026-09-27T10:00")
    assert starts(
        office.texts(), "Herts Police: Ann, you must be at St Albans Magistrates Court on Wed 30 Sep, 2pm."
    )


def test_moved_after_sending_one_change_text_with_the_new_date(office: Office) -> None:
    changes: list[tuple[dict[str, Any], str]] = [
        ({"at": LATER}, "St Albans Magistrates Court on Wed 30 Sep, 2pm"),
        ({"at": "2026-09-23T14:00"}, "St Albans Magistrates Court on Wed 23 Sep, 2pm"),
        ({"court": STEVENAGE}, "Stevenage Magistrates Court on Wed 23 Sep, 10am"),
    ]
    for number in range(len(changes)):
        office.push(nth(number))
    office.tick(THREE_DAYS)
    office.tick("2026-09-20T15:00")
    for again in (None, "2026-09-20T19:00"):  # the second time nothing is new
        for number, (change, _) in enumerate(changes):
            office.push(nth(number, **change))
        office.tick(again)
        for number, (_, where) in enumerate(changes):
            assert office.texts(phone(number))[1:] == [moved(where).replace("Ann", f"P{number:03}")]


@pytest.mark.parametrize("at", ["2026-09-20T10:01", "2026-09-21T12:00", ONE_DAY, "2026-09-22T15:00"])
def test_a_harmless_change_between_the_reminders_sends_nothing_more(office: Office, at: str) -> None:
    """Enrolment looks at everything again; what was sent is not sent again, and nobody who was reminded is "late"."""
    office.push(hearing())
    office.tick(THREE_DAYS)
    office.tick(at)
    office.push(hearing(HEARING, case(initiation="R")))
    office.tick()
    office.tick("2026-09-22T16:00")
    office.push(hearing(HEARING, case(initiation="O")))
    office.tick("2026-09-23T09:30")
    assert starts(office.texts(), FIRST, FIRST)


def test_a_harmless_change_after_a_move_or_a_deletion_sends_nothing_more(office: Office) -> None:
    for number in (1, 2):
        office.push(nth(number))
    office.tick(THREE_DAYS)
    office.push(nth(1, "2026-09-24T10:00"))
    office.delete("c2")
    office.tick()
    for initiation in ("R", "O"):
        office.push(hearing("2026-09-24T10:00", nth_case(1, initiation=initiation), key="c1"))
        office.push(hearing(HEARING, nth_case(2, initiation=initiation), key="c2", cancelled=[HEARING]))
        office.tick()
    assert [len(office.texts(phone(number))) for number in (1, 2)] == [2, 2]


def test_a_reminder_of_an_old_version_is_dropped_even_at_the_last_moment(office: Office) -> None:
    """A move that is applied between the planning and the claim, whatever became of its enrolment."""
    office.push(hearing())
    with office.heed.database.begin() as session:
        session.execute(text("UPDATE listings SET version = 2, starts_at = starts_at + interval '7 days'"))
    office.tick(THREE_DAYS)
    assert office.texts() == []
    assert ("three-days", "cancelled", "moved") in office.outbox()


def test_a_change_of_room_alone_is_no_move(office: Office) -> None:
    office.push(hearing())
    office.tick(THREE_DAYS)
    message = hearing()
    message["hearing"]["courtCentre"]["roomName"] = "Courtroom 7"
    assert office.push(message)["counts"]["changed"] == 1
    assert (office.row()["room"], office.row()["version"]) == ("Courtroom 7", 1)
    office.tick()
    assert len(office.texts()) == 1


def test_a_change_goes_at_the_next_opening_of_the_window(office: Office) -> None:
    table = [
        ("2026-09-20T19:59", "2026-09-20T19:59"),
        ("2026-09-20T20:00", "2026-09-21T09:00"),
        ("2026-09-21T02:00", "2026-09-21T09:00"),
        ("2026-09-21T08:59", "2026-09-21T09:00"),
        ("2026-09-21T09:00", "2026-09-21T09:00"),
    ]
    for number in range(len(table)):
        office.push(nth(number))
    office.tick(THREE_DAYS)
    for number, (at, sent) in enumerate(table):
        office.tick(at)
        office.push(nth(number, LATER))
        assert ("change", sent) in office.planned()
        office.tick()
        assert len(office.texts(phone(number))) == (2 if at == sent else 1)
    assert all(len(office.texts(phone(number))) == 2 for number in range(len(table)))


def test_moved_twice_before_the_window_opens_only_the_last_is_told(office: Office) -> None:
    office.push(hearing())
    office.tick(THREE_DAYS)
    office.tick("2026-09-20T21:00")
    office.push(hearing(LATER))
    office.push(hearing("2026-10-01T10:00"))
    office.tick("2026-09-21T09:00")
    assert office.texts()[1:] == [moved("St Albans Magistrates Court on Thu 1 Oct, 10am")]


def test_moved_twice_each_time_after_telling_both_are_told(office: Office) -> None:
    office.push(hearing())
    office.tick(THREE_DAYS)
    office.push(hearing(LATER))
    office.tick("2026-09-21T12:00")
    office.push(hearing("2026-10-01T10:00"))
    office.tick()
    assert office.texts()[1:] == [
        moved("St Albans Magistrates Court on Wed 30 Sep, 2pm"),
        moved("St Albans Magistrates Court on Thu 1 Oct, 10am"),
    ]
    # And reminded of the new day as anybody is.
    office.tick("2026-09-28T10:00")
    office.tick("2026-09-30T10:00")
    assert len(office.texts()) == 5


def test_moved_to_tomorrow_after_sending_is_one_change_text_and_no_late_reminder(office: Office) -> None:
    office.push(hearing())
    office.tick(THREE_DAYS)
    office.tick("2026-09-20T12:00")
    office.push(hearing(SOONER))
    office.tick()
    office.tick("2026-09-21T13:00")
    assert office.texts()[1:] == [moved("St Albans Magistrates Court on Mon 21 Sep, 2pm")]


def test_moved_to_an_earlier_day_before_sending_is_reminded_for_that_day(office: Office) -> None:
    office.push(hearing())
    office.push(hearing(SOONER))
    assert office.planned() == [("three-days", "2026-09-18T10:00"), ("one-day", "2026-09-20T10:00")]


def test_moved_before_sending_to_this_afternoon_is_texted_late(office: Office) -> None:
    office.push(hearing())
    office.tick("2026-09-15T10:00")
    office.push(hearing("2026-09-15T14:00"))
    office.tick()
    assert starts(
        office.texts(), "Herts Police: Ann, you must be at St Albans Magistrates Court on Tue 15 Sep, 2pm."
    )


def test_moved_before_sending_to_within_the_last_hours_is_listed_as_too_late(office: Office) -> None:
    office.push(hearing())
    office.tick("2026-09-15T11:30")
    office.push(hearing("2026-09-15T14:00"))
    assert (office.row()["reasons"], office.row()["eligible"]) == (["too-late"], False)
    office.tick()
    assert office.texts() == []


def test_moved_into_the_past_sends_nothing(office: Office) -> None:
    office.push(hearing())
    office.tick(THREE_DAYS)
    office.push(hearing("2026-09-18T10:00"))
    office.tick(ONE_DAY)
    assert len(office.texts()) == 1


def test_a_second_day_that_comes_next_is_no_move(office: Office) -> None:
    """Between the days of a hearing the next day's start is new, and yet nothing has moved."""
    days = [HEARING, "2026-09-25T10:00"]
    office.push(hearing(days, shared="2026-09-14T06:00"))
    office.tick(THREE_DAYS)
    office.tick(ONE_DAY)
    office.tick("2026-09-23T16:00")
    office.push(hearing(days, case(initiation="R"), shared="2026-09-23T15:00"))
    assert (office.row()["version"], office.row()["starts_at"][:16]) == (1, "2026-09-25T10:00")
    office.tick("2026-09-24T10:00")
    assert [words for words in office.texts() if "moved" in words] == []


def test_a_cancelled_first_day_of_two_is_a_move_to_the_second(office: Office) -> None:
    days = [HEARING, "2026-09-25T10:00"]
    office.push(hearing(days))
    office.tick(THREE_DAYS)
    office.push(hearing(days, cancelled=[HEARING]))
    office.tick()
    assert office.texts()[1:] == [moved("St Albans Magistrates Court on Fri 25 Sep, 10am")]


def without_days(office: Office, message: dict[str, Any]) -> None:
    """Every day of it is cancelled."""
    for day in message["hearing"]["hearingDays"]:
        day["isCancelled"] = True
    office.push(message)


def vacated(office: Office, message: dict[str, Any]) -> None:
    message["hearing"]["isVacatedTrial"] = True
    office.push(message)


CALLED_OFF: dict[str, Callable[[Office, dict[str, Any]], Any]] = {
    "deleted": lambda office, message: office.delete(message["hearing"]["id"]),
    "day cancelled": without_days,
    "vacated": vacated,
}


@pytest.mark.parametrize("off", CALLED_OFF.values(), ids=CALLED_OFF)
def test_called_off_tells_only_whoever_was_texted_and_once(office: Office, off: Any) -> None:
    office.push(hearing())
    office.push(nth(1, LATER))
    office.tick(THREE_DAYS)
    for _ in range(2):
        off(office, hearing())
        off(office, nth(1, LATER))
    office.tick(ONE_DAY)
    office.tick("2026-09-22T15:00")
    office.tick("2026-09-29T10:00")
    assert starts(office.texts(ANN), FIRST, GONE)
    assert office.texts(phone(1)) == []


def test_called_off_while_the_change_waits_for_the_window_the_change_is_not_told(office: Office) -> None:
    office.push(hearing())
    office.tick(THREE_DAYS)
    office.tick("2026-09-20T22:00")
    office.push(hearing(LATER))
    office.delete()
    office.tick("2026-09-21T09:00")
    assert starts(office.texts(), FIRST, GONE)  # of the day that she was told


def test_restored_before_the_no_longer_text_went_nothing_is_told(office: Office) -> None:
    office.push(hearing())
    office.tick(THREE_DAYS)
    office.tick("2026-09-20T22:00")
    office.delete()
    office.push(hearing())
    office.tick("2026-09-21T09:00")
    assert starts(office.texts(), FIRST)
    office.tick(ONE_DAY)
    assert starts(office.texts(), FIRST, FIRST)


def test_a_person_who_stopped_is_not_told_that_it_is_off(office: Office) -> None:
    office.push(hearing())
    office.tick(THREE_DAYS)
    office.hears(ANN, "STOP", "STOP")
    office.delete()
    office.tick("2026-09-21T12:00")
    assert starts(office.texts(), FIRST)


FORBIDS: list[tuple[Callable[[int], Any], str]] = [
    (lambda n: hearing(HEARING, nth_case(n, somebody(n, bail="C")), key=f"c{n}"), "in-custody"),
    (lambda n: nth_result(n, "1015"), "resulted"),
    (lambda n: nth_result(n, "2051", attendance=None), "resulted"),
    (lambda n: nth(n, kind={"description": "Trial"}), "not-first-hearing"),
    (lambda n: hearing(HEARING, nth_case(n, initiation="J"), key=f"c{n}"), "no-attendance-expected"),
    (lambda n: nth(n, isBoxHearing=True), "no-attendance-expected"),
    (lambda n: hearing(HEARING, nth_case(n, defendant("Other", mobile=BEN)), key=f"c{n}"), "suspended"),
    (lambda n: nth(n, court="B01LY00"), "court-not-enrolled"),
    (lambda n: spi("2026-09-23T14:00", given=f"P{n:03}", ref=f"41C{n:03}", mobile=None), "time-uncertain"),
    (lambda n: hearing(HEARING, nth_case(n, somebody(n, mobile="not one")), key=f"c{n}"), "mobile-invalid"),
]


def test_what_forbids_texting_after_enrolment_takes_back_what_is_planned(office: Office) -> None:
    for number, (message, _) in enumerate(FORBIDS):
        office.push(nth(number))
        told = message(number)
        office.push(told, form="spi" if isinstance(told, bytes) else "common-platform")
    for number, (_, reason) in enumerate(FORBIDS):
        (row,) = [one for one in office.rows() if one["name"] == f"P{number:03} Example"]
        assert (reason in row["reasons"], row["eligible"]) == (True, False), (number, reason, row["reasons"])
    assert len(office.planned("cancelled")) == 2 * len(FORBIDS)
    office.tick(THREE_DAYS)
    office.tick(ONE_DAY)
    assert [number for number in range(len(FORBIDS)) if office.texts(phone(number))] == []


def test_released_again_after_a_remand_the_reminders_come_back(office: Office) -> None:
    office.push(hearing())
    office.push(hearing(HEARING, case(defendant(bail="C"))))
    office.push(hearing())
    assert office.planned() == [("three-days", THREE_DAYS), ("one-day", ONE_DAY)]


def test_a_result_after_the_reminder_sends_no_more(office: Office) -> None:
    office.push(hearing())
    office.tick(THREE_DAYS)
    office.push(result("1015"), "result")
    office.tick(ONE_DAY)
    office.delete()
    office.tick("2026-09-22T15:00")
    assert starts(office.texts(), FIRST)
