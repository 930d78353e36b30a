"""Who may call what: machines by `Authorization: Bearer <key>`, each view naming the one scope it needs."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Flask, g, request

from services.common import keys
from services.common.context import Heed
from services.common.web.errors import fail

P = ParamSpec("P")
R = TypeVar("R")

# Views that carry no key, each with its own check or nothing to protect. A meta-test holds every other route to `requires`.
OPEN = "open"


def requires(scope: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a view be called only with a live key that has this scope; the caller is `g.caller`."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            g.caller = _caller(scope)
            return view(*args, **kwargs)

        guarded.heed_scope = scope  # type: ignore[attr-defined] # read by the meta-test and the API page
        return guarded

    return decorate


def open_to_all(why: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a view that needs no key, and say why."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        view.heed_scope = OPEN  # type: ignore[attr-defined]
        view.heed_open_because = why  # type: ignore[attr-defined]
        return view

    return decorate


def _caller(scope: str) -> keys.Caller:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key:
        fail(401, "unauthenticated", "Send the key as 'Authorization: Bearer <key>'.")
    with heed().database.begin() as session:
        caller = keys.caller(session, key.strip())
    if caller is None:
        fail(401, "unauthenticated", "This key is not known or was revoked; `heed keys add` makes a new one.")
    if scope not in caller.scopes:
        fail(
            403,
            "missing-scope",
            f"This key lacks the scope {scope}; `heed keys add --scope {scope}` makes one that has it.",
        )
    return caller


def heed() -> Heed:
    """The service behind the current request."""
    return of(None)


def of(app: Flask | None) -> Heed:
    """The service behind an application, the current one by default."""
    from flask import current_app  # noqa: PLC0415 - a proxy that exists only inside a request

    extensions: dict[str, Any] = (app or current_app).extensions
    service: Heed = extensions["heed"]
    return service
