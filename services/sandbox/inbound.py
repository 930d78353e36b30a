"""Texts written on a handset, on their way to a service."""

import re
import threading
import time
from dataclasses import dataclass

import phonenumbers

from services.common.segments import count
from services.sandbox import keywords, twiml
from services.sandbox.config import Config
from services.sandbox.messages import CARRIER, INBOUND, OUTBOUND_REPLY, Message
from services.sandbox.payload import API_VERSION
from services.sandbox.store import Store
from services.sandbox.webhooks import Answer, Webhooks

LONGEST_BODY = 1600
ORIGIN = re.compile(r"\+?[A-Za-z0-9 ]{1,15}")


class InboundError(ValueError):
    """A text that no handset could send; the words say why."""


@dataclass(frozen=True, slots=True)
class Sent:
    """An inbound text and a way to wait for its webhook."""

    message: Message
    answered: threading.Event

    def wait(self, seconds: float) -> bool:
        return self.answered.wait(seconds)


class Inbound:
    """Obeys the carrier's keywords, hands the text to the service, and takes back what its answer asks for."""

    def __init__(self, config: Config, store: Store, webhooks: Webhooks) -> None:
        self._config = config
        self._store = store
        self._webhooks = webhooks

    def send(self, number: str, to: str, body: str, sid: str | None = None) -> Sent:
        """Send a text from a handset to a sender; its webhook is posted in the background.

        With the `sid` of an earlier inbound text, that text's webhook is posted once more (Twilio repeats itself
        too) and nothing else happens. `InboundError` for a sender that takes no replies, an endless text, or a sid
        that belongs to another text.
        """
        sender = self._config.sender(to)
        if sender is None or not sender.takes_replies or sender.webhook_url is None:
            raise InboundError("this sender cannot receive replies")
        _check_text(number, body)
        with self._store.lock:
            message = self._repeated(sid, number, to, body) or self._take(number, to, body, sid)
        answered = threading.Event()
        params = self.parameters(message)
        self._webhooks.send(
            message.sid, sender.webhook_url, params, lambda answer: self._done(message, answer, answered)
        )
        return Sent(message, answered)

    def parameters(self, message: Message) -> dict[str, str]:
        """The form of an inbound webhook, as Twilio sends it for an SMS. Empty fields are sent, and signed."""
        place = ("City", "State", "Zip")
        form = {
            "AccountSid": self._config.account_sid,
            "ApiVersion": API_VERSION,
            "Body": message.body,
            "From": message.sender,
            "FromCountry": _country(message.sender),
            "MessageSid": message.sid,
            "NumMedia": "0",
            "NumSegments": str(count(message.body).segments),
            "SmsMessageSid": message.sid,
            "SmsSid": message.sid,
            "SmsStatus": "received",
            "To": message.to,
            "ToCountry": _country(message.to),
        }
        form |= {end + part: "" for end in ("From", "To") for part in place}
        word = keywords.keyword(message.body)
        if word and self._config.answers_stop:
            form["OptOutType"] = word
        return form

    def _repeated(self, sid: str | None, number: str, to: str, body: str) -> Message | None:
        message = self._store.state.by_sid.get(sid) if sid else None
        if message is None:
            return None
        if (message.direction, message.sender, message.to, message.body) != (INBOUND, number, to, body):
            raise InboundError("this sid belongs to another text")
        return message

    def _take(self, number: str, to: str, body: str, sid: str | None) -> Message:
        given = {"sid": sid} if sid else {}
        message = self._store.add(
            direction=INBOUND,
            status="received",
            sender=number,
            to=to,
            body=body,
            sent_at=time.time(),
            **given,
        )
        if self._config.answers_stop:
            self._obey(keywords.keyword(body), sender=to, number=number)
        return message

    def _obey(self, word: str | None, sender: str, number: str) -> None:
        effect = keywords.effect(word, (sender, number) in self._store.state.opt_outs)
        if effect.opted_out is not None:
            name = "opt-out" if effect.opted_out else "opt-in"
            self._store.record(name, sender=sender, number=number)
        if effect.reply:
            self._deliver(CARRIER, sender, number, effect.reply)

    def _done(self, message: Message, answer: Answer, answered: threading.Event) -> None:
        try:
            with self._store.lock:
                if self._store.state.by_sid.get(message.sid) is not message:
                    return  # the carrier was reset meanwhile
                self._store.record("answer", sid=message.sid, status=answer.status, tries=answer.tries)
                is_blocked = (message.to, message.sender) in self._store.state.opt_outs
                if answer.status is not None and answer.status < 300 and not is_blocked:
                    for body in twiml.replies(answer.content_type, answer.text):
                        self._deliver(OUTBOUND_REPLY, message.to, message.sender, body)
        finally:
            answered.set()

    def _deliver(self, direction: str, sender: str, number: str, body: str) -> None:
        self._store.add(
            direction=direction,
            status="delivered",
            to=number,
            sender=sender,
            body=body,
            sent_at=time.time(),
        )


def _check_text(number: str, body: str) -> None:
    if not ORIGIN.fullmatch(number):
        raise InboundError("a handset has a number (+447700900123), a short code or a name")
    if len(body) > LONGEST_BODY:
        raise InboundError(f"the text is longer than {LONGEST_BODY} characters")
    if any("\ud800" <= character <= "\udfff" for character in body):
        raise InboundError("the text holds half a character")


def _country(number: str) -> str:
    """The ISO code of a number's country, "" for a short code or a name."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.region_code_for_country_code(parsed.country_code or 0) or ""
