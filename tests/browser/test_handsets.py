"""The handset page in a real browser: a text is read there, and markup in a text stays text."""

from collections.abc import Callable
from pathlib import Path

import requests

from tests.support.sandbox import Sandbox

REMINDER = "Herts Police: Ann, you must be at St Albans Magistrates Court on Thu 10 Dec, 10am."


def send(carrier: Sandbox, to: str, body: str) -> None:
    account = carrier.config.account_sid
    answer = requests.post(
        f"{carrier.url}/2010-04-01/Accounts/{account}/Messages.json",
        auth=(account, carrier.config.auth_tokens[0]),
        data={"To": to, "From": carrier.config.senders[0].address, "Body": body},
        timeout=10,
    )
    assert answer.status_code == 201


def test_a_text_is_read_on_its_handset(carrier: Sandbox, browse: Callable[..., str]) -> None:
    send(carrier, "+447700900123", REMINDER)
    send(carrier, "+447700900124", "<img src=x onerror=\"document.title='broken'\">")
    carrier.quiet()
    index = browse(f"{carrier.url}/")
    assert "07700 900 123" in index and "Sandbox carrier" in index
    handset = browse(f"{carrier.url}/handsets/+447700900123")
    assert REMINDER in handset and "Delivered" in handset and "1 segment" in handset
    odd = browse(f"{carrier.url}/handsets/+447700900124")
    assert "<title>broken" not in odd and "&lt;img src=x" in odd


def test_the_page_can_be_photographed_on_a_phone(
    carrier: Sandbox, browse: Callable[..., str], tmp_path: Path
) -> None:
    send(carrier, "+447700900123", REMINDER)
    carrier.quiet()
    picture = tmp_path / "handset.png"
    browse(f"{carrier.url}/handsets/+447700900123", width=320, picture=picture)
    assert picture.read_bytes().startswith(b"\x89PNG") and picture.stat().st_size > 10_000
