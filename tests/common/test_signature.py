"""The signature against Twilio's published vectors and against its own library."""

import doctest
import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from services.common import signature

TOKEN = "12345"
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
PARAMS = {
    "CallSid": "CA1234567890ABCDE",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
    "Caller": "+14158675309",
}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (URL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("http://mycompany.com:1234/myapp.php?foo=1&bar=2", "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
    ],
)
def test_published_vectors(url: str, expected: str) -> None:
    assert signature.sign(TOKEN, url, PARAMS) == expected


@pytest.mark.parametrize(
    ("changed", "url"),
    [
        ({"Digits": "1235"}, URL),
        ({"Extra": ""}, URL),
        ({"Extra": "1"}, URL),
        ({}, URL + "#"),
        ({}, URL + "&"),
    ],
)
def test_any_other_request_has_another_signature(changed: dict[str, str], url: str) -> None:
    assert signature.sign(TOKEN, url, PARAMS | changed) != signature.sign(TOKEN, URL, PARAMS)


def test_another_token_has_another_signature() -> None:
    assert signature.sign("54321", URL, PARAMS) != signature.sign(TOKEN, URL, PARAMS)


def test_repeated_fields_are_sorted_and_counted_once() -> None:
    fields = {"MediaUrl": ["b", "a", "b"]}
    assert signature.sign(TOKEN, URL, fields) == signature.sign(TOKEN, URL, {"MediaUrl": ("a", "b")})
    assert signature.sign(TOKEN, URL, fields) != signature.sign(TOKEN, URL, {"MediaUrl": "b"})


@settings(max_examples=50, deadline=None)
@given(
    token=st.text(min_size=1),
    path=st.text(alphabet="abcZ09/%~-._", max_size=20),
    query=st.sampled_from(["", "?foo=1&bar=2", "?a=%3A%2F~%7C"]),
    port=st.sampled_from(["", ":8001"]),
    params=st.dictionaries(st.text(), st.lists(st.text(), min_size=1, max_size=4), max_size=6),
)
def test_agrees_with_the_official_library(
    token: str, path: str, query: str, port: str, params: dict[str, list[str]]
) -> None:
    url = f"https://example.org{port}/{path}{query}"
    validator = RequestValidator(token)
    pairs = MultiDict((name, value) for name, values in params.items() for value in values)
    ours = signature.sign(token, url, params)
    assert ours == validator.compute_signature(url, pairs)
    assert validator.validate(url, pairs, ours)


@settings(max_examples=25, deadline=None)
@given(body=st.text())
def test_body_hash_agrees_with_the_official_library(body: str) -> None:
    raw = body.encode()
    assert signature.body_sha256(raw) == RequestValidator(TOKEN).compute_hash(body)
    assert signature.body_sha256(raw) == hashlib.sha256(raw).hexdigest()


def test_examples_in_the_documentation() -> None:
    assert doctest.testmod(signature).failed == 0
