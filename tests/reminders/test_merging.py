"""Two records that are one human: merged, nobody is texted twice; split again, every row is as it was."""

from typing import Any

import pytest
from sqlalchemy import select

from services.common.acts import Refused
from services.common.models import Audit, Outbox
from services.reminders import merging, pilots, review
from services.reminders.acts import acting
from services.reminders.models import Assignment, Listing, Person, PersonDecision
from tests.reminders.office import (
    ANN,
    BEN,
    HEARING,
    ONE_DAY,
    THREE_DAYS,
    Office,
    case,
    defendant,
    hearing,
    phone,
    spi,
)

LATER = "2026-09-25T10:00"


def merge(office: Office, kept: int, other: int) -> int:
    with acting(office.heed, office.county, "person:eva") as act:
        return merging.merge(act, kept, other).id


def split(office: Office, decision: int) -> int:
    with acting(office.heed, office.county, "person:eva") as act:
        return merging.split(act, decision).id


def person_of(office: Office, identity_case: str) -> int:
    """The record behind the listing of a case."""
    return row_person(office, office.row(identity_case)["id"])


def row_person(office: Office, listing: int) -> int:
    with office.heed.database.begin() as session:
        return session.get_one(Listing, listing).person_id


def two_records(
    office: Office, kept: str | None = ANN, other: str | None = BEN, **options: Any
) -> tuple[int, int]:
    """One human under two identities in one hearing, for two cases: (the first record, the second)."""
    people = [
        case(defendant(identity=name, mobile=number, born=born), ref=f"41{name.upper()}")
        for name, number, born in (("one", kept, "1990-05-04"), ("two", other, "1990-04-05"))
    ]
    office.push(hearing(HEARING, *people, **options))
    return person_of(office, "41ONE"), person_of(office, "41TWO")


FACTS = (
    "one_hearing",
    "two_feeds",
    "own_hearing",
    "kept_number",
    "other_number",
    "kept_marked",
    "other_marked",
    "told",
)
# Sixteen of the 256 ways in which these may hold, each fact both ways beside both ways of every other; and those in which one
# record was told, or both were.
MIXED = [
    *({fact: bool((n * 9 + 57) % 256 >> bit & 1) for bit, fact in enumerate(FACTS)} for n in range(16)),
    *(
        dict.fromkeys(FACTS, False) | dict.fromkeys(["one_hearing", "told", *numbered], True)
        for numbered in (["other_number"], ["kept_number"], ["kept_number", "other_number"])
    ),
]


def pair(office: Office, n: int, facts: dict[str, bool]) -> tuple[int, int]:
    """The n-th two records of one human: (kept, other)."""
    surname, day = f"Number{n}", f"2026-10-{1 + n:02}T10:00"
    kept = defendant(surname=surname, identity=f"k{n}", mobile=phone(2 * n) if facts["kept_number"] else None)
    # In one hearing the same name and birth date would be one defendant: day and month change places.
    born = "1990-04-05" if facts["one_hearing"] else "1990-05-04"
    number = phone(2 * n + 1) if facts["other_number"] else None
    other = defendant(surname=surname, identity=f"o{n}", mobile=number, born=born)
    cases = case(kept, ref=f"41K{n:03}"), case(other, ref=f"41O{n:03}")
    if facts["one_hearing"]:
        office.push(hearing(day, *cases, key=f"k{n}"))
    else:
        office.push(hearing(day, cases[0], key=f"k{n}"))
        office.push(hearing(day, cases[1], key=f"o{n}", court="B41MJ00"))
    if facts["own_hearing"]:
        office.push(hearing(f"2026-11-{1 + n:02}T10:00", case(other, ref=f"41P{n:03}"), key=f"p{n}"))
    ids = person_of(office, f"41K{n:03}"), person_of(office, f"41O{n:03}")
    if facts["two_feeds"]:  # the police's record of the kept one's own case, with a slip in the birth date
        asn = f"2641AA{n:013}A"
        office.push(
            spi(day, surname=surname, born="1990-05-05", mobile=None, ref=f"41K{n:03}", asn=asn), form="spi"
        )
        police = next(
            row["id"]
            for row in office.rows()
            if row["date_of_birth"] == "1990-05-05" and surname in row["name"]
        )
        ids = ids[0], row_person(office, police)
    with office.heed.database.begin() as session:
        for one, mark in zip(ids, ("kept_marked", "other_marked"), strict=True):
            session.get_one(Person, one).do_not_text = facts[mark]
    if facts["told"]:
        with acting(office.heed, office.county, "person:eva") as act:
            act.enrol_people(ids)
            for text in act.session.scalars(
                select(Outbox).where(Outbox.state == "pending", Outbox.step == "three-days")
            ):
                text.state, text.attempt, text.carrier_status = "accepted", 1, "delivered"
    return ids


def test_split_restores_every_row(office: Office) -> None:
    for n, facts in enumerate(MIXED):
        kept, other = pair(office, n, facts)
        with acting(office.heed, office.county, "person:eva") as act:
            act.enrol_people({kept, other})
        before = office.everything()
        decision = merge(office, kept, other)
        assert office.everything() != before, facts
        split(office, decision)
        after = office.everything()
        for table, rows in before.items():
            gone = [row for row in rows if row not in after[table]]
            new = [row for row in after[table] if row not in rows]
            if table == "outbox":  # what was promised to the one human in between is taken back
                new = [row for row in new if (row.state, row.attempt) != ("cancelled", 0)]
            assert (gone, new) == ([], []), (table, facts)


BEFORE, AFTER_ONE, AFTER_BOTH = "2026-09-19T10:00", "2026-09-20T10:30", "2026-09-22T10:30"
# (the first record's number, the second's, when they are merged): two reminders of the one hearing, whatever holds
ONE_HUMAN = [
    (first, second, at)
    for first, second in ((ANN, BEN), (ANN, None), (None, BEN), (ANN, ANN))
    for at in (BEFORE, AFTER_ONE, AFTER_BOTH)
    if at == BEFORE or None in (first, second)  # two numbers were told as two people
]


@pytest.mark.parametrize(("first", "second", "at"), ONE_HUMAN)
def test_one_human_is_told_once(office: Office, first: str | None, second: str | None, at: str) -> None:
    """A text that went out under the other record is not sent again under the one that is kept."""
    kept, other = two_records(office, first, second)
    for time in (THREE_DAYS, ONE_DAY):
        if time < at:
            office.tick(time)
    office.move(at)
    merge(office, kept, other)
    for time in (THREE_DAYS, AFTER_ONE, ONE_DAY, AFTER_BOTH):
        if time > at:
            office.tick(time)
    office.tick()
    assert len(office.texts()) == 2
    assert [row["status"] for row in office.rows()] == ["listed", "suspended"]


def test_a_change_is_told_once(office: Office) -> None:
    """Told of the hearing and of its move under the other record: the kept one owes neither again."""
    kept, other = two_records(office, None, BEN)
    office.tick(THREE_DAYS)
    moved = [
        case(defendant(identity=name, mobile=number, born=born), ref=f"41{name.upper()}")
        for name, number, born in (("one", None, "1990-05-04"), ("two", BEN, "1990-04-05"))
    ]
    office.push(hearing("2026-09-29T10:00", *moved))
    office.tick("2026-09-20T10:30")
    assert len(office.texts()) == 2
    decision = merge(office, kept, other)
    office.tick("2026-09-20T11:00")
    assert len(office.texts()) == 2
    # A move after that is told to the one who was told, once.
    office.push(hearing("2026-09-30T10:00", *moved))
    office.tick("2026-09-20T11:30")
    assert len(office.texts()) == 3
    # Split, the other's row knows of the old day only: it waits until a feed speaks of it again.
    split(office, decision)
    office.tick("2026-09-20T12:00")
    assert (len(office.texts()), office.rows()[1]["status"]) == (3, "suspended")
    office.push(hearing("2026-09-30T10:00", *moved))
    assert office.rows()[1]["reasons"] == []


def test_what_a_merge_moves(office: Office) -> None:
    """Feeds that speak of the other speak of the one that is kept; the newest number counts; one hearing in two feeds is one."""
    kept, other = two_records(office, ANN, None)
    office.push(
        hearing(LATER, case(defendant(identity="two", mobile=BEN, born="1990-04-05"), ref="41TWO"), key="h2")
    )
    decision = merge(office, kept, other)
    with office.heed.database.begin() as session:
        assert session.get_one(Person, other).merged_into == kept
        assert [row.person_id for row in session.scalars(select(Listing).order_by(Listing.id))] == [
            kept,
            other,
            kept,
        ]
        row = session.scalars(select(Audit).where(Audit.act == "people-merged")).one()
        assert (row.actor, row.subject, row.detail["other"]) == ("person:eva", f"person:{kept}", other)
        assert "Ann" not in str(row.detail)
    assert [row["mobile"] for row in office.rows()] == ["valid", "missing", "valid"]
    steps = ["three-days", "one-day"]
    assert sorted(step for step, _ in office.planned()) == sorted(steps * 2)
    # The feed moves the hearing that was the other's: the kept one's row follows, and no third record is made.
    office.push(
        hearing(
            "2026-09-28T10:00",
            case(defendant(identity="two", mobile=BEN, born="1990-04-05"), ref="41TWO"),
            key="h2",
        )
    )
    assert [row["starts_at"][:10] for row in office.rows()] == ["2026-09-23", "2026-09-23", "2026-09-28"]
    with office.heed.database.begin() as session:
        assert len(session.scalars(select(Person)).all()) == 2
    split(office, decision)
    with office.heed.database.begin() as session:
        assert session.get_one(Person, other).merged_into is None
        assert [row.person_id for row in session.scalars(select(Listing).order_by(Listing.id))] == [
            kept,
            other,
            other,
        ]


def test_two_feeds_that_differ_hold_the_hearing(office: Office) -> None:
    """The police's record of one case has a slip in the birth date and another time: merged, nobody is told either."""
    office.push(hearing(HEARING, case(defendant(identity="one"), ref="41ONE")))
    office.push(spi("2026-09-23T14:00", born="1990-05-05", mobile=BEN, ref="41ONE"), form="spi")
    kept, other = sorted({row_person(office, row["id"]) for row in office.rows()})
    decision = merge(office, kept, other)
    assert office.rows()[0]["reasons"] == ["time-uncertain"]
    assert office.planned() == []
    split(office, decision)
    assert [row["reasons"] for row in office.rows()] == [[], []]


def test_refusals_and_their_order(office: Office) -> None:
    people = [case(defendant(identity=name), ref=f"41{name.upper()}") for name in ("one", "two", "three")]
    for number, one in enumerate(people):
        office.push(hearing(HEARING, one, key=f"h{number}"))
    first, second, third = (row_person(office, row["id"]) for row in office.rows())
    merged = merge(office, second, third)
    onward = merge(office, first, second)
    with office.heed.database.begin() as session:  # one step leads to the record that stands
        assert {session.get_one(Person, one).merged_into for one in (second, third)} == {first}
    table = [
        (lambda: merge(office, first, first), "same-record"),
        (lambda: merge(office, first, third), "already-merged"),
        (lambda: merge(office, first, 999), "not-found"),
        (lambda: split(office, 999), "not-found"),
        (lambda: split(office, merged), "split-the-later-first"),
    ]
    for attempt, error in table:
        before = office.everything()
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.error == error
        assert office.everything() == before
    split(office, onward)
    with pytest.raises(Refused, match="undone already"):
        split(office, onward)
    with office.heed.database.begin() as session:
        assert session.get_one(Person, third).merged_into == second
    undone = split(office, merged)
    with office.heed.database.begin() as session:
        assert session.get_one(PersonDecision, undone).moved == {"undoes": merged}


def test_suggestions_and_different(office: Office) -> None:
    office.push(hearing(HEARING, case(defendant(identity="one"), ref="41ONE")))
    office.push(hearing(HEARING, case(defendant(identity="two"), ref="41TWO"), key="h2", court="B41MJ00"))
    office.push(hearing(HEARING, case(defendant("Eve", identity="other"), ref="41EVE"), key="h3"))
    with office.heed.database.begin() as session:
        (pair,) = review.suggestions(office.heed, session, show_people=True)
        assert (pair["why"], [one["name"] for one in pair["people"]]) == (
            ["name-and-birth", "number"],
            ["Ann Example"] * 2,
        )
        assert [one["courts"] for one in pair["people"]] == [["B41ME"], ["B41MJ"]]
        (pair,) = review.suggestions(office.heed, session, show_people=False)
        assert [(one["name"], one["date_of_birth"]) for one in pair["people"]] == [(None, None)] * 2
    one, two = (person["id"] for person in pair["people"])
    decision = merge(office, one, two)
    with office.heed.database.begin() as session:
        assert review.suggestions(office.heed, session, show_people=False) == []
    split(office, decision)
    for _ in range(2):  # said twice it stands once, in whichever order
        with acting(office.heed, office.county, "person:eva") as act:
            one, two = two, one
            review.different(act, one, two)
    with office.heed.database.begin() as session:
        assert review.suggestions(office.heed, session, show_people=False) == []
        assert [row.decision for row in review.decisions(session)] == ["different", "split", "same"]


def test_assignments_stay_where_they_are(office: Office) -> None:
    content = {
        "name": "autumn",
        "question": "Does it help?",
        "courts": ["B41ME"],
        "since": "2026-09-15",
        "until": "2026-10-31",
        "arms": [{"name": "texted", "texted": True}, {"name": "control", "texted": False}],
        "allocation": "permuted-blocks",
        "seed": "a",
        "block_sizes": [4],
    }
    with office.heed.database.begin() as session:
        pilots.lock(session, content, "test")
    kept, other = two_records(office)
    with office.heed.database.begin() as session:
        before = session.execute(select(*Assignment.__table__.columns)).all()
    merge(office, kept, other)
    with office.heed.database.begin() as session:
        assert session.execute(select(*Assignment.__table__.columns)).all() == before
        merged = session.scalars(select(Audit).where(Audit.act == "people-merged")).one()
        assert merged.detail["assignments"] == [row.id for row in before]
        assert "control" not in str(merged.detail) and "texted" not in str(merged.detail)
