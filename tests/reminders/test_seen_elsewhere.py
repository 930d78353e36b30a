"""What went wrong in other systems of the kind (REMINDERS §9), row by row. Rows on feeds, wording and a person's hand are beside
their subjects, in files of the same name."""

import itertools
from collections.abc import Sequence

import pytest
from sqlalchemy import text

from services.common import alarms
from services.common.outbox.states import fold
from services.reminders import pilots
from tests.reminders.office import (
    ANN,
    HEARING,
    ONE_DAY,
    STEVENAGE,
    THREE_DAYS,
    Office,
    case,
    defendant,
    hearing,
    nth,
    nth_case,
    nth_result,
    phone,
    somebody,
)
from tests.reminders.test_pilots import PROTOCOL, assigned, evidence
from tests.reminders.test_replay import csv, listed

ELSEWHEN = "2026-09-30T10:00"


def test_row_01_a_rerun_sends_nothing_again(office: Office) -> None:
    office.push(hearing())
    for at in (THREE_DAYS, ONE_DAY):
        office.tick(at)
        for _ in range(2):
            office.tick()
    assert len(office.texts(ANN)) == 2


def test_row_02_a_text_that_the_carrier_answers_with_500_is_not_called_sent(office: Office) -> None:
    office.carrier.control("faults", {"seed": 1, "rates": {"error-before": 1}})
    office.push(hearing())
    office.tick(THREE_DAYS)
    assert {state for _, state, _ in office.outbox()} <= {"pending", "uncertain"}
    office.carrier.control("faults", {})
    for at in (
        "12:00",
        "12:30",
        "13:00",
        "14:00",
        "16:00",
    ):  # looked for at the carrier, found nowhere, sent again
        office.tick(f"2026-09-20T{at}")
    assert len(office.texts(ANN)) == 1


def test_row_03_and_04_a_transient_failure_is_tried_again_while_useful_and_a_permanent_one_never(
    office: Office,
) -> None:
    office.push(nth(0))
    office.push(hearing(HEARING, nth_case(1, defendant("Bad", mobile="+447700900906")), key="c1"))
    for at in (THREE_DAYS, "2026-09-20T10:30", "2026-09-20T14:00", ONE_DAY, "2026-09-22T15:00"):
        office.tick(at)
    assert len(office.texts(phone(0))) == 2
    with office.heed.database.begin() as session:
        tried = session.execute(
            text(
                "SELECT max(attempt) AS max, count(*) FILTER (WHERE state = 'pending') AS waiting FROM outbox"
            )
        ).one()
        refused = session.execute(
            text(
                "SELECT attempt, state FROM outbox WHERE error_code IS NOT NULL OR reason = 'mobile-invalid'"
            )
        ).all()
    assert tried.waiting == 0 and tried.max == 1
    assert {tuple(one) for one in refused} == {(1, "failed"), (0, "cancelled")}


def test_row_05_a_bad_record_in_the_middle_does_not_stop_the_rest(office: Office) -> None:
    made = [listed(number) for number in range(5)]
    made[2] = listed(2, court_code="?")
    assert office.push(csv(*made), form="csv")["status"] == "partly_applied"
    with office.heed.database.begin() as session:  # and one that cannot be read when its moment comes
        session.execute(text("UPDATE people SET name_enc = '\\x00' WHERE id = (SELECT min(id) FROM people)"))
    office.tick(THREE_DAYS)
    assert [len(office.texts(phone(number))) for number in range(5)] == [0, 1, 0, 1, 1]


@pytest.mark.parametrize("how", ["failed", "empty", "not ours"])
def test_row_10_a_feed_that_fails_leaves_the_last_good_state_and_raises_an_alarm(
    office: Office, how: str
) -> None:
    office.push(csv(listed(1), listed(2)), form="csv")
    body = {"failed": b"\x00\x01", "empty": csv(), "not ours": b"a,b,c\n1,2,3\n"}[how]
    assert office.push(body, form="csv")["status"] == "rejected"
    assert [row["status"] for row in office.rows()] == ["listed", "listed"]
    office.tick(THREE_DAYS)
    assert len(office.texts()) == 2
    with office.heed.database.begin() as session:
        assert [one.code for one in alarms.sounding(session)] in (["feed-empty"], ["delivery-rejected"])


def test_row_13_a_move_is_followed_before_and_after_sending(office: Office) -> None:
    office.push(nth(1))
    office.push(nth(1, ELSEWHEN))
    office.push(nth(2))
    office.tick(THREE_DAYS)
    office.push(nth(2, ELSEWHEN))
    office.tick("2026-09-29T10:00")
    assert all("30 Sep" in words for words in office.texts(phone(1)))
    assert ["23 Sep" in words for words in office.texts(phone(2))] == [True, False, False]
    assert "has moved" in office.texts(phone(2))[1]


def test_row_14_nothing_is_sent_after_a_result_a_withdrawal_or_a_remand(office: Office) -> None:
    for number in range(3):
        office.push(nth(number))
    office.push(nth_result(0, "2063"), "result")
    office.push(nth(1) | {"hearing": nth(1)["hearing"] | {"prosecutionCases": [nth_case(9)]}})
    office.push(hearing(HEARING, nth_case(2, somebody(2, bail="C")), key="c2"))
    office.tick(THREE_DAYS)
    assert [office.texts(phone(number)) for number in range(3)] == [[], [], []]
    assert ("resulted" in office.nth(0)["reasons"], "in-custody" in office.nth(2)["reasons"]) == (True, True)


def test_row_17_a_number_that_two_people_share_reaches_neither_and_who_was_assigned_stays(
    office: Office,
) -> None:
    office.push(hearing(HEARING, nth_case(1, somebody(1, mobile=ANN)), key="c1"))
    assert office.nth(1)["reasons"] == []
    office.push(hearing(HEARING, nth_case(2, somebody(2, mobile=ANN)), key="c2"))
    office.tick(THREE_DAYS)
    assert office.texts() == []
    assert [office.nth(number)["reasons"] for number in (1, 2)] == [["mobile-shared"]] * 2


def test_row_19_every_order_of_the_carriers_words_ends_the_same() -> None:
    def hear(words: Sequence[str]) -> str | None:
        status: str | None = None
        for word in words:
            status = fold(status, word) or status
        return status

    assert {hear(order) for order in itertools.permutations(["queued", "sent", "delivered"])} == {"delivered"}
    assert hear(["delivered", "undelivered"]) == "delivered"


def test_row_23_and_24_nobody_leaves_the_arm_they_were_given_and_nobody_has_two(office: Office) -> None:
    with office.heed.database.begin() as session:
        pilots.lock(session, PROTOCOL, "test")
    office.push(hearing(HEARING, case(*map(somebody, range(8)), ref="41C001"), key="c1"))
    arms = assigned(office)
    # One stops, one is remanded, one shares a number from now on, one is in a second hearing of the pilot.
    office.hears(phone(0), "STOP")
    people = [somebody(0), somebody(1, bail="C"), somebody(2, mobile=phone(3)), *map(somebody, range(3, 8))]
    office.push(hearing(HEARING, case(*people, ref="41C001"), key="c1"))
    office.push(hearing("2026-09-24T10:00", nth_case(2, somebody(4)), key="c2", court=STEVENAGE))
    office.tick(ONE_DAY)
    assert assigned(office) == arms and len(arms) == 8
    assert sum(evidence(office).assigned.values()) == 8
