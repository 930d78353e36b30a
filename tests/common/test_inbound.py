"""Texts from people are stored first, once a MessageSid, and handled once; a text that fails holds up no other."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select, text

from services.common import inbound
from services.common.context import Heed
from services.common.models import Inbound

BODY = "Too many cars on London Road ŵ 😀"


def keep(heed: Heed, sid: str = "SM1", body: str = BODY) -> int | None:
    with heed.database.begin() as session:
        return inbound.keep(
            heed, session, sid=sid, sender="+447700900123", to="+447700900002", body=body, opt_out_type=None
        )


def row(heed: Heed, number: int) -> Inbound:
    with heed.database.begin() as session:
        return session.get_one(Inbound, number)


def test_it_is_kept_whole_and_encrypted(consultation: Heed) -> None:
    number = keep(consultation, body="x" * 1600)
    assert number is not None
    kept = row(consultation, number)
    assert kept.body_enc is not None
    assert consultation.cipher.open(kept.body_enc, "body").reveal() == "x" * 1600
    assert consultation.cipher.open(kept.from_enc, "number").reveal() == "+447700900123"
    assert kept.from_key == consultation.index.of("+447700900123", "number")
    assert (kept.handled_at, kept.failures) == (None, 0)
    with consultation.database.begin() as session:
        stored = session.scalar(text("SELECT string_agg(i::text, ' ') FROM inbound i"))
    assert "447700900123" not in stored
    assert "xxxx" not in stored


def test_once_a_sid(consultation: Heed) -> None:
    first = keep(consultation)
    assert first is not None
    assert keep(consultation) is None
    assert keep(consultation, body="another body") is None
    assert keep(consultation, sid="SM2") is not None


def test_ten_times_at_once(consultation: Heed) -> None:
    gate = threading.Barrier(10)

    def run(_: int) -> int | None:
        gate.wait()
        return keep(consultation)

    with ThreadPoolExecutor(10) as pool:
        kept = [number for number in pool.map(run, range(10)) if number is not None]
    assert len(kept) == 1


def test_what_waits_and_in_which_order(consultation: Heed) -> None:
    numbers = [keep(consultation, sid=f"SM{place}") for place in range(5)]
    with consultation.database.begin() as session:
        assert inbound.waiting(session) == [[number] for number in numbers]
        assert inbound.waiting(session, limit=2) == [[numbers[0]], [numbers[1]]]
        taken = inbound.take(session, numbers[0] or 0)
        assert taken is not None
        inbound.handled(session, taken, "feedback", "everything-else")
    with consultation.database.begin() as session:
        assert inbound.waiting(session) == [[number] for number in numbers[1:]]
        assert inbound.take(session, numbers[0] or 0) is None
        assert inbound.take(session, 10**6) is None
    done = row(consultation, numbers[0] or 0)
    assert (done.kind, done.rule) == ("feedback", "everything-else")


def test_two_workers_handle_it_once(consultation: Heed) -> None:
    number = keep(consultation)
    assert number is not None
    handled: list[int] = []
    gate = threading.Barrier(2)

    def run(worker: int) -> None:
        gate.wait()
        with consultation.database.begin() as session:
            found = inbound.take(session, number)
            if found is not None:
                handled.append(worker)
                inbound.handled(session, found, "feedback", "x")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run, range(2)))
    assert len(handled) == 1


class TestFailures:
    def fail(self, heed: Heed, number: int, times: int) -> None:
        def handle() -> None:
            raise ValueError("a bug of ours")

        for _ in range(times):
            with pytest.raises(ValueError, match="a bug of ours"):
                inbound.attempt(heed, number, handle)

    def test_they_are_counted_and_at_last_it_waits_for_a_fix(
        self, consultation: Heed, said: list[dict[str, Any]]
    ) -> None:
        bad, good = keep(consultation), keep(consultation, sid="SM2")
        assert bad is not None
        self.fail(consultation, bad, inbound.FAILURES_MOST - 1)
        with consultation.database.begin() as session:
            assert inbound.waiting(session) == [[bad], [good]]
        self.fail(consultation, bad, 1)
        with consultation.database.begin() as session:
            assert inbound.waiting(session) == [[good]]
        assert [line["event"] for line in said] == ["inbound-not-handled"]
        assert row(consultation, bad).handled_at is None

    def test_what_succeeds_is_not_counted(self, consultation: Heed) -> None:
        number = keep(consultation)
        assert number is not None
        inbound.attempt(consultation, number, lambda: None)
        assert row(consultation, number).failures == 0

    def test_the_services_keep_their_own(self, consultation: Heed, reminders: Heed) -> None:
        keep(consultation)
        with reminders.database.begin() as session:
            assert session.scalars(select(Inbound)).all() == []
