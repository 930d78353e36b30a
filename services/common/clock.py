"""What time it is. PostgreSQL's clock decides, so that every process of a service agrees.

In sandbox mode a person may move Heed's time forward (`heed tick --now`); it then runs on from there and never goes back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from services.common.database import Database, lock_number

NOW = text("SELECT clock_timestamp() + coalesce((SELECT shift FROM clock WHERE id = 1), interval '0')")
WALL = text("SELECT clock_timestamp()")
FLIGHT = lock_number("heed:in-flight")
WIRE_PATIENCE, LOCK_NOT_AVAILABLE = "90s", "55P03"


class ClockError(Exception):
    """The clock cannot be set so; the message says why."""


def now(session: Session | Connection) -> datetime:
    """Heed's time (UTC), read inside the caller's transaction."""
    return _utc(session.scalar(NOW))


def wall(session: Session | Connection) -> datetime:
    """Real time (UTC): for evidence that carries the carrier's own dates."""
    return _utc(session.scalar(WALL))


def _utc(value: datetime | None) -> datetime:
    assert value is not None  # noqa: S101 - a SELECT without FROM always has a row
    return value.astimezone(UTC)


@contextmanager
def in_flight(database: Database) -> Iterator[None]:
    """Held by a drain while texts are on the wire: Heed's time does not jump under an open claim.

    The lock is the connection's, so the death of the process gives it back.
    """
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(text("SELECT pg_advisory_lock_shared(:n)"), {"n": FLIGHT})
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock_shared(:n)"), {"n": FLIGHT})


def move_to(database: Database, target: datetime) -> datetime:
    """Set Heed's time, once no text is on the wire (sandbox mode only; the caller checks). Raises ClockError."""
    with database.begin() as session:
        session.execute(text(f"SET LOCAL lock_timeout = '{WIRE_PATIENCE}'"))
        try:
            session.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": FLIGHT})
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                raise
            raise ClockError(
                f"texts have been on the wire for {WIRE_PATIENCE}: try again when they are out"
            ) from None
        present = now(session)
        if target < present:
            raise ClockError(f"the clock reads {present.isoformat()} and never goes back: give a later --now")
        session.execute(
            text(
                "INSERT INTO clock (id, shift) VALUES (1, :target - clock_timestamp()) "
                "ON CONFLICT (id) DO UPDATE SET shift = :target - clock_timestamp()"
            ),
            {"target": target},
        )
        return target
