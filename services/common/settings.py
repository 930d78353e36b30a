"""Every setting of Heed, read from the environment once and frozen. `docs/settings.md` holds the table.

Any setting may also be given as a file: `NAME_FILE` holds its path (Docker and systemd secrets). In sandbox mode
missing secrets are made once and kept in the data folder; in the other modes a missing secret is an error.
"""

import base64
import contextlib
import json
import os
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import urlsplit

from environs import EnvError, FileAwareEnv
from marshmallow.validate import OneOf, Range

from services.common import alert_settings, office_settings
from services.common.alert_settings import LOOPBACK_HOSTS, Alerts
from services.common.crypto import BlindIndex, Cipher, CryptoError
from services.common.office_settings import Office
from services.common.roles import ROLES

Mode = Literal["sandbox", "trial", "live"]
ServiceName = Literal["reminders", "consultation"]
SERVICES: tuple[ServiceName, ...] = ("reminders", "consultation")

# What the sandbox carrier accepts when nothing else is said. Refused in the other modes.
SANDBOX_ACCOUNT_SID = "AC00000000000000000000000000005a4d"
SANDBOX_AUTH_TOKEN = "sandbox-token"  # noqa: S105 - the stand-in carrier's, refused outside sandbox mode
SANDBOX_SENDERS: dict[ServiceName, str] = {"reminders": "+447700900001", "consultation": "+447700900002"}
DEFAULT_PORTS: dict[str, int] = {"reminders": 8001, "consultation": 8002, "sandbox": 8003}
TWILIO_BASE_URL = "https://api.twilio.com"
E164 = re.compile(r"\+[1-9]\d{6,14}")
# What a text may come from (SENDING §6): a number, a short code, or a name of at most 11 letters, digits and spaces with one letter.
SENDER = re.compile(rf"{E164.pattern}|\d{{3,8}}|(?=[0-9 ]*[A-Za-z])[A-Za-z0-9 ]{{1,11}}")

# Segments a second that Twilio takes from one number or name to this country before it queues them.
CARRIER_RATE = 10.0

PORT = Range(min=1, max=65535)


class SettingsError(Exception):
    """A setting that is missing or wrong; the message names the variable and says what to do."""


@dataclass(frozen=True, slots=True, repr=False)
class ServiceSettings:
    """One service's own settings: its database, sender, public address and keys are shared with no other.

    `rate` is in segments a second; None sends as fast as the carrier takes it.
    """

    name: ServiceName
    database_url: str | None
    sender: str
    rate: float | None
    public_url: str
    encryption_keys: str
    index_key: str
    backup_keys: str | None
    retain_days: int
    port: int
    office: Office | None


@dataclass(frozen=True, slots=True, repr=False)
class Settings:
    """The whole installation's settings. Delays are in seconds, sizes in bytes."""

    mode: Mode
    data_dir: Path
    redis_url: str | None
    account_sid: str
    auth_tokens: tuple[str, ...]
    carrier_url: str
    own_sandbox: bool
    answers_stop: bool
    trial_numbers: frozenset[str]
    duty_number: str | None
    daily_segments: int | None
    county: Path | None
    sandbox_port: int
    bind: str
    log_level: str
    max_body: int
    claim_lease: float
    settle_first: float
    settle_again: float
    news_after: float
    inbound_every: float
    redact_at_carrier: bool
    smallest_count: int
    pull_only: bool
    drain_threads: int
    alerts: Alerts
    backup_hours: int | None
    retain_pushes_days: int
    retain_history_days: int
    services: Mapping[ServiceName, ServiceSettings]

    def service(self, name: ServiceName) -> ServiceSettings:
        """The settings of one service."""
        return self.services[name]

    def lets_text(self, number: str) -> bool:
        """Whether the mode lets this number (E.164) be texted: a trial texts those on its list alone."""
        return self.mode != "trial" or number in self.trial_numbers

    @property
    def sandbox_url(self) -> str:
        """Where this installation's own sandbox carrier listens."""
        return f"http://127.0.0.1:{self.sandbox_port}"


class _Environment(FileAwareEnv):
    """An empty variable counts as none: Docker's `NAME=${NAME:-}` hands those over."""

    def _get_value(self, env_key: str, default: Any) -> Any:
        value = super()._get_value(env_key, default)
        return default if value == "" else value


def load(*services: ServiceName) -> Settings:
    """Read the environment for these services, or for both. Raises SettingsError with one line that names the variable.

    A process of one service neither needs nor sees the other's secrets.
    """
    try:
        # A secret's file ends with a line end, which is not part of the secret.
        settings = _read(_Environment(strip_whitespace=True), services or SERVICES)
    except (EnvError, ValueError) as error:  # an unreadable NAME_FILE is a ValueError
        raise SettingsError(str(error)) from None
    except OSError as error:
        raise SettingsError(f"HEED_DATA_DIR: the data folder cannot be used: {error}") from None
    _check(settings)
    return settings


def _read(env: FileAwareEnv, names: tuple[ServiceName, ...]) -> Settings:
    mode = cast(Mode, env.str("HEED_MODE", "sandbox", validate=OneOf(("sandbox", "trial", "live"))))
    sandbox = mode == "sandbox"
    data_dir = Path(env.str("HEED_DATA_DIR", "") or ".heed").absolute()
    sandbox_port = env.int("SANDBOX_PORT", DEFAULT_PORTS["sandbox"], validate=PORT)
    given_carrier = env.str("TWILIO_API_BASE_URL", "")
    county = env.str("HEED_COUNTY", "")
    kept = _kept_secrets(data_dir) if sandbox else {}
    pull_only = env.bool("HEED_PULL_ONLY", False)
    return Settings(
        mode=mode,
        data_dir=data_dir,
        redis_url=env.str("REDIS_URL", "") or None,
        account_sid=env.str("TWILIO_ACCOUNT_SID", "") or (SANDBOX_ACCOUNT_SID if sandbox else ""),
        auth_tokens=_words(env, "TWILIO_AUTH_TOKENS") or ((SANDBOX_AUTH_TOKEN,) if sandbox else ()),
        carrier_url=(
            given_carrier or (f"http://127.0.0.1:{sandbox_port}" if sandbox else TWILIO_BASE_URL)
        ).rstrip("/"),
        own_sandbox=sandbox and not given_carrier,
        answers_stop=env.bool("TWILIO_ANSWERS_STOP", True),
        trial_numbers=frozenset(_words(env, "HEED_TRIAL_NUMBERS")),
        duty_number=env.str("HEED_DUTY_NUMBER", "") or None,
        daily_segments=env.int("HEED_DAILY_SEGMENTS", None, validate=Range(min=0)),
        county=Path(county) if county else None,
        sandbox_port=sandbox_port,
        bind=env.str("HEED_BIND", "127.0.0.1"),
        log_level=env.str("HEED_LOG_LEVEL", "info", validate=OneOf(("debug", "info", "warning", "error"))),
        max_body=env.int("HEED_MAX_BODY_BYTES", 32 * 1024 * 1024, validate=Range(min=1024)),
        claim_lease=env.float("HEED_CLAIM_LEASE_SECONDS", 120.0, validate=Range(min=1)),
        settle_first=env.float("HEED_SETTLE_FIRST_SECONDS", 60.0, validate=Range(min=0)),
        settle_again=env.float("HEED_SETTLE_AGAIN_SECONDS", 600.0, validate=Range(min=0)),
        news_after=env.float("HEED_NEWS_AFTER_SECONDS", 60.0 if pull_only else 900.0, validate=Range(min=1)),
        inbound_every=env.float(
            "HEED_INBOUND_LOOK_SECONDS", 20.0 if pull_only else 300.0, validate=Range(min=1)
        ),
        redact_at_carrier=env.bool("HEED_REDACT_AT_CARRIER", False),
        smallest_count=env.int("CONSULTATION_SMALLEST_COUNT", 5, validate=Range(min=5, max=100)),
        pull_only=pull_only,
        drain_threads=env.int("HEED_DRAIN_THREADS", 16, validate=Range(min=1, max=64)),
        alerts=alert_settings.read(env),
        backup_hours=env.int("HEED_BACKUP_HOURS", None if sandbox else 26, validate=Range(min=1)),
        retain_pushes_days=env.int("HEED_RETAIN_PUSHES_DAYS", 90, validate=Range(min=1)),
        retain_history_days=env.int("HEED_RETAIN_HISTORY_DAYS", 730, validate=Range(min=1)),
        services={name: _service(env, name, kept, mode) for name in names},
    )


def _service(env: FileAwareEnv, name: ServiceName, kept: Mapping[str, str], mode: Mode) -> ServiceSettings:
    prefix = name.upper()
    port = env.int(f"{prefix}_PORT", DEFAULT_PORTS[name], validate=PORT)

    def secret(variable: str) -> str:
        value = env.str(variable, "") or kept.get(variable, "")
        if not value:
            raise SettingsError(
                f"{variable}: {mode} mode needs it; `heed keys generate` prints a fresh one to keep in your secret store"
            )
        return value

    usual_rate = None if mode == "sandbox" else CARRIER_RATE
    return ServiceSettings(
        name=name,
        database_url=env.str(f"{prefix}_DATABASE_URL", "") or None,
        sender=env.str(f"{prefix}_SENDER", "") or (SANDBOX_SENDERS[name] if mode == "sandbox" else ""),
        rate=env.float(f"{prefix}_SENDER_RATE", usual_rate, validate=Range(min=0.01)),
        public_url=(env.str(f"{prefix}_PUBLIC_URL", "") or f"http://127.0.0.1:{port}").rstrip("/"),
        encryption_keys=secret(f"{prefix}_ENCRYPTION_KEYS"),
        index_key=secret(f"{prefix}_INDEX_KEY"),
        backup_keys=env.str(f"{prefix}_BACKUP_KEYS", "") or None,
        retain_days=env.int(f"{prefix}_RETAIN_DAYS", 365, validate=Range(min=1)),
        port=port,
        office=office_settings.read(env, prefix),
    )


def _words(env: FileAwareEnv, name: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in env.str(name, "").split(",") if word.strip())


def _kept_secrets(data_dir: Path) -> dict[str, str]:
    """Sandbox mode's own secrets, made once a data folder; of two processes that start at once the first one's count."""
    path = data_dir / "secrets.json"
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = {f"{name.upper()}_ENCRYPTION_KEYS": new_encryption_key() for name in SERVICES}
        fresh |= {f"{name.upper()}_INDEX_KEY": new_index_key() for name in SERVICES}
        # Not the process's number: containers that share the folder may each be number 1.
        mine = data_dir / f"secrets.{secrets.token_hex(8)}.json"
        mine.touch(mode=0o600)
        mine.write_text(json.dumps(fresh, indent=1))
        with contextlib.suppress(FileExistsError):
            os.link(mine, path)
        mine.unlink()
    return cast(dict[str, str], json.loads(path.read_text()))


def _check(settings: Settings) -> None:
    """What each mode refuses, so that a mistake cannot text somebody."""
    if settings.duty_number and not E164.fullmatch(settings.duty_number):
        raise SettingsError("HEED_DUTY_NUMBER: one number in E.164, like +447…")
    if settings.mode == "live" and not settings.duty_number:
        raise SettingsError(
            "HEED_DUTY_NUMBER: live mode needs a mobile that is answered at every hour: people text when they are in danger"
        )
    alerts_wrong = alert_settings.wrong(settings.alerts, outside=settings.mode != "sandbox")
    if alerts_wrong:
        raise SettingsError(alerts_wrong)
    if settings.redis_url:
        _check_address("REDIS_URL", settings.redis_url, "redis", "rediss", "unix")
    for service in settings.services.values():
        if service.database_url:
            variable = f"{service.name.upper()}_DATABASE_URL"
            _check_address(variable, service.database_url, "postgresql", "postgres", "postgresql+psycopg")
        _check_keys(service)
        _check_sender(service)
        _check_office(service)
    _check_apart(list(settings.services.values()))
    parts = urlsplit(settings.carrier_url)
    on_this_machine = parts.hostname in LOOPBACK_HOSTS
    if settings.mode == "sandbox":
        if not on_this_machine and parts.hostname != "sandbox":
            raise SettingsError(
                "TWILIO_API_BASE_URL: sandbox mode only talks to a carrier on this machine (127.0.0.1, localhost) or the "
                "compose service named sandbox; set HEED_MODE=trial or live for a real carrier"
            )
        return
    if parts.scheme != "https" and not on_this_machine:
        raise SettingsError(
            f"TWILIO_API_BASE_URL: {settings.mode} mode sends the account's token and people's numbers there: give an https address"
        )
    if not settings.account_sid or settings.account_sid == SANDBOX_ACCOUNT_SID:
        raise SettingsError(f"TWILIO_ACCOUNT_SID: {settings.mode} mode needs the account's own SID")
    if not settings.auth_tokens or SANDBOX_AUTH_TOKEN in settings.auth_tokens:
        raise SettingsError(f"TWILIO_AUTH_TOKENS: {settings.mode} mode needs the account's own token")
    if settings.mode == "trial" and not (
        settings.trial_numbers and all(E164.fullmatch(number) for number in settings.trial_numbers)
    ):
        raise SettingsError(
            "HEED_TRIAL_NUMBERS: trial mode sends only to the numbers listed here (E.164 like +447…, with commas between)"
        )
    if settings.mode == "live" and not settings.redis_url:
        raise SettingsError("REDIS_URL: live mode refuses embedded stores; point it at a server")
    for service in settings.services.values():
        _check_outside(service, settings.mode)


def _check_address(variable: str, url: str, *schemes: str) -> None:
    """A store's address names the right kind of server. It may hold a password, so it is not quoted."""
    if url.partition("://")[0] not in schemes:
        raise SettingsError(f"{variable}: not the address of such a server: write {schemes[0]}://host:port/…")


def _check_sender(service: ServiceSettings) -> None:
    """Evidence at the carrier is found by sender: a pool of them (a messaging service's MG… sid) sends from whichever it likes."""
    if service.sender and not SENDER.fullmatch(service.sender):
        raise SettingsError(
            f"{service.name.upper()}_SENDER: give a number like +447…, a short code, or a name of at most 11 letters, digits and "
            "spaces; a messaging service cannot be the sender"
        )


def _check_office(service: ServiceSettings) -> None:
    """Whoever vouches for people is named in full, or not at all."""
    why = service.office and office_settings.wrong(service.office, service.name.upper(), ROLES[service.name])
    if why:
        raise SettingsError(why)


def _check_keys(service: ServiceSettings) -> None:
    """A malformed key is found at the start, not with the first text that needs it."""
    variable = f"{service.name.upper()}_ENCRYPTION_KEYS"
    try:
        Cipher.from_setting(service.encryption_keys)
        variable = f"{service.name.upper()}_INDEX_KEY"
        BlindIndex.from_setting(service.index_key)
        variable = f"{service.name.upper()}_BACKUP_KEYS"
        if service.backup_keys:
            Cipher.from_setting(service.backup_keys)
    except CryptoError as error:
        raise SettingsError(f"{variable}: {error}") from None


def _check_apart(services: Sequence[ServiceSettings]) -> None:
    """Criminal-justice data and public opinion share no database, sender or key."""
    if len(services) < 2:
        return
    one, other = services
    prefix = other.name.upper()
    if one.database_url and one.database_url == other.database_url:
        raise SettingsError("REMINDERS_DATABASE_URL and CONSULTATION_DATABASE_URL must be two databases")
    if one.sender and one.sender == other.sender:
        raise SettingsError(
            f"{prefix}_SENDER: the other service sends from it; each needs a number of its own"
        )
    if _key_material(one) & _key_material(other):
        raise SettingsError(
            f"{prefix}_ENCRYPTION_KEYS: the other service has one of these keys; each needs keys of its own"
        )
    if one.index_key == other.index_key:
        raise SettingsError(f"{prefix}_INDEX_KEY: the other service has this key; each needs one of its own")


def _key_material(service: ServiceSettings) -> set[str]:
    keys = f"{service.encryption_keys},{service.backup_keys or ''}"
    return {part.partition(":")[2].strip() for part in keys.split(",")} - {""}


def _check_outside(service: ServiceSettings, mode: Mode) -> None:
    """A service's own settings where real people are texted."""
    prefix = service.name.upper()
    if mode == "live" and not service.database_url:
        raise SettingsError(f"{prefix}_DATABASE_URL: live mode refuses embedded stores; point it at a server")
    if not service.sender or service.sender in SANDBOX_SENDERS.values():
        raise SettingsError(f"{prefix}_SENDER: {mode} mode needs the number or name that texts come from")
    if not service.public_url.startswith("https://"):
        raise SettingsError(f"{prefix}_PUBLIC_URL: {mode} mode needs the https address the carrier calls")


def new_encryption_key(key_id: str = "k1") -> str:
    """A fresh AES-256 key in the form that *_ENCRYPTION_KEYS takes."""
    return f"{key_id}:{base64.b64encode(secrets.token_bytes(32)).decode()}"


def new_index_key() -> str:
    """A fresh key in the form that *_INDEX_KEY takes."""
    return base64.b64encode(secrets.token_bytes(32)).decode()
