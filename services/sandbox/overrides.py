"""How a webhook is tried: Twilio's connection overrides, given in the fragment of a URL (`#rc=5&rp=all&ct=3000`).

Source: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides. Unlike Twilio, which gives an
unmarked webhook one more try after a failed connection only, an unmarked one here is tried as `rc=5&rp=5xx,ct,rt`:
the services are told to ask for that in live use, and a demo survives the restart of a service.
"""

from dataclasses import dataclass
from urllib.parse import parse_qs, urldefrag

CONNECT, READ, CLIENT_ERROR, SERVER_ERROR = "ct", "rt", "4xx", "5xx"
FAILURES = frozenset({CONNECT, READ, CLIENT_ERROR, SERVER_ERROR})


@dataclass(frozen=True, slots=True)
class Overrides:
    """Tries after the first, the failures that earn one, and times in seconds: connect, read, all tries together."""

    retries: int = 5
    policy: frozenset[str] = frozenset({CONNECT, READ, SERVER_ERROR})
    connect_seconds: float = 3.0
    read_seconds: float = 5.0
    total_seconds: float = 15.0


DEFAULT = Overrides()


def split(url: str) -> tuple[str, Overrides]:
    """The URL to post to and to sign, without its fragment, and what the fragment asks for.

    Values out of Twilio's bounds are brought inside them, unreadable ones ignored.

    >>> split("http://a/b#rc=2&rp=ct,5xx&tt=900")[1].total_seconds
    0.9
    """
    bare, fragment = urldefrag(url)
    asked = {name: values[-1] for name, values in parse_qs(fragment).items()}
    policy = frozenset(asked.get("rp", "").split(",")) & (FAILURES | {"all"})
    return bare, Overrides(
        retries=int(_bounded(asked.get("rc"), 0, 5, DEFAULT.retries)),
        policy=(FAILURES if "all" in policy else policy) or DEFAULT.policy,
        connect_seconds=_bounded(asked.get("ct"), 100, 10_000, DEFAULT.connect_seconds * 1000) / 1000,
        read_seconds=_bounded(asked.get("rt"), 100, 15_000, DEFAULT.read_seconds * 1000) / 1000,
        total_seconds=_bounded(asked.get("tt"), 100, 15_000, DEFAULT.total_seconds * 1000) / 1000,
    )


def _bounded(text: str | None, low: int, high: int, default: float) -> float:
    return (
        min(max(int(text), low), high) if text is not None and text.isascii() and text.isdigit() else default
    )
