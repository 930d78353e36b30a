"""Starts the stores' programs as children that never outlive the supervisor."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

from services.common.stores.account import Account, demoted

POLL_SECONDS = 0.01
LOG_BYTES = 5_000_000

# Nothing of the caller's environment: no secrets in /proc/PID/environ, no PG* variable, no locale that is not there.
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class Interrupted(Exception):
    """The supervisor was asked to stop while it waited."""


@dataclass(slots=True)
class Context:
    """What every child of the supervisor shares."""

    account: Account | None
    sockets: Path
    interrupted: Callable[[], bool]
    started: float = field(default_factory=time.monotonic)

    @property
    def owner(self) -> tuple[int, int] | None:
        """(uid, gid) that the socket folder belongs to; None for this user."""
        return (self.account.uid, self.account.gid) if self.account else None

    def wait_until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Poll until `condition` holds; False when `seconds` passed. Raises Interrupted."""
        deadline = time.monotonic() + seconds
        while not condition():
            if self.interrupted():
                raise Interrupted
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_SECONDS)
        return True

    def spawn(
        self, command: list[str], log: Path, lock: int, on_orphaned: signal.Signals
    ) -> subprocess.Popen[bytes]:
        """Run a program as the stores' user; it inherits the lock, and gets `on_orphaned` when the supervisor dies."""
        with open_log(log) as output:
            return subprocess.Popen(  # noqa: S603 -- our own programs
                command,
                cwd="/",
                env=ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(lock,),
                preexec_fn=partial(_follow_into_death, os.getpid(), on_orphaned),  # noqa: PLW1509 -- one thread here
                **demoted(self.account),
            )


def open_log(path: Path) -> IO[bytes]:
    """Open a log (mode 0600) to append to; one of more than 5 MB is put aside first, over the one before."""
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600), "ab")


def _follow_into_death(supervisor: int, number: signal.Signals) -> None:
    """In the child, before exec: have the kernel send `number` when the supervisor dies, even by kill -9.

    Linux only. Elsewhere the stores outlive a killed supervisor until the next command finds and replaces them.
    """
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    if os.getppid() != supervisor:
        os._exit(1)
