"""One running store: started, asked whether it answers, stopped."""

import logging
import os
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from services.common.stores.errors import StoresError, with_log
from services.common.stores.leftovers import exclusive_when_dead
from services.common.stores.processes import Context

# Recovery after a crash reads the log since the last checkpoint: seconds here, minutes on a slow disk with much work.
START_SECONDS = 300.0


@dataclass(slots=True)
class Store:
    """One store: how to start it, tell that it answers, and stop it."""

    name: str
    context: Context
    command: list[str]
    program: str  # as its command line begins, to recognise what a killed supervisor left
    socket: Path
    lock: Path
    log: Path
    stop_signals: tuple[tuple[signal.Signals, float], ...]  # each with the seconds that it may take
    answers: Callable[[int], bool]  # of the process number
    tidy: Callable[[], None]  # removes a dead predecessor's files
    process: subprocess.Popen[bytes] | None = field(default=None)

    def start(self) -> None:
        """Start the store and wait until it answers. Raises StoresError and Interrupted."""
        lock = exclusive_when_dead(self.context, self.lock, self.program)
        try:
            self.tidy()
            self.process = self.context.spawn(self.command, self.log, lock, self.stop_signals[0][0])
        finally:
            os.close(lock)
        process = self.process
        answered = self.context.wait_until(
            lambda: process.poll() is not None or self.answers(process.pid), START_SECONDS
        )
        if not answered or process.poll() is not None:
            raise StoresError(with_log(f"{self.name} did not start.", self.log))

    def is_well(self) -> bool:
        """Whether the process lives and its socket is still there (something may clean /tmp)."""
        return self.process is not None and self.process.poll() is None and self.socket.exists()

    def ask_to_stop(self) -> None:
        """Send the gentlest signal and do not wait."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(self.stop_signals[0][0])

    def stop(self, *, gently: bool = True) -> None:
        """Stop the store and wait: each signal in turn (but the gentlest if not `gently`), kill -9 the last."""
        for number, seconds in self.stop_signals if gently else self.stop_signals[1:]:
            if self.process is None:
                return
            if self.process.poll() is None:
                self.process.send_signal(number)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                logging.warning("%s outlived %s", self.name, number.name)
                continue
            self.process = None
