"""A sender's rate and its day's segments hold across processes; somebody in danger waits for neither."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from services.common import alarms, clock
from services.common.carrier import Accepted, Answer, Carrier, NotSent, Outgoing
from services.common.carrier_codes import CodeClass
from services.common.models import SenderPace
from services.common.outbox import due, pace
from services.common.outbox.intentions import URGENT
from services.common.times import london

LONG = "x" * 161  # two segments


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was POSTed, to a carrier that takes everything."""
    sent: list[str] = []

    def send(self: Carrier, text: Outgoing) -> Answer:
        sent.append(text.body)
        return Accepted(f"SM{len(sent):032}", "queued")

    monkeypatch.setattr(Carrier, "send", send)
    return sent


def may(desk: Any, most: int = 200) -> pace.Allowance:
    with desk.heed.database.begin() as session:
        return pace.allowance(desk.heed, session, clock.now(session), most)


def spend(desk: Any, segments: int) -> None:
    with desk.heed.database.begin() as session:
        pace.spend(desk.heed, session, clock.now(session), segments, 0)


def learn(desk: Any, *answers: Answer) -> float:
    """Take a batch's answers; for how many seconds the sender then waits."""
    with desk.heed.database.begin() as session:
        pace.learn(desk.heed, session, answers, clock.now(session))
    return may(desk).wait or 0.0


def put(desk: Any, **values: Any) -> None:
    with desk.heed.database.begin() as session:
        session.execute(update(SenderPace).values(**values))


def woken(desk: Any) -> bool:
    with desk.heed.database.begin() as session:
        return bool(due.due(session, clock.now(session)))


def test_without_a_rate_and_a_cap_nothing_holds_and_nothing_is_written(desk: Any, wire: list[str]) -> None:
    assert may(desk) == pace.Allowance(200)
    desk.owe()
    assert desk.drain() == 1
    with desk.heed.database.begin() as session:
        assert session.scalars(select(SenderPace)).all() == []


@pytest.mark.parametrize("changes", [{"rate": 10.0}])
def test_a_second_of_the_rate_may_go_at_once(desk: Any) -> None:
    assert may(desk).texts == 10
    assert may(desk, most=4).texts == 4
    spend(desk, 4)
    assert may(desk).texts == 6
    spend(desk, 6)
    allowed = may(desk)
    assert allowed.texts == 0
    assert allowed.wait is not None
    assert 0.0 < allowed.wait <= 0.1
    spend(desk, 20)  # long texts may outrun the rate; those after them wait for it
    assert may(desk).wait == pytest.approx(2.0, abs=0.3)


@pytest.mark.parametrize("changes", [{"rate": 0.5}])
def test_a_rate_under_one_a_second(desk: Any) -> None:
    assert may(desk).texts == 1
    spend(desk, 1)
    assert may(desk).texts == 0
    assert may(desk).wait == pytest.approx(2.0, abs=0.3)
    put(desk, through_at=None)
    assert may(desk).texts == 1


@pytest.mark.parametrize("changes", [{"rate": 20.0}])
def test_a_drain_keeps_to_the_rate(desk: Any, wire: list[str]) -> None:
    for _ in range(30):
        desk.owe()
    assert desk.drain(budget=0.2) in range(20, 26)  # a second's worth at once, then one every 50 ms
    while woken(desk):
        desk.drain()
    assert len(wire) == 30


@pytest.mark.parametrize("changes", [{"rate": 10.0}])
def test_two_processes_share_one_allowance(desk: Any) -> None:
    spend(desk, 0)
    with desk.heed.database.begin() as session:
        mine = pace.allowance(desk.heed, session, clock.now(session), 200)
        assert mine.texts == 10
        assert may(desk) == pace.Allowance(0, wait=pace.ELSEWHERE)
        pace.spend(desk.heed, session, clock.now(session), 7, 0)
    assert may(desk).texts == 3


@pytest.mark.parametrize("changes", [{"daily_segments": 3}])
def test_the_days_segments_are_a_cap_that_stops_and_alarms(desk: Any, wire: list[str]) -> None:
    for body in ("one", "two", LONG, "three"):
        desk.owe(body=body, useful_until=desk.now() + timedelta(days=3))
    assert desk.drain() == 2
    assert wire == ["one", "two"]  # the long one has no room, and no later one slips past it
    assert [row.state for row in desk.rows()] == ["accepted", "accepted", "pending", "pending"]
    assert not woken(desk)
    with desk.heed.database.begin() as session:
        (alarm,) = alarms.sounding(session)
        assert (alarm.code, alarm.subject) == ("daily-segments", "sender:reminders")
        assert alarm.detail == {"segments": 2, "cap": 3}
    urgent = desk.owe(body=LONG, priority=URGENT)
    assert woken(desk)
    assert desk.drain() == 1
    assert desk.row(urgent).state == "accepted"
    assert not woken(desk)


@pytest.mark.parametrize("changes", [{"daily_segments": 1}])
def test_a_used_up_day_is_looked_at_again_and_ends_at_midnight_in_london(desk: Any, wire: list[str]) -> None:
    noon = london(desk.now() + timedelta(days=1)).replace(hour=12, minute=0)
    clock.move_to(desk.heed.database, noon)
    for _ in range(3):
        desk.owe(useful_until=desk.now() + timedelta(days=3))
    assert desk.drain() == 1
    assert desk.drain() == 0
    desk.later(pace.LOOK_AGAIN.total_seconds() - 5)
    assert not woken(desk)
    desk.later(10)
    assert woken(desk)  # the cap may have been raised meanwhile
    assert desk.drain() == 0
    assert not woken(desk)
    clock.move_to(desk.heed.database, noon.replace(hour=23, minute=59, second=50))
    assert desk.drain() == 0
    clock.move_to(desk.heed.database, noon.replace(hour=0, minute=0, second=0) + timedelta(days=1))
    assert woken(desk)
    assert desk.drain() == 1


BUSY, FINE = NotSent(CodeClass.WAIT), Accepted("SM" + "a" * 32, "queued")


@pytest.mark.parametrize(
    ("answers", "seconds"),
    [
        ([FINE], 0),
        ([BUSY], 1),
        ([BUSY] + 9 * [FINE], 1),
        ([BUSY] + 10 * [FINE], 0),  # under a tenth: those numbers are busy, not the sender
        ([NotSent(CodeClass.RECIPIENT)], 0),
        ([NotSent(CodeClass.WAIT, retry_after=7.0), BUSY], 7),
        ([NotSent(CodeClass.WAIT, retry_after=900.0)], pace.HOLD_MOST),
    ],
)
def test_a_busy_carrier_is_left_alone_for_a_while(desk: Any, answers: list[Answer], seconds: float) -> None:
    assert learn(desk, *answers) == pytest.approx(seconds, abs=0.2)


def test_the_wait_doubles_while_it_goes_on_and_is_forgotten_after(desk: Any) -> None:
    waits = []
    for _ in range(8):
        waits.append(round(learn(desk, BUSY)))
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    desk.owe()
    assert not woken(desk)  # nobody is woken in vain
    desk.later(61)
    assert woken(desk)
    assert learn(desk, FINE) == 0
    assert round(learn(desk, BUSY)) == 1


def test_an_urgent_text_does_not_wait_for_a_busy_carrier(
    desk: Any, wire: list[str], until: Callable[..., Any]
) -> None:
    learn(desk, BUSY)
    put(desk, held_until=desk.now() + timedelta(hours=1))
    ordinary, urgent = desk.owe(), desk.owe(priority=URGENT)
    assert woken(desk)
    assert desk.drain(budget=0.2) == 1
    assert (desk.row(urgent).state, desk.row(ordinary).state) == ("accepted", "pending")
