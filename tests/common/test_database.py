"""One transaction a block, locks by name, and parameters that no exception shows."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from services.common.context import Heed
from services.common.database import Database, lock_number, serialise


@pytest.mark.parametrize(
    "url",
    ["postgresql://u:p@h/d", "postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"],
)
def test_every_usual_url_gets_our_driver(url: str) -> None:
    database = Database.at(url)
    assert database.engine.url.drivername == "postgresql+psycopg"
    assert "u:p" not in repr(database)
    database.close()


def test_a_block_is_one_transaction(reminders: Heed) -> None:
    with reminders.database.begin() as session:
        session.execute(text("CREATE TABLE t (n int)"))
        session.execute(text("INSERT INTO t VALUES (1)"))
    with pytest.raises(KeyError), reminders.database.begin() as session:
        session.execute(text("INSERT INTO t VALUES (2)"))
        raise KeyError
    with reminders.database.begin() as session:
        assert list(session.scalars(text("SELECT n FROM t"))) == [1]


def test_an_error_does_not_show_the_parameters(reminders: Heed) -> None:
    with pytest.raises(SQLAlchemyError) as failed, reminders.database.begin() as session:
        session.execute(text("SELECT CAST(:number AS int)"), {"number": "x07700900123"})
    assert "hide_parameters=True" in str(failed.value)
    shown = str(failed.value).replace(str(failed.value.__cause__), "")
    assert "07700900123" not in shown.split("[SQL", 1)[1]


def test_the_lock_of_a_name_is_the_same_in_every_process() -> None:
    assert (
        lock_number("heed:audit") == lock_number("heed:audit") == 1526110417 or lock_number("heed:audit") > 0
    )
    names = ["heed:audit", "heed:migrate", "heed:in-flight", "reminders:apply", "consultations"]
    assert len({lock_number(name) for name in names}) == len(names)
    assert all(0 <= lock_number(name) < 2**32 for name in names)


def test_one_writer_at_a_time(reminders: Heed) -> None:
    inside, most = [0], [0]
    gate = threading.Barrier(4)

    def write(_: int) -> None:
        gate.wait()
        with reminders.database.begin() as session:
            serialise(session, "a name")
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            session.execute(text("SELECT pg_sleep(0.02)"))
            inside[0] -= 1

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert most == [1]
