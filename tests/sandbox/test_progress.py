"""A text's way from queued to its end, and what the service hears of it."""

import re

import pytest
from twilio.request_validator import RequestValidator

from services.sandbox import overrides, plan
from services.sandbox.faults import fault_named
from services.sandbox.messages import RANK


def test_statuses_come_in_order_and_the_first_is_not_told(sandbox, service, wait_for) -> None:
    callback = service.url + "/twilio/status/tok-1#rc=5&rp=all&ct=3000&rt=5000&tt=15000"
    message = sandbox.send(status_callback=callback)
    assert message.status == "queued"
    wait_for(lambda: len(service.heard) == 2)
    assert service.statuses(message.sid) == ["sent", "delivered"]
    fetched = sandbox.client.messages(message.sid).fetch()
    assert (fetched.status, fetched.error_code) == ("delivered", None)
    assert fetched.date_sent is not None
    assert fetched.date_updated >= fetched.date_sent >= fetched.date_created


def test_sending_can_be_seen_on_the_way(sandboxes, wait_for) -> None:
    slow = sandboxes(delay_seconds=0.3)
    sid = slow.send().sid
    seen = []
    wait_for(lambda: seen.append(slow.client.messages(sid).fetch().status) or seen[-1] == "delivered")
    assert list(dict.fromkeys(seen)) == ["queued", "sending", "sent", "delivered"]


def test_a_callback_is_twilios_form_signed_with_the_first_token(sandbox, service, wait_for) -> None:
    message = sandbox.send(status_callback=service.url + "/twilio/status/tok-2?a=b#rc=5")
    wait_for(lambda: len(service.heard) == 2)
    sent, delivered = service.heard
    assert sent.form == {
        "AccountSid": sandbox.auth[0],
        "ApiVersion": "2010-04-01",
        "From": "+447700900001",
        "To": "+447700900123",
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "MessageStatus": "sent",
        "SmsStatus": "sent",
    }
    assert re.fullmatch(r"\d{10}", delivered.form["RawDlrDoneDate"])
    assert sent.path == "twilio/status/tok-2"
    for heard in service.heard:
        assert heard.url == service.url + "/twilio/status/tok-2?a=b"
        validator = RequestValidator("sandbox-token")
        assert validator.validate(heard.url, heard.form, heard.headers["X-Twilio-Signature"])
        assert not RequestValidator("x").validate(heard.url, heard.form, heard.headers["X-Twilio-Signature"])


def test_an_undelivered_text_says_why(sandbox, service, wait_for) -> None:
    message = sandbox.send(to="+447700900901", status_callback=service.url + "/s")
    wait_for(lambda: len(service.heard) == 2)
    assert service.statuses(message.sid) == ["sent", "undelivered"]
    assert "ErrorCode" not in service.heard[0].form
    assert service.heard[1].form["ErrorCode"] == "30006"
    fetched = sandbox.client.messages(message.sid).fetch()
    assert (fetched.error_code, fetched.error_message) == (30006, "landline")


def test_a_callback_is_tried_again_with_one_token_until_it_is_taken(sandbox, service, wait_for) -> None:
    service.answers = [500, 503]
    message = sandbox.send(to="+447700900123", status_callback=service.url + "/s")
    wait_for(lambda: len(service.heard) == 4)
    by_status: dict[str, list] = {}
    for heard in service.heard:
        by_status.setdefault(heard.form["MessageStatus"], []).append(heard)
    assert {len(tries) for tries in by_status.values()} in ({1, 3}, {2})
    for tries in by_status.values():
        assert len({heard.headers["I-Twilio-Idempotency-Token"] for heard in tries}) == 1
    tokens = {heard.headers["I-Twilio-Idempotency-Token"] for heard in service.heard}
    assert len(tokens) == 2
    assert set(service.statuses(message.sid)) == {"sent", "delivered"}


@pytest.mark.parametrize(
    ("answer", "fragment", "tries"),
    [
        (500, "", 6),
        (500, "#rc=2", 3),
        (500, "#rc=0", 1),
        (500, "#rp=ct", 1),
        (404, "", 1),
        (404, "#rc=1&rp=all", 2),
        (404, "#rc=1&rp=4xx", 2),
        (302, "", 1),
        (204, "#rc=5&rp=all", 1),
    ],
)
def test_tries_of_a_callback(sandboxes, service, wait_for, answer: int, fragment: str, tries: int) -> None:
    carrier = sandboxes(backoff_seconds=(0.04,), delay_seconds=0)
    service.answers = [answer] * 50
    carrier.send(status_callback=service.url + "/s" + fragment)
    failed = answer >= 400
    wait_for(lambda: carrier.control("callbacks")["given_up" if failed else "delivered"] == 2)
    assert len(service.heard) == 2 * tries


def test_no_try_begins_after_the_total_time(sandboxes, service, wait_for) -> None:
    carrier = sandboxes(backoff_seconds=(30,))
    service.answers = [500] * 50
    carrier.send(status_callback=service.url + "/s#rc=5&tt=15000")
    wait_for(lambda: carrier.control("callbacks")["given_up"] == 2)
    assert len(service.heard) == 2


def test_a_service_that_is_away_blocks_nobody(sandboxes, service, wait_for) -> None:
    carrier = sandboxes(callback_threads=1, backoff_seconds=(10,))
    carrier.send(status_callback="http://127.0.0.1:9/away")
    carrier.send(to="+447700900124", status_callback=service.url + "/s")
    wait_for(lambda: len(service.heard) == 2)
    assert carrier.control("callbacks")["given_up"] == 0


def test_callbacks_can_be_turned_off_and_on(sandbox, service, wait_for) -> None:
    assert sandbox.control("callbacks", {"on": False})["on"] is False
    first = sandbox.send(body="off", status_callback=service.url + "/s").sid
    sandbox.settle(first)
    assert sandbox.control("callbacks", {"on": True})["on"] is True
    second = sandbox.send(body="on", status_callback=service.url + "/s").sid
    wait_for(lambda: len(service.heard) == 2)
    assert {heard.form["MessageSid"] for heard in service.heard} == {second}


def test_callbacks_can_be_off_from_the_start(sandboxes, service) -> None:
    carrier = sandboxes(sends_callbacks=False)
    carrier.settle(carrier.send(status_callback=service.url + "/s").sid)
    assert carrier.control("callbacks")["on"] is False
    assert service.heard == []


def test_a_text_that_outlives_its_validity_is_not_sent(sandboxes, service, wait_for) -> None:
    slow = sandboxes(delay_seconds=1.05)
    sid = slow.send(validity_period=1, status_callback=service.url + "/s").sid
    row = slow.settle(sid)
    assert (row["status"], row["error_code"]) == ("failed", 30036)
    wait_for(lambda: service.statuses(sid) == ["failed"])


@pytest.mark.parametrize(
    ("status", "later"),
    [
        ("scheduled", ["queued", "sending", "sent", "delivered", "undelivered", "failed", "canceled"]),
        ("queued", ["sending", "sent", "delivered", "undelivered", "failed", "canceled"]),
        ("sent", ["delivered", "undelivered", "failed", "canceled"]),
        ("delivered", []),
        ("undelivered", []),
        ("failed", []),
        ("canceled", []),
        ("received", []),
    ],
)
def test_a_status_never_goes_back_and_the_first_final_word_stays(
    sandbox, status: str, later: list[str]
) -> None:
    store = sandbox.carrier.store
    message = store.add(direction="outbound-api", status=status, to="+447700900123", sender="x", body="y")
    assert [word for word in RANK if message.can_become(word)] == later
    if not later:
        assert store.advance(message.sid, "delivered") is None
        assert message.status == status


@pytest.mark.parametrize(
    ("name", "first", "statuses"),
    [
        (None, True, ["sending", "sent", "delivered"]),
        ("landline", False, ["sending", "sent", "undelivered"]),
        ("unreachable", True, ["sending", "sent", "undelivered"]),
        ("unreachable", False, ["sending", "sent", "delivered"]),
        ("callback-lost", True, ["sending", "sent", "delivered"]),
        ("late", True, ["sending", "sent", "delivered"]),
    ],
)
def test_plans(name: str | None, first: bool, statuses: list[str]) -> None:
    steps = plan.steps(fault_named(name) if name else None, first, delay=1, late=100)
    assert [step.status for step in steps] == statuses
    assert steps[-1].wait == (100 if name == "late" else 1)
    assert [step.status for step in plan.remaining(steps, "sending")] == statuses[1:]
    assert plan.remaining(steps, "delivered") == ()


@pytest.mark.parametrize(
    ("url", "bare", "expected"),
    [
        ("http://a/b", "http://a/b", overrides.Overrides()),
        ("http://a/b?c=d#", "http://a/b?c=d", overrides.Overrides()),
        (
            "http://a/b#rc=9&rp=all&ct=1&rt=99999&tt=99999",
            "http://a/b",
            overrides.Overrides(5, overrides.FAILURES, 0.1, 15.0, 15.0),
        ),
        ("http://a/b#rc=x&rp=maybe&ct=-1", "http://a/b", overrides.Overrides()),
        ("http://a/b#rc=0&rp=ct,rt", "http://a/b", overrides.Overrides(0, frozenset({"ct", "rt"}))),
    ],
)
def test_overrides(url: str, bare: str, expected: overrides.Overrides) -> None:
    assert overrides.split(url) == (bare, expected)
