"""Keys and headers at the door: what opens, what does not, and what every answer carries."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from services.common import keys
from services.common.context import Heed

PATH = {"reminders": "/v1/hearings", "consultation": "/v1/consultations/none"}
SCOPE = {"reminders": "hearings:read", "consultation": "responses:read"}
FINE = {"reminders": 200, "consultation": 404}


def test_a_live_key_with_the_scope_opens(heed: Heed, client: Any, key: Callable[..., dict[str, str]]) -> None:
    secret = key(heed, SCOPE[heed.service])["Authorization"].removeprefix("Bearer ")
    for header in (f"Bearer {secret}", f"bearer {secret}", f"BEARER {secret}", f"Bearer  {secret} "):
        answer = client.get(PATH[heed.service], headers={"Authorization": header})
        assert answer.status_code == FINE[heed.service]


def test_anything_else_is_401(
    heed: Heed, client: Any, key: Callable[..., dict[str, str]], subtests: pytest.Subtests
) -> None:
    secret = key(heed, SCOPE[heed.service])["Authorization"].removeprefix("Bearer ")
    for header in (
        None,
        "",
        "Bearer",
        "Bearer ",
        secret,
        f"Basic {secret}",
        f"Token {secret}",
        f"Bearer {secret}x",
        f"Bearer {secret[:-1]}",
        f"Bearer {secret.upper()}",
        "Bearer heed_x_y",
        "Bearer \xff\xfe",
        "Bearer " + "x" * 10_000,
    ):
        with subtests.test(str(header)[:40]):
            answer = client.get(
                PATH[heed.service], headers={"Authorization": header} if header is not None else {}
            )
            assert answer.status_code == 401
            assert answer.get_json()["error"] == "unauthenticated"
            assert answer.headers["WWW-Authenticate"] == 'Bearer realm="heed"'
            assert secret not in answer.get_data(as_text=True)


def test_a_key_is_not_taken_from_the_address(
    heed: Heed, client: Any, key: Callable[..., dict[str, str]]
) -> None:
    secret = key(heed, SCOPE[heed.service])["Authorization"].removeprefix("Bearer ")
    for name in ("key", "api_key", "access_token", "Authorization"):
        assert client.get(f"{PATH[heed.service]}?{name}={secret}").status_code == 401


def test_the_key_comes_before_everything_else_in_the_request(heed: Heed, client: Any) -> None:
    """Who has no key learns nothing of the call's fields."""
    for path in {
        "reminders": ["/v1/hearings?limit=x", "/v1/hearings/1/outcome"],
        "consultation": ["/v1/consultations"],
    }[heed.service]:
        verb = "GET" if "?" in path else "POST"
        assert client.open(path, method=verb, data="{", content_type="application/json").status_code == 401


def test_a_revoked_key(heed: Heed, client: Any) -> None:
    with heed.database.begin() as session:
        key_id, secret = keys.add(session, [SCOPE[heed.service]], "test", "test")
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.get(PATH[heed.service], headers=headers).status_code == FINE[heed.service]
    with heed.database.begin() as session:
        keys.revoke(session, key_id, "test")
    assert client.get(PATH[heed.service], headers=headers).status_code == 401


def test_a_key_without_the_scope_is_told_which(
    heed: Heed, client: Any, key: Callable[..., dict[str, str]]
) -> None:
    answer = client.get(PATH[heed.service], headers=key(heed, "something:else"))
    assert answer.status_code == 403
    assert answer.get_json()["error"] == "missing-scope"
    assert SCOPE[heed.service] in answer.get_json()["message"]


def test_the_other_services_key(
    open_service: Callable[..., Heed], sites: Any, key: Callable[..., dict[str, str]]
) -> None:
    reminders, consultation = open_service("reminders"), open_service("consultation")
    headers = key(consultation, *SCOPE.values())
    assert sites["reminders"].client().get(PATH["reminders"], headers=headers).status_code == 401
    assert sites["consultation"].client().get(PATH["consultation"], headers=headers).status_code == 404
    assert key(reminders, "x")


SECURE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def test_every_answer_carries_the_security_headers(client: Any, subtests: pytest.Subtests) -> None:
    for path in (
        "/healthz",
        "/docs",
        "/docs/static/api.css",
        "/openapi.json",
        "/nowhere",
        "/metrics",
        "/v1/x",
    ):
        with subtests.test(path), client.get(path) as answer:
            for name, value in SECURE.items():
                if not (path.endswith(".css") and name == "Cache-Control"):
                    assert answer.headers[name] == value
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert "Set-Cookie" not in answer.headers


class TestRequestIds:
    def test_a_good_one_is_kept(self, client: Any) -> None:
        for given in ("abcd-1234", "A" * 64, "0123-4567"):
            assert client.get("/healthz", headers={"X-Request-Id": given}).headers["X-Request-Id"] == given

    def test_any_other_gets_a_fresh_one(self, client: Any) -> None:
        bad = ("", "short", "A" * 65, "abcd 1234", "abcd/1234", "\xc5\xb5" * 8)
        found = [
            client.get("/healthz", headers=headers).headers["X-Request-Id"]
            for headers in ({}, *({"X-Request-Id": given} for given in bad))
        ]
        assert len(set(found)) == 7
        assert all(re.fullmatch(r"[0-9a-f]{16}", one) for one in found)

    def test_it_stands_in_the_log_with_the_rule_not_the_path(
        self, client: Any, debug_log: Callable[[], str]
    ) -> None:
        client.get("/07700900123", headers={"X-Request-Id": "abcd-1234"})
        client.get("/v1/hearings/07700900123?name=Smith", headers={"X-Request-Id": "abcd-1235"})
        said = debug_log()
        assert '"request_id": "abcd-1234"' in said
        assert "07700900123" not in said
        assert "Smith" not in said
        assert "no-route" in said
