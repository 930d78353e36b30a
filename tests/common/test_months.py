"""The carrier's words are kept a month a partition: made ahead, moved out of the default, dropped whole; and still kept once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import text

from services.common import clock, months, retention, work
from services.common.alerting import watch
from services.common.backup import restore, take
from services.common.context import Heed
from services.common.database import Database
from services.common.fitness import stores_facts
from services.common.migrations import alembic_config
from services.common.outbox import callbacks
from services.reminders.jobs import SWEEPS
from services.reminders.retention import RULES

SID = "SM" + "b" * 32


def at(words: str) -> datetime:
    return datetime.fromisoformat(words)


def claimed(heed: Heed, *moments: datetime) -> None:
    """An attempt claimed at each moment, by its place: token t0, t1, …"""
    with heed.database.begin() as session:
        for n, moment in enumerate(moments):
            session.execute(
                text(
                    "WITH o AS (INSERT INTO outbox (dedupe_key, kind, subject_id, priority, due_at, useful_until, state, attempt, created_at)"
                    " VALUES ('m' || :n, 'reply', :n, 5, :at, :at, 'uncertain', 1, :at) RETURNING id)"
                    " INSERT INTO attempts (outbox_id, n, token, to_key, to_enc, sender, segments, claimed_at, claimed_wall, lease_until)"
                    " SELECT id, 1, 't' || :n, 'k', 'e', '+447700900001', 1, :at, :at, :at FROM o"
                ),
                {"n": n, "at": moment},
            )


def say(heed: Heed, n: int, status: str, sid: str = "") -> str:
    with heed.database.begin() as session:
        return callbacks.status(heed, session, f"t{n}", sid or f"SM{n:032}", status, None)


def where(heed: Heed) -> list[tuple[str, int]]:
    """How many rows each partition that has any holds."""
    with heed.database.begin() as session:
        found = session.execute(
            text("SELECT tableoid::regclass::text, count(*) FROM status_events GROUP BY 1 ORDER BY 1")
        )
        return [(name.removeprefix("status_events_"), many) for name, many in found]


def standing(heed: Heed) -> list[date]:
    with heed.database.begin() as session:
        return sorted(months.standing(session, "status_events"))


@pytest.fixture(params=["UTC", "Europe/London"])
def zoned(request: pytest.FixtureRequest, reminders: Heed) -> Heed:
    """A service whose sessions with PostgreSQL are in a zone: its own default must not count."""
    with reminders.database.engine.begin() as connection:
        name = connection.scalar(text("SELECT current_database()"))
        connection.execute(text(f"ALTER DATABASE {name} SET timezone = '{request.param}'"))
    reminders.database.engine.dispose()
    return reminders


def test_a_word_stands_in_its_texts_month_by_utc_however_late_it_is_said(zoned: Heed) -> None:
    edges = [
        at("2047-06-30T23:59:59.999999+00:00"),  # the first of July in London for an hour
        at("2047-07-01T00:00:00+00:00"),
        at("2047-12-31T23:59:59.999999+00:00"),
        at("2048-01-01T00:00:00+00:00"),
        at("2048-02-29T12:00:00+00:00"),
    ]
    claimed(zoned, *edges)
    for n in range(len(edges)):
        assert say(zoned, n, "sent") == "kept"
    assert where(zoned) == [("default", 5)], "nothing is refused"
    months.make(zoned)
    # Said again, and the last word, a month later or more.
    for n in range(len(edges)):
        assert (say(zoned, n, "sent"), say(zoned, n, "delivered")) == ("known", "kept")
    assert where(zoned) == [("2047_06", 2), ("2047_07", 2), ("2047_12", 2), ("2048_01", 2), ("2048_02", 2)]


@pytest.mark.parametrize(
    ("now", "made"),
    [
        ("2051-11-30T23:59:59+00:00", ["2051-11", "2051-12", "2052-01"]),
        ("2051-12-01T00:00:00+00:00", ["2051-12", "2052-01", "2052-02"]),
        (
            "2052-06-30T23:30:00+00:00",
            ["2052-06", "2052-07", "2052-08"],
        ),  # half past midnight on 1 July in London
    ],
)
def test_the_job_makes_this_month_and_two_more(zoned: Heed, now: str, made: list[str]) -> None:
    clock.move_to(zoned.database, at(now))
    before = standing(zoned)
    work.tick(zoned, [one for one in SWEEPS if one.name == "months"])
    new = [month for month in standing(zoned) if month not in before]
    assert [f"{month:%Y-%m}" for month in new] == made
    with zoned.database.begin() as session:
        assert months.to_make(session, clock.now(session)) == [], "and then there is nothing to do"


def test_two_texts_take_one_message_for_theirs_across_the_year_and_its_word_is_kept_once(
    reminders: Heed,
) -> None:
    last, first = at("2047-12-31T23:59:59+00:00"), at("2048-01-01T00:00:01+00:00")
    claimed(reminders, last, first)
    months.make(reminders)
    assert say(reminders, 0, "delivered", SID) == "kept"
    with reminders.database.begin() as session:  # a listing had given it to the wrong one
        session.execute(text("UPDATE attempts SET evidence = 'listing' WHERE sid IS NOT NULL"))
    say(reminders, 1, "delivered", SID)
    assert sum(many for _, many in where(reminders)) == 1
    with reminders.database.begin() as session:
        assert (
            session.scalar(
                text("SELECT n FROM (SELECT right(token, 1) AS n, sid FROM attempts) AS a WHERE sid = :s"),
                {"s": SID},
            )
            == "1"
        )


class TestRetention:
    def test_a_month_goes_whole_once_its_last_moment_is_past(self, reminders: Heed) -> None:
        claimed(reminders, at("2047-01-31T23:59:59+00:00"), at("2047-02-01T00:00:00+00:00"))
        for n in (0, 1):
            say(reminders, n, "delivered")
        months.make(reminders)
        span = timedelta(days=reminders.settings.retain_history_days)
        end = at("2047-02-01T00:00:00+00:00")
        for now, left in ((end + span - timedelta(hours=1), 2), (end + span, 1)):
            clock.move_to(reminders.database, now)
            would = retention.run(reminders, RULES, "test", dry_run=True).get("status_events", 0)
            assert retention.run(reminders, RULES, "test").get("status_events", 0) == would == 2 - left
            assert sum(many for _, many in where(reminders)) == left
        assert date(2047, 1, 1) not in standing(reminders) and date(2047, 2, 1) in standing(reminders)

    def test_what_others_hold_is_left_for_the_next_night(
        self, reminders: Heed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(months, "PATIENCE", "SET LOCAL lock_timeout = '20ms'")
        claimed(reminders, at("2047-01-31T23:59:59+00:00"))
        say(reminders, 0, "delivered")
        months.make(reminders)
        clock.move_to(reminders.database, at("2050-01-01T00:00:00+00:00"))
        with held(reminders):
            assert "status_events" not in retention.run(reminders, RULES, "test")
            months.make(reminders)
        assert where(reminders) == [("2047_01", 1)] and date(2050, 1, 1) not in standing(reminders)
        months.make(reminders)
        assert retention.run(reminders, RULES, "test")["status_events"] == 1
        assert date(2050, 1, 1) in standing(reminders)


@contextmanager
def held(heed: Heed) -> Iterator[None]:
    """Somebody reads the table, and does not end."""
    with heed.database.begin() as session:
        session.execute(text("SELECT count(*) FROM status_events"))
        session.execute(text("LOCK TABLE status_events IN SHARE UPDATE EXCLUSIVE MODE"))
        yield


def test_a_missing_month_fails_the_check_and_sounds(reminders: Heed) -> None:
    def level() -> str:
        return {fact.name: fact.level for fact in stores_facts.facts(reminders)}["months"]

    def codes() -> list[str]:
        with reminders.database.begin() as session:
            return list(session.scalars(text("SELECT code FROM alarms WHERE code = 'month-missing'")))

    assert level() == "ok"
    seen = watch.Watch(reminders)
    seen.look()
    assert codes() == []
    with reminders.database.begin() as session:
        following = months.after(months.of(clock.now(session)))
        session.execute(text(f"DROP TABLE status_events_{following:%Y_%m}"))
    assert level() == "fail"
    clock.move_to(reminders.database, datetime(following.year, following.month, 1, tzinfo=UTC))
    seen.look()
    assert codes() == [], "a job may be at it"
    clock.move_to(reminders.database, datetime(following.year, following.month, 2, tzinfo=UTC))
    seen.look()
    assert codes() == ["month-missing"]
    months.make(reminders)
    assert level() == "ok"


def test_a_backup_of_months_goes_back_into_an_empty_database(
    reminders: Heed, databases: Any, tmp_path: Path
) -> None:
    claimed(reminders, at("2047-01-31T23:59:59+00:00"), at("2047-02-01T00:00:00+00:00"))
    for n in (0, 1):
        say(reminders, n, "delivered")
    months.make(reminders)
    made = take.take(reminders, tmp_path, "person:ann")
    with databases.empty("reminders") as url:
        database = Database.at(url)
        told = restore.restore(
            database.engine, "reminders", Path(made["file"]), take.sealing(reminders), "person:ann"
        )
        with database.begin() as session:
            assert told["tables"]["status_events"] == 2
            assert session.scalar(text("SELECT count(*) FROM status_events_default")) == 2
        database.close()


OLD = """
INSERT INTO outbox (dedupe_key, kind, subject_id, priority, due_at, useful_until, state, created_at)
  SELECT 'k' || n, 'reply', n, 5, now(), now(), 'accepted', now() FROM generate_series(1, 3) AS n;
INSERT INTO attempts (outbox_id, n, token, to_key, to_enc, sender, segments, claimed_at, claimed_wall, lease_until, sid)
  SELECT id, 1, 't' || id, 'k', 'e', 's', 1, at, at, at, 'SM' || id FROM outbox,
    LATERAL (SELECT (ARRAY['2025-12-31T23:59:59Z', '2026-01-01T00:00:00Z', '2026-01-31T12:00:00Z']::timestamptz[])[id] AS at) AS a;
INSERT INTO status_events (attempt_id, sid, status, error_code, flag, received_at)
  SELECT a.id, a.sid, s, 30005, 'f', '2026-02-01T00:00:00Z' FROM attempts AS a, unnest('{sent,undelivered}'::text[]) AS s ORDER BY 1, 3
"""
EVERY = "SELECT id, attempt_id, sid, status, error_code, flag, received_at FROM status_events ORDER BY id"


def test_rows_of_before_come_through_and_go_back(databases: Any) -> None:
    """From the head before it, with rows; code of before goes on beside it; and all the way back."""
    with databases.empty("reminders") as url:
        database, config = Database.at(url), alembic_config("reminders")

        def run(what: Any, *to: str) -> list[tuple[Any, ...]]:
            with database.engine.begin() as connection:
                config.attributes["connection"] = connection
                what(config, *to)
                return [tuple(row) for row in connection.execute(text(EVERY))]

        run(command.upgrade, "common_0009")
        with database.begin() as session:
            session.execute(text(OLD))
            rows = [tuple(row) for row in session.execute(text(EVERY))]
        assert len(rows) == 6
        assert run(command.upgrade, "common_0010") == rows
        with database.begin() as session:
            by_month = session.execute(
                text("SELECT tableoid::regclass::text, count(*) FROM status_events GROUP BY 1 ORDER BY 1")
            )
            assert [tuple(row) for row in by_month] == [
                ("status_events_2025_12", 2),
                ("status_events_2026_01", 4),
            ]
            assert len(months.standing(session, "status_events")) == 5
            # As code of before writes it.
            old = "INSERT INTO status_events (attempt_id, sid, status, received_at) VALUES (1, 'SM9', 'sent', now()) RETURNING id"
            assert session.scalar(text(old)) == 7
        assert run(command.downgrade, "common_0009")[:6] == rows
        with database.begin() as session:
            assert session.scalar(text(old.replace("SM9", "SM10"))) == 8
        database.close()
