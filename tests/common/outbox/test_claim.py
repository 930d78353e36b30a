"""Inside the claim everything that could forbid a text is looked at once more, and exactly one process gets each row."""

import re
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from services.common import clock, numbers, stops
from services.common.context import Heed
from services.common.models import Outbox
from services.common.numbers import Act
from services.common.outbox.claim import Deferred, Dropped, Prepared, Ready, claim
from services.common.private import Private

TO, OTHER = "+447700900123", "+447700900124"


def claimed(desk: Any, limit: int = 200) -> list[int]:
    return [one.outbox_id for one in desk.claim(limit)]


def test_what_is_claimed(desk: Any) -> None:
    number = desk.owe(
        body="Herts Police: you’ve a date – Wed 23 Sep", useful_until=desk.now() + timedelta(minutes=30)
    )
    (one,) = desk.claim()
    assert (one.outbox_id, one.n, one.segments) == (number, 1, 1)
    assert one.text.body == "Herts Police: you've a date - Wed 23 Sep"
    assert (one.text.to, one.text.sender) == (TO, desk.heed.config.sender)
    assert 1790 <= one.text.validity <= 1800
    row, (attempt,) = desk.row(number), desk.attempts(number)
    assert (row.state, row.attempt, row.reason, row.segments) == ("claimed", 1, None, 1)
    assert row.check_at == attempt.lease_until
    assert attempt.lease_until - attempt.claimed_at == timedelta(seconds=desk.heed.settings.claim_lease)
    assert (attempt.n, attempt.token, attempt.sender) == (1, one.text.token, desk.heed.config.sender)
    assert (attempt.answer, attempt.sid) == (None, None)
    assert desk.heed.cipher.open(attempt.body_enc, "body").reveal() == one.text.body
    assert attempt.to_key == row.to_key == desk.key(TO)


def test_the_wall_time_of_a_claim_is_real_however_the_clock_was_moved(desk: Any) -> None:
    desk.later(3 * 86_400)
    number = desk.owe()
    desk.claim()
    (attempt,) = desk.attempts(number)
    assert abs(attempt.claimed_wall - datetime.now(UTC)) < timedelta(minutes=1)
    assert attempt.claimed_at - attempt.claimed_wall > timedelta(days=2)


def test_tokens_say_nothing_and_never_repeat(desk: Any) -> None:
    for _ in range(50):
        desk.owe()
    tokens = [one.text.token for one in desk.claim()]
    assert len(set(tokens)) == 50
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{20,}", token) for token in tokens)


def test_claims_do_not_show_what_they_hold(desk: Any) -> None:
    desk.owe(body="a secret")
    (one,) = desk.claim()
    assert "secret" not in repr(one) + repr(one.text)
    assert TO not in repr(one) + repr(one.text)
    assert TO not in repr(Ready(1, TO, "a secret", desk.now()))


def test_order_is_by_priority_then_by_what_becomes_useless_first(desk: Any) -> None:
    now = desk.now()
    late, soon = now + timedelta(hours=4), now + timedelta(hours=1)
    reminder_late = desk.owe(priority=20, useful_until=late)
    reminder_soon = desk.owe(priority=20, useful_until=soon)
    reply = desk.owe(priority=10, useful_until=late)
    danger = desk.owe(priority=0, useful_until=late)
    reply_same = desk.owe(priority=10, useful_until=late)
    assert claimed(desk, 2) == [danger, reply]
    assert claimed(desk, 2) == [reply_same, reminder_soon]
    assert claimed(desk, 2) == [reminder_late]
    assert claimed(desk) == []


def test_only_what_is_due_and_pending(desk: Any) -> None:
    now = desk.now()
    desk.owe(due_at=now + timedelta(minutes=1), useful_until=now + timedelta(hours=4))
    for state in ("claimed", "uncertain", "accepted", "failed", "staff", "cancelled"):
        desk.put(desk.owe(), state=state)
    due = desk.owe()
    assert claimed(desk) == [due]
    desk.later(61)
    assert len(claimed(desk)) == 1


def test_what_is_of_no_more_use_is_cancelled(desk: Any) -> None:
    now = desk.now()
    gone = desk.owe(due_at=now - timedelta(hours=2), useful_until=now)
    good = desk.owe(due_at=now - timedelta(hours=2), useful_until=now + timedelta(minutes=5))
    assert claimed(desk) == [good]
    assert desk.state(gone) == ("cancelled", "too-late")
    assert desk.row(gone).settled_at is not None
    assert desk.attempts(gone) == []


def test_nothing_is_claimed_while_sending_is_stopped(desk: Any) -> None:
    number = desk.owe()
    with desk.heed.database.begin() as session:
        stops.stop(session, "wrong wording", "person:eva", desk.now())
    assert claimed(desk) == []
    assert desk.state(number) == ("pending", None)
    with desk.heed.database.begin() as session:
        stops.lift(session, "person:tom", desk.now())
    assert claimed(desk) == [number]


@pytest.mark.parametrize(("own", "count"), [(True, 0), (False, 1)])
def test_a_stop_of_one_sender_stops_that_sender(desk: Any, own: bool, count: int) -> None:
    desk.owe()
    sender = desk.heed.config.sender if own else "+447700900009"
    with desk.heed.database.begin() as session:
        stops.stop(session, "carrier-set-up:21659", "carrier", desk.now(), sender)
    assert len(desk.claim()) == count


def test_the_register_is_read_inside_the_claim(desk: Any, subtests: pytest.Subtests) -> None:
    words: list[tuple[Act, str]] = [
        ("stop", "opted-out"),
        ("wrong", "wrong-number"),
        ("bad", "mobile-invalid"),
    ]
    for place, (act, reason) in enumerate(words):
        with subtests.test(act):
            to = f"+4477009002{place:02}"
            number, other = desk.owe(to), desk.owe(OTHER)
            with desk.heed.database.begin() as session:
                numbers.note(session, desk.key(to), act, "inbound:1", desk.now())
            assert claimed(desk) == [other]
            assert desk.state(number) == ("cancelled", reason)
            assert desk.attempts(number) == []


def test_the_word_that_confirms_a_stop_goes_to_who_stopped(desk: Any) -> None:
    confirmation, other = desk.owe(step="stopped"), desk.owe()
    with desk.heed.database.begin() as session:
        numbers.note(session, desk.key(), "stop", "inbound:1", desk.now())
    assert claimed(desk) == [confirmation]
    assert desk.state(other) == ("cancelled", "opted-out")


@pytest.mark.parametrize("changes", [{"mode": "trial", "trial_numbers": frozenset({TO})}])
def test_trial_mode_texts_the_listed_numbers_only(desk: Any) -> None:
    listed, unlisted = desk.owe(TO), desk.owe(OTHER)
    confirmation = desk.owe(OTHER, step="stopped")
    assert claimed(desk) == [listed]
    assert desk.state(unlisted) == desk.state(confirmation) == ("cancelled", "not-on-trial-list")


class TestPrepare:
    """What the service makes of each row."""

    def run(self, desk: Any, prepare: Callable[..., list[Prepared]]) -> list[int]:
        with desk.heed.database.begin() as session:
            return [one.outbox_id for one in claim(desk.heed, session, prepare, 200).claims]

    def test_ready_deferred_and_dropped(self, desk: Any) -> None:
        now = desk.now()
        ready, deferred, dropped = desk.owe(), desk.owe(), desk.owe()

        def prepare(_session: Session, rows: Sequence[Outbox], at: datetime) -> list[Prepared]:
            assert {row.id for row in rows} == {ready, deferred, dropped}
            return [
                Dropped(dropped, "moved"),
                Ready(ready, TO, "Rendered now", rows[0].useful_until),
                Deferred(deferred, now + timedelta(hours=1), "outside-window"),
            ]

        assert self.run(desk, prepare) == [ready]
        assert desk.state(dropped) == ("cancelled", "moved")
        assert desk.state(deferred) == ("pending", "outside-window")
        assert desk.row(deferred).due_at == now + timedelta(hours=1)
        assert self.run(desk, prepare) == []

    def test_a_reason_goes_when_the_text_goes(self, desk: Any) -> None:
        number = desk.owe()
        desk.put(number, reason="outside-window")
        desk.claim()
        assert desk.state(number) == ("claimed", None)

    def test_useless_rows_are_not_prepared(self, desk: Any) -> None:
        desk.owe(useful_until=desk.now())

        def prepare(*_: object) -> list[Prepared]:
            raise AssertionError

        assert self.run(desk, prepare) == []

    def test_a_bad_row_does_not_stop_the_others(self, desk: Any) -> None:
        good, bad, also_good = desk.owe(), desk.owe(), desk.owe()

        def prepare(session: Session, rows: Sequence[Outbox], at: datetime) -> list[Prepared]:
            if any(row.id == bad for row in rows):
                raise KeyError("a bug of ours that only this row meets")
            return desk.prepare(session, rows, at)

        assert sorted(self.run(desk, prepare)) == [good, also_good]
        assert desk.state(bad) == ("pending", "not-prepared")
        assert desk.row(bad).due_at > desk.now()
        assert self.run(desk, prepare) == []

    def test_a_row_that_breaks_the_transaction_does_not_stop_the_others(self, desk: Any) -> None:
        from sqlalchemy import text

        good, bad = desk.owe(), desk.owe()

        def prepare(session: Session, rows: Sequence[Outbox], at: datetime) -> list[Prepared]:
            if any(row.id == bad for row in rows):
                session.execute(text("SELECT 1 / 0"))
            return desk.prepare(session, rows, at)

        assert self.run(desk, prepare) == [good]
        assert desk.state(bad) == ("pending", "not-prepared")

    def test_a_row_that_nobody_answers_for_does_not_come_at_once_again(self, desk: Any) -> None:
        """Or a drain would turn on it without end."""
        forgotten, good = desk.owe(), desk.owe()

        def prepare(session: Session, rows: Sequence[Outbox], at: datetime) -> list[Prepared]:
            return desk.prepare(session, [row for row in rows if row.id != forgotten], at)

        assert self.run(desk, prepare) == [good]
        assert desk.state(forgotten) == ("pending", "not-prepared")
        assert self.run(desk, prepare) == []

    @pytest.mark.parametrize("column", ["to_enc", "body_enc"])
    @pytest.mark.parametrize("value", [None, b"", b"\x02k1 nothing that opens", b"\x02k9" + b"x" * 40])
    def test_a_row_that_cannot_be_read_is_put_off(self, desk: Any, column: str, value: bytes | None) -> None:
        bad, good = desk.owe(), desk.owe()
        desk.put(bad, **{column: value})
        assert claimed(desk) == [good]
        assert desk.state(bad) == ("pending", "unreadable")
        assert desk.row(bad).due_at > desk.now()


class TestAtOnce:
    """On the real database, with real threads."""

    def test_exactly_one_wins(self, desk: Any) -> None:
        number = desk.owe()
        gate = threading.Barrier(6)

        def run(_: int) -> list[int]:
            gate.wait()
            return claimed(desk)

        with ThreadPoolExecutor(6) as pool:
            results = list(pool.map(run, range(6)))
        assert sorted(results) == [[]] * 5 + [[number]]
        assert len(desk.attempts(number)) == 1

    def test_claims_at_once_are_disjoint_and_complete(self, desk: Any) -> None:
        owed = {desk.owe() for _ in range(60)}
        gate = threading.Barrier(4)

        def run(_: int) -> list[int]:
            gate.wait()
            mine: list[int] = []
            while batch := claimed(desk, 7):
                mine += batch
            return mine

        with ThreadPoolExecutor(4) as pool:
            counted = Counter(number for mine in pool.map(run, range(4)) for number in mine)
        assert set(counted.values()) == {1}
        assert set(counted) == owed

    def test_rows_that_another_holds_are_passed_over_without_waiting(self, desk: Any) -> None:
        first = [desk.owe() for _ in range(3)]
        rest = [desk.owe() for _ in range(3)]
        with desk.heed.database.begin() as session:
            held = claim(desk.heed, session, desk.prepare, 3).claims
            assert [one.outbox_id for one in held] == first
            with ThreadPoolExecutor(1) as pool:
                assert pool.submit(claimed, desk).result(5) == rest

    def test_a_claim_that_is_rolled_back_never_was(self, desk: Any) -> None:
        number = desk.owe()
        with pytest.raises(KeyError), desk.heed.database.begin() as session:
            claim(desk.heed, session, desk.prepare, 5)
            raise KeyError
        assert desk.attempts(number) == []
        assert claimed(desk) == [number]


def test_a_second_attempt_has_a_token_of_its_own(desk: Any) -> None:
    number = desk.owe()
    (first,) = desk.claim()
    desk.put(number, state="pending", silent_looks=2, failed_looks=3)
    (second,) = desk.claim()
    assert (first.n, second.n) == (1, 2)
    assert first.text.token != second.text.token
    row = desk.row(number)
    assert (row.silent_looks, row.failed_looks, row.attempt) == (0, 0, 2)
    assert [attempt.token for attempt in desk.attempts(number)] == [first.text.token, second.text.token]


def test_each_service_claims_its_own(
    reminders: Heed, consultation: Heed, desk_of: Callable[[Heed], Any]
) -> None:
    mine, theirs = desk_of(reminders), desk_of(consultation)
    mine.owe()
    assert theirs.claim() == []
    assert len(mine.claim()) == 1


def test_the_clock_of_the_claim_is_heeds(desk: Any) -> None:
    desk.later(3600)
    number = desk.owe()
    desk.claim()
    row = desk.row(number)
    with desk.heed.database.begin() as session:
        assert clock.now(session) - row.sent_at < timedelta(seconds=10)


def test_private_is_not_what_a_claim_carries(desk: Any) -> None:
    """The carrier takes plain text; everything on the way to it is masked by its type or by `repr=False`."""
    desk.owe()
    (one,) = desk.claim()
    assert not isinstance(one.text.body, Private)
