"""Signs of life are rows: fresh for half a minute, forgotten after a day, and a missed one ends nothing."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from services.common import heartbeats
from services.common.context import Heed
from services.common.database import Database


def seen(heed: Heed, kind: str = "worker") -> int:
    with heed.database.begin() as session:
        return heartbeats.seen(session, kind)


def beat(heed: Heed, kind: str = "worker") -> None:
    with heed.database.begin() as session:
        heartbeats.beat(session, kind)


def age(heed: Heed, seconds: int) -> None:
    with heed.database.begin() as session:
        session.execute(text(f"UPDATE heartbeats SET at = clock_timestamp() - interval '{seconds} s'"))


def test_nobody_at_first(reminders: Heed) -> None:
    assert seen(reminders) == 0


def test_a_process_counts_once_however_often_it_beats(reminders: Heed) -> None:
    for _ in range(3):
        beat(reminders)
    beat(reminders, "clock")
    assert (seen(reminders), seen(reminders, "clock"), seen(reminders, "web")) == (1, 1, 0)


@pytest.mark.parametrize(("seconds", "count"), [(0, 1), (28, 1), (31, 0), (3600, 0)])
def test_a_sign_of_life_is_fresh_for_half_a_minute(reminders: Heed, seconds: int, count: int) -> None:
    beat(reminders)
    age(reminders, seconds)
    assert seen(reminders) == count


def test_the_dead_are_forgotten_after_a_day(reminders: Heed) -> None:
    beat(reminders, "web")
    age(reminders, 86_500)
    beat(reminders)
    with reminders.database.begin() as session:
        assert session.scalar(text("SELECT count(*) FROM heartbeats")) == 1


def test_a_moved_clock_does_not_age_them(reminders: Heed) -> None:
    from datetime import timedelta

    from services.common import clock

    beat(reminders)
    with reminders.database.begin() as session:
        later = clock.now(session) + timedelta(days=7)
    clock.move_to(reminders.database, later)
    assert seen(reminders) == 1


def test_beating_goes_on_until_told_to_stop(
    reminders: Heed, monkeypatch: pytest.MonkeyPatch, until: Callable[..., Any]
) -> None:
    monkeypatch.setattr(heartbeats, "EVERY", 0.02)
    stop = heartbeats.keep_beating(reminders, "worker")
    until(lambda: seen(reminders))
    age(reminders, 3600)
    until(lambda: seen(reminders))
    stop.set()


def test_a_missed_beat_ends_nothing(
    reminders: Heed, monkeypatch: pytest.MonkeyPatch, until: Callable[..., Any], said: list[dict[str, Any]]
) -> None:
    monkeypatch.setattr(heartbeats, "EVERY", 0.02)
    down = dataclasses.replace(reminders, database=Database.at("postgresql://x@127.0.0.1:1/x"))
    stop = heartbeats.keep_beating(down, "worker")
    until(lambda: len(said) >= 2)
    stop.set()
    assert {line["event"] for line in said} == {"heartbeat-missed"}
