"""Evidence by asking the carrier: a list, one message, what it received; and one way to say that it did not answer."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from services.common.carrier import Carrier, CarrierUnreachable, Outgoing
from services.common.context import Heed
from tests.support.odd_server import OddServer, Reply, hang_up, http, raw, reset, silence

SID = "AC" + "1" * 32
TO, SENDER = "+447700900123", "+447700900001"
MESSAGE: dict[str, Any] = {
    "sid": "SM" + "a" * 32,
    "status": "queued",
    "from": SENDER,
    "to": TO,
    "body": "Hello",
    "date_created": "Mon, 21 Sep 2026 10:00:00 +0000",
    "direction": "outbound-api",
    "error_code": None,
}
SINCE = datetime(2026, 9, 21, 9, tzinfo=UTC)


def carrier_at(url: str) -> Carrier:
    carrier = Carrier(SID, ("token",), url, "https://h/twilio/status/", "https://h/twilio/inbound")
    carrier._http.timeout = (1.0, 0.3)
    return carrier


def page(*messages: dict[str, Any], more: str | None = None) -> Reply:
    return http(200, json.dumps({"messages": list(messages), "next_page_uri": more, "page_size": 50}))


def test_a_listed_message(odd_server: Callable[..., OddServer]) -> None:
    server = odd_server(page(MESSAGE, MESSAGE | {"sid": "SMb", "error_code": 30006, "status": "undelivered"}))
    one, two = carrier_at(server.url).sent_to(TO, SENDER)
    assert (one.sid, one.status, one.sender, one.to, one.body) == (
        MESSAGE["sid"],
        "queued",
        SENDER,
        TO,
        "Hello",
    )
    assert (one.created, one.error_code, one.direction) == (
        datetime(2026, 9, 21, 10, tzinfo=UTC),
        None,
        "outbound-api",
    )
    assert (two.error_code, two.status) == (30006, "undelivered")
    assert "Hello" not in repr(one)


def test_the_list_has_no_date_filter_because_queued_messages_have_no_date(
    odd_server: Callable[..., OddServer],
) -> None:
    server = odd_server(page())
    assert carrier_at(server.url).sent_to(TO, SENDER) == []
    asked = parse_qs(urlsplit(server.requests[0].split(b" ")[1].decode()).query)
    assert (asked["To"], asked["From"]) == ([TO], [SENDER])
    assert not [name for name in asked if "Date" in name]


@pytest.mark.parametrize("hours", [0, 1, -5, 9.5])
def test_a_date_filter_is_converted_to_utc(odd_server: Callable[..., OddServer], hours: float) -> None:
    """The library prints an aware time as if it were UTC."""
    server = odd_server(page())
    carrier_at(server.url).received(SENDER, SINCE.astimezone(timezone(timedelta(hours=hours))))
    asked = parse_qs(urlsplit(server.requests[0].split(b" ")[1].decode()).query)
    assert asked["DateSent>"] == ["2026-09-21T09:00:00Z"]


def test_a_list_without_end_is_left(odd_server: Callable[..., OddServer]) -> None:
    again = f"/2010-04-01/Accounts/{SID}/Messages.json?Page=1"
    server = odd_server(page(*[MESSAGE] * 50, more=again))
    assert len(carrier_at(server.url).sent_to(TO, SENDER)) == 200
    assert len(server.requests) == 4


ASK: dict[str, Callable[[Carrier], object]] = {
    "sent_to": lambda carrier: carrier.sent_to(TO, SENDER),
    "fetch": lambda carrier: carrier.fetch("SM" + "a" * 32),
    "received": lambda carrier: carrier.received(SENDER, SINCE),
}


@pytest.mark.parametrize("question", ASK)
@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(http(500, json.dumps({"code": 20500, "message": TO})), id="500"),
        pytest.param(http(401, json.dumps({"code": 20003, "message": TO})), id="401"),
        pytest.param(http(404, json.dumps({"code": 20404, "message": TO})), id="404"),
        pytest.param(http(429, json.dumps({"code": 20429, "message": TO})), id="429"),
        pytest.param(http(302, "", "Location: http://127.0.0.1:1/"), id="302"),
        pytest.param(http(200, "<html></html>", kind="text/html"), id="page"),
        pytest.param(http(200, ""), id="empty"),
        pytest.param(http(200, "null"), id="null"),
        pytest.param(http(200, "[]"), id="list"),
        pytest.param(http(200, '"x"'), id="string"),
        pytest.param(http(200, "{}"), id="object"),
        pytest.param(http(200, json.dumps({"messages": None, "sid": "x"})), id="null messages"),
        pytest.param(http(200, json.dumps({"messages": [None]})), id="null message"),
        pytest.param(http(200, json.dumps({"messages": [{}]})), id="empty message"),
        pytest.param(
            http(200, json.dumps({"messages": [MESSAGE | {"date_created": None}]} | {"date_created": None})),
            id="no date",
        ),
        pytest.param(
            http(
                200, json.dumps({"messages": [MESSAGE | {"date_created": "soon"}]} | {"date_created": "soon"})
            ),
            id="odd date",
        ),
        pytest.param(
            http(
                200, json.dumps({"messages": [MESSAGE | {"error_code": "?"}]} | MESSAGE | {"error_code": "?"})
            ),
            id="odd code",
        ),
        pytest.param(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"), id="cut"),
        pytest.param(raw(b"rubbish\r\n\r\n"), id="rubbish"),
        pytest.param(hang_up, id="hang-up"),
        pytest.param(reset, id="reset"),
        pytest.param(silence(5), id="silence"),
    ],
)
def test_no_usable_answer_is_always_the_same_error(
    odd_server: Callable[..., OddServer], question: str, reply: Reply
) -> None:
    with pytest.raises(CarrierUnreachable) as unreachable:
        ASK[question](carrier_at(odd_server(reply).url))
    assert TO not in str(unreachable.value)
    assert unreachable.value.__cause__ is None
    assert unreachable.value.__suppress_context__


@pytest.mark.parametrize("question", ASK)
def test_a_refused_connection_too(question: str) -> None:
    with pytest.raises(CarrierUnreachable):
        ASK[question](carrier_at("http://127.0.0.1:1"))


@pytest.mark.parametrize("odd", [{"date_created": None}, {"date_created": "soon"}, {"error_code": "?"}])
def test_one_odd_message_spoils_the_list(
    odd_server: Callable[..., OddServer], odd: dict[str, object]
) -> None:
    """A message that cannot be read might be the one that is looked for: it must not count as absent."""
    with pytest.raises(CarrierUnreachable):
        carrier_at(odd_server(page(MESSAGE, MESSAGE | odd)).url).sent_to(TO, SENDER)


class TestWithTheSandbox:
    def test_what_was_sent_is_found_newest_first(self, reminders: Heed, carrier: Any) -> None:
        for words in ("one", "two", "three"):
            reminders.carrier.send(Outgoing(TO, words, reminders.config.sender, f"token-{words}-xx", 600))
        reminders.carrier.send(
            Outgoing("+447700900124", "other", reminders.config.sender, "token-other", 600)
        )
        seen = reminders.carrier.sent_to(TO, reminders.config.sender)
        assert [one.body for one in seen] == ["three", "two", "one"]
        assert all(one.direction.startswith("outbound") for one in seen)
        assert abs(seen[0].created - datetime.now(UTC)) < timedelta(minutes=1)
        assert reminders.carrier.fetch(seen[0].sid).body == "three"

    def test_another_senders_texts_are_not(self, reminders: Heed, carrier: Any) -> None:
        reminders.carrier.send(Outgoing(TO, "x", "+447700900002", "token-123456", 600))
        assert reminders.carrier.sent_to(TO, reminders.config.sender) == []

    def test_what_people_texted(self, reminders: Heed, carrier: Any) -> None:
        carrier.text(TO, reminders.config.sender, "My comment")
        found = reminders.carrier.received(reminders.config.sender, datetime.now(UTC) - timedelta(hours=1))
        assert [(one.body, one.sender, one.direction) for one in found] == [("My comment", TO, "inbound")]
        assert (
            reminders.carrier.received(reminders.config.sender, datetime.now(UTC) + timedelta(hours=1)) == []
        )
