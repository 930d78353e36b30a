"""Children of `heed up`: started, restarted when they die, and gone when their parent is, however it dies."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
RESTART_AFTER = 0.5  # seconds; doubles up to the next with each quick death
RESTART_MOST = 10.0
STABLE = 10.0  # seconds of life after which a death counts as the first again
STOP_PATIENCE = 25.0


@dataclass(slots=True)
class Child:
    """One process: its name, its command, and how it fared."""

    name: str
    command: Sequence[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    wait: float = RESTART_AFTER
    again_at: float = 0.0
    deaths: int = field(default=0)


class Family:
    """The children of one `heed up`."""

    def __init__(self, children: Sequence[Child], environment: Mapping[str, str]) -> None:
        self._children = list(children)
        self._environment = dict(environment)

    def start(self) -> None:
        """Start every child."""
        for child in self._children:
            self._start(child)

    def pids(self) -> dict[str, int]:
        """Name → process id of the children that run."""
        return {child.name: child.process.pid for child in self._children if child.process}

    def look_after(self) -> None:
        """Restart what has died and whose time has come."""
        for child in self._children:
            self._look_after(child)

    def stop(self) -> None:
        """Ask every child to end, then insist."""
        running = [
            child.process for child in self._children if child.process and child.process.poll() is None
        ]
        for process in running:
            process.terminate()
        end = time.monotonic() + STOP_PATIENCE
        for process in running:
            try:
                process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def dead(self) -> list[str]:
        """The children that have died at least three times in a row without living long."""
        return [child.name for child in self._children if child.deaths >= 3]

    def _look_after(self, child: Child) -> None:
        present = time.monotonic()
        if child.process is not None and child.process.poll() is not None:
            lived = present - child.started
            child.deaths = 1 if lived > STABLE else child.deaths + 1
            child.wait = RESTART_AFTER if lived > STABLE else min(child.wait * 2, RESTART_MOST)
            child.again_at, child.process = present + child.wait, None
        if child.process is None and present >= child.again_at:
            self._start(child)

    def _start(self, child: Child) -> None:
        child.log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(child.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            child.process = subprocess.Popen(  # noqa: S603 - our own commands
                child.command,
                stdin=subprocess.DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                env=self._environment,
                # A Ctrl-C in the terminal is for `heed up`, which then stops its children in order.
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - only a system call between fork and exec
            )
        finally:
            os.close(descriptor)
        child.started = time.monotonic()


_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def _die_with_parent() -> None:
    """Ask the kernel to end this child when `heed up` ends, even by kill -9."""
    end_with_parent(signal.SIGTERM)


def end_with_parent(by: signal.Signals) -> None:
    """Ask the kernel to send this process a signal when its parent dies, however that dies."""
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_PDEATHSIG, by)
