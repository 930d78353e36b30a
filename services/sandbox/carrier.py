"""The carrier's parts, put together."""

from collections.abc import Mapping

from flask import current_app

from services.sandbox.answers import Answers
from services.sandbox.callbacks import Callbacks
from services.sandbox.config import Config
from services.sandbox.faults import Rates, fault_named
from services.sandbox.inbound import Inbound
from services.sandbox.journal import Journal, NoJournal
from services.sandbox.outbound import Outbound
from services.sandbox.progress import Progress
from services.sandbox.request import E164
from services.sandbox.store import Store
from services.sandbox.timers import Timers
from services.sandbox.webhooks import Webhooks


class Carrier:
    """One sandbox carrier: opens the journal, takes up what it left unfinished, and runs until `close`."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.store = Store(Journal(config.journal) if config.journal else NoJournal())
        self.timers = Timers()
        self.webhooks = Webhooks(
            config.auth_tokens[0], config.callback_threads, config.backoff_seconds, self.timers
        )
        self.callbacks = Callbacks(config.account_sid, config.sends_callbacks, self.store, self.webhooks)
        self.progress = Progress(config, self.store, self.timers, self.callbacks)
        self.outbound = Outbound(config, self.store, self.progress)
        self.answers = Answers(self.outbound, self.progress, self.store, config.slow_seconds)
        self.inbound = Inbound(config, self.store, self.webhooks)
        self.progress.resume()

    def choose_fault(self, number: str, name: str) -> None:
        """Have a number (E.164) meet this fault, whatever its digits and the rates say; "" ends that. Raises ValueError."""
        if not E164.fullmatch(number):
            raise ValueError("a number is written like +447700900123")
        if name and fault_named(name) is None:
            raise ValueError(f"no fault is called {name}")
        if name:
            self.store.record("chosen", number=number, fault=name)
        else:
            self.store.record("unchosen", number=number)

    def set_rates(self, seed: int, shares: Mapping[str, float]) -> None:
        """Have these shares of all other traffic meet these faults. Raises ValueError."""
        rates = Rates(seed, shares)
        self.store.record("rates", seed=rates.seed, shares=dict(rates.shares))

    def reset(self) -> None:
        """Forget every text, opt-out and setting made since the start, and whatever was about to happen."""
        with self.store.lock:
            self.progress.forget()
            self.webhooks.forget()
            self.store.reset()

    def close(self) -> None:
        """Stop the threads and let go of the journal."""
        self.timers.stop()
        self.webhooks.stop()
        self.store.close()


def carrier() -> Carrier:
    """The carrier of the application that answers this request."""
    found = current_app.extensions["carrier"]
    assert isinstance(found, Carrier)  # noqa: S101 (for the type checker)
    return found
