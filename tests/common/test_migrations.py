"""A database is brought to this code's schema once, from nothing, by however many processes at once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text

from services.common.database import Database
from services.common.migrations import alembic_config, migrate, newest
from services.common.settings import ServiceName

SERVICES = ["reminders", "consultation"]


@pytest.mark.parametrize("service", SERVICES)
def test_from_nothing_and_then_nothing_to_do(databases: Any, service: ServiceName) -> None:
    with databases.empty(service) as url:
        database = Database.at(url)
        assert migrate(database.engine, service) is True
        assert migrate(database.engine, service) is False
        with database.begin() as session:
            recorded = set(session.scalars(text("SELECT version_num FROM alembic_version")))
        assert {name.split("_")[0] for name in recorded} == {"common", service}
        database.close()


def test_many_at_once_migrate_once(databases: Any) -> None:
    with databases.empty("reminders") as url:
        opened = [Database.at(url) for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            done = list(pool.map(lambda database: migrate(database.engine, "reminders"), opened))
        assert sorted(done) == [False, False, False, True]
        for database in opened:
            database.close()


def test_a_failure_leaves_nothing_half_made(databases: Any) -> None:
    with databases.empty("reminders") as url:
        database = Database.at(url)
        with database.begin() as session:
            session.execute(
                text("CREATE TABLE status_events (id int)")
            )  # in the way of one of the last steps
        with pytest.raises(Exception, match="already exists"):
            migrate(database.engine, "reminders")
        with database.begin() as session:
            tables = session.scalars(
                text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            ).all()
        assert tables == ["status_events"]
        database.close()


@pytest.mark.parametrize("service", SERVICES)
def test_the_newest_files_are_the_heads(service: ServiceName) -> None:
    """`migrate` compares file names with what is recorded, so a head must be the last name of its folder."""
    from alembic.script import ScriptDirectory

    heads = set(ScriptDirectory.from_config(alembic_config(service)).get_heads())
    assert heads == {newest("common"), newest(service)}


@pytest.mark.parametrize("service", SERVICES)
def test_the_way_down_takes_everything_away(databases: Any, service: ServiceName) -> None:
    from alembic import command

    with databases.fresh(service) as url:
        database = Database.at(url)
        with database.engine.begin() as connection:
            config = alembic_config(service)
            config.attributes["connection"] = connection
            for branch in (service, "common"):
                command.downgrade(config, f"{branch}@base")
        with database.begin() as session:
            tables = session.scalars(
                text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            ).all()
            functions = session.scalar(text("SELECT count(*) FROM pg_proc WHERE proname = 'refuse_change'"))
        assert (tables, functions) == (["alembic_version"], 0)
        database.close()


def test_responses_of_the_first_shape_come_through(databases: Any) -> None:
    """A row was one text; fragments become one response, a command none, and who withdrew stays withdrawn."""
    from alembic import command

    old = """
        INSERT INTO consultations (id, title, questionnaire, hash, opens_at, closes_at, launched_at)
          VALUES ('plan', 'Plan', '{}', 'h', now(), now(), now()), ('post', 'Post', '{}', 'h', now(), NULL, now());
        INSERT INTO respondents (consultation_id, number_key, state, reference, first_at)
          VALUES ('plan', 'a', 'complete', 'AAAAAAA', now()), ('plan', 'b', 'withdrawn', 'BBBBBBB', now());
        INSERT INTO submissions (consultation_id, respondent_id, inbound_id, channel, kind, rule, received_at, late, early, follows_id)
          VALUES ('plan', 1, 11, 'sms', 'feedback', 'r', '2026-09-01T10:00Z', false, false, NULL),
                 ('plan', 1, 12, 'sms', 'feedback', 'r', '2026-09-01T10:01Z', false, false, 1),
                 ('plan', 1, 13, 'sms', 'feedback', 'r', '2026-10-01T10:00Z', true, false, NULL),
                 ('plan', 2, 14, 'sms', 'feedback', 'r', '2026-09-01T10:00Z', false, false, NULL),
                 ('plan', 2, 15, 'sms', 'command', 'remove', '2026-09-02T10:00Z', false, false, NULL)
    """
    with databases.empty("consultation") as url:
        database = Database.at(url)
        config = alembic_config("consultation")
        with database.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "consultation_0001")
            connection.execute(text(old))
            command.upgrade(config, "heads")
        with database.begin() as session:
            rows = session.execute(
                text(
                    "SELECT s.id, standing, ended_at - received_at = interval '1 minute', array_agg(inbound_id ORDER BY inbound_id)"
                    " FROM submissions AS s JOIN submission_texts ON submission_id = s.id GROUP BY 1 ORDER BY 1"
                )
            ).all()
            kinds = session.scalars(text("SELECT kind FROM consultations ORDER BY id")).all()
        assert [tuple(row) for row in rows] == [
            (1, "counted", True, [11, 12]),
            (3, "late", False, [13]),
            (4, "withdrawn", False, [14]),
        ]
        assert kinds == ["consultation", "standing"]
        database.close()
