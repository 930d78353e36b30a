"""Whether a day in court put the case off, for what, and to when: by the table, and from a feed's message to the row."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from services.common import clock
from services.reminders import outcomes
from services.reminders.adjournments import Adjournment, adjournment, table
from services.reminders.feeds.records import ResultCode
from services.reminders.listings import Upsert
from services.reminders.models import Listing, OutcomeRow
from services.reminders.outcome_rules import decide
from tests.reminders.office import Office, hearing, result

DAY, LATER = date(2026, 9, 23), date(2026, 10, 14)
LAST_CHANCE = "To attend or a warrant to issue"
CODES: dict[str, list[ResultCode]] = {
    "fine": [ResultCode("1015")],
    "adjourned": [ResultCode("4506")],
    "adjourned, defendant failed to appear": [ResultCode("4506", ("KG",))],
    "adjourned, last chance": [ResultCode("4506", ("GE",))],
    "adjourned, last chance in words": [ResultCode("4506", (), (LAST_CHANCE,))],
    "adjourned, documents": [ResultCode("4506", ("DO",))],
    "adjourned, no time": [ResultCode("4506", (), ("Insufficient court time to hear the case",))],
    "two offences, one for documents": [ResultCode("4506", (), (), 1), ResultCode("4506", ("DO",), (), 2)],
    "bail": [ResultCode("4027")],
    "bail in absence": [ResultCode("4543")],
    "custody": [ResultCode("4531")],
    "rescheduled": [ResultCode("4555")],
    "sine die": [ResultCode("2007")],
    "warrant": [ResultCode("4576", ("CG",))],
    "absconded": [ResultCode("4576", ("CY",))],
    "sent for trial": [ResultCode("4559")],
    "none": [],
}


@pytest.mark.parametrize(
    ("codes", "attendance", "next_day", "word"),
    [
        ("fine", "Y", None, "no"),
        ("fine", "N", None, "no"),
        # Fined for one thing and listed again for another: the next hearing puts it off.
        ("fine", "Y", LATER, "yes"),
        ("fine", "N", LATER, "absence"),
        ("adjourned", "Y", LATER, "yes"),
        ("adjourned", "N", LATER, "absence"),
        ("adjourned", "N", None, "absence"),
        ("adjourned", "A", LATER, "yes"),  # a lawyer came
        ("adjourned", None, LATER, "yes"),
        ("adjourned, defendant failed to appear", None, LATER, "absence"),
        ("adjourned, last chance", "N", LATER, "absence"),
        ("adjourned, last chance in words", "N", LATER, "absence"),
        # The court gives another reason, so the absence is not taken for one.
        ("adjourned, documents", "N", LATER, "yes"),
        ("adjourned, no time", "N", LATER, "yes"),
        ("two offences, one for documents", "N", LATER, "yes"),
        ("bail", "N", None, "absence"),
        ("bail", "Y", None, "yes"),
        ("bail in absence", None, LATER, "absence"),
        ("custody", "N", LATER, "yes"),
        ("rescheduled", "N", LATER, "yes"),
        ("sine die", "N", None, "absence"),
        ("warrant", "N", None, "absence"),
        ("absconded", "Y", None, "no"),
        ("sent for trial", "Y", None, "no"),
        ("none", "N", None, "unknown"),
        ("none", None, None, "unknown"),
    ],
)  # fmt: skip
def test_what_a_day_says(codes: str, attendance: str | None, next_day: date | None, word: str) -> None:
    given = CODES[codes]
    found = adjournment(decide(attendance, given), given, DAY, next_day)
    assert found == Adjournment(word, next_day)  # type: ignore[arg-type]


def test_a_day_that_is_not_later_is_none() -> None:
    for next_day in (date(2026, 9, 22), DAY):
        given = CODES["adjourned"]
        assert adjournment(decide("N", given), given, DAY, next_day) == Adjournment("absence")


def test_every_code_is_one_of_the_departments(feed_sample: Callable[[str], bytes]) -> None:
    named = {row["cjsCode"]: row for row in json.loads(feed_sample("codes/result-code.json"))}
    assert set(table()) <= set(named)
    # Whatever the department calls an adjournment or a remand is in the table, but what is sent to another court for it.
    called = {
        code
        for code, row in named.items()
        if row["type"] == "I" and row["description"].lower().startswith(("adjourn", "remand"))
    }
    assert called <= set(table())


def test_a_feeds_result_says_until_when_and_a_person_leaves_it(office: Office) -> None:
    def put_off() -> list[tuple[str, str | None]]:
        with office.heed.database.begin() as session:
            rows = session.scalars(select(OutcomeRow).order_by(OutcomeRow.id))
            return [(row.detail["adjourned"], row.detail["until"]) for row in rows]

    def following(court: str) -> dict[str, Any]:
        return {"listedStartDateTime": "2026-10-14T09:00:00.000Z", "courtCentre": {"code": court}}

    office.push(hearing())
    office.push(result("4506", attendance="NOT_PRESENT", following=following("B41ME00")), "result")
    assert put_off() == [("absence", "2026-10-14")]
    facts = {"attendance": "attended", "fta": "no", "warrant": "none"}
    with office.heed.database.begin() as session:
        listing = session.scalars(select(Listing).where(Listing.first_hearing)).one()
        upsert = Upsert(office.heed, office.county, session, clock.now(session), listing.delivery_id)
        outcomes.enter_by_hand(upsert, listing, DAY, facts, "person:clerk")
    assert put_off()[1:] == [("absence", "2026-10-14")]
    # At another court the case goes on.
    office.push(result("4559", following=following("C41ST00"), shared="2026-12-24T12:00"), "result")
    assert put_off()[2:] == [("no", None)]
