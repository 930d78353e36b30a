"""Work on RQ: jobs carry ids only, run at least once, and are idempotent; what is due is a row in PostgreSQL.

A sweep finds due rows and wakes jobs for them. `heed clock` runs the sweeps in a loop and enqueues; `heed tick` runs them and their
jobs in its own process, to the end. Emptying Valkey loses and repeats nothing: the next sweep finds the same rows.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module

from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from services.common import clock, heartbeats
from services.common.context import Heed
from services.common.logs import log

Job = Callable[..., object]

JOB_TIMEOUT = 180  # seconds; a drain gives way after 20
FAILURE_TTL = 3600
QUEUED_TTL = 300  # a wake-up older than this is of no use: a sweep has woken a newer one
MARK_TTL = 10  # seconds after which a wake-up that nobody has heard is made again
QUEUE_MOST = 1000  # beyond this the workers are behind, and more wake-ups would only fill memory
FAILURES_MOST = (
    30  # in one tick, on one row: more than a row's own count of failures, after which a sweep passes it over
)
TICK_MOST = 300.0  # seconds that `heed tick` waits for rows that another process holds


@dataclass(frozen=True, slots=True)
class Sweep:
    """One kind of due row: `due` lists the arguments of the jobs to wake now; `every` is in seconds of real time."""

    name: str
    every: float
    job: Job
    due: Callable[[Session, datetime], Sequence[Sequence[int]]]


class StillBusy(Exception):
    """Rows are still unfinished when `heed tick` ran out of patience; names the sweeps."""


def queue(heed: Heed) -> Queue:
    """The service's one queue."""
    return Queue(f"heed-{heed.service}", connection=heed.redis, serializer=JSONSerializer)


def wake(heed: Heed, job: Job, *ids: int) -> bool:
    """Ask a worker to run a job soon. False, and no harm done, where Valkey does not answer: a sweep will find the row."""
    try:
        queue(heed).enqueue(
            perform,
            args=(job_name(job), *ids),
            job_timeout=JOB_TIMEOUT,
            result_ttl=0,
            failure_ttl=FAILURE_TTL,
            ttl=QUEUED_TTL,
            description=job.__name__,
        )
    except RedisError as error:
        log.warning("wake-failed", job=job.__name__, exception=type(error).__name__)
        return False
    return True


def wake_once(heed: Heed, job: Job) -> bool:
    """Wake a job that looks for its rows itself, unless one waits to begin. It costs Valkey one command where RQ takes eleven, which
    was two fifths of taking in a text."""
    try:
        if not heed.redis.set(_mark(heed, job), 1, nx=True, ex=MARK_TTL):
            return True
    except RedisError as error:
        log.warning("wake-failed", job=job.__name__, exception=type(error).__name__)
        return False
    return wake(heed, job)


def begun(heed: Heed, job: Job) -> None:
    """Said by such a job before it looks: a row that is committed from now on wakes another."""
    with suppress(RedisError):
        heed.redis.delete(_mark(heed, job))


def _mark(heed: Heed, job: Job) -> str:
    return f"heed-{heed.service}:woken:{job.__name__}"


def job_name(job: Job) -> str:
    """A job's name on the queue."""
    return f"{job.__module__}:{job.__name__}"


def perform(name: str, *ids: int) -> None:
    """Run a job by name, in a worker. What it raises is logged by type and place and goes no further.

    RQ would keep a failure's whole text in Valkey, where a database's message may quote a row; and it need not be kept: the
    sweep that woke the job finds its row again.
    """
    module, _, function = name.partition(":")
    try:
        getattr(import_module(module), function)(*ids)
    except Exception:
        log.exception("job-failed", job=function, ids=list(ids))


def worker(heed: Heed) -> None:
    """Run jobs until told to stop. No fork: one long-lived carrier client, and a kill leaves only rows that sweeps find."""
    heartbeats.keep_beating(heed, "worker")
    log.info("ready")
    while True:
        try:
            SimpleWorker(
                [queue(heed)], connection=heed.redis, serializer=JSONSerializer, log_job_description=False
            ).work(logging_level="WARNING")
            return
        except RedisError as error:
            log.warning("worker-lost-valkey", exception=type(error).__name__)
            time.sleep(1)


def clock_loop(heed: Heed, sweeps: Sequence[Sweep], stopping: Callable[[], bool]) -> None:
    """Run each sweep at its pace until told to stop. Two loops at once, or a missed beat, do no harm."""
    next_run = dict.fromkeys(sweeps, 0.0)
    next_beat = 0.0
    log.info("ready")
    while not stopping():
        present = time.monotonic()
        try:
            if present >= next_beat:
                with heed.database.begin() as session:
                    heartbeats.beat(session, "clock")
                next_beat = present + heartbeats.EVERY
            for sweep in sweeps:
                if present >= next_run[sweep]:
                    next_run[sweep] = present + sweep.every
                    _enqueue_due(heed, sweep)
        except (SQLAlchemyError, RedisError) as error:
            log.warning("clock-beat-missed", exception=type(error).__name__)
            time.sleep(1)
        time.sleep(0.1)


def _enqueue_due(heed: Heed, sweep: Sweep) -> None:
    if queue(heed).count > QUEUE_MOST:
        log.warning("queue-full", queued=QUEUE_MOST, runbook="queue-full")
        return
    for ids in due(heed, sweep):
        if not wake(heed, sweep.job, *ids):
            return


def due(heed: Heed, sweep: Sweep) -> Sequence[Sequence[int]]:
    """The arguments of the jobs that a sweep would wake now."""
    with heed.database.begin() as session:
        return sweep.due(session, clock.now(session))


def tick(heed: Heed, sweeps: Sequence[Sweep]) -> int:
    """Run every sweep and every job they wake, here, until nothing is due; how many jobs ran.

    Rows that another process holds are waited for. A job that raises stops no other; what it raises comes out once it has
    failed `FAILURES_MOST` times on the same row. Raises StillBusy after five minutes.
    """
    ran, deadline = 0, time.monotonic() + TICK_MOST
    failures: Counter[tuple[str, tuple[int, ...]]] = Counter()
    while True:
        woken = [(sweep, ids) for sweep in sweeps for ids in due(heed, sweep)]
        if not woken:
            return ran
        if time.monotonic() > deadline:
            names = sorted({sweep.name for sweep, _ in woken})
            raise StillBusy(
                f"still unfinished after {TICK_MOST:.0f} s: {', '.join(names)}; see `heed queue list` and the logs"
            )
        for sweep, ids in woken:
            try:
                sweep.job(*ids)
            except Exception:
                log.exception("job-failed", job=sweep.name, ids=list(ids))
                failures[sweep.name, tuple(ids)] += 1
                if failures[sweep.name, tuple(ids)] >= FAILURES_MOST:
                    raise
            ran += 1
        time.sleep(0.02)
