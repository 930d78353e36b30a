"""Signing in by the office's own identity provider: who is let in as what, and what a forged answer comes to."""

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from services.common import alarms
from services.common.accounts import users
from services.common.context import Heed
from services.common.models import Audit, User
from services.common.office_settings import Office
from tests.support.provider import CLIENT, SECRET, Provider

ROLES = {"Heed operators": "operator", "Heed evaluators": "evaluator"}


@pytest.fixture(scope="module")
def shared() -> Iterator[Provider]:
    provider = Provider()
    yield provider
    provider.place.stop()


@pytest.fixture
def provider(shared: Provider) -> Provider:
    shared.claims = {"sub": "0-1", "preferred_username": "J.Smith", "groups": ["Heed operators", "Everybody"]}
    shared.said, shared.signed_by, shared.broken = {}, "rs256", False
    shared.asked.clear()
    return shared


@pytest.fixture
def heed(open_service: Callable[..., Heed], provider: Provider) -> Heed:
    return open_service("reminders", office=Office(provider.issuer, CLIENT, SECRET, "groups", ROLES))


@pytest.fixture
def client(heed: Heed, sites: Any) -> FlaskClient:
    found: FlaskClient = sites["reminders"].client()
    return found


def come_in(client: FlaskClient, provider: Provider, next_path: str = "/") -> TestResponse:
    """Follow the button, sign in at the provider, and come back."""
    leads = client.get("/sign-in/office", query_string={"next": next_path})
    assert leads.status_code == 302
    assert leads.location.startswith(f"{provider.issuer}/authorize?")
    return client.get(provider.approve(leads.location), headers={"Accept": "text/html"})


def people(heed: Heed) -> list[tuple[str, list[str]]]:
    with heed.database.begin() as session:
        return [(one.login, one.roles) for one in session.scalars(select(User).order_by(User.id))]


def test_whom_the_provider_vouches_for_is_let_in(heed: Heed, client: FlaskClient, provider: Provider) -> None:
    assert "/sign-in/office?next=%2Faccount" in client.get("/sign-in?next=/account").text
    done = come_in(client, provider, "/account")
    assert (done.status_code, done.location) == (303, "/account")
    assert client.get("/account").status_code == 200
    assert people(heed) == [("j.smith", ["operator"])]
    question, told = provider.question, provider.asked[0]
    assert (question["response_type"], question["code_challenge_method"]) == ("code", "S256")
    assert "openid" in question["scope"].split()
    assert told["redirect_uri"] == f"{heed.config.public_url}/sign-in/office/back"
    with heed.database.begin() as session:
        acts = [one.act for one in session.scalars(select(Audit).order_by(Audit.id))]
    assert acts[-2:] == ["user-added", "signed-in"]


def test_groups_say_the_roles_at_each_sign_in(heed: Heed, client: FlaskClient, provider: Provider) -> None:
    come_in(client, provider)
    provider.claims |= {"groups": ["Heed evaluators"], "preferred_username": "j.jones"}  # renamed there
    come_in(client, provider)
    assert people(heed) == [("j.smith", ["evaluator"])]
    provider.claims["groups"] = []
    refused = come_in(client, provider)
    assert refused.status_code == 403
    assert "none of your groups has a role here" in refused.text


def test_nobody_takes_over_an_account_by_its_name(
    heed: Heed, client: FlaskClient, provider: Provider
) -> None:
    with heed.database.begin() as session:
        users.add(session, "reminders", "j.smith", ["administrator"], "test")
    refused = come_in(client, provider)
    assert refused.status_code == 403
    assert "another account named j.smith" in refused.text
    assert people(heed) == [("j.smith", ["administrator"])]


def test_a_closed_account_stays_closed(heed: Heed, client: FlaskClient, provider: Provider) -> None:
    come_in(client, provider)
    with heed.database.begin() as session:
        users.disable(session, "j.smith", "test")
    assert client.get("/account").status_code == 303, "at once"
    assert come_in(client, provider).status_code == 403


def test_a_password_opens_no_account_of_the_offices(
    heed: Heed, client: FlaskClient, provider: Provider
) -> None:
    come_in(client, provider)
    with heed.database.begin() as session:
        assert users.sign_in(heed, session, "j.smith", "", "") == users.Refused("wrong")


@pytest.mark.parametrize("signed_by", ["other", "hs256", "none"])
def test_a_token_that_the_provider_did_not_sign_opens_nothing(
    heed: Heed, client: FlaskClient, provider: Provider, signed_by: str
) -> None:
    provider.signed_by = signed_by
    assert come_in(client, provider).status_code == 403
    assert people(heed) == []


@pytest.mark.parametrize(
    "said",
    [
        {"aud": "another-client"},
        {"iss": "https://elsewhere.example"},
        {"nonce": "of another attempt"},
        {"exp": int(time.time()) - 3600},
        {"iat": int(time.time()) + 3600},
    ],
    ids=lambda said: next(iter(said)),
)
def test_a_token_for_something_else_opens_nothing(
    heed: Heed, client: FlaskClient, provider: Provider, said: dict[str, Any]
) -> None:
    provider.said = said
    assert come_in(client, provider).status_code == 403
    assert people(heed) == []


def test_an_answer_that_nobody_asked_for_opens_nothing(
    heed: Heed, client: FlaskClient, sites: Any, provider: Provider
) -> None:
    leads = client.get("/sign-in/office")
    way_back = provider.approve(leads.location)
    another = sites["reminders"].client()
    assert another.get(way_back).status_code == 403, "an attempt begun in another browser"
    assert client.get(way_back.replace("state=", "state=x")).status_code == 403
    assert client.get("/sign-in/office/back?error=access_denied").status_code == 403
    assert people(heed) == []


def test_an_attempt_ends_with_its_answer(heed: Heed, client: FlaskClient, provider: Provider) -> None:
    way_back = provider.approve(client.get("/sign-in/office").location)
    assert client.get(way_back).status_code == 303
    assert client.get(way_back).status_code == 403


@pytest.mark.parametrize(
    "next_path", ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example"]
)
def test_it_leads_to_pages_of_ours_alone(client: FlaskClient, provider: Provider, next_path: str) -> None:
    assert come_in(client, provider, next_path).location == "/"


def test_a_provider_that_does_not_answer_is_said_to(client: FlaskClient, provider: Provider) -> None:
    provider.broken = True
    answer = client.get("/sign-in/office", headers={"Accept": "text/html"})
    assert answer.status_code == 503
    assert "does not answer" in answer.text


def test_without_a_provider_there_is_no_such_door(reminders: Heed, sites: Any) -> None:
    client = sites["reminders"].client()
    assert client.get("/sign-in/office").status_code == 404
    assert "office account" not in client.get("/sign-in").text


def test_a_password_of_heeds_own_is_an_alarm_where_the_office_vouches_for_people(
    heed: Heed, client: FlaskClient, provider: Provider
) -> None:
    with heed.database.begin() as session:
        password = users.add(session, "reminders", "glass", ["administrator"], "test")
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text)
    assert token
    form = {"csrf_token": token[1], "name": "glass", "password": password, "digits": ""}
    assert client.post("/sign-in", data=form).status_code == 303
    with heed.database.begin() as session:
        assert [one.code for one in alarms.sounding(session)] == ["own-password"]
