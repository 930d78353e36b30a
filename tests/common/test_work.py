"""Jobs carry ids only, run at least once and may be lost: what is due is a row, and the next sweep finds it."""

import contextlib
import dataclasses
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy import text
from sqlalchemy.orm import Session

from services.common import clock, work
from services.common.context import VALKEY_PATIENCE, Heed
from services.common.outbox.intentions import Intention, intend
from services.common.work import StillBusy, Sweep
from tests.support.odd_server import OddServer, silence

NOWHERE = "unix:///tmp/heed-no-such-valkey.sock"


class Rows:
    """Due rows in a table of their own, and a job that handles one; the job is found by its name, like a real one."""

    def __init__(self, heed: Heed) -> None:
        self.heed = heed
        self.ran: list[tuple[int, ...]] = []
        self.fails: set[int] = set()
        with heed.database.begin() as session:
            session.execute(
                text("CREATE TABLE rows (id int PRIMARY KEY, done boolean NOT NULL DEFAULT false)")
            )

    def add(self, *numbers: int) -> None:
        with self.heed.database.begin() as session:
            for number in numbers:
                session.execute(text("INSERT INTO rows (id) VALUES (:number)"), {"number": number})

    def due(self, session: Session, now: datetime) -> list[list[int]]:
        return [
            [number] for number in session.scalars(text("SELECT id FROM rows WHERE NOT done ORDER BY id"))
        ]

    def handle(self, number: int) -> None:
        self.ran.append((number,))
        if number in self.fails:
            raise ValueError(f"07700 900123 is in row {number}")
        with self.heed.database.begin() as session:
            session.execute(text("UPDATE rows SET done = true WHERE id = :number"), {"number": number})

    def open(self) -> int:
        with self.heed.database.begin() as session:
            return len(self.due(session, datetime.min))  # noqa: DTZ901 - not looked at


@pytest.fixture
def rows(reminders: Heed, monkeypatch: pytest.MonkeyPatch) -> Rows:
    made = Rows(reminders)
    monkeypatch.setattr("services.reminders.jobs.handle_row", handle_row, raising=False)
    monkeypatch.setitem(handle_row.__dict__, "rows", made)
    return made


def handle_row(number: int) -> None:
    """The job: at module level, as RQ needs it."""
    handle_row.rows.handle(number)  # type: ignore[attr-defined]


handle_row.__module__ = "services.reminders.jobs"


@pytest.fixture
def sweep(rows: Rows) -> Sweep:
    return Sweep("rows", 0.0, handle_row, rows.due)


@contextlib.contextmanager
def signals_kept() -> Iterator[None]:
    """RQ's worker takes the process's signals."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def run_worker(heed: Heed) -> None:
    """Work off the queue and return."""
    with signals_kept():
        SimpleWorker(
            [work.queue(heed)], connection=heed.redis, serializer=JSONSerializer, log_job_description=False
        ).work(burst=True, logging_level="WARNING")


def everything_in(valkey: Redis) -> str:
    """All that Valkey holds, as text."""
    found = []
    for key in valkey.scan_iter():
        kind = valkey.type(key)
        value: Any = {
            b"string": valkey.get,
            b"hash": valkey.hgetall,
            b"list": lambda key: valkey.lrange(key, 0, -1),
            b"set": valkey.smembers,
            b"zset": lambda key: valkey.zrange(key, 0, -1),
        }.get(kind, lambda key: b"")(key)
        found.append(f"{key!r} {value!r}")
    return "\n".join(found)


class TestWake:
    def test_a_job_is_enqueued_with_its_name_and_ids_and_nothing_else(
        self, rows: Rows, valkey: Redis
    ) -> None:
        assert work.wake(rows.heed, handle_row, 17)
        (job,) = work.queue(rows.heed).jobs
        assert json.loads(job.serializer.dumps([job.func_name, *job.args])) == [
            "services.common.work.perform",
            "services.reminders.jobs:handle_row",
            17,
        ]
        assert (job.description, job.timeout, job.result_ttl) == ("handle_row", 180, 0)
        assert job.ttl == work.QUEUED_TTL

    def test_where_valkey_does_not_answer_it_is_false_and_quick(
        self, rows: Rows, until: Callable[..., Any]
    ) -> None:
        start = time.monotonic()
        down = dataclasses.replace(rows.heed, redis=Redis.from_url(NOWHERE))
        assert work.wake(down, handle_row, 17) is False
        assert time.monotonic() - start < 1
        refused = dataclasses.replace(rows.heed, redis=Redis.from_url("redis://127.0.0.1:1"))
        assert work.wake(refused, handle_row, 17) is False

    def test_where_valkey_hangs_it_is_false_and_quick(
        self, rows: Rows, odd_server: Callable[..., OddServer]
    ) -> None:
        """A stopped process or a black hole in the network takes connections and never answers."""
        hangs = odd_server(silence(30)).url.replace("http://", "redis://")
        heed = rows.heed
        url = heed.config.database_url
        assert url is not None
        slow = Heed.of(heed.service, heed.settings, url, hangs)
        start = time.monotonic()
        assert work.wake(slow, handle_row, 17) is False
        assert time.monotonic() - start < 2
        slow.close()

    def test_each_service_has_a_queue_of_its_own(self, reminders: Heed, consultation: Heed) -> None:
        assert work.queue(reminders).name != work.queue(consultation).name
        work.wake(reminders, handle_row, 1)
        assert work.queue(consultation).count == 0


class TestPerform:
    def test_a_worker_runs_the_job(self, rows: Rows) -> None:
        rows.add(17)
        work.wake(rows.heed, handle_row, 17)
        run_worker(rows.heed)
        assert rows.ran == [(17,)]
        assert rows.open() == 0

    def test_a_job_that_raises_keeps_its_words_to_itself(
        self, rows: Rows, valkey: Redis, said: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
    ) -> None:
        rows.add(1, 2)
        rows.fails = {1}
        for number in (1, 2):
            work.wake(rows.heed, handle_row, number)
        run_worker(rows.heed)
        assert rows.ran == [(1,), (2,)]
        assert rows.open() == 1
        assert "07700" not in everything_in(valkey)
        (line,) = [line for line in said if line["event"] == "job-failed"]
        assert (line["job"], line["ids"]) == ("handle_row", [1])
        assert "07700" not in "".join(capsys.readouterr())

    @pytest.mark.parametrize(
        "name", ["services.reminders.jobs:no_such_job", "no.such.module:job", "rubbish", ""]
    )
    def test_a_name_that_no_code_answers_to_stops_nothing(self, name: str) -> None:
        work.perform(name, 1)

    def test_a_job_may_run_twice(self, rows: Rows) -> None:
        rows.add(17)
        for _ in range(2):
            work.wake(rows.heed, handle_row, 17)
        run_worker(rows.heed)
        assert rows.ran == [(17,), (17,)]
        assert rows.open() == 0


def test_a_worker_waits_quietly_takes_what_comes_and_ends_when_told(
    reminders: Heed, carrier: Any, environment_of: Any, tmp_path: Path, root: Path, until: Callable[..., Any]
) -> None:
    """The real process. It waits for longer than the patience that other callers have with Valkey."""
    from services.common import heartbeats
    from services.reminders.jobs import drain

    log = (tmp_path / "worker.log").open("w+")
    process = subprocess.Popen(
        [sys.executable, "-m", "services.cli", "worker", "reminders"],
        env=os.environ | environment_of(reminders, tmp_path),
        cwd=root,
        stderr=log,
    )
    try:

        def lives() -> int:
            with reminders.database.begin() as session:
                return heartbeats.seen(session, "worker")

        until(lives, seconds=30)
        time.sleep(2 * VALKEY_PATIENCE)
        owe(reminders)
        assert work.wake(reminders, drain)
        until(carrier.accepted, seconds=10)
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(20)
    log.seek(0)
    said = log.read()
    log.close()
    assert code == 0
    assert "worker-lost-valkey" not in said
    assert "job-failed" not in said
    assert carrier.accepted() == {("+447700900123", "Hello"): 1}


def owe(heed: Heed) -> None:
    """One text, due now."""
    with heed.database.begin() as session:
        now = clock.now(session)
        one = Intention(
            dedupe_key="once",
            kind="reply",
            subject_id=1,
            due_at=now,
            useful_until=now + timedelta(hours=1),
            priority=0,
            to_enc=heed.cipher.seal("+447700900123", "number"),
            body_enc=heed.cipher.seal("Hello", "body"),
        )
        intend(session, [one], now)


class TestTick:
    def test_it_runs_to_the_end(self, rows: Rows, sweep: Sweep) -> None:
        rows.add(*range(20))
        assert work.tick(rows.heed, [sweep]) == 20
        assert rows.open() == 0
        assert work.tick(rows.heed, [sweep]) == 0

    def test_what_a_job_makes_due_is_done_too(self, rows: Rows, sweep: Sweep) -> None:
        rows.add(1)

        def makes_more(number: int) -> None:
            if number < 5:
                rows.add(number + 1)
            rows.handle(number)

        assert work.tick(rows.heed, [dataclasses.replace(sweep, job=makes_more)]) == 5

    def test_it_needs_no_valkey(self, rows: Rows, sweep: Sweep) -> None:
        rows.add(1, 2)
        down = dataclasses.replace(rows.heed, redis=Redis.from_url(NOWHERE))
        assert work.tick(down, [sweep]) == 2

    def test_a_job_that_raises_stops_no_other_and_comes_out_in_the_end(
        self, rows: Rows, sweep: Sweep
    ) -> None:
        rows.add(1, 2, 3)
        rows.fails = {2}
        with pytest.raises(ValueError, match="row 2"):
            work.tick(rows.heed, [sweep])
        assert rows.open() == 1
        assert rows.ran.count((2,)) == work.FAILURES_MOST
        assert rows.ran.count((1,)) == rows.ran.count((3,)) == 1

    def test_a_job_that_fails_for_a_while_is_done_in_the_end(self, rows: Rows, sweep: Sweep) -> None:
        rows.add(1)
        rows.fails = {1}

        def mended(number: int) -> None:
            if len(rows.ran) == 3:
                rows.fails.clear()
            rows.handle(number)

        assert work.tick(rows.heed, [dataclasses.replace(sweep, job=mended)]) == 4

    def test_it_says_what_is_unfinished(
        self, rows: Rows, sweep: Sweep, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(work, "TICK_MOST", 0.1)
        rows.add(1)
        idle = dataclasses.replace(sweep, name="idle", job=lambda *_: None)
        with pytest.raises(StillBusy, match="idle"):
            work.tick(rows.heed, [idle])

    def test_it_waits_for_rows_that_another_holds(self, rows: Rows, sweep: Sweep) -> None:
        rows.add(1)
        idle = dataclasses.replace(sweep, job=lambda *_: None)
        timer = threading.Timer(0.2, rows.handle, [1])
        timer.start()
        work.tick(rows.heed, [idle])
        timer.join()
        assert rows.open() == 0


class TestClockLoop:
    def run(self, heed: Heed, sweeps: list[Sweep], seconds: float = 0.35) -> None:
        end = time.monotonic() + seconds
        work.clock_loop(heed, sweeps, lambda: time.monotonic() > end)

    def test_it_wakes_a_job_for_each_due_row_at_its_sweeps_pace(self, rows: Rows, sweep: Sweep) -> None:
        rows.add(1, 2)
        self.run(rows.heed, [dataclasses.replace(sweep, every=60.0)])
        assert [job.args[1:] for job in work.queue(rows.heed).jobs] == [[1], [2]]

    def test_emptying_valkey_loses_nothing(self, rows: Rows, sweep: Sweep, valkey: Redis) -> None:
        rows.add(1, 2)
        slow = dataclasses.replace(sweep, every=60.0)
        self.run(rows.heed, [slow])
        valkey.flushall()
        run_worker(rows.heed)
        assert rows.open() == 2
        self.run(rows.heed, [slow])
        run_worker(rows.heed)
        assert rows.open() == 0
        assert sorted(rows.ran) == [(1,), (2,)]

    def test_two_loops_at_once_do_no_harm(self, rows: Rows, sweep: Sweep) -> None:
        rows.add(1, 2)
        slow = dataclasses.replace(sweep, every=60.0)
        loops = [threading.Thread(target=self.run, args=(rows.heed, [slow])) for _ in range(2)]
        for loop in loops:
            loop.start()
        for loop in loops:
            loop.join()
        run_worker(rows.heed)
        assert rows.open() == 0

    def test_it_outlives_valkeys_absence(self, rows: Rows, sweep: Sweep) -> None:
        rows.add(1)
        down = dataclasses.replace(rows.heed, redis=Redis.from_url(NOWHERE))
        self.run(down, [sweep], 0.2)

    def test_a_queue_that_nobody_works_off_is_not_filled_for_ever(
        self, rows: Rows, sweep: Sweep, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(work, "QUEUE_MOST", 3)
        rows.add(1, 2)
        self.run(rows.heed, [sweep], 0.6)
        assert work.queue(rows.heed).count <= 3 + 2

    def test_it_beats(self, rows: Rows) -> None:
        from services.common import heartbeats

        self.run(rows.heed, [], 0.15)
        with rows.heed.database.begin() as session:
            assert heartbeats.seen(session, "clock") == 1


class TestSweepsOfTheServices:
    @pytest.mark.parametrize("service", ["reminders", "consultation"])
    def test_nothing_due_is_nothing_done(self, open_service: Callable[..., Heed], service: str) -> None:
        from services.cli.tick import sweeps_of

        heed, sweeps = open_service(service), sweeps_of(service)  # type: ignore[arg-type]
        assert work.tick(heed, sweeps) == 4  # the looks from time to time begin, and the nights of retention
        assert work.tick(heed, sweeps) == 0

    @pytest.mark.parametrize("service", ["reminders", "consultation"])
    def test_sweeping_twice_sends_one_text(
        self, open_service: Callable[..., Heed], carrier: Any, valkey: Redis, service: str
    ) -> None:
        """The loop beats twice before a worker comes, Valkey is emptied between, and the worker works off what there is."""
        from services.cli.tick import sweeps_of

        heed = open_service(service)
        owe(heed)
        loop = TestClockLoop()
        fast = [dataclasses.replace(sweep, every=0.0) for sweep in sweeps_of(service)]  # type: ignore[arg-type]
        loop.run(heed, fast)
        valkey.flushall()
        loop.run(heed, fast)
        loop.run(heed, fast)
        assert work.queue(heed).count > 1
        run_worker(heed)
        assert carrier.accepted() == {("+447700900123", "Hello"): 1}
        assert work.tick(heed, sweeps_of(service)) == 0  # type: ignore[arg-type]
