"""Signed requests to the services, tried again as Twilio does and then given up."""

import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from urllib.parse import urlencode

import urllib3

from services.common.signature import HEADER, sign
from services.sandbox import overrides
from services.sandbox.overrides import Overrides
from services.sandbox.timers import Lanes, Timers

ANSWER_LIMIT_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a webhook: the last HTTP status (None: no answer at all), the tries, and the last answer."""

    status: int | None
    tries: int
    content_type: str = ""
    text: str = ""


@dataclass(slots=True)
class Webhook:
    """One request on its way. The idempotency token is Twilio's own sign of a retry: the same on every try."""

    key: str
    url: str
    params: Mapping[str, str]
    rules: Overrides
    done: Callable[[Answer], object]
    generation: int
    token: str = field(default_factory=lambda: str(uuid.uuid4()))
    tries: int = 0
    started: float = 0.0


class Webhooks:
    """Posts forms on a few threads. Pauses between tries are timers, so a dead service holds no thread."""

    def __init__(self, auth_token: str, threads: int, backoff: tuple[float, ...], timers: Timers) -> None:
        self._auth_token = auth_token
        self._backoff = backoff
        self._timers = timers
        self._lanes = Lanes(threads)
        self._pool = urllib3.PoolManager(maxsize=threads, retries=False)
        self._generation = 0
        self._counting = threading.Lock()
        self.delivered = self.given_up = 0

    def send(self, key: str, url: str, params: Mapping[str, str], done: Callable[[Answer], object]) -> None:
        """Post the form in the background; `done` hears the outcome once, on a worker thread.

        Requests with one key start in the order of asking; a retry may fall behind the next one, as at Twilio.
        """
        bare, rules = overrides.split(url)
        webhook = Webhook(key, bare, params, rules, done, self._generation)
        self._lanes.submit(key, lambda: self._try(webhook))

    def waiting(self) -> int:
        return self._lanes.waiting()

    def forget(self) -> None:
        """Drop whatever is still to be sent; nobody hears of it."""
        self._generation += 1

    def stop(self) -> None:
        self._lanes.stop()
        self._pool.clear()

    def _try(self, webhook: Webhook) -> None:
        if webhook.generation != self._generation:
            return
        if not webhook.tries:
            webhook.started = monotonic()
        webhook.tries += 1
        answer, failure = self._post(webhook)
        pause = self._backoff[min(webhook.tries, len(self._backoff)) - 1]
        in_time = monotonic() + pause - webhook.started < webhook.rules.total_seconds
        if failure in webhook.rules.policy and webhook.tries <= webhook.rules.retries and in_time:
            self._timers.after(pause, lambda: self._lanes.submit(webhook.key, lambda: self._try(webhook)))
            return
        with self._counting:
            self.delivered += not failure
            self.given_up += bool(failure)
        webhook.done(answer)

    def _post(self, webhook: Webhook) -> tuple[Answer, str | None]:
        """One try: what came back, and which kind of failure it was, if it was one."""
        try:
            response = self._pool.request(
                "POST",
                webhook.url,
                body=urlencode(webhook.params),
                headers={
                    "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
                    "User-Agent": "TwilioProxy/1.1",
                    "I-Twilio-Idempotency-Token": webhook.token,
                    HEADER: sign(self._auth_token, webhook.url, webhook.params),
                },
                timeout=urllib3.Timeout(webhook.rules.connect_seconds, webhook.rules.read_seconds),
                redirect=False,
            )
        except urllib3.exceptions.ReadTimeoutError:
            return Answer(None, webhook.tries), overrides.READ
        except (urllib3.exceptions.HTTPError, ValueError):
            # Refused, reset, unknown host; or an answer whose bytes are not what its headers say.
            return Answer(None, webhook.tries), overrides.CONNECT
        text = response.data[:ANSWER_LIMIT_BYTES].decode("utf-8", "replace")
        answer = Answer(response.status, webhook.tries, response.headers.get("Content-Type", ""), text)
        return answer, _kind(response.status)


def _kind(status: int) -> str | None:
    if status >= 500:
        return overrides.SERVER_ERROR
    return overrides.CLIENT_ERROR if status >= 400 else None
