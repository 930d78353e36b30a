"""A promise to text is made once, however often and however concurrently its cause is handled."""

import dataclasses
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from services.common.outbox.intentions import intend


def test_once_a_dedupe_key(desk: Any) -> None:
    first = desk.intention(body="first", dedupe_key="promise")
    with desk.heed.database.begin() as session:
        assert intend(session, [first], desk.now()) == 1
        assert intend(session, [first], desk.now()) == 0
    second = desk.intention(body="second", dedupe_key="promise", priority=0)
    with desk.heed.database.begin() as session:
        assert intend(session, [second, desk.intention()], desk.now()) == 1
    kept, other = desk.rows()
    assert desk.heed.cipher.open(kept.body_enc, "body").reveal() == "first"
    assert (kept.priority, kept.state, other.state) == (10, "pending", "pending")


def test_the_same_key_twice_in_one_call(desk: Any) -> None:
    one = desk.intention()
    with desk.heed.database.begin() as session:
        assert intend(session, [one, one, desk.intention(), one], desk.now()) == 2
    assert len(desk.rows()) == 2


def test_nothing_owed_is_nothing_written(desk: Any) -> None:
    with desk.heed.database.begin() as session:
        assert intend(session, [], desk.now()) == 0


def test_many_at_once(desk: Any) -> None:
    many = [desk.intention() for _ in range(5)]
    many += [dataclasses.replace(many[0], dedupe_key=f"more:{number}") for number in range(1500)]
    with desk.heed.database.begin() as session:
        assert intend(session, iter(many), desk.now()) == len(many)
        assert intend(session, many, desk.now()) == 0


def test_it_is_written_with_its_cause_or_not_at_all(desk: Any) -> None:
    with pytest.raises(KeyError), desk.heed.database.begin() as session:
        intend(session, [desk.intention()], desk.now())
        raise KeyError
    assert desk.rows() == []


@pytest.mark.parametrize("threads", [2, 6])
def test_threads_at_once_make_one_promise(desk: Any, threads: int) -> None:
    gate = threading.Barrier(threads)
    now, one = desk.now(), desk.intention(dedupe_key="promise")

    def handle(_: int) -> int:
        gate.wait()
        with desk.heed.database.begin() as session:
            return intend(session, [one], now)

    with ThreadPoolExecutor(threads) as pool:
        assert sorted(pool.map(handle, range(threads))) == [0] * (threads - 1) + [1]
    assert len(desk.rows()) == 1


def test_the_second_waits_for_the_first_to_commit(desk: Any) -> None:
    now, one = desk.now(), desk.intention()
    with ThreadPoolExecutor(1) as pool:
        with desk.heed.database.begin() as session:
            assert intend(session, [one], now) == 1

            def second() -> int:
                with desk.heed.database.begin() as other:
                    return intend(other, [one], now)

            waiting = pool.submit(second)
            blocked = text(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN"
                " (SELECT pid FROM pg_stat_activity WHERE datname = current_database())"
            )
            with desk.heed.database.begin() as watcher:
                while not watcher.scalar(blocked):
                    assert not waiting.done()
        assert waiting.result(5) == 0


def test_the_first_rolled_back_leaves_the_promise_to_the_second(desk: Any) -> None:
    now, one = desk.now(), desk.intention()
    with desk.heed.database.begin() as session:
        intend(session, [one], now)
        session.rollback()
    with desk.heed.database.begin() as session:
        assert intend(session, [one], now) == 1


class TestTakenBackAndOwedAgain:
    """A person stops and starts again: what was taken back before any attempt is owed again; what was ever claimed is not."""

    def test_before_any_attempt(self, desk: Any) -> None:
        one = desk.intention()
        number = desk.owe(dedupe_key=one.dedupe_key)
        desk.put(number, state="cancelled", reason="opted-out", settled_at=desk.now())
        again = dataclasses.replace(
            one, due_at=one.due_at + timedelta(hours=1), useful_until=one.useful_until + timedelta(hours=1)
        )
        with desk.heed.database.begin() as session:
            assert intend(session, [again], desk.now()) == 1
        row = desk.row(number)
        assert (row.state, row.reason, row.settled_at) == ("pending", None, None)
        assert (row.due_at, row.useful_until) == (again.due_at, again.useful_until)

    @pytest.mark.parametrize(
        "state", ["pending", "claimed", "uncertain", "accepted", "failed", "staff", "cancelled"]
    )
    def test_after_an_attempt(self, desk: Any, state: str) -> None:
        one = desk.intention()
        number = desk.owe(dedupe_key=one.dedupe_key)
        desk.put(number, state=state, attempt=1)
        with desk.heed.database.begin() as session:
            assert intend(session, [one], desk.now()) == 0
        assert desk.row(number).state == state

    @pytest.mark.parametrize("state", ["failed", "accepted"])
    def test_only_what_was_taken_back(self, desk: Any, state: str) -> None:
        one = desk.intention()
        number = desk.owe(dedupe_key=one.dedupe_key)
        desk.put(number, state=state)
        with desk.heed.database.begin() as session:
            assert intend(session, [one], desk.now()) == 0
        assert desk.row(number).state == state


def test_intentions_do_not_show_what_they_hold(desk: Any) -> None:
    assert "Text" not in repr(desk.intention())
    assert "test:1" not in repr(desk.intention())
