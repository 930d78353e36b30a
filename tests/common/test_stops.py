"""Stops of sending: at once, for one sender or for all, and lifted by another person only."""

from datetime import UTC, datetime

from sqlalchemy import select

from services.common import audit, stops
from services.common.context import Heed
from services.common.models import Audit, SendingStop

AT = datetime(2026, 9, 21, 10, tzinfo=UTC)
MINE, OTHER = "+447700900001", "+447700900009"


def stop(
    heed: Heed, reason: str = "wrong wording", by: str = "person:eva", sender: str | None = None
) -> None:
    with heed.database.begin() as session:
        stops.stop(session, reason, by, AT, sender)


def lift(heed: Heed, by: str) -> int:
    with heed.database.begin() as session:
        return stops.lift(session, by, AT)


def stopped(heed: Heed, sender: str = MINE) -> str | None:
    with heed.database.begin() as session:
        return stops.stopped(session, sender)


def test_nothing_is_stopped_at_first(reminders: Heed) -> None:
    assert stopped(reminders) is None
    assert lift(reminders, "person:eva") == 0


def test_a_stop_of_all_sending(reminders: Heed) -> None:
    stop(reminders)
    assert stopped(reminders) == stopped(reminders, OTHER) == "wrong wording"


def test_a_stop_of_one_sender(reminders: Heed) -> None:
    stop(reminders, sender=OTHER)
    assert stopped(reminders) is None
    assert stopped(reminders, OTHER) == "wrong wording"


def test_whoever_stopped_it_does_not_lift_it(reminders: Heed) -> None:
    stop(reminders, by="person:eva")
    assert lift(reminders, "person:eva") == 0
    assert stopped(reminders)
    assert lift(reminders, "person:tom") == 1
    assert stopped(reminders) is None


def test_the_carriers_stop_is_lifted_by_anyone(reminders: Heed) -> None:
    stop(reminders, "carrier-set-up:20003", "carrier", MINE)
    assert lift(reminders, "person:eva") == 1
    assert stopped(reminders) is None


def test_of_two_peoples_stops_each_lifts_the_others(reminders: Heed) -> None:
    stop(reminders, "one", "person:eva")
    stop(reminders, "two", "person:tom")
    assert lift(reminders, "person:tom") == 1
    assert stopped(reminders) == "two"
    assert lift(reminders, "person:eva") == 1
    assert stopped(reminders) is None


def test_the_same_stop_twice_is_one(reminders: Heed) -> None:
    for _ in range(3):
        stop(reminders, "carrier-set-up:20003", "carrier", MINE)
    stop(reminders, "carrier-set-up:20003", "carrier", OTHER)
    stop(reminders, "carrier-set-up:20404", "carrier", MINE)
    with reminders.database.begin() as session:
        assert len(session.scalars(select(SendingStop)).all()) == 3


def test_after_it_was_lifted_the_same_stop_counts_anew(reminders: Heed) -> None:
    stop(reminders)
    lift(reminders, "person:tom")
    stop(reminders)
    assert stopped(reminders)


def test_stops_and_lifts_are_audited(reminders: Heed) -> None:
    stop(reminders)
    lift(reminders, "person:eva")
    lift(reminders, "person:tom")
    with reminders.database.begin() as session:
        rows = session.scalars(select(Audit).order_by(Audit.id)).all()
        assert list(audit.verify(session)) == []
    assert [(row.actor, row.act) for row in rows] == [
        ("person:eva", "sending-stopped"),
        ("person:tom", "sending-resumed"),
    ]


def test_each_service_stops_for_itself(reminders: Heed, consultation: Heed) -> None:
    stop(reminders)
    assert stopped(consultation) is None
