"""Whatever the order and however often messages about two hearings come, they end in one state (REMINDERS §2, §7)."""

import json
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from services.reminders.models import Contact, Listing, OutcomeRow, Person
from tests.reminders.office import (
    ANN,
    BEN,
    CAT,
    HEARING,
    STEVENAGE,
    Office,
    case,
    defendant,
    hearing,
    phone,
    result,
    spi,
    spi_result,
    utc,
)
from tests.reminders.test_replay import csv, listed

TABLES = (
    "people, person_keys, listings, listing_keys, contacts, outbox, deliveries, outcomes, assignments, hearing_versions,"
    " calls, alarms"
)
EARLIER, LATER, LAST = "2026-09-22T14:00", "2026-09-24T10:00", "2026-09-29T10:00"


def ann(mobile: str | None = ANN, **more: Any) -> dict[str, Any]:
    return defendant(mobile=mobile, **more)


def ben(mobile: str | None = BEN, **more: Any) -> dict[str, Any]:
    return defendant("Ben", mobile=mobile, **more)


def dee(**more: Any) -> dict[str, Any]:
    return defendant("Dee", **({"mobile": phone(1)} | more))


def eve() -> dict[str, Any]:
    return defendant("Eve", mobile=ANN)


def cat(**more: Any) -> dict[str, Any]:
    return defendant("Cat", mobile=CAT, **more)


def shared(minute: int) -> str:
    return f"2026-09-14T06:{minute:02}"


def update(minute: int, key: str, at: Any, *people: dict[str, Any], **more: Any) -> tuple[str, bytes]:
    """A hearing as it stood at a minute past six; the case of h1, unless `ref` says another."""
    of = case(*people, ref=more.pop("ref", "41AA1000126"))
    return "update", json.dumps(hearing(at, of, key=key, shared=shared(minute), **more)).encode()


def resulted(minute: int, *codes: str, **more: Any) -> tuple[str, bytes]:
    return "result", json.dumps(result(*codes, shared=shared(minute), **more)).encode()


def deleted(minute: int, key: str) -> tuple[str, bytes]:
    """The hearing's deletion in an envelope, whose time is its version."""
    envelope = {
        "Type": "Notification",
        "Message": json.dumps({"hearingId": key}),
        "Timestamp": utc(shared(minute)),
        "MessageAttributes": {
            "messageType": {"Type": "String", "Value": "COMMON_PLATFORM_HEARING"},
            "hearingEventType": {"Type": "String", "Value": "Deleted"},
        },
    }
    return "", json.dumps(envelope).encode()


OTHER = "41AA2000126"
# What is said of two hearings, each message with its version; in the order in which it was said.
STORIES: dict[str, list[tuple[str, bytes]]] = {
    "moves, people and numbers": [
        update(1, "h1", HEARING, ann(), ben()),
        update(2, "h1", LATER, ann(), ben(mobile=CAT)),
        update(3, "h1", [EARLIER, LATER], ann(), cat(), ben()),
        update(4, "h1", LATER, ann("01727 000000"), cat(), court=STEVENAGE),
        update(1, "h2", HEARING, dee(), ref=OTHER),
        update(2, "h2", HEARING, dee(mobile=BEN), ref=OTHER),
        update(3, "h2", LAST, dee(mobile=BEN, bail="C"), ref=OTHER),
        update(4, "h2", LAST, dee(mobile=BEN), eve(), ref=OTHER),
    ],
    "results shared again": [
        update(1, "h1", HEARING, ann(), ben()),
        resulted(2, "4576 CG", attendance="NOT_PRESENT", defendants=[ann(), ben()]),
        resulted(3, "1015", attendance="NOT_PRESENT", defendants=[ann(), ben()]),
        resulted(4, "4576 ZZ", attendance="IN_PERSON", defendants=[ann()]),
        update(5, "h1", LATER, ann(), cat()),
        update(1, "h2", HEARING, dee(), ref=OTHER),
        resulted(2, "2509", key="h2", defendants=[dee()], ref=OTHER),
        update(3, "h2", LAST, dee(), ref=OTHER),
    ],
    "what a result says of a later hearing": [
        update(1, "h1", HEARING, ann()),
        resulted(3, "4028", defendants=[ann()]),
        resulted(5, "1015", defendants=[ann()]),
        resulted(6, "2051", defendants=[ann()]),
        update(2, "h2", LAST, ann()),
        update(4, "h2", LAST, ann()),
        update(7, "h2", LAST, ann(bail="C")),
    ],
    "hearings that are called off": [
        update(1, "h1", HEARING, ann()),
        update(2, "h1", LATER, ann(), ben()),
        update(4, "h1", LAST, ann()),
        update(1, "h2", HEARING, dee(), ref=OTHER),
        update(2, "h2", [HEARING, LATER], dee(), ref=OTHER, cancelled=[HEARING]),
        update(3, "h2", HEARING, dee(), ref=OTHER, cancelled=[HEARING]),
        deleted(4, "h2"),
        deleted(3, "h1"),
    ],
}


def apply(office: Office, messages: list[tuple[str, bytes]]) -> dict[str, Any]:
    """The state in which an empty office ends: every hearing that stands, everybody in one, their numbers, and what is planned.

    Left out is what only an older message named: it is held or off where it was known, and unknown where it was not, and
    nobody is texted about it either way. Left out too are ids, how often a hearing moved on the way, and of a heard one what stood on record before it was heard.
    """
    with office.heed.database.begin() as session:
        session.execute(text(f"TRUNCATE {TABLES} CASCADE"))
    for event, body in messages:
        assert office.push(body, event or None)["status"] == "applied"
    standing = [row for row in office.rows() if row["status"] in ("listed", "heard")]
    listings = [
        {name: said for name, said in row.items() if name not in ("id", "version")} for row in standing
    ]
    for row in listings:
        if row["status"] == "heard":
            row["reasons"] = row["reasons"][:1]
    with office.heed.database.begin() as session:
        theirs = Listing.id.in_([row["id"] for row in standing])
        people = session.scalars(select(Listing.person_id).where(theirs).distinct()).all()
        numbers = session.execute(
            select(Person.match_key, Contact.number_key, Contact.problem)
            .where(Contact.person_id == Person.id, Listing.person_id == Person.id, Contact.current, theirs)
            .distinct()
        ).all()
        outcomes = session.execute(
            select(
                Person.match_key, OutcomeRow.day, OutcomeRow.fta, OutcomeRow.reason, OutcomeRow.version
            ).where(
                Listing.id == OutcomeRow.listing_id,
                Person.id == Listing.person_id,
                OutcomeRow.superseded_at.is_(None),
            )
        ).all()
    return {
        "listings": sorted(listings, key=lambda row: (row["name"], row["case_ref"], row["starts_at"] or "")),
        "people": len(people),
        "numbers": sorted(map(str, numbers)),
        "outcomes": sorted(map(str, outcomes)),
        "planned": sorted(office.planned()),
    }


@pytest.mark.parametrize("story", STORIES)
def test_any_order_and_any_repetition_end_in_one_state(office: Office, story: str) -> None:
    told = STORIES[story]

    @settings(max_examples=8, derandomize=True, phases=[Phase.generate])
    @given(st.data())
    def one(data: st.DataObject) -> None:
        places = range(len(told))
        some = data.draw(st.lists(st.sampled_from(places), min_size=2, max_size=len(told), unique=True))
        again = data.draw(st.lists(st.sampled_from(some), max_size=4))
        order = data.draw(st.permutations(some + again))
        assert apply(office, [told[place] for place in order]) == apply(
            office, [told[place] for place in sorted(some)]
        )

    one()


UNVERSIONED: list[tuple[str | None, dict[str, Any] | bytes, str]] = [
    (None, hearing(HEARING, case(ann(), ben())), "common-platform"),
    (None, hearing(LATER, case(ann(), ben(mobile=CAT))), "common-platform"),
    (None, spi(given="Dee", mobile=BEN, ref=OTHER, asn="2641AA0000000123457B"), "spi"),
    (None, spi(at=LATER, given="Dee", mobile=CAT, ref=OTHER, asn="2641AA0000000123457B"), "spi"),
    (None, csv(listed(1), listed(2, LATER)), "csv"),
    (None, csv(listed(2, HEARING), listed(1)), "csv"),
    ("result", result("4576 CG", attendance="NOT_PRESENT", defendants=[ann(), ben()]), "common-platform"),
    (None, spi_result(), "spi"),
    (None, spi_result(present="Y", code="1015", qualifier=""), "spi"),
]


@settings(max_examples=6, derandomize=True, phases=[Phase.generate])
@given(order=st.permutations(range(len(UNVERSIONED))))
def test_a_repeat_of_what_has_no_version_changes_nothing(office: Office, order: list[int]) -> None:
    with office.heed.database.begin() as session:
        session.execute(text(f"TRUNCATE {TABLES} CASCADE"))
    for place in order:
        event, body, form = UNVERSIONED[place]
        office.push(body, event, form=form)
        before = office.everything()
        office.push(body, event, form=form)
        assert office.everything() == before
