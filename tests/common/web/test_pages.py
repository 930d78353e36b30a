"""Pages for people who are signed in: who gets in, what a form must carry, and what each sees."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from services.common import audit, clock, stops
from services.common.accounts import passwords, sessions, users
from services.common.context import Heed
from services.common.models import Audit, User, UserSession

NEW = "violet tractor pelican"


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real ones are slow on purpose; tests/common/accounts keeps them."""
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    passwords._nobodys.cache_clear()


class Browser:
    """A browser on one site: it keeps its cookie and sends what forms hold."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path, headers={"Accept": "text/html"}, **more)

    def token(self, path: str = "/sign-in") -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(path).text)
        assert found
        return found[1]

    def post(self, path: str, page: str = "/account", **fields: str) -> TestResponse:
        token = fields.pop("csrf_token", None) or self.token(page)
        return self.client.post(path, data={"csrf_token": token, **fields}, headers={"Accept": "text/html"})

    def sign_in(self, name: str, password: str, digits: str = "", **more: str) -> TestResponse:
        return self.post("/sign-in", "/sign-in", name=name, password=password, digits=digits, **more)


@pytest.fixture
def browser(reminders: Heed, sites: Any) -> Browser:
    return Browser(sites["reminders"].app.test_client())


@pytest.fixture
def account(reminders: Heed) -> Callable[..., tuple[str, str]]:
    """Makes an account whose password its owner has chosen."""

    def make(name: str = "eva", *roles: str) -> tuple[str, str]:
        with reminders.database.begin() as session:
            first = users.add(session, "reminders", name, roles or ("operator",), "test")
            user = users.the(session, name)
            assert users.change_password(session, user, first, NEW) is None
        return name, NEW

    return make


def acts(heed: Heed) -> list[str]:
    with heed.database.begin() as session:
        assert list(audit.verify(session)) == []
        return list(session.scalars(select(Audit.act).order_by(Audit.id)))


def test_nobody_sees_a_page_before_signing_in(browser: Browser) -> None:
    for path in ("/", "/account", "/sending/stop", "/account/password"):
        answer = browser.get(path)
        assert answer.status_code == 303
        assert answer.location.startswith("/sign-in?next=")


def test_signing_in_and_out(reminders: Heed, browser: Browser, account: Any) -> None:
    name, password = account()
    answer = browser.sign_in(name.upper(), password, next="/account")
    assert (answer.status_code, answer.location) == (303, "/account")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    page = browser.get("/")
    assert page.status_code == 200
    assert "Sign out" in page.text
    assert browser.post("/sign-out").location == "/sign-in"
    assert browser.get("/").status_code == 303
    assert acts(reminders) == ["user-added", "password-changed", "signed-in"]


def test_a_first_password_is_changed_before_anything_else(reminders: Heed, browser: Browser) -> None:
    with reminders.database.begin() as session:
        first = users.add(session, "reminders", "eva", ["operator"], "test")
    browser.sign_in("eva", first)
    for path in ("/", "/sending/stop"):
        assert browser.get(path).location == "/account/password"
    for old, new, again, words in (
        ("wrong", NEW, NEW, "present password is not right"),
        (first, NEW, NEW + "x", "not the same"),
        (first, "short", "short", "at least 12 characters"),
        (first, "password1234", "password1234", "easily guessed"),
        (first, "hertfordshire eva", "hertfordshire eva", "easily guessed"),
        (first, first, first, "present one"),
    ):
        page = browser.post("/account/password", "/account/password", old=old, new=new, again=again)
        assert page.status_code == 200
        assert words in page.text
    assert (
        browser.post("/account/password", "/account/password", old=first, new=NEW, again=NEW).status_code
        == 303
    )
    assert browser.get("/sending/stop").status_code == 200


@pytest.mark.parametrize("name", ["eva", "nobody"])
def test_a_refusal_does_not_tell_which_part_was_wrong(browser: Browser, account: Any, name: str) -> None:
    account()
    page = browser.sign_in(name, "not the password at all")
    assert page.status_code == 403
    assert "Name, password or digits are not right." in page.text


def test_wrong_passwords_make_an_account_wait_ever_longer(
    reminders: Heed, browser: Browser, account: Any
) -> None:
    name, password = account()
    for _ in range(4):
        assert "not right" in browser.sign_in(name, "wrong wrong wrong").text
    assert "Too many wrong attempts" in browser.sign_in(name, password).text
    with reminders.database.begin() as session:
        user = users.the(session, name)
        assert user.try_again_at is not None
        assert user.try_again_at - clock.wall(session) <= timedelta(seconds=15)
        user.try_again_at = clock.wall(session)
    assert browser.sign_in(name, password).status_code == 303
    with reminders.database.begin() as session:
        assert users.the(session, name).failures == 0


def test_the_digits_of_an_app_are_asked_for_and_count_once(
    reminders: Heed, browser: Browser, account: Any
) -> None:
    name, password = account()
    browser.sign_in(name, password)
    page = browser.get("/account/second-factor").text
    found = re.search(r'name="secret" value="([A-Z2-7]{32})"', page)
    assert found
    app = pyotp.TOTP(found[1])
    wrong = browser.post("/account/second-factor", secret=found[1], digits="000000")
    assert "not the digits" in wrong.text
    assert found[1] in wrong.text  # the app need not be set up anew
    digits = app.now()
    assert browser.post("/account/second-factor", secret=found[1], digits=digits).location == "/account"
    browser.post("/sign-out")
    assert "six digits" in browser.sign_in(name, password).text
    assert "not right" in browser.sign_in(name, password, digits).text  # used when the app was added
    with reminders.database.begin() as session:
        session.execute(update(User).values(second_factor_step=0, failures=0))
    assert browser.sign_in(name, password, f"{digits[:3]} {digits[3:]}").status_code == 303
    assert browser.sign_in(name, password, digits).status_code == 403


@pytest.mark.parametrize("minutes", [{"seen_at": 31}, {"started_at": 12 * 60 + 1}])
def test_sessions_run_out(reminders: Heed, browser: Browser, account: Any, minutes: dict[str, int]) -> None:
    browser.sign_in(*account())
    assert browser.get("/").status_code == 200
    with reminders.database.begin() as session:
        wall = clock.wall(session)
        session.execute(
            update(UserSession).values(
                {name: wall - timedelta(minutes=many) for name, many in minutes.items()}
            )
        )
    assert browser.get("/").status_code == 303


def test_a_closed_account_is_out_at_its_next_click(reminders: Heed, browser: Browser, account: Any) -> None:
    name, password = account()
    browser.sign_in(name, password)
    with reminders.database.begin() as session:
        users.disable(session, name, "test")
    assert browser.get("/").status_code == 303
    assert browser.sign_in(name, password).status_code == 403


def test_one_session_is_ended_from_another_and_nobody_elses(
    reminders: Heed, sites: Any, browser: Browser, account: Any
) -> None:
    name, password = account()
    other, stranger = (Browser(sites["reminders"].app.test_client()) for _ in range(2))
    browser.sign_in(name, password)
    other.sign_in(name, password)
    stranger.sign_in(*account("max"))
    with reminders.database.begin() as session:
        theirs = [one.id for one in sessions.live(session, users.the(session, name).id)]
    assert stranger.post(f"/account/sessions/{theirs[0]}/end").status_code == 404
    assert other.get("/").status_code == 200
    assert browser.post(f"/account/sessions/{theirs[0]}/end").status_code == 303
    assert other.get("/").status_code == 303
    assert browser.get("/").status_code == 200


def test_a_token_planted_before_signing_in_is_worth_nothing_after(browser: Browser, account: Any) -> None:
    browser.get("/sign-in")
    before = browser.client.get_cookie("heed-reminders")
    browser.sign_in(*account())
    after = browser.client.get_cookie("heed-reminders")
    assert before and after and before.value != after.value
    browser.client.set_cookie("heed-reminders", before.value)
    assert browser.get("/").status_code == 303


@pytest.mark.parametrize("token", ["x", "é"])
def test_a_form_from_elsewhere_is_refused(
    reminders: Heed, browser: Browser, account: Any, token: str
) -> None:
    assert browser.post("/sign-in", csrf_token=token, name="eva", password=NEW).status_code == 403
    browser.sign_in(*account())
    refused = browser.post("/sending/stop", csrf_token=token, reason="mischief")
    assert refused.status_code == 403
    assert "out of date" in refused.text
    right = browser.token("/account")
    for site in ("cross-site", "same-site"):
        answer = browser.client.post(
            "/sending/stop", data={"csrf_token": right, "reason": "x"}, headers={"Sec-Fetch-Site": site}
        )
        assert answer.status_code == 403
    with reminders.database.begin() as session:
        assert stops.standing(session) == []


@pytest.mark.parametrize(
    "address", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", "/ x"]
)
def test_signing_in_leads_to_our_own_pages_only(browser: Browser, account: Any, address: str) -> None:
    assert browser.sign_in(*account(), next=address).location == "/"


def test_stopping_takes_two_clicks_and_another_person_to_undo(
    reminders: Heed, sites: Any, browser: Browser, account: Any
) -> None:
    browser.sign_in(*account())
    assert "Texts go out" in browser.get("/").text
    assert "Say why" in browser.post("/sending/stop", reason=" ").text
    assert "without a telephone number" in browser.post("/sending/stop", reason="ring 07700900123").text
    assert browser.post("/sending/stop", reason="wrong <b>wording</b>").location == "/"
    page = browser.get("/").text
    assert "Sending is stopped" in page
    assert "wrong &lt;b&gt;wording&lt;/b&gt;" in page
    assert browser.post("/sending/resume").status_code == 409
    other = Browser(sites["reminders"].app.test_client())
    other.sign_in(*account("max", "duty"))
    assert other.post("/sending/resume").location == "/"
    assert "Texts go out" in browser.get("/").text


def test_a_role_sees_its_own_and_no_more(browser: Browser, account: Any) -> None:
    browser.sign_in(*account("eva", "evaluator"))
    page = browser.get("/").text
    assert "Stop all sending" not in page
    assert "Alarms" not in page
    refused = browser.get("/sending/stop")
    assert refused.status_code == 403
    assert "Your account may not open this page" in refused.text
    assert browser.get("/no/such/page").status_code == 404


@pytest.mark.parametrize("changes", [{"public_url": "https://reminders.example.org"}])
def test_behind_tls_cookies_are_bound_to_the_address(browser: Browser) -> None:
    answer = browser.get("/sign-in")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert answer.headers["Set-Cookie"].startswith("__Host-heed-reminders=")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "Path=/" in answer.headers["Set-Cookie"]


def test_no_page_holds_a_script_or_anything_from_elsewhere(browser: Browser, account: Any) -> None:
    browser.sign_in(*account())
    for path in ("/", "/account", "/account/password", "/account/second-factor", "/sending/stop"):
        answer = browser.get(path)
        assert answer.status_code == 200, path
        assert "<script" not in answer.text
        assert " style=" not in answer.text
        assert not re.search(r'(?:src|href)="(?:https?:)?//', answer.text)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
    sheet = re.search(r'href="(/static/[^"]+)"', browser.get("/").text)
    assert sheet
    with browser.get(sheet[1]) as answer:
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert b"@font-face" not in answer.data
