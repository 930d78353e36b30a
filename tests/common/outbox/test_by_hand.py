"""A person settles what evidence could not; every act is audited, and nothing else may be settled so."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.common.carrier import Uncertain
from services.common.models import Audit
from services.common.outbox import by_hand


@pytest.fixture
def waiting(desk: Any) -> int:
    number = desk.owe()
    (one,) = desk.claim()
    desk.record((one, Uncertain("reset")))
    desk.put(number, state="staff", reason="the carrier could not be asked", check_at=None)
    return number


def resolve(desk: Any, number: int, *, sent: bool) -> bool:
    with desk.heed.database.begin() as session:
        return by_hand.resolve(session, number, sent=sent, by="person:eva")


def test_sent(desk: Any, waiting: int) -> None:
    assert resolve(desk, waiting, sent=True)
    assert desk.state(waiting) == ("accepted", "settled by a person as sent")
    assert desk.row(waiting).settled_at is not None
    assert desk.claim() == []


def test_not_sent_goes_again_as_a_new_attempt(desk: Any, waiting: int) -> None:
    assert resolve(desk, waiting, sent=False)
    assert desk.state(waiting) == ("pending", "settled by a person as not sent")
    (one,) = desk.claim()
    assert (one.outbox_id, one.n) == (waiting, 2)


def test_not_sent_and_of_no_more_use_does_not_go(desk: Any, waiting: int) -> None:
    desk.put(waiting, useful_until=desk.now() + timedelta(seconds=1))
    desk.later(2)
    resolve(desk, waiting, sent=False)
    assert desk.claim() == []
    assert desk.state(waiting) == ("cancelled", "too-late")


def test_a_late_callback_wins_over_a_persons_no(desk: Any, waiting: int) -> None:
    (attempt,) = desk.attempts(waiting)
    resolve(desk, waiting, sent=False)
    desk.call_back(attempt.token, "delivered")
    assert desk.state(waiting)[0] == "accepted"
    assert desk.claim() == []


@pytest.mark.parametrize("state", ["pending", "claimed", "uncertain", "accepted", "failed", "cancelled"])
def test_only_what_waits_for_a_person(desk: Any, state: str) -> None:
    number = desk.owe()
    desk.put(number, state=state)
    for sent in (True, False):
        assert not resolve(desk, number, sent=sent)
    assert not resolve(desk, number + 1000, sent=True)
    assert desk.state(number)[0] == state
    with desk.heed.database.begin() as session:
        assert session.scalars(select(Audit)).all() == []


def test_once(desk: Any, waiting: int) -> None:
    assert resolve(desk, waiting, sent=True)
    assert not resolve(desk, waiting, sent=False)
    with desk.heed.database.begin() as session:
        (row,) = session.scalars(select(Audit)).all()
    assert (row.actor, row.act, row.subject) == ("person:eva", "text-resolved", f"text:{waiting}")
    assert row.detail == {"sent": True, "attempt": 1}
