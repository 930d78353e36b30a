"""The daily comparison: what one side alone knows is an alarm, what an open text may be settles it, and a day is compared once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.common import attention
from services.common.carrier import Accepted, Carrier, CarrierUnreachable, ListCut, NotSent, Seen, Uncertain
from services.common.carrier_codes import CodeClass
from services.common.models import Comparison, FoundText
from services.common.outbox import arrivals, compare

TO, SENDER = "+447700900123", "+447700900001"


class Lists:
    """What the carrier lists of both directions, and which sids it knows when asked for one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sent: list[Any] = []
        self.received: list[Any] = []
        self.known: set[str] = set()
        self.asked: list[str] = []
        monkeypatch.setattr(Carrier, "pages", self.pages)
        monkeypatch.setattr(Carrier, "fetch", self.fetch)

    def pages(self, since: datetime, until: datetime, **which: Any) -> Any:
        for one in self.sent if "sender" in which else self.received:
            if isinstance(one, Exception):
                raise one
            yield [one]

    def fetch(self, sid: str) -> Seen | None:
        self.asked.append(sid)
        return message(sid) if sid in self.known else None


def message(sid: str, body: str = "Hello", **changes: Any) -> Seen:
    usual: dict[str, Any] = {
        "status": "delivered",
        "sender": SENDER,
        "to": TO,
        "created": datetime.now(UTC),
        "error_code": None,
        "direction": "outbound-api",
    }
    return Seen(sid=sid, body=body, **(usual | changes))


def to_the_night(desk: Any) -> None:
    """On to half past the next midnight."""
    desk.later((compare.next_due(desk.now()) - desk.now()).total_seconds() + 1)


@pytest.fixture
def lists(monkeypatch: pytest.MonkeyPatch, desk: Any) -> Lists:
    """The comparing has begun, and the first one is due in the night."""
    found = Lists(monkeypatch)
    assert not compare.compare(desk.heed)
    return found


def compared(desk: Any) -> dict[str, Comparison]:
    """The last night's rows."""
    with desk.heed.database.begin() as session:
        return {one.direction: one for one in compare.latest(session, 1)}


def counts(one: Comparison) -> tuple[int, int, int, int, int, bool]:
    return one.listed, one.matched, one.settled, one.orphans, one.missing, one.complete


def accepted(desk: Any, sid: str, status: str = "sent", to: str = TO) -> int:
    number: int = desk.owe(to, "Hello")
    (one,) = desk.claim()
    desk.record((one, Accepted(sid, status)))
    return number


def uncertain(desk: Any, body: str = "Hello", state: str = "uncertain") -> int:
    number: int = desk.owe(TO, body)
    (one,) = desk.claim()
    desk.record((one, Uncertain("reset")))
    desk.put(number, state=state, check_at=None, due_at=desk.now() + timedelta(days=9))
    return number


def test_once_a_night_and_a_row_for_each_direction(desk: Any, lists: Lists) -> None:
    accepted(desk, "SM1")
    lists.sent = [message("SM1")]
    assert not compare.compare(desk.heed)
    to_the_night(desk)
    assert compare.compare(desk.heed)
    assert not compare.compare(desk.heed)
    rows = compared(desk)
    assert {name: counts(row) for name, row in rows.items()} == {
        "outbound": (1, 1, 0, 0, 0, True),
        "inbound": (0, 0, 0, 0, 0, True),
    }
    assert rows["outbound"].day == desk.now().date() - timedelta(days=1)
    assert desk.alarms() == []
    with desk.heed.database.begin() as session:
        shown = attention.comparisons(session)
    assert [(one["direction"], one["matched"]) for one in shown] == [("inbound", 0), ("outbound", 1)]


def test_the_next_one_begins_where_the_last_one_ended(desk: Any, lists: Lists) -> None:
    ends = []
    for _ in range(2):
        to_the_night(desk)
        assert compare.compare(desk.heed)
        ends.append((compared(desk)["outbound"].since_at, compared(desk)["outbound"].until_at))
    assert ends[1][0] == ends[0][1] - compare.SKEW


class TestSent:
    def test_one_that_a_restore_found_is_no_orphan(self, desk: Any, lists: Lists) -> None:
        with desk.heed.database.begin() as session:
            session.add(
                FoundText(sid="SM9", to_key=b"k", body_key=b"b", status="sent", sent_at=datetime.now(UTC))
            )
        lists.sent = [message("SM9")]
        to_the_night(desk)
        compare.compare(desk.heed)
        assert counts(compared(desk)["outbound"]) == (1, 1, 0, 0, 0, True)

    def test_a_message_that_no_attempt_knows_is_an_orphan(self, desk: Any, lists: Lists) -> None:
        lists.sent = [message("SM1"), message("SM2", direction="outbound-reply")]
        to_the_night(desk)
        compare.compare(desk.heed)
        assert counts(compared(desk)["outbound"]) == (2, 0, 0, 2, 0, True)
        assert [code for code, _, _ in desk.alarms()] == ["orphan-at-carrier"]
        assert desk.alarmed("orphan-at-carrier") == {"texts": 2, "ids": ["SM1", "SM2"]}

    @pytest.mark.parametrize("state", ["uncertain", "staff", "pending"])
    def test_an_open_texts_message_settles_it(self, desk: Any, lists: Lists, state: str) -> None:
        number = uncertain(desk, state=state)
        lists.sent = [message("SM1")]
        to_the_night(desk)
        compare.compare(desk.heed)
        row, (attempt,) = desk.row(number), desk.attempts(number)
        assert (row.state, row.sid, row.carrier_status, row.reason) == ("accepted", "SM1", "delivered", None)
        assert (attempt.sid, attempt.evidence) == ("SM1", "listing")
        assert counts(compared(desk)["outbound"]) == (1, 0, 1, 0, 0, True)
        assert desk.alarms() == []
        assert desk.claim() == []

    @pytest.mark.parametrize(
        "odd",
        [
            {"body": "Hello!"},
            {"body": ""},
            {"sender": "+447700900009"},
            {"to": "+447700900124"},
            {"created": datetime.now(UTC) - timedelta(hours=1)},
        ],
    )
    def test_one_that_does_not_fit_is_an_orphan_and_settles_nothing(
        self, desk: Any, lists: Lists, odd: dict[str, Any]
    ) -> None:
        number = uncertain(desk, state="staff")
        lists.sent = [message("SM1", **odd)]
        to_the_night(desk)
        compare.compare(desk.heed)
        assert desk.row(number).state == "staff"
        assert compared(desk)["outbound"].orphans == 1

    def test_one_that_two_texts_could_be_settles_neither(self, desk: Any, lists: Lists) -> None:
        numbers = [uncertain(desk, state="staff") for _ in range(2)]
        lists.sent = [message("SM1")]
        to_the_night(desk)
        compare.compare(desk.heed)
        assert [desk.row(number).state for number in numbers] == ["staff", "staff"]
        assert compared(desk)["outbound"].orphans == 1

    def test_a_second_message_of_one_text_is_a_duplicate_found(self, desk: Any, lists: Lists) -> None:
        number = uncertain(desk, state="staff")
        lists.sent = [message("SM1"), message("SM2")]
        to_the_night(desk)
        compare.compare(desk.heed)
        assert (desk.row(number).state, desk.row(number).sid) == ("accepted", "SM1")
        # Whose the second is nobody knows: it is an orphan, and a person looks.
        assert counts(compared(desk)["outbound"]) == (2, 0, 1, 1, 0, True)

    def test_an_earlier_attempt_that_was_written_off_is_a_duplicate_found(
        self, desk: Any, lists: Lists
    ) -> None:
        number = uncertain(desk, state="pending")
        desk.put(number, due_at=desk.now())
        (second,) = desk.claim()
        desk.record((second, Accepted("SM2", "queued")))
        lists.sent = [message("SM2"), message("SM1")]
        to_the_night(desk)
        compare.compare(desk.heed)
        assert [attempt.sid for attempt in desk.attempts(number)] == ["SM1", "SM2"]
        assert ("duplicate-detected", f"text:{number}", 1) in desk.alarms()

    def test_one_that_the_carrier_refused_is_not_taken_for_sent(self, desk: Any, lists: Lists) -> None:
        number = desk.owe(TO, "Hello")
        (one,) = desk.claim()
        desk.record((one, NotSent(CodeClass.WAIT, 20429, 429)))
        desk.put(number, due_at=desk.now() + timedelta(days=9))
        lists.sent = [message("SM1")]
        to_the_night(desk)
        compare.compare(desk.heed)
        assert desk.row(number).state == "pending"
        assert compared(desk)["outbound"].orphans == 1

    def test_a_text_on_the_wire_is_let_be(self, desk: Any, lists: Lists) -> None:
        to_the_night(desk)
        number = desk.owe(TO, "Hello")
        desk.claim()
        lists.sent = [message("SM1")]
        compare.compare(desk.heed)
        assert desk.row(number).state == "claimed"
        assert counts(compared(desk)["outbound"]) == (1, 0, 0, 0, 0, True)

    def test_what_the_list_lacks_is_asked_for_and_missing_if_it_is_not_there(
        self, desk: Any, lists: Lists
    ) -> None:
        accepted(desk, "SM1")
        gone = accepted(desk, "SM2", "delivered")
        accepted(desk, "SM3", "queued")  # has no DateSent yet: news looks ask for it
        accepted(desk, "SM4")
        lists.sent, lists.known = [message("SM4")], {"SM1"}
        to_the_night(desk)
        compare.compare(desk.heed)
        assert sorted(lists.asked) == ["SM1", "SM2"]
        assert counts(compared(desk)["outbound"]) == (1, 1, 0, 0, 1, True)
        assert desk.alarmed("missing-at-carrier") == {"texts": 1, "ids": [gone]}

    def test_no_more_than_so_many_are_asked_for(
        self, desk: Any, lists: Lists, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(compare, "ASKED_MOST", 2)
        for place in range(3):
            accepted(desk, f"SM{place}")
        lists.known = {"SM0", "SM1", "SM2"}
        to_the_night(desk)
        compare.compare(desk.heed)
        assert sorted(lists.asked) == ["SM0", "SM1"]
        assert not compared(desk)["outbound"].complete
        assert [code for code, _, _ in desk.alarms()] == ["list-cut"]


class TestReceived:
    def came(self, sid: str, age: float = 60) -> Seen:
        created = datetime.now(UTC) - timedelta(seconds=age)
        return message(sid, sender=TO, to=SENDER, direction="inbound", status="received", created=created)

    def test_what_nobody_brought_is_kept_and_is_an_alarm(self, desk: Any, lists: Lists) -> None:
        lists.received = [self.came("SM" + "1" * 32)]
        to_the_night(desk)
        compare.compare(desk.heed)
        assert counts(compared(desk)["inbound"]) == (1, 0, 1, 1, 0, True)
        assert [code for code, _, _ in desk.alarms()] == ["orphan-at-carrier"]
        to_the_night(desk)
        compare.compare(desk.heed)
        assert counts(compared(desk)["inbound"]) == (1, 1, 0, 0, 0, True)

    def test_what_is_ours_and_not_the_carriers_is_missing(self, desk: Any, lists: Lists) -> None:
        from services.common import inbound

        with desk.heed.database.begin() as session:
            for sid in ("SM1", "SM2"):
                inbound.keep(desk.heed, session, sid=sid, sender=TO, to=SENDER, body="x", opt_out_type=None)
        lists.received = [self.came("SM1")]
        with desk.heed.database.begin() as session:
            look = session.get_one(compare.looks.Look, compare.NAME)
            look.due_at = desk.now()
        assert compare.compare(desk.heed)
        assert counts(compared(desk)["inbound"]) == (1, 1, 0, 0, 1, True)
        assert [code for code, _, _ in desk.alarms()] == ["missing-at-carrier"]

    def test_a_name_has_one_direction(
        self, open_service: Callable[..., Any], desk_of: Any, lists: Lists
    ) -> None:
        desk = desk_of(open_service("reminders", sender="Herts PCC"))
        compare.compare(desk.heed)
        to_the_night(desk)
        assert compare.compare(desk.heed)
        assert set(compared(desk)) == {"outbound"}
        with desk.heed.database.begin() as session:
            assert not arrivals.is_due(desk.heed, session, desk.now())


def test_without_an_answer_the_day_is_compared_later(desk: Any, lists: Lists) -> None:
    lists.received = [CarrierUnreachable("reset")]
    to_the_night(desk)
    assert not compare.compare(desk.heed)
    assert compared(desk) == {}
    desk.later(600)
    assert not compare.compare(desk.heed)
    lists.received = []
    desk.later(301)
    assert compare.compare(desk.heed)
    assert set(compared(desk)) == {"outbound", "inbound"}


@pytest.mark.parametrize("direction", ["sent", "received"])
def test_a_list_that_was_cut_is_an_alarm_and_nothing_counts_as_missing(
    desk: Any, lists: Lists, direction: str
) -> None:
    accepted(desk, "SM1")
    lists.known = {"SM1"}
    setattr(lists, direction, [ListCut()])
    to_the_night(desk)
    assert compare.compare(desk.heed)
    assert [code for code, _, _ in desk.alarms()] == ["list-cut"]
    assert {row.missing for row in compared(desk).values()} == {0}


def test_a_text_that_somebody_else_sent_with_the_sandbox(desk: Any, carrier: Any) -> None:
    from services.common.carrier import Outgoing

    compare.compare(desk.heed)
    mine = desk.owe("+447700900124", "Ours")
    desk.drain()
    desk.heed.carrier.send(Outgoing(TO, "Not ours", SENDER, "no-token-of-ours", 600))
    carrier.text(TO, SENDER, "Hello")
    carrier.quiet()
    to_the_night(desk)
    assert compare.compare(desk.heed)
    assert counts(compared(desk)["outbound"]) == (2, 1, 0, 1, 0, True)
    (orphan,) = [one["sid"] for one in carrier.messages(to=TO, direction="outbound-api")]
    assert desk.alarmed("orphan-at-carrier") == {"texts": 1, "ids": [orphan]}
    assert counts(compared(desk)["inbound"])[:2] == (1, 1)
    assert desk.row(mine).carrier_status == "delivered"
