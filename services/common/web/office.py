"""Signing in by the office's identity provider: OpenID Connect, code flow with PKCE. Authlib speaks the protocol.

What one attempt must remember (state, nonce, verifier) is in a signed cookie of its own, for these two addresses alone.
"""

from datetime import timedelta
from hashlib import sha256
from typing import Any, NoReturn

import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Blueprint, Flask, current_app, make_response, redirect, render_template, request
from flask import session as attempt
from joserfc.errors import JoseError
from werkzeug.wrappers import Response as AnyResponse

from services.common.accounts import office, sessions
from services.common.context import Heed
from services.common.logs import log
from services.common.office_settings import Office
from services.common.web.auth import heed
from services.common.web.errors import fail
from services.common.web.paths import own_path
from services.common.web.signed_in import open_page, set_cookie

blueprint = Blueprint("office", __name__)
LONGEST = timedelta(minutes=10)
PATIENCE = 10.0  # seconds
START, BACK = "/sign-in/office", "/sign-in/office/back"


def add_office(app: Flask, service: Heed) -> None:
    """Register the two addresses, where the settings name somebody who vouches for people."""
    given = service.config.office
    if given is None:
        return
    app.secret_key = sha256(b"heed sign-in:" + service.config.index_key.encode()).digest()
    app.config.update(
        SESSION_COOKIE_NAME=f"heed-{service.service}-attempt",
        SESSION_COOKIE_PATH=START,
        SESSION_COOKIE_SECURE=service.config.public_url.startswith("https://"),
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=LONGEST,
    )
    client = OAuth(app).register(
        "office",
        client_id=given.client_id,
        client_secret=given.client_secret,
        server_metadata_url=f"{given.issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid profile email",
            "code_challenge_method": "S256",
            "default_timeout": PATIENCE,
        },
    )
    app.extensions["heed-office"] = client, given
    app.register_blueprint(blueprint)


@blueprint.get(START)
@open_page("leads to the identity provider")
def start() -> AnyResponse:
    """Send somebody to the office's own sign-in page."""
    attempt.permanent = True
    attempt["next"] = own_path(request.args)
    try:
        leads: AnyResponse = _office()[0].authorize_redirect(f"{heed().config.public_url}{BACK}")
        return leads
    except (requests.RequestException, OAuthError, RuntimeError) as error:
        _unreachable(error)


@blueprint.get(BACK)
@open_page("checks what the identity provider says")
def back() -> AnyResponse:
    """Sign in whom the identity provider vouches for, with a session of its own whatever token the browser had before."""
    provider, given = _office()
    try:
        claims = provider.authorize_access_token().get("userinfo")
    except (OAuthError, JoseError) as error:
        log.warning("office-sign-in-refused", why=type(error).__name__)
        claims = None
    except (requests.RequestException, RuntimeError) as error:
        _unreachable(error)
    next_path = attempt.get("next", "/")
    attempt.clear()
    if not claims:
        fail(
            403,
            "not-signed-in",
            "Your office's sign-in did not come to its end. Go back to the start and try again.",
        )
    with heed().database.begin() as session:
        try:
            token, why = sessions.start(session, office.sign_in(session, given, claims)), ""
        except office.NotIn as refused:
            token, why = "", str(refused)
    if not token:
        page = render_template("sign_in.html", errors={"office": why}, name="", next=next_path, office=START)
        return make_response(page, 403)
    response = make_response(redirect(next_path, 303))
    set_cookie(response, token)
    return response


def _office() -> tuple[Any, Office]:
    found: tuple[Any, Office] = current_app.extensions["heed-office"]
    return found


def _unreachable(error: Exception) -> NoReturn:
    log.warning("office-unreachable", why=type(error).__name__)
    fail(
        503,
        "office-unreachable",
        "Your office's sign-in does not answer. Try again in a minute, or use an account of Heed's own.",
    )
