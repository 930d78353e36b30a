"""Bring a service's database to the schema of this code: common tables and the service's own, under one lock.

The release before goes on beside a new schema (tests/common/test_migrations_beside.py holds every revision to it). So processes need not
stop for a migration, and a release that is taken back finds a schema that is ahead of it, and leaves it so.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from services.common.database import lock_number
from services.common.logs import log
from services.common.settings import ServiceName

# Alembic is loaded where there is something to do: it is a seventh of what a process loads at its start.
if TYPE_CHECKING:
    from alembic.config import Config

HERE = Path(__file__).parent
SERVICES_ROOT = HERE.parents[1]
LOCK = lock_number("heed:migrate")
# Whoever waits for a table keeps everybody else from it meanwhile, so a migration waits shortly, lets go, and comes again.
LOCK_WAIT, LOCK_PAUSE, LOCK_TRIES = "2s", 1.0, 300


class NewerSchema(Exception):
    """A revision that this code does not have."""


def migrate(engine: Engine, service: ServiceName) -> bool:
    """Upgrade to the newest revision; False where there was nothing to do. Safe to call from many processes at once.

    A schema that is ahead of this code stays as it is. Raises OperationalError where a table was in use for minutes.
    """
    for again in range(LOCK_TRIES):
        try:
            return _migrate(engine, service)
        except OperationalError as error:
            if not isinstance(error.orig, LockNotAvailable) or again == LOCK_TRIES - 1:
                raise
            log.warning("migration-waits", service=service)
            time.sleep(LOCK_PAUSE)
    return False


def _migrate(engine: Engine, service: ServiceName) -> bool:
    with engine.begin() as connection:
        if _stands(connection, service):
            return False
        connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": LOCK})
        if _stands(connection, service):
            return False
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'"))
        upgrade(connection, service, ["heads"])
    return True


def upgrade(connection: Connection, service: ServiceName, revisions: Sequence[str]) -> None:
    """Upgrade to these revisions inside the caller's transaction. Raises NewerSchema where this code does not have one of them."""
    from alembic import command  # noqa: PLC0415 - as said above
    from alembic.util.exc import CommandError  # noqa: PLC0415

    config = alembic_config(service)
    config.attributes["connection"] = connection
    try:
        for revision in revisions:
            command.upgrade(config, revision)
    except CommandError as error:
        raise NewerSchema(str(error)) from None


def behind(connection: Connection, service: ServiceName) -> bool:
    """Whether the database's schema is older than this code's; it is left as it is."""
    return not _stands(connection, service)


def ahead(connection: Connection, service: ServiceName) -> bool:
    """Whether the database's schema is a later release's."""
    return _stands(connection, service) and recorded(connection) != _newest(service)


def alembic_config(service: ServiceName) -> "Config":
    """Alembic's settings for one service: two version folders, the common one and its own."""
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(str(folder) for folder in _folders(service)))
    config.attributes["service"] = service
    return config


def _folders(service: ServiceName) -> tuple[Path, Path]:
    return HERE / "versions", SERVICES_ROOT / service / "migrations"


def newest(branch: str) -> str:
    """The last revision of "common", "reminders" or "consultation" in this code."""
    folder = HERE / "versions" if branch == "common" else SERVICES_ROOT / branch / "migrations"
    return max(path.stem for path in folder.glob("[a-z]*_[0-9]*.py"))


def _stands(connection: Connection, service: ServiceName) -> bool:
    """Compare the recorded revisions with the newest files: cheap enough for every command's start. True also where they are later ones."""
    has = {name.partition("_")[0]: name for name in recorded(connection)}
    return has.keys() == {"common", service} and all(
        has[name.partition("_")[0]] >= name for name in _newest(service)
    )


def recorded(connection: Connection) -> set[str]:
    """The revisions that the database has."""
    if connection.execute(text("SELECT to_regclass('alembic_version')")).scalar() is None:
        return set()
    return set(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())


def _newest(service: ServiceName) -> set[str]:
    return {newest("common"), newest(service)}
