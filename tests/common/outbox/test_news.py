"""Accepted texts of which no last word came are asked about: by sid, at growing intervals, until none can be expected."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.common import attention
from services.common.carrier import Accepted, Carrier, CarrierUnreachable, Seen
from services.common.outbox import news
from services.common.outbox.states import NO_LAST_WORD

NOW = datetime(2026, 9, 21, 10, tzinfo=UTC)
FIRST = timedelta(minutes=15)
TO = "+447700900123"


def minutes(number: int) -> datetime:
    return NOW + timedelta(minutes=number)


@pytest.mark.parametrize(
    ("useful", "ends"),
    [(60, 60 + 360), (600, 600 + 360), (601, 600 + 360), (10_000, 600 + 360)],
)
def test_asking_ends_with_the_validity_and_a_margin(useful: int, ends: int) -> None:
    assert news.last_look(NOW, minutes(useful)) == minutes(ends)


def test_the_intervals_grow_to_the_end() -> None:
    end, at, asked = minutes(420), minutes(15), [15]
    while (following := news.next_look(at, NOW, end, FIRST)) is not None:
        at = following
        asked.append(int((at - NOW).total_seconds() / 60))
    assert asked == [15, 30, 60, 120, 240, 420]


class Answers:
    """What the carrier would say of each sid; an exception is raised."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.by_sid: dict[str, Any] = {}
        self.asked: list[str] = []
        monkeypatch.setattr(Carrier, "fetch", self.fetch)

    def fetch(self, sid: str) -> Seen | None:
        self.asked.append(sid)
        said = self.by_sid.get(sid, "sent")
        if isinstance(said, Exception):
            raise said
        if said is None:
            return None
        status, code = said if isinstance(said, tuple) else (said, None)
        return Seen(sid, status, "+447700900001", TO, "", NOW, code, "outbound-api")


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    return Answers(monkeypatch)


def sent(desk: Any, number: int = 1, **changes: Any) -> list[int]:
    """Texts that the carrier took, and of which it has said nothing since; text n has the sid n."""
    rows = [desk.owe(TO, **changes) for _ in range(number)]
    claims = desk.claim()
    desk.record(*((one, Accepted(f"SM{one.outbox_id:032}", "queued")) for one in claims))
    return rows


def sid(row: int) -> str:
    return f"SM{row:032}"


def test_after_a_quarter_of_an_hour_and_not_before(desk: Any, answers: Answers) -> None:
    (row,) = sent(desk)
    desk.later(890)
    assert news.ask(desk.heed) == 0
    desk.later(11)
    answers.by_sid[sid(row)] = "delivered"
    assert news.ask(desk.heed) == 1
    assert (desk.row(row).carrier_status, desk.row(row).check_at) == ("delivered", None)
    desk.later(10_000)
    assert news.ask(desk.heed) == 0
    assert answers.asked == [sid(row)]


def test_a_callback_with_the_last_word_ends_the_asking(desk: Any, answers: Answers) -> None:
    (row,) = sent(desk)
    (attempt,) = desk.attempts(row)
    desk.call_back(attempt.token, "sent", sid(row))
    assert desk.row(row).check_at is not None
    desk.call_back(attempt.token, "delivered", sid(row))
    assert desk.row(row).check_at is None


def test_it_is_asked_again_until_none_can_be_expected(desk: Any, answers: Answers) -> None:
    (row,) = sent(desk, useful_until=desk.now() + timedelta(hours=1))
    for _ in range(100):
        desk.later(600)
        news.ask(desk.heed)
    assert len(answers.asked) in (5, 6)  # of a hundred chances
    assert desk.state(row) == ("accepted", NO_LAST_WORD)
    assert desk.row(row).carrier_status == "sent"
    with desk.heed.database.begin() as session:
        (silent,) = attention.failed(session)
    assert (silent["code"], silent["meaning"], silent["texts"]) == (None, NO_LAST_WORD, 1)
    (attempt,) = desk.attempts(row)
    desk.call_back(attempt.token, "delivered", sid(row))
    assert desk.state(row) == ("accepted", None)  # it came after all


def test_what_it_hears_does_what_a_callback_does(desk: Any, answers: Answers) -> None:
    landline, off = sent(desk, 2)
    answers.by_sid = {sid(landline): ("undelivered", 30006), sid(off): ("undelivered", 30003)}
    desk.later(901)
    assert news.ask(desk.heed) == 2
    from services.common import numbers

    with desk.heed.database.begin() as session:
        assert numbers.forbidden(session, [desk.key()]) == {desk.key(): "mobile-invalid"}
    assert [row.dedupe_key for row in desk.rows()][2:] == ["test:2:again:1"]
    assert [(event.sid, event.status) for event in desk.events()] == [
        (sid(landline), "undelivered"),
        (sid(off), "undelivered"),
    ]


def test_a_carrier_out_of_reach_is_not_asked_for_each_and_is_asked_again(
    desk: Any, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = sent(desk, 100, useful_until=desk.now() + timedelta(minutes=5))
    answers.by_sid = dict.fromkeys(map(sid, rows), CarrierUnreachable("reset"))
    desk.later(5 * 86_400)  # long after the end: silence of the carrier is not its last word
    assert news.ask(desk.heed) == 100
    assert len(answers.asked) <= desk.heed.settings.drain_threads
    assert news.ask(desk.heed) == 0
    assert {row.reason for row in desk.rows()} == {None}
    answers.by_sid = {}
    desk.later(901)
    assert news.ask(desk.heed) == 100
    assert {row.reason for row in desk.rows()} == {NO_LAST_WORD}


def test_one_that_the_carrier_does_not_know_is_an_alarm(desk: Any, answers: Answers) -> None:
    (row,) = sent(desk)
    answers.by_sid = {sid(row): None}
    desk.later(901)
    news.ask(desk.heed)
    assert desk.state(row) == ("accepted", "the carrier no longer knows it")
    assert desk.row(row).check_at is None
    assert desk.alarms() == [("missing-at-carrier", "news", 1)]


def test_in_batches(desk: Any, answers: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(news, "BATCH", 4)
    sent(desk, 10)
    desk.later(901)
    assert [news.ask(desk.heed) for _ in range(4)] == [4, 4, 2, 0]


def test_a_lost_callback_with_the_sandbox(desk: Any, carrier: Any) -> None:
    number = desk.owe("+447700900920", "Hello")
    desk.drain()
    carrier.quiet()
    assert desk.row(number).carrier_status == "queued"
    desk.later(901)
    assert news.ask(desk.heed) == 1
    assert (desk.row(number).carrier_status, desk.row(number).check_at) == ("delivered", None)
    (attempt,) = desk.attempts(number)
    assert attempt.sid == carrier.messages(direction="outbound-api")[0]["sid"]
