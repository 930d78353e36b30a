"""Pages for people who are signed in: each view names the one scope it needs, as a machine's call does."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar
from urllib.parse import urlencode

from flask import Response, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from services.common.accounts import sessions
from services.common.context import Heed
from services.common.roles import scopes_of
from services.common.web import csrf
from services.common.web.auth import heed, open_to_all
from services.common.web.errors import fail

P = ParamSpec("P")
R = TypeVar("R")

SIGNED_IN = "signed-in"  # a page of one's own: every account may open it, and no key
SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Person:
    """Who looks at a page: their account, what their roles allow, and the session that they sit in."""

    user_id: int
    name: str
    scopes: frozenset[str]
    session_id: int
    must_change: bool
    has_second_factor: bool

    @property
    def actor(self) -> str:
        """The name that the audit log keeps."""
        return f"person:{self.name}"


def page(scope: str) -> Callable[[Callable[P, R]], Callable[P, R | AnyResponse]]:
    """Show a page only to somebody whose roles have this scope; they are `g.caller`. Forms are checked before the view."""

    def decorate(view: Callable[P, R]) -> Callable[P, R | AnyResponse]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | AnyResponse:
            person = present()
            if person is None:
                return redirect(f"/sign-in?{urlencode({'next': request.full_path.rstrip('?')})}", 303)
            if request.method not in SAFE:
                csrf.check(cookie())
            g.caller = person
            if request.blueprint != "account":  # where one does what is asked for here
                if person.must_change:
                    return redirect("/account/password", 303)
                if heed().settings.mode == "live" and not person.has_second_factor:
                    return redirect("/account/second-factor", 303)
            if scope not in (SIGNED_IN, *person.scopes):
                fail(
                    403,
                    "missing-scope",
                    "Your account may not open this page; an administrator can change what it may do.",
                )
            return view(*args, **kwargs)

        guarded.heed_scope = scope  # type: ignore[attr-defined] # read by the meta-test
        guarded.heed_page = True  # type: ignore[attr-defined]
        return guarded

    return decorate


def open_page(why: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a page that nobody need be signed in for, and say why."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        view.heed_page = True  # type: ignore[attr-defined]
        return open_to_all(why)(view)

    return decorate


def present() -> Person | None:
    """Who is signed in on this browser, or None."""
    token = cookie()
    if not token:
        return None
    with heed().database.begin() as session:
        found = sessions.find(session, token)
    if found is None:
        return None
    one, user = found
    return Person(
        user.id,
        user.login,
        scopes_of(heed().service, user.roles),
        one.id,
        user.must_change,
        # Whoever vouches for somebody without a password here asks for their second factor too.
        user.second_factor_enc is not None or user.password_hash is None,
    )


def cookie() -> str:
    """The token that this browser sent, of a session or of the sign-in page before it."""
    return request.cookies.get(cookie_name(heed()), "")


def set_cookie(response: Response, token: str) -> None:
    """Give the browser a token: for this service's pages only, out of reach of scripts and of other sites' forms."""
    response.set_cookie(
        cookie_name(heed()), token, path="/", httponly=True, secure=over_tls(heed()), samesite="Lax"
    )


def form_token() -> str:
    """What a form of this browser carries; a browser without any token gets one with the answer (see `lend_cookie`)."""
    if not cookie() and "lent" not in g:
        g.lent = secrets.token_urlsafe(32)
    return csrf.token(cookie() or g.lent)


def lend_cookie(response: Response) -> Response:
    """After a request: give a browser the token from which its form's was made."""
    if "lent" in g and not any(cookie_name(heed()) in one for one in response.headers.getlist("Set-Cookie")):
        set_cookie(response, g.lent)
    return response


def cookie_name(service: Heed) -> str:
    """Its own for each service: browsers share cookies between the ports of one machine. `__Host-` binds it to the address."""
    return f"__Host-heed-{service.service}" if over_tls(service) else f"heed-{service.service}"


def over_tls(service: Heed) -> bool:
    """Whether browsers reach this service by TLS."""
    return service.config.public_url.startswith("https://")
