"""Sending, against its ceiling and two floor programs: a bare loop of threads, and one RQ job a text with the forking worker.

Rate limit and callbacks are off on all sides. Each program is a process of its own: `python -m tests.bench.drain PROGRAM`.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import time as time_of_day
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from rq import Queue, Worker
from rq.serializers import JSONSerializer
from sqlalchemy import event, text

from services.common import clock
from services.common.carrier import Accepted, Outgoing
from services.common.context import Heed
from services.common.outbox.claim import Prepare, fixed
from services.common.outbox.drain import drain
from services.common.outbox.intentions import Intention, intend_first
from services.common.process import current, opened
from services.common.times import at_london, london
from services.reminders import county
from services.reminders.dispatch import prepare
from tests.bench import ingest
from tests.bench.memory import peak_megabytes
from tests.bench.people import as_csv, listing_rows
from tests.bench.table import Line

LATENCY, THREADS = 0.1, 16
SLOW, FAST, JOBS = 3_200, 12_000, 100
TO, SENDER = "+447700900123", "+447700900001"


@contextlib.contextmanager
def carrier() -> Iterator[str]:
    """The light carrier in a process of its own; its address."""
    command = [sys.executable, "-m", "tests.bench.carrier"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        assert process.stdin is not None
        process.stdin.close()


def start_anew(url: str, latency: float) -> None:
    """Forget what the carrier took; it answers after `latency` seconds from now on."""
    urllib.request.urlopen(
        urllib.request.Request(f"{url}/latency", str(latency).encode(), method="PUT")
    ).close()


def taken(url: str, *bodies: str) -> dict[str, Any]:
    """What the carrier has taken, and at which place these."""
    with urllib.request.urlopen(f"{url}/taken?{urlencode([('body', one) for one in bodies])}") as answer:
        return dict(json.load(answer))


def owe(heed: Heed, number: int) -> None:
    """Owe `number` texts, all due, each to another number."""
    with heed.database.begin() as session:
        session.execute(text("TRUNCATE outbox CASCADE"))
        now = clock.now(session)
        intend_first(
            session,
            [
                Intention(
                    dedupe_key=f"bench:{one}",
                    kind="bench",
                    subject_id=one,
                    due_at=now,
                    useful_until=now + timedelta(hours=20),
                    priority=50,
                    to_key=heed.index.of(f"+447400{one:06}", "number"),
                    to_enc=heed.cipher.seal(f"+447400{one:06}", "number"),
                    body_enc=heed.cipher.seal(f"Text {one}", "body"),
                )
                for one in range(number)
            ],
            now,
        )


def owe_reminders(heed: Heed, number: int) -> None:
    """Owe `number` first reminders, all due: a list of that many people, three days before their hearings at 10:05."""
    with heed.database.begin() as session:
        tomorrow = london(clock.now(session)).date() + timedelta(days=1)
    rows = listing_rows(number)
    for row in rows:
        row[6] = f"{tomorrow + timedelta(days=3):%d/%m/%Y}"
    ingest.empty()
    clock.move_to(heed.database, at_london(tomorrow, time_of_day(9, 30)))
    ingest.push(heed, as_csv(rows), "csv")
    ingest.apply(heed)
    clock.move_to(heed.database, at_london(tomorrow, time_of_day(10, 5)))


def one_text(number: int) -> None:
    """The job of the floor program: one text, one POST."""
    post(current("reminders"), number)


def post(heed: Heed, number: int) -> None:
    """POST one text through the client that the drain uses."""
    assert isinstance(heed.carrier.send(Outgoing(TO, f"Text {number}", SENDER, "t" * 22, 36_000)), Accepted)


def drained(heed: Heed, prepare: Prepare) -> dict[str, float]:
    """Send all that is owed; the statements that took."""
    statements = 0

    def counted(*_: Any) -> None:
        nonlocal statements
        statements += 1

    event.listen(heed.database.engine, "before_cursor_execute", counted)
    posted = 0
    while sent := drain(heed, prepare):
        posted += sent
    return {"texts": posted, "statements": statements}


def looped(heed: Heed, number: int) -> dict[str, float]:
    """The bare loop: threads that call the client and write nothing down."""
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda one: post(heed, one), range(number)))
    return {"texts": number}


def forked(heed: Heed, number: int) -> dict[str, float]:
    """One RQ job a text, each in a process that the worker forks for it."""
    queue = Queue("bench", connection=heed.redis, serializer=JSONSerializer)
    for one in range(number):
        queue.enqueue("tests.bench.drain.one_text", one, result_ttl=0)
    heed.database.close()
    worker = Worker([queue], connection=heed.redis, serializer=JSONSerializer, log_job_description=False)
    worker.work(burst=True, logging_level="WARNING")
    return {"texts": number}


def begin(program: str, number: int, url: str) -> subprocess.Popen[str]:
    """Start a program in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.bench.drain", program, str(number)],
        env=os.environ | {"TWILIO_API_BASE_URL": url, "HEED_DRAIN_THREADS": str(THREADS)},
        stdout=subprocess.PIPE,
        text=True,
    )


def result(process: subprocess.Popen[str]) -> dict[str, float]:
    """What it measured: {"texts", "seconds", "megabytes", …}."""
    said, _ = process.communicate()
    assert process.returncode == 0, "a program of the benchmark failed; its error stands above"
    return dict(json.loads(said.splitlines()[-1]))


def measure(program: str, number: int, url: str, latency: float) -> dict[str, float]:
    """One program alone; all that it sent arrived once."""
    start_anew(url, latency)
    answer = result(begin(program, number, url))
    there = taken(url)
    assert there["taken"] == there["distinct"] == number, there
    return answer | {"rate": number / answer["seconds"]}


def run() -> list[Line]:
    """The lines of the table."""
    with carrier() as url, opened("reminders") as (heed,):
        lines = speed(heed, url)
        return [*lines, two_at_once(heed, url)]


def speed(heed: Heed, url: str) -> list[Line]:
    """One process, with latency and without."""
    ceiling = THREADS / LATENCY
    owe(heed, SLOW)
    slow = measure("drain", SLOW, url, LATENCY)
    jobs = measure("fork", JOBS, url, LATENCY)
    bare = measure("loop", FAST, url, 0)
    owe(heed, FAST)
    fast = measure("drain", FAST, url, 0)
    owe_reminders(heed, FAST)
    remind = measure("remind", FAST, url, 0)
    of_ceiling, of_jobs = slow["rate"] / ceiling, slow["rate"] / jobs["rate"]
    of_bare, statements = (
        fast["rate"] / bare["rate"],
        max(one["statements"] / one["texts"] for one in (slow, fast, remind)),
    )
    held = max(one["megabytes"] for one in (slow, fast, remind))
    of_loop = remind["rate"] / bare["rate"]
    return [
        Line("one RQ job a text, forking worker, 100 ms", f"{jobs['rate']:.1f} texts/s"),
        Line(
            f"drain, 100 ms latency, {THREADS} threads",
            f"{slow['rate']:.0f} texts/s = {of_ceiling:.2f} x the ceiling of {ceiling:.0f}",
            "at least 0.90 x",
            of_ceiling >= 0.9,
        ),
        Line("the same against one job a text", f"{of_jobs:.1f} x", "at least 10 x", of_jobs >= 10),
        Line("bare loop of threads, no latency", f"{bare['rate']:.0f} texts/s"),
        Line(
            "drain, no latency",
            f"{fast['rate']:.0f} texts/s = {of_bare:.2f} x the loop",
            "at least 0.6 x",
            of_bare >= 0.6,
        ),
        Line(
            "the same of reminders, each judged and worded in its claim",
            f"{remind['rate']:.0f} texts/s = {of_loop:.2f} x the loop",
            "at least 0.6 x",
            of_loop >= 0.6,
        ),
        Line("SQL statements a text, most", f"{statements:.3f}", "at most 0.1", statements <= 0.1),
        Line("memory of the draining process, most", f"{held:.0f} MB", "under 200 MB", held < 200),
    ]


def two_at_once(heed: Heed, url: str) -> Line:
    """A second worker process on the same two cores."""
    owe(heed, FAST)
    start_anew(url, 0)
    both = [begin("drain", FAST, url) for _ in range(2)]
    sent = [int(result(one)["texts"]) for one in both]
    there = taken(url)
    return Line(
        "two processes drain at once",
        f"{sent[0]} + {sent[1]} = {there['taken']} taken, {there['distinct']} distinct",
        "each once",
        sum(sent) == there["taken"] == there["distinct"] == FAST,
    )


def main(program: str, number: int) -> None:
    """Run one program and print what it measured."""
    with opened("reminders") as (heed,):
        begun = time.perf_counter()
        if program == "drain":
            answer = drained(heed, lambda _, rows, now: fixed(heed, rows, now))
        elif program == "remind":
            plans = county.load(heed.settings)
            answer = drained(heed, lambda session, rows, now: prepare(heed, plans, session, rows, now))
        else:
            answer = looped(heed, number) if program == "loop" else forked(heed, number)
        answer["seconds"] = time.perf_counter() - begun
    answer["megabytes"] = peak_megabytes()
    print(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
