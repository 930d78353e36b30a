"""One POST a text and three answers, whatever comes back: over real HTTP, to the sandbox and to a server that misbehaves."""

import json
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest
import responses

from services.common import logs
from services.common.carrier import Accepted, Answer, Carrier, NotSent, Outgoing, Uncertain
from services.common.carrier_codes import CodeClass, table
from services.common.context import Heed
from tests.support.odd_server import OddServer, Reply, hang_up, http, raw, reset, silence

SID = "AC" + "1" * 32
TO, SENDER, BODY = "+447700900123", "+447700900001", "Herts Police: Sam, you must be at St Albans"
TEXT = Outgoing(TO, BODY, SENDER, "tok_en-123456", 600)
MESSAGE = {
    "sid": "SM" + "a" * 32,
    "status": "queued",
    "from": SENDER,
    "to": TO,
    "body": BODY,
    "date_created": "Mon, 21 Sep 2026 10:00:00 +0000",
    "direction": "outbound-api",
    "error_code": None,
}


def carrier_at(url: str, **changes: Any) -> Carrier:
    carrier = Carrier(
        SID,
        ("first-token", "old-token"),
        url,
        "https://heed.example.org/twilio/status/",
        "https://heed.example.org/twilio/inbound",
    )
    carrier._http.timeout = (changes.get("connect", 2.0), changes.get("read", 2.0))
    return carrier


@pytest.fixture
def send(odd_server: Callable[..., OddServer]) -> Callable[..., tuple[Answer, OddServer]]:
    """Sends one text to a server that answers so."""

    def run(*replies: Reply, **changes: Any) -> tuple[Answer, OddServer]:
        server = odd_server(*replies)
        return carrier_at(server.url, **changes).send(TEXT), server

    return run


def refusal(status: int, code: int | None, *headers: str) -> Reply:
    """Twilio's error JSON."""
    body = {"message": f"To {TO} is no good", "more_info": "https://…", "status": status}
    return http(status, json.dumps(body | ({"code": code} if code is not None else {})), *headers)


def test_what_is_posted(send: Callable[..., tuple[Answer, OddServer]]) -> None:
    answer, server = send(http(201, json.dumps(MESSAGE)))
    assert answer == Accepted(MESSAGE["sid"], "queued")
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(f"POST /2010-04-01/Accounts/{SID}/Messages.json HTTP/1.1\r\n".encode())
    assert b"Authorization: Basic QUMx" in head  # "AC1…:first-token"
    assert dict(parse_qsl(body.decode())) == {
        "To": TO,
        "From": SENDER,
        "Body": BODY,
        "StatusCallback": "https://heed.example.org/twilio/status/tok_en-123456#rc=5&rp=all&ct=3000&rt=5000&tt=15000",
        "ValidityPeriod": "600",
    }


@pytest.mark.parametrize(
    ("validity", "asked"),
    [(-5, 1), (0, 1), (1, 1), (35_999, 35_999), (36_000, 36_000), (36_001, 36_000), (10**9, 36_000)],
)
def test_validity_stays_within_the_carriers_bounds(
    odd_server: Callable[..., OddServer], validity: int, asked: int
) -> None:
    server = odd_server(http(201, json.dumps(MESSAGE)))
    carrier_at(server.url).send(Outgoing(TO, BODY, SENDER, "token", validity))
    assert dict(parse_qsl(server.requests[0].partition(b"\r\n\r\n")[2].decode()))["ValidityPeriod"] == str(
        asked
    )


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(http(200, json.dumps(MESSAGE)), id="200"),
        pytest.param(http(201, json.dumps(MESSAGE | {"extra": {"new": "field"}})), id="new fields"),
        pytest.param(http(201, json.dumps({"sid": MESSAGE["sid"], "status": "queued"})), id="few fields"),
        pytest.param(http(201, json.dumps(MESSAGE | {"status": None})), id="no status"),
    ],
)
def test_accepted(send: Callable[..., tuple[Answer, OddServer]], reply: Reply) -> None:
    answer, _ = send(reply)
    assert isinstance(answer, Accepted)
    assert answer.sid == MESSAGE["sid"]


CREATE = sorted(code for code, known in table().items() if known.kind is not CodeClass.UNCERTAIN)


@pytest.mark.parametrize("code", CREATE)
def test_every_code_of_a_refusal(send: Callable[..., tuple[Answer, OddServer]], code: int) -> None:
    kind = table()[code].kind
    answer, server = send(refusal(429 if kind is CodeClass.WAIT else 400, code))
    assert isinstance(answer, NotSent)
    assert (answer.kind, answer.code) == (kind, code)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("reply", "kind", "code"),
    [
        (refusal(400, 99999), "unknown", 99999),
        (refusal(401, 20003), "set-up", 20003),
        (refusal(401, 99998), "set-up", 99998),
        (refusal(403, 99998), "set-up", 99998),
        (refusal(404, 20404), "set-up", 20404),
        (http(401, "<html>Log in</html>", kind="text/html"), "set-up", 401),
        (http(403, "<html>Blocked</html>", kind="text/html"), "set-up", 403),
        (http(404, ""), "set-up", 404),
        (refusal(429, None), "wait", 429),
        (refusal(429, 21211), "wait", 21211),
        (http(429, "slow down", kind="text/plain"), "wait", 429),
        (refusal(400, 21611), "wait", 21611),
        # RFC 9457's shape, which other parts of Twilio's API speak already.
        (
            http(400, json.dumps({"type": "x", "title": "y", "status": 400, "code": 21610})),
            "opted-out",
            21610,
        ),
        (http(429, json.dumps({"type": "x", "title": "y", "status": 429, "code": 20429})), "wait", 20429),
    ],
)
def test_not_sent(
    send: Callable[..., tuple[Answer, OddServer]], reply: Reply, kind: str, code: int | None
) -> None:
    answer, server = send(reply)
    assert isinstance(answer, NotSent)
    assert (answer.kind, answer.code) == (kind, code)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("Retry-After: 7", 7.0),
        ("retry-after: 0", 0.0),
        ("Retry-After: Wed, 23 Sep 2026 10:00:00 GMT", None),
        ("Retry-After: -5", None),
        ("Retry-After: soon", None),
        ("Retry-After: ²", None),
        ("Retry-After:", None),
        ("X-Other: 7", None),
        # Nobody waits for a year: what is asked is bounded, whoever asks.
        ("Retry-After: 99999999999999999999", 3600.0),
    ],
)
def test_what_the_carrier_asks_to_wait(
    send: Callable[..., tuple[Answer, OddServer]], header: str, seconds: float | None
) -> None:
    answer, _ = send(refusal(429, 20429, header))
    assert isinstance(answer, NotSent)
    assert answer.retry_after == seconds


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(refusal(500, 20500), id="500"),
        pytest.param(refusal(503, 20503), id="503"),
        pytest.param(refusal(400, 20500), id="400 with 20500"),
        pytest.param(refusal(500, 21211), id="500 with a refusal's code"),
        pytest.param(http(502, "<html>Bad gateway</html>", kind="text/html"), id="502 page"),
        pytest.param(http(504, ""), id="504 empty"),
        # Not Twilio's JSON: something between us answered, and the request may have gone through.
        pytest.param(http(400, "<html>Bad request</html>", kind="text/html"), id="400 page"),
        pytest.param(http(408, "timeout", kind="text/plain"), id="408"),
        pytest.param(http(499, ""), id="499"),
        pytest.param(http(201, ""), id="201 empty"),
        pytest.param(http(201, "<html>OK</html>", kind="text/html"), id="201 page"),
        pytest.param(http(201, "{"), id="201 half"),
        pytest.param(http(201, "null"), id="201 null"),
        pytest.param(http(201, "[]"), id="201 list"),
        pytest.param(http(201, "42"), id="201 number"),
        pytest.param(http(201, '"SM1"'), id="201 string"),
        pytest.param(http(201, "{}"), id="201 without a sid"),
        pytest.param(http(201, json.dumps(MESSAGE | {"sid": None})), id="201 sid null"),
        pytest.param(http(201, json.dumps(MESSAGE | {"sid": ""})), id="201 sid empty"),
        pytest.param(http(201, json.dumps(MESSAGE | {"date_created": 7})), id="201 odd date"),
        pytest.param(http(201, b"\xff\xfe\x00"), id="201 bytes"),
        pytest.param(http(204), id="204"),
        pytest.param(http(300, "{}"), id="300"),
        pytest.param(http(304), id="304"),
        pytest.param(raw(b"HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{"), id="cut in the body"),
        pytest.param(
            raw(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n{}"), id="bad chunks"
        ),
        pytest.param(
            raw(b"HTTP/1.1 201 Created\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"),
            id="bad gzip",
        ),
        pytest.param(raw(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), id="not HTTP"),
        pytest.param(raw(b"HTTP/1.1 "), id="half a status line"),
        pytest.param(raw(b""), id="nothing"),
        pytest.param(hang_up, id="hang-up"),
        pytest.param(reset, id="reset"),
    ],
)
def test_uncertain_and_never_tried_again(send: Callable[..., tuple[Answer, OddServer]], reply: Reply) -> None:
    answer, server = send(reply)
    assert isinstance(answer, Uncertain)
    assert len(server.requests) == 1
    assert TO not in answer.why
    assert BODY not in answer.why


def test_an_answer_that_does_not_come(send: Callable[..., tuple[Answer, OddServer]]) -> None:
    start = time.monotonic()
    answer, server = send(silence(5), read=0.2)
    assert answer == Uncertain("ReadTimeout")
    assert len(server.requests) == 1
    assert time.monotonic() - start < 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(
    send: Callable[..., tuple[Answer, OddServer]], odd_server: Callable[..., OddServer], status: int
) -> None:
    elsewhere = odd_server(http(201, json.dumps(MESSAGE)))
    answer, server = send(http(status, "", f"Location: {elsewhere.url}/2010-04-01/Messages.json"))
    assert isinstance(answer, Uncertain)
    assert (len(server.requests), len(elsewhere.requests)) == (1, 0)


def test_a_refused_connection_was_surely_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert carrier_at(f"http://127.0.0.1:{port}").send(TEXT) == NotSent(CodeClass.WAIT)


def test_a_name_that_does_not_resolve_was_surely_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fails)
    assert carrier_at("http://carrier.invalid").send(TEXT) == NotSent(CodeClass.WAIT)


def test_a_connection_that_is_never_taken_was_surely_not_sent() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(3)]  # fill the queue, so that the next one gets no answer
        try:
            for one in waiting:
                one.setblocking(False)
                one.connect_ex(full.getsockname())
            carrier = carrier_at(f"http://127.0.0.1:{full.getsockname()[1]}", connect=0.2)
            assert carrier.send(TEXT) == NotSent(CodeClass.WAIT)
        finally:
            for one in waiting:
                one.close()


@pytest.mark.parametrize(
    ("region", "edge"), [("au1", ""), ("", "sydney"), ("au1", "sydney"), ("ie1", "dublin")]
)
def test_regions_and_edges_in_the_environment_change_nothing(
    monkeypatch: pytest.MonkeyPatch, send: Callable[..., tuple[Answer, OddServer]], region: str, edge: str
) -> None:
    for name, value in {
        "TWILIO_REGION": region,
        "TWILIO_EDGE": edge,
        "TWILIO_ACCOUNT_SID": "AC" + "9" * 32,
        "TWILIO_AUTH_TOKEN": "someone-else",
    }.items():
        monkeypatch.setenv(name, value)
    answer, server = send(http(201, json.dumps(MESSAGE)))
    assert isinstance(answer, Accepted)
    assert server.requests[0].startswith(f"POST /2010-04-01/Accounts/{SID}/".encode())


def test_the_library_is_met_with_mocked_answers_too() -> None:
    """Where a server cannot make it: the answer of an https address."""
    with responses.RequestsMock() as mocked:
        mocked.post(
            f"https://api.twilio.com/2010-04-01/Accounts/{SID}/Messages.json",
            json=MESSAGE,
            status=201,
        )
        assert isinstance(carrier_at("https://api.twilio.com").send(TEXT), Accepted)
        assert len(mocked.calls) == 1


def test_threads_do_not_read_each_others_answers(odd_server: Callable[..., OddServer]) -> None:
    slow, plain = odd_server(refusal(429, 20429, "Retry-After: 9")), odd_server(refusal(429, 20429))
    carrier = carrier_at(slow.url)
    other = carrier_at(plain.url)
    other._http = carrier._http  # one client, as in a drain
    other._client.http_client = carrier._http
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: (carrier if n % 2 else other).send(TEXT), range(24)))
    assert [answer.retry_after for answer in answers] == [None, 9.0] * 12  # type: ignore[union-attr]


def test_nothing_of_number_or_body_in_any_log(
    odd_server: Callable[..., OddServer], debug_log: Callable[[], str]
) -> None:
    listing = {"messages": [MESSAGE], "next_page_uri": None, "page_size": 50}
    replies = [
        http(201, json.dumps(MESSAGE)),
        refusal(400, 21211),
        refusal(500, 20500),
        http(201, json.dumps({"body": BODY, "to": TO})),
        reset,
        http(200, json.dumps(listing)),
        http(500, json.dumps(MESSAGE)),
    ]
    server = odd_server(*replies)
    carrier = carrier_at(server.url)
    for _ in range(5):
        carrier.send(TEXT)
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    carrier.sent_to(TO, SENDER, long_ago)
    from services.common.carrier import CarrierUnreachable

    with pytest.raises(CarrierUnreachable) as unreachable:
        carrier.sent_to(TO, SENDER, long_ago)
    logs.log.debug("a line of ours", n=1)
    said = debug_log() + str(unreachable.value) + repr(unreachable.value)
    assert "a line of ours" in said
    for secret in (TO, TO[1:], TO[3:], BODY, "Sam", "first-token", MESSAGE["sid"]):
        assert secret not in said


def test_texts_and_clients_do_not_show_what_they_hold() -> None:
    for thing in (TEXT, carrier_at("http://127.0.0.1:1")):
        shown = repr(thing) + str(thing)
        assert TO not in shown
        assert BODY not in shown
        assert "first-token" not in shown


class TestWithTheSandbox:
    """The whole wire, with the carrier's own faults by number."""

    @pytest.mark.parametrize(
        ("digits", "answer", "accepted"),
        [
            ("123", "accepted", 1),
            ("901", "accepted", 1),
            ("905", "opted-out", 0),
            ("906", "recipient", 0),
            ("910", "wait", 0),
            ("911", "uncertain", 0),
            ("912", "uncertain", 1),
            ("913", "uncertain", 1),
            ("914", "uncertain", 1),
            ("923", "accepted", 1),
        ],
    )
    def test_faults(self, reminders: Heed, carrier: Any, digits: str, answer: str, accepted: int) -> None:
        if digits == "914":
            reminders.carrier._http.timeout = (3.0, 0.2)
        to = f"+447700900{digits}"
        found = reminders.carrier.send(Outgoing(to, BODY, reminders.config.sender, "token_123456", 600))
        word = found.kind if isinstance(found, NotSent) else type(found).__name__.lower()
        assert word == answer
        assert sum(carrier.accepted(to).values()) == accepted

    def test_a_wrong_token_stops_the_sender(self, open_service: Callable[..., Heed], carrier: Any) -> None:
        heed = open_service("reminders", auth_tokens=("wrong",))
        answer = heed.carrier.send(Outgoing(TO, BODY, heed.config.sender, "token_123456", 600))
        assert answer == NotSent(CodeClass.SET_UP, 20003, 401)

    def test_a_sender_that_is_not_ours_stops_the_sender(self, reminders: Heed, carrier: Any) -> None:
        for sender in ("+447700900555", "NotOurs", "*"):
            answer = reminders.carrier.send(Outgoing(TO, BODY, sender, "token_123456", 600))
            assert isinstance(answer, NotSent)
            assert answer.kind is CodeClass.SET_UP, answer.code
