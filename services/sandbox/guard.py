"""Who may ask the sandbox for what: headers for every page, and the doors that only this machine may open."""

import hmac
import ipaddress
from urllib.parse import urlsplit

from flask import Response, abort, request

from services.sandbox.config import Config

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": that would make a browser send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def require_same_origin() -> None:
    """403 for a form that another site's page sent. Programs send neither header and may pass."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None and site not in {"same-origin", "none"}:
        abort(403)
    if origin is not None and urlsplit(origin).netloc != request.host:
        abort(403)


def knows_account(config: Config) -> bool:
    """Whether the caller gave the account's sid and any of its tokens: both work while one is being replaced."""
    given = request.authorization
    name, password = (given.username or "", given.password or "") if given else ("", "")
    knows_token = [hmac.compare_digest(token.encode(), password.encode()) for token in config.auth_tokens]
    return hmac.compare_digest(name.encode(), config.account_sid.encode()) and any(knows_token)


def require_loopback(config: Config) -> None:
    """403 unless the caller is on this machine and calls it by a local name, or knows the account (another container).

    The name is asked for because a web page may point its own host name at 127.0.0.1 and then read the answers.
    """
    if knows_account(config):
        return
    try:
        is_local = ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        is_local = False
    if not is_local or urlsplit(f"//{request.host}").hostname not in LOCAL_NAMES:
        abort(403)
