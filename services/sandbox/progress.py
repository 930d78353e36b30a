"""Moves accepted texts along their plan, and tells the sender."""

import threading
import time

from services.sandbox import plan
from services.sandbox.callbacks import Callbacks
from services.sandbox.config import Config
from services.sandbox.faults import fault_named
from services.sandbox.messages import OUTBOUND_API, Message
from services.sandbox.plan import Step
from services.sandbox.store import Store
from services.sandbox.timers import Timers

FIRST_CALLBACK_PATIENCE_SECONDS = 20.0


class Progress:
    """The clockwork behind "queued", "sending", "sent", "delivered"."""

    def __init__(self, config: Config, store: Store, timers: Timers, callbacks: Callbacks) -> None:
        self._config = config
        self._store = store
        self._timers = timers
        self._callbacks = callbacks
        self._late: dict[
            str, float
        ] = {}  # sid of a text that a late fault holds back, and when it is due as shown

    def start(self, message: Message) -> None:
        """Set a text on its way, from whatever status it is in: just accepted, or found in the journal."""
        steps = plan.remaining(self._plan(message), message.status)
        if message.status == "scheduled" and message.send_at is not None:
            self._timers.after(max(0.0, message.send_at - time.time()), lambda: self._release(message, steps))
        else:
            self._next(message, steps)

    def resume(self) -> None:
        """Take up every text that the journal left unfinished. Callbacks that were under way then stay unsent."""
        for message in self._store.state.messages:
            if message.direction == OUTBOUND_API and not message.is_final:
                self.start(message)

    def send_now(self, message: Message) -> None:
        """Take a text to `sent` at once and wait until its callback was answered or given up."""
        told = threading.Event()
        self._store.advance(message.sid, "sending")
        if self._store.advance(message.sid, "sent") and message.callback and self._callbacks.on:
            self._callbacks.tell(message, done=lambda answer: told.set())
            told.wait(FIRST_CALLBACK_PATIENCE_SECONDS)
        self.start(message)

    def clock_moved(self) -> None:
        """Deliver the late texts whose time has come on the handsets' clock."""
        shown = self._store.shown_now()
        for sid in [sid for sid, due in list(self._late.items()) if due <= shown]:
            self._deliver_late(sid)

    def forget(self) -> None:
        self._late.clear()
        self._timers.clear()

    def _plan(self, message: Message) -> tuple[Step, ...]:
        texts = self._store.state.by_to[message.to]
        first = next(text for text in texts if text.direction == OUTBOUND_API) is message
        config = self._config
        return plan.steps(fault_named(message.fault), first, config.delay_seconds, config.late_seconds)

    def _release(self, message: Message, steps: tuple[Step, ...]) -> None:
        if self._store.advance(message.sid, "queued"):
            self._next(message, steps)

    def _next(self, message: Message, steps: tuple[Step, ...]) -> None:
        if not steps:
            return
        step = steps[0]
        if step.status == "delivered" and message.fault == "late":
            self._late[message.sid] = message.shown_at + step.wait
            self._timers.after(step.wait, lambda: self._deliver_late(message.sid))
        else:
            self._timers.after(step.wait, lambda: self._take(message, steps))

    def _take(self, message: Message, steps: tuple[Step, ...]) -> None:
        step = steps[0]
        queued_at = message.send_at or message.created
        if step.status == "sending" and plan.has_expired(message.valid_for, queued_at, time.time()):
            step, steps = Step("failed", 0.0, plan.VALIDITY_EXPIRED), ()
        if self._store.advance(message.sid, step.status, step.error_code):
            self._callbacks.tell(message)
            self._next(message, steps[1:])

    def _deliver_late(self, sid: str) -> None:
        self._late.pop(sid, None)
        message = self._store.advance(sid, "delivered")
        if message is not None:
            self._callbacks.tell(message)
