"""Texts from handsets: the signed webhook, its retries, the carrier's own keywords, and TwiML answers."""

import threading
import time

import pytest
from flask import Response
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator

from services.sandbox import keywords, twiml
from services.sandbox.config import Sender

REMINDERS, CONSULTATION, NAME, HANDSET = "+447700900001", "+447700900002", "HertsCourts", "+447700900123"


def text_in(sandbox, body: str, to: str = REMINDERS, number: str = HANDSET, **more):
    return sandbox.control("inbound", {"from": number, "to": to, "body": body, **more})


def on_handset(sandbox, number: str = HANDSET) -> list[tuple[str, str]]:
    rows = sandbox.control("messages", to=number)["messages"]
    return [(row["direction"], row["body"]) for row in rows]


def test_the_webhook_is_twilios_form_signed_for_the_configured_url(sandbox, service) -> None:
    answer = text_in(sandbox, "Ydych chi'n siarad Cymraeg? ŵ")
    (heard,) = service.heard
    assert answer == {"sid": heard.form["MessageSid"], "status_code": 204, "attempts": 1}
    assert heard.form == {
        "AccountSid": sandbox.auth[0],
        "ApiVersion": "2010-04-01",
        "Body": "Ydych chi'n siarad Cymraeg? ŵ",
        "From": HANDSET,
        "FromCity": "",
        "FromCountry": "GB",
        "FromState": "",
        "FromZip": "",
        "MessageSid": answer["sid"],
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsMessageSid": answer["sid"],
        "SmsSid": answer["sid"],
        "SmsStatus": "received",
        "To": REMINDERS,
        "ToCity": "",
        "ToCountry": "GB",
        "ToState": "",
        "ToZip": "",
    }
    assert heard.url == service.url + "/reminders/twilio/inbound"
    assert RequestValidator("sandbox-token").validate(
        heard.url, heard.form, heard.headers["X-Twilio-Signature"]
    )


def test_each_sender_has_its_own_service(sandbox, service) -> None:
    text_in(sandbox, "to one", REMINDERS)
    text_in(sandbox, "to the other", CONSULTATION)
    assert [heard.path for heard in service.heard] == [
        "reminders/twilio/inbound",
        "consultation/twilio/inbound",
    ]


def test_inbound_texts_are_listed_by_the_api(sandbox) -> None:
    sid = text_in(sandbox, "Hello")["sid"]
    found = sandbox.client.messages.list(to=REMINDERS, limit=5)
    assert [(m.sid, m.direction, m.status, m.from_, m.body) for m in found] == [
        (sid, "inbound", "received", HANDSET, "Hello")
    ]
    assert found[0].date_sent is not None


def test_a_failing_service_is_tried_again_with_the_same_token(sandbox, service) -> None:
    service.answers = [503, 500]
    answer = text_in(sandbox, "Hello")
    assert (answer["status_code"], answer["attempts"]) == (204, 3)
    assert len({heard.headers["I-Twilio-Idempotency-Token"] for heard in service.heard}) == 1
    assert len({heard.form["MessageSid"] for heard in service.heard}) == 1


@pytest.mark.parametrize(("answer", "tries"), [(500, 6), (403, 1), (302, 1)])
def test_a_service_that_never_takes_it_is_given_up_and_the_text_stays_listed(
    sandbox, service, answer: int, tries: int
) -> None:
    service.answers = [answer] * 10
    found = text_in(sandbox, "Hello")
    assert (found["status_code"], found["attempts"]) == (answer, tries)
    assert len(service.heard) == tries
    assert [m.sid for m in sandbox.client.messages.list(to=REMINDERS, limit=5)] == [found["sid"]]


def test_a_service_that_is_away(sandboxes) -> None:
    carrier = sandboxes(senders=(Sender(REMINDERS, "Reminders", "http://127.0.0.1:9/twilio/inbound"),))
    started = time.monotonic()
    found = text_in(carrier, "Hello")
    assert (found["status_code"], found["attempts"]) == (None, 6)
    assert time.monotonic() - started < 5


def test_a_sid_can_be_posted_twice_and_is_one_text(sandbox, service) -> None:
    sid = "SM" + "ab" * 16
    assert text_in(sandbox, "Hello", sid=sid)["sid"] == sid
    assert text_in(sandbox, "Hello", sid=sid)["sid"] == sid
    assert [heard.form["MessageSid"] for heard in service.heard] == [sid, sid]
    tokens = {heard.headers["I-Twilio-Idempotency-Token"] for heard in service.heard}
    assert len(tokens) == 2
    assert len(sandbox.control("messages")["messages"]) == 1
    assert text_in(sandbox, "Something else", sid=sid)["error"] == "not_sent"


def test_two_posts_of_one_sid_at_once_are_one_text(sandbox) -> None:
    sid = "SM" + "cd" * 16
    threads = [
        threading.Thread(target=text_in, args=(sandbox, "Hello"), kwargs={"sid": sid}) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sandbox.control("messages")["messages"]) == 1


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"from": HANDSET, "to": NAME, "body": "Hello"}, 400),
        ({"from": HANDSET, "to": "+447700900555", "body": "Hello"}, 400),
        ({"from": "", "to": REMINDERS, "body": "Hello"}, 400),
        ({"from": "<b>x</b>", "to": REMINDERS, "body": "Hello"}, 400),
        ({"from": "+4477009001231234", "to": REMINDERS, "body": "Hello"}, 400),
        ({"from": HANDSET, "to": REMINDERS}, 400),
        ({"from": HANDSET, "to": REMINDERS, "body": 5}, 400),
        ({"from": HANDSET, "to": REMINDERS, "body": "Hello", "sid": "SM1"}, 400),
        ({"from": HANDSET, "to": REMINDERS, "body": "a" * 1601}, 400),
        ({"from": HANDSET, "to": REMINDERS, "body": "\ud83d"}, 400),
        ([HANDSET], 400),
        ({"from": HANDSET, "to": REMINDERS, "body": ""}, 200),
        ({"from": "60999", "to": REMINDERS, "body": "short code"}, 200),
        ({"from": "Vodafone", "to": REMINDERS, "body": "a name"}, 200),
        ({"from": "+33612345678", "to": REMINDERS, "body": "from abroad"}, 200),
    ],
)
def test_what_a_handset_can_send(sandbox, service, given: object, status: int) -> None:
    answer = sandbox.session.post(sandbox.url + "/sandbox/inbound", json=given)
    assert answer.status_code == status, answer.text
    assert len(service.heard) == (status == 200)
    assert len(sandbox.carrier.store.state.messages) == (status == 200)


def test_the_country_follows_the_number(sandbox, service) -> None:
    text_in(sandbox, "Bonjour", number="+33612345678")
    text_in(sandbox, "Offer", number="60999")
    assert [heard.form["FromCountry"] for heard in service.heard] == ["FR", ""]


def test_stop_blocks_the_pair_confirms_once_and_start_undoes_it(sandbox, service) -> None:
    sandbox.send(body="one")
    text_in(sandbox, "Stop ")
    with pytest.raises(TwilioRestException) as refused:
        sandbox.send(body="two")
    assert (refused.value.status, refused.value.code) == (400, 21610)
    assert sandbox.send(from_=CONSULTATION, body="other sender").status == "queued"
    assert sandbox.send(to="+447700900124", body="other number").status == "queued"
    text_in(sandbox, "STOP")
    text_in(sandbox, "start")
    text_in(sandbox, "Yes")
    assert sandbox.send(body="three").status == "queued"
    assert [heard.form["OptOutType"] for heard in service.heard] == ["STOP", "STOP", "START", "START"]
    carrier_made = [body for direction, body in on_handset(sandbox) if direction == "carrier"]
    assert [body.split(".")[0] for body in carrier_made] == [
        "You have successfully been unsubscribed",
        "You have successfully been re-subscribed to messages from this number",
    ]


def test_the_carriers_own_texts_are_not_listed_and_not_counted(sandbox) -> None:
    text_in(sandbox, "STOP")
    text_in(sandbox, "INFO")
    assert [body for _, body in on_handset(sandbox)][1].startswith("Reply STOP")
    assert sandbox.client.messages.list(to=HANDSET, limit=5) == []
    assert sandbox.control("accepted")["accepted"] == 0


def test_without_keyword_handling_the_service_answers_for_itself(sandboxes, service) -> None:
    carrier = sandboxes(answers_stop=False)
    text_in(carrier, "STOP")
    assert "OptOutType" not in service.heard[0].form
    assert carrier.send(body="You will get no more texts from us.").status == "queued"
    assert [direction for direction, _ in on_handset(carrier)] == ["outbound-api"]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        *(
            (word, "STOP")
            for word in ["STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "CANCEL", "REVOKE", "OPTOUT"]
        ),
        *((word, "START") for word in ["START", "UNSTOP", "YES"]),
        *((word, "HELP") for word in ["HELP", "INFO"]),
        ("stop", "STOP"),
        (" Stop\n", "STOP"),
        ("STOP.", None),
        ("Stop it", None),
        ("Please stop", None),
        ("", None),
        ("unstoppable", None),
    ],
)
def test_keywords(body: str, word: str | None) -> None:
    assert keywords.keyword(body) == word


@pytest.mark.parametrize(
    ("word", "opted_out", "new_state", "replies"),
    [
        ("STOP", False, True, True),
        ("STOP", True, None, False),
        ("START", True, False, True),
        ("START", False, None, False),
        ("HELP", False, None, True),
        ("HELP", True, None, True),
        (None, False, None, False),
        (None, True, None, False),
    ],
)
def test_effects(word: str | None, opted_out: bool, new_state: bool | None, replies: bool) -> None:
    effect = keywords.effect(word, opted_out)
    assert (effect.opted_out, effect.reply is not None) == (new_state, replies)


def test_a_twiml_message_reaches_the_handset(sandbox, service) -> None:
    service.answers = [
        Response(
            "<Response><Message>One</Message><Message><Body>Two</Body></Message></Response>",
            mimetype="text/xml",
        )
    ]
    text_in(sandbox, "Hello")
    assert on_handset(sandbox) == [("outbound-reply", "One"), ("outbound-reply", "Two")]
    assert {m.direction for m in sandbox.client.messages.list(to=HANDSET, limit=5)} == {"outbound-reply"}
    assert sandbox.control("accepted")["accepted"] == 0


def test_a_twiml_message_does_not_pass_an_opt_out(sandbox, service) -> None:
    service.answers = [Response("<Response><Message>Sorry</Message></Response>", mimetype="text/xml")]
    text_in(sandbox, "STOP")
    assert [direction for direction, _ in on_handset(sandbox)] == ["carrier"]


@pytest.mark.parametrize(
    ("kind", "answer", "texts"),
    [
        ("text/xml", "<Response/>", []),
        ("text/xml", "<Response></Response>", []),
        ("", "", []),
        (
            "text/xml; charset=utf-8",
            "<?xml version='1.0'?><Response><Message> A </Message></Response>",
            ["A"],
        ),
        ("text/xml", "<Response><Message/><Redirect>x</Redirect></Response>", []),
        ("text/xml", "<Response><Message>", []),
        ("text/xml", "<Other><Message>A</Message></Other>", []),
        ("text/html", "<!doctype html><p>Error</p>", []),
        ("text/xml", "<!DOCTYPE r [<!ENTITY a 'b'>]><Response><Message>&a;</Message></Response>", []),
        ("text/plain", "OK", ["OK"]),
    ],
)
def test_twiml(kind: str, answer: str, texts: list[str]) -> None:
    assert twiml.replies(kind, answer) == texts
