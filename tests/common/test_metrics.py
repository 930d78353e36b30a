"""Counts for Prometheus: from the tables, with no label that could hold a person."""

from datetime import timedelta

from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from services.common import alarms, clock, heartbeats, stops
from services.common.context import Heed
from services.common.metrics import exposition
from services.common.outbox.intentions import Intention, intend


def samples(heed: Heed) -> dict[tuple[str, ...], float]:
    """(name, label values …) → value."""
    found = text_string_to_metric_families(exposition(heed).decode())
    return {
        (
            sample.name,
            *(value for name, value in sorted(sample.labels.items()) if name != "service"),
        ): sample.value
        for family in found
        for sample in family.samples
    }


def test_nothing_yet(reminders: Heed) -> None:
    assert samples(reminders) == {
        ("heed_oldest_due_seconds",): 0,
        ("heed_inbound_waiting",): 0,
        ("heed_sending_stops",): 0,
    }


def test_every_count(reminders: Heed) -> None:
    with reminders.database.begin() as session:
        now = clock.now(session)
        intend(
            session,
            [
                Intention(
                    f"k{number}",
                    "test",
                    number,
                    now - timedelta(seconds=90 * number),
                    now + timedelta(hours=1),
                    0,
                )
                for number in range(5)
            ],
            now,
        )
        session.execute(text("UPDATE outbox SET state = 'accepted' WHERE dedupe_key IN ('k3', 'k4')"))
        session.execute(
            text(
                "INSERT INTO inbound (sid, from_key, from_enc, to_number, received_at, handled_at)"
                " VALUES ('SM1', 'x', 'x', '+447700900001', now(), NULL), ('SM2', 'x', 'x', '+447700900001', now(), now())"
            )
        )
        heartbeats.beat(session, "worker")
        alarms.sound(session, "feed-empty", "feed:csv", now)
        stops.stop(session, "wording", "person:ann", now)
        session.execute(
            text(
                "INSERT INTO backups (file, taken_at, bytes, rows, audit_head, sealed)"
                " VALUES ('x', now() - interval '1 hour', 1, 1, '0:', true)"
            )
        )
    found = samples(reminders)
    assert found["heed_texts", "pending"] == 3
    assert found["heed_texts", "accepted"] == 2
    assert 180 <= found["heed_oldest_due_seconds",] < 200
    assert found["heed_inbound_waiting",] == 1
    assert found["heed_alarms_open", "feed-empty"] == found["heed_sending_stops",] == 1
    assert 3600 <= found["heed_backup_age_seconds",] < 3610
    assert 0 <= found["heed_heartbeat_age_seconds", "worker"] < 10


def test_it_is_true_again_after_a_restart(reminders: Heed) -> None:
    """Nothing is counted in the process."""
    before = exposition(reminders)
    assert exposition(reminders) == before


def test_no_label_holds_a_person(reminders: Heed) -> None:
    with reminders.database.begin() as session:
        now = clock.now(session)
        intend(session, [Intention("reply:07700900123", "test", 1, now, now, 0, to_key=b"07700900123")], now)
    assert "07700900123" not in exposition(reminders).decode()
