"""Numbers, times and statuses in the words that a person reads."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import phonenumbers

from services.sandbox.errors import DELIVERY_WORDS
from services.sandbox.messages import INBOUND, Message

LONDON = ZoneInfo("Europe/London")

_STATUS = {
    "scheduled": "Scheduled",
    "queued": "Queued",
    "sending": "Sending",
    "sent": "Sent, not yet delivered",
    "delivered": "Delivered",
    "undelivered": "Not delivered",
    "failed": "Not sent",
    "canceled": "Cancelled",
}


def number_label(number: str) -> str:
    """A number as people write it: 07700 900 123 for a British mobile, else as its country does with +; a name or
    short code as it is."""
    mobile = re.fullmatch(r"\+44(7\d{3})(\d{3})(\d{3})", number)
    if mobile:
        return "0{} {} {}".format(*mobile.groups())
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def number_typed(typed: str) -> str | None:
    """E.164 for a number that a person typed, British unless it says otherwise; None when it cannot be one."""
    try:
        parsed = phonenumbers.parse(typed, "GB")
    except phonenumbers.NumberParseException:
        return None
    possible = phonenumbers.is_possible_number_with_reason(parsed)
    if possible != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def time_label(seconds: float) -> str:
    """A moment as a handset in England shows it: Mon 14 Sep 10:00."""
    moment = datetime.fromtimestamp(seconds, LONDON)
    return f"{moment:%a} {moment.day} {moment:%b %H:%M}"


def status_label(message: Message) -> str:
    """Where a text is, with the reason and Twilio's code when it did not arrive."""
    if message.direction == INBOUND:
        return _answer_label(message)
    words = _STATUS[message.status]
    if message.error_code is None:
        return words
    reason = DELIVERY_WORDS.get(message.error_code)
    return f"{words}: {reason} ({message.error_code})" if reason else f"{words} ({message.error_code})"


def _answer_label(message: Message) -> str:
    if not message.answer_tries:
        return "On its way to the service"
    tries = "1 try" if message.answer_tries == 1 else f"{message.answer_tries} tries"
    if message.answer_status is None:
        return f"The service did not answer ({tries})"
    if message.answer_status >= 400:
        return f"The service refused it ({message.answer_status}, {tries})"
    return "Received by the service"


def is_bad_news(message: Message) -> bool:
    """Whether a person should notice the status: a text that did not arrive, either way."""
    if message.direction == INBOUND:
        return message.answer_tries > 0 and (message.answer_status is None or message.answer_status >= 400)
    return message.status in {"undelivered", "failed"}
