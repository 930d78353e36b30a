"""Heed's time: PostgreSQL's, moved forward only, never under a text that is on the wire."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from services.common import clock
from services.common.clock import ClockError
from services.common.context import Heed

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


def now(heed: Heed) -> datetime:
    with heed.database.begin() as session:
        return clock.now(session)


def wall(heed: Heed) -> datetime:
    with heed.database.begin() as session:
        return clock.wall(session)


def test_it_is_the_databases_real_time_in_utc(reminders: Heed) -> None:
    with reminders.database.begin() as session:
        session.execute(text("SET LOCAL timezone = 'Australia/Adelaide'"))
        found = clock.now(session)
    assert found.tzinfo is UTC
    assert abs(found - datetime.now(UTC)) < 5 * SECOND


def test_it_runs_within_a_transaction(reminders: Heed) -> None:
    with reminders.database.begin() as session:
        first = clock.now(session)
        session.execute(text("SELECT pg_sleep(0.01)"))
        assert clock.now(session) > first


def test_moved_forward_it_runs_on_from_there(reminders: Heed) -> None:
    target = now(reminders) + 3 * HOUR
    assert clock.move_to(reminders.database, target) == target
    first = now(reminders)
    assert target <= first < target + 5 * SECOND
    assert now(reminders) > first
    assert abs(wall(reminders) - datetime.now(UTC)) < 5 * SECOND


@pytest.mark.parametrize("back", [HOUR, SECOND, timedelta(milliseconds=1)])
def test_it_never_goes_back(reminders: Heed, back: timedelta) -> None:
    clock.move_to(reminders.database, now(reminders) + 2 * HOUR)
    before = now(reminders)
    with pytest.raises(ClockError, match="never goes back: give a later --now"):
        clock.move_to(reminders.database, before - back)
    assert now(reminders) >= before


def test_it_is_not_set_back_to_the_real_time_either(reminders: Heed) -> None:
    clock.move_to(reminders.database, now(reminders) + 2 * HOUR)
    with pytest.raises(ClockError):
        clock.move_to(reminders.database, wall(reminders) + HOUR)


def test_moved_again_it_counts_from_the_real_time(reminders: Heed) -> None:
    for hours in (1, 5, 6):
        target = wall(reminders) + hours * HOUR
        clock.move_to(reminders.database, target)
        assert abs(now(reminders) - target) < 5 * SECOND


def test_each_service_has_a_clock_of_its_own(reminders: Heed, consultation: Heed) -> None:
    clock.move_to(reminders.database, now(reminders) + 2 * HOUR)
    assert now(reminders) - now(consultation) > HOUR


def test_many_at_once_never_take_it_back(reminders: Heed) -> None:
    start = now(reminders)
    seen: list[datetime] = []

    def move(hours: int) -> None:
        try:
            clock.move_to(reminders.database, start + hours * HOUR)
        except ClockError:
            return
        seen.append(now(reminders))

    threads = [threading.Thread(target=move, args=(hours,)) for hours in (4, 1, 3, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert now(reminders) >= start + 4 * HOUR
    assert seen


def test_it_waits_for_texts_that_are_on_the_wire(reminders: Heed) -> None:
    target = now(reminders) + 2 * HOUR
    moved = threading.Event()

    def move() -> None:
        clock.move_to(reminders.database, target)
        moved.set()

    with clock.in_flight(reminders.database), clock.in_flight(reminders.database):
        thread = threading.Thread(target=move)
        thread.start()
        assert not moved.wait(0.3)
        assert now(reminders) < target
    thread.join(10)
    assert moved.is_set()
    assert now(reminders) >= target


def test_texts_that_stay_on_the_wire_are_said_to_be_the_reason(
    reminders: Heed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "WIRE_PATIENCE", "50ms")
    before = now(reminders)
    with (
        clock.in_flight(reminders.database),
        pytest.raises(ClockError, match="on the wire for 50ms: try again"),
    ):
        clock.move_to(reminders.database, before + HOUR)
    assert now(reminders) - before < HOUR


def test_texts_wait_for_a_move_that_waits(reminders: Heed) -> None:
    """Drain after drain may not keep a person's `heed tick --now` waiting for ever."""
    target = now(reminders) + HOUR
    seen: list[datetime] = []

    def drain() -> None:
        with clock.in_flight(reminders.database):
            seen.append(now(reminders))

    waiting = text(
        "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database AND datname = current_database()"
        " WHERE locktype = 'advisory' AND NOT granted"
    )
    with clock.in_flight(reminders.database):
        mover = threading.Thread(target=clock.move_to, args=(reminders.database, target))
        mover.start()
        with reminders.database.begin() as session:
            while not session.scalar(waiting):
                time.sleep(0.005)
        drainer = threading.Thread(target=drain)
        drainer.start()
    mover.join(10)
    drainer.join(10)
    assert len(seen) == 1
    assert seen[0] >= target


def test_an_error_or_a_death_on_the_wire_gives_the_clock_back(reminders: Heed) -> None:
    with pytest.raises(KeyError), clock.in_flight(reminders.database):
        raise KeyError
    with clock.in_flight(reminders.database), reminders.database.begin() as session:
        holder = text(
            "SELECT pid FROM pg_locks JOIN pg_database d ON d.oid = database AND datname = current_database()"
            " WHERE locktype = 'advisory' AND mode = 'ShareLock'"
        )
        assert session.scalar(holder)
    clock.move_to(reminders.database, now(reminders) + HOUR)
