"""One shape for every error: a stable word, what to do, field paths, a request id, and never a word of a traceback."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from services.common.context import Heed
from services.common.web.errors import WORDS

CSV, JSON, XML = "text/csv", "application/json", "application/xml"
OUTCOME = {"attendance": "attended", "fta": "no", "warrant": "none"}


def check(answer: Any, status: int, word: str) -> dict[str, Any]:
    """The envelope of an error."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    body: dict[str, Any] = answer.get_json()
    assert set(body) <= {"code", "status", "error", "message", "errors"}
    assert (body["code"], body["error"]) == (status, word)
    assert body["message"]
    assert "Traceback" not in answer.get_data(as_text=True)
    assert answer.headers["X-Request-Id"]
    return body


def test_errors_of_reminders(
    reminders: Heed, sites: Any, key: Callable[..., dict[str, str]], subtests: pytest.Subtests
) -> None:
    client = sites["reminders"].client()
    everything = key(
        reminders,
        "listings:write",
        "contacts:write",
        "hearings:read",
        "outcomes:write",
        "pilots:write",
        "evaluation:read",
    )
    nothing = key(reminders)
    cases: list[tuple[str, str, dict[str, Any], int, str]] = [
        ("POST", "/v1/feeds/csv", {"data": "a", "content_type": CSV}, 401, "unauthenticated"),
        (
            "POST",
            "/v1/feeds/csv",
            {"data": "a", "content_type": CSV, "headers": nothing},
            403,
            "missing-scope",
        ),
        (
            "POST",
            "/v1/feeds/csv",
            {"data": "a", "content_type": JSON, "headers": everything},
            415,
            "wrong-content-type",
        ),
        (
            "POST",
            "/v1/feeds/spi",
            {"data": "a", "content_type": CSV, "headers": everything},
            415,
            "wrong-content-type",
        ),
        (
            "POST",
            "/v1/feeds/libra",
            {"data": b"", "content_type": XML, "headers": everything},
            400,
            "empty-body",
        ),
        (
            "POST",
            "/v1/contacts",
            {"data": "x", "content_type": XML, "headers": everything},
            415,
            "wrong-content-type",
        ),
        (
            "POST",
            "/v1/contacts",
            {"data": "{", "content_type": JSON, "headers": everything},
            400,
            "bad-request",
        ),
        ("POST", "/v1/contacts", {"json": {"contacts": "x"}, "headers": everything}, 422, "invalid"),
        (
            "POST",
            "/v1/contacts",
            {"data": "a;b\n", "content_type": CSV, "headers": everything},
            422,
            "wrong-header",
        ),
        ("GET", "/v1/hearings?limit=0", {"headers": everything}, 422, "invalid"),
        ("GET", "/v1/hearings?limit=1001", {"headers": everything}, 422, "invalid"),
        ("GET", "/v1/hearings?date=tomorrow", {"headers": everything}, 422, "invalid"),
        ("GET", "/v1/hearings/1", {"headers": everything}, 404, "not-found"),
        ("GET", "/v1/hearings/one", {"headers": everything}, 404, "not-found"),
        ("POST", "/v1/hearings/1/outcome", {"json": OUTCOME, "headers": everything}, 404, "not-found"),
        ("POST", "/v1/hearings/1/outcome", {"json": {}, "headers": everything}, 422, "invalid"),
        (
            "POST",
            "/v1/hearings/1/outcome",
            {"data": "{", "content_type": JSON, "headers": everything},
            400,
            "bad-request",
        ),
        (
            "POST",
            "/v1/hearings/1/outcome",
            {"data": "x=1", "content_type": CSV, "headers": everything},
            415,
            "wrong-content-type",
        ),
        (
            "POST",
            "/v1/pilots",
            {"data": "x", "content_type": CSV, "headers": everything},
            415,
            "wrong-content-type",
        ),
        ("POST", "/v1/pilots", {"json": {}, "headers": everything}, 422, "bad-protocol"),
        ("POST", "/v1/pilots", {"json": [], "headers": everything}, 422, "bad-protocol"),
        ("GET", "/v1/pilots/none/evaluation", {"headers": everything}, 404, "not-found"),
        ("GET", "/v1/feeds/deliveries/none", {"headers": everything}, 404, "not-found"),
        ("GET", "/v1/reminders?at=soon", {"headers": everything}, 422, "invalid"),
        ("GET", "/nowhere", {}, 404, "not-found"),
        ("GET", "/v1/feeds/csv", {"headers": everything}, 405, "method-not-allowed"),
        ("DELETE", "/v1/hearings", {"headers": everything}, 405, "method-not-allowed"),
        ("PATCH", "/healthz", {}, 405, "method-not-allowed"),
    ]
    for verb, path, options, status, word in cases:
        with subtests.test(f"{verb} {path} {status} {word}"):
            check(client.open(path, method=verb, **options), status, word)


def test_errors_of_consultation(
    consultation: Heed, sites: Any, key: Callable[..., dict[str, str]], subtests: pytest.Subtests
) -> None:
    client = sites["consultation"].client()
    everything, nothing = key(consultation, "consultations:write", "responses:read"), key(consultation)
    cases: list[tuple[str, str, dict[str, Any], int, str]] = [
        ("POST", "/v1/consultations", {"json": {}}, 401, "unauthenticated"),
        ("POST", "/v1/consultations", {"json": {}, "headers": nothing}, 403, "missing-scope"),
        (
            "POST",
            "/v1/consultations",
            {"data": "x", "content_type": CSV, "headers": everything},
            415,
            "wrong-content-type",
        ),
        (
            "POST",
            "/v1/consultations",
            {"data": "{", "content_type": JSON, "headers": everything},
            400,
            "bad-request",
        ),
        (
            "POST",
            "/v1/consultations",
            {"data": "[" * 100_000, "content_type": JSON, "headers": everything},
            400,
            "bad-request",
        ),
        ("POST", "/v1/consultations", {"json": {}, "headers": everything}, 422, "bad-questionnaire"),
        ("POST", "/v1/consultations", {"json": [1], "headers": everything}, 422, "bad-questionnaire"),
        ("GET", "/v1/consultations/none", {"headers": everything}, 404, "not-found"),
        ("DELETE", "/v1/consultations/none", {"headers": everything}, 405, "method-not-allowed"),
        ("GET", "/v2/anything", {}, 404, "not-found"),
    ]
    for verb, path, options, status, word in cases:
        with subtests.test(f"{verb} {path} {status} {word}"):
            check(client.open(path, method=verb, **options), status, word)


def test_409_the_same_idempotency_key_with_other_bytes(
    reminders: Heed, sites: Any, key: Callable[..., dict[str, str]]
) -> None:
    client = sites["reminders"].client()
    headers = key(reminders, "listings:write") | {"Idempotency-Key": "one"}
    first = client.post("/v1/feeds/csv", data="a", content_type=CSV, headers=headers)
    again = client.post("/v1/feeds/csv", data="a", content_type=CSV, headers=headers)
    assert (first.status_code, again.get_json()) == (202, first.get_json())
    check(
        client.post("/v1/feeds/csv", data="b", content_type=CSV, headers=headers), 409, "idempotency-conflict"
    )


def test_409_a_consultation_that_is_frozen(
    consultation: Heed, sites: Any, key: Callable[..., dict[str, str]]
) -> None:
    client, headers = sites["consultation"].client(), key(consultation, "consultations:write")
    texts = dict.fromkeys(
        ("welcome", "thanks", "late", "early", "help", "stopped", "started"), "Text STOP to stop"
    )
    content = {"id": "plan", "title": "The plan", "opens": "2026-01-01", "texts": texts}
    assert client.post("/v1/consultations", json=content, headers=headers).status_code == 201
    assert client.post("/v1/consultations", json=content, headers=headers).status_code == 201
    changed = client.post("/v1/consultations", json=content | {"title": "Another"}, headers=headers)
    check(changed, 409, "already-launched")


@pytest.mark.parametrize("changes", [{"max_body": 1024}])
@pytest.mark.parametrize(("size", "status"), [(1024, 202), (1025, 413)])
def test_413_by_the_configured_limit(
    reminders: Heed, sites: Any, key: Callable[..., dict[str, str]], size: int, status: int
) -> None:
    headers = key(reminders, "listings:write")
    answer = (
        sites["reminders"].client().post("/v1/feeds/csv", data="x" * size, content_type=CSV, headers=headers)
    )
    assert answer.status_code == status
    if status == 413:
        check(answer, 413, "too-large")


def test_422_says_which_field(reminders: Heed, sites: Any, key: Callable[..., dict[str, str]]) -> None:
    client = sites["reminders"].client()
    headers = key(reminders, "hearings:read", "outcomes:write")
    body = check(client.get("/v1/hearings?limit=0&date=x", headers=headers), 422, "invalid")
    assert set(body["errors"]["query"]) == {"limit", "date"}
    wrong = client.post("/v1/hearings/1/outcome", json=OUTCOME | {"fta": "perhaps"}, headers=headers)
    assert set(check(wrong, 422, "invalid")["errors"]["json"]) == {"fta"}


class TestFailuresOfOurs:
    SECRET = "07700 900123 in the text of an exception"

    @pytest.fixture
    def app(self, heed: Heed, sites: Any) -> Flask:
        app: Flask = sites[heed.service].app

        def fails() -> None:
            raise ValueError(self.SECRET)

        app.add_url_rule("/boom", view_func=fails)
        return app

    def test_500_tells_nothing_but_the_request_id(self, app: Flask, debug_log: Callable[[], str]) -> None:
        answer = app.test_client().get("/boom", headers={"X-Request-Id": "abcd-1234"})
        body = check(answer, 500, "internal-error")
        assert self.SECRET not in json.dumps(body)
        assert "ValueError" not in json.dumps(body)
        assert answer.headers["X-Request-Id"] == "abcd-1234"
        said = debug_log()
        assert self.SECRET not in said
        assert "ValueError" in said
        assert '"request_id": "abcd-1234"' in said

    def test_500_has_the_security_headers_too(self, app: Flask) -> None:
        assert app.test_client().get("/boom").headers["X-Content-Type-Options"] == "nosniff"


def test_a_retry_after_is_passed_on(heed: Heed, sites: Any) -> None:
    from werkzeug.exceptions import ServiceUnavailable, TooManyRequests

    app: Flask = sites[heed.service].app

    def busy() -> None:
        raise TooManyRequests(retry_after=7)

    def away() -> None:
        raise ServiceUnavailable(retry_after=60)

    app.add_url_rule("/busy", view_func=busy)
    app.add_url_rule("/away", view_func=away)
    answer = app.test_client().get("/busy")
    check(answer, 429, "too-many-requests")
    assert answer.headers["Retry-After"] == "7"
    assert app.test_client().get("/away").headers["Retry-After"] == "60"


def test_every_word_is_stable() -> None:
    """Programs branch on them: a changed word is a broken promise."""
    assert WORDS == {
        400: "bad-request",
        401: "unauthenticated",
        403: "forbidden",
        404: "not-found",
        405: "method-not-allowed",
        409: "conflict",
        413: "too-large",
        415: "wrong-content-type",
        422: "invalid",
        429: "too-many-requests",
        500: "internal-error",
        503: "unavailable",
    }
