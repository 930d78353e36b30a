"""The settings of what leaves the house when something is wrong: mail, a webhook, a heartbeat. Part of `Settings`."""

from dataclasses import dataclass
from typing import Literal, cast
from urllib.parse import urlsplit

from environs import Env
from marshmallow.validate import OneOf, Range

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
Tls = Literal["starttls", "tls", "none"]
MAIL_PORTS: dict[Tls, int] = {"starttls": 587, "tls": 465, "none": 25}


@dataclass(frozen=True, slots=True, repr=False)
class Alerts:
    """Where alarms and signs of life go. Without an address a channel is off."""

    email: tuple[str, ...]
    mail_host: str
    mail_port: int
    mail_tls: Tls
    mail_user: str
    mail_password: str
    mail_from: str
    webhook: str
    webhook_key: str
    heartbeat: str
    runbook: str


def read(env: Env) -> Alerts:
    """Read them from the environment."""
    host = env.str("HEED_SMTP_HOST", "127.0.0.1")
    usual_tls = "none" if host in LOOPBACK_HOSTS else "starttls"
    tls = cast(Tls, env.str("HEED_SMTP_TLS", usual_tls, validate=OneOf(tuple(MAIL_PORTS))))
    email = tuple(one.strip() for one in env.str("HEED_ALERT_EMAIL", "").split(",") if one.strip())
    return Alerts(
        email=email,
        mail_host=host,
        mail_port=env.int("HEED_SMTP_PORT", MAIL_PORTS[tls], validate=Range(min=1, max=65535)),
        mail_tls=tls,
        mail_user=env.str("HEED_SMTP_USER", ""),
        mail_password=env.str("HEED_SMTP_PASSWORD", ""),
        mail_from=env.str("HEED_SMTP_FROM", "") or (email[0] if email else ""),
        webhook=env.str("HEED_ALERT_WEBHOOK", ""),
        webhook_key=env.str("HEED_ALERT_WEBHOOK_KEY", ""),
        heartbeat=env.str("HEED_HEARTBEAT_URL", ""),
        runbook=env.str("HEED_RUNBOOK_URL", "docs/operations.md"),
    )


def wrong(alerts: Alerts, *, outside: bool) -> str | None:
    """What cannot be, as one line that begins with the variable; `outside` is trial and live mode."""
    for address in (*alerts.email, *([alerts.mail_from] if alerts.mail_from else [])):
        if "@" not in address or any(letter.isspace() for letter in address):
            return f"HEED_ALERT_EMAIL, HEED_SMTP_FROM: {address!r} is not an e-mail address"
    if alerts.mail_tls == "none" and alerts.mail_host not in LOOPBACK_HOSTS and alerts.mail_password:
        return "HEED_SMTP_TLS: the password would travel in the clear: use starttls or tls"
    for variable, address in (
        ("HEED_ALERT_WEBHOOK", alerts.webhook),
        ("HEED_HEARTBEAT_URL", alerts.heartbeat),
    ):
        parts = urlsplit(address)
        if address and (parts.scheme not in ("http", "https") or not parts.hostname):
            return f"{variable}: give a whole address, like https://…"
        if outside and address and parts.scheme != "https" and parts.hostname not in LOOPBACK_HOSTS:
            return f"{variable}: outside sandbox mode give an https address, or one on this machine"
    return None
