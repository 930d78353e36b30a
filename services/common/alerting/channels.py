"""The ways out of the house: mail by SMTP, a signed webhook, a text to the duty number by way of the outbox.

Each answers in a word what the other side said, or raises NotTold with one.
"""

import smtplib
import ssl
import time
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import make_msgid

import requests

from services.common import clock, duty_number
from services.common.alert_settings import Alerts
from services.common.alerting.message import SIGNATURE, Message, sign
from services.common.context import Heed

PATIENCE = 10.0  # seconds for each step of a conversation
ALARM = "alarm"
EMAIL, WEBHOOK, TEXT = "email", "webhook", "text"


class NotTold(Exception):
    """The other side did not take it; the message says in a word why, and holds no address."""


Channel = Callable[[Heed, Message, int], str]


def configured(heed: Heed) -> dict[str, Channel]:
    """The channels that are set, by name."""
    alerts, found = heed.settings.alerts, dict[str, Channel]()
    if alerts.email:
        found[EMAIL] = lambda heed, message, n: mail(heed.settings.alerts, message)
    if alerts.webhook:
        found[WEBHOOK] = lambda heed, message, n: post(heed.settings.alerts, message)
    if heed.settings.duty_number:
        found[TEXT] = text
    return found


def mail(alerts: Alerts, message: Message) -> str:
    """Send it by SMTP. Raises NotTold."""
    letter = EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = message.title, alerts.mail_from, ", ".join(alerts.email)
    letter["Message-ID"] = make_msgid(domain=alerts.mail_from.rpartition("@")[2])
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(message.words)
    try:
        with _server(alerts) as server:
            if alerts.mail_tls == "starttls":
                server.starttls(context=ssl.create_default_context())
            if alerts.mail_user:
                server.login(alerts.mail_user, alerts.mail_password)
            refused = server.send_message(letter)
    except smtplib.SMTPResponseException as error:
        raise NotTold(f"SMTP {error.smtp_code}") from None
    except (smtplib.SMTPException, OSError) as error:
        raise NotTold(type(error).__name__) from None
    return f"taken, but for {len(refused)} addresses" if refused else "taken"


def _server(alerts: Alerts) -> smtplib.SMTP:
    if alerts.mail_tls == "tls":
        return smtplib.SMTP_SSL(
            alerts.mail_host, alerts.mail_port, timeout=PATIENCE, context=ssl.create_default_context()
        )
    return smtplib.SMTP(alerts.mail_host, alerts.mail_port, timeout=PATIENCE)


def post(alerts: Alerts, message: Message) -> str:
    """POST it as JSON, signed where a key is set; a proxy of the environment is honoured. Raises NotTold."""
    body = message.json
    headers = {"Content-Type": "application/json"}
    if alerts.webhook_key:
        headers[SIGNATURE] = sign(alerts.webhook_key, body, int(time.time()))
    try:
        answer = requests.post(
            alerts.webhook, data=body, headers=headers, timeout=PATIENCE, allow_redirects=False
        )
    except requests.RequestException as error:
        raise NotTold(type(error).__name__) from None
    if not 200 <= answer.status_code < 300:
        raise NotTold(f"HTTP {answer.status_code}")
    return f"HTTP {answer.status_code}"


def text(heed: Heed, message: Message, n: int) -> str:
    """Owe the duty number a text: which alarm, and nothing else."""
    code, number = message.alarm["code"], message.alarm["id"]
    words = (
        f"Heed {heed.service}: a test of alarms, nothing is wrong"
        if message.test
        else f"Heed {heed.service}: alarm {code}. heed queue acknowledge {number} --service {heed.service}"
    )
    with heed.database.begin() as session:
        now = clock.now(session)
        about = f"test:{int(now.timestamp())}" if message.test else f"{number}:{n}"
        duty_number.owe(heed, session, ALARM, about, number, code, words, now)
    return "in the outbox"
