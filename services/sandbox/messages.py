"""One text, as the carrier keeps it, and the order of its statuses."""

import secrets
from dataclasses import dataclass, fields
from typing import Any

# Twilio's words for a text on its way out. A text only ever moves to a higher number.
RANK = {
    "scheduled": 0,
    "queued": 1,
    "sending": 2,
    "sent": 3,
    "delivered": 4,
    "undelivered": 4,
    "failed": 4,
    "canceled": 4,
}
FINAL = frozenset({"delivered", "undelivered", "failed", "canceled", "received"})

OUTBOUND_API = "outbound-api"  # accepted by the REST API
OUTBOUND_REPLY = "outbound-reply"  # asked for by a webhook's TwiML answer
INBOUND = "inbound"  # written on a handset
# The carrier's own confirmation of STOP and the like. Not a word of Twilio's and not listed by its API: no customer
# asked for these texts or pays for them, so a customer who matches its rows with the list must not meet them.
CARRIER = "carrier"


@dataclass(slots=True)
class Message:
    """A text. Times are seconds since 1970; `shown_at` is the handset's clock, the others are real.

    `callback` is the StatusCallback as given, with its fragment; `service` a messaging service's sid;
    `valid_for` Twilio's ValidityPeriod in seconds; `fault` a name in `faults.csv` or "". `answer_status` is what the
    webhook of an inbound text was answered with (None: nobody answered) after `answer_tries` tries.
    A redacted or deleted text is gone from the API; the handset keeps what it received.
    """

    sid: str
    seq: int
    direction: str
    to: str
    sender: str
    body: str
    status: str
    created: float
    shown_at: float
    updated: float
    sent_at: float | None = None
    error_code: int | None = None
    callback: str = ""
    service: str | None = None
    valid_for: int | None = None
    send_at: float | None = None
    fault: str = ""
    redacted: bool = False
    deleted: bool = False
    answer_status: int | None = None
    answer_tries: int = 0

    @property
    def handset(self) -> str:
        """The number of the person's phone, whichever way the text went."""
        return self.sender if self.direction == INBOUND else self.to

    @property
    def counterpart(self) -> str:
        """The sender's address at the other end of the handset's conversation."""
        return self.to if self.direction == INBOUND else self.sender

    @property
    def is_final(self) -> bool:
        return self.status in FINAL

    def can_become(self, status: str) -> bool:
        """Whether the status may change to this one: never backwards, never from one final word to another."""
        return self.status in RANK and RANK[status] > RANK[self.status]


_DEFAULTS = {
    field.name: field.default for field in fields(Message)
}  # MISSING, equal to nothing, where required


def new_sid() -> str:
    """A sid in Twilio's shape: SM and 32 hexadecimal digits."""
    return "SM" + secrets.token_hex(16)


def event_of(message: Message) -> dict[str, Any]:
    """The journal's line for a new text: its fields, less those that are at their default."""
    given = {field.name: getattr(message, field.name) for field in fields(Message)}
    return {"event": "message"} | {name: value for name, value in given.items() if value != _DEFAULTS[name]}
