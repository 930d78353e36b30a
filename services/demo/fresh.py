"""A demo starts afresh: what an earlier one left is removed, what anything else left is not touched."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, create_engine, text

from services.common.settings import SANDBOX_SENDERS, SERVICES, Settings, SettingsError
from services.common.stores import Stores, hold

MARKER = "demo.json"
# Any row in one of these says that the folder is used for something else.
USED = ("deliveries", "listings", "pilots", "inbound", "consultations")
OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'heed'"
)


class DemoRefused(SettingsError):
    """The demo will not run here; the message says why and what to do."""


@contextmanager
def prepared(settings: Settings) -> Iterator[None]:
    """Hold the embedded stores, empty of an earlier demo. Raises DemoRefused before anything is touched."""
    _check_settings(settings)
    with hold(settings.data_dir) as stores:
        marker = settings.data_dir / MARKER
        for url in _urls(stores):
            _check_database(url, settings.data_dir, marker.exists())
        for url in _urls(stores) if marker.exists() else ():
            _empty(url)
        (settings.data_dir / "sandbox.jsonl").unlink(missing_ok=True)
        yield


def mark(settings: Settings) -> None:
    """From here on what is in the folder is a demo's, and the next demo may empty it."""
    left = {"what": "heed demo: the next one empties this folder", "at": datetime.now(UTC).isoformat()}
    (settings.data_dir / MARKER).write_text(json.dumps(left))


def _check_settings(settings: Settings) -> None:
    """The story is Hertfordshire's, told on stores and a carrier of its own."""
    own_urls = [name for name in SERVICES if settings.service(name).database_url]
    faults = {
        "HEED_MODE: the demo runs in sandbox mode": settings.mode != "sandbox",
        "the demo empties its stores, so unset REMINDERS_DATABASE_URL, CONSULTATION_DATABASE_URL and REDIS_URL": bool(
            own_urls or settings.redis_url
        ),
        "the demo starts its own carrier: unset TWILIO_API_BASE_URL": not settings.own_sandbox,
        "the demo tells Hertfordshire's story: unset HEED_COUNTY": settings.county is not None,
        "the demo sends as many texts as its script says: unset HEED_DAILY_SEGMENTS": settings.daily_segments
        is not None,
        "the demo's carrier answers STOP: unset TWILIO_ANSWERS_STOP": not settings.answers_stop,
        "the demo's senders are drama numbers: unset REMINDERS_SENDER and CONSULTATION_SENDER": any(
            settings.service(name).sender != SANDBOX_SENDERS[name] for name in SERVICES
        ),
    }
    for message, is_wrong in faults.items():
        if is_wrong:
            raise DemoRefused(message)


def _urls(stores: Stores) -> tuple[str, str]:
    return stores.reminders_database_url, stores.consultation_database_url


def _check_database(url: str, folder: Path, is_demos: bool) -> None:
    with _connected(url) as connection:
        if connection.scalar(OTHERS):
            raise DemoRefused(
                f"Heed is running on {folder}: stop it first, or set HEED_DATA_DIR to an empty folder"
            )
        if not is_demos and any(_has_rows(connection, table) for table in USED):
            raise DemoRefused(
                f"{folder} holds data that is not the demo's: set HEED_DATA_DIR to an empty folder"
            )


def _has_rows(connection: Connection, table: str) -> bool:
    if connection.scalar(text("SELECT to_regclass(:table)"), {"table": table}) is None:
        return False
    return bool(connection.scalar(text(f"SELECT EXISTS (SELECT FROM {table})")))  # noqa: S608 - a name of USED


def _empty(url: str) -> None:
    """Back to a database that was just made: the next opening migrates it."""
    with _connected(url) as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url, connect_args={"application_name": "heed demo"})
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()
