"""Every route has a key's scope or a stated reason; every scope that a route needs is listed, and none besides."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from services.common.accounts import sessions, users
from services.common.roles import ROLES
from services.common.scopes import SCOPES, SHARED
from services.common.settings import SERVICES, ServiceName
from services.common.web import csrf, signed_in
from services.common.web.auth import OPEN
from services.common.web.signed_in import SIGNED_IN

# Routes that libraries register: they hold no data, and their views cannot be marked.
LIBRARIES = {
    "public_form.static": "the style sheet of the public form",
    "api-docs.openapi_json": "the API's description, as on /docs",
    "api_page.static": "the style sheet of /docs",
    "look.static": "the style sheet of the pages",
    "pages.static": "the style sheets of the handsets",
}


@pytest.fixture(params=SERVICES)
def app(request: pytest.FixtureRequest, open_service: Any, sites: Any) -> Flask:
    open_service(request.param)
    found: Flask = sites[request.param].app
    return found


def service_of(app: Flask) -> ServiceName:
    service: ServiceName = app.extensions["heed"].service
    return service


def test_every_route_has_authentication_or_a_reason(app: Flask) -> None:
    seen = 0
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        scope = getattr(view, "heed_scope", None)
        seen += scope is not None
        if scope is None:
            assert rule.endpoint in LIBRARIES, f"{rule.rule} has neither a scope nor a reason to be open"
        elif scope == OPEN:
            assert len(getattr(view, "heed_open_because", "")) > 10, rule.rule
    assert seen > 6


def test_every_open_route_is_one_that_we_know(app: Flask) -> None:
    """An open door is a decision: a new one is added here."""
    found = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "heed_scope", None) == OPEN
    }
    public = (
        {"/consultations/<consultation_id>", "/consultations/<consultation_id>/done"}
        if service_of(app) == "consultation"
        else set()
    )
    assert found == public | {
        "/healthz",
        "/readyz",
        "/metrics",
        "/docs",
        "/twilio/inbound",
        "/twilio/status/<token>",
        "/sign-in",
    }


def test_every_scope_is_used_and_every_used_scope_is_listed(app: Flask) -> None:
    used = {getattr(view, "heed_scope", OPEN) for view in app.view_functions.values()} - {OPEN, SIGNED_IN}
    assert used == set(SCOPES[service_of(app)])


def test_every_scope_says_what_it_allows() -> None:
    for scopes in SCOPES.values():
        for scope, words in scopes.items():
            noun, _, verb = scope.partition(":")
            assert noun
            assert verb in ("read", "write")
            assert words


def test_the_services_share_the_scopes_of_the_calls_that_both_have() -> None:
    assert set(SCOPES["reminders"]) & set(SCOPES["consultation"]) == set(SHARED)


def guarded(app: Flask) -> Iterator[tuple[str, str, str, bool]]:
    """(verb, a path, the scope, whether it is a page) of every route that is not open."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        scope = getattr(view, "heed_scope", OPEN)
        path = "".join("1" if dynamic else part for dynamic, part in rule._trace).lstrip("|")
        for verb in sorted((rule.methods or set()) - {"OPTIONS"}) if scope != OPEN else ():
            yield verb, path, scope, getattr(view, "heed_page", False)


def test_nobody_unknown_passes_a_guarded_route(app: Flask, subtests: pytest.Subtests) -> None:
    """Not by the mark: by trying."""
    client = app.test_client()
    for verb, path, _, is_page in guarded(app):
        with subtests.test(f"{verb} {path}"):
            answer = client.open(path, method=verb)
            assert answer.status_code == (303 if is_page else 401)
            assert not is_page or answer.location.startswith("/sign-in?")


def test_with_every_other_scope_no_route_answers(app: Flask, key: Any, subtests: pytest.Subtests) -> None:
    client, heed = app.test_client(), app.extensions["heed"]
    every = set(SCOPES[heed.service])
    headers = {scope: key(heed, *(every - {scope})) for scope in every}
    for verb, path, scope, is_page in guarded(app):
        if not is_page:
            with subtests.test(f"{verb} {path}"):
                assert client.open(path, method=verb, headers=headers[scope]).status_code == 403


def test_with_every_other_scope_no_page_answers(
    app: Flask, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    client, heed = app.test_client(), app.extensions["heed"]
    every = frozenset(SCOPES[heed.service])
    with heed.database.begin() as session:
        users.add(session, heed.service, "eva", [next(iter(ROLES[heed.service]))], "test")
        user = users.the(session, "eva")
        user.must_change = False
        token = sessions.start(session, user)
    client.set_cookie(f"heed-{heed.service}", token)
    tried = 0
    for verb, path, scope, is_page in guarded(app):
        if is_page and scope != SIGNED_IN:
            tried += 1
            monkeypatch.setattr(signed_in, "scopes_of", lambda *_, lacks=scope: every - {lacks})
            with subtests.test(f"{verb} {path}"):
                answer = client.open(path, method=verb, data={csrf.FIELD: csrf.token(token)})
                assert answer.status_code == 403
                assert verb == "HEAD" or answer.json["error"] == "missing-scope"
    assert tried >= 4


def test_every_role_grants_scopes_that_there_are() -> None:
    for service, roles in ROLES.items():
        assert frozenset().union(*roles.values()) <= set(SCOPES[service])
        assert all(roles.values())


def test_the_calls_that_the_design_promises(open_service: Any, sites: Any) -> None:
    promised = {
        "reminders": {
            "POST /v1/feeds/common-platform/hearing/<>",
            "POST /v1/feeds/common-platform/hearing/<>/result",
            "DELETE /v1/feeds/common-platform/hearing/<>/delete",
            "POST /v1/feeds/common-platform/messages",
            "POST /v1/feeds/libra",
            "POST /v1/feeds/spi",
            "POST /v1/feeds/csv",
            "GET /v1/feeds/deliveries/<>",
            "POST /v1/contacts",
            "GET /v1/hearings",
            "GET /v1/hearings/<>",
            "POST /v1/hearings/<>/outcome",
            "GET /v1/reminders",
            "POST /v1/pilots",
        },
        "consultation": {"POST /v1/consultations", "GET /v1/consultations/<>"},
    }
    for service, calls in promised.items():
        open_service(service)
        rules = {
            f"{verb} {re.sub('<[^>]+>', '<>', rule.rule)}"
            for rule in sites[service].app.url_map.iter_rules()
            for verb in rule.methods or ()
        }
        assert calls | {"POST /twilio/inbound", "POST /twilio/status/<>", "GET /healthz"} <= rules
