"""Bring a service's database to the schema of this code: common tables and the service's own, under one lock."""

from collections.abc import Sequence
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, text

from services.common.database import lock_number
from services.common.settings import ServiceName

HERE = Path(__file__).parent
SERVICES_ROOT = HERE.parents[1]
LOCK = lock_number("heed:migrate")


class NewerSchema(Exception):
    """A revision that this code does not have."""


def migrate(engine: Engine, service: ServiceName) -> bool:
    """Upgrade to the newest revision; False where there was nothing to do. Safe to call from many processes at once."""
    with engine.begin() as connection:
        if _is_current(connection, service):
            return False
        connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": LOCK})
        if _is_current(connection, service):
            return False
        upgrade(connection, service, ["heads"])
    return True


def upgrade(connection: Connection, service: ServiceName, revisions: Sequence[str]) -> None:
    """Upgrade to these revisions inside the caller's transaction. Raises NewerSchema where this code does not have one of them."""
    config = alembic_config(service)
    config.attributes["connection"] = connection
    try:
        for revision in revisions:
            command.upgrade(config, revision)
    except CommandError as error:
        raise NewerSchema(str(error)) from None


def behind(connection: Connection, service: ServiceName) -> bool:
    """Whether the database's schema is not this code's; it is left as it is."""
    return not _is_current(connection, service)


def alembic_config(service: ServiceName) -> Config:
    """Alembic's settings for one service: two version folders, the common one and its own."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(str(folder) for folder in _folders(service)))
    config.attributes["service"] = service
    return config


def _folders(service: ServiceName) -> tuple[Path, Path]:
    return HERE / "versions", SERVICES_ROOT / service / "migrations"


def _is_current(connection: Connection, service: ServiceName) -> bool:
    """Compare the recorded revisions with the newest files: cheap enough for every command's start."""
    present = connection.execute(text("SELECT to_regclass('alembic_version')")).scalar()
    if present is None:
        return False
    recorded = set(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())
    newest = {max(path.stem for path in folder.glob("[a-z]*_[0-9]*.py")) for folder in _folders(service)}
    return recorded == newest
