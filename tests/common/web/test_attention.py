"""What needs a person, over HTTP, for both services: stops of sending, alarms, texts to settle."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.common import alarms, clock, stops
from services.common.context import Heed
from services.common.models import Attempt, Audit, Outbox
from services.common.outbox.claim import claim, fixed
from services.common.outbox.intentions import Intention, intend

Key = Callable[..., dict[str, str]]


def test_a_stop_is_lifted_by_another(heed: Heed, client: Any, key: Key) -> None:
    eva, tom = key(heed, "sending:write", "sending:read"), key(heed, "sending:write")
    actor = "key:" + eva["Authorization"].split("_")[1]
    assert client.get("/v1/sending", headers=eva).json == {"sending": "on", "reason": None, "stops": []}
    assert client.post("/v1/sending/resume", headers=eva).json["error"] == "not-stopped"
    for body in ({}, {"reason": ""}, {"reason": "x" * 301}, {"reason": 5}, {"reason": "call 07700 900123"}):
        assert client.post("/v1/sending/stop", json=body, headers=eva).status_code == 422
    client.post("/v1/sending/stop", json={"reason": "wrong wording"}, headers=eva)
    stopped = client.get("/v1/sending", headers=eva).json
    assert (stopped["sending"], stopped["reason"]) == ("stopped", "sending-stopped")
    assert [(one["by"], one["reason"], one["of"]) for one in stopped["stops"]] == [
        (actor, "wrong wording", "all")
    ]
    assert client.get("/readyz").json["sending_stopped_since"] == stopped["stops"][0]["since"]
    refused = client.post("/v1/sending/resume", headers=eva)
    assert (refused.status_code, refused.json["error"]) == (409, "stopped-by-you")
    assert client.post("/v1/sending/resume", headers=tom).json["sending"] == "on"
    assert client.get("/readyz").json["sending_stopped_since"] is None
    with heed.database.begin() as session:
        rows = session.scalars(select(Audit).order_by(Audit.id)).all()
    assert [(row.actor == actor, row.act) for row in rows if "sending" in row.act] == [
        (True, "sending-stopped"),
        (False, "sending-resumed"),
    ]


def test_of_two_stops_each_lifts_the_others(heed: Heed, client: Any, key: Key) -> None:
    eva = key(heed, "sending:write")
    with heed.database.begin() as session:
        stops.stop(session, "carrier-set-up:20003", "carrier", clock.now(session), heed.config.sender)
        stops.stop(session, "elsewhere", "person:tom", clock.now(session), "+447700900999")
    client.post("/v1/sending/stop", json={"reason": "wrong wording"}, headers=eva)
    left = client.post("/v1/sending/resume", headers=eva).json
    assert (left["sending"], [one["reason"] for one in left["stops"]]) == ("stopped", ["wrong wording"])


def test_the_stop_of_another_sender_is_shown_and_stops_nothing(heed: Heed, client: Any, key: Key) -> None:
    with heed.database.begin() as session:
        stops.stop(session, "its set-up", "carrier", clock.now(session), "+447700900999")
    answer = client.get("/v1/sending", headers=key(heed, "sending:read")).json
    assert (answer["sending"], [one["of"] for one in answer["stops"]]) == ("on", ["one sender"])


@pytest.mark.parametrize("odd", [0, 99, 2**63 - 1, 2**63])
def test_alarms(heed: Heed, client: Any, key: Key, odd: int) -> None:
    headers = key(heed, "alarms:read", "alarms:write")
    with heed.database.begin() as session:
        for subject in ("feed:csv", "feed:csv", "feed:libra"):
            alarms.sound(session, "feed-empty", subject, clock.now(session), rows=0)
    sounding = client.get("/v1/alarms", headers=headers).json["alarms"]
    assert [(one["subject"], one["times"], one["detail"]) for one in sounding] == [
        ("feed:csv", 2, {"rows": 0}),
        ("feed:libra", 1, {"rows": 0}),
    ]
    assert client.post(f"/v1/alarms/{odd}/acknowledge", headers=headers).status_code == 404
    left = client.post(f"/v1/alarms/{sounding[0]['id']}/acknowledge", headers=headers).json["alarms"]
    assert [one["subject"] for one in left] == ["feed:libra"]
    again = client.post(f"/v1/alarms/{sounding[0]['id']}/acknowledge", headers=headers)
    assert (again.status_code, again.json["error"]) == (404, "not-found")


def test_a_text_is_settled_as_one_of_the_messages_that_were_seen(heed: Heed, client: Any, key: Key) -> None:
    ours, other = "SM" + "1" * 32, "SM" + "2" * 32
    with heed.database.begin() as session:
        now = clock.now(session)
        one = Intention("k", "test", 1, now, now + timedelta(hours=1), 0)
        one.to_enc, one.body_enc = heed.cipher.seal("+447700900123", "number"), heed.cipher.seal("Hi", "body")
        intend(session, [one], now)
        (claimed,) = claim(heed, session, lambda _session, rows, at: fixed(heed, rows, at), 5).claims
        row = session.get_one(Outbox, claimed.outbox_id)
        row.state, row.reason = "staff", "two messages at the carrier could be this text"
        attempt = session.scalars(select(Attempt)).one()
        attempt.seen = [{"sid": sid, "status": "sent", "created": now.isoformat()} for sid in (ours, "SM3")]
    reader, writer = key(heed, "queue:read"), key(heed, "queue:write")
    said = client.get("/v1/queue", headers=reader).json
    assert [seen["sid"] for seen in said["queue"][0]["seen"]] == [ours, "SM3"]
    assert (said["failed"], said["comparisons"]) == ([], [])
    path = f"/v1/queue/{row.id}/resolve"
    refused = client.post(path, json={"sent": True, "sid": other}, headers=writer)
    assert (refused.status_code, refused.json["error"]) == (409, "wrong-message")
    answer = client.post(path, json={"sent": True, "sid": ours}, headers=writer)
    assert answer.json == {"id": row.id, "sent": True}
    with heed.database.begin() as session:
        assert session.get_one(Outbox, row.id).sid == ours
