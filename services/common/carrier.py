"""Twilio, and nothing else may import it: one POST a text, evidence by listing, and the check of its signatures.

A POST has three answers, not two (SENDING §1.4): accepted; not sent; uncertain. Twilio takes no idempotency key, so nothing
here is ever retried.
"""

import logging
import ssl
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Literal, cast
from urllib.parse import parse_qsl

import requests
from requests.adapters import HTTPAdapter
from twilio.base import values
from twilio.base.exceptions import TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ProxyError, SSLError

from services.common.carrier_codes import CodeClass, classify

CONNECT_TIMEOUT, READ_TIMEOUT = 3.0, 35.0
POOL = 64
CALLBACK_OVERRIDES = "#rc=5&rp=all&ct=3000&rt=5000&tt=15000"
MAX_VALIDITY = 36_000
LIST_LIMIT = 1000  # messages to one number: one page, the largest that the carrier gives
PAGE = 1000
LIST_MOST = 50_000  # messages read from a list by date: a page without end is possible
SINCE_MOST = 2_000_000  # and after a restore, which may have days to look back on
PASSING = (401, 403, 429)  # refusals that say nothing about the message
LONGEST_WAIT = 3600.0  # seconds: nobody who asks for more is obeyed


@dataclass(frozen=True, slots=True)
class Accepted:
    """The carrier has the text."""

    sid: str
    status: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """The carrier, or the network before it, did not take the text; `kind` says what follows."""

    kind: CodeClass
    code: int | None = None
    http_status: int | None = None
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Uncertain:
    """The text may or may not have gone out: only evidence may settle it."""

    why: str
    code: int | None = None
    http_status: int | None = None


Answer = Accepted | NotSent | Uncertain


@dataclass(frozen=True, slots=True, repr=False)
class Outgoing:
    """A text on its way to the carrier. `validity` is in seconds."""

    to: str
    body: str
    sender: str
    token: str
    validity: int


@dataclass(frozen=True, slots=True, repr=False)
class Seen:
    """A message as the carrier lists it; `created` is the carrier's own clock."""

    sid: str
    status: str
    sender: str
    to: str
    body: str
    created: datetime
    error_code: int | None
    direction: str


Redaction = Literal["done", "gone", "refused"]


class CarrierUnreachable(Exception):
    """The carrier's API gave no usable answer to a question; ask again later."""


class _Gone(CarrierUnreachable):
    """The carrier says that there is nothing under this address."""


class ListCut(Exception):
    """A list by date went on beyond LIST_MOST messages; the rest of it was not read."""


class _Http(TwilioHttpClient):  # type: ignore[misc] # the library is untyped
    """The library's client with our pool, our timeouts, no retries and no words in any log."""

    def __init__(self) -> None:
        silent = logging.getLogger("heed.twilio")
        silent.disabled = True  # the library logs request URLs, and a list's URL holds a number
        super().__init__(logger=silent)
        # A pair (connect, read) is what requests takes; the library's type says one float.
        self.timeout = cast(Any, (CONNECT_TIMEOUT, READ_TIMEOUT))
        adapter = HTTPAdapter(pool_connections=2, pool_maxsize=POOL, max_retries=0)
        session = requests.Session()
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        self.session = session
        self.last = threading.local()

    def request(self, *args: Any, **kwargs: Any) -> Any:
        response = super().request(*args, **kwargs)
        self.last.headers = response.headers
        return response

    def retry_after(self) -> float | None:
        """Seconds that the calling thread's last answer asked us to wait."""
        value = (getattr(self.last, "headers", None) or {}).get("Retry-After", "")
        return min(float(value), LONGEST_WAIT) if value.isdecimal() else None


class Carrier:
    """One long-lived client; safe to use from many threads."""

    def __init__(
        self,
        account_sid: str,
        auth_tokens: Iterable[str],
        base_url: str,
        callback_url: str | None,
        inbound_url: str,
    ) -> None:
        tokens = tuple(auth_tokens)
        self.account_sid = account_sid
        self._callback_url, self._inbound_url = callback_url, inbound_url
        self._validators = [RequestValidator(token) for token in tokens]
        self._http = _Http()
        # A non-empty environment of our own: TWILIO_REGION and TWILIO_EDGE would mangle the base URL.
        self._client = Client(account_sid, tokens[0], http_client=self._http, environment={"HEED": "1"})
        self._client.api.base_url = base_url

    def send(self, text: Outgoing) -> Answer:
        """POST once, whatever happens."""
        try:
            message = self._client.messages.create(
                to=text.to,
                from_=text.sender,
                body=text.body,
                # Without an address to call (HEED_PULL_ONLY) the carrier is asked instead.
                status_callback=f"{self._callback_url}{text.token}{CALLBACK_OVERRIDES}"
                if self._callback_url
                else values.unset,
                validity_period=max(1, min(text.validity, MAX_VALIDITY)),
            )
        except (TwilioRestException, TwilioServiceException) as error:
            return self._refused(error.status, error.code)
        except requests.RequestException as error:
            return _network(error)
        except Exception as error:  # the library stumbles over odd answers in many ways
            return Uncertain(f"unreadable answer ({type(error).__name__})")
        if not message.sid:
            return Uncertain("an answer without a sid")
        return Accepted(message.sid, str(message.status or "accepted"))

    def _refused(self, status: Any, said: Any) -> Answer:
        """What a refusal means; `said` is Twilio's code, or the HTTP status where the body was not Twilio's JSON."""
        if not isinstance(status, int):
            return Uncertain("an error without a status")
        code = said if isinstance(said, int) else None
        if status == 429:
            return NotSent(CodeClass.WAIT, code, status, self._http.retry_after())
        kind = classify(code)
        if status >= 500 or status < 400 or kind is CodeClass.UNCERTAIN:
            return Uncertain(f"HTTP {status}", code, status)
        if kind is CodeClass.UNKNOWN and status in (401, 403, 404):
            kind = CodeClass.SET_UP
        elif code in (None, status):
            # Something between us answered (a proxy's 408 …): the request may have gone through before it did.
            return Uncertain(f"HTTP {status} that is not the carrier's", code, status)
        return NotSent(kind, code, status)

    def sent_to(self, number: str, sender: str, since: datetime) -> list[Seen]:
        """What the carrier lists as sent to a number by this sender, at least since a time.

        Without a date filter, because a queued message has no DateSent. Raises CarrierUnreachable, also where so much went to this
        number that the list does not reach back to `since`: what is not on it may be there all the same.
        """
        found = self._ask(lambda: self._client.messages.list(to=number, from_=sender, limit=LIST_LIMIT))
        if len(found) >= LIST_LIMIT and all(one.created >= since for one in found):
            raise CarrierUnreachable("ListTooLong")
        return found

    def fetch(self, sid: str) -> Seen | None:
        """One message by sid; None where the carrier knows none. Raises CarrierUnreachable."""
        try:
            return self._ask(lambda: [self._client.messages(sid).fetch()])[0]
        except _Gone:
            return None

    def pages(
        self, since: datetime, until: datetime, *, sender: str | None = None, to: str | None = None
    ) -> Iterator[list[Seen]]:
        """What was sent by, or received for, one of our numbers between two times, page by page, newest first.

        Raises CarrierUnreachable, and ListCut after LIST_MOST messages. A message without DateSent (queued) is on no such list.
        """
        # The library prints an aware time without converting it (SENDING §3), so convert first.
        dates = {"date_sent_after": since.astimezone(UTC), "date_sent_before": until.astimezone(UTC)}
        numbers = {"from_": sender} if sender else {"to": to}
        yield from self._pages(LIST_MOST, **numbers, **dates)

    def sent_since(self, since: datetime, sender: str) -> Iterator[list[Seen]]:
        """What was made to be sent by one of our numbers since a time, page by page, newest first; what is queued is on it too.

        Raises CarrierUnreachable, and ListCut after SINCE_MOST messages.
        """
        for page in self._pages(SINCE_MOST, from_=sender):
            yield page
            if all(one.created < since for one in page):
                return

    def _pages(self, most: int, **filters: Any) -> Iterator[list[Seen]]:
        listed: Iterator[Any] = iter(())

        def start() -> list[Any]:
            nonlocal listed
            listed = self._client.messages.stream(**filters, limit=most + 1, page_size=PAGE)
            return []

        self._ask(start)
        read = 0
        while page := self._ask(lambda: islice(listed, PAGE)):
            read += len(page)
            if read > most:
                raise ListCut
            yield page

    def redact(self, sid: str) -> Redaction:
        """Remove a finished message's words at the carrier. Raises CarrierUnreachable."""
        try:
            self._client.messages(sid).update(body="")
        except (TwilioRestException, TwilioServiceException) as error:
            if error.status == 404:
                return "gone"
            if isinstance(error.status, int) and 400 <= error.status < 500 and error.status not in PASSING:
                return "refused"
            raise CarrierUnreachable(type(error).__name__) from None
        except Exception as error:  # the network's, and whatever the library stumbles over
            raise CarrierUnreachable(type(error).__name__) from None
        return "done"

    def _ask(self, question: Any) -> list[Seen]:
        try:
            return [_seen(message) for message in question()]
        except Exception as error:  # the network's, the library's, and whatever it stumbles over
            gone = isinstance(error, TwilioRestException | TwilioServiceException) and error.status == 404
            raise (_Gone if gone else CarrierUnreachable)(type(error).__name__) from None

    def verified(self, path_url: str, body: bytes, signature: str) -> bool:
        """Whether a webhook's form body carries a true signature for the public URL, under any of our tokens."""
        try:
            pairs = parse_qsl(
                body.decode("utf-8"),
                keep_blank_values=True,
                strict_parsing=bool(body),
                max_num_fields=200,
                errors="strict",  # of bytes that are no characters, what is verified and what is read would differ
            )
        except ValueError:
            return False
        params = _Pairs(pairs)
        for validator in self._validators:
            # The validator raises on odd input; anything but a true answer is a refusal.
            try:
                if validator.validate(path_url, params, signature):
                    return True
            except Exception:  # noqa: S112 - see above
                continue
        return False


class _Pairs(dict[str, str]):
    """Form fields as the validator wants them: a repeated field keeps all its values."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        super().__init__(pairs)
        self._pairs = pairs

    def getlist(self, name: str) -> list[str]:
        return [value for field, value in self._pairs if field == name]


def _network(error: requests.RequestException) -> Answer:
    """Failures that surely came before the request left are "not sent"; all others are uncertain."""
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return NotSent(CodeClass.WAIT)
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    if isinstance(reason, ProxyError):
        # Proves nothing by itself: urllib3 also calls it so when an answer through the proxy was cut off.
        reason = reason.original_error
    if isinstance(error, requests.exceptions.ConnectionError) and _early(reason):
        return NotSent(CodeClass.WAIT)
    return Uncertain(type(error).__name__)


def _early(reason: object) -> bool:
    """Nobody was reached; or a proxy refused the way (as http.client says it); or the other side's certificate was not good."""
    if isinstance(reason, SSLError):
        return isinstance(reason.args[0], ssl.SSLCertVerificationError)
    if isinstance(reason, NewConnectionError | ConnectTimeoutError):
        return True
    return type(reason) is OSError and str(reason).startswith("Tunnel connection failed")


def _seen(message: Any) -> Seen:
    return Seen(
        sid=message.sid,
        status=str(message.status),
        sender=message.from_ or "",
        to=message.to or "",
        body=message.body or "",
        created=message.date_created.astimezone(UTC),
        error_code=int(message.error_code) if message.error_code else None,
        direction=str(message.direction),
    )
