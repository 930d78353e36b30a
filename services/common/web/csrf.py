"""Forms that only our own pages can send: each carries a token made from the cookie of the browser that asked for it."""

import base64
import hmac

from flask import Request, request

from services.common.web.errors import fail

FIELD = "csrf_token"


def token(cookie: str) -> str:
    """What a form carries; nobody who cannot read the cookie can make it."""
    return base64.urlsafe_b64encode(hmac.digest(cookie.encode(), b"heed form", "sha256")).decode().rstrip("=")


def check(cookie: str) -> None:
    """Refuse a form that did not come from a page given to this browser."""
    given = request.form.get(FIELD, "")
    if not cookie or not hmac.compare_digest(given.encode(), token(cookie).encode()) or _elsewhere(request):
        fail(
            403, "stale-form", "This form is out of date. Go back, load the page again and send it once more."
        )


def _elsewhere(asked: Request) -> bool:
    """Whether the browser itself says that another site sent this."""
    return asked.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none")
