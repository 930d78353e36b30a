"""One sentence about what was just done: shown on the next page and forgotten. The browser keeps it in between, signed for its session."""

import base64
import hmac

from flask import Response, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from services.common.web.auth import heed
from services.common.web.signed_in import cookie, cookie_name, over_tls

KEPT = 60  # seconds between the form and the page that says it


def done(address: str, words: str) -> AnyResponse:
    """After a form: on to a page of ours, which says these words once. They name nobody: they pass through the browser."""
    response = redirect(address, 303)
    _set(response, f"{_encoded(words)}.{_signature(words)}", KEPT)
    return response


def words() -> str | None:
    """What there is to say on this page, said once."""
    if "said" not in g:
        g.said = _read(request.cookies.get(_name(), ""))
    return str(g.said) if g.said else None


def forget(response: Response) -> Response:
    """After a request: what was said is not said again."""
    if g.get("said"):
        _set(response, "", 0)
    return response


def _read(kept: str) -> str | None:
    encoded, _, signature = kept.partition(".")
    try:
        said = base64.urlsafe_b64decode(encoded).decode()
    except ValueError:
        return None
    return said if said and hmac.compare_digest(signature.encode(), _signature(said).encode()) else None


def _encoded(said: str) -> str:
    return base64.urlsafe_b64encode(said.encode()).decode()


def _signature(said: str) -> str:
    """Nobody who cannot read the session's cookie can put words on a page."""
    return hmac.digest(cookie().encode(), b"heed said " + said.encode(), "sha256").hex()


def _name() -> str:
    return f"{cookie_name(heed())}-said"


def _set(response: AnyResponse, value: str, age: int) -> None:
    response.set_cookie(
        _name(), value, max_age=age, path="/", httponly=True, secure=over_tls(heed()), samesite="Lax"
    )
