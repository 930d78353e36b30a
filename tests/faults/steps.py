"""Named steps at which a process of Heed kills itself, told by what it does to the outside: a statement, a commit, a request.

Nothing of Heed is changed or knows of this: the database's driver, the queue's and the carrier's client are wrapped in the dying
process alone.
"""

import os
import random
import re
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from rq import Queue

from services.common.carrier import Carrier

# A statement that a step is known by. Each has three moments: before it, written but not committed, and committed.
STATEMENTS = {
    "claim": r"(INSERT INTO|COPY) attempts\b",
    "record": r"UPDATE attempts\b.*\banswer\b",
    "intend": r"(INSERT INTO|COPY) \"?outbox\b",
    "keep": r"INSERT INTO inbound\b",
    "tell": r"INSERT INTO status_events\b",
}
# A call that a step is known by. Each has two moments: before it, and when it has answered.
CALLS: dict[str, tuple[type, str]] = {
    "post": (Carrier, "send"),
    "look": (Carrier, "sent_to"),
    "wake": (Queue, "enqueue"),
}
STEPS = (
    *(f"{name}:{moment}" for name in STATEMENTS for moment in ("before", "written", "committed")),
    *(f"{name}:{moment}" for name in CALLS for moment in ("before", "after")),
)
# Calls that come by the dozen: which of them is the last is drawn.
MANY, MOST = frozenset({"post", "tell"}), 6


class Fuse:
    """Kills this process when the step is passed for the drawn time; `notes` counts the deaths of all processes so far."""

    def __init__(self, step: str, times: int, notes: Path) -> None:
        self._notes, self._times = notes, times
        notes.mkdir(parents=True, exist_ok=True)
        died = deaths(notes)
        chance = random.Random(f"{step}{died}")
        self._left = chance.randint(1, MOST) if step.partition(":")[0] in MANY else 1
        self._lock = threading.Lock()

    def burn(self) -> None:
        """Pass the step once."""
        with self._lock:
            self._left -= 1
            number = deaths(self._notes)
            if self._left > 0 or number >= self._times:
                return
            (self._notes / str(number)).touch()
            os.kill(os.getpid(), signal.SIGKILL)
            threading.Event().wait()  # the signal is on its way


def deaths(notes: Path) -> int:
    """How often a process has killed itself at this step."""
    return len(list(notes.iterdir())) if notes.exists() else 0


def die_at(step: str, times: int, notes: Path) -> None:
    """Have this process kill itself at a step, as long as fewer than `times` have done so before it."""
    name, _, moment = step.partition(":")
    fuse = Fuse(step, times, notes)
    if name in CALLS:
        _wrap_call(*CALLS[name], moment, fuse)
    else:
        _wrap_statement(re.compile(STATEMENTS[name], re.DOTALL), moment, fuse)


def _wrap_call(owner: type, attribute: str, moment: str, fuse: Fuse) -> None:
    real: Callable[..., Any] = getattr(owner, attribute)

    def wrapped(*arguments: Any, **named: Any) -> Any:
        if moment == "before":
            fuse.burn()
        answer = real(*arguments, **named)
        if moment == "after":
            fuse.burn()
        return answer

    setattr(owner, attribute, wrapped)


def _wrap_statement(pattern: re.Pattern[str], moment: str, fuse: Fuse) -> None:
    written: set[int] = set()  # connections whose open transaction holds the statement

    def around(real: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(cursor: Any, query: Any, *arguments: Any, **named: Any) -> Any:
            told = isinstance(query, str) and pattern.search(query) is not None
            if told and moment == "before":
                fuse.burn()
            answer = real(cursor, query, *arguments, **named)
            if told:
                written.add(id(cursor.connection))
            return answer

        return wrapped

    def at_commit(real: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(connection: Any) -> Any:
            mine = id(connection) in written
            written.discard(id(connection))
            if mine and moment == "written":
                fuse.burn()
            answer = real(connection)
            if mine and moment == "committed":
                fuse.burn()
            return answer

        return wrapped

    for attribute in ("execute", "executemany", "copy"):
        setattr(psycopg.Cursor, attribute, around(getattr(psycopg.Cursor, attribute)))
    psycopg.Connection.commit = at_commit(psycopg.Connection.commit)  # type: ignore[method-assign]
