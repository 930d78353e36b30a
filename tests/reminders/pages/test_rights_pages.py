"""A person's rights and incidents on pages: each act is the one that the API calls, asks for its role, and is written down."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from services.common import audit
from services.common.models import Audit
from services.reminders.models import Incident, Listing, Person
from tests.reminders.office import ANN, BEN, HEARING, ONE_DAY, THREE_DAYS, Office, case, defendant, hearing
from tests.support.visitor import Visitor

AFTER = "2026-09-24T10:00"
WHO = "07700 900101"


@pytest.fixture
def records(office: Office, sites: Any) -> Visitor:
    return Visitor(office.heed, sites["reminders"].app, "records")


def acts(office: Office) -> list[str]:
    with office.heed.database.begin() as session:
        assert list(audit.verify(session)) == []
        return list(session.scalars(select(Audit.act).order_by(Audit.id)))


def test_what_is_held_is_shown_handed_over_and_put_right(
    office: Office, records: Visitor, sites: Any
) -> None:
    office.push(hearing(HEARING, case(), case(defendant("Ben", mobile=BEN), ref="41AA1000226")))
    office.tick(THREE_DAYS)
    office.hears(ANN, "Is there parking?")
    assert "A person's rights" in records.reads("/")
    assert "Mobile number" in records.reads("/rights")
    for wrong, says in (("", "Write a mobile number"), ("nobody", "Give a mobile number")):
        assert says in records.post("/rights", 422, who=wrong).text
    shown = records.post("/rights", 200, who=WHO).text
    assert "Ann Example" in shown and "41AA1000126" in shown and "Is there parking?" in shown
    assert "Ben" not in shown and "900102" not in shown
    assert "Nothing is held about this number" in records.post("/rights", 200, who="07700 900999").text
    file = records.post("/rights", 200, who=WHO, **{"as": "file"})
    assert file.headers["Content-Disposition"] == 'attachment; filename="held.json"'
    assert file.json["people"][0]["surname"] == "Example"
    assert acts(office).count("subject-read") == 3
    # A name put right, and what is wrong beside its field.
    for fields, field in (
        ({"surname": "Exemple"}, "correct_reason"),
        ({"correct_reason": "a passport"}, "given"),
        ({"surname": "Exemple", "correct_reason": "ring 07700 900101"}, "correct_reason"),
        ({"born": "soon", "correct_reason": "a passport"}, "born"),
        ({"surname": "x" * 101, "correct_reason": "a passport"}, "surname"),
    ):
        assert f"{field}-error" in records.post("/rights/correct", 422, who=WHO, **fields).text, fields
    assert "is put right" in records.does(
        "/rights/correct", who=WHO, surname="Exemple", born="05/05/1990", correct_reason="a passport"
    )
    shown = records.post("/rights", 200, who=WHO).text
    assert "Ann Exemple" in shown and "5 May 1990" in shown and acts(office)[-2] == "subject-corrected"
    # Two people have one number: which of them is to be said.
    office.push(
        hearing("2026-09-28T10:00", case(defendant("Cat", mobile=ANN, identity="c"), ref="41C"), key="h9")
    )
    for wrong in ({}, {"sure": "yes"}, {"erase_record": "99"}):
        shown = records.post("/rights/erase", 422, who=WHO, **wrong).text
        assert "erase_record-error" in shown and "say which record" in shown, wrong
    fields = {"who": WHO, "given": "Kat", "correct_reason": "a letter"}
    assert "record-error" in records.post("/rights/correct", 422, **fields).text
    with office.heed.database.begin() as session:
        newest = session.scalars(select(Person.id).order_by(Person.id.desc())).first()
    assert f"Record {newest} is put right" in records.does("/rights/correct", record=newest, **fields)
    asked = records.post("/rights/erase", 200, who=WHO, erase_record=newest).text
    assert f"Record {newest} goes." in asked and "Others have or had this number" in asked
    assert f'name="erase_record" value="{newest}"' in asked
    file = records.post("/rights", 200, who=WHO, **{"as": "file", "file_record": newest}).json
    assert [one["given"] for one in file["people"]] == ["Kat"] and file["texts_in"] == []
    office.tick("2026-09-29T10:00")
    assert "Erased: 1 records, 1 hearings" in records.does(
        "/rights/erase", who=WHO, erase_record=newest, sure="yes"
    )
    shown = records.post("/rights", 200, who=WHO).text
    assert "Ann Exemple" in shown and "Is there parking?" in shown and "Kat" not in shown
    # Nobody but whoever has the role.
    others = {
        role: Visitor(office.heed, sites["reminders"].app, role) for role in ("operator", "duty", "evaluator")
    }
    for visitor in others.values():
        visitor.get("/rights", 403)
        assert "A person's rights" not in visitor.reads("/")
        for path in ("", "/correct", "/restrict", "/release", "/erase"):
            visitor.post(f"/rights{path}", 403, who=WHO, sure="yes")


def test_what_is_forbidden_and_erasing_that_is_asked_twice(office: Office, records: Visitor) -> None:
    office.push(hearing())
    fields = {"who": WHO, "kind": "restriction", "reason": "the number is disputed"}
    for wrong, field in (({"kind": "odd"}, "kind"), ({"reason": ""}, "reason"), ({"kind": ""}, "kind")):
        assert f"{field}-error" in records.post("/rights/restrict", 422, **(fields | wrong)).text
    assert (
        "nobody of this number"
        in records.post("/rights/restrict", 422, **(fields | {"who": BEN})).text.lower()
    )
    assert "A restriction stands for 1 record" in records.does("/rights/restrict", **fields)
    assert "stands already" in records.post("/rights/restrict", 422, **fields).text
    with office.heed.database.begin() as session:
        assert session.scalars(select(Listing.reasons)).one() == ["opted-out", "do-not-text"]
    office.tick(AFTER)
    erase = {"who": WHO, "sure": "yes"}
    shown = records.post("/rights/erase", 422, **erase).text
    assert "forbids it" in shown and "the number is disputed" in shown
    end = {"who": WHO, "ends": "restriction", "end_reason": "it is settled"}
    assert "ends-error" in records.post("/rights/release", 422, **(end | {"ends": "hold"})).text
    assert "end_reason-error" in records.post("/rights/release", 422, **(end | {"end_reason": ""})).text
    assert "The restriction is ended" in records.does("/rights/release", **end)
    # Asked once more first; nothing is gone before that.
    asked = records.post("/rights/erase", 200, who=WHO).text
    assert "Erase them for good" in asked and "subject-erased" not in acts(office)
    assert re.search(r"Record \d+ goes", asked) and WHO in asked
    assert "Erased: 1 records, 1 hearings" in records.does("/rights/erase", **erase)
    shown = records.post("/rights", 200, who=WHO).text
    assert "Ann" not in shown and "41AA1000126" not in shown
    assert {"subject-restriction", "subject-released", "subject-erased"} <= set(acts(office))


def test_nobody_with_a_hearing_ahead_is_erased(office: Office, records: Visitor) -> None:
    office.push(hearing())
    shown = records.post("/rights/erase", 422, who=WHO, sure="yes").text
    assert "A hearing is ahead" in shown and 'href="#erase"' in shown and 'id="erase"' in shown


def test_an_incident_is_opened_and_assessed(office: Office, records: Visitor, sites: Any) -> None:
    office.push(hearing())
    office.tick(THREE_DAYS)
    office.hears(ANN, "WRONG")
    office.tick()
    operator = Visitor(office.heed, sites["reminders"].app, "operator")
    evaluator = Visitor(office.heed, sites["reminders"].app, "evaluator")
    assert "Assess it" in records.reads("/incidents")
    page = records.reads("/incidents/1/assess")
    assert "71 hours left" in page or "72 hours left" in page
    assert "St Albans Magistrates' Court" in page and "900101" not in page
    for fields, field in (
        ({"note": "a letter"}, "decision"),
        ({"decision": "odd", "note": "a letter"}, "decision"),
        ({"decision": "no-risk"}, "note"),
        ({"decision": "no-risk", "note": "x" * 1001}, "note"),
    ):
        assert f"{field}-error" in records.post("/incidents/1/assess", 422, **fields).text, fields
    fields = {"decision": "no-risk", "note": "a wife has the phone"}
    evaluator.post("/incidents/1/assess", 403, **fields)
    assert "The assessment is written down" in records.does("/incidents/1/assess", **fields)
    records.post("/incidents/1/assess", 409, **fields)
    records.get("/incidents/1/assess", 409)
    records.get("/incidents/2/assess", 404)
    with office.heed.database.begin() as session:
        row = session.get_one(Incident, 1)
        assert (row.decision, row.sound_at) == ("no-risk", None)
        assert row.note_enc and b"wife" not in row.note_enc
    # Assessed, it is settled once somebody has seen to the text too.
    waits = records.reads("/incidents")
    assert "Read it" in waits and "Assess it" not in waits
    reply = int(records.get("/incidents").split('href="/inbox/')[1].split('"')[0])
    operator.post(f"/inbox/{reply}/done")
    assert "No risk to the person: not reported: person:records" in records.reads("/incidents")
    # The office heard of one otherwise.
    with office.heed.database.begin() as session:
        listing = session.scalars(select(Listing)).one()
    path = f"/hearings/{listing.id}/incident"
    assert "A text reached somebody else" in operator.reads(f"/people/{listing.person_id}")
    assert "reason-error" in operator.post(path, 422, reason="").text
    operator.get("/hearings/999/incident", 404)
    assert "The incident is open" in operator.does(path, reason="a neighbour rang")
    office.tick(ONE_DAY)
    shown = records.reads("/incidents/2/assess")
    assert "a neighbour rang" in shown
    assert "is written down" in records.does("/incidents/2/assess", decision="reported", note="told the ICO")
    assert acts(office).count("incident-assessed") == 2
