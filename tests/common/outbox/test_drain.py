"""The whole way of a text, with the sandbox carrier over real HTTP: whatever fails, one text each."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from services.common import clock, inbound, stops
from services.common.carrier import Accepted, Carrier, NotSent, Outgoing
from services.common.carrier_codes import CodeClass
from services.common.models import Outbox
from services.common.outbox import drain
from services.common.outbox.claim import Prepared

FAULTS = {
    "901": "accepted",
    "902": "accepted",
    "903": "accepted",
    "904": "accepted",
    "905": "failed",
    "906": "failed",
    "910": "accepted",
    "911": "accepted",
    "912": "accepted",
    "913": "accepted",
    "914": "accepted",
    "920": "accepted",
    "921": "accepted",
    "922": "accepted",
    "923": "accepted",
}


def to_the_end(desk: Any, rounds: int = 8) -> None:
    """Drain and settle, hour by hour, until nothing is open."""
    for _ in range(rounds):
        desk.drain()
        desk.later(700)
        desk.settle()
        if all(row.state in ("accepted", "failed", "cancelled", "staff") for row in desk.rows()):
            return


def test_what_is_due_is_sent(desk: Any, carrier: Any, until: Callable[..., Any]) -> None:
    numbers = {desk.owe(f"+4477009001{place:02}", f"Text {place}"): place for place in range(12)}
    assert desk.drain() == 12
    assert {row.state for row in desk.rows()} == {"accepted"}
    assert carrier.accepted() == {(f"+4477009001{place:02}", f"Text {place}"): 1 for place in range(12)}
    assert desk.drain() == 0
    until(lambda: {row.carrier_status for row in desk.rows()} == {"delivered"})
    by_sid = {message["sid"]: message for message in carrier.messages(direction="outbound-api")}
    for number, place in numbers.items():
        assert by_sid[desk.row(number).sid]["body"] == f"Text {place}"


def test_in_batches(desk: Any, carrier: Any) -> None:
    for place in range(10):
        desk.owe(f"+4477009001{place:02}")
    assert desk.drain(batch=3) == 10


def test_it_gives_way_when_its_time_is_up(desk: Any, carrier: Any) -> None:
    for place in range(4):
        desk.owe(f"+4477009001{place:02}")
    assert desk.drain(batch=2, budget=0) == 0
    assert {row.state for row in desk.rows()} == {"pending"}
    assert desk.drain(batch=2, budget=1e-9) in (0, 2)  # a batch that was begun is finished


def test_it_sends_nothing_while_stopped(desk: Any, carrier: Any) -> None:
    desk.owe()
    with desk.heed.database.begin() as session:
        stops.stop(session, "wrong wording", "person:eva", desk.now())
    assert desk.drain() == 0
    assert carrier.accepted() == {}


def test_the_busy_carrier_gets_it_the_third_time(desk: Any, carrier: Any) -> None:
    number = desk.owe("+447700900910", "Hello")
    for _ in range(3):
        assert desk.drain() == 1
        desk.later(30)
    assert desk.state(number) == ("accepted", None)
    assert [attempt.answer for attempt in desk.attempts(number)] == ["notsent", "notsent", "accepted"]
    assert carrier.accepted() == {("+447700900910", "Hello"): 1}


@pytest.mark.parametrize("callbacks", [True, False])
def test_every_fault_at_once(desk: Any, carrier: Any, callbacks: bool) -> None:
    carrier.control("callbacks", {"on": callbacks})
    desk.heed.carrier._http.timeout = (3.0, 0.3)
    numbers = {digits: desk.owe(f"+447700900{digits}", "Hello") for digits in FAULTS}
    to_the_end(desk)
    carrier.quiet()
    assert {digits: desk.row(number).state for digits, number in numbers.items()} == FAULTS
    to_the_end(desk)
    carrier.quiet()
    accepted = {f"+447700900{digits}": int(state == "accepted") for digits, state in FAULTS.items()}
    # The phone that was off is texted once more, where a callback told of it.
    accepted["+447700900903"] += callbacks
    assert {to: carrier.accepted(to).get((to, "Hello"), 0) for to in accepted} == accepted
    assert not [event for event in desk.events() if event.flag]


def test_a_mixed_rate_of_faults(desk: Any, carrier: Any) -> None:
    shares = {
        "error-before": 0.15,
        "error-after": 0.15,
        "answer-lost": 0.15,
        "busy-twice": 0.15,
        "callback-lost": 0.2,
    }
    carrier.control("faults", {"seed": 7, "rates": shares})
    texts = {(f"+4477009001{place:02}", f"Text {place}") for place in range(60)}
    for to, body in texts:
        desk.owe(to, body)
    to_the_end(desk)
    assert {row.state for row in desk.rows()} == {"accepted"}
    assert carrier.accepted() == dict.fromkeys(texts, 1)


def test_two_drains_at_once_send_each_text_once(desk: Any, carrier: Any) -> None:
    texts = {(f"+4477009001{place:02}", f"Text {place}") for place in range(50)}
    for to, body in texts:
        desk.owe(to, body)
    with ThreadPoolExecutor(3) as pool:
        posted = list(pool.map(lambda _: desk.drain(batch=5), range(3)))
    assert sum(posted) == 50
    assert carrier.accepted() == dict.fromkeys(texts, 1)


def test_an_error_of_ours_on_the_wire_is_uncertain_and_stops_no_other(
    desk: Any, carrier: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = Carrier.send

    def fails_once(self: Carrier, text: Outgoing) -> Any:
        if text.body == "bad":
            raise MemoryError
        return send(self, text)

    monkeypatch.setattr(Carrier, "send", fails_once)
    bad, good = desk.owe(body="bad"), desk.owe(body="good")
    assert desk.drain() == 2
    assert desk.state(bad) == ("uncertain", "MemoryError")
    assert desk.state(good) == ("accepted", None)


def test_the_next_batch_is_on_the_wire_before_the_last_of_this_one_is_answered(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    third, sids = threading.Event(), count(1)

    def send(self: Carrier, text: Outgoing) -> Accepted:
        if text.body == "third":
            third.set()
        if text.body == "first":
            assert third.wait(10)
        return Accepted(f"SM{next(sids):032}", "queued")

    monkeypatch.setattr(Carrier, "send", send)
    for place, body in enumerate(("first", "second", "third")):
        desk.owe(f"+4477009001{place:02}", body)
    assert desk.drain(batch=2) == 3
    assert {row.state for row in desk.rows()} == {"accepted"}


def test_texts_to_one_number_go_in_their_order(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []

    def send(self: Carrier, text: Outgoing) -> Accepted:
        time.sleep(0.05 if text.body == "first" else 0)
        sent.append(text.body)
        return Accepted(f"SM{len(sent):032}", "queued")

    monkeypatch.setattr(Carrier, "send", send)
    for body in ("first", "second", "third"):
        desk.owe(body=body)
    desk.owe("+447700900124", "another's")
    assert desk.drain() == 4
    assert [body for body in sent if body != "another's"] == ["first", "second", "third"]
    assert sent[0] == "another's"  # nobody waits for somebody else's


def test_it_gives_way_after_a_batch_where_somebody_has_texted(desk: Any, carrier: Any) -> None:
    for place in range(6):
        desk.owe(f"+4477009001{place:02}")
    with desk.heed.database.begin() as session:
        inbound.keep(
            desk.heed,
            session,
            sid="SM" + "b" * 32,
            sender="+447700900150",
            to=desk.heed.config.sender,
            body="help me please",
            opt_out_type=None,
        )
    assert desk.drain(batch=2) == 2


def test_a_failure_to_claim_more_loses_no_answer(desk: Any, carrier: Any) -> None:
    first = desk.owe(body="first")
    desk.owe(body="second")
    calls = count(1)

    def prepare(session: Session, rows: Sequence[Outbox], now: datetime) -> list[Prepared]:
        if next(calls) > 1:
            raise OperationalError("SELECT 1", {}, Exception(), connection_invalidated=True)
        return desk.prepare(session, rows, now)

    with pytest.raises(OperationalError):
        drain.drain(desk.heed, prepare, batch=1)
    assert desk.state(first) == ("accepted", None)


def test_a_refusal_of_our_set_up_burns_no_more_texts(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    posted: list[str] = []

    def send(self: Carrier, text: Outgoing) -> NotSent:
        posted.append(text.body)
        return NotSent(CodeClass.SET_UP, 21606, 400)

    monkeypatch.setattr(Carrier, "send", send)
    for place in range(200):
        desk.owe(f"+447700900{place:03}")
    desk.drain()
    assert len(posted) <= desk.heed.settings.drain_threads
    assert {row.state for row in desk.rows()} == {"pending"}
    with desk.heed.database.begin() as session:
        assert stops.stopped(session, desk.heed.config.sender) == "carrier-set-up:21606"


def test_heeds_time_stands_still_for_who_would_move_it(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    posting, go_on = threading.Event(), threading.Event()

    def waits(self: Carrier, text: Outgoing) -> Accepted:
        posting.set()
        assert go_on.wait(10)
        return Accepted("SM" + "a" * 32, "queued")

    monkeypatch.setattr(Carrier, "send", waits)
    desk.owe()
    target = desk.now() + 3 * (desk.row(1).useful_until - desk.row(1).due_at)
    with ThreadPoolExecutor(2) as pool:
        draining = pool.submit(desk.drain)
        assert posting.wait(10)
        moving = pool.submit(clock.move_to, desk.heed.database, target)
        time.sleep(0.2)
        assert not moving.done()
        go_on.set()
        assert draining.result(10) == 1
        moving.result(10)
    assert desk.row(1).state == "accepted"


@pytest.mark.parametrize("changes", [{"claim_lease": 1.0, "drain_threads": 1}])
def test_what_outlasts_its_lease_is_not_posted(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others may have looked for it in vain by now and sent it again."""
    sent: list[str] = []

    def slow(self: Carrier, text: Outgoing) -> Accepted:
        sent.append(text.body)
        time.sleep(1.1)
        return Accepted(f"SM{len(sent):032}", "queued")

    monkeypatch.setattr(Carrier, "send", slow)
    first, second = desk.owe(body="first"), desk.owe(body="second")
    desk.drain(batch=2, budget=0.5)
    assert sent == ["first"]
    assert desk.state(first) == ("accepted", None)
    assert desk.state(second) == ("pending", "carrier-busy")


CRASHES = """
import os, sys
from services.common.carrier import Carrier
from services.common.outbox import drain
from services.common.outbox.claim import fixed
from services.common.process import opened
send = Carrier.send
def dies(self, text):
    if sys.argv[1] == "after":
        send(self, text)
    os._exit(9)
Carrier.send = dies
with opened("reminders") as (heed,):
    drain.drain(heed, lambda session, rows, now: fixed(heed, rows, now))
"""


@pytest.mark.parametrize(("when", "attempts"), [("before", 2), ("after", 1)])
def test_a_crash_in_the_middle_of_a_post(
    desk: Any, carrier: Any, environment_of: Any, tmp_path: Path, root: Path, when: str, attempts: int
) -> None:
    carrier.control("callbacks", {"on": False})
    number = desk.owe(body="Hello")
    died = subprocess.run(
        [sys.executable, "-c", CRASHES, when],
        env=os.environ | environment_of(desk.heed, tmp_path),
        cwd=root,
        timeout=60,
        check=False,
    )
    assert died.returncode == 9
    assert desk.state(number)[0] == "claimed"
    assert desk.drain() == 0
    to_the_end(desk)
    assert desk.state(number)[0] == "accepted"
    assert len(desk.attempts(number)) == attempts
    assert carrier.accepted() == {("+447700900123", "Hello"): 1}


def test_a_crash_whose_callback_arrives(
    desk: Any, carrier: Any, environment_of: Any, tmp_path: Path, root: Path, until: Callable[..., Any]
) -> None:
    number = desk.owe(body="Hello")
    subprocess.run(
        [sys.executable, "-c", CRASHES, "after"],
        env=os.environ | environment_of(desk.heed, tmp_path),
        cwd=root,
        timeout=60,
        check=False,
    )
    until(lambda: desk.row(number).carrier_status == "delivered")
    assert desk.state(number) == ("accepted", None)
    assert carrier.accepted() == {("+447700900123", "Hello"): 1}
