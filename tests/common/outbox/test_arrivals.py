"""Texts from people that a webhook did not bring are fetched: once, by the same door, and their words decide."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.common import clock, inbound
from services.common.carrier import Carrier, CarrierUnreachable, ListCut, Seen
from services.common.models import Inbound, Look
from services.common.outbox import arrivals, looks

TO = "+447700900001"


class Listed:
    """What the carrier lists, in pages; `until` of each question."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pages_: list[Any] = []
        self.asked: list[tuple[datetime, datetime, Any]] = []
        monkeypatch.setattr(Carrier, "pages", self.pages)

    def pages(self, since: datetime, until: datetime, **which: Any) -> Any:
        self.asked.append((since, until, which))
        for page in self.pages_:
            if isinstance(page, Exception):
                raise page
            yield page


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch, desk: Any) -> Listed:
    """The first look has begun, and the next is due."""
    found = Listed(monkeypatch)
    assert arrivals.fetch(desk.heed) == 0
    assert found.asked == []
    desk.later(301)
    return found


def came(place: int, body: str = "Hello", age: float = 60, **changes: Any) -> Seen:
    usual: dict[str, Any] = {
        "sid": f"SM{place:032}",
        "status": "received",
        "sender": "+447700900123",
        "to": TO,
        "body": body,
        "created": datetime.now(UTC) - timedelta(seconds=age),
        "error_code": None,
        "direction": "inbound",
    }
    return Seen(**(usual | changes))


def kept(desk: Any) -> list[Inbound]:
    with desk.heed.database.begin() as session:
        return list(session.scalars(select(Inbound).order_by(Inbound.id)))


def look(desk: Any) -> Look:
    with desk.heed.database.begin() as session:
        return session.get_one(Look, arrivals.NAME)


def test_what_is_not_kept_is_kept_once(desk: Any, listed: Listed) -> None:
    listed.pages_ = [[came(2, "STOP", 30), came(1, age=90)], [came(3, age=200)]]
    assert arrivals.fetch(desk.heed) == 3
    rows = kept(desk)
    assert [(row.sid[-1], row.opt_out_type) for row in rows] == [("1", None), ("2", None), ("3", None)]
    assert desk.heed.cipher.open(rows[1].body_enc, "body").reveal() == "STOP"
    assert (
        85 < (desk.now() - rows[0].received_at).total_seconds() < 120
    )  # when it came, not when it was found
    assert arrivals.fetch(desk.heed) == 0
    desk.later(301)
    assert arrivals.fetch(desk.heed) == 0
    assert len(kept(desk)) == 3


def test_the_next_look_begins_where_the_last_one_ended_less_an_overlap(desk: Any, listed: Listed) -> None:
    arrivals.fetch(desk.heed)
    desk.later(301)
    arrivals.fetch(desk.heed)
    (_, first, which), (second, _, _) = listed.asked
    assert second == first - arrivals.OVERLAP
    assert which == {"to": TO}


@pytest.mark.parametrize(("age", "number"), [(0, 0), (14, 0), (16, 1)])
def test_a_webhook_that_may_still_come_is_waited_for(
    desk: Any, listed: Listed, age: float, number: int
) -> None:
    """It says more: what the carrier took the text for."""
    listed.pages_ = [[came(1, age=age)]]
    assert arrivals.fetch(desk.heed) == number


def test_what_we_sent_is_not_kept(desk: Any, listed: Listed) -> None:
    listed.pages_ = [[came(1, direction="outbound-api")]]
    assert arrivals.fetch(desk.heed) == 0


def test_without_an_answer_it_looks_again_from_the_same_place(desk: Any, listed: Listed) -> None:
    before = look(desk).until_at
    listed.pages_ = [[came(1)], CarrierUnreachable("reset")]
    assert arrivals.fetch(desk.heed) == 1  # what was read is kept
    assert (look(desk).until_at, look(desk).failures) == (before, 1)
    assert arrivals.fetch(desk.heed) == 0
    listed.pages_ = [CarrierUnreachable("reset")]
    for _ in range(looks.FAILURES_MOST - 2):
        desk.later(901)
        arrivals.fetch(desk.heed)
    assert desk.alarms() == []
    desk.later(901)
    arrivals.fetch(desk.heed)
    assert desk.alarms() == [("carrier-unreachable", "look:inbound", 1)]
    listed.pages_ = []
    desk.later(901)
    arrivals.fetch(desk.heed)
    assert look(desk).failures == 0


def test_a_list_that_was_cut_is_an_alarm(desk: Any, listed: Listed) -> None:
    listed.pages_ = [[came(1)], ListCut()]
    assert arrivals.fetch(desk.heed) == 1
    assert desk.alarms() == [("list-cut", "look:inbound", 1)]


def test_two_at_once_take_one_look(desk: Any, listed: Listed) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: arrivals.fetch(desk.heed), range(4)))
    assert len(listed.asked) == 1


@pytest.mark.parametrize(
    ("sender", "fits"), [(TO, True), ("60123", True), ("Herts PCC", False), ("4Herts", False)]
)
def test_a_name_cannot_be_texted(sender: str, fits: bool) -> None:
    assert arrivals.takes_replies(sender) is fits


def test_a_start_from_before_a_stop_does_not_undo_it(desk: Any) -> None:
    """START at ten, whose webhook was lost; STOP at five past; the START is found at a quarter past."""
    with desk.heed.database.begin() as session:
        now = clock.now(session)
        rows = {}
        for name, age in (("later", 5), ("start", 10), ("earlier", 15)):
            number = inbound.keep(
                desk.heed,
                session,
                sid=name,
                sender="+447700900123",
                to=TO,
                body="x",
                opt_out_type=None,
                received_at=now - timedelta(minutes=age),
            )
            rows[name] = session.get_one(Inbound, number)
        inbound.handled(session, rows["earlier"], "opt-out", "x")
        assert not inbound.overtaken(session, rows["start"])
        inbound.handled(session, rows["later"], "opt-out", "x")
        session.flush()
        assert inbound.overtaken(session, rows["start"])


def test_a_webhook_that_was_given_up_still_arrives_with_the_sandbox(
    desk: Any, carrier: Any, sites: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals, "GIVEN_UP", timedelta(0))
    arrivals.fetch(desk.heed)
    sites["reminders"].close()
    assert carrier.text("+447700900123", TO, "Running late")["status_code"] != 200
    assert kept(desk) == []
    desk.later(301)
    assert arrivals.fetch(desk.heed) == 1
    assert [row.to_number for row in kept(desk)] == [TO]
