"""What the outside says: the public address with its certificate, a webhook as the carrier would send it, and the carrier itself."""

import re
import ssl
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.client import HTTPSConnection
from urllib.parse import urlsplit

import requests
from requests.utils import get_auth_from_url, get_environ_proxies, prepend_scheme_if_needed, select_proxy
from urllib3.util import make_headers

from services.common.carrier import CarrierUnreachable
from services.common.context import Heed
from services.common.fitness.facts import Fact, fail, ok, warn
from services.common.signature import HEADER, sign

PATIENCE = 10.0
CERTIFICATE_SOON, CERTIFICATE_NOW = 21, 3  # days
SAME_PLACE = "see docs/operations.md, 'A webhook is refused with bad-signature'"
# A token of the right shape that no attempt has: the answer is 204, and nothing changes.
NOBODYS, NO_SID = "heed-check-of-the-webhook", "SM" + "0" * 32


def facts(heed: Heed) -> Iterator[Fact]:
    """The facts, one by one."""
    yield _certificate(heed)
    yield (
        ok("webhook", "none comes in: the carrier is asked instead")
        if heed.settings.pull_only
        else _webhook(heed)
    )
    yield _carrier(heed)


def _certificate(heed: Heed) -> Fact:
    parts, variable = urlsplit(heed.config.public_url), f"{heed.service.upper()}_PUBLIC_URL"
    if parts.scheme != "https":
        return ok("tls", "plain http, which sandbox mode allows")
    try:
        days = days_left(parts.hostname or "", parts.port or 443)
    except ssl.SSLCertVerificationError as error:
        return fail(
            "tls",
            f"its certificate is not good: {error.verify_message}",
            f"mend the certificate of {variable}",
        )
    except OSError as error:
        return fail("tls", f"no connection ({type(error).__name__})", f"start the proxy, or mend {variable}")
    said = f"the certificate is good for {days} days"
    if days < CERTIFICATE_NOW:
        return fail("tls", said, "renew it now")
    return warn("tls", said, "renew it") if days < CERTIFICATE_SOON else ok("tls", said)


def days_left(host: str, port: int) -> int:
    """How long the certificate of a host is good for, looked at by way of the proxy that all else goes by. Raises OSError, and its kind
    ssl.SSLCertVerificationError."""
    address = f"https://{host}:{port}"
    proxy = select_proxy(address, get_environ_proxies(address))
    first = urlsplit(prepend_scheme_if_needed(proxy, "http") if proxy else address)
    connection = HTTPSConnection(
        first.hostname or host, first.port, timeout=PATIENCE, context=ssl.create_default_context()
    )
    if proxy:
        user = ":".join(get_auth_from_url(first.geturl()))
        connection.set_tunnel(host, port, make_headers(proxy_basic_auth=user) if first.username else {})
    with closing(connection):
        connection.connect()
        certificate = connection.sock.getpeercert() or {}
    return int((ssl.cert_time_to_seconds(str(certificate["notAfter"])) - time.time()) // 86400)


def _webhook(heed: Heed) -> Fact:
    """A callback about no text of ours, signed as the carrier signs, to the address that the carrier calls."""
    url = f"{heed.config.public_url}/twilio/status/{NOBODYS}"
    form = {"AccountSid": heed.settings.account_sid, "MessageSid": NO_SID, "MessageStatus": "sent"}
    signature = {HEADER: sign(heed.settings.auth_tokens[0], url, form)}
    try:
        answer = requests.post(url, data=form, headers=signature, timeout=PATIENCE, allow_redirects=False)
    except requests.RequestException as error:
        return fail(
            "webhook",
            f"cannot be reached ({type(error).__name__})",
            "start web and the proxy; open the way to it",
        )
    if answer.status_code == 204:
        return ok("webhook", "a signed callback to the public address was taken")
    said = re.search(r'"error": ?"([a-z-]+)"', answer.text[:2000])
    return fail(
        "webhook", f"answers {answer.status_code} {said.group(1) if said else ''}".strip(), SAME_PLACE
    )


def _carrier(heed: Heed) -> Fact:
    now = datetime.now(UTC)
    try:
        next(heed.carrier.pages(now - timedelta(minutes=1), now, sender=heed.config.sender), None)
    except CarrierUnreachable as error:
        do = "look at TWILIO_ACCOUNT_SID, the first of TWILIO_AUTH_TOKENS, and the way out to the carrier"
        return fail("carrier", f"does not answer ({error})", do)
    return ok("carrier", "knows the account and answers")
