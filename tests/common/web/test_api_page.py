"""`/docs` and `/openapi.json`: every call, with its scope, from one description."""

import re
from typing import Any

from services.common.context import Heed
from services.common.scopes import SCOPES


def calls(client: Any) -> list[tuple[str, str]]:
    spec = client.get("/openapi.json").get_json()
    return [
        (method.upper(), path)
        for path, item in spec["paths"].items()
        for method in item
        if method != "parameters"
    ]


def test_the_page_shows_every_call_once(client: Any) -> None:
    page = client.get("/docs").get_data(as_text=True)
    assert len(calls(client)) >= 2
    for method, path in calls(client):
        assert page.count(f"<h2><code>{method} {path}</code></h2>") == 1


def test_the_page_shows_every_scope(heed: Heed, client: Any) -> None:
    page = client.get("/docs").get_data(as_text=True)
    shown = set(re.findall(r"Scope: <code>([^<]+)</code>", page))
    assert shown == set(SCOPES[heed.service])
    assert page.count("Scope: <code>") == len(calls(client))


def test_the_page_needs_no_script_and_nothing_from_elsewhere(client: Any) -> None:
    page = client.get("/docs").get_data(as_text=True)
    assert "<script" not in page
    assert "style=" not in page
    assert not re.findall(r"(?:src|href)=\"(?!/|#)", page)
    for address in re.findall(r"href=\"(/[^\"]*)\"", page):
        with client.get(address) as answer:
            assert answer.status_code == 200


def test_every_anchor_leads_somewhere(client: Any) -> None:
    page = client.get("/docs").get_data(as_text=True)
    targets = set(re.findall(r"id=\"([^\"]+)\"", page))
    assert set(re.findall(r"href=\"#([^\"]+)\"", page)) <= targets


def test_every_call_says_what_it_does(client: Any) -> None:
    spec = client.get("/openapi.json").get_json()
    for path, item in spec["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                assert operation.get("summary"), f"{method} {path}"
                assert operation["responses"], f"{method} {path}"


def test_the_document_is_valid_openapi(client: Any) -> None:
    import schemathesis

    spec = client.get("/openapi.json").get_json()
    assert spec["openapi"].startswith("3.1")
    assert spec["info"]["title"].startswith("Heed ")
    schema = schemathesis.openapi.from_dict(spec)
    schema.validate()
    assert {tuple(one.ok().label.split(" ", 1)) for one in schema.get_all_operations()} == set(calls(client))


def test_every_error_has_the_one_shape(client: Any) -> None:
    spec = client.get("/openapi.json").get_json()
    assert set(spec["components"]["schemas"]["Error"]["properties"]) == {
        "code",
        "status",
        "error",
        "message",
        "errors",
    }


def test_the_key_is_described(client: Any) -> None:
    spec = client.get("/openapi.json").get_json()
    assert spec["components"]["securitySchemes"]["key"] == {"type": "http", "scheme": "bearer"}
    assert spec["security"] == [{"key": []}]
