"""Signatures of webhooks: Twilio's published vectors, rotation, and odd input that never raises."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.carrier import Carrier
from services.common.signature import sign

PARAMS = {
    "CallSid": "CA1234567890ABCDE",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
    "Caller": "+14158675309",
}
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
HERE = "https://heed.example.org/twilio/inbound"


def carrier(*tokens: str) -> Carrier:
    return Carrier("AC" + "1" * 32, tokens or ("12345",), "http://127.0.0.1:1", "https://h/", "https://h/")


ONE, TWO = carrier(), carrier("new", "12345")


@pytest.mark.parametrize(
    ("url", "signature"),
    [
        (URL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("http://mycompany.com:1234/myapp.php?foo=1&bar=2", "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
    ],
)
def test_published_vectors(url: str, signature: str) -> None:
    body = urlencode(PARAMS).encode()
    assert ONE.verified(url, body, signature)
    assert TWO.verified(url, body, signature)
    assert not carrier("other").verified(url, body, signature)
    assert not ONE.verified(url, body, signature[:-2] + "A=")
    assert not ONE.verified(url, urlencode(PARAMS | {"Digits": "1235"}).encode(), signature)
    assert not ONE.verified(url, body + b"&Extra=1", signature)
    assert not ONE.verified(url + "0", body, signature)


def test_the_order_of_fields_does_not_matter() -> None:
    turned = urlencode(dict(reversed(PARAMS.items()))).encode()
    assert ONE.verified(URL, turned, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")


@pytest.mark.parametrize("token", ["first", "second", "third"])
def test_every_token_verifies_while_they_rotate(token: str) -> None:
    three = carrier("first", "second", "third")
    body = urlencode(PARAMS).encode()
    assert three.verified(HERE, body, sign(token, HERE, PARAMS))
    assert not three.verified(HERE, body, sign("fourth", HERE, PARAMS))


def test_a_public_url_with_or_without_its_port() -> None:
    body = urlencode(PARAMS).encode()
    for signed in (HERE, HERE.replace(".org", ".org:443")):
        assert ONE.verified(HERE, body, sign("12345", signed, PARAMS))
    assert not ONE.verified(HERE, body, sign("12345", HERE.replace(".org", ".org:8443"), PARAMS))


@pytest.mark.parametrize("url", [HERE + "?a=%3A%2F~%7C", "http://127.0.0.1:8001/twilio/status/A_b-1"])
def test_urls_are_taken_as_they_are_written(url: str) -> None:
    assert ONE.verified(url, urlencode(PARAMS).encode(), sign("12345", url, PARAMS))


@pytest.mark.parametrize(
    "fields",
    [
        {"Body": ""},
        {"Body": "ŵ 😀 £ &=+%"},
        {"Body": "two\r\nlines", "Empty": ""},
        {"A": ["b", "a", "b"], "B": "c"},
        {"Body": " spaces  stay "},
        {"New": "fields", "Are": "tolerated"},
        {"Body": "x" * 1600},
    ],
)
def test_fields_of_every_kind(fields: dict[str, str | list[str]]) -> None:
    body = urlencode(fields, doseq=True).encode()
    assert ONE.verified(HERE, body, sign("12345", HERE, fields))


@pytest.mark.parametrize(
    "signature",
    ["", " ", "=", "x", "ŵ", "\x00", "A" * 10_000, "RSOYDt4T1cUTdK1PDd93/VVr8B8", None, b"bytes", 5],
)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"a",
        b"a=1",
        b"&",
        b"a=1&&b=2",
        b"=",
        b"\xff\xfe",
        b"%ff=%fe",
        b"{}",
        b"a=%",
        b"--x\r\n\r\n",
        b"\x00=\x00",
    ],
)
@pytest.mark.parametrize(
    "url",
    [
        HERE,
        "",
        "not a url",
        "https://h:99999/x",
        "https://h:port/x",
        "https://[::1/x",
        "https://[::1]:8/x",
        "//",
        "https://h/ŵ",
    ],
)
def test_odd_input_is_refused_and_never_raises(url: str, body: bytes, signature: object) -> None:
    assert ONE.verified(url, body, signature) is False  # type: ignore[arg-type]


def test_many_fields_are_refused_before_they_cost_anything() -> None:
    for count, fine in ((200, True), (201, False), (30_000, False)):
        fields = {f"f{number}": "x" for number in range(count)}
        assert ONE.verified(HERE, urlencode(fields).encode(), sign("12345", HERE, fields)) is fine


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=8))
def test_whatever_is_signed_is_verified_and_nothing_else(fields: dict[str, str]) -> None:
    try:
        body = urlencode(fields).encode()
    except UnicodeEncodeError:
        return
    signature = sign("12345", HERE, fields)
    assert ONE.verified(HERE, body, signature) is bool(fields or not body)
    assert not ONE.verified(HERE, body, sign("54321", HERE, fields))


@given(st.binary(max_size=300), st.text(max_size=40))
def test_noise_is_refused(body: bytes, signature: str) -> None:
    assert ONE.verified(HERE, body, signature) is False
