"""Reads a request to send a text, and refuses it as Twilio would."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from services.common.segments import plain
from services.sandbox.config import Config
from services.sandbox.errors import TwilioError

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
ALPHANUMERIC = re.compile(r"(?=[0-9 ]*[A-Za-z])[A-Za-z0-9 ]{1,11}")
SHORT_CODE = re.compile(r"[0-9]{3,8}")
BODY_LIMIT = 1600  # characters: Twilio's, for a text of any number of segments
SCHEDULE_SECONDS = (300, 35 * 86_400)
VALIDITY_SECONDS = (1, 36_000)


@dataclass(frozen=True, slots=True)
class SendRequest:
    """What a sender asked for. `send_at` is in seconds since 1970, `valid_for` in seconds."""

    to: str
    sender: str
    body: str
    callback: str = ""
    service: str | None = None
    valid_for: int | None = None
    send_at: float | None = None


def parse(form: Mapping[str, str], config: Config, now: float) -> SendRequest:
    """Twilio's form fields made a request; `TwilioError` with the code that Twilio gives otherwise.

    A messaging service is accepted under any sid and sends from the first sender. Parameters that Twilio has and a
    stand-in has no use for (MaxPrice, Attempt, ...) are accepted and ignored.
    """
    body = form.get("Body", "")
    if form.get("SmartEncoded", "").lower() == "true":
        body = plain(body)
    service = form.get("MessagingServiceSid") or None
    request = SendRequest(
        to=_recipient(form.get("To", "")),
        sender=_sender(form.get("From", ""), service, config),
        body=body,
        callback=_callback(form.get("StatusCallback", "")),
        service=service,
        valid_for=_validity(form.get("ValidityPeriod")),
        send_at=_send_at(form, service, now),
    )
    if not body:
        raise TwilioError(21602)
    if len(body) > BODY_LIMIT:
        raise TwilioError(21617)
    return request


def _recipient(given: str) -> str:
    if not given:
        raise TwilioError(21604)
    number = re.sub(r"[\s().-]", "", given)
    if not E164.fullmatch(number):
        raise TwilioError(21211, given)
    return number


def _sender(given: str, service: str | None, config: Config) -> str:
    if not given and service and config.senders:
        return config.senders[0].address
    if not given:
        raise TwilioError(21603)
    is_name = bool(ALPHANUMERIC.fullmatch(given))
    if not (is_name or E164.fullmatch(given) or SHORT_CODE.fullmatch(given)):
        raise TwilioError(21212, given)
    if config.senders and config.sender(given) is None:
        raise TwilioError(21606 if is_name else 21659, given)
    return given


def _callback(given: str) -> str:
    if not given:
        return ""
    try:
        parts = urlsplit(given)
        port_is_good = parts.port != 0
    except ValueError:
        raise TwilioError(21609) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_good:
        raise TwilioError(21609)
    return given


def _validity(given: str | None) -> int | None:
    if given is None:
        return None
    low, high = VALIDITY_SECONDS
    if not (given.isascii() and given.isdigit() and low <= int(given[:6]) <= high):
        raise TwilioError(20001, "ValidityPeriod")
    return int(given)


def _send_at(form: Mapping[str, str], service: str | None, now: float) -> float | None:
    if not form.get("ScheduleType"):
        return None
    if form["ScheduleType"] != "fixed":
        raise TwilioError(20001, "ScheduleType")
    if not form.get("SendAt"):
        raise TwilioError(35111)
    if service is None:
        raise TwilioError(35118)
    try:
        moment = datetime.strptime(form["SendAt"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise TwilioError(35115) from None
    low, high = SCHEDULE_SECONDS
    if not low < moment - now <= high:
        raise TwilioError(35115)
    return moment
