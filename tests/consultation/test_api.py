"""Consultation over HTTP: launching, and the counts; with the right key and the wrong one, the right body and others."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.common.scopes import SCOPES
from tests.consultation.office import contact, row
from tests.consultation.post import ANN, CONTENT, Post
from tests.support.sites import Site

PLAN = "/v1/consultations/plan-2026"
SCAN = base64.b64encode(b"%PDF-1.7 a letter").decode()
LETTER = {"reference": "L1", "received": "2026-09-14", "text": "More police", "scan": SCAN}
DONE = {
    "theme": "road-safety",
    "outcome": "done",
    "considered": "All of it.",
    "done": "Cameras.",
    "brief": "Cameras are there.",
}
CALLS = [
    ("POST", "/v1/consultations", "consultations:write", CONTENT, 201),
    ("GET", "/v1/consultations/plan-2026", "responses:read", None, 200),
    ("POST", f"{PLAN}/responses", "responses:write", {"batch": "b", "responses": [row("1")]}, 200),
    ("POST", f"{PLAN}/letters", "responses:write", LETTER, 200),
    ("GET", f"{PLAN}/responses?kind=feedback&day=2026-09-14", "words:read", None, 200),
    ("GET", f"{PLAN}/responses/99", "words:read", None, 404),
    ("GET", f"{PLAN}/responses/1/scan", "words:read", None, 404),
    ("GET", f"{PLAN}/responses.csv", "words:read", None, 200),
    ("GET", f"{PLAN}/report", "responses:read", None, 200),
    ("GET", f"{PLAN}/feedback", "feedback:read", None, 200),
    ("POST", f"{PLAN}/feedback", "feedback:write", DONE, 201),
    ("POST", f"{PLAN}/feedback/99/approval", "publish:write", {}, 404),
    ("POST", f"{PLAN}/feedback/texts", "feedback:write", {}, 409),
    ("POST", f"{PLAN}/lookup", "feedback:read", {"reference": "ZZZZZZZ"}, 404),
    ("GET", f"{PLAN}/bundles", "feedback:read", None, 200),
    ("POST", f"{PLAN}/bundles", "bundles:write", {"body": "highways"}, 409),
    ("POST", f"{PLAN}/invitations", "invitations:write", {"batch": "b", "contacts": [contact(ANN)]}, 200),
    ("POST", f"{PLAN}/publicity", "consultations:write", {"what": "households", "reached": 18199}, 200),
    ("GET", f"{PLAN}/publicity", "responses:read", None, 200),
    ("POST", f"{PLAN}/duplicates/find", "duplicates:write", {}, 200),
    ("GET", f"{PLAN}/duplicates", "duplicates:read", None, 200),
    ("POST", "/v1/duplicates/1/accept", "duplicates:write", {}, 404),
    ("POST", "/v1/duplicates/1/reject", "duplicates:write", {}, 404),
    ("POST", "/v1/merges", "duplicates:write", {"kept": "ZZZZZZZ", "merged": "YYYYYYY"}, 404),
    ("GET", f"{PLAN}/merges", "duplicates:read", None, 200),
    ("POST", "/v1/merges/1/undo", "duplicates:write", {}, 404),
    ("GET", f"{PLAN}/themes", "themes:read", None, 200),
    ("POST", f"{PLAN}/themes", "themes:write", {"codeframe": {}, "reason": "ours"}, 422),
    (
        "POST",
        f"{PLAN}/themes/merge",
        "themes:write",
        {"of": ["nhs"], "into": "highways", "reason": "one"},
        201,
    ),
    ("POST", f"{PLAN}/themes/split", "themes:write", {"of": "nhs", "into": [{}, {}], "reason": "two"}, 422),
    ("GET", f"{PLAN}/themes/emerging", "words:read", None, 200),
    ("POST", f"{PLAN}/themes/emerging/1/name", "themes:write", {"theme": {}, "reason": "new"}, 404),
    ("POST", f"{PLAN}/themes/emerging/1/dismiss", "themes:write", {"reason": "none"}, 404),
    ("GET", f"{PLAN}/themes/review", "themes:read", None, 200),
    ("POST", f"{PLAN}/themes/review", "codes:write", {}, 200),
    (
        "POST",
        f"{PLAN}/themes/codes",
        "codes:write",
        {"response": 1, "themes": {"victims-first": "support"}},
        201,
    ),
    ("GET", f"{PLAN}/themes/codes/1", "themes:read", None, 200),
    ("GET", f"{PLAN}/themes/texts/1", "words:read", None, 200),
    ("GET", f"{PLAN}/themes/redactions/wanted", "themes:read", None, 200),
    ("GET", f"{PLAN}/themes/suggestions", "themes:read", None, 200),
    ("GET", f"{PLAN}/themes/agreement", "themes:read", None, 200),
    ("GET", f"{PLAN}/themes/redactions", "words:read", None, 200),
    ("POST", f"{PLAN}/themes/redactions", "codes:write", {"response": 1}, 201),
    ("POST", f"{PLAN}/themes/redactions/1/approve", "publish:write", {}, 204),
    ("POST", "/v1/subject/read", "subject:read", {"who": ANN}, 200),
    (
        "POST",
        "/v1/subject/correct",
        "subject:write",
        {"who": ANN, "reason": "r", "question": "q", "answer": "a"},
        409,
    ),
    ("POST", "/v1/subject/object", "subject:write", {"who": ANN, "reason": "request 7"}, 200),
    ("POST", "/v1/subject/hold", "subject:write", {"who": ANN, "reason": "request 7"}, 200),
    ("POST", "/v1/subject/erase", "subject:write", {"who": ANN}, 409),
    ("POST", "/v1/subject/release", "subject:write", {"who": ANN}, 200),
    ("GET", "/v1/audit", "audit:read", None, 200),
    ("GET", "/v1/sending", "sending:read", None, 200),
    ("POST", "/v1/sending/stop", "sending:write", {"reason": "wording"}, 200),
    ("POST", "/v1/sending/resume", "sending:write", {}, 200),
    ("GET", "/v1/alarms", "alarms:read", None, 200),
    ("POST", "/v1/alarms/1/acknowledge", "alarms:write", {}, 404),
    ("GET", "/v1/queue", "queue:read", None, 200),
    ("POST", "/v1/queue/1/resolve", "queue:write", {"sent": True}, 404),
    ("GET", "/v1/duty", "duty:read", None, 200),
    ("GET", "/v1/duty/1", "duty:read", None, 404),
    ("POST", "/v1/duty/1/acknowledge", "duty:write", {}, 404),
    ("POST", "/v1/duty/1/answer", "duty:write", {"text": "We will ring"}, 404),
    ("POST", "/v1/duty/1/done", "duty:write", {}, 404),
    ("GET", "/v1/texts/1/sender", "identities:read", None, 404),
]


@pytest.fixture
def client(post: Post, sites: dict[Any, Site]) -> FlaskClient:
    return sites["consultation"].client()


def test_each_call_with_its_key_and_without(
    post: Post, client: FlaskClient, key: Callable[..., dict[str, str]]
) -> None:
    for method, path, scope, body, status in CALLS:
        others = [one for one in SCOPES["consultation"] if one != scope]
        for headers, code, error in [
            ({}, 401, "unauthenticated"),
            ({"Authorization": "Bearer heed_x_y"}, 401, "unauthenticated"),
            (key(post.heed, *others), 403, "missing-scope"),
        ]:
            answer = client.open(path, method=method, json=body, headers=headers)
            assert (answer.status_code, answer.json["error"], answer.json["code"]) == (code, error, code)
        right = client.open(path, method=method, json=body, headers=key(post.heed, scope))
        assert right.status_code == status


def test_every_call_that_needs_a_key_is_in_the_table(client: FlaskClient, sites: dict[Any, Site]) -> None:
    app = sites["consultation"].app
    scopes = [
        getattr(app.view_functions[rule.endpoint], "heed_scope", None)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/v1/")
    ]
    assert sorted(scope for scope in scopes if scope in SCOPES["consultation"]) == sorted(
        call[2] for call in CALLS
    )


def test_launching_and_its_counts(
    post: Post, client: FlaskClient, key: Callable[..., dict[str, str]]
) -> None:
    headers = key(post.heed, "consultations:write", "responses:read")
    content = CONTENT | {"id": "roads", "keywords": ["ROADS"], "closes": None}
    made = client.post("/v1/consultations", json=content, headers=headers)
    assert made.status_code == 201
    assert set(made.json) == {"id", "title", "hash", "opens_at", "closes_at", "counts"}
    assert (made.json["id"], made.json["closes_at"]) == ("roads", None)
    assert made.json["opens_at"] == "2026-08-31T23:00:00+00:00"
    post.hears("Roads: potholes")
    seen = client.get("/v1/consultations/roads", headers=headers).json
    assert (seen["hash"], seen["counts"]["received"]) == (made.json["hash"], 1)
    # The same again is the same; another content under its id is a conflict.
    assert client.post("/v1/consultations", json=content, headers=headers).json["hash"] == made.json["hash"]
    again = client.post("/v1/consultations", json=content | {"title": "Other"}, headers=headers)
    assert (again.status_code, again.json["error"]) == (409, "already-launched")
    elsewhere = client.post("/v1/consultations", json=content | {"sender": "+447700900001"}, headers=headers)
    assert (elsewhere.status_code, elsewhere.json["error"]) == (409, "wrong-sender")
    unfit = client.post("/v1/consultations", json=content | {"keywords": ["ROADS", "STOP"]}, headers=headers)
    assert list(unfit.json["errors"]["json"]) == ["keywords.en.2"]


UNFIT: list[tuple[bytes, str, int, str]] = [
    (b"{", "application/json", 400, "line 1 column 2"),
    (b'{"id": "a\\u0000b"}', "application/json", 400, "NUL"),
    (b"[]", "application/json", 422, "id"),
    (b"7", "application/json", 422, "id"),
    (b"{}", "application/json", 422, "opens"),
    (json.dumps(CONTENT | {"closes": "2026-08-01"}).encode(), "application/json", 422, "closes before"),
    (json.dumps(CONTENT | {"keywords": ["STOP"]}).encode(), "application/json", 422, "STOP"),
    (json.dumps(CONTENT).encode(), "text/yaml", 415, "application/json"),
    (json.dumps(CONTENT).encode(), "multipart/form-data", 415, "application/json"),
]


def test_a_body_that_cannot_be_taken_names_the_field(
    post: Post, client: FlaskClient, key: Callable[..., dict[str, str]]
) -> None:
    for body, kind, status, names in UNFIT:
        headers = key(post.heed, "consultations:write") | {"Content-Type": kind}
        answer = client.post("/v1/consultations", data=body, headers=headers)
        assert answer.status_code == status, (body, kind, answer.text)
        assert set(answer.json) >= {"code", "status", "error", "message"}
        assert names in answer.text


def test_a_consultation_that_is_not_there(
    post: Post, client: FlaskClient, key: Callable[..., dict[str, str]]
) -> None:
    for name in ("nothing", "%F0%9F%91%8D", "x" * 300):
        answer = client.get(f"/v1/consultations/{name}", headers=key(post.heed, "responses:read"))
        assert (answer.status_code, answer.json["error"]) == (404, "not-found")


def test_responses_as_csv_and_json_and_their_export(
    post: Post, client: FlaskClient, key: Callable[..., dict[str, str]]
) -> None:
    headers = key(post.heed, "responses:write", "words:read", "responses:read")
    made = client.post(f"{PLAN}/letters", json=LETTER, headers=headers).json
    assert (made["scan"], len(made["receipt"])) == ("application/pdf", 7)
    scan = client.get(f"{PLAN}/responses/{made['id']}/scan", headers=headers)
    assert (scan.data, scan.mimetype) == (b"%PDF-1.7 a letter", "application/pdf")
    assert scan.headers["Content-Disposition"] == "attachment"
    body = "reference,channel,received,text\n1,web,2026-09-14T09:00,More police\n2,fax,2026-09-14,x\n"
    for new, same in ((1, 0), (0, 1)):
        taken = client.post(
            f"{PLAN}/responses?batch=a", data=body, headers=headers | {"Content-Type": "text/csv"}
        ).json
        assert taken["counts"] == {"responses": new, "linked": 0, "unchanged": same, "rejected": 1}
        assert [one["where"] for one in taken["rejections"]] == ["line 3"]
    exported = client.get(f"{PLAN}/responses.csv", headers=headers)
    assert exported.mimetype == "text/csv" and exported.text.count("More police") == 2
    report = client.get(f"{PLAN}/report", headers=headers).json
    assert report["reconciliation"][-1]["received"] == 2 and report["opens_at"] == "2026-08-31T23:00:00+00:00"


UNTAKEN: list[tuple[str, Any, str, int, str]] = [
    ("responses", b"reference\n", "text/csv", 422, "channel"),
    ("responses?batch=", b"reference\n", "text/csv", 422, "Name the batch"),
    ("responses", b"{}", "application/json", 422, "responses"),
    ("responses", b"x", "application/xml", 415, "text/csv"),
    ("letters", b"[]", "application/json", 422, "object"),
    ("letters", json.dumps(LETTER | {"received": "soon"}).encode(), "application/json", 422, "received"),
    ("letters", json.dumps(LETTER | {"scan": "%"}).encode(), "application/json", 422, "base64"),
    ("letters", json.dumps(LETTER | {"scan": "aGVsbG8="}).encode(), "application/json", 422, "PDF"),
    ("invitations?batch=a&per_hour=0", b"reference\n", "text/csv", 422, "per_hour"),
    ("invitations?batch=a&dry_run=perhaps", b"reference\n", "text/csv", 422, "dry_run"),
    ("publicity", b'{"what": "x", "reached": -1}', "application/json", 422, "reached"),
    ("publicity", b'{"what": "07700 900123", "reached": 1}', "application/json", 422, "telephone"),
]


def test_what_the_office_sends_wrongly_is_said(
    post: Post, client: FlaskClient, key: Callable[..., dict[str, str]]
) -> None:
    headers = key(post.heed, "responses:write", "invitations:write", "consultations:write")
    for path, body, kind, status, words in UNTAKEN:
        at = f"{PLAN}/{path}" + ("?batch=a" if path == "responses" else "")
        answer = client.post(at, data=body, headers=headers | {"Content-Type": kind})
        assert (answer.status_code, words in answer.text) == (status, True), (path, answer.text)
    assert post.rows() == []


def test_a_person_is_named_in_the_body_and_never_in_an_address(
    post: Post, client: FlaskClient, key: Callable[..., dict[str, str]], said: list[dict[str, Any]]
) -> None:
    post.hears("More police")
    headers = key(post.heed, "subject:read", "subject:write")
    held = client.post("/v1/subject/read", json={"who": ANN}, headers=headers).json
    assert [one["words"] for one in held["texts_in"]] == ["More police"]
    assert client.post("/v1/subject/erase", json={"who": ANN}, headers=headers).json["texts_in"] == 1
    assert client.post("/v1/subject/erase", json={"who": "nobody"}, headers=headers).status_code == 422
    assert "07700900101" not in json.dumps(said, default=str) and "447700900101" not in json.dumps(
        said, default=str
    )
