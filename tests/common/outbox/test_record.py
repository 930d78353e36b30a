"""What the carrier answered, written down once, whatever a callback has said meanwhile."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.common.carrier import Accepted, Answer, NotSent, Uncertain
from services.common.carrier_codes import CodeClass
from services.common.models import NumberState, SendingStop
from services.common.outbox.record import BACKOFF_MOST, after, backoff
from services.common.outbox.states import State

NOW = datetime(2026, 9, 21, 10, tzinfo=UTC)
SID = "SM" + "a" * 32


@pytest.mark.parametrize(
    ("answer", "state", "reason"),
    [
        (Accepted(SID, "queued"), State.ACCEPTED, None),
        (Uncertain("ReadTimeout"), State.UNCERTAIN, "ReadTimeout"),
        (Uncertain("HTTP 500", 20500, 500), State.UNCERTAIN, "HTTP 500"),
        (NotSent(CodeClass.WAIT, 20429, 429), State.PENDING, "carrier-busy"),
        (NotSent(CodeClass.SET_UP, 20003, 401), State.PENDING, "sender-stopped"),
        (NotSent(CodeClass.RECIPIENT, 21211, 400), State.FAILED, "carrier-recipient"),
        (NotSent(CodeClass.OPTED_OUT, 21610, 400), State.FAILED, "carrier-opted-out"),
        (NotSent(CodeClass.BUG, 21602, 400), State.FAILED, "carrier-bug"),
        (NotSent(CodeClass.LATER, 30001, 400), State.FAILED, "carrier-later"),
        (NotSent(CodeClass.DO_NOT_REPEAT, 14107, 400), State.FAILED, "carrier-do-not-repeat"),
        (NotSent(CodeClass.UNKNOWN, 99999, 400), State.FAILED, "carrier-unknown"),
    ],
)
def test_the_rule(answer: Answer, state: State, reason: str | None) -> None:
    following = after(answer, 1, NOW, 60, 900)
    assert (following.state, following.reason) == (state, reason)
    looks = {State.UNCERTAIN: NOW + timedelta(seconds=60), State.ACCEPTED: NOW + timedelta(seconds=900)}
    assert following.check_at == looks.get(state)
    assert (following.due_at is not None) is (state is State.PENDING)


@pytest.mark.parametrize(
    ("attempt", "asked", "least", "most"),
    [
        (1, None, 3.75, 6.25),
        (2, None, 7.5, 12.5),
        (5, None, 60, 100),
        (9, None, 0.75 * BACKOFF_MOST, 1.25 * BACKOFF_MOST),
        (1000, None, 0.75 * BACKOFF_MOST, 1.25 * BACKOFF_MOST),
        (1, 0.0, 3.75, 6.25),
        (1, 30.0, 30, 30),
        (1, 3600.0, 3600, 3600),
        (9, 10.0, 0.75 * BACKOFF_MOST, 1.25 * BACKOFF_MOST),
    ],
)
def test_the_wait_doubles_up_to_a_bound_and_obeys_the_carrier(
    attempt: int, asked: float | None, least: float, most: float
) -> None:
    waits = [backoff(attempt, asked).total_seconds() for _ in range(50)]
    assert least <= min(waits)
    assert max(waits) <= most
    assert len(set(waits)) > 1 or least == most


def register(desk: Any) -> NumberState | None:
    with desk.heed.database.begin() as session:
        return session.get(NumberState, desk.key())


def stopped(desk: Any) -> list[str]:
    with desk.heed.database.begin() as session:
        return list(session.scalars(select(SendingStop.reason)))


def test_accepted(desk: Any) -> None:
    number = desk.owe()
    (one,) = desk.claim()
    desk.record((one, Accepted(SID, "queued")))
    row, (attempt,) = desk.row(number), desk.attempts(number)
    assert (row.state, row.sid, row.carrier_status) == ("accepted", SID, "queued")
    assert timedelta(minutes=14) < row.check_at - desk.now() <= timedelta(minutes=15)
    assert row.settled_at is not None
    assert (attempt.answer, attempt.sid, attempt.http_status) == ("accepted", SID, None)
    assert attempt.answered_at is not None


def test_uncertain(desk: Any) -> None:
    number = desk.owe()
    (one,) = desk.claim()
    desk.record((one, Uncertain("HTTP 500", 20500, 500)))
    row, (attempt,) = desk.row(number), desk.attempts(number)
    assert desk.state(number) == ("uncertain", "HTTP 500")
    assert row.settled_at is None
    assert timedelta(seconds=50) < row.check_at - desk.now() <= timedelta(seconds=60)
    assert (attempt.answer, attempt.http_status, attempt.error_code) == ("uncertain", 500, 20500)
    assert desk.claim() == []


def test_busy_waits_and_is_tried_again_with_a_new_attempt(desk: Any) -> None:
    number = desk.owe()
    (one,) = desk.claim()
    desk.record((one, NotSent(CodeClass.WAIT, 20429, 429, 30.0)))
    assert desk.state(number) == ("pending", "carrier-busy")
    assert desk.claim() == []
    desk.later(31)
    (two,) = desk.claim()
    assert (two.outbox_id, two.n) == (number, 2)
    assert register(desk) is None
    assert stopped(desk) == []


def test_our_set_up_stops_the_sender_and_burns_no_other_text(desk: Any) -> None:
    first, second = desk.owe(), desk.owe("+447700900124")
    (one,) = desk.claim(1)
    desk.record((one, NotSent(CodeClass.SET_UP, 20003, 401)))
    assert desk.state(first) == ("pending", "sender-stopped")
    assert stopped(desk) == ["carrier-set-up:20003"]
    assert desk.claim() == []
    assert desk.state(second) == ("pending", None)


@pytest.mark.parametrize(
    ("answer", "stopped_at", "bad_code"),
    [
        (NotSent(CodeClass.OPTED_OUT, 21610, 400), True, None),
        (NotSent(CodeClass.RECIPIENT, 21211, 400), False, 21211),
    ],
)
def test_what_a_refusal_says_about_the_number(
    desk: Any, answer: NotSent, stopped_at: bool, bad_code: int | None
) -> None:
    number, later = desk.owe(), desk.owe()
    (one,) = desk.claim(1)
    desk.record((one, answer))
    state = register(desk)
    assert state is not None
    assert (state.stopped_at is not None, state.bad_code) == (stopped_at, bad_code)
    assert desk.state(number)[0] == "failed"
    assert desk.claim() == []
    assert desk.state(later)[0] == "cancelled"


@pytest.mark.parametrize("kind", [CodeClass.BUG, CodeClass.UNKNOWN, CodeClass.DO_NOT_REPEAT, CodeClass.LATER])
def test_other_refusals_fail_that_text_alone(desk: Any, kind: CodeClass) -> None:
    number, other = desk.owe(), desk.owe()
    (one,) = desk.claim(1)
    desk.record((one, NotSent(kind, 99999, 400)))
    assert desk.state(number) == ("failed", f"carrier-{kind}")
    assert [claim.outbox_id for claim in desk.claim()] == [other]
    assert register(desk) is None


def test_a_batch_of_every_answer(desk: Any) -> None:
    numbers = [desk.owe(f"+4477009001{place:02}") for place in range(40)]
    kinds: list[Callable[[int], Answer]] = [
        lambda place: Accepted(f"SM{place:032}", "queued"),
        lambda _: Uncertain("reset"),
        lambda _: NotSent(CodeClass.WAIT, 429, 429),
        lambda _: NotSent(CodeClass.RECIPIENT, 21614, 400),
    ]
    claims = {one.outbox_id: one for one in desk.claim()}
    desk.record(*((claims[number], kinds[place % 4](place)) for place, number in enumerate(numbers)))
    assert [desk.row(number).state for number in numbers] == [
        "accepted",
        "uncertain",
        "pending",
        "failed",
    ] * 10


class TestCallbacksMeanwhile:
    @pytest.mark.parametrize("status", ["sent", "delivered", "undelivered"])
    @pytest.mark.parametrize(
        "answer", [Accepted(SID, "queued"), Uncertain("ReadTimeout"), Uncertain("HTTP 500", 20500, 500)]
    )
    def test_a_callback_before_the_answer_stands(self, desk: Any, status: str, answer: Answer) -> None:
        number = desk.owe()
        (one,) = desk.claim()
        assert desk.call_back(one.text.token, status, SID) == "kept"
        desk.record((one, answer))
        row = desk.row(number)
        assert (row.state, row.sid, row.carrier_status) == ("accepted", SID, status)
        assert (row.check_at is None) == (status != "sent")
        (attempt,) = desk.attempts(number)
        assert attempt.answer == type(answer).__name__.lower()
        assert attempt.sid == SID

    def test_both_at_once_never_lock_each_other_out(self, desk: Any) -> None:
        numbers = [desk.owe() for _ in range(30)]
        claims = desk.claim()
        failures: list[Exception] = []

        def call() -> None:
            try:
                for one in reversed(claims):
                    desk.call_back(one.text.token, "sent", f"SM{one.outbox_id:032}")
            except Exception as error:
                failures.append(error)

        thread = threading.Thread(target=call)
        thread.start()
        for start in range(0, 30, 10):
            desk.record(
                *((one, Accepted(f"SM{one.outbox_id:032}", "queued")) for one in claims[start : start + 10])
            )
        thread.join()
        assert not failures
        assert {desk.row(number).state for number in numbers} == {"accepted"}
        assert {desk.row(number).carrier_status for number in numbers} <= {"sent", "queued"}
        assert [desk.row(number).sid for number in numbers] == [f"SM{number:032}" for number in numbers]


class TestLateAnswers:
    """The answer came after the claim's lease had run out, and something else was decided meanwhile."""

    @pytest.mark.parametrize("state", ["uncertain", "staff", "pending"])
    def test_an_acceptance_settles_what_was_open(self, desk: Any, state: str) -> None:
        number = desk.owe()
        (one,) = desk.claim()
        desk.put(number, state=state, reason="not found at the carrier, twice")
        desk.record((one, Accepted(SID, "queued")))
        row = desk.row(number)
        assert (row.state, row.sid, row.reason) == ("accepted", SID, None)
        assert desk.claim() == []

    @pytest.mark.parametrize("state", ["uncertain", "staff", "pending", "accepted", "cancelled"])
    @pytest.mark.parametrize(
        "answer",
        [Uncertain("reset"), NotSent(CodeClass.WAIT, 429, 429), NotSent(CodeClass.SET_UP, 20003, 401)],
    )
    def test_anything_else_changes_nothing(self, desk: Any, state: str, answer: Answer) -> None:
        number = desk.owe()
        (one,) = desk.claim()
        desk.put(number, state=state, reason="as it was")
        before = desk.row(number)
        desk.record((one, answer))
        assert desk.state(number) == (state, "as it was")
        assert desk.row(number).due_at == before.due_at

    def test_the_answer_of_an_earlier_attempt_does_not_touch_the_later_one(self, desk: Any) -> None:
        number = desk.owe()
        (first,) = desk.claim()
        desk.put(number, state="pending")
        (second,) = desk.claim()
        desk.record((first, NotSent(CodeClass.RECIPIENT, 21211, 400)))
        assert desk.state(number) == ("claimed", None)
        desk.record((second, Accepted(SID, "queued")))
        assert desk.state(number) == ("accepted", None)
        assert [attempt.answer for attempt in desk.attempts(number)] == ["notsent", "accepted"]
