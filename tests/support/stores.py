"""One real PostgreSQL and one real Valkey for the whole run, shared by every pytest-xdist worker.

They stand in memory where there is room (`/dev/shm`): a database made from the template takes 0.05 s there, and 0.5 s on a disk that
must flush it. Each test has a database of its own; each worker has a Valkey database of its own, emptied after each test.
"""

import fcntl
import itertools
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from services.common.database import Database
from services.common.migrations import migrate
from services.common.settings import SERVICES, ServiceName
from services.common.stores import Stores, create_database, drop_database, hold, locks
from services.common.stores.paths import Layout

FOLDER = "PYTEST_HEED_STORES"  # how the workers learn where the controller has put them
ROOM = 1 << 30  # bytes: a cluster of 60 MB, 16 MB of log, and 10 MB a test that runs


def choose_folder() -> Path:
    """Make the run's folder; every user may enter it, so that root's stores can run as another user."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM
    folder = Path(tempfile.mkdtemp(prefix="heed-tests-", dir=memory if roomy else "/tmp"))
    folder.chmod(0o755)
    return folder


def remove_folder(folder: Path) -> None:
    """Wait until the stores have ended by themselves (nobody holds them any more), and remove what they left."""
    layout = Layout(folder / "data")
    end = time.monotonic() + 10
    with suppress(OSError):
        while locks.is_held(layout.lock("supervisor")) and time.monotonic() < end:
            time.sleep(0.02)
    while folder.exists() and time.monotonic() < end:
        shutil.rmtree(folder, ignore_errors=True)


class Databases:
    """Makes databases from a migrated template, one a test."""

    def __init__(self, stores: Stores, worker: str) -> None:
        self.stores = stores
        self._worker = worker
        self._numbers = itertools.count(1)

    @contextmanager
    def fresh(self, service: ServiceName, template: str | None = None) -> Iterator[str]:
        """The URL of a database of its own; dropped at the end, whoever is still connected."""
        name = f"t_{self._worker}_{next(self._numbers)}"
        url = create_database(self.stores, service, name, template or template_of(service))
        try:
            yield url
        finally:
            drop_database(self.stores, name)

    @contextmanager
    def empty(self, service: ServiceName) -> Iterator[str]:
        """The URL of a database without any table."""
        with self.fresh(service, "template1") as url:
            yield url


def template_of(service: ServiceName) -> str:
    """The name of the migrated database that a service's tests copy."""
    return f"template_{service}"


@contextmanager
def held(folder: Path) -> Iterator[Stores]:
    """The run's stores with their templates, made by whichever worker comes first."""
    with hold(folder / "data") as stores, (folder / "templates.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = folder / "templates.made"
        if not made.exists():
            for service in SERVICES:
                database = Database.at(create_database(stores, service, template_of(service)))
                migrate(database.engine, service)
                database.close()
            made.touch()
        fcntl.flock(lock, fcntl.LOCK_UN)
        yield stores
