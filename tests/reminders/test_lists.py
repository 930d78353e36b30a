"""A long list is applied a part at a time and written at once: it must end as if each row had come by itself."""

import gc
import random
import sys
from typing import Any

import pytest
from sqlalchemy import select, text

from services.common.copying import Encoded
from services.reminders import applying
from services.reminders.models import Contact, Person, PersonKey
from tests.reminders.office import HEARING, THREE_DAYS, Office, phone
from tests.reminders.test_replay import csv, listed

DAYS = (HEARING, "2026-09-23T14:00", "2026-09-24T10:00", "2026-09-30T10:00")
TABLES = "people, person_keys, listings, listing_keys, contacts, outbox, deliveries, outcomes, assignments, hearing_versions"


def rows(seed: int) -> list[str]:
    """A list at its worst: people in several cases, cases moved further down, numbers shared and changed, rows twice, rows wrong."""
    chance = random.Random(seed)
    made = []
    for _ in range(40):
        person = chance.randrange(12)
        made.append(
            listed(
                chance.randrange(15),
                chance.choice(DAYS),
                defendant_name=f"P{person:03} Example",
                mobile=chance.choice(
                    [phone(person), phone(person), phone(chance.randrange(4)), "", "01727 000000"]
                ),
                bail_status=chance.choice(["U", "U", "C", "summons", ""]),
                date_of_birth=chance.choice(["1990-05-04"] * 6 + ["2012-05-04", "1990-13-40"]),
                court_code=chance.choice(["B41ME00"] * 5 + ["B41MJ00", "C01CE00", ""]),
            )
        )
    return made + chance.choices(made, k=8)


def apply(office: Office, pushes: list[bytes]) -> dict[str, Any]:
    """The state in which an empty office ends, without the numbers that only count."""
    with office.heed.database.begin() as session:
        session.execute(text(f"TRUNCATE {TABLES} CASCADE"))
    counts: dict[str, int] = {}
    for body in pushes:
        for name, number in office.push(body, form="csv")["counts"].items():
            counts[name] = counts.get(name, 0) + number
    with office.heed.database.begin() as session:
        order = {
            number: place
            for place, number in enumerate(session.scalars(select(Person.id).order_by(Person.id)))
        }
        contacts = [
            (order[row.person_id], row.number_key, row.problem, row.current)
            for row in session.scalars(select(Contact).order_by(Contact.person_id, Contact.id))
            if row.current
        ]
        keys = {(row.key, order[row.person_id]) for row in session.scalars(select(PersonKey))}
    listings = [{name: value for name, value in row.items() if name != "id"} for row in office.rows()]
    return {
        "counts": counts,
        "listings": listings,
        "planned": office.planned(),
        "contacts": contacts,
        "keys": keys,
    }


@pytest.mark.parametrize("seed", range(4))
def test_a_list_in_parts_ends_as_its_rows_one_by_one(
    office: Office, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    made = rows(seed)
    one_by_one = apply(office, [csv(row) for row in made])
    whole = apply(office, [csv(*made)])
    monkeypatch.setattr(applying, "PART", 3)
    in_parts = apply(office, [csv(*made)])
    assert in_parts == whole
    # A row that says again what an earlier push said is known at once to change nothing, in one list or in many.
    assert whole == one_by_one
    assert whole["counts"]["new"] and whole["counts"]["changed"] and whole["counts"]["rejected"]
    assert {"mobile-shared", "mobile-invalid", "in-custody"} <= {
        reason for row in whole["listings"] for reason in row["reasons"]
    }


def test_a_list_pushed_again_in_another_order_changes_nothing(office: Office) -> None:
    made = [listed(number, DAYS[number % 4]) for number in range(30)]
    office.push(csv(*made), form="csv")
    office.tick(THREE_DAYS)
    before = office.everything()
    random.Random(1).shuffle(made)
    counts = office.push(csv(*made), form="csv")["counts"]
    assert (counts["hearings"], counts["unchanged"]) == (30, 30)
    assert office.everything() == before


def test_a_row_that_comes_again_brings_back_what_was_taken_away(office: Office) -> None:
    """A repeat is left alone only while its listing stands on it: after a change, a deletion or a hold it is a word like any other."""
    office.push(csv(listed(1), listed(2), listed(3)), form="csv")
    office.push(csv(listed(1, DAYS[3])), form="csv")
    with office.heed.database.begin() as session:
        session.execute(text("UPDATE listings SET status = 'suspended' WHERE '41C002' = ANY (case_refs)"))
        session.execute(text("UPDATE listings SET status = 'cancelled' WHERE '41C003' = ANY (case_refs)"))
    counts = office.push(csv(listed(1), listed(2), listed(3)), form="csv")["counts"]
    assert counts["changed"] == 3
    assert [(row["status"], row["starts_at"][:10]) for row in office.rows()] == [("listed", "2026-09-23")] * 3


def test_a_part_that_cannot_be_written_takes_the_whole_list_back(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts are written by a second thread while the next is read: its error is the delivery's."""
    made = csv(*[listed(number) for number in range(8)])
    written: list[str] = []
    turn = sys.getswitchinterval()

    def send(rows: Encoded) -> None:
        written.append(rows.table)
        if written.count("listings") > 1:
            raise RuntimeError("the disk is full")
        whole(rows)

    whole = Encoded.send
    with monkeypatch.context() as patch:
        patch.setattr(applying, "PART", 3)
        patch.setattr(Encoded, "send", send)
        delivery = office.push(made, form="csv")
    assert (delivery["status"], office.rows()) == ("received", [])
    assert (gc.isenabled(), sys.getswitchinterval()) == (True, turn)
    assert written.count("listings") == 2
    # It waits, and is applied before whatever comes after it.
    assert office.push(made, form="csv")["counts"]["unchanged"] == len(office.rows()) == 8


def test_an_empty_list_is_refused_and_what_was_known_stays(office: Office) -> None:
    office.push(csv(listed(1)), form="csv")
    for body in (csv(), csv("", ",,,,,,,,,,,")):
        delivery = office.push(body, form="csv")
        assert (delivery["status"], delivery["rejections"][0]["code"]) == ("rejected", "empty-list")
    assert office.row()["status"] == "listed"
