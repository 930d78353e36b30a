"""The SNS envelope in which HMPPS passes court messages on: what it states of the message, and the message itself."""

from dataclasses import dataclass
from datetime import datetime

from services.reminders.feeds.instants import instant
from services.reminders.feeds.json_input import Node, load_text
from services.reminders.feeds.records import FeedError


@dataclass(frozen=True, slots=True)
class Envelope:
    """The message inside, its type and event as the envelope names them, and when it was sent (UTC)."""

    message: Node
    message_type: str | None
    event: str | None
    sent_at: datetime | None


def opened(node: Node) -> Envelope | None:
    """The envelope that `node` is; None where it is none.

    Raises FeedError: `message-not-supported` where it carries no message, and the codes of `load_text`.
    """
    kind = node["Type"].text()
    if kind in {"SubscriptionConfirmation", "UnsubscribeConfirmation"}:
        raise FeedError(
            "message-not-supported", "This confirms a subscription and holds no hearing: confirm it by hand."
        )
    if kind != "Notification" or not node.holds("Message"):
        return None
    attributes, inner = node["MessageAttributes"], node["Message"]
    sent = instant(node["Timestamp"].text())
    body = Node(load_text(inner.value) if isinstance(inner.value, str) else inner.value, inner.where)
    if any((item.text() or "").endswith("PayloadS3Pointer") for item in body):
        raise FeedError(
            "message-not-supported", "The message only points to a file elsewhere: send the hearing itself."
        )
    return Envelope(
        body, _stated(attributes, "messageType"), _stated(attributes, "hearingEventType"), sent and sent.at
    )


def _stated(attributes: Node, name: str) -> str | None:
    """An attribute's value; SQS spells the same field StringValue."""
    return attributes[name]["Value"].text() or attributes[name]["StringValue"].text()
