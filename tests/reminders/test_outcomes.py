"""What happened: the outcome follows the latest full word, its history is kept, and the order of arrival does not matter."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, text, true

from services.common import clock
from services.common.models import Audit, Outbox
from services.common.times import london, parse_instant
from services.reminders import outcomes
from services.reminders.listings import Upsert
from services.reminders.models import Contact, Listing, OutcomeRow, Person
from tests.reminders.office import (
    BEN,
    HEARING,
    Office,
    case,
    defendant,
    hearing,
    nth,
    nth_result,
    result,
    spi,
    spi_result,
)

TABLES = "people, person_keys, listings, listing_keys, contacts, outbox, deliveries, outcomes, assignments, hearing_versions"
ABSENT = {"attendance": "absent", "fta": "no", "warrant": "none"}
FAILED = {"attendance": "absent", "fta": "yes", "warrant": "issued"}
CAME = {"attendance": "attended", "fta": "no", "warrant": "none"}
UNKNOWN = {"attendance": "unknown", "fta": "unknown", "warrant": "unknown"}


def history(office: Office) -> list[tuple[str, str, str, str, bool]]:
    """Every outcome ever written: (attendance, fta, warrant, by, whether it stands), oldest first."""
    with office.heed.database.begin() as session:
        rows = session.scalars(select(OutcomeRow).order_by(OutcomeRow.id)).all()
        return [
            (row.attendance, row.fta, row.warrant, row.entered_by, row.superseded_at is None) for row in rows
        ]


def test_a_result_becomes_one_outcome(office: Office) -> None:
    table: list[tuple[tuple[str, ...], str, dict[str, str]]] = [
        (("1015",), "IN_PERSON", CAME),
        (("1015",), "BY_VIDEO", CAME),
        (("1015",), "NOT_PRESENT", ABSENT),
        (("4576 CG",), "NOT_PRESENT", FAILED),
        (("4576",), "NOT_PRESENT", FAILED | {"fta": "presumed"}),
        (("4576 CY",), "IN_PERSON", CAME | {"warrant": "issued"}),
        (("4585",), "NOT_PRESENT", ABSENT),
        (("2509",), "IN_PERSON", CAME | {"warrant": "closed"}),
        # Three warrants on one day are one failure and one warrant.
        (("4576 CG", "4576 CG", "4576 CG"), "NOT_PRESENT", FAILED),
        (("4506 GE",), "NOT_PRESENT", ABSENT),
    ]
    for number, (codes, attendance, _) in enumerate(table):
        office.push(nth(number))
        assert (
            office.push(nth_result(number, *codes, attendance=attendance), "result")["counts"]["results"] == 1
        )
    assert [one["outcome"] for one in office.rows()] == [outcome for *_, outcome in table]
    assert {(one["status"], len(one["outcomes"])) for one in office.rows()} == {("heard", 1)}
    assert len(history(office)) == len(table)


def test_a_result_shared_again_is_followed_and_the_history_kept(office: Office) -> None:
    # The second share has another ground, no warrant, the warrant's end, and the same.
    table: list[tuple[str, dict[str, str], int]] = [
        ("4576 CY", FAILED | {"fta": "no"}, 2),
        ("1015", ABSENT, 2),
        ("2509", ABSENT | {"warrant": "closed"}, 2),
        ("4576 CG", FAILED, 1),
    ]
    for number, (second, outcome, kept) in enumerate(table):
        before = len(history(office))
        office.push(nth(number, shared="2026-09-14T06:00"))
        for code, shared in (("4576 CG", "2026-09-23T12:00"), (second, "2026-09-23T13:00")):
            office.push(nth_result(number, code, attendance="NOT_PRESENT", shared=shared), "result")
        assert office.nth(number)["outcome"] == outcome
        mine = history(office)[before:]
        assert [stands for *_, stands in mine] == [False] * (kept - 1) + [True]
        assert mine[0][:3] == ("absent", "yes", "issued")


def test_a_result_taken_away_altogether_is_seen_to_be_gone(office: Office) -> None:
    office.push(hearing())
    office.push(result("4576 CG", attendance="NOT_PRESENT"), "result")
    message = result("4576 CG", attendance="NOT_PRESENT")
    for offence in message["hearing"]["prosecutionCases"][0]["defendants"][0]["offences"]:
        offence["judicialResults"] = []
    office.push(message, "result")
    assert office.row()["outcome"] == ABSENT
    del message["hearing"]["defendantAttendance"]
    office.push(message, "result")
    assert office.row()["outcome"] == UNKNOWN


def test_two_shares_end_in_one_state_in_any_order(office: Office) -> None:
    orders = [(0, 1), (1, 0), (0, 1, 0), (1, 0, 1), (1, 1, 0, 0)]
    for number, order in enumerate([*orders, *orders]):
        if number < len(orders):  # the others are never listed
            office.push(nth(number, shared="2026-09-14T06:00"))
        messages = [
            nth_result(number, "4576 CG", attendance="NOT_PRESENT", shared="2026-09-23T12:00"),
            nth_result(number, "1015", attendance="IN_PERSON", shared="2026-09-23T13:00"),
        ]
        for one in order:
            office.push(messages[one], "result")
    states = [(one["status"], one["outcome"], len(one["outcomes"])) for one in office.rows()]
    assert states == [("heard", CAME, 1)] * 2 * len(orders)


def test_an_update_after_the_result_leaves_the_hearing_heard(office: Office) -> None:
    office.push(hearing(shared="2026-09-14T06:00"))
    office.push(result("4576 CG", attendance="NOT_PRESENT", shared="2026-09-23T12:00"), "result")
    office.push(hearing(shared="2026-09-23T13:00"))
    assert (office.row()["status"], office.row()["outcome"]) == ("heard", FAILED)
    assert office.planned() == []


def test_each_day_of_a_hearing_has_an_outcome_of_its_own_in_any_order(office: Office) -> None:
    days = [HEARING, "2026-09-24T10:00"]
    office.push(hearing(days))
    second = result("1015", attendance="IN_PERSON", at=days[1], shared="2026-09-24T12:00")
    first = result("4576 CG", attendance="NOT_PRESENT", at=days[0], shared="2026-09-23T12:00")
    for message in (second, first):
        message["hearing"]["hearingDays"] = hearing(days)["hearing"]["hearingDays"]
        office.push(message, "result")
    row = office.row()
    assert [(str(one["day"]), one["attendance"]) for one in row["outcomes"]] == [
        ("2026-09-23", "absent"),
        ("2026-09-24", "attended"),
    ]
    assert row["outcome"] == CAME


def test_two_defendants_have_an_outcome_each(office: Office) -> None:
    people = [defendant(), defendant("Ben", mobile=BEN)]
    office.push(hearing(HEARING, case(*people)))
    message = result("1015", attendance="IN_PERSON", defendants=people)
    message["hearing"]["defendantAttendance"][1]["attendanceDays"][0]["attendanceType"] = "NOT_PRESENT"
    assert office.push(message, "result")["counts"]["results"] == 2
    assert [office.row(name)["outcome"]["attendance"] for name in ("Ann", "Ben")] == ["attended", "absent"]


def test_the_police_result_finds_the_listing_that_common_platform_made(office: Office) -> None:
    office.push(hearing())
    office.push(spi_result(present="N", code="4575", qualifier="CG"), form="spi")
    assert (len(office.rows()), office.row()["outcome"]) == (1, FAILED)


def test_a_second_whole_message_of_the_police_is_an_amendment(office: Office) -> None:
    office.push(spi(), form="spi")
    office.push(spi_result(present="N", code="4575", qualifier="CG"), form="spi")
    assert office.row()["outcome"] == FAILED
    office.push(spi_result(present="A", code="1015", qualifier=""), form="spi")
    assert office.row()["outcome"] == {"attendance": "represented", "fta": "no", "warrant": "none"}
    assert len(history(office)) == 2


def test_a_called_off_hearing_keeps_its_status_whatever_is_written_of_it(office: Office) -> None:
    office.push(hearing())
    office.delete()
    office.push(spi_result(), form="spi")
    assert (office.row()["status"], office.row()["outcome"]) == ("cancelled", FAILED)


def by_hand(office: Office, day: str = "2026-09-23", **facts: str) -> bool:
    with office.heed.database.begin() as session:
        listing = session.scalars(select(Listing)).one()
        upsert = Upsert(office.heed, office.county, session, clock.now(session), listing.delivery_id)
        return outcomes.enter_by_hand(upsert, listing, date.fromisoformat(day), CAME | facts, "person:clerk")


def test_an_outcome_by_hand_stands_and_says_who_wrote_it(office: Office) -> None:
    office.push(hearing())
    assert by_hand(office, attendance="absent") is True
    assert by_hand(office, attendance="absent") is False
    row = office.row()
    assert (row["status"], row["outcome"], row["reasons"]) == ("heard", ABSENT, ["resulted"])
    assert history(office) == [("absent", "no", "none", "person:clerk", True)]
    assert office.planned() == []
    with office.heed.database.begin() as session:
        entered = session.scalars(select(Audit).where(Audit.act == "outcome-entered")).all()
    assert [(one.actor, one.detail["changed"]) for one in entered] == [
        ("person:clerk", True),
        ("person:clerk", False),
    ]


@pytest.mark.parametrize(
    ("shared", "outcome"),
    [("2026-09-23T13:00", FAILED), ("2026-09-23T12:00", CAME), (None, FAILED)],
    ids=["shared since", "shared before", "unversioned"],
)
def test_a_word_by_hand_stands_until_a_newer_one(
    office: Office, shared: str | None, outcome: dict[str, str]
) -> None:
    office.push(hearing())
    office.tick("2026-09-23T12:30")
    by_hand(office)
    office.tick("2026-09-23T14:00")
    office.push(result("4576 CG", attendance="NOT_PRESENT", shared=shared), "result")
    assert office.row()["outcome"] == outcome
    assert ("attended", "no", "none", "person:clerk", outcome == CAME) in history(office)


def test_by_hand_corrects_what_a_feed_said(office: Office) -> None:
    office.push(hearing(shared="2026-09-14T06:00"))
    office.push(result("4576 CG", attendance="NOT_PRESENT", shared="2026-09-23T12:00"), "result")
    office.tick("2026-09-23T15:00")
    by_hand(office)
    assert office.row()["outcome"] == CAME
    # The same share pushed again is no newer word.
    office.push(result("4576 CG", attendance="NOT_PRESENT", shared="2026-09-23T12:00"), "result")
    assert office.row()["outcome"] == CAME


@pytest.mark.parametrize("order", [(1, 2), (2, 1), (2, 1, 1, 2)])
def test_two_real_shares_of_one_hearing_end_in_one_state(
    office: Office, order: tuple[int, ...], feed_sample: Callable[[str], bytes]
) -> None:
    office.start("2024-09-25T08:00")
    counts = []
    for number in order:
        name = f"common-platform/multi-offence-hearing-results-added-for-day-{number}.json"
        counts.append(office.push(feed_sample(name), "result")["counts"])
    assert [one["rejected"] for one in counts] == [0] * len(order)
    rows = sorted(office.rows(), key=lambda one: (one["name"], one["starts_at"]))
    heard = [one for one in rows if one["status"] == "heard"]
    assert {one["name"].split()[-1] for one in heard} == {"Lang", "Spinka", "Howe", "Harris"}
    assert all(one["outcome"] == CAME for one in heard)
    assert all(len(one["outcomes"]) == 1 for one in heard)
    following = [one for one in rows if one["status"] == "listed"]
    assert len(following) == 4
    assert {one["first_hearing"] for one in following} == {False}
    expected = expected_next(feed_sample)
    assert {one["name"].split()[-1]: one["starts_at"][:16] for one in following} == expected
    assert office.planned() == []


@pytest.mark.parametrize("order", [(2, 1), (1, 2, 2, 1), (2, 1, 1, 2, 2)])
def test_two_real_shares_write_the_same_rows_in_any_order(
    office: Office, order: tuple[int, ...], feed_sample: Callable[[str], bytes]
) -> None:
    """All that anybody reads of them, and not only what the hearings say: people, listings, days, outcomes that stand, texts."""
    shares = {
        number: feed_sample(f"common-platform/multi-offence-hearing-results-added-for-day-{number}.json")
        for number in (1, 2)
    }
    office.start("2024-09-25T08:00")
    ends = []
    for numbers in ((1, 2), order):
        with office.heed.database.begin() as session:
            session.execute(text(f"TRUNCATE {TABLES} CASCADE"))
        for number in numbers:
            office.push(shares[number], "result")
        ends.append(rows_of(office))
    assert ends[0] == ends[1]
    assert [len(rows) for rows in ends[0].values()] == [4, 8, 4, 0, 0]


def rows_of(office: Office) -> dict[str, list[str]]:
    """Every row that stands, without what only counts and dates arrivals, in an order of their own."""
    passing = {
        "id",
        "person_id",
        "listing_id",
        "delivery_id",
        "entered_at",
        "received_at",
        "created_at",
        "updated_at",
    }
    # What is sealed is sealed anew each time; `version` counts moves on the way, which `stood` keeps; when a word arrived is not what it says.
    passing |= {"name_enc", "birth_enc", "number_enc", "version", "stood", "said_at"}
    found = {}
    with office.heed.database.begin() as session:
        for model, standing in (
            (Person, true()),
            (Listing, true()),
            (OutcomeRow, OutcomeRow.superseded_at.is_(None)),
            (Contact, Contact.current),
            (Outbox, true()),
        ):
            rows = session.execute(select(*model.__table__.columns).where(standing)).mappings()
            found[model.__tablename__] = sorted(
                str({name: _kept(value, passing) for name, value in row.items() if name not in passing})
                for row in rows
            )
    return found


def _kept(value: Any, passing: set[str]) -> Any:
    return (
        {name: one for name, one in value.items() if name not in passing}
        if isinstance(value, dict)
        else value
    )


def expected_next(feed_sample: Callable[[str], bytes]) -> dict[str, str]:
    """Each defendant's next hearing in the later share, on London's clock."""
    message = json.loads(feed_sample("common-platform/multi-offence-hearing-results-added-for-day-2.json"))
    found: dict[str, Any] = {}
    for one in message["hearing"]["prosecutionCases"]:
        for person in one["defendants"]:
            results = [r for offence in person["offences"] for r in offence.get("judicialResults", [])]
            times = [r["nextHearing"]["listedStartDateTime"] for r in results if r.get("nextHearing")]
            name = person["personDefendant"]["personDetails"]["lastName"]
            found[name] = f"{london(parse_instant(min(times))):%Y-%m-%dT%H:%M}"
    return found
