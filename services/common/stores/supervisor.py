"""The one detached process a data folder that runs both stores for as long as any command holds them.

`python -m services.common.stores.supervisor DATA_DIR LOCK`: LOCK is the number of an inherited descriptor that
holds `supervisor.lock`, which makes this process the only one. It imports the standard library alone.
"""

import fcntl
import logging
import os
import resource
import select
import shutil
import signal
import sys
import time
from collections import deque
from contextlib import suppress
from pathlib import Path

from services.common.stores import databases, locks, state
from services.common.stores.account import choose, hand_over, home, reachable_binaries, remove_orphans
from services.common.stores.errors import StoresError
from services.common.stores.paths import Layout, prepare_socket_folder, socket_folder
from services.common.stores.postgres import postgres
from services.common.stores.processes import Context, Interrupted
from services.common.stores.store import Store
from services.common.stores.valkey import valkey

TICK_SECONDS = 0.25
# A store that dies more often than this is not mended by another start.
RESTARTS, RESTARTS_SECONDS = 5, 60.0


class Supervisor:
    """Both stores of one data folder, from their start to their end."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.asked_to_stop = False
        # Kept open, so that no folder made anew at this path gets the same inode while this process lives.
        self.folder = os.open(layout.data_dir, os.O_RDONLY)
        self.holders = locks.open_lock(layout.lock("holders"))
        self.ready: int | None = None
        self.sockets = socket_folder(layout.data_dir)
        self.stores: dict[str, Store] = {}
        self.restarts: deque[float] = deque(maxlen=RESTARTS)
        self.woken, waker = os.pipe()
        for end in (self.woken, waker):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        # Handlers, not SIG_IGN: an ignored signal stays ignored in the stores.
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, lambda *_: None)
        signal.signal(signal.SIGTERM, self._ask_to_stop)

    def run(self) -> None:
        """Start the stores, keep them running, and stop them when nobody holds them. Raises StoresError."""
        try:
            self._start()
            remove_orphans()  # which may take seconds, and by now nobody waits
            # Once it is got, it is held to the end of this process: who comes then waits, and starts the stores anew.
            while not locks.try_lock(self.holders, fcntl.LOCK_EX):
                select.select([self.woken], [], [], TICK_SECONDS)
                self._drain()
                if self._is_interrupted():
                    raise Interrupted
                self._mend()
        except Interrupted:
            logging.info("asked to stop" if self._has_folder() else "the data folder is gone")
        finally:
            self._stop()

    def _start(self) -> None:
        account = choose(self.layout)
        context = Context(account, self.sockets, self._is_interrupted)
        prepare_socket_folder(self.sockets, context.owner)
        place = home(self.layout, account)
        binaries = reachable_binaries(place, account)
        self.stores["valkey"] = valkey(self.layout, binaries, context)
        self.stores["valkey"].start()
        self.stores["postgres"] = postgres(self.layout, place, binaries, context)
        self.stores["postgres"].start()
        databases.set_up(self.sockets)
        self._announce()

    def _announce(self) -> None:
        pids = {name: store.process.pid for name, store in self.stores.items() if store.process}
        state.write(self.layout.state, self.sockets, pids)
        hand_over(self.layout)
        self.ready = locks.open_lock(self.layout.lock("ready"))
        fcntl.flock(self.ready, fcntl.LOCK_EX)  # waits for microseconds while commands look at it
        logging.info("ready: %s in %s", pids, self.sockets)

    def _withdraw(self) -> None:
        if self.ready is not None:
            os.close(self.ready)
            self.ready = None

    def _mend(self) -> None:
        """Start again what died, so that the commands that hold the stores can reconnect."""
        unwell = [store for store in self.stores.values() if not store.is_well()]
        if not unwell:
            return
        self._withdraw()
        now = time.monotonic()
        if len(self.restarts) == RESTARTS and now - self.restarts[0] < RESTARTS_SECONDS:
            raise StoresError(f"{unwell[0].name} died {RESTARTS} times in a minute: look at {unwell[0].log}.")
        self.restarts.append(now)
        for store in unwell:
            logging.warning("%s died or lost its socket; starting it again", store.name)
            store.stop()
            store.start()
        self._announce()

    def _is_interrupted(self) -> bool:
        return self.asked_to_stop or not self._has_folder()

    def _has_folder(self) -> bool:
        return locks.is_same_file(self.holders, self.layout.lock("holders"))

    def _ask_to_stop(self, *_: object) -> None:
        self.asked_to_stop = True

    def _drain(self) -> None:
        try:
            os.read(self.woken, 4096)
        except BlockingIOError:
            return

    def _stop(self) -> None:
        self._withdraw()
        # Without its folder PostgreSQL can only fail to write its last checkpoint, and takes 5 seconds to do so.
        gently = self._has_folder()
        if gently:
            for store in self.stores.values():
                store.ask_to_stop()
        for store in self.stores.values():
            store.stop(gently=gently)
        shutil.rmtree(self.sockets, ignore_errors=True)


def main(data_dir: str, lock: str) -> int:
    """Leave the caller's session, run the stores to their end, and write down why they failed if they did."""
    os.set_inheritable(int(lock), False)
    if os.fork():
        os._exit(0)  # the caller waits for this process only, and never has a dead child to bury
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold personal data
    logging.basicConfig(format="%(asctime)s %(process)d %(levelname)s %(message)s", level=logging.INFO)
    layout = Layout(Path(data_dir))
    try:
        Supervisor(layout).run()
    except Exception as error:
        logging.exception("the stores failed")
        known = isinstance(error, StoresError)
        with suppress(OSError):  # the data folder itself may be gone
            layout.failure.write_text(str(error) if known else f"{error!r}: see {layout.log('supervisor')}.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
