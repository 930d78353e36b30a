"""A revision runs beside the code of the release before it, which goes on meanwhile and may be taken up again.

So nothing that the code before reads or writes is taken away or tightened, and no table is locked for long. What a release needs no
more goes with the release after it, and is then listed in `ALLOWED` with its reason.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import OperationalError

from services.common import migrations
from services.common.database import Database
from services.common.migrations import ahead, alembic_config, behind, migrate, upgrade
from services.common.settings import ServiceName

# No installation ran before these: there was no older code to run beside.
FIRST = {"common": 9, "reminders": 5, "consultation": 5}
# Revision → why it may break a rule all the same.
ALLOWED = {
    # No installation had rows before it either, so that none waits while they are copied; what older code writes beside it is
    # tried in test_months.py.
    "common_0010": "a table can only be made anew to be kept by the month",
}
RULES = (
    (r"^DROP (TABLE|VIEW)", "the release before reads it"),
    (r"^ALTER TABLE \S+ DROP (COLUMN )?(?!CONSTRAINT|DEFAULT)", "the release before names its columns"),
    (r"^ALTER TABLE \S+ RENAME", "the release before knows the old name"),
    (r"^ALTER TABLE \S+ ADD COLUMN (?!.*\bDEFAULT\b).*\bNOT NULL", "the release before writes rows without it"),
    (r"^ALTER TABLE \S+ ALTER (COLUMN )?\S+ (SET NOT NULL|(SET DATA )?TYPE)", "it tightens, or rewrites every row under a lock"),
    (r"^ALTER TABLE \S+ ADD (CONSTRAINT \S+ )?(CHECK|FOREIGN KEY|UNIQUE|EXCLUDE|PRIMARY)(?!.*NOT VALID)", "it reads every row under a lock"),
    (r"^CREATE (UNIQUE )?INDEX (?!CONCURRENTLY)", "no row can be written while it is built"),
    (r"^(UPDATE|DELETE)\b(?!.*\bWHERE\b)", "it holds every row until the end"),
    (r"^LOCK ", "it keeps everybody out"),
)  # fmt: skip
MAKES = re.compile(r"^CREATE TABLE (?:IF NOT EXISTS )?(\w+)")
TOUCHES = re.compile(
    r"^(?:ALTER TABLE|UPDATE|DELETE FROM|DROP TABLE|LOCK TABLE|CREATE (?:UNIQUE )?INDEX \S+ ON)(?: ONLY)? (\w+)"
)


def breaks(statements: list[str]) -> Iterator[str]:
    """What of a revision's statements the code before cannot live with; a table that the revision itself makes is its own."""
    plain = [" ".join(one.split()) for one in statements]
    own = {found[1] for one in plain if (found := MAKES.match(one))}
    for one in plain:
        touched = TOUCHES.match(one)
        if not (touched and touched[1] in own):
            yield from (f"{one[:120]}: {why}" for rule, why in RULES if re.search(rule, one, re.I))


@pytest.mark.parametrize("service", ["reminders", "consultation"])
def test_no_revision_breaks_the_code_before_it(databases: Any, service: ServiceName) -> None:
    config = alembic_config(service)
    later = [
        one.revision
        for one in ScriptDirectory.from_config(config).walk_revisions()
        if int(one.revision.rpartition("_")[2]) > FIRST[one.revision.partition("_")[0]]
    ]
    with databases.empty(service) as url:
        database = Database.at(url)
        with database.engine.begin() as connection:
            upgrade(connection, service, [f"{branch}_{FIRST[branch]:04}" for branch in ("common", service)])
            for revision in reversed(later):
                with heard(connection) as statements:
                    config.attributes["connection"] = connection
                    command.upgrade(config, revision)
                if revision not in ALLOWED:
                    assert not list(breaks(statements)), revision
        database.close()


@contextmanager
def heard(connection: Connection) -> Iterator[list[str]]:
    """The statements of a block."""
    statements: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(connection, "before_cursor_execute", hear)
    try:
        yield statements
    finally:
        event.remove(connection, "before_cursor_execute", hear)


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("CREATE TABLE fresh (id bigint)", False),
        ("ALTER TABLE outbox ADD COLUMN note text", False),
        ("ALTER TABLE outbox ADD COLUMN note text DEFAULT '' NOT NULL", False),
        ("ALTER TABLE outbox ADD COLUMN note text NOT NULL", True),
        ("ALTER TABLE outbox DROP COLUMN reason", True),
        ("ALTER TABLE outbox DROP CONSTRAINT ck_outbox_state", False),
        ("ALTER TABLE outbox ALTER COLUMN reason DROP NOT NULL", False),
        ("ALTER TABLE outbox ALTER COLUMN reason SET NOT NULL", True),
        ("ALTER TABLE outbox ALTER COLUMN id TYPE text", True),
        ("ALTER TABLE outbox RENAME COLUMN reason TO why", True),
        ("ALTER TABLE outbox ADD CONSTRAINT c CHECK (n > 0) NOT VALID", False),
        ("ALTER TABLE outbox ADD CONSTRAINT c CHECK (n > 0)", True),
        ("ALTER TABLE outbox ADD CONSTRAINT f FOREIGN KEY(a) REFERENCES b (id)", True),
        ("CREATE INDEX CONCURRENTLY i ON outbox (id)", False),
        ("CREATE INDEX i ON outbox (id)", True),
        ("DROP TABLE outbox", True),
        ("UPDATE outbox SET reason = 'x'", True),
        ("UPDATE alembic_version SET version_num='b' WHERE version_num = 'a'", False),
        ("LOCK TABLE outbox", True),
    ],
)
def test_what_the_code_before_cannot_live_with(statement: str, broken: bool) -> None:
    assert bool(list(breaks([statement]))) is broken
    own = re.sub(r"\boutbox\b", "fresh", statement)
    assert not list(breaks(["CREATE TABLE fresh (id bigint)", own]))


def test_a_schema_that_is_ahead_is_left_alone(databases: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A release that was taken back finds the schema of the one after it."""
    with databases.fresh("reminders") as url:
        database = Database.at(url)
        newest = migrations.newest
        with monkeypatch.context() as patch:
            patch.setattr(migrations, "newest", lambda branch: newest(branch).replace("_0", "_1"))
            with database.engine.connect() as connection:
                assert behind(connection, "reminders") and not ahead(connection, "reminders")
        with database.begin() as session:
            session.execute(
                text("UPDATE alembic_version SET version_num = 'common_9999' WHERE version_num ~ 'common'")
            )
        assert migrate(database.engine, "reminders") is False
        with database.engine.connect() as connection:
            assert ahead(connection, "reminders") and not behind(connection, "reminders")
        database.close()


def test_a_migration_lets_go_of_a_table_that_is_in_use(
    databases: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup reads a table for minutes. Whoever waits for it behind a migration that waits would wait as long."""
    monkeypatch.setattr(migrations, "LOCK_WAIT", "50ms")
    monkeypatch.setattr(migrations, "LOCK_PAUSE", 0.05)
    with databases.empty("reminders") as url:
        database = Database.at(url)
        with database.engine.begin() as connection:
            upgrade(connection, "reminders", [f"common_{FIRST['common'] - 2:04}", "reminders_0001"])
        with database.engine.connect() as reader:
            reader.execute(text("SELECT count(*) FROM users"))
            monkeypatch.setattr(migrations, "LOCK_TRIES", 2)
            with pytest.raises(OperationalError) as refused:
                migrate(database.engine, "reminders")
            assert isinstance(refused.value.orig, LockNotAvailable)
            with database.engine.connect() as other:
                assert behind(other, "reminders")
            reader.rollback()
        assert migrate(database.engine, "reminders") is True
        database.close()
