"""A second message after a failure that may pass: once, spaced, only while of use, and taken back where the first arrived."""

from datetime import timedelta
from typing import Any

import pytest

from services.common import numbers
from services.common.carrier import Accepted
from services.common.outbox.again import SPACING

SID = "SM" + "a" * 32


def undelivered(desk: Any, code: int, **changes: Any) -> int:
    """A text that the carrier took and then could not deliver."""
    number: int = desk.owe(**changes)
    (one,) = desk.claim()
    sid = f"SM{number:032}"
    desk.record((one, Accepted(sid, "queued")))
    desk.call_back(one.text.token, "undelivered", sid, code)
    return number


@pytest.mark.parametrize("code", [30001, 30003, 30008])
def test_it_is_owed_once_more_an_hour_later(desk: Any, code: int) -> None:
    first = undelivered(desk, code, step="welcome", version=3)
    one, two = desk.rows()
    assert (two.dedupe_key, two.state, two.attempt) == (f"{one.dedupe_key}:again:1", "pending", 0)
    kept = ("kind", "subject_id", "step", "version", "priority", "useful_until", "to_enc", "body_enc")
    assert all(getattr(one, name) == getattr(two, name) for name in kept)
    assert SPACING - timedelta(seconds=10) < two.due_at - desk.now() <= SPACING
    assert desk.claim() == []
    desk.later(3601)
    (second,) = desk.claim()
    assert (second.outbox_id, second.text.to) == (two.id, "+447700900123")
    assert second.text.body == "Text 1"
    # Two in all: the second one's failure is the end of it.
    desk.record((second, Accepted(SID, "queued")))
    desk.call_back(second.text.token, "undelivered", SID, code)
    assert len(desk.rows()) == 2
    assert desk.row(first).carrier_status == "undelivered"


@pytest.mark.parametrize("code", [30004, 30005, 30006, 30007, 30036, 14107, 99999, 21610, 30002])
def test_not_after_any_other_code(desk: Any, code: int) -> None:
    undelivered(desk, code)
    assert len(desk.rows()) == 1


@pytest.mark.parametrize(("seconds", "rows"), [(3599, 1), (3600 + 30, 2)])
def test_only_if_it_would_still_be_of_use(desk: Any, seconds: int, rows: int) -> None:
    undelivered(desk, 30003, useful_until=desk.now() + timedelta(seconds=seconds))
    assert len(desk.rows()) == rows


def test_whatever_forbids_a_text_forbids_the_second(desk: Any) -> None:
    undelivered(desk, 30003)
    with desk.heed.database.begin() as session:
        numbers.note(session, desk.key(), "stop", "inbound:1", desk.now())
    desk.later(3601)
    assert desk.claim() == []
    assert (desk.rows()[1].state, desk.rows()[1].reason) == ("cancelled", "opted-out")


def test_a_first_one_that_arrived_after_all_takes_it_back(desk: Any) -> None:
    first = undelivered(desk, 30003)
    (attempt,) = desk.attempts(first)
    desk.call_back(attempt.token, "delivered", f"SM{first:032}")
    assert (desk.rows()[1].state, desk.rows()[1].reason) == ("cancelled", "delivered-after-all")
    assert desk.alarms() == [("status-contradicting", f"text:{first}", 1)]
    desk.later(3601)
    assert desk.claim() == []


def test_a_failure_after_delivery_owes_nothing(desk: Any) -> None:
    number = desk.owe()
    (one,) = desk.claim()
    desk.record((one, Accepted(SID, "queued")))
    desk.call_back(one.text.token, "delivered", SID)
    desk.call_back(one.text.token, "undelivered", SID, 30003)
    assert [row.id for row in desk.rows()] == [number]


def test_a_repeated_callback_owes_it_once(desk: Any) -> None:
    first = undelivered(desk, 30003)
    (attempt,) = desk.attempts(first)
    for word in ("undelivered", "undelivered", "failed"):
        desk.call_back(attempt.token, word, f"SM{first:032}", 30003)
    assert len(desk.rows()) == 2


def test_the_phone_that_was_off_gets_it_with_the_sandbox(desk: Any, carrier: Any, until: Any) -> None:
    desk.owe("+447700900903", "Hello")
    desk.drain()
    until(lambda: len(desk.rows()) == 2)
    desk.later(3601)
    assert desk.drain() == 1
    until(lambda: desk.rows()[1].carrier_status == "delivered")
    assert carrier.accepted() == {("+447700900903", "Hello"): 2}
