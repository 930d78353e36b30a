"""A text as Twilio's API prints it."""

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from services.common.segments import count
from services.sandbox.errors import DELIVERY_WORDS
from services.sandbox.messages import Message

API_VERSION = "2010-04-01"


def messages_uri(account_sid: str) -> str:
    """The path of the list of texts, without host."""
    return f"/{API_VERSION}/Accounts/{account_sid}/Messages.json"


def message_json(account_sid: str, message: Message) -> dict[str, Any]:
    """Every field of Twilio's Message resource: numbers as strings, dates in RFC 2822 and UTC.

    The price stays null: a text that leaves no machine costs nothing.
    """
    uri = f"/{API_VERSION}/Accounts/{account_sid}/Messages/{message.sid}"
    body = "" if message.redacted else message.body
    return {
        "account_sid": account_sid,
        "api_version": API_VERSION,
        "body": body,
        "date_created": rfc2822(message.created),
        "date_sent": rfc2822(message.sent_at),
        "date_updated": rfc2822(message.updated),
        "direction": message.direction,
        "error_code": message.error_code,
        "error_message": DELIVERY_WORDS.get(message.error_code) if message.error_code else None,
        "from": message.sender,
        "messaging_service_sid": message.service,
        "num_media": "0",
        "num_segments": str(count(message.body).segments),
        "price": None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": message.to,
        "uri": f"{uri}.json",
    }


def rfc2822(seconds: float | None) -> str | None:
    """A time in Twilio's form ("Mon, 14 Sep 2026 09:00:00 +0000"); whole seconds, as there."""
    return None if seconds is None else format_datetime(datetime.fromtimestamp(int(seconds), UTC))
