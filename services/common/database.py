"""One PostgreSQL database a service, through SQLAlchemy and psycopg 3."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    Text,
    any_,
    bindparam,
    create_engine,
    event,
    text,
)
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.types import NullType

from services.common import wire

POOL = 20


@dataclass(frozen=True, slots=True, repr=False)
class Database:
    """A service's database; `begin()` is one transaction, `once()` a connection whose every statement is one."""

    engine: Engine
    each: Engine

    @classmethod
    def at(cls, url: str) -> "Database":
        """Connect lazily to a `postgresql://` URL. Parameters never reach a log or an exception's text."""
        if url.startswith(("postgresql://", "postgres://")):
            url = "postgresql+psycopg://" + url.split("://", 1)[1]
        engine = create_engine(
            url,
            pool_size=POOL,
            max_overflow=POOL,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={"connect_timeout": 5, "application_name": "heed"},
        )
        event.listen(engine, "connect", _teach_arrays)
        return cls(engine, engine.execution_options(isolation_level="AUTOCOMMIT"))

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A session in one transaction: committed at the block's end, rolled back on any exception."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    def once(self) -> Connection:
        """A connection on which a statement is committed when it answers: for a single one it saves two trips to PostgreSQL."""
        return self.each.connect()

    def close(self) -> None:
        """Close the pool's connections."""
        self.engine.dispose()


def _teach_arrays(connection: Any, _: Any) -> None:
    for kind, dumper in wire.DUMPERS:
        connection.adapters.register_dumper(kind, dumper)


def lock_number(name: str) -> int:
    """The advisory lock that stands for a name, the same in every process."""
    return crc32(name.encode())


def serialise(session: Session | Connection, name: str) -> None:
    """Hold the named lock until this transaction ends: one writer at a time."""
    session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": lock_number(name)})


def serialised(session: Session | Connection, name: str) -> bool:
    """The same, where nobody else holds it; False, at once, where somebody does."""
    statement = text("SELECT pg_try_advisory_xact_lock(:number)")
    return bool(session.scalar(statement, {"number": lock_number(name)}))


def among(column: InstrumentedAttribute[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """That a column (bigint, text or bytea) is one of these values, sent as one array: however many they are, the statement
    stays the same. `values` may be empty."""
    given = list(values)
    sent = wire.array(given) if given else _nothing(column)
    return column == any_(bindparam(None, sent, NullType()))


def _nothing(column: InstrumentedAttribute[Any]) -> wire.Array:
    """An empty array of the column's kind."""
    if isinstance(column.type, BigInteger):
        return wire.IntArray(wire.head(wire.INT8, 0))
    return wire.TextArray(wire.texts([])) if isinstance(column.type, Text) else wire.array([])
