"""Status callbacks in every order, repeated, contradicting, late, early, and about an attempt that was written off."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.common.carrier import Accepted, Outgoing, Uncertain
from services.common.models import NumberState, SendingStop
from services.common.outbox import callbacks
from services.common.outbox.claim import Claim

SID, OTHER_SID = "SM" + "a" * 32, "SM" + "b" * 32


@pytest.fixture
def sent(desk: Any) -> tuple[int, str]:
    """A text that the carrier accepted: its row and its attempt's token."""
    number = desk.owe()
    (one,) = desk.claim()
    desk.record((one, Accepted(SID, "queued")))
    return number, one.text.token


def test_a_token_of_no_attempt(desk: Any) -> None:
    assert desk.call_back("nobody-s-token", "sent") == "unknown"
    assert desk.events() == []


def test_kept_once(desk: Any, sent: tuple[int, str]) -> None:
    number, token = sent
    assert desk.call_back(token, "sent") == "kept"
    assert [desk.call_back(token, "sent") for _ in range(5)] == ["known"] * 5
    assert desk.call_back(token, "delivered") == "kept"
    assert [(event.status, event.sid, event.flag) for event in desk.events()] == [
        ("sent", SID, None),
        ("delivered", SID, None),
    ]
    assert desk.row(number).carrier_status == "delivered"


def test_every_order_ends_delivered(desk: Any, subtests: pytest.Subtests) -> None:
    orders = list(itertools.permutations(["queued", "sending", "sent", "delivered"]))
    for _ in orders:
        desk.owe()
    for one, words in zip(desk.claim(), orders, strict=True):
        with subtests.test(words=words):
            sid = f"SM{one.outbox_id:032}"
            desk.record((one, Accepted(sid, "queued")))
            for word in words:
                desk.call_back(one.text.token, word, sid)
            row = desk.row(one.outbox_id)
            assert (row.state, row.carrier_status, row.error_code) == ("accepted", "delivered", None)
            # "queued" was known from the answer; every word is kept all the same.
            events = [event for event in desk.events() if event.sid == sid]
            assert [(event.status, event.flag) for event in events] == [(word, None) for word in words]


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (("delivered", "undelivered"), "delivered"),
        (("undelivered", "delivered"), "undelivered"),
        (("failed", "delivered"), "failed"),
    ],
)
def test_a_contradicting_word_is_kept_and_flagged_and_changes_nothing(
    desk: Any, sent: tuple[int, str], words: tuple[str, str], kept: str
) -> None:
    number, token = sent
    for word in words:
        assert desk.call_back(token, word, code=30008 if word != "delivered" else None) == "kept"
    assert desk.row(number).carrier_status == kept
    assert [event.flag for event in desk.events()] == [None, "contradicting"]


def test_read_after_delivered(desk: Any, sent: tuple[int, str]) -> None:
    number, token = sent
    for word in ("delivered", "read"):
        desk.call_back(token, word)
    assert desk.row(number).carrier_status == "read"
    assert [event.flag for event in desk.events()] == [None, None]


def test_the_error_code_is_that_of_the_word_that_stays(desk: Any, sent: tuple[int, str]) -> None:
    number, token = sent
    desk.call_back(token, "undelivered", code=30003)
    desk.call_back(token, "failed", code=30008)
    assert (desk.row(number).carrier_status, desk.row(number).error_code) == ("undelivered", 30003)


class TestWhatAFailureSays:
    def register(self, desk: Any) -> NumberState | None:
        with desk.heed.database.begin() as session:
            return session.get(NumberState, desk.key())

    @pytest.mark.parametrize("code", [30005, 30006])
    @pytest.mark.parametrize("word", ["undelivered", "failed"])
    def test_about_the_number(self, desk: Any, sent: tuple[int, str], word: str, code: int) -> None:
        desk.call_back(sent[1], word, code=code)
        state = self.register(desk)
        assert state is not None
        assert (state.bad_code, state.stopped_at) == (code, None)

    def test_about_an_opt_out(self, desk: Any, sent: tuple[int, str]) -> None:
        desk.call_back(sent[1], "failed", code=21610)
        state = self.register(desk)
        assert state is not None
        assert state.stopped_at is not None

    @pytest.mark.parametrize("code", [30002, 30042])
    def test_about_ourselves(self, desk: Any, sent: tuple[int, str], code: int) -> None:
        desk.call_back(sent[1], "failed", code=code)
        with desk.heed.database.begin() as session:
            stops = session.scalars(select(SendingStop)).all()
        assert [(stop.reason, stop.sender) for stop in stops] == [
            (f"carrier-set-up:{code}", desk.heed.config.sender)
        ]
        assert self.register(desk) is None

    @pytest.mark.parametrize(
        ("word", "code"),
        [
            ("undelivered", 30003),
            ("undelivered", 30007),
            ("undelivered", None),
            ("sent", 30005),
            ("failed", 99999),
        ],
    )
    def test_nothing_about_either(
        self, desk: Any, sent: tuple[int, str], word: str, code: int | None
    ) -> None:
        desk.call_back(sent[1], word, code=code)
        assert self.register(desk) is None
        with desk.heed.database.begin() as session:
            assert session.scalars(select(SendingStop)).all() == []

    def test_it_is_said_once(self, desk: Any, sent: tuple[int, str]) -> None:
        """A callback repeated after the number was set right does not set it wrong again."""
        from services.common import numbers

        desk.call_back(sent[1], "undelivered", code=30006)
        with desk.heed.database.begin() as session:
            numbers.note(session, desk.key(), "right", "person:eva", desk.now())
        assert desk.call_back(sent[1], "undelivered", code=30006) == "known"
        state = self.register(desk)
        assert state is not None
        assert state.bad_at is None


@pytest.mark.parametrize("state", ["claimed", "uncertain", "staff", "pending"])
def test_a_callback_is_evidence_whatever_was_thought(desk: Any, state: str) -> None:
    number = desk.owe()
    (one,) = desk.claim()
    desk.put(number, state=state, reason="not found at the carrier, twice", check_at=desk.now())
    assert desk.call_back(one.text.token, "sent") == "kept"
    row, (attempt,) = desk.row(number), desk.attempts(number)
    assert (row.state, row.sid, row.reason) == ("accepted", SID, None)
    assert row.check_at - desk.now() > timedelta(minutes=14)  # when news is asked for, if none comes
    assert (attempt.sid, attempt.evidence) == (SID, "callback")
    assert desk.claim() == []


@pytest.mark.parametrize("state", ["cancelled", "failed"])
def test_after_the_end_it_is_noted_and_the_end_stands(desk: Any, state: str) -> None:
    number = desk.owe()
    (one,) = desk.claim()
    desk.put(number, state=state, reason="moved")
    assert desk.call_back(one.text.token, "delivered") == "kept"
    row = desk.row(number)
    assert (row.state, row.reason, row.carrier_status, row.sid) == (state, "moved", "delivered", SID)


class TestDuplicates:
    def twice_claimed(self, desk: Any) -> tuple[int, str, str]:
        number = desk.owe()
        (first,) = desk.claim()
        desk.record((first, Uncertain("ReadTimeout")))
        desk.put(number, state="pending")
        (second,) = desk.claim()
        return number, first.text.token, second.text.token

    def test_the_first_attempts_callback_after_the_second_went_out(
        self, desk: Any, said: list[dict[str, Any]]
    ) -> None:
        number, first, second = self.twice_claimed(desk)
        assert desk.call_back(second, "sent", OTHER_SID) == "kept"
        assert desk.call_back(first, "delivered", SID) == "kept"
        assert [(event.status, event.flag) for event in desk.events()] == [
            ("sent", None),
            ("delivered", "duplicate-detected"),
        ]
        row = desk.row(number)
        assert (row.state, row.sid, row.carrier_status) == ("accepted", OTHER_SID, "sent")
        assert [attempt.sid for attempt in desk.attempts(number)] == [SID, OTHER_SID]
        assert [line["event"] for line in said] == ["duplicate-detected"]

    @pytest.mark.parametrize("state", ["claimed", "uncertain", "staff"])
    def test_the_first_ones_word_ends_the_matter_while_the_second_is_open(
        self, desk: Any, state: str
    ) -> None:
        """The person has the text: however the second attempt turns out, there is no third."""
        number, first, second = self.twice_claimed(desk)
        desk.put(number, state=state)
        desk.call_back(first, "sent")
        assert [event.flag for event in desk.events()] == ["duplicate-detected"]
        assert (desk.row(number).state, desk.row(number).sid) == ("accepted", SID)
        desk.record((self.claim_of(desk, number, second), Uncertain("reset")))
        assert desk.row(number).state == "accepted"
        desk.call_back(second, "delivered", OTHER_SID)
        assert (desk.row(number).sid, desk.row(number).carrier_status) == (SID, "sent")

    def claim_of(self, desk: Any, number: int, token: str) -> Claim:
        return Claim(number, 2, Outgoing("+447700900123", "Text", desk.heed.config.sender, token, 60), 1)

    def test_not_while_the_second_waits(self, desk: Any) -> None:
        """The second was refused as busy and waits: the first one's word settles the row, and the second never goes."""
        number, first, _ = self.twice_claimed(desk)
        desk.put(number, state="pending", reason="carrier-busy")
        desk.call_back(first, "sent")
        assert [event.flag for event in desk.events()] == [None]
        assert desk.state(number)[0] == "accepted"
        assert desk.claim() == []

    def test_two_messages_for_one_attempt(self, desk: Any, said: list[dict[str, Any]]) -> None:
        """The POST was made twice on the way (a proxy that retries): one token, two sids."""
        number = desk.owe()
        (one,) = desk.claim()
        desk.record((one, Accepted(SID, "queued")))
        desk.call_back(one.text.token, "sent", SID)
        desk.call_back(one.text.token, "sent", OTHER_SID)
        assert [(event.sid, event.flag) for event in desk.events()] == [
            (SID, None),
            (OTHER_SID, "duplicate-detected"),
        ]
        assert desk.row(number).sid == SID
        assert [line["event"] for line in said] == ["duplicate-detected"]


def test_a_sid_that_stands_on_another_attempt_is_taken_back_to_its_own(desk: Any) -> None:
    """Two equal texts to one number, both uncertain, one message at the carrier: the listing gave it to the first, and then the
    second one's own callback names it."""
    first, second = desk.owe(body="same"), desk.owe(body="same")
    one, two = desk.claim()
    desk.record((one, Uncertain("reset")), (two, Uncertain("reset")))
    with desk.heed.database.begin() as session:
        attempt = session.get_one(type(desk.attempts(first)[0]), desk.attempts(first)[0].id)
        attempt.sid, attempt.evidence = SID, "listing"
    desk.put(first, state="accepted", sid=SID, check_at=None)
    assert desk.call_back(two.text.token, "delivered", SID) == "kept"
    assert (desk.row(second).state, desk.row(second).sid) == ("accepted", SID)
    assert (desk.row(first).state, desk.row(first).sid) == ("uncertain", None)
    assert desk.row(first).check_at <= desk.now()
    assert [desk.attempts(number)[0].sid for number in (first, second)] == [None, SID]


def test_a_sid_stays_where_it_is_once_a_second_attempt_has_gone_out(desk: Any) -> None:
    """Two texts owed, two messages out: taking the sid back would send a third."""
    first, second = desk.owe(body="same"), desk.owe(body="same")
    one, two = desk.claim()
    desk.record((one, Uncertain("reset")), (two, Uncertain("reset")))
    with desk.heed.database.begin() as session:
        attempt = session.get_one(type(desk.attempts(first)[0]), desk.attempts(first)[0].id)
        attempt.sid, attempt.evidence = SID, "listing"
    desk.put(first, state="accepted", sid=SID, check_at=None)
    desk.put(second, state="pending")
    (again,) = desk.claim()
    desk.record((again, Accepted(OTHER_SID, "queued")))
    assert desk.call_back(two.text.token, "delivered", SID) == "kept"
    assert [event.flag for event in desk.events()] == ["duplicate-detected"]
    assert [desk.row(number).sid for number in (first, second)] == [SID, OTHER_SID]
    assert [desk.row(number).state for number in (first, second)] == ["accepted", "accepted"]


class TestAtOnce:
    def test_one_callback_ten_times(self, desk: Any, sent: tuple[int, str]) -> None:
        gate = threading.Barrier(10)

        def call(_: int) -> str:
            gate.wait()
            return desk.call_back(sent[1], "delivered")

        with ThreadPoolExecutor(10) as pool:
            assert sorted(pool.map(call, range(10))) == ["kept"] + ["known"] * 9
        assert len(desk.events()) == 1

    @pytest.mark.parametrize("round_", range(5))
    def test_all_words(self, desk: Any, sent: tuple[int, str], round_: int) -> None:
        words = ["queued", "sending", "sent", "delivered"]
        gate = threading.Barrier(4)

        def call(word: str) -> str:
            gate.wait()
            return desk.call_back(sent[1], word)

        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(call, words)) == ["kept"] * 4
        assert desk.row(sent[0]).carrier_status == "delivered"


def test_words_are_bounded_by_the_carriers_own() -> None:
    assert (callbacks.DUPLICATE, callbacks.CONTRADICTION) == ("duplicate-detected", "contradicting")
