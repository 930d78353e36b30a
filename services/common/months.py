"""Tables that only grow and are asked for by time, kept a month a partition: next months made ahead, past ones dropped whole (decision 0074).

A month is UTC's, by the instant in the table's key, whatever the session's time zone. What has no month of its own yet (the sandbox's
clock was moved far ahead, a restore brought old rows) goes into the default partition, so that nothing is ever refused, and is moved
from there once its month is made.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from services.common import clock
from services.common.context import Heed
from services.common.logs import log

KEYS = {"status_events": "claimed_at"}  # each table, and the column that says in which month a row belongs
AHEAD = 2  # months that stand made beside the present one
# A partition comes or goes under locks that callbacks and claims wait for: rather try again than have them wait longer.
PATIENCE = "SET LOCAL lock_timeout = '2s'"
LOCK_NOT_AVAILABLE = "55P03"
STANDING = text(
    "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = CAST(:table AS regclass)"
)


def of(at: datetime) -> date:
    """The first day of an instant's month, in UTC.

    >>> of(datetime.fromisoformat("2027-01-01T00:30:00+01:00"))
    datetime.date(2026, 12, 1)
    """
    return at.astimezone(UTC).date().replace(day=1)


def after(month: date) -> date:
    """The month after.

    >>> after(date(2026, 12, 1))
    datetime.date(2027, 1, 1)
    """
    return (month + timedelta(days=31)).replace(day=1)


def standing(session: Session, table: str) -> set[date]:
    """The months that a table has a partition for."""
    names = session.scalars(STANDING, {"table": table})
    return {
        datetime.strptime(name, f"{table}_%Y_%m").replace(tzinfo=UTC).date()
        for name in names
        if name != f"{table}_default"
    }


def missing(session: Session, now: datetime) -> list[tuple[str, date]]:
    """The months that should be there and are not: the present one, those ahead, and every one of which rows wait in the default."""
    return [
        (table, month)
        for table, key in KEYS.items()
        for month in sorted({*_wanted(now), *_waiting(session, table, key)} - standing(session, table))
    ]


def made_until(session: Session, now: datetime) -> date:
    """The last month up to which every table has one without a gap, from the present one on; the month before this where none is there."""
    last = of(now) - timedelta(days=1)
    last = last.replace(day=1)
    every = [standing(session, table) for table in KEYS]
    while all(after(last) in months for months in every):
        last = after(last)
    return last


def to_make(session: Session, now: datetime) -> list[list[int]]:
    """Whether a month is missing: what the sweep wakes."""
    return [[]] if missing(session, now) else []


def make(heed: Heed) -> None:
    """Make the months that are missing, each in a transaction of its own. One whose locks others hold is left to the next run."""
    with heed.database.begin() as session:
        wanted = missing(session, clock.now(session))
    for table, month in wanted:
        try:
            with heed.database.begin() as session:
                _make(session, table, month)
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                raise
            log.warning("month-busy", table=table, month=month.isoformat())


def past_rows(heed: Heed, session: Session, before: datetime, batch: int) -> int:
    """How many rows `drop_past` would drop."""
    return sum(_count(session, f"{table}_{month:%Y_%m}") for table, month in _past(session, before))


def drop_past(heed: Heed, session: Session, before: datetime, batch: int) -> int:
    """Detach and drop every month that ended by then, in the caller's transaction; how many rows went.

    None where others hold the locks: tomorrow is soon enough.
    """
    rows = 0
    try:
        with session.begin_nested():
            session.execute(text(PATIENCE))
            for table, month in _past(session, before):
                name = f"{table}_{month:%Y_%m}"
                session.execute(text(f"ALTER TABLE {table} DETACH PARTITION {name}"))
                rows += _count(session, name)
                session.execute(text(f"DROP TABLE {name}"))
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
            raise
        log.warning("month-busy", table=table, month=month.isoformat())
        return 0
    return rows


def _wanted(now: datetime) -> Iterator[date]:
    month = of(now)
    for _ in range(AHEAD + 1):
        yield month
        month = after(month)


def _waiting(session: Session, table: str, key: str) -> set[date]:
    months = text(f"SELECT DISTINCT date_trunc('month', {key} AT TIME ZONE 'UTC') FROM {table}_default")  # noqa: S608 - our own names
    return {month.date() for month in session.scalars(months)}


def _past(session: Session, before: datetime) -> list[tuple[str, date]]:
    return [
        (table, month)
        for table in KEYS
        for month in sorted(standing(session, table))
        if _begin(after(month)) <= before
    ]


def _make(session: Session, table: str, month: date) -> None:
    """Make the month beside the table, move what waits for it out of the default, and attach it.

    Attaching lets everybody go on reading and writing the other months; what slips into the default meanwhile makes it fail, and the
    next run moves that too.
    """
    name, key = f"{table}_{month:%Y_%m}", KEYS[table]
    begin, end = _begin(month).isoformat(), _begin(after(month)).isoformat()
    session.execute(text(PATIENCE))
    session.execute(text(f"CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS)"))
    session.execute(
        text(
            f"WITH waiting AS (DELETE FROM {table}_default WHERE {key} >= :begin AND {key} < :end RETURNING *)"  # noqa: S608 - our own names
            f" INSERT INTO {name} SELECT * FROM waiting"
        ),
        {"begin": begin, "end": end},
    )
    session.execute(
        text(f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ('{begin}') TO ('{end}')")
    )


def _begin(month: date) -> datetime:
    return datetime(month.year, month.month, 1, tzinfo=UTC)


def _count(session: Session, name: str) -> int:
    return int(session.scalar(text(f"SELECT count(*) FROM {name}")) or 0)  # noqa: S608 - our own names
