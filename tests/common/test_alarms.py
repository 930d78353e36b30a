"""Alarms are one a subject, counted while they go on, and open until a person acknowledges them."""

from datetime import UTC, datetime, timedelta

from services.common import alarms
from services.common.context import Heed

NOW = datetime(2026, 9, 21, 9, tzinfo=UTC)


def test_one_alarm_a_subject_is_counted_until_it_is_acknowledged(reminders: Heed) -> None:
    with reminders.database.begin() as session:
        for minutes in range(3):
            alarms.sound(session, "feed-empty", "feed:csv", NOW + timedelta(minutes=minutes), rows=minutes)
        alarms.sound(session, "feed-empty", "feed:libra", NOW)
        first, second = alarms.sounding(session)
        assert (first.subject, first.times, first.detail) == ("feed:csv", 3, {"rows": 2})
        assert (first.first_at, first.last_at) == (NOW, NOW + timedelta(minutes=2))
        assert second.times == 1
        assert alarms.acknowledge(session, first.id, "person:ann", NOW)
        assert not alarms.acknowledge(session, first.id, "person:ben", NOW)
        assert not alarms.acknowledge(session, 999, "person:ben", NOW)
        assert [one.id for one in alarms.sounding(session)] == [second.id]
        # It happens again: a new alarm, not the old one.
        alarms.sound(session, "feed-empty", "feed:csv", NOW)
        assert [one.times for one in alarms.sounding(session)] == [1, 1]
