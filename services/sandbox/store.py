"""The carrier's state behind one lock, with every change journalled before anybody is told of it."""

import threading
import time
from typing import Any

from services.sandbox.journal import Journal, NoJournal
from services.sandbox.messages import CARRIER, Message, event_of, new_sid
from services.sandbox.state import State


class Store:
    """Read `state` and call `record` under `lock` when the two belong together; `record` alone locks for itself.

    A reset puts a new `state` in place: take hold of it once for what must fit together.
    """

    def __init__(self, journal: Journal | NoJournal) -> None:
        self.lock = threading.RLock()
        self.state = State()
        self._journal = journal
        for event in journal.replay():
            self.state.apply(event)

    def record(self, name: str, **fields: Any) -> None:
        """Journal an event and apply it; `JournalError` (disk full) leaves the state as it was."""
        self._record({"event": name, **fields})

    def add(self, **fields: Any) -> Message:
        """Record a new text from the fields of `Message` that the caller knows; the others are filled in here."""
        with self.lock:
            now = time.time()
            fields.setdefault("sid", new_sid())
            message = Message(
                seq=len(self.state.messages) + 1,
                created=now,
                updated=now,
                shown_at=now + self.state.clock_offset,
                **fields,
            )
            self._record(event_of(message))
            return self.state.by_sid[message.sid]

    def advance(self, sid: str, status: str, error_code: int | None = None) -> Message | None:
        """Move a text to a later status. None when it may not go there (cancelled meanwhile, or a reset)."""
        with self.lock:
            message = self.state.by_sid.get(sid)
            if message is None or not message.can_become(status):
                return None
            event = {"event": "status", "sid": sid, "status": status, "at": time.time()}
            self._record(event | ({"error_code": error_code} if error_code else {}))
            return message

    def cancel(self, sid: str) -> Message | None:
        """Call a text off; None when it is no longer merely scheduled."""
        with self.lock:
            message = self.state.by_sid.get(sid)
            is_scheduled = message is not None and message.status == "scheduled"
            return self.advance(sid, "canceled") if is_scheduled else None

    def visible(self, sid: str) -> Message | None:
        """The text that the API shows under this sid."""
        message = self.state.by_sid.get(sid)
        return None if message is None or message.deleted or message.direction == CARRIER else message

    def shown_now(self) -> float:
        """The handsets' clock, in seconds since 1970."""
        return time.time() + self.state.clock_offset

    def set_clock(self, shown: float) -> None:
        """Make the handsets show this time (seconds since 1970) now."""
        self.record("clock", offset=shown - time.time())

    def reset(self) -> None:
        """Forget everything, the journal too."""
        with self.lock:
            self._journal.clear()
            self.state = State()

    def close(self) -> None:
        with self.lock:
            self._journal.close()

    def _record(self, event: dict[str, Any]) -> None:
        with self.lock:
            self._journal.append(event)
            self.state.apply(event)
