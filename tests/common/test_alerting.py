"""An alarm reaches somebody by each channel that is set, is tried again until it is taken, and holds no person."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import text

from services.common import alarms, attention, clock, duty, heartbeats, stops
from services.common.alert_settings import Alerts
from services.common.alerting import telling, watch
from services.common.alerting.message import sign
from services.common.context import Heed
from services.common.models import Outbox
from services.common.outbox.intentions import Intention, intend
from tests.support.mail_sink import MailSink
from tests.support.odd_server import OddServer, http

KEY = "a secret of the webhook"
NOWHERE = "http://127.0.0.1:9/"


@pytest.fixture
def sink() -> Iterator[MailSink]:
    with MailSink() as found:
        yield found


@pytest.fixture
def outside(odd_server: Callable[..., OddServer]) -> OddServer:
    return odd_server(http(204))


@pytest.fixture
def alerts(usual_settings: Any, sink: MailSink, outside: OddServer) -> Alerts:
    return dataclasses.replace(
        usual_settings.alerts,
        email=("ops@example.org", "office@example.org"),
        mail_port=sink.port,
        mail_from="heed@example.org",
        webhook=f"{outside.url}/hook",
        webhook_key=KEY,
        heartbeat=f"{outside.url}/ping/{{service}}",
        runbook="https://docs.example.org/operations",
    )


@pytest.fixture
def changes(alerts: Alerts) -> dict[str, Any]:
    return {"alerts": alerts}


def later(heed: Heed, **span: float) -> None:
    with heed.database.begin() as session:
        now = clock.now(session)
    clock.move_to(heed.database, now + timedelta(**span))


def sound(heed: Heed, code: str, subject: str = "feed:csv", **detail: Any) -> None:
    with heed.database.begin() as session:
        alarms.sound(session, code, subject, clock.now(session), **detail)


def due(heed: Heed) -> bool:
    with heed.database.begin() as session:
        return telling.is_due(heed, session, clock.now(session))


def told(heed: Heed) -> dict[str, Any]:
    with heed.database.begin() as session:
        return dict(attention.sounding(session)[0]["told"])


def test_an_alarm_is_told_once_by_every_channel_with_owner_and_runbook(
    reminders: Heed, sink: MailSink, outside: OddServer
) -> None:
    assert not due(reminders)
    sound(reminders, "feed-empty", lists=2)
    assert due(reminders)
    assert telling.tell(reminders) == 2
    (letter,) = sink.letters
    assert letter["To"] == "ops@example.org, office@example.org"
    assert letter["Subject"] == "Heed reminders, sandbox: feed-empty (feed:csv)"
    words = letter.get_payload()
    assert "owner: office" in words and "https://docs.example.org/operations#feed-empty" in words
    head, _, body = outside.requests[0].partition(b"\r\n\r\n")
    said = json.loads(body)
    assert said["alarm"]["detail"] == {"lists": 2} and said["owner"] == "office" and not said["test"]
    (signature,) = [line[16:].decode() for line in head.split(b"\r\n") if line.startswith(b"Heed-Signature:")]
    moment = int(signature.removeprefix("t=").partition(",")[0])
    assert signature == sign(KEY, body, moment)
    assert not due(reminders) and telling.tell(reminders) == 0
    assert {name: (one["told"], one["answer"]) for name, one in told(reminders).items()} == {
        "email": (1, "taken"),
        "webhook": (1, "HTTP 204"),
    }


def test_it_is_told_again_only_while_it_goes_on_and_nobody_has_acknowledged_it(
    reminders: Heed, sink: MailSink
) -> None:
    """duty-waits is told again after 5 minutes, and not at 4 minutes and 59 seconds."""
    sound(reminders, "duty-waits", "duty:1", kind="danger")
    telling.tell(reminders)
    later(reminders, minutes=4, seconds=58)
    sound(reminders, "duty-waits", "duty:1", kind="danger")
    assert not due(reminders)
    later(reminders, seconds=3)
    assert due(reminders) and telling.tell(reminders) == 2
    later(reminders, minutes=6)
    assert not due(reminders), "it did not sound since"
    sound(reminders, "duty-waits", "duty:1", kind="danger")
    assert due(reminders)
    with reminders.database.begin() as session:
        (one,) = alarms.sounding(session)
        alarms.acknowledge(session, one.id, "person:ann", clock.now(session))
    assert not due(reminders)
    assert len(sink.letters) == 2


def test_what_is_not_taken_is_tried_again_and_the_other_channel_is_not_held_up(
    reminders: Heed, sink: MailSink, outside: OddServer
) -> None:
    sink.refuse = b"451"
    sound(reminders, "feed-empty")
    assert telling.tell(reminders) == 1
    assert told(reminders)["email"]["answer"] == "SMTP 451"
    assert not due(reminders)
    for failures, wait in ((1, 30), (2, 60)):
        assert told(reminders)["email"]["failures"] == failures
        later(reminders, seconds=wait + 1)
        assert due(reminders)
        assert telling.tell(reminders) == 0
    sink.refuse = None
    later(reminders, seconds=121)
    assert telling.tell(reminders) == 1
    assert told(reminders)["email"] == told(reminders)["email"] | {
        "told": 1,
        "failures": 0,
        "answer": "taken",
    }
    assert len(outside.requests) == 1


def test_a_process_that_dies_while_it_tells_leaves_it_to_the_next_one(
    reminders: Heed, sink: MailSink
) -> None:
    sound(reminders, "feed-empty")
    with reminders.database.begin() as session:
        assert telling._take(session, "email", clock.now(session))
    telling.tell(reminders)
    assert sink.letters == []
    later(reminders, minutes=2, seconds=1)
    telling.tell(reminders)
    assert len(sink.letters) == 1


@pytest.mark.parametrize("changes", [{"duty_number": "+447700900555"}])
def test_the_duty_number_is_texted_of_what_cannot_wait(reminders: Heed) -> None:
    sound(reminders, "feed-empty")
    assert not due(reminders), "an empty feed wakes nobody"
    sound(reminders, "daily-segments", "sender")
    assert telling.tell(reminders) == 1
    with reminders.database.begin() as session:
        (row,) = session.query(Outbox).all()
    words = reminders.cipher.open(row.body_enc or b"", "body").reveal()
    assert (row.kind, row.priority) == ("alarm", 0) and "daily-segments" in words


def test_a_webhook_that_redirects_or_is_gone_has_not_taken_it(
    open_service: Callable[..., Heed], alerts: Alerts, odd_server: Callable[..., OddServer]
) -> None:
    moved = odd_server(http(302, "", "Location: http://127.0.0.1:9/"))
    for address, answer in ((moved.url, "HTTP 302"), (NOWHERE, "ConnectionError")):
        heed = open_service("reminders", alerts=dataclasses.replace(alerts, email=(), webhook=address))
        assert [(name, ok, said) for name, ok, said in telling.try_out(heed)] == [("webhook", False, answer)]


class TestTheWatch:
    """What the clock notices by itself, at its threshold and a second before it."""

    def codes(self, heed: Heed) -> list[str]:
        with heed.database.begin() as session:
            return [one.code for one in alarms.sounding(session)]

    def alive(self, heed: Heed) -> None:
        with heed.database.begin() as session:
            heartbeats.beat(session, "worker")

    def test_all_is_well_and_says_so(self, reminders: Heed, outside: OddServer) -> None:
        self.alive(reminders)
        assert watch.Watch(reminders).look()
        assert watch.beat(reminders) == (True, "HTTP 204")
        assert outside.requests[0].startswith(b"GET /ping/reminders ")

    def test_a_worker_and_valkey_that_are_gone(
        self, open_service: Callable[..., Heed], alerts: Alerts
    ) -> None:
        heed = open_service("reminders", alerts=alerts)
        gone = dataclasses.replace(heed, redis=Redis.from_url("unix:///tmp/heed-no-such-valkey.sock"))
        seen = watch.Watch(gone)
        assert not seen.look() and self.codes(heed) == []
        later(heed, seconds=119)
        assert not seen.look() and self.codes(heed) == []
        later(heed, seconds=2)
        assert not seen.look() and self.codes(heed) == ["valkey-gone", "workers-gone"]
        self.alive(heed)
        assert watch.Watch(heed).look()

    def test_texts_that_wait(self, reminders: Heed) -> None:
        self.alive(reminders)
        with reminders.database.begin() as session:
            now = clock.now(session)
            intend(session, [Intention("k", "test", 1, now, now + timedelta(days=1), 0)], now)
            session.execute(
                text(
                    "INSERT INTO inbound (sid, from_key, from_enc, to_number, received_at) VALUES ('SM1', 'x', 'x', '+44', :at)"
                ),
                {"at": now + timedelta(minutes=10)},
            )
        seen = watch.Watch(reminders)
        later(reminders, minutes=14, seconds=50)
        assert seen.look() and seen.look() and self.codes(reminders) == []
        later(reminders, seconds=15)
        with reminders.database.begin() as session:
            session.execute(text("UPDATE outbox SET due_at = due_at + interval '1 hour'"))
        assert seen.look() and self.codes(reminders) == [], "it may have been fetched just now"
        assert not seen.look() and self.codes(reminders) == ["inbound-late"]
        with reminders.database.begin() as session:
            session.execute(text("UPDATE outbox SET due_at = due_at - interval '1 hour'"))
            session.execute(text("UPDATE inbound SET handled_at = now()"))
        assert not seen.look() and self.codes(reminders) == ["inbound-late", "texts-late"]

    def test_a_stop_that_is_forgotten_is_sounded_and_not_called_late(self, reminders: Heed) -> None:
        self.alive(reminders)
        with reminders.database.begin() as session:
            now = clock.now(session)
            intend(session, [Intention("k", "test", 1, now, now + timedelta(days=1), 0)], now)
            stops.stop(session, "wording", "person:ann", now)
        later(reminders, minutes=59)
        assert watch.Watch(reminders).look() and self.codes(reminders) == []
        later(reminders, minutes=2)
        assert watch.Watch(reminders).look() and self.codes(reminders) == ["sending-stopped"]
        with reminders.database.begin() as session:
            (one,) = alarms.sounding(session)
            alarms.acknowledge(session, one.id, "person:ann", clock.now(session))
        later(reminders, minutes=59)
        assert watch.Watch(reminders).look() and self.codes(reminders) == [], "somebody sees to it"
        later(reminders, minutes=2)
        watch.Watch(reminders).look()
        assert self.codes(reminders) == ["sending-stopped"]

    @pytest.mark.parametrize(("hours", "sounded"), [(1, True), (3, False), (None, False)])
    def test_an_old_backup(self, open_service: Callable[..., Heed], hours: int | None, sounded: bool) -> None:
        heed = open_service("reminders", backup_hours=hours)
        self.alive(heed)
        with heed.database.begin() as session:
            session.execute(
                text(
                    "INSERT INTO backups (file, taken_at, bytes, rows, audit_head, sealed)"
                    " VALUES ('x', now() - interval '2 hours', 1, 1, '0:', true)"
                )
            )
        watch.Watch(heed).look()
        assert self.codes(heed) == (["backup-late"] if sounded else [])

    def test_the_clock_tells_without_worker_or_valkey(
        self, reminders: Heed, sink: MailSink, until: Callable[..., Any]
    ) -> None:
        sound(reminders, "feed-empty")
        ended: list[bool] = []
        thread = watch.keep_watch(reminders, lambda: bool(ended))
        until(lambda: sink.letters)
        ended.append(True)
        thread.join()


def test_the_words_hold_no_person(reminders: Heed, sink: MailSink, outside: OddServer) -> None:
    """Every place that sounds an alarm gives ids and counts; here the one that begins with a text of a person."""
    with reminders.database.begin() as session:
        now = clock.now(session)
        duty.put(reminders, session, cause="inbound:1", kind="danger", rule="r", at=now, inbound_id=1)
    duty.escalate(reminders, 1)
    telling.tell(reminders)
    said = str(sink.letters[0]) + outside.requests[0].decode()
    assert "+44" not in said and "duty:1" in said


def test_the_command_says_what_came_back(
    heed: Any, monkeypatch: pytest.MonkeyPatch, sink: MailSink, outside: OddServer
) -> None:
    assert heed("alerts", "test").code == 2
    monkeypatch.setenv("HEED_ALERT_EMAIL", "ops@example.org")
    monkeypatch.setenv("HEED_SMTP_PORT", str(sink.port))
    monkeypatch.setenv("HEED_ALERT_WEBHOOK", outside.url)
    monkeypatch.setenv("HEED_HEARTBEAT_URL", outside.url)
    ran = heed("alerts", "test", "--json")
    assert (ran.code, ran.json) == (
        0,
        {
            "channels": [
                {"channel": "email", "taken": True, "answer": "taken"},
                {"channel": "webhook", "taken": True, "answer": "HTTP 204"},
                {"channel": "heartbeat", "taken": True, "answer": "HTTP 204"},
            ]
        },
    )
    assert "nothing is wrong" in sink.letters[0].get_payload()
    assert b"Heed-Signature" not in outside.requests[0]
    monkeypatch.setenv("HEED_ALERT_WEBHOOK", NOWHERE)
    ran = heed("alerts", "test")
    assert ran.code == 1 and "ConnectionError" in ran.out
    monkeypatch.setenv("HEED_HEARTBEAT_URL", "")
    monkeypatch.setenv("HEED_ALERT_EMAIL", "")
    assert heed("alerts", "test", "--service", "consultation").code == 2
