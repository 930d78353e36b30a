"""What is on duty: escalated until a person takes it, read and looked up under audit, answered and settled; for both services."""

import uuid
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from services.common import clock, duty, inbound, numbers, on_duty, stops, work
from services.common.acts import Refused
from services.common.context import Heed
from services.common.models import Alarm, Audit, DutyItem, Outbox
from services.common.times import parse_instant
from tests.support.sandbox import Sandbox

OFFICER, ANN = "+447700900700", "+447700900123"


@pytest.fixture(params=["reminders", "consultation"])
def heed(request: pytest.FixtureRequest, open_service: Any, carrier: Sandbox) -> Heed:
    """A service with a duty number, on Monday 14 September 2026 at three in the night."""
    opened: Heed = open_service(request.param, duty_number=OFFICER)
    with opened.database.begin() as session:
        session.connection().exec_driver_sql(
            "INSERT INTO clock (id, shift) VALUES (1, timestamptz '2026-09-14T02:00Z' - clock_timestamp())"
        )
    return opened


def put(heed: Heed, kind: str = "danger", words: str = "help me", *, ring: bool = False) -> int:
    """A text arrives and is put on duty; the item's id."""
    with heed.database.begin() as session:
        text = inbound.keep(
            heed, session, sid=f"SM{uuid.uuid4().hex}", sender=ANN, to=heed.config.sender, body=words, opt_out_type=None
        )  # fmt: skip
        now = clock.now(session)
        for _ in range(2):
            duty.put(
                heed,
                session,
                cause=f"inbound:{text}",
                kind=kind,
                rule="r",
                at=now,
                inbound_id=text,
                ring=ring,
            )
        return session.scalars(select(DutyItem.id).where(DutyItem.inbound_id == text)).one()


def pass_time(heed: Heed, to: str) -> None:
    """Let time pass, and escalate and send what is then due."""
    from importlib import import_module

    sweeps = import_module(f"services.{heed.service}.jobs").SWEEPS
    clock.move_to(heed.database, parse_instant(to))
    work.tick(heed, [sweep for sweep in sweeps if sweep.name in ("duty", "drain")])


def texted(carrier: Sandbox, to: str) -> list[str]:
    """What reached a handset."""
    sent = list(carrier.inside.store.state.messages)
    return [one.body for one in sent if one.direction == "outbound-api" and one.to == to]


def test_danger_is_escalated_again_and_again_until_somebody_takes_it(heed: Heed, carrier: Sandbox) -> None:
    item = put(heed, words="he's hitting me at 12 Mill Lane", ring=True)
    for minute, calls in (("00:01", 1), ("04:59", 1), ("05:02", 2), ("10:04", 3)):
        pass_time(heed, f"2026-09-14T03:{minute}")
        assert len(texted(carrier, OFFICER)) == calls, minute
    assert all(f"D{item}" in words and "danger" in words for words in texted(carrier, OFFICER))
    # Nothing of the person: not the words, not the number.
    assert not [
        words
        for words in texted(carrier, OFFICER)
        if "Mill" in words or "900123" in words or "hitting" in words
    ]
    with heed.database.begin() as session:
        (shown,) = on_duty.waiting(heed, session)
        assert (shown["escalations"], shown["ring"], shown["overdue"]) == (3, True, False)
        alarm = session.scalars(select(Alarm).where(Alarm.code == "duty-waits")).one()
        assert (alarm.subject, alarm.times, alarm.detail["kind"]) == (f"duty:{item}", 3, "danger")
        taken = on_duty.acknowledge(heed, session, item, "person:ann")
        assert taken["acknowledged_by"] == "person:ann"
        assert session.scalars(select(Alarm.acknowledged_by)).one() == "person:ann"
        with pytest.raises(Refused, match="taken by person:ann"):
            on_duty.acknowledge(heed, session, item, "person:ben")
    pass_time(heed, "2026-09-14T09:00")
    assert len(texted(carrier, OFFICER)) == 3
    with heed.database.begin() as session:
        assert (
            on_duty.done(heed, session, item, "rang, safe with her sister", "person:ann")["done_by"]
            == "person:ann"
        )
        assert on_duty.waiting(heed, session) == []
        note = session.get_one(DutyItem, item).note_enc or b""
        assert heed.cipher.open(note, "note").reveal().startswith("rang") and b"sister" not in note
        acts = list(session.scalars(select(Audit.act).order_by(Audit.id)))
    assert acts == ["duty-taken", "alarm-acknowledged", "duty-done"]


def test_while_sending_is_stopped_everything_on_duty_says_to_ring(
    heed: Heed, sites: dict[Any, Any], key: Any, carrier: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log, the alarm, the list, the taking and, once texts go again, the officer's text; a letter is not rung for."""
    logged: list[dict[str, Any]] = []
    monkeypatch.setattr(duty.log, "error", lambda event, **more: logged.append({"event": event, **more}))
    with heed.database.begin() as session:
        stops.stop(session, "wrong words", "person:ann", clock.now(session))
    item = put(heed)
    with heed.database.begin() as session:
        duty.put(heed, session, cause="submission:9", kind="danger", rule="r", at=clock.now(session))
    assert [one["ring"] for one in logged] == [True, True, False]
    pass_time(heed, "2026-09-14T03:01")
    shown = sites[heed.service].client().get("/v1/duty", headers=key(heed, "duty:read")).json["duty"]
    assert [(one["cause"][:5], one["ring"]) for one in shown] == [("inbou", True), ("submi", False)]
    assert texted(carrier, OFFICER) == []
    with heed.database.begin() as session:
        rung = {one.subject: one.detail["ring"] for one in session.scalars(select(Alarm))}
        assert rung == {f"duty:{item}": True, f"duty:{shown[1]['id']}": False}
        assert on_duty.acknowledge(heed, session, item, "person:ann")["ring"]
        assert session.scalars(select(Audit.detail).where(Audit.act == "duty-taken")).one()["ring"] is True
        stops.lift(session, "person:ben", clock.now(session))
    pass_time(heed, "2026-09-14T03:02")
    said = sorted(texted(carrier, OFFICER))
    assert ["No text reaches the sender: ring." in words for words in said] == [True, False]


def test_one_item_a_text_danger_first_then_by_its_clock(heed: Heed) -> None:
    kinds = ["question", "complaint", "crime-report", "safeguarding", "danger"]
    for kind in kinds:
        put(heed, kind)
    with heed.database.begin() as session:
        shown = on_duty.waiting(heed, session)
        assert [one["kind"] for one in shown] == list(reversed(kinds))
        assert not any(one["overdue"] for one in shown)
    # A question sounds an alarm when its time is up, and texts nobody.
    with heed.database.begin() as session:
        due = duty.to_escalate(session, parse_instant("2026-09-14T03:01"))
        assert len(due) == 2
        assert len(duty.to_escalate(session, parse_instant("2026-09-25T03:00"))) == 5


def test_reading_looking_up_and_answering_are_written_down(heed: Heed) -> None:
    item = put(heed, "question", "How do I join?")
    with heed.database.begin() as session:
        assert on_duty.read(heed, session, item, "person:ann")["words"] == "How do I join?"
        text = session.get_one(DutyItem, item).inbound_id or 0
        assert on_duty.sender(heed, session, text, "person:ann")["number"] == ANN
        sent = on_duty.answer(heed, session, item, "At owl.example. STOP to end.", "person:ann")
        assert (sent["segments"], sent["done_by"]) == (1, "person:ann")
        with pytest.raises(Refused, match="sent in answer to this text before"):
            on_duty.answer(heed, session, item, "At owl.example. STOP to end.", "person:ann")
        acts = list(session.scalars(select(Audit.act).order_by(Audit.id)))
        assert acts == ["duty-read", "identity-read", "duty-answered", "duty-taken"]
        assert session.scalar(select(func.count(Outbox.id)).where(Outbox.step == "office")) == 1
        numbers.note(session, heed.index.of(ANN, "number"), "stop", "inbound:1", clock.now(session))
    other = put(heed, "danger")
    with heed.database.begin() as session:
        with pytest.raises(Refused, match="ring"):
            on_duty.answer(heed, session, other, "We are coming", "person:ann")
        for missing in (on_duty.read, on_duty.sender):
            with pytest.raises(Refused, match="there is no"):
                missing(heed, session, 999, "person:ann")


def test_over_http(heed: Heed, sites: dict[Any, Any], key: Any) -> None:
    client: FlaskClient = sites[heed.service].client()
    item = put(heed, "complaint", "I want to complain about an officer")
    headers = key(heed, "duty:read", "duty:write")
    (shown,) = client.get("/v1/duty", headers=headers).json["duty"]
    assert (shown["id"], shown["kind"], "words" in shown) == (item, "complaint", False)
    assert client.get(f"/v1/duty/{item}", headers=headers).json["words"].startswith("I want")
    text = shown["cause"].removeprefix("inbound:")
    # Who it was is a permission of its own.
    assert client.get(f"/v1/texts/{text}/sender", headers=headers).status_code == 403
    who = client.get(f"/v1/texts/{text}/sender", headers=key(heed, "identities:read"))
    assert who.json["number"] == ANN
    taken = client.post(f"/v1/duty/{item}/acknowledge", headers=headers)
    assert taken.json["acknowledged_by"].startswith("key:")
    again = client.post(f"/v1/duty/{item}/acknowledge", headers=headers)
    assert (again.status_code, again.json["error"]) == (409, "already-taken")
    long = client.post(f"/v1/duty/{item}/answer", json={"text": "x" * 700}, headers=headers)
    assert (long.status_code, long.json["error"]) == (422, "too-long")
    sent = client.post(f"/v1/duty/{item}/answer", json={"text": "It is passed on."}, headers=headers)
    assert (sent.status_code, sent.json["segments"]) == (201, 1)
    assert client.post(f"/v1/duty/{item}/done", json={}, headers=headers).json["error"] == "already-done"
    assert client.get("/v1/duty", headers=headers).json["duty"] == []
