"""Signing in and out, and what somebody may do with their own account."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from services.common import alarms, clock
from services.common.accounts import second_factor, sessions, users
from services.common.models import User
from services.common.times import london, said_day, said_time
from services.common.web import csrf
from services.common.web.auth import heed
from services.common.web.errors import fail
from services.common.web.office import START
from services.common.web.paths import own_path
from services.common.web.signed_in import SIGNED_IN, cookie, open_page, page, set_cookie

blueprint = Blueprint("account", __name__)
SECRET = re.compile(r"[A-Z2-7]{32}")


@blueprint.get("/sign-in")
@open_page("the door itself")
def sign_in() -> str:
    """The form to sign in."""
    return _sign_in_page({}, request.args)


@blueprint.post("/sign-in")
@open_page("checks name, password and second factor")
def signing_in() -> AnyResponse:
    """Sign somebody in, with a session of its own whatever token the browser had before."""
    csrf.check(cookie())
    form = request.form
    with heed().database.begin() as session:
        found = users.sign_in(
            heed(), session, form.get("name", ""), form.get("password", ""), form.get("digits", "")
        )
        token = sessions.start(session, found) if isinstance(found, User) else ""
        if token and heed().config.office:
            alarms.sound(session, "own-password", "sign-in", clock.now(session))
    if isinstance(found, users.Refused):
        return make_response(_sign_in_page(_said(found), form), 403)
    response = make_response(redirect(own_path(form), 303))
    set_cookie(response, token)
    return response


@blueprint.post("/sign-out")
@page(SIGNED_IN)
def sign_out() -> AnyResponse:
    """End this session."""
    with heed().database.begin() as session:
        sessions.end(session, g.caller.user_id, g.caller.session_id)
    response: Response = make_response(redirect("/sign-in", 303))
    set_cookie(response, "")
    return response


@blueprint.get("/account")
@page(SIGNED_IN)
def own() -> str:
    """One's own account: roles, second factor, where one is signed in."""
    with heed().database.begin() as session:
        user = session.get_one(User, g.caller.user_id)
        open_now = sessions.live(session, user.id)
    rows = [
        {
            "id": one.id,
            "mine": one.id == g.caller.session_id,
            "since": _moment(one.started_at),
            "seen": _moment(one.seen_at),
        }
        for one in open_now
    ]
    return render_template("account.html", user=user, sessions=rows)


@blueprint.post("/account/sessions/<int:session_id>/end")
@page(SIGNED_IN)
def end(session_id: int) -> AnyResponse:
    """End one of one's own sessions, as on a machine one left behind."""
    with heed().database.begin() as session:
        if not sessions.end(session, g.caller.user_id, session_id):
            fail(404, "not-found", "You have no such session; it may have ended by itself.")
    return redirect("/account", 303)


@blueprint.route("/account/password", methods=["GET", "POST"])
@page(SIGNED_IN)
def password() -> AnyResponse | str:
    """Choose another password. Every session ends but a fresh one here."""
    errors: dict[str, str] = {}
    if request.method == "POST":
        form = request.form
        with heed().database.begin() as session:
            user = session.get_one(User, g.caller.user_id, with_for_update=True)
            if form.get("new") != form.get("again"):
                errors = {"again": "The two new passwords are not the same."}
            else:
                why = users.change_password(session, user, form.get("old", ""), form.get("new", ""))
                errors = {"old" if why and "present" in why else "new": why} if why else {}
            token = "" if errors else sessions.start(session, user)
        if not errors:
            response = make_response(redirect("/", 303))
            set_cookie(response, token)
            return response
    return render_template("password.html", errors=errors)


@blueprint.route("/account/second-factor", methods=["GET", "POST"])
@page(SIGNED_IN)
def factor() -> AnyResponse | str:
    """Have an authenticator app's digits asked for from now on."""
    secret, errors = request.form.get("secret", ""), {}
    if request.method == "POST" and SECRET.fullmatch(secret):
        with heed().database.begin() as session:
            user = session.get_one(User, g.caller.user_id, with_for_update=True)
            if users.use_second_factor(heed(), session, user, secret, request.form.get("digits", "")):
                return redirect("/account", 303)
        errors = {
            "digits": "These are not the digits that the app shows now. Check the phone's clock and try the next ones."
        }
    else:
        secret = second_factor.fresh_secret()
    return render_template(
        "second_factor.html",
        errors=errors,
        secret=secret,
        address=second_factor.address(secret, g.caller.name, heed().service),
    )


def _sign_in_page(errors: Mapping[str, str], given: Mapping[str, str]) -> str:
    path = own_path(given)
    office = f"{START}?{urlencode({'next': path})}" if heed().config.office else ""
    return render_template(
        "sign_in.html", errors=errors, name=given.get("name", ""), next=path, office=office
    )


def _said(refused: users.Refused) -> dict[str, str]:
    if refused.why == "wait" and refused.until:
        until = said_time(refused.until)
        return {
            "password": f"Too many wrong attempts. Try again after {until}, or ask an administrator to reset the account."
        }
    if refused.why == "digits":
        return {"digits": "Enter the six digits that your authenticator app shows, and the password again."}
    return {"password": "Name, password or digits are not right."}


def _moment(at: Any) -> str:
    """ "Wed 23 Sep, 10.30am", in London."""
    return f"{said_day(at)}, {said_time(london(at))}"
