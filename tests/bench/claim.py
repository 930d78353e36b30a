"""Claiming 500 due texts among few and among many that are still to come."""

import statistics
import time

from sqlalchemy import text

from services.common.context import Heed
from services.common.outbox.claim import claim, fixed
from services.common.process import opened
from tests.bench.table import Line

FEW, MANY, DUE, TIMES = 10_000, 10_000_000, 500, 50
TO_COME = text(
    "INSERT INTO outbox (dedupe_key, kind, subject_id, step, version, priority, due_at, useful_until, created_at)"
    " SELECT 'bench:' || n, 'reminder', n, 'three-days', 1, 50, clock_timestamp() + interval '1 day' + n * interval '1 second',"
    " clock_timestamp() + interval '4 days' + n * interval '1 second', clock_timestamp()"
    " FROM generate_series(CAST(:since AS bigint), CAST(:until AS bigint)) AS n"
)
NOW_DUE = text(
    "INSERT INTO outbox (dedupe_key, kind, subject_id, priority, due_at, useful_until, to_enc, body_enc, created_at)"
    " SELECT 'due:' || n, 'reply', n, 50, clock_timestamp() - interval '1 minute', clock_timestamp() + interval '1 day',"
    " :to_enc, :body_enc, clock_timestamp() FROM generate_series(1, :due) AS n"
)


class _Undo(Exception):
    """Ends a claim that is only measured."""


def median_claim(heed: Heed) -> float:
    """Milliseconds of the claim of the due texts, its fixed words opened and its attempts written: the median of 50."""
    taken = []
    for _ in range(TIMES):
        try:
            with heed.database.begin() as session:
                start = time.perf_counter()
                claimed = claim(heed, session, lambda _, rows, now: fixed(heed, rows, now), DUE)
                taken.append((time.perf_counter() - start) * 1000)
                assert claimed.looked_at == len(claimed.claims) == DUE
                raise _Undo
        except _Undo:
            pass
    return statistics.median(taken)


def run(few: int = FEW, many: int = MANY) -> list[Line]:
    """The lines of the table."""
    with opened("reminders") as (heed,):
        with heed.database.begin() as session:
            session.execute(text("TRUNCATE outbox CASCADE"))
            session.execute(TO_COME, {"since": 1, "until": few})
            session.execute(
                NOW_DUE,
                {
                    "due": DUE,
                    "to_enc": heed.cipher.seal("+447700900123", "number"),
                    "body_enc": heed.cipher.seal("Hello", "body"),
                },
            )
        _settled(heed)
        among_few = median_claim(heed)
        for since in range(few + 1, many, 1_000_000):
            with heed.database.begin() as session:
                session.execute(TO_COME, {"since": since, "until": min(since + 999_999, many)})
        _settled(heed)
        among_many = median_claim(heed)
        with heed.database.begin() as session:
            session.execute(text("TRUNCATE outbox CASCADE"))
    ratio = among_many / among_few
    return [
        Line(f"claim of {DUE} due among {few:,} to come", f"{among_few:.1f} ms"),
        Line(
            f"claim of {DUE} due among {many:,} to come",
            f"{among_many:.1f} ms = {ratio:.2f} x as long",
            "at most 1.5 x",
            ratio <= 1.5,
        ),
    ]


def _settled(heed: Heed) -> None:
    with heed.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE outbox"))
