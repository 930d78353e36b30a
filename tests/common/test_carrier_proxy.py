"""The way out of an office's network: a proxy that HTTPS_PROXY names, and an authority of the office's own."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from services.common.carrier import Accepted, Answer, Carrier, NotSent, Outgoing, Uncertain
from services.common.carrier_codes import CodeClass
from tests.support.certificates import self_signed
from tests.support.odd_server import OddServer, Reply, http, reset, silence, tunnel
from tests.support.ports import free_ports

HOST = "carrier.example.org"  # known to the proxy alone
TEXT = Outgoing("+447700900123", "You must be at St Albans", "+447700900001", "tok_en-123456", 600)
MESSAGE = {"sid": "SM" + "a" * 32, "status": "queued", "date_created": "Mon, 21 Sep 2026 10:00:00 +0000"}
NOT_SENT = NotSent(CodeClass.WAIT)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of the carrier's by nobody that this machine trusts, with its key."""
    return self_signed(tmp_path_factory.mktemp("authority") / "office.pem", HOST)


@pytest.fixture
def send(
    odd_server: Callable[..., OddServer], certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., tuple[Answer, OddServer]]]:
    """Sends one text through a proxy that answers CONNECT so, and behind it the carrier so."""

    def run(answer: Reply, trusted: bool = True) -> tuple[Answer, OddServer]:
        proxy = odd_server(answer)
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        if trusted:
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        return carrier().send(TEXT), proxy

    yield run


def carrier() -> Carrier:
    made = Carrier("AC" + "1" * 32, ("token",), f"https://{HOST}", "https://h/twilio/status/", "https://h/")
    made._http.timeout = (2.0, 2.0)
    return made


def test_a_text_goes_through_the_proxy(send: Any, certificate: Path) -> None:
    heard: list[bytes] = []
    answer, proxy = send(tunnel(certificate, http(201, json.dumps(MESSAGE)), heard))
    assert answer == Accepted(MESSAGE["sid"], "queued")
    assert proxy.requests[0].startswith(f"CONNECT {HOST}:443 ".encode())
    assert b"Authorization" not in proxy.requests[0], "the token is the carrier's alone"
    assert heard[0].startswith(b"POST /2010-04-01/Accounts/")


@pytest.mark.parametrize("after", [reset, silence(3), http(502, "bad gateway", kind="text/html")])
def test_once_the_way_stands_what_fails_is_uncertain(send: Any, certificate: Path, after: Reply) -> None:
    answer, _ = send(tunnel(certificate, after, []))
    assert isinstance(answer, Uncertain)


@pytest.mark.parametrize("refused", [http(407), http(403), http(503)])
def test_where_the_proxy_lets_nothing_through_nothing_was_sent(send: Any, refused: Reply) -> None:
    assert send(refused)[0] == NOT_SENT


def test_a_proxy_that_cuts_the_line_leaves_it_uncertain(send: Any) -> None:
    assert isinstance(send(reset)[0], Uncertain)


def test_without_the_proxy_nothing_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{free_ports()['SANDBOX_PORT']}")
    assert carrier().send(TEXT) == NOT_SENT


def test_a_carrier_that_nobody_vouches_for_is_told_nothing(send: Any, certificate: Path) -> None:
    heard: list[bytes] = []
    answer, _ = send(tunnel(certificate, http(201, json.dumps(MESSAGE)), heard), trusted=False)
    assert (answer, heard) == (NOT_SENT, [])
