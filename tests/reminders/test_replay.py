"""A delivery applied once more, after a fix: what was left out comes in, and what came later stays."""

from typing import Any

import pytest
from sqlalchemy import select, text

from services.common.database import serialise
from services.reminders import applying, deliveries
from services.reminders.feeds import csv_listings
from services.reminders.feeds.csv_listings import COLUMNS
from services.reminders.models import Delivery
from tests.reminders.office import HEARING, Office, hearing, nth, spi, spi_result

ELSEWHEN = "2026-09-30T10:00"


def replay(office: Office, delivery: dict[str, Any]) -> dict[str, int]:
    """Apply a delivery once more; its counts that are not zero."""
    with office.heed.database.begin() as session:
        again = deliveries.replay(session, delivery["id"], "person:ann")
        assert again is not None
        number = again.number
    deliveries.apply(office.heed, office.county, number)
    return {name: counted for name, counted in office.delivery(number)["counts"].items() if counted}


def listed(number: int, at: str = HEARING, **changes: str) -> str:
    """A row of the office's list."""
    row = {
        "case_ref": f"41C{number:03}",
        "defendant_name": f"P{number:03} Example",
        "date_of_birth": "1990-05-04",
        "court_code": "B41ME00",
        "room": "1",
        "date": at[:10],
        "time": at[11:],
        "hearing_type": "First hearing",
        "mobile": f"+447700900{200 + number}",
        "bail_status": "U",
    } | changes
    return ",".join(row.get(name, "") for name in COLUMNS)


def csv(*rows: str) -> bytes:
    return "\n".join([",".join(COLUMNS), *rows]).encode()


def test_what_was_left_out_comes_in_and_what_came_later_stays(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(csv_listings, "FIRST_HEARINGS", frozenset())
        broken.setattr(csv_listings, "_court", lambda code: None if code == "B41MJ00" else "B41ME")
        csv_listings._hearing_type.cache_clear()
        first = office.push(csv(listed(1), listed(2, court_code="B41MJ00"), listed(3)), form="csv")
    csv_listings._hearing_type.cache_clear()
    assert first["status"] == "partly_applied"
    # The third has moved since.
    office.push(csv(listed(3, ELSEWHEN)), form="csv")
    assert replay(office, first) == {"hearings": 3, "new": 1, "changed": 1, "unchanged": 1}
    assert [(row["case_ref"], row["starts_at"][:10], row["first_hearing"]) for row in office.rows()] == [
        ("41C001", "2026-09-23", True),
        ("41C003", "2026-09-30", True),
        ("41C002", "2026-09-23", True),
    ]
    assert replay(office, first) == {"hearings": 3, "unchanged": 3}


def test_a_replay_counts_as_old_as_the_push(office: Office) -> None:
    """Versioned or not: an update, a deletion and a result that something newer has answered change nothing."""
    there = office.push(nth(1))
    office.push(nth(1, ELSEWHEN))
    versioned = office.push(nth(2, shared="2026-09-14T06:00"))
    office.push(nth(2, ELSEWHEN, shared="2026-09-14T07:00"))
    office.push(nth(3))
    gone = office.delete("c3")
    office.push(nth(3, ELSEWHEN))
    before = office.everything()
    for delivery in (there, versioned, gone):
        replay(office, delivery)
    assert office.everything() == before
    # The bytes of a replay do not pass for the last ones applied: pushed again, they are a move back.
    office.push(nth(1))
    assert office.nth(1)["starts_at"][:10] == "2026-09-23"


def test_a_replayed_result_follows_the_rules_of_today_unless_a_later_word_stands(office: Office) -> None:
    office.push(spi(), form="spi")
    first = office.push(spi_result(code="4576", qualifier="CG"), form="spi")
    with office.heed.database.begin() as session:
        session.execute(text("UPDATE outcomes SET fta = 'no', reason = 'an older rule'"))
    replay(office, first)
    assert office.row()["outcome"]["fta"] == "yes"
    office.push(spi_result(present="Y", code="1015", qualifier=""), form="spi")
    said = office.row()["outcome"]
    replay(office, first)
    assert office.row()["outcome"] == said


def test_a_replay_of_a_push_that_failed_here(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(applying, "parse", lambda *_, **__: 1 / 0)
        number = office.post(hearing(), None, form="common-platform")
        for _ in range(deliveries.FAILURES_MOST):
            deliveries.apply(office.heed, office.county, number)
    failed = office.delivery(number)
    assert (failed["status"], failed["rejections"][0]["code"]) == ("rejected", "internal-error")
    assert replay(office, failed) == {"hearings": 1, "new": 1}
    with office.heed.database.begin() as session:
        assert deliveries.replay(session, "no-such-delivery", "person:ann") is None
        assert session.scalars(select(Delivery.replays).order_by(Delivery.number)).all() == [None, 1]


class TestGivingWay:
    """Many lists take longer than a job may: it leaves the rest to the next sweep, and is never cut off in the middle of one."""

    def post(self, office: Office, many: int) -> list[int]:
        return [
            office.post("\r\n".join((",".join(COLUMNS), listed(one), "")).encode(), None, form="csv")
            for one in range(many)
        ]

    def applied(self, office: Office) -> int:
        with office.heed.database.begin() as session:
            return session.scalar(text("SELECT count(*) FROM deliveries WHERE applied_at IS NOT NULL")) or 0

    def test_after_its_time(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        newest = self.post(office, 3)[-1]
        monkeypatch.setattr(deliveries, "BUDGET", 0.0)
        for done in (1, 2, 3, 3):
            deliveries.apply(office.heed, office.county, newest)
            assert self.applied(office) == done

    def test_to_a_text_that_waits(self, office: Office) -> None:
        newest = self.post(office, 3)[-1]
        with office.heed.database.begin() as session:
            session.execute(
                text(
                    "INSERT INTO inbound (sid, from_key, from_enc, to_number, received_at) VALUES ('SM1', 'k', 'e', '+44', now())"
                )
            )
        deliveries.apply(office.heed, office.county, newest)
        assert self.applied(office) == 1

    def test_where_another_process_applies(self, office: Office) -> None:
        newest = self.post(office, 2)[-1]
        with office.heed.database.begin() as session:
            serialise(session, "reminders:apply")
            deliveries.apply(office.heed, office.county, newest)
            assert self.applied(office) == 0
        office.tick()
        assert self.applied(office) == 2
