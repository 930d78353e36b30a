"""What the network left open is settled by evidence: found once, silent twice, two candidates, nobody there."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.common import numbers
from services.common.carrier import Accepted, Carrier, CarrierUnreachable, Seen, Uncertain
from services.common.models import Attempt
from services.common.outbox.settle import FAILED_LOOKS_MOST, SKEW, Open, Try, candidates

TO, SENDER = "+447700900123", "+447700900001"
CLAIMED = datetime(2026, 9, 21, 10, tzinfo=UTC)
ONE = Open(1, TO, b"key", SENDER, CLAIMED, (Try(1, "Hello", CLAIMED),), CLAIMED)


def seen(**changes: Any) -> Seen:
    usual: dict[str, Any] = {
        "sid": "SMa",
        "status": "queued",
        "sender": SENDER,
        "to": TO,
        "body": "Hello",
        "created": CLAIMED,
        "error_code": None,
        "direction": "outbound-api",
    }
    return Seen(**(usual | changes))


@pytest.mark.parametrize(
    ("message", "fits"),
    [
        (seen(), True),
        (seen(status="delivered"), True),
        (seen(status="failed", error_code=30006), True),
        (seen(body="Hello "), False),
        (seen(body="hello"), False),
        (seen(body=""), False),
        (seen(sender="+447700900002"), False),
        (seen(direction="inbound"), False),
        (seen(direction="outbound-reply"), True),
        (seen(sid="SMknown"), False),
        (seen(created=CLAIMED - SKEW), True),
        (seen(created=CLAIMED - SKEW - timedelta(seconds=1)), False),
        (seen(created=CLAIMED + timedelta(hours=10)), True),
    ],
)
def test_which_message_could_be_this_text(message: Seen, fits: bool) -> None:
    assert bool(candidates(ONE, [message], {"SMknown"})) is fits


class Lists:
    """What the carrier would list, put in the place of the question alone; the wire has tests of its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.found: list[Seen] | None = []
        self.asked: list[str] = []
        monkeypatch.setattr(Carrier, "sent_to", self.sent_to)

    def sent_to(self, number: str, sender: str, since: datetime) -> list[Seen]:
        self.asked.append(number)
        if self.found is None:
            raise CarrierUnreachable("TwilioException")
        return self.found


@pytest.fixture
def lists(monkeypatch: pytest.MonkeyPatch) -> Lists:
    return Lists(monkeypatch)


def real(**changes: Any) -> Seen:
    return seen(**({"created": datetime.now(UTC)} | changes))


@pytest.fixture
def uncertain(desk: Any) -> int:
    """A text whose answer was lost a minute ago."""
    number = desk.owe(TO, "Hello")
    (one,) = desk.claim()
    desk.record((one, Uncertain("ReadTimeout")))
    return number


def test_nothing_is_looked_at_before_its_time(desk: Any, lists: Lists, uncertain: int) -> None:
    assert desk.settle() == 0
    desk.later(59)
    assert desk.settle() == 0
    desk.later(2)
    assert desk.settle() == 1
    assert lists.asked == [TO]


class TestFound:
    def test_once_is_accepted(self, desk: Any, lists: Lists, uncertain: int) -> None:
        lists.found = [real(status="sent"), real(body="Another", sid="SMb")]
        desk.later(61)
        desk.settle()
        row, (attempt,) = desk.row(uncertain), desk.attempts(uncertain)
        assert (row.state, row.sid, row.carrier_status, row.reason) == ("accepted", "SMa", "sent", None)
        assert row.settled_at is not None
        assert row.check_at - desk.now() > timedelta(minutes=14)  # when news is asked for, if none comes
        assert (attempt.sid, attempt.evidence) == ("SMa", "listing")
        desk.later(10_000)
        assert desk.settle() == 0
        assert desk.claim() == []

    def test_only_at_the_second_look(self, desk: Any, lists: Lists, uncertain: int) -> None:
        desk.later(61)
        desk.settle()
        lists.found = [real()]
        desk.later(600)
        desk.settle()
        assert desk.row(uncertain).state == "accepted"

    def test_failed_there_is_told(self, desk: Any, lists: Lists, uncertain: int) -> None:
        lists.found = [real(status="undelivered", error_code=30006)]
        desk.later(61)
        desk.settle()
        row = desk.row(uncertain)
        assert (row.state, row.carrier_status, row.error_code) == ("accepted", "undelivered", 30006)
        with (
            desk.heed.database.begin() as session
        ):  # and what it says about the number, as a callback would have said it
            assert numbers.forbidden(session, [desk.key()]) == {desk.key(): "mobile-invalid"}

    def test_twice_is_for_a_person(self, desk: Any, lists: Lists, uncertain: int) -> None:
        lists.found = [real(), real(sid="SMb")]
        desk.later(61)
        desk.settle()
        assert desk.state(uncertain) == ("staff", "two messages at the carrier could be this text")
        desk.later(10_000)
        assert desk.settle() == 0
        assert desk.claim() == []

    def test_a_message_that_is_another_texts_own_does_not_count(
        self, desk: Any, lists: Lists, uncertain: int
    ) -> None:
        other = desk.owe(TO, "Hello")
        (one,) = desk.claim()
        desk.record((one, Accepted("SMtheirs", "queued")))
        lists.found = [real(sid="SMtheirs"), real(sid="SMmine")]
        desk.later(61)
        desk.settle()
        assert (desk.row(uncertain).sid, desk.row(other).sid) == ("SMmine", "SMtheirs")

    def test_a_message_of_yesterday_does_not_count(self, desk: Any, lists: Lists, uncertain: int) -> None:
        lists.found = [real(created=datetime.now(UTC) - timedelta(days=1))]
        desk.later(61)
        desk.settle()
        assert desk.row(uncertain).silent_looks == 1

    def test_the_carriers_dates_are_compared_with_real_time(self, desk: Any, lists: Lists) -> None:
        """The sandbox's clock may be days ahead; the carrier's is not."""
        desk.later(5 * 86_400)
        number = desk.owe(TO, "Hello")
        (one,) = desk.claim()
        desk.record((one, Uncertain("reset")))
        lists.found = [real()]
        desk.later(61)
        desk.settle()
        assert desk.row(number).state == "accepted"


class TestSilent:
    def test_twice_the_next_attempt_may_go_with_a_token_of_its_own(
        self, desk: Any, lists: Lists, uncertain: int
    ) -> None:
        desk.later(61)
        desk.settle()
        assert desk.state(uncertain)[0] == "uncertain"
        assert desk.row(uncertain).silent_looks == 1
        assert desk.claim() == []
        desk.later(500)
        assert desk.settle() == 0  # ten minutes after the claim, not sooner
        desk.later(60)
        assert desk.settle() == 1
        assert desk.state(uncertain) == ("pending", "not found at the carrier, twice")
        (second,) = desk.claim()
        first_attempt, second_attempt = desk.attempts(uncertain)
        assert second.n == 2
        assert second.text.token == second_attempt.token != first_attempt.token

    def test_of_no_more_use_it_does_not_go(self, desk: Any, lists: Lists) -> None:
        number = desk.owe(TO, "Hello", useful_until=desk.now() + timedelta(minutes=5))
        (one,) = desk.claim()
        desk.record((one, Uncertain("reset")))
        for _ in range(2):
            desk.later(700)
            desk.settle()
        assert desk.state(number) == ("pending", "not found at the carrier, twice")
        assert desk.claim() == []
        assert desk.state(number) == ("cancelled", "too-late")

    def test_the_looks_of_one_attempt_do_not_count_for_the_next(
        self, desk: Any, lists: Lists, uncertain: int
    ) -> None:
        for _ in range(2):
            desk.later(700)
            desk.settle()
        (second,) = desk.claim()
        desk.record((second, Uncertain("reset")))
        desk.later(61)
        desk.settle()
        assert desk.state(uncertain)[0] == "uncertain"
        assert desk.row(uncertain).silent_looks == 1


class TestUnreachable:
    def test_it_is_asked_again_and_then_a_person_is(self, desk: Any, lists: Lists, uncertain: int) -> None:
        lists.found = None
        for look in range(1, FAILED_LOOKS_MOST):
            desk.later(61)
            assert desk.settle() == 1
            assert (desk.row(uncertain).state, desk.row(uncertain).failed_looks) == ("uncertain", look)
        desk.later(61)
        desk.settle()
        assert desk.state(uncertain) == ("staff", "the carrier could not be asked")
        desk.later(10_000)
        assert desk.settle() == 0

    def test_silence_does_not_mean_absence(self, desk: Any, lists: Lists, uncertain: int) -> None:
        lists.found = None
        for _ in range(5):
            desk.later(700)
            desk.settle()
        assert desk.row(uncertain).silent_looks == 0
        assert desk.claim() == []

    def test_a_callback_settles_it_meanwhile(self, desk: Any, lists: Lists, uncertain: int) -> None:
        lists.found = None
        desk.later(61)
        desk.settle()
        (attempt,) = desk.attempts(uncertain)
        desk.call_back(attempt.token, "delivered")
        lists.found = []
        desk.later(10_000)
        assert desk.settle() == 0
        assert desk.row(uncertain).state == "accepted"


class TestExpiredLeases:
    def test_a_claim_whose_process_died_is_uncertain_never_pending(self, desk: Any, lists: Lists) -> None:
        number = desk.owe(TO, "Hello")
        desk.claim()
        desk.later(119)
        assert desk.settle() == 0
        assert desk.state(number)[0] == "claimed"
        desk.later(2)
        assert desk.settle() == 1
        assert desk.state(number) == ("uncertain", "the sending process died")
        assert desk.claim() == []

    @pytest.mark.parametrize(("listed", "state"), [([real()], "accepted"), ([], "pending")])
    def test_then_it_is_settled_like_any_other(
        self, desk: Any, lists: Lists, listed: list[Seen], state: str
    ) -> None:
        number = desk.owe(TO, "Hello")
        desk.claim()
        lists.found = [seen(created=datetime.now(UTC))] if listed else []
        for _ in range(2):
            desk.later(700)
            desk.settle()
        assert desk.state(number)[0] == state


class TestAnotherInFlight:
    def test_its_message_is_not_taken_for_this_one(self, desk: Any, lists: Lists, uncertain: int) -> None:
        desk.later(61)
        other = desk.owe(TO, "Hello")
        (two,) = desk.claim()
        lists.found = [real(sid="SMother")]
        desk.settle()
        row = desk.row(uncertain)
        assert (row.state, row.silent_looks) == ("uncertain", 0)
        assert row.check_at > desk.now()
        desk.record((two, Accepted("SMother", "queued")))
        desk.later(61)
        desk.settle()
        assert (desk.row(uncertain).state, desk.row(uncertain).silent_looks) == ("uncertain", 1)
        assert desk.row(other).sid == "SMother"

    def test_another_number_does_not_matter(self, desk: Any, lists: Lists, uncertain: int) -> None:
        desk.later(61)
        desk.owe("+447700900124")
        desk.claim()
        lists.found = [real()]
        desk.settle()
        assert desk.row(uncertain).state == "accepted"


def test_two_settlers_at_once_look_at_different_rows(desk: Any, lists: Lists) -> None:
    from concurrent.futures import ThreadPoolExecutor

    for place in range(20):
        desk.owe(f"+4477009001{place:02}", "Hello")
    desk.record(*((one, Uncertain("reset")) for one in desk.claim()))
    desk.later(61)
    with ThreadPoolExecutor(3) as pool:
        looked = list(pool.map(lambda _: desk.settle(), range(3)))
    assert sum(looked) == len(lists.asked) == len(set(lists.asked)) == 20


def test_a_settler_that_died_lets_others_look_a_minute_later(
    desk: Any, lists: Lists, uncertain: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(self: object, *_: object) -> None:
        raise SystemExit

    desk.later(61)
    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(Carrier, "sent_to", dies)
        desk.settle()
    assert desk.settle() == 0
    desk.later(61)
    lists.found = [real()]
    assert desk.settle() == 1
    assert desk.row(uncertain).state == "accepted"


def test_more_than_a_batch_is_looked_at_in_turn(
    desk: Any, lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    from services.common.outbox import settle

    monkeypatch.setattr(settle, "BATCH", 4)
    for place in range(10):
        desk.owe(f"+4477009001{place:02}", "Hello")
    desk.record(*((one, Uncertain("reset")) for one in desk.claim()))
    desk.later(61)
    assert [desk.settle() for _ in range(4)] == [4, 4, 2, 0]


class TestWithTheSandbox:
    """The whole wire: the carrier took it and the answer was lost, or it never came there."""

    @pytest.mark.parametrize(("digits", "attempts"), [("912", 1), ("913", 1), ("911", 2)])
    def test_one_text_whatever_happened(self, desk: Any, carrier: Any, digits: str, attempts: int) -> None:
        carrier.control("callbacks", {"on": False})
        to = f"+447700900{digits}"
        number = desk.owe(to, "Hello")
        assert desk.drain() == 1
        assert desk.state(number)[0] == "uncertain"
        for _ in range(2):
            desk.later(700)
            desk.settle()
        desk.drain()
        assert desk.state(number)[0] == "accepted"
        assert len(desk.attempts(number)) == attempts
        assert carrier.accepted() == {(to, "Hello"): 1}
        assert desk.row(number).sid == carrier.messages(direction="outbound-api")[0]["sid"]

    def test_a_callback_settles_before_anybody_looks(
        self, desk: Any, carrier: Any, until: Callable[..., Any]
    ) -> None:
        to = "+447700900912"
        number = desk.owe(to, "Hello")
        desk.drain()
        until(lambda: desk.row(number).carrier_status == "delivered")
        assert desk.state(number) == ("accepted", None)
        (attempt,) = desk.attempts(number)
        assert (attempt.answer, attempt.evidence) == ("uncertain", "callback")
        assert carrier.accepted() == {(to, "Hello"): 1}


class TestEarlierAttempts:
    """A second attempt is uncertain, and what the carrier lists may be the first one's."""

    @pytest.fixture
    def twice(self, desk: Any, lists: Lists, uncertain: int) -> int:
        """The first attempt was silent for ten minutes by both clocks; the second one's answer was lost too."""
        desk.put(uncertain, state="pending")
        with desk.heed.database.begin() as session:
            attempt = session.get_one(Attempt, desk.attempts(uncertain)[0].id)
            attempt.claimed_wall -= timedelta(minutes=10)
        (second,) = desk.claim()
        desk.record((second, Uncertain("reset")))
        desk.later(61)
        return uncertain

    @pytest.mark.parametrize(("age", "on"), [(9, 1), (0, 2)])
    def test_the_message_settles_the_text_whichever_made_it(
        self, desk: Any, lists: Lists, twice: int, age: int, on: int
    ) -> None:
        lists.found = [real(created=datetime.now(UTC) - timedelta(minutes=age))]
        desk.settle()
        assert (desk.row(twice).state, desk.row(twice).sid) == ("accepted", "SMa")
        assert [attempt.n for attempt in desk.attempts(twice) if attempt.sid] == [on]
        assert desk.alarms() == []

    def test_two_messages_are_for_a_person_with_what_was_seen(
        self, desk: Any, lists: Lists, twice: int
    ) -> None:
        lists.found = [real(sid="SMb"), real(created=datetime.now(UTC) - timedelta(minutes=9))]
        desk.settle()
        assert desk.state(twice) == ("staff", "two messages at the carrier could be this text")
        assert [one["sid"] for one in desk.attempts(twice)[1].seen] == ["SMb", "SMa"]
        assert desk.alarms() == [("text-unsettled", "queue", 1)]

    def test_the_seconds_callback_after_the_firsts_message_was_found_is_a_duplicate(
        self, desk: Any, lists: Lists, twice: int
    ) -> None:
        lists.found = [real(created=datetime.now(UTC) - timedelta(minutes=9))]
        desk.settle()
        desk.call_back(desk.attempts(twice)[1].token, "sent", "SMb")
        assert desk.alarms() == [("duplicate-detected", f"text:{twice}", 1)]

    def test_one_from_before_both_counts_for_neither(self, desk: Any, lists: Lists, twice: int) -> None:
        lists.found = [real(created=datetime.now(UTC) - timedelta(minutes=13))]
        desk.settle()
        assert desk.row(twice).silent_looks == 1

    def test_one_that_was_refused_is_not_looked_for(self, desk: Any, lists: Lists, twice: int) -> None:
        with desk.heed.database.begin() as session:
            session.get_one(Attempt, desk.attempts(twice)[0].id).answer = "notsent"
        lists.found = [real(created=datetime.now(UTC) - timedelta(minutes=9))]
        desk.settle()
        assert desk.row(twice).silent_looks == 1


@pytest.mark.parametrize(("body", "state"), [("", "staff"), ("Other words", "uncertain")])
def test_a_message_whose_words_were_removed_proves_nothing_either_way(
    desk: Any, lists: Lists, uncertain: int, body: str, state: str
) -> None:
    lists.found = [real(body=body)]
    desk.later(61)
    desk.settle()
    assert desk.row(uncertain).state == state
    if state == "staff":
        assert desk.row(uncertain).reason.startswith("a message whose words were removed")
        assert [one["sid"] for one in desk.attempts(uncertain)[0].seen] == ["SMa"]


def test_a_message_without_words_that_is_anothers_is_nothing(desk: Any, lists: Lists, uncertain: int) -> None:
    desk.owe(TO, "Hello")
    (one,) = desk.claim()
    desk.record((one, Accepted("SMtheirs", "queued")))
    lists.found = [real(sid="SMtheirs", body=""), real(sid="SMmine")]
    desk.later(61)
    desk.settle()
    assert desk.row(uncertain).sid == "SMmine"


def test_two_equal_texts_to_one_number_and_two_messages_are_for_a_person(desk: Any, lists: Lists) -> None:
    numbers_ = [desk.owe(TO, "Hello") for _ in range(2)]
    desk.record(*((one, Uncertain("reset")) for one in desk.claim()))
    lists.found = [real(sid="SMa"), real(sid="SMb")]
    desk.later(61)
    desk.settle()
    assert [desk.row(number).state for number in numbers_] == ["staff", "staff"]


def test_two_equal_texts_to_one_number_and_one_message_make_two_in_all(desk: Any, lists: Lists) -> None:
    numbers_ = [desk.owe(TO, "Hello") for _ in range(2)]
    desk.record(*((one, Uncertain("reset")) for one in desk.claim()))
    lists.found = [real()]
    for _ in range(3):
        desk.later(700)
        desk.settle()
    assert sorted(desk.row(number).state for number in numbers_) == ["accepted", "pending"]
    assert len(desk.claim()) == 1


@pytest.mark.parametrize(("listed", "fits"), [("Herts PCC", True), ("HERTS PCC", True), ("Herts", False)])
def test_a_sender_that_is_a_name(listed: str, fits: bool) -> None:
    one = Open(1, TO, b"key", "Herts PCC", CLAIMED, (Try(1, "Hello", CLAIMED),), CLAIMED)
    assert bool(candidates(one, [seen(sender=listed)], set())) is fits


def test_words_are_looked_for_as_they_were_posted(desk: Any, carrier: Any) -> None:
    """Curly quotes and long dashes are made plain before the POST; the list shows what was posted."""
    carrier.control("callbacks", {"on": False})
    number = desk.owe("+447700900912", "It’s on — “court 3”")
    desk.drain()
    assert desk.state(number)[0] == "uncertain"
    desk.later(61)
    desk.settle()
    assert desk.state(number)[0] == "accepted"
    assert carrier.messages(direction="outbound-api")[0]["body"] == 'It\'s on - "court 3"'


def test_words_that_are_kept_no_longer_are_for_a_person(desk: Any, lists: Lists, uncertain: int) -> None:
    with desk.heed.database.begin() as session:
        session.get_one(Attempt, desk.attempts(uncertain)[0].id).body_enc = None
    desk.later(61)
    desk.settle()
    assert desk.row(uncertain).state == "staff"
    assert lists.asked == []


def test_a_look_that_outlasts_its_lease_does_not_count_beside_the_one_that_took_its_place(
    desk: Any, uncertain: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both were silent at the same moment: that is one silence, and not the two that let a text go again."""
    nested: list[str] = []

    def slow(self: Carrier, number: str, *_: Any) -> list[Seen]:
        if not nested:
            nested.append(number)
            desk.later(61)
            assert desk.settle() == 1
        return []

    monkeypatch.setattr(Carrier, "sent_to", slow)
    desk.later(61)
    assert desk.settle() == 1
    row = desk.row(uncertain)
    assert (row.state, row.silent_looks) == ("uncertain", 1)
