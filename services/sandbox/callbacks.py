"""Status callbacks: what the carrier tells the sender about a text it accepted."""

from collections.abc import Callable
from datetime import UTC, datetime

from services.sandbox.messages import Message
from services.sandbox.payload import API_VERSION
from services.sandbox.store import Store
from services.sandbox.webhooks import Webhooks

# Twilio's reference for StatusCallback names the statuses that it reports; `sending` is not among them, and the
# first status is told by the answer to the request.
REPORTED = frozenset({"sent", "delivered", "undelivered", "failed"})
DELIVERY_REPORTS = frozenset({"delivered", "undelivered"})


def _as_it_happens(status: str) -> tuple[str, ...]:
    return (status,)


def _reversed(status: str) -> tuple[str, ...]:
    return () if status == "sent" else (status, "sent")


# What is told when a status is reached, by the name of the text's fault.
TOLD: dict[str, Callable[[str], tuple[str, ...]]] = {
    "callback-lost": lambda status: (),
    "unseen": lambda status: (),
    "callback-twice": lambda status: (status, status),
    "callback-reversed": _reversed,
}


class Callbacks:
    """Sends them, unless the text asked for none or callbacks are switched off."""

    def __init__(self, account_sid: str, enabled: bool, store: Store, webhooks: Webhooks) -> None:
        self._account_sid = account_sid
        self._enabled = enabled
        self._store = store
        self._webhooks = webhooks

    @property
    def on(self) -> bool:
        """Whether callbacks are sent: what the control API said last, else the setting."""
        switched = self._store.state.sends_callbacks
        return self._enabled if switched is None else switched

    def tell(self, message: Message, done: Callable[[object], object] = lambda answer: None) -> None:
        """Report the text's present status, as its fault will have it. `done` hears the outcome of each report."""
        if not (message.callback and message.status in REPORTED and self.on):
            return
        for status in TOLD.get(message.fault, _as_it_happens)(message.status):
            params = parameters(self._account_sid, message, status)
            self._webhooks.send(message.sid, message.callback, params, done)


def parameters(account_sid: str, message: Message, status: str) -> dict[str, str]:
    """The form of a status callback, as Twilio sends it for an SMS.

    `RawDlrDoneDate` (YYMMDDhhmm, UTC) and `ErrorCode` come with the final statuses only.
    """
    form = {
        "AccountSid": account_sid,
        "ApiVersion": API_VERSION,
        "From": message.sender,
        "To": message.to,
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "MessageStatus": status,
        "SmsStatus": status,
    }
    if message.service:
        form["MessagingServiceSid"] = message.service
    if status in DELIVERY_REPORTS:
        form["RawDlrDoneDate"] = datetime.fromtimestamp(message.updated, UTC).strftime("%y%m%d%H%M")
    if message.error_code is not None:
        form["ErrorCode"] = str(message.error_code)
    return form
