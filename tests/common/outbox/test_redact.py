"""Words are removed at the carrier only where that is set, only of settled texts, once each."""

from typing import Any

import pytest

from services.common.carrier import Accepted, Carrier, CarrierUnreachable
from services.common.outbox import redact


@pytest.fixture
def changes() -> dict[str, Any]:
    return {"redact_at_carrier": True}


class Removals:
    """What the carrier answers to each removal, in turn; "done" for ever after."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers: list[Any] = []
        self.sids: list[str] = []
        monkeypatch.setattr(Carrier, "redact", self.redact)

    def redact(self, sid: str) -> str:
        answer = self.answers.pop(0) if self.answers else "done"
        if isinstance(answer, Exception):
            raise answer
        self.sids.append(sid)
        return str(answer)


@pytest.fixture
def removals(monkeypatch: pytest.MonkeyPatch, desk: Any) -> Removals:
    redact.redact(desk.heed)
    return Removals(monkeypatch)


def settled(desk: Any, number: int, word: str | None = "delivered") -> list[str]:
    """Texts under a last word; their sids."""
    for _ in range(number):
        desk.owe()
    sids = []
    for one in desk.claim():
        sids.append(f"SM{one.outbox_id:032}")
        desk.record((one, Accepted(sids[-1], "queued")))
        if word:
            desk.call_back(one.text.token, word, sids[-1])
    return sids


def is_due(desk: Any) -> bool:
    with desk.heed.database.begin() as session:
        return redact.is_due(desk.heed, session, desk.now())


def redactions(desk: Any) -> list[str | None]:
    return [attempt.redaction for row in desk.rows() for attempt in desk.attempts(row.id)]


@pytest.mark.parametrize(
    ("word", "number"), [("delivered", 1), ("undelivered", 1), ("failed", 1), ("sent", 0), (None, 0)]
)
def test_of_settled_texts_only(desk: Any, removals: Removals, word: str | None, number: int) -> None:
    sids = settled(desk, 1, word)
    assert is_due(desk) == bool(number)
    assert redact.redact(desk.heed) == number
    assert removals.sids == sids[:number]
    assert not is_due(desk)


def test_once_each_in_batches(desk: Any, removals: Removals, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redact, "BATCH", 4)
    sids = settled(desk, 10)
    assert [redact.redact(desk.heed) for _ in range(3)] == [4, 4, 2]
    desk.later(61)
    assert redact.redact(desk.heed) == 0
    assert sorted(removals.sids) == sorted(sids)
    assert set(redactions(desk)) == {"done"}


def test_what_the_carrier_says_is_remembered(desk: Any, removals: Removals) -> None:
    settled(desk, 1)
    removals.answers = ["gone"]
    redact.redact(desk.heed)
    settled(desk, 1)
    removals.answers = ["refused"]
    desk.later(61)
    redact.redact(desk.heed)
    assert redactions(desk) == ["gone", "refused"]
    assert desk.alarms() == [("redaction-refused", "attempts", 1)]
    assert not is_due(desk)


def test_a_carrier_out_of_reach_is_asked_again_later(desk: Any, removals: Removals) -> None:
    settled(desk, 50)
    removals.answers = [CarrierUnreachable("reset")] * 50
    assert redact.redact(desk.heed) == 0
    assert len(removals.answers) >= 50 - desk.heed.settings.drain_threads
    assert not is_due(desk)
    removals.answers = []
    desk.later(901)
    assert is_due(desk)
    assert redact.redact(desk.heed) == 50


@pytest.mark.parametrize("changes", [{}])
def test_off_unless_set(desk: Any) -> None:
    settled(desk, 1)
    assert not is_due(desk)


def test_words_are_gone_with_the_sandbox_and_evidence_stands(desk: Any, carrier: Any) -> None:
    """A text of the same words to the same number is settled by what it is, not by what was removed."""
    redact.redact(desk.heed)
    desk.owe(body="Hello")
    desk.drain()
    carrier.quiet()
    assert redact.redact(desk.heed) == 1
    (first,) = carrier.messages(direction="outbound-api")
    assert desk.heed.carrier.fetch(first["sid"]).body == ""
    carrier.control("callbacks", {"on": False})
    number = desk.owe("+447700900912", "Hello")
    desk.owe(body="Hello")
    desk.drain()
    desk.later(61)
    desk.settle()
    assert {row.state for row in desk.rows()} == {"accepted"}
    assert desk.row(number).sid is not None
