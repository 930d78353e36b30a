"""Sending through Twilio's own library: what is answered, and what is refused with which code."""

from datetime import UTC, datetime, timedelta

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

REMINDERS, NAME, HANDSET = "+447700900001", "HertsCourts", "+447700900123"
SERVICE_SID = "MG" + "0" * 32


def test_the_answer_is_twilios_message(sandbox) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    message = sandbox.send(body="Your hearing is on Wed 23 Sep at 10:00.")
    assert (message.sid[:2], len(message.sid), message.status) == ("SM", 34, "queued")
    assert (message.direction, message.from_, message.to) == ("outbound-api", REMINDERS, HANDSET)
    assert message.body == "Your hearing is on Wed 23 Sep at 10:00."
    assert (message.num_segments, message.num_media, message.price) == ("1", "0", None)
    assert (message.error_code, message.error_message, message.date_sent) == (None, None, None)
    assert before <= message.date_created <= datetime.now(UTC)
    assert message.account_sid == sandbox.auth[0]
    assert message.api_version == "2010-04-01"


def test_the_json_has_every_field_of_the_resource(sandbox) -> None:
    answer = sandbox.session.post(
        sandbox.api + ".json", auth=sandbox.auth, data={"To": HANDSET, "From": REMINDERS, "Body": "Hi"}
    )
    found = answer.json()
    assert answer.status_code == 201
    assert set(found) == {
        "account_sid", "api_version", "body", "date_created", "date_sent", "date_updated", "direction",
        "error_code", "error_message", "from", "messaging_service_sid", "num_media", "num_segments", "price",
        "price_unit", "sid", "status", "subresource_uris", "to", "uri",
    }  # fmt: skip
    assert found["uri"].endswith(f"/Messages/{found['sid']}.json")
    assert found["date_created"].endswith(" +0000")


@pytest.mark.parametrize(
    ("body", "more", "segments"),
    [
        ("a" * 160, {}, "1"),
        ("a" * 161, {}, "2"),
        ("ŵ" * 71, {}, "2"),
        ("“" * 71, {}, "2"),
        ("“" * 71, {"smart_encoded": True}, "1"),
    ],
)
def test_segments_are_counted_as_billed(sandbox, body: str, more: dict[str, bool], segments: str) -> None:
    assert sandbox.send(body=body, **more).num_segments == segments


@pytest.mark.parametrize(
    ("form", "code", "status"),
    [
        ({"To": ""}, 21604, 400),
        ({"Body": ""}, 21602, 400),
        ({"From": ""}, 21603, 400),
        ({"To": "07700900123"}, 21211, 400),
        ({"To": "+44770090"}, 0, 201),
        ({"To": "+447700"}, 21211, 400),
        ({"To": "Mum"}, 21211, 400),
        ({"To": "+44 7700 (900)-123"}, 0, 201),
        ({"From": "+447700900555"}, 21659, 400),
        ({"From": "60999"}, 21659, 400),
        ({"From": "SomebodyEls"}, 21606, 400),
        ({"From": "SomebodyElse"}, 21212, 400),
        ({"From": "Herts!"}, 21212, 400),
        ({"From": NAME}, 0, 201),
        ({"From": "", "MessagingServiceSid": SERVICE_SID}, 0, 201),
        ({"Body": "a" * 1600}, 0, 201),
        ({"Body": "a" * 1601}, 21617, 400),
        ({"StatusCallback": "not a url"}, 21609, 400),
        ({"StatusCallback": "http://[::1"}, 21609, 400),
        ({"StatusCallback": "http://host:99999/"}, 21609, 400),
        ({"ValidityPeriod": "0"}, 20001, 400),
        ({"ValidityPeriod": "36000"}, 0, 201),
        ({"ValidityPeriod": "36001"}, 20001, 400),
        ({"ValidityPeriod": "soon"}, 20001, 400),
        ({"MaxPrice": "1", "Attempt": "2", "ProvideFeedback": "true", "SomethingNew": "x"}, 0, 201),
        ({"ScheduleType": "fixed"}, 35111, 400),
        ({"ScheduleType": "fixed", "SendAt": "2030-01-01T00:00:00Z"}, 35118, 400),
        ({"ScheduleType": "later"}, 20001, 400),
        ({"SendAt": "2030-01-01T00:00:00Z"}, 0, 201),
    ],
)
def test_refusals(sandbox, form: dict[str, str], code: int, status: int) -> None:
    whole = {"To": HANDSET, "From": REMINDERS, "Body": "Hello"} | form
    answer = sandbox.session.post(sandbox.api + ".json", auth=sandbox.auth, data=whole)
    assert answer.status_code == status, answer.text
    if code:
        assert answer.json() == {
            "code": code,
            "message": answer.json()["message"],
            "more_info": f"https://www.twilio.com/docs/errors/{code}",
            "status": status,
        }
    assert sandbox.control("accepted")["accepted"] == (0 if code else 1)


@pytest.mark.parametrize(
    "auth",
    [
        None,
        ("AC" + "0" * 32, "sandbox-token"),
        ("AC00000000000000000000000000005a4d", "wrong"),
        ("", ""),
        ("é", "é"),
    ],
)
def test_strangers_are_refused(sandbox, auth: tuple[str, str] | None) -> None:
    given = tuple(part.encode() for part in auth) if auth else None
    for answer in (
        requests.get(sandbox.api + ".json", auth=given),
        requests.post(sandbox.api + ".json", auth=given, data={"To": HANDSET}),
    ):
        assert answer.status_code == 401
        assert answer.json()["code"] == 20003
        assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_an_older_token_still_opens_the_door(sandbox) -> None:
    answer = sandbox.session.get(sandbox.api + ".json", auth=(sandbox.auth[0], "the-old-token"))
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("verb", "path", "code"),
    [
        ("GET", "/2010-04-01/Accounts/{account}/Messages/SM00.json", 20404),
        ("POST", "/2010-04-01/Accounts/{account}/Messages/SM00.json", 20404),
        ("DELETE", "/2010-04-01/Accounts/{account}/Messages/SM00.json", 20404),
        ("GET", "/2010-04-01/Accounts/{account}/Calls.json", 20404),
        ("GET", "/2010-04-01/Accounts/AC1/Messages.json", 20404),
        ("PUT", "/2010-04-01/Accounts/{account}/Messages.json", 20004),
        ("DELETE", "/2010-04-01/Accounts/{account}/Messages.json", 20004),
    ],
)
def test_unknown_resources_and_verbs(sandbox, verb: str, path: str, code: int) -> None:
    url = sandbox.url + path.format(account=sandbox.auth[0])
    answer = sandbox.session.request(verb, url, auth=sandbox.auth)
    assert (answer.status_code, answer.json()["code"]) == ({20404: 404, 20004: 405}[code], code)


def test_a_request_too_large_is_refused(sandbox) -> None:
    answer = sandbox.session.post(sandbox.api + ".json", auth=sandbox.auth, data={"Body": "a" * 70_000})
    assert answer.status_code == 413


def test_a_carrier_without_senders_takes_any(sandboxes) -> None:
    assert sandboxes(senders=()).send(from_="+15005550006").status == "queued"


def test_a_scheduled_text_waits_and_can_be_cancelled(sandbox) -> None:
    in_an_hour = datetime.now(UTC) + timedelta(hours=1)
    asked = {"schedule_type": "fixed", "send_at": in_an_hour, "messaging_service_sid": SERVICE_SID}
    message = sandbox.send(**asked)
    assert message.status == "scheduled"
    assert sandbox.client.messages(message.sid).update(status="canceled").status == "canceled"
    with pytest.raises(TwilioRestException) as refused:
        sandbox.client.messages(message.sid).update(status="canceled")
    assert refused.value.code == 30409
    for wrong in (timedelta(minutes=4), timedelta(days=36)):
        with pytest.raises(TwilioRestException) as refused:
            sandbox.send(**asked | {"send_at": datetime.now(UTC) + wrong})
        assert refused.value.code == 35115


def test_a_sent_text_cannot_be_cancelled(sandbox) -> None:
    sid = sandbox.send().sid
    with pytest.raises(TwilioRestException) as refused:
        sandbox.client.messages(sid).update(status="canceled")
    assert refused.value.status == 409


def test_redaction_and_deletion_wait_for_the_end(sandboxes) -> None:
    slow = sandboxes(delay_seconds=30)
    sid = slow.send().sid
    for act in (lambda: slow.client.messages(sid).update(body=""), slow.client.messages(sid).delete):
        with pytest.raises(TwilioRestException) as refused:
            act()
        assert (refused.value.status, refused.value.code) == (409, 20009)


def test_redaction_empties_the_api_and_not_the_handset(sandbox) -> None:
    sid = sandbox.send(body="Secret").sid
    sandbox.settle(sid)
    assert sandbox.client.messages(sid).update(body="").body == ""
    assert sandbox.client.messages(sid).fetch().body == ""
    assert sandbox.settle(sid)["body"] == "Secret"
    assert sandbox.control("accepted")["counts"][0]["body"] == "Secret"
    with pytest.raises(TwilioRestException):
        sandbox.client.messages(sid).update(body="Something else")


def test_a_deleted_text_is_gone_from_the_api_alone(sandbox) -> None:
    sid = sandbox.send().sid
    sandbox.settle(sid)
    assert sandbox.client.messages(sid).delete()
    assert sandbox.client.messages.list(limit=5) == []
    with pytest.raises(TwilioRestException) as refused:
        sandbox.client.messages(sid).fetch()
    assert refused.value.code == 20404
    assert sandbox.control("accepted")["accepted"] == 1
