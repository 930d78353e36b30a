"""Writing many rows at once by PostgreSQL's COPY, inside a session's transaction."""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import sql
from sqlalchemy import Table
from sqlalchemy.orm import Session


def copy_rows(session: Session, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Append rows to a table, the values in the order of `columns`; what is left out takes its default.

    A dictionary or list for a JSON column is given as its JSON text. Raises psycopg's errors, as an INSERT would: a copy that
    breaks a constraint writes nothing.
    """
    connection = session.connection().connection.driver_connection
    assert connection is not None  # noqa: S101 - a session in a transaction has one
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        write = copy.write_row
        for row in rows:
            write(row)
