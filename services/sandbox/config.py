"""Every setting of the sandbox carrier, read from the environment in one place."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urldefrag

ACCOUNT_SID = "AC00000000000000000000000000005a4d"  # Twilio's shape: AC and 32 hexadecimal digits
AUTH_TOKEN = "sandbox-token"  # noqa: S105 (public on purpose: `live` refuses it)
REMINDERS_SENDER = "+447700900001"
CONSULTATION_SENDER = "+447700900002"


@dataclass(frozen=True, slots=True)
class Sender:
    """A number or name that texts are sent from. `webhook_url` is where replies go; a name takes none."""

    address: str
    name: str
    webhook_url: str | None

    @property
    def takes_replies(self) -> bool:
        return self.webhook_url is not None and self.address.startswith("+")


@dataclass(frozen=True)
class Config:
    """What one sandbox carrier is. Times are in seconds.

    `delay_seconds` is one step of a text's progress (queued, sending, sent, delivered). `backoff_seconds` are the
    pauses between the tries of a webhook. `slow_seconds` and `late_seconds` belong to the faults of those names.
    `answers_stop` is Twilio's own keyword handling: off, the carrier records no opt-out and confirms nothing.
    """

    host: str = "127.0.0.1"
    port: int = 8003
    account_sid: str = ACCOUNT_SID
    auth_tokens: tuple[str, ...] = (AUTH_TOKEN,)
    senders: tuple[Sender, ...] = ()
    journal: Path | None = None
    answers_stop: bool = True
    sends_callbacks: bool = True
    delay_seconds: float = 0.05
    slow_seconds: float = 40.0
    late_seconds: float = 172_800.0
    callback_threads: int = 6
    backoff_seconds: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0, 6.0)

    def __post_init__(self) -> None:
        addresses = [sender.address for sender in self.senders]
        if len(set(addresses)) != len(addresses):
            raise ValueError("REMINDERS_SENDER and CONSULTATION_SENDER must differ: one sender, one service")
        if not self.auth_tokens:
            raise ValueError("TWILIO_AUTH_TOKENS holds no token")

    def sender(self, address: str) -> Sender | None:
        """The sender with this address, or None when the carrier does not know it."""
        return next((sender for sender in self.senders if sender.address == address), None)


def from_environment(environ: Mapping[str, str]) -> Config:
    """Read the settings; a bad one raises `ValueError` that names the variable."""
    return Config(
        host=environ.get("SANDBOX_HOST", Config.host),
        port=int(_number(environ, "SANDBOX_PORT", Config.port)),
        account_sid=environ.get("TWILIO_ACCOUNT_SID", ACCOUNT_SID),
        auth_tokens=_tokens(environ.get("TWILIO_AUTH_TOKENS", AUTH_TOKEN)),
        senders=(
            _sender(environ, "REMINDERS", REMINDERS_SENDER, 8001),
            _sender(environ, "CONSULTATION", CONSULTATION_SENDER, 8002),
        ),
        journal=Path(environ.get("HEED_DATA_DIR", ".heed")) / "sandbox.jsonl",
        answers_stop=_switch(environ, "TWILIO_ANSWERS_STOP"),
        sends_callbacks=_switch(environ, "SANDBOX_CALLBACKS"),
        delay_seconds=_number(environ, "SANDBOX_DELAY_SECONDS", Config.delay_seconds),
        slow_seconds=_number(environ, "SANDBOX_SLOW_SECONDS", Config.slow_seconds),
        late_seconds=_number(environ, "SANDBOX_LATE_SECONDS", Config.late_seconds),
    )


def _sender(environ: Mapping[str, str], service: str, address: str, port: int) -> Sender:
    address = environ.get(f"{service}_SENDER", address)
    port = int(_number(environ, f"{service}_PORT", port))
    public_url = environ.get(f"{service}_PUBLIC_URL", f"http://127.0.0.1:{port}")
    inbound = urldefrag(public_url).url.rstrip("/") + "/twilio/inbound"
    return Sender(address, service.capitalize(), inbound if address.startswith("+") else None)


def _tokens(listed: str) -> tuple[str, ...]:
    return tuple(token.strip() for token in listed.split(",") if token.strip())


def _number(environ: Mapping[str, str], name: str, default: float) -> float:
    try:
        value = float(environ.get(name, default))
    except ValueError:
        raise ValueError(f"{name} is not a number") from None
    if not 0 <= value < float("inf"):
        raise ValueError(f"{name} must not be negative or endless")
    return value


def _switch(environ: Mapping[str, str], name: str) -> bool:
    value = environ.get(name, "true").strip().lower()
    if value not in {"true", "false", "1", "0", "yes", "no", "on", "off"}:
        raise ValueError(f"{name} must be true or false")
    return value in {"true", "1", "yes", "on"}
