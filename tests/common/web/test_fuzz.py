"""Both APIs under schemathesis, with a key that may do everything: whatever arrives, no answer is a 500.

Bounded: about 6 calls an operation and mode, 1 to 5 s a service.
"""

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.common.context import Heed
from services.common.scopes import SCOPES

BOUNDED = settings(
    max_examples=6,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
# What no schema allows and strangers send all the same.
ODD = [
    "\x00",
    "a\x00b",
    "\ud800",
    "😀",
    "%00",
    "../../etc/passwd",
    "' OR 1=1 --",
    "9" * 40,
    "-1",
    "1e400",
    "NaN",
    "x" * 5000,
]


@pytest.fixture
def headers(heed: Heed, key: Callable[..., dict[str, str]]) -> dict[str, str]:
    return key(heed, *SCOPES[heed.service])


def fine(answer: Any, what: str) -> None:
    assert answer.status_code < 500, f"{what}: {answer.status_code}"
    assert "Traceback" not in answer.text


def test_by_the_description(heed: Heed, client: Any, sites: Any, headers: dict[str, str]) -> None:
    schema = schemathesis.openapi.from_wsgi("/openapi.json", sites[heed.service].app)
    called = 0

    def run(operation: Any, mode: Any) -> None:
        nonlocal called

        @given(case=operation.as_strategy(generation_mode=mode))
        @BOUNDED
        def call(case: Any) -> None:
            nonlocal called
            called += 1
            answer = case.call(headers=headers)
            fine(answer, f"{operation.label} {case.path_parameters} {case.query} {case.body!r}")

        call()

    for result in schema.get_all_operations():
        for mode in schemathesis.GenerationMode:
            try:
                run(result.ok(), mode)
            except schemathesis.errors.Unsatisfiable:  # nothing about this call can be wrong
                continue
    assert called > 15


def calls_of(client: Any) -> list[tuple[str, str, dict[str, Any]]]:
    spec = client.get("/openapi.json").get_json()
    return [
        (method.upper(), path, operation)
        for path, item in spec["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    ]


def test_odd_values_in_every_place(client: Any, headers: dict[str, str], subtests: pytest.Subtests) -> None:
    import re
    from urllib.parse import quote

    for verb, path, operation in calls_of(client):
        names = [one["name"] for one in operation.get("parameters", []) if one["in"] == "query"]
        for odd in ODD:
            quoted = quote(odd, safe="", errors="surrogatepass")
            where = re.sub(r"{[^}]+}", quoted, path)
            query = "&".join(f"{name}={quoted}" for name in names)
            with subtests.test(f"{verb} {path} {odd[:10]!r}"):
                fine(client.open(f"{where}?{query}", method=verb, headers=headers, json={"a": odd}), path)


BODIES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters())
    | st.sampled_from(ODD),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["contacts", "asn", "mobile", "id", "title", "texts", "opens", "day", "fta", "name"]
            ),
            inner,
        )
    ),
    max_leaves=8,
)


@settings(parent=BOUNDED, max_examples=25)
@given(body=BODIES)
def test_any_json_at_all(heed: Heed, client: Any, headers: dict[str, str], body: Any) -> None:
    for verb, path, operation in calls_of(client):
        if verb == "POST":
            where = path.replace("{hearing_id}", "x").replace("{listing_id}", "1")
            fine(client.open(where, method=verb, headers=headers, json=body), f"{path} {body!r}")
            assert operation


@settings(parent=BOUNDED, max_examples=20)
@given(
    body=st.binary(max_size=200),
    content_type=st.sampled_from(
        [
            "application/json",
            "text/csv",
            "application/xml",
            "text/xml",
            "text/plain",
            "application/x+json",
            "",
        ]
    ),
)
def test_any_bytes_at_all(client: Any, headers: dict[str, str], body: bytes, content_type: str) -> None:
    for verb, path, _ in calls_of(client):
        if verb == "POST":
            where = path.replace("{hearing_id}", "x").replace("{listing_id}", "1")
            fine(client.open(where, method=verb, headers=headers, data=body, content_type=content_type), path)


def test_the_key_of_idempotency_may_be_odd(
    reminders: Heed, sites: Any, key: Callable[..., dict[str, str]], subtests: pytest.Subtests
) -> None:
    client, headers = sites["reminders"].client(), key(reminders, "listings:write")
    for odd, status in {"": 400, "x" * 255: 202, "x" * 256: 400, "\xff": 202, " ": 202, "'; --": 202}.items():
        with subtests.test(odd[:10]):
            answer = client.post(
                "/v1/feeds/csv",
                data=odd[:5] + "a",
                content_type="text/csv",
                headers=headers | {"Idempotency-Key": odd},
            )
            assert answer.status_code in (status, 400)


def test_odd_values_in_contacts(
    reminders: Heed, sites: Any, key: Callable[..., dict[str, str]], subtests: pytest.Subtests
) -> None:
    client, headers = sites["reminders"].client(), key(reminders, "contacts:write")
    fine_row = {
        "asn": "1234AB0112345678901X",
        "case_ref": "41AB1234567",
        "surname": "Smith",
        "first_name": "Sam",
        "date_of_birth": "1990-01-01",
        "mobile": "07700 900123",
    }
    for name in fine_row:
        for odd in [*ODD, None, 5, [], {}, True, 1e308]:
            with subtests.test(f"{name} {odd!r:.20}"):
                fine(
                    client.post("/v1/contacts", json={"contacts": [fine_row | {name: odd}]}, headers=headers),
                    name,
                )


def test_odd_bytes_in_a_csv_of_contacts(
    reminders: Heed, sites: Any, key: Callable[..., dict[str, str]], subtests: pytest.Subtests
) -> None:
    client, headers = sites["reminders"].client(), key(reminders, "contacts:write")
    for odd in [
        b"\x00",
        b"\xff",
        b"\r",
        b'"',
        b'"\n',
        b",,,,",
        b"\xed\xa0\x80",
        "😀".encode(),
        b"x" * 200_000,
    ]:
        with subtests.test(repr(odd[:8])):
            rows = b"asn,surname,mobile\n1234" + odd + b",Sm" + odd + b"ith,07700 900123" + odd + b"\n"
            fine(client.post("/v1/contacts", data=rows, content_type="text/csv", headers=headers), "csv")


def test_odd_values_in_a_questionnaire(
    consultation: Heed, sites: Any, key: Callable[..., dict[str, str]], subtests: pytest.Subtests
) -> None:
    client, headers = sites["consultation"].client(), key(consultation, "consultations:write")
    texts = dict.fromkeys(
        ("welcome", "thanks", "late", "early", "help", "stopped", "started"), "Text STOP to stop"
    )
    usual = {
        "id": "plan",
        "title": "The plan",
        "opens": "2026-01-01",
        "closes": "2026-02-01",
        "keywords": ["PLAN"],
        "texts": texts,
    }
    for name in usual:
        for place, odd in enumerate([*ODD, None, 5, [], {}, True, 1e308, "0001-01-01"]):
            with subtests.test(f"{name} {odd!r:.20}"):
                content = usual | {"id": f"plan-{name}-{place}", name: odd}
                fine(client.post("/v1/consultations", json=content, headers=headers), name)
                if name == "texts":
                    changed = content | {"texts": texts | {"thanks": odd}}
                    fine(client.post("/v1/consultations", json=changed, headers=headers), name)
