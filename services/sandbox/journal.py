"""The append-only file of JSON lines from which a sandbox carrier remembers."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LOCK_PATIENCE_SECONDS = 5.0


class JournalError(Exception):
    """The journal cannot be read, or another carrier holds it."""


class Journal:
    """Events, one JSON object a line, in the order in which they happened.

    One process at a time: the file is locked while it is open. `append` hands the line to the operating system before
    it returns, so that a killed process loses nothing; it does not wait for the disk, so a power cut may (this is a
    carrier for tests, and an fsync a text would cap it at a few hundred texts a second).
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Mode 0600: the texts are made up, but people type real ones into the handsets.
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._file = os.fdopen(descriptor, "r+b", buffering=0)
        self._size = 0
        self._lock(path)

    def _lock(self, path: Path) -> None:
        # A restarted server meets its predecessor for a moment, hence the patience.
        deadline = time.monotonic() + LOCK_PATIENCE_SECONDS
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() > deadline:
                    self._file.close()
                    raise JournalError(f"{path} is in use by another sandbox carrier") from None
                time.sleep(0.05)

    def replay(self) -> Iterator[dict[str, Any]]:
        """Every event from the start. A last line without an end was cut by a kill before its text was answered:
        it is dropped. Any other line that cannot be read raises `JournalError` with its number."""
        whole = 0
        with open(self._file.fileno(), "rb", closefd=False) as lines:
            lines.seek(0)
            for number, line in enumerate(lines, start=1):
                if not line.endswith(b"\n"):
                    break
                try:
                    event = json.loads(line)
                except ValueError:
                    raise JournalError(f"line {number} of the journal is not JSON") from None
                whole += len(line)
                yield event
        self._file.truncate(whole)
        self._size = whole

    def append(self, event: dict[str, Any]) -> None:
        """Write one event; `JournalError` when the disk does not take it whole, and then nothing of it stays."""
        line = json.dumps(event, separators=(",", ":")).encode() + b"\n"
        try:
            written = self._file.write(line)
        except OSError:
            written = 0
        if written != len(line):
            self._file.truncate(self._size)
            raise JournalError("the disk did not take the line")
        self._size += len(line)

    def clear(self) -> None:
        self._file.truncate(0)
        self._size = 0

    def close(self) -> None:
        self._file.close()


class NoJournal:
    """Remembers nothing: for tests and for a carrier without a data folder."""

    def replay(self) -> Iterator[dict[str, Any]]:
        return iter(())

    def append(self, event: dict[str, Any]) -> None:
        pass

    def clear(self) -> None:
        pass

    def close(self) -> None:
        pass
