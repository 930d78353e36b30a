"""Makes sure that nothing of a former store lives before a new one starts on its files."""

import fcntl
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from services.common.stores import locks
from services.common.stores.errors import StoresError
from services.common.stores.processes import Context

# A killed supervisor's stores stop by themselves, in less than a second; what hangs longer is killed.
LEFTOVER_SECONDS = 3.0


def exclusive_when_dead(context: Context, lock: Path, program: str) -> int:
    """Hold the store's lock, which says that nothing of a former one lives; kill what outlives its supervisor.

    Returns the descriptor. Raises StoresError where even that does not help.
    """
    fd = locks.open_lock(lock)
    # From the supervisor's start, so that two hanging stores are waited for once; a dead store's children, later.
    patience = max(LEFTOVER_SECONDS - (time.monotonic() - context.started), 1.0)
    if context.wait_until(lambda: locks.try_lock(fd, fcntl.LOCK_EX), patience):
        return fd
    for pid in _leftovers(program, context):
        logging.warning("killing %s, process %d, left by a former supervisor", program, pid)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    if context.wait_until(lambda: locks.try_lock(fd, fcntl.LOCK_EX), LEFTOVER_SECONDS):
        return fd
    os.close(fd)
    raise StoresError(
        f"A former {program} still runs and cannot be killed: find who has {lock} open and stop it."
    )


def _leftovers(program: str, context: Context) -> Iterator[int]:
    """Process numbers of the stores' user whose program and socket folder (in every title) are ours."""
    uid = context.account.uid if context.account else os.geteuid()
    for pid, owner, title in _processes():
        if owner == uid and program in title.split("\0")[0] and context.sockets.name in title:
            yield pid


def _processes() -> Iterator[tuple[int, int, str]]:
    """(process number, uid, command line with NUL between arguments where the system tells)."""
    if sys.platform != "linux":
        listed = subprocess.run(
            ["/bin/ps", "-axo", "pid=,uid=,command="], capture_output=True, text=True, check=True
        )
        for line in listed.stdout.splitlines():
            pid, uid, title = line.split(maxsplit=2)
            yield int(pid), int(uid), title
        return
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            yield int(folder.name), folder.stat().st_uid, (folder / "cmdline").read_text(errors="replace")
        except OSError:
            continue  # it ended meanwhile
