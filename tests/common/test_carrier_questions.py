"""Evidence by asking the carrier: a list, one message, what it received; and one way to say that it did not answer."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from services.common.carrier import Carrier, CarrierUnreachable, ListCut, Outgoing, Seen
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
    one, two = carrier_at(server.url).sent_to(TO, SENDER, SINCE)
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
    assert carrier_at(server.url).sent_to(TO, SENDER, SINCE) == []
    asked = parse_qs(urlsplit(server.requests[0].split(b" ")[1].decode()).query)
    assert (asked["To"], asked["From"]) == ([TO], [SENDER])
    assert not [name for name in asked if "Date" in name]


def pages(carrier: Carrier, since: datetime = SINCE, **which: str) -> list[Seen]:
    until = since + timedelta(hours=2)
    return [one for each in carrier.pages(since, until, **(which or {"to": SENDER})) for one in each]


@pytest.mark.parametrize("hours", [0, 1, -5, 9.5])
def test_a_date_filter_is_converted_to_utc(odd_server: Callable[..., OddServer], hours: float) -> None:
    """The library prints an aware time as if it were UTC."""
    server = odd_server(page())
    assert pages(carrier_at(server.url), SINCE.astimezone(timezone(timedelta(hours=hours)))) == []
    asked = parse_qs(urlsplit(server.requests[0].split(b" ")[1].decode()).query)
    assert (asked["DateSent>"], asked["DateSent<"]) == (["2026-09-21T09:00:00Z"], ["2026-09-21T11:00:00Z"])
    assert (asked["To"], asked["PageSize"]) == ([SENDER], ["1000"])
    assert "From" not in asked


def test_the_sent_ones_are_asked_for_by_sender(odd_server: Callable[..., OddServer]) -> None:
    server = odd_server(page(MESSAGE))
    assert [one.sid for one in pages(carrier_at(server.url), sender=SENDER)] == [MESSAGE["sid"]]
    asked = parse_qs(urlsplit(server.requests[0].split(b" ")[1].decode()).query)
    assert asked["From"] == [SENDER]
    assert "To" not in asked


AGAIN = f"/2010-04-01/Accounts/{SID}/Messages.json?Page=1"


def test_a_list_without_end_is_left(
    odd_server: Callable[..., OddServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = odd_server(page(*[MESSAGE] * 50, more=AGAIN))
    before = datetime(2026, 9, 21, 10, 0, 1, tzinfo=UTC)  # just after the message was made
    assert len(carrier_at(server.url).sent_to(TO, SENDER, before)) == 1000
    assert len(server.requests) == 20
    monkeypatch.setattr("services.common.carrier.PAGE", 50)
    monkeypatch.setattr("services.common.carrier.LIST_MOST", 100)
    with pytest.raises(ListCut):
        pages(carrier_at(server.url))


def test_a_list_that_does_not_reach_back_says_nothing_about_absence(
    odd_server: Callable[..., OddServer],
) -> None:
    """A thousand texts to one number since the claim: the one that is looked for may be behind them."""
    server = odd_server(page(*[MESSAGE] * 50, more=AGAIN))
    with pytest.raises(CarrierUnreachable):
        carrier_at(server.url).sent_to(TO, SENDER, SINCE)


def test_a_message_that_is_not_there(odd_server: Callable[..., OddServer]) -> None:
    server = odd_server(http(404, json.dumps({"code": 20404, "message": TO})))
    assert carrier_at(server.url).fetch("SM" + "a" * 32) is None


@pytest.mark.parametrize(
    ("reply", "result"),
    [
        (http(200, json.dumps(MESSAGE | {"body": ""})), "done"),
        (http(404, json.dumps({"code": 20404, "message": TO})), "gone"),
        (http(409, json.dumps({"code": 20009, "message": TO})), "refused"),
        (http(400, json.dumps({"code": 20001, "message": TO})), "refused"),
        (http(401, json.dumps({"code": 20003, "message": TO})), None),
        (http(429, json.dumps({"code": 20429, "message": TO})), None),
        (http(500, json.dumps({"code": 20500, "message": TO})), None),
        (hang_up, None),
    ],
)
def test_removing_words(odd_server: Callable[..., OddServer], reply: Reply, result: str | None) -> None:
    server = odd_server(reply)
    if result is None:
        with pytest.raises(CarrierUnreachable):
            carrier_at(server.url).redact("SM" + "a" * 32)
    else:
        assert carrier_at(server.url).redact("SM" + "a" * 32) == result
    assert server.requests[0].endswith(b"\r\n\r\nBody=")


ASK: dict[str, Callable[[Carrier], object]] = {
    "sent_to": lambda carrier: carrier.sent_to(TO, SENDER, SINCE),
    "fetch": lambda carrier: carrier.fetch("SM" + "a" * 32),
    "pages": pages,
}


@pytest.mark.parametrize("question", ASK)
@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(http(500, json.dumps({"code": 20500, "message": TO})), id="500"),
        pytest.param(http(401, json.dumps({"code": 20003, "message": TO})), id="401"),
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
        carrier_at(odd_server(page(MESSAGE, MESSAGE | odd)).url).sent_to(TO, SENDER, SINCE)


class TestWithTheSandbox:
    def test_what_was_sent_is_found_newest_first(self, reminders: Heed, carrier: Any) -> None:
        for words in ("one", "two", "three"):
            reminders.carrier.send(Outgoing(TO, words, reminders.config.sender, f"token-{words}-xx", 600))
        reminders.carrier.send(
            Outgoing("+447700900124", "other", reminders.config.sender, "token-other", 600)
        )
        seen = reminders.carrier.sent_to(TO, reminders.config.sender, SINCE)
        assert [one.body for one in seen] == ["three", "two", "one"]
        assert all(one.direction.startswith("outbound") for one in seen)
        assert abs(seen[0].created - datetime.now(UTC)) < timedelta(minutes=1)
        assert reminders.carrier.fetch(seen[0].sid).body == "three"

    def test_another_senders_texts_are_not(self, reminders: Heed, carrier: Any) -> None:
        reminders.carrier.send(Outgoing(TO, "x", "+447700900002", "token-123456", 600))
        assert reminders.carrier.sent_to(TO, reminders.config.sender, SINCE) == []

    def test_what_people_texted(self, reminders: Heed, carrier: Any) -> None:
        carrier.text(TO, reminders.config.sender, "My comment")
        hour_ago = datetime.now(UTC) - timedelta(hours=1)
        found = pages(reminders.carrier, hour_ago, to=reminders.config.sender)
        assert [(one.body, one.sender, one.direction) for one in found] == [("My comment", TO, "inbound")]
        assert pages(reminders.carrier, hour_ago - timedelta(days=1), to=reminders.config.sender) == []
        assert pages(reminders.carrier, hour_ago, sender=reminders.config.sender) == []
