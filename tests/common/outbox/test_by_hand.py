"""A person settles what evidence could not; every act is audited, and nothing else may be settled so."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.common import attention
from services.common.carrier import Accepted, Uncertain
from services.common.models import Attempt, Audit
from services.common.outbox import by_hand


@pytest.fixture
def waiting(desk: Any) -> int:
    number = desk.owe()
    (one,) = desk.claim()
    desk.record((one, Uncertain("reset")))
    desk.put(number, state="staff", reason="the carrier could not be asked", check_at=None)
    return number


def resolve(desk: Any, number: int, *, sent: bool, sid: str | None = None) -> bool:
    with desk.heed.database.begin() as session:
        return by_hand.resolve(desk.heed, session, number, sent=sent, by="person:eva", sid=sid)


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


ONE, TWO = "SM" + "1" * 32, "SM" + "2" * 32


def see(desk: Any, number: int, *sids: str) -> None:
    """What the last look showed."""
    with desk.heed.database.begin() as session:
        attempt = session.scalars(select(Attempt).where(Attempt.outbox_id == number)).one()
        attempt.seen = [
            {"sid": sid, "status": "sent", "created": "2026-09-21T10:00:00+00:00"} for sid in sids
        ]


class TestWhichMessage:
    def test_of_two_the_one_that_is_named(self, desk: Any, waiting: int) -> None:
        see(desk, waiting, ONE, TWO)
        assert resolve(desk, waiting, sent=True, sid=TWO)
        row, (attempt,) = desk.row(waiting), desk.attempts(waiting)
        assert (row.sid, attempt.sid, attempt.evidence) == (TWO, TWO, "person")
        assert row.check_at > desk.now()  # the carrier is asked what became of it

    def test_of_two_none_where_none_is_named(self, desk: Any, waiting: int) -> None:
        see(desk, waiting, ONE, TWO)
        assert resolve(desk, waiting, sent=True)
        assert (desk.row(waiting).state, desk.row(waiting).sid, desk.row(waiting).check_at) == (
            "accepted",
            None,
            None,
        )

    def test_the_only_one_is_it(self, desk: Any, waiting: int) -> None:
        see(desk, waiting, ONE)
        assert resolve(desk, waiting, sent=True)
        assert desk.row(waiting).sid == ONE

    @pytest.mark.parametrize("sent", [True, False])
    def test_one_that_was_not_seen_is_refused(self, desk: Any, waiting: int, sent: bool) -> None:
        see(desk, waiting, ONE)
        with pytest.raises(by_hand.WrongMessage):
            resolve(desk, waiting, sent=sent, sid=TWO)
        assert desk.state(waiting)[0] == "staff"

    def test_one_that_became_anothers_is_refused(self, desk: Any, waiting: int) -> None:
        other = desk.owe()
        (one,) = desk.claim()
        desk.record((one, Accepted(ONE, "queued")))
        see(desk, waiting, ONE)
        with pytest.raises(by_hand.WrongMessage):
            resolve(desk, waiting, sent=True, sid=ONE)
        assert resolve(desk, waiting, sent=True)  # sent, but not as that one
        assert (desk.row(waiting).sid, desk.row(other).sid) == (None, ONE)


class TestLateCallbacks:
    def test_after_a_persons_yes_it_says_what_became_of_it(self, desk: Any, waiting: int) -> None:
        (attempt,) = desk.attempts(waiting)
        resolve(desk, waiting, sent=True)
        assert desk.call_back(attempt.token, "delivered", ONE) == "kept"
        row = desk.row(waiting)
        assert (row.state, row.sid, row.carrier_status) == ("accepted", ONE, "delivered")
        assert desk.alarms() == []

    def test_after_a_persons_yes_about_another_message_it_is_a_duplicate(
        self, desk: Any, waiting: int
    ) -> None:
        see(desk, waiting, ONE, TWO)
        (attempt,) = desk.attempts(waiting)
        resolve(desk, waiting, sent=True, sid=ONE)
        desk.call_back(attempt.token, "sent", TWO)
        assert desk.alarms() == [("duplicate-detected", f"text:{waiting}", 1)]

    def test_after_a_persons_no_and_a_second_attempt_it_is_a_duplicate(self, desk: Any, waiting: int) -> None:
        (first,) = desk.attempts(waiting)
        resolve(desk, waiting, sent=False)
        (second,) = desk.claim()
        desk.record((second, Accepted(TWO, "queued")))
        desk.call_back(first.token, "delivered", ONE)
        assert desk.alarms() == [("duplicate-detected", f"text:{waiting}", 1)]
        assert (desk.row(waiting).sid, desk.row(waiting).carrier_status) == (TWO, "queued")


def test_the_queue_says_why_since_when_and_what_was_seen(desk: Any, waiting: int) -> None:
    see(desk, waiting, ONE, TWO)
    desk.later(3600)
    with desk.heed.database.begin() as session:
        (one,) = attention.unsettled(session)
    assert one["reason"] == "the carrier could not be asked"
    assert 3600 <= one["age_seconds"] < 3700
    assert [seen["sid"] for seen in one["seen"]] == [ONE, TWO]
