"""What the pages of Reminders do: each form is an act of the same use case that the API calls, told once and written down."""

import io
import re
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from services.common import audit, clock, held_files
from services.common.context import Heed
from services.common.models import Audit, Outbox
from services.reminders.models import Contact, Delivery, Listing, Person, PersonDecision
from services.reminders.pages import hearings as hearing_pages
from tests.reminders.full import PROTOCOL, Full, fill
from tests.reminders.office import CAT, Office
from tests.support.visitor import Visitor

LIST = (
    "case_ref,asn,defendant_name,date_of_birth,court_code,room,date,time,hearing_type,mobile,bail_status,language\n"
    "41NEW1,,Eve New,14/02/1990,B41ME00,1,30/11/2026,10:00,First hearing,07700 900190,B,en\n"
    ",,Nobody,14/02/1990,B41ME00,1,30/11/2026,10:00,First hearing,,B,en\n"
)


@pytest.fixture
def full(office: Office) -> Full:
    return fill(office)


@pytest.fixture
def operator(office: Office, sites: Any) -> Visitor:
    return Visitor(office.heed, sites["reminders"].app, "operator")


def acts(office: Office, after: int = 0) -> list[str]:
    with office.heed.database.begin() as session:
        assert list(audit.verify(session)) == []
        return list(session.scalars(select(Audit.act).where(Audit.id > after).order_by(Audit.id)))


def goes_on_by_key(office: Office, operator: Visitor) -> None:
    """Page after page has everybody once, and keeps its filters."""
    seen: list[str] = []
    path: str | None = "/hearings?court=B41ME"
    while path:
        page = operator.get(path)
        seen += re.findall(r"/people/(\d+)", page)
        following = re.search(r'href="(/hearings\?[^"]*after=[^"]*)"', page)
        path = following[1].replace("&amp;", "&") if following else None
        assert path is None or "court=B41ME" in path
    with office.heed.database.begin() as session:
        ahead = session.scalars(
            select(Listing.person_id)
            .where(Listing.starts_at > clock.now(session), Listing.court == "B41ME")
            .order_by(Listing.starts_at, Listing.id)
        ).all()
    assert [int(one) for one in seen] == list(ahead)
    assert len(seen) > 6
    for odd in ("x", "1.x", "9" * 40 + ".1", "-1.1"):
        operator.get(f"/hearings?after={odd}")


def test_a_day_of_the_office(
    office: Office, full: Full, operator: Visitor, sites: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The five main tasks and the rest of a day's work, one after the other, on one database."""
    with monkeypatch.context() as patch:
        patch.setattr(hearing_pages, "ROWS", 3)
        goes_on_by_key(office, operator)

    # Today says what goes out and what waits.
    today = operator.reads("/")
    assert "texts today" in today
    assert "3 texts to read" in today  # a message, a wrong number, and danger
    assert "no number" in today
    assert "P000" in operator.reads("/going-out/2026-09-24")
    operator.get("/going-out/2026-09-01", 404)
    operator.get("/going-out/tomorrow", 404)

    # Hearings are found by filters, people by what is known of them, and neither name nor number stands in an address.
    assert "Ann Example" in operator.reads("/hearings")
    assert "Ann Example" not in operator.reads("/hearings?reason=mobile-missing")
    assert "P008" in operator.reads("/hearings?reason=mobile-missing&texted=no&court=B41ME&date=2026-09-24")
    assert "Dan Past" in operator.reads("/hearings?when=past")
    assert "P003" in operator.reads("/hearings?case=41c003")
    assert "Choose one of the list" in operator.reads("/hearings?status=odd")
    assert "P007" in operator.reads("/hearings?moved=yes")
    assert operator.post("/find", number="07700 900101").location == f"/people/{full.ann}"
    found = operator.post("/find", given="ann", surname="EXAMPLE", born="1990-05-04")
    assert found.location == f"/people/{full.ann}"
    assert "people=" in operator.post("/find", number=CAT).location
    for wrong, words in (
        ({"number": "12"}, "Write a mobile"),
        ({}, "all three"),
        ({"number": "07700 900999"}, "Nobody"),
    ):
        assert words in operator.post("/find", 422, **wrong).text

    # A person's page tells what happened; the number is masked until it is asked for, and that is written down.
    page = operator.reads(f"/people/{full.ann}")
    for words in (
        "was sent",
        "arrived",
        "you must be at",
        "A text came from their number: message",
        "***101",
        "Listed:",
    ):
        assert words in page, words
    assert "07700 900101" not in page
    assert "07700 900101" in operator.post(f"/people/{full.ann}/number", 200).text
    assert set(acts(office)[-2:]) == {"number-read", "person-read"}
    operator.get("/people/99999", 404)

    # Do not text, and let texts go again; a reason without words, or with a number, is refused beside its field.
    address = f"/hearings/{full.hearing}/do-not-text"
    assert "Say why in 1 to" in operator.post(address, 422, reason=" ").text
    assert "telephone number" in operator.post(address, 422, reason="ring 07700 900101").text
    assert "not texted any more" in operator.does(
        address, reason="asked for it at the counter", person_id="2"
    )
    assert "Marked: do not text" in operator.reads(f"/people/{full.ann}")
    with office.heed.database.begin() as session:
        marked = session.scalars(select(Person.id).where(Person.do_not_text).order_by(Person.id)).all()
    assert full.ann in marked and full.marked not in marked  # the form's other fields did nothing
    assert "may be texted again" in operator.does(
        f"/hearings/{full.hearing}/let-texts-again", reason="a slip"
    )
    operator.get("/hearings/99999/do-not-text", 404)
    # A form about somebody says about whom.
    for form in (address, f"/hearings/{full.hearing}/number"):
        assert f"Record {full.ann}, " in operator.reads(form), form
    assert "Case 41D, Wed 16 Sep 2026" in operator.reads(f"/calls/hearings/{full.past}/rung")

    # Somebody is rung.
    listed = operator.get("/calls")
    note = re.search(r'href="(/calls/[^"]+)"', listed)
    assert note
    assert "what came of it" in operator.post(note[1], 422, reason="").text
    assert "The call is noted" in operator.does(note[1], reason="left a message")
    operator.get("/calls/99999/done")
    operator.post("/calls/99999/done", 404, reason="x")

    # A number is added and corrected.
    missing = office.row("41C008")["id"]
    assert "cannot be texted" in operator.post(f"/hearings/{missing}/number", 422, mobile="01632 960001").text
    assert "Reminders are planned" in operator.does(f"/hearings/{missing}/number", mobile="07700 900191")
    wrong = office.row("41<IMG")["id"]
    assert "mark on the number is gone" in operator.does(f"/hearings/{wrong}/number/right", reason="she rang")

    # A reply is read, tried on a phone, and sent; the success is said once.
    assert "I can not come" in operator.reads(f"/inbox/{full.reply}")
    tried = operator.post(
        f"/inbox/{full.reply}/answer", 200, text="Ring the court. Herts Police", do="preview"
    )
    assert "1 segment" in tried.text
    assert "Ring the court" in tried.text
    assert (
        "write what to say"
        in operator.post(f"/inbox/{full.reply}/answer", 422, text=" ", do="send").text.lower()
    )
    assert "on its way" in operator.does(
        f"/inbox/{full.reply}/answer", text="Ring the court. Herts Police", do="send"
    )
    assert "on its way" not in operator.reads("/inbox")
    assert "settled" in operator.does(f"/inbox/{full.wrong}/done")
    operator.get("/inbox/99999", 404)

    # Whoever is on duty takes what is urgent.
    duty = Visitor(office.heed, sites["reminders"].app, "duty")
    assert "danger" in duty.reads("/duty")
    assert "kill myself" in duty.reads("/duty/1")
    assert "You have taken this" in duty.does("/duty/1/take")
    assert "1 segment" in duty.post("/duty/1/answer", 200, text="We ring you now", do="preview").text
    assert "07700900201" in duty.post("/duty/1/sender", 200).text.replace(" ", "").replace("+44", "0")
    assert "It is done" in duty.does("/duty/1/done", reason="rang the station")
    duty.get("/duty/99", 404)

    # Two records of one human are merged, and apart again.
    with office.heed.database.begin() as session:
        cats = session.scalars(
            select(Contact.person_id)
            .where(Contact.number_key == office.heed.index.of(CAT, "number"))
            .order_by(Contact.person_id)
        ).all()
    assert "Cat Twice" in operator.reads("/needs/records")
    assert "is part of record" in operator.does("/needs/records/same", kept=cats[0], other=cats[1])
    assert operator.open(f"/people/{cats[1]}", 303).location == f"/people/{cats[0]}"
    with office.heed.database.begin() as session:
        decision = session.scalars(select(PersonDecision.id)).one()
    assert "undone" in operator.does(f"/needs/records/{decision}/split")
    assert "two people" in operator.does("/needs/records/different", kept=cats[0], other=cats[1])
    operator.post("/needs/records/same", 404, kept="0", other="x")

    # An outcome is entered by somebody who is not told who was texted.
    assert "Dan Past" in operator.reads("/outcomes?state=recorded")
    form = f"/outcomes/{full.past}"
    page = operator.reads(form)
    assert "Reminder" not in page and "texted" not in page.lower()
    assert "Say whether they came" in operator.post(form, 422, day="2026-09-16").text
    assert "recorded" in operator.does(
        form, day="2026-09-16", attendance="attended", fta="no", warrant="none"
    )
    assert "replaced" in operator.reads(form)
    refused = operator.post(form, 422, day="2026-09-16", attendance="attended", fta="yes", warrant="none")
    assert "There is a problem" in refused.text
    refused = operator.post(form, 422, day="1999-01-01", attendance="attended", fta="no", warrant="none")
    assert "does not sit on this day" in refused.text
    operator.get("/outcomes/99999", 404)

    # A pause, and its end.
    # Whoever chooses no court pauses none: every court is a choice of its own.
    days = {"since": "2026-10-01", "until": "2026-10-02"}
    assert "Choose a court" in operator.post("/pauses", 422, court="", reason="flood", **days).text
    assert "last day" in operator.post("/pauses", 422, court="every", since="2026-10-01").text
    assert "Every court" in operator.does("/pauses", court="every", reason="storm", **days)
    assert "paused" in operator.does(
        "/pauses", court="B41MJ", since="2026-10-01", until="02/10/2026", reason="flood"
    )
    assert "is over" in operator.does(f"/pauses/{full.pause}/end")
    operator.post("/pauses/99/end", 404)

    # A delivery is looked at and applied again.
    assert "Apply it once more" in operator.reads(f"/feeds/{full.delivery}")
    assert "It is applied once more" in operator.does(f"/feeds/{full.delivery}/replay")
    operator.get("/feeds/00000000-0000-0000-0000-000000000000", 404)
    assert b"where,code,reason" in operator.open(f"/feeds/{full.delivery}/rejections.csv").data

    # A text is settled by hand, all sending is stopped and another person lets it go on.
    assert "settled" in operator.does(f"/queue/{full.staff}/resolve", sent="yes")
    assert "All sending is stopped" in operator.does("/sending/stop", reason="wrong words")
    assert "sending is stopped" in operator.reads("/going-out/2026-09-24")
    assert "Sending goes on" in duty.does("/sending/resume")
    assert {
        "number-set",
        "reply-answered",
        "call-done",
        "pause-added",
        "delivery-replayed",
        "people-split",
    } <= set(acts(office))


def test_a_file_changes_nothing_before_it_is_said(office: Office, operator: Visitor, sites: Any) -> None:
    def choose(body: str, kind: str = "listings", status: int = 303) -> Any:
        return operator.post("/upload", status, kind=kind, file=(io.BytesIO(body.encode()), "list.csv"))

    def count() -> list[int]:
        with office.heed.database.begin() as session:
            return [
                len(session.scalars(select(table.id)).all()) for table in (Delivery, Listing, Outbox, Audit)
            ]

    before = count()
    address = choose(LIST).location
    preview = operator.reads(address)
    assert "1 would be new" in preview and "1 left out" in preview and "line 3" in preview
    assert count() == before
    other = Visitor(office.heed, sites["reminders"].app, "operator", name="other")
    other.get(address, 404)  # for whoever chose the file alone
    other.post(address, 404)
    taken = operator.post(address).location
    listed = operator.reads("/hearings?case=41NEW1")
    assert "Eve New" in listed
    # The list gives the court's code alone: once its name stands in the filter, once in the row.
    assert listed.count("St Albans Magistrates' Court") == 2 and "Courtroom 1" in listed
    assert "Taken in part" in operator.reads(taken)
    after = count()
    operator.post(address, 404)  # said twice it is done once
    assert count() == after
    # Numbers and outcomes go the same way.
    numbers = "case_ref,surname,date_of_birth,mobile\n41NEW1,New,14/02/1990,07700 900192\n41NONE,No,14/02/1990,07700 900193\n"
    address = choose(numbers, "contacts").location
    assert "1 numbers attached" in operator.reads(address) and "1 match nobody" in operator.reads(address)
    assert "1 attached" in operator.does(address)
    for body, kind, words in (
        ("", "listings", "empty"),
        ("a,b\n1,2", "contacts", "a column we do not know"),
        (LIST, "odd", "Choose one of the list"),
    ):
        assert words in choose(body, kind, 422).text
    assert "Choose a file" in operator.post("/upload", 422, kind="listings").text
    assert "Nothing of this file" in operator.reads(choose("{}").location)
    operator.get("/upload/not-a-token", 404)
    # A file waits a quarter of an hour, encrypted.
    (kept, *_) = list(office.heed.redis.scan_iter("heed:reminders:held:*"))
    assert 0 < office.heed.redis.ttl(kept) <= held_files.KEPT.total_seconds()
    assert b"Eve" not in office.heed.redis.get(kept)
    # People to look at, one click away.
    assert "Made-up people" in operator.does("/sample")
    assert "41SAMPLE003" in operator.reads("/hearings")
    assert "41SAMPLE007" in operator.reads("/hearings?reason=under-18")
    # One listing typed in.
    typed = {
        "case_ref": "41TYPED",
        "defendant_name": "Fay Typed",
        "court_code": "B41ME",
        "date": "2026-11-30",
        "time": "10:00",
    }
    assert "Write the day" in operator.post("/listings/add", 422, **{**typed, "date": ""}).text
    assert "not a time" in operator.post("/listings/add", 422, **{**typed, "time": "ten"}).text
    assert "The listing is taken in" in operator.does(
        "/listings/add", **typed, date_of_birth="1990-02-14", first="yes"
    )
    assert "Fay Typed" in operator.reads("/hearings?case=41TYPED")


@pytest.mark.parametrize("changes", [{"mode": "trial", "trial_numbers": ("+447700900101",)}])
def test_sample_data_is_for_the_sandbox(reminders: Heed, sites: Any) -> None:
    operator = Visitor(reminders, sites["reminders"].app, "operator")
    assert "made-up people" not in operator.reads("/feeds")
    operator.post("/sample", 404)


def test_a_pilot_shows_no_arm_between_looks(office: Office, full: Full, sites: Any) -> None:
    evaluator = Visitor(office.heed, sites["reminders"].app, "evaluator")
    assert "autumn" in evaluator.reads("/pilots")
    page = evaluator.reads(f"/pilots/{full.pilot}")
    assert "No look is planned now" in page
    report = evaluator.post(f"/pilots/{full.pilot}/report", 200).text
    assert "Synthetic data" in report and "<img" not in report
    for form, beginning in (("html", b"<!doctype"), ("docx", b"PK"), ("csv", b"\xef\xbb\xbf")):
        answer = evaluator.post(f"/pilots/{full.pilot}/report", 200, form=form)
        assert answer.data.startswith(beginning)
        assert "attachment" in answer.headers["Content-Disposition"]
    assert "as the lot drew them" in evaluator.does(f"/pilots/{full.pilot}/audit")
    office.tick("2026-10-20T09:00")
    taken = evaluator.post(f"/pilots/{full.pilot}/report").location
    assert taken == f"/pilots/{full.pilot}/looks/1"
    chart = re.search(r'src="(/pilots/[^"]+\.svg)"', evaluator.get(taken))
    assert chart
    svg = evaluator.open(chart[1])
    assert svg.mimetype == "image/svg+xml" and "<script" not in svg.text
    assert "as look 1" in evaluator.reads(f"/pilots/{full.pilot}")
    evaluator.get(f"/pilots/{full.pilot}/looks/2", 404)
    evaluator.get(f"/pilots/{full.pilot}/looks/1/none.svg", 404)
    evaluator.get("/pilots/99", 404)
    # A protocol is read, looked at, and then locked.

    text = yaml.safe_dump(
        PROTOCOL | {"name": "winter", "since": "2026-12-01", "until": "2026-12-20", "looks": ["2027-02-01"]}
    )
    latin = text.replace("question: ", "question: caf\xe9 ").encode("latin-1")
    file = (io.BytesIO(latin), "latin.yaml")
    assert "The file is not UTF-8" in evaluator.post("/pilots/new", 422, file=file, do="lock").text
    assert "What it says" in evaluator.post("/pilots/new", 200, protocol=text, do="look").text
    assert "is already locked" not in evaluator.reads("/pilots")
    assert "The protocol is locked" in evaluator.does("/pilots/new", protocol=text, do="lock")
    assert "already locked" in evaluator.post("/pilots/new", 422, protocol=text, do="lock").text
    assert "name" in evaluator.post("/pilots/new", 422, protocol="question: x", do="lock").text
