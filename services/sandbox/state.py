"""What the carrier knows, built from events alone: the journal's replay and a live run take the same path."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from services.sandbox.faults import Fault, Rates, fault_for, fault_named
from services.sandbox.messages import OUTBOUND_API, Message

Event = Mapping[str, Any]


class State:
    """Texts and their indexes. About 1.2 KB a text (measured: 100,000 texts take 118 MB, and 5 s to replay).

    Changes need the store's lock. Readers need none for the lists of texts, which only grow, so that a count over
    100,000 texts holds up no sender; `by_handset` is reordered, and is read through `handsets`.

    `by_to`, `by_sender` and `by_handset` hold texts oldest first; the handset that had a text last comes last.
    `opt_outs` are pairs (sender, number). `refused` counts the requests that were not accepted, by number and then by words.
    `chosen` names the fault that somebody chose for a number.
    """

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.by_sid: dict[str, Message] = {}
        self.by_to: dict[str, list[Message]] = {}
        self.by_sender: dict[str, list[Message]] = {}
        self.by_handset: dict[str, list[Message]] = {}
        self.opt_outs: set[tuple[str, str]] = set()
        self.refused: dict[str, Counter[str]] = {}
        self.chosen: dict[str, str] = {}
        self.clock_offset = 0.0
        self.sends_callbacks: bool | None = None
        self.rates = Rates()

    def apply(self, event: Event) -> None:
        """Take one event in. An event of an unknown name raises `KeyError`."""
        _APPLY[event["event"]](self, event)

    def handsets(self) -> list[tuple[str, list[Message]]]:
        """Every handset with its texts, the latest conversation first. A copy (one step, so no lock is needed)."""
        return list(self.by_handset.items())[::-1]

    def accepts(self, to: str, body: str) -> int:
        """How often the API accepted exactly this text to this number."""
        return sum(
            1
            for message in self.by_to.get(to, ())
            if message.body == body and message.direction == OUTBOUND_API
        )

    def refusals(self, to: str, body: str) -> int:
        """How many requests with exactly this text to this number were not accepted."""
        return self.refused[to][body] if to in self.refused else 0

    def fault(self, to: str, body: str) -> Fault | None:
        """The fault that a text meets: the one chosen for its number, else the number's own, else one by the rates."""
        if to in self.chosen:
            return fault_named(self.chosen[to])
        return fault_for(to) or self.rates.choose(to, body)

    def _message(self, event: Event) -> None:
        message = Message(**{name: value for name, value in event.items() if name != "event"})
        self.messages.append(message)
        self.by_sid[message.sid] = message
        self.by_to.setdefault(message.to, []).append(message)
        self.by_sender.setdefault(message.sender, []).append(message)
        # Taken out and put back, so that the latest conversation is the last of the dictionary.
        conversation = self.by_handset.pop(message.handset, [])
        conversation.append(message)
        self.by_handset[message.handset] = conversation

    def _status(self, event: Event) -> None:
        message = self.by_sid[event["sid"]]
        message.updated, message.error_code = event["at"], event.get("error_code")
        if event["status"] == "sent":
            message.sent_at = event["at"]
        message.status = event[
            "status"
        ]  # last: a reader without the lock must not see "sent" without its time

    def _redacted(self, event: Event) -> None:
        message = self.by_sid[event["sid"]]
        message.redacted, message.updated = True, event["at"]

    def _deleted(self, event: Event) -> None:
        self.by_sid[event["sid"]].deleted = True

    def _answer(self, event: Event) -> None:
        message = self.by_sid[event["sid"]]
        message.answer_status, message.answer_tries = event["status"], event["tries"]

    def _opt_out(self, event: Event) -> None:
        self.opt_outs.add((event["sender"], event["number"]))

    def _opt_in(self, event: Event) -> None:
        self.opt_outs.discard((event["sender"], event["number"]))

    def _refused(self, event: Event) -> None:
        self.refused.setdefault(event["to"], Counter())[event["body"]] += 1

    def _chosen(self, event: Event) -> None:
        self.chosen[event["number"]] = event["fault"]

    def _unchosen(self, event: Event) -> None:
        self.chosen.pop(event["number"], None)

    def _clock(self, event: Event) -> None:
        self.clock_offset = event["offset"]

    def _callbacks(self, event: Event) -> None:
        self.sends_callbacks = event["on"]

    def _rates(self, event: Event) -> None:
        self.rates = Rates(event["seed"], event["shares"])


_APPLY: dict[str, Callable[[State, Event], None]] = {
    "message": State._message,
    "status": State._status,
    "redacted": State._redacted,
    "deleted": State._deleted,
    "answer": State._answer,
    "opt-out": State._opt_out,
    "opt-in": State._opt_in,
    "refused": State._refused,
    "chosen": State._chosen,
    "unchosen": State._unchosen,
    "clock": State._clock,
    "callbacks": State._callbacks,
    "rates": State._rates,
}
