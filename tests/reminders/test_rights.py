"""A person's rights by number, and incidents with the law's clock: over HTTP and by command, each act audited."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from services.common import alarms, clock
from services.common.models import Audit, Outbox
from services.common.scopes import SCOPES
from services.common.times import parse_instant
from services.reminders import hearings, incidents, jobs, subject
from services.reminders.acts import acting
from services.reminders.models import Incident, Listing, Person
from tests.reminders.office import ANN, BEN, HEARING, ONE_DAY, THREE_DAYS, Office, case, defendant, hearing
from tests.support.sites import Site
from tests.support.visitor import Visitor

WHY = {"who": "07700 900101", "reason": "asked by themselves"}
AFTER = "2026-09-24T10:00"


@pytest.fixture
def api(office: Office, sites: dict[str, Site], key: Callable[..., dict[str, str]]) -> Callable[..., Any]:
    client, headers = sites["reminders"].client(), key(office.heed, *SCOPES["reminders"])

    def post(path: str, body: dict[str, Any]) -> tuple[int, Any]:
        answer = client.post(f"/v1/{path}", json=body, headers=headers)
        return answer.status_code, answer.json

    return post


def last_acts(office: Office, number: int) -> list[str]:
    with office.heed.database.begin() as session:
        return list(session.scalars(select(Audit.act).order_by(Audit.id)))[-number:]


def reasons(office: Office) -> list[list[str]]:
    with office.heed.database.begin() as session:
        return [list(row) for row in session.scalars(select(Listing.reasons).order_by(Listing.id))]


class TestAccess:
    def test_everything_held_and_nothing_of_anybody_else(
        self, office: Office, api: Callable[..., Any]
    ) -> None:
        office.push(hearing(HEARING, case(), case(defendant("Ben", mobile=BEN), ref="41AA1000226")))
        office.tick(THREE_DAYS)
        office.hears(ANN, "Is there parking?")
        status, held = api("subject/read", {"who": "07700 900101"})
        assert status == 200
        (person,) = held["people"]
        assert (person["given"], person["surname"], person["date_of_birth"]) == (
            "Ann",
            "Example",
            "1990-05-04",
        )
        assert [one["number"] for one in person["numbers"]] == [ANN]
        assert person["hearings"][0]["case_refs"] == ["41AA1000126"]
        assert ["Ann" in one["words"] for one in held["texts_out"]] == [True, False]
        assert [one["words"] for one in held["texts_in"]] == ["Is there parking?"]
        assert "Ben" not in str(held) and "900102" not in str(held)
        assert last_acts(office, 1) == ["subject-read"]
        assert api("subject/read", {"who": "nobody"})[0] == 422
        assert api("subject/read", {"who": "07700 900999"})[1]["people"] == []


class TestErasure:
    def test_names_numbers_and_words_go_and_what_is_counted_stays(
        self, office: Office, api: Callable[..., Any]
    ) -> None:
        office.push(hearing())
        assert api("subject/erase", {"who": ANN})[1]["error"] == "hearing-ahead"
        office.tick(THREE_DAYS)
        office.hears(ANN, "Is there parking?")
        office.tick(AFTER)
        sent = office.heed.database
        status, erased = api("subject/erase", {"who": ANN})
        assert (status, erased["people"], erased["hearings"], erased["texts_in"]) == (200, 1, 1, 1)
        with sent.begin() as session:
            assert session.scalar(text("SELECT count(*) FROM outbox WHERE state = 'accepted'")) >= 1
            left = session.execute(
                text(
                    "SELECT (SELECT count(*) FROM contacts), (SELECT count(*) FROM person_keys), (SELECT count(*) FROM outbox WHERE"
                    " to_key IS NOT NULL), (SELECT count(*) FROM attempts WHERE octet_length(to_enc) > 0), (SELECT count(*) FROM inbound"
                    " WHERE body_enc IS NOT NULL)"
                )
            ).one()
            assert tuple(left) == (0, 0, 0, 0, 0)
            row = session.scalars(select(Listing)).one()
            assert (row.case_refs, row.court is not None, row.starts_at is not None) == ([], True, True)
            # Lists that show it still open.
            (shown,) = hearings.rows(office.heed, session, [row], show_people=True)
            assert (shown["name"].strip(), shown["date_of_birth"]) == ("", None)
        assert api("subject/erase", {"who": ANN})[1]["people"] == 0
        assert "subject-erased" in last_acts(office, 3)

    def test_one_person_of_several_who_have_or_had_the_number(
        self, office: Office, api: Callable[..., Any]
    ) -> None:
        office.push(hearing())
        office.tick(THREE_DAYS)
        office.hears(ANN, "Is there parking?")
        office.push(
            hearing("2026-09-30T10:00", case(defendant("Ben", mobile=ANN), ref="41AA1000226"), key="h2")
        )
        status, refused = api("subject/erase", {"who": ANN})
        assert (status, refused["error"]) == (409, "which-record") and "1, 2" in refused["message"]
        assert api("subject/erase", {"who": ANN, "record": 99})[1]["error"] == "which-record"
        # A copy for one of them tells nothing of the other, nor what either may have texted.
        held = api("subject/read", {"who": ANN, "record": 1})[1]
        assert [one["given"] for one in held["people"]] == ["Ann"] and "Ben" not in str(held)
        assert [one["state"] for one in held["texts_out"]][:1] == ["accepted"]
        assert (held["texts_in"], held["register"]) == ([], None)
        assert api("subject/read", {"who": ANN, "record": 99})[1]["error"] == "which-record"
        # Another person's hearing that is ahead does not stand in the way; their own does.
        office.tick(AFTER)
        assert api("subject/erase", {"who": ANN, "record": 2})[1]["error"] == "hearing-ahead"
        status, erased = api("subject/erase", {"who": ANN, "record": 1})
        assert (status, erased["people"], erased["hearings"], erased["texts_in"]) == (200, 1, 1, 0)
        held = api("subject/read", {"who": ANN})[1]
        assert [one["given"] for one in held["people"]] == ["Ben"]
        assert "Ann" not in str(held["texts_out"]) and erased["texts_out"] > 0
        assert [one["words"] for one in held["texts_in"]] == ["Is there parking?"]
        # Who is left is one person: all that came from the number goes with them.
        office.tick("2026-10-01T10:00")
        status, erased = api("subject/erase", {"who": ANN})
        assert (status, erased["people"], erased["texts_in"]) == (200, 1, 1)

    def test_what_forbids_it(self, office: Office, api: Callable[..., Any]) -> None:
        office.push(hearing())
        office.tick(THREE_DAYS)
        office.tick(AFTER)
        assert api("subject/restrict", WHY | {"kind": "hold"})[0] == 200
        assert api("subject/erase", {"who": ANN})[1]["error"] == "held"
        assert api("subject/release", WHY | {"kind": "hold"})[0] == 200
        with office.heed.database.begin() as session:
            session.execute(text("UPDATE outbox SET state = 'staff'"))
        assert api("subject/erase", {"who": ANN})[1]["error"] == "text-unsettled"
        with office.heed.database.begin() as session:
            session.execute(text("UPDATE outbox SET state = 'accepted'"))
        office.hears(ANN, "someone is in my house")
        assert api("subject/erase", {"who": ANN})[1]["error"] == "duty-open"


class TestRestrictionAndObjection:
    @pytest.mark.parametrize(
        ("kind", "texted"), [("hold", True), ("restriction", False), ("objection", False)]
    )
    def test_what_each_forbids(
        self, office: Office, api: Callable[..., Any], kind: str, texted: bool
    ) -> None:
        office.push(hearing())
        assert api("subject/restrict", WHY | {"kind": kind}) == (200, {"records": 1})
        assert api("subject/restrict", WHY | {"kind": kind})[1]["error"] == "already"
        assert (reasons(office) == [[]]) is texted
        # Another record of theirs, under another feed's identity, is not texted either.
        if not texted:
            office.push(
                hearing(HEARING, case(defendant("Anna", identity="other"), ref="41AA1000326"), key="h2")
            )
        office.tick(THREE_DAYS)
        assert bool(office.carrier.accepted(ANN)) is texted
        assert api("subject/release", WHY | {"kind": kind}) == (200, {"records": 1})
        assert api("subject/release", WHY | {"kind": kind})[1]["error"] == "not-held"
        assert reasons(office)[0] == [] or "do-not-text" not in reasons(office)[0]
        assert last_acts(office, 20).count("subject-released") == 1

    def test_a_stop_of_their_own_and_a_mark_by_hand_outlive_it(
        self, office: Office, api: Callable[..., Any]
    ) -> None:
        office.push(hearing())
        office.hears(ANN, "STOP")
        with office.heed.database.begin() as session:
            session.execute(text("UPDATE people SET do_not_text = true"))
        api("subject/restrict", WHY | {"kind": "objection"})
        api("subject/release", WHY | {"kind": "objection"})
        with office.heed.database.begin() as session:
            assert session.scalars(select(Person)).one().do_not_text
            assert session.scalar(text("SELECT stopped_at IS NOT NULL FROM number_states"))


class TestRectification:
    def test_a_name_and_a_birth_date(self, office: Office, api: Callable[..., Any]) -> None:
        office.push(hearing())
        body = WHY | {"surname": "Exemplar", "date_of_birth": "1990-05-05"}
        assert api("subject/correct", body) == (200, {"record": 1})
        assert api("subject/correct", body)[1]["error"] == "unchanged"
        (person,) = api("subject/read", {"who": ANN})[1]["people"]
        assert (person["given"], person["surname"], person["date_of_birth"]) == (
            "Ann",
            "Exemplar",
            "1990-05-05",
        )
        assert "subject-corrected" in last_acts(office, 3)

    def test_two_people_of_one_number(self, office: Office, api: Callable[..., Any]) -> None:
        office.push(hearing(HEARING, case(), case(defendant("Ben"), ref="41AA1000226")))
        assert api("subject/correct", WHY | {"given": "Bob"})[1]["error"] == "which-record"
        assert api("subject/correct", WHY | {"given": "Bob", "record": 2}) == (200, {"record": 2})
        assert api("subject/correct", WHY | {"given": "Bob", "record": 99})[1]["error"] == "which-record"


class TestIncidents:
    def test_the_clock_of_one_that_a_wrong_opened(self, office: Office, api: Callable[..., Any]) -> None:
        office.push(hearing())
        office.tick(THREE_DAYS)
        office.hears(ANN, "wrong number")
        (one,) = listed(office)
        assert (one["incident"], one["hours_left"], one["texts"], one["decision"]) == (1, 71, 1, None)
        said = parse_instant(one["received_at"])
        for hours, sounded in ((47.9, 0), (48.1, 1), (53.9, 1), (54.2, 2)):
            at = said.timestamp() + hours * 3600
            clock.move_to(office.heed.database, type(said).fromtimestamp(at, said.tzinfo))
            with office.heed.database.begin() as session:
                due = incidents.to_sound(session, clock.now(session))
            for [number] in due:
                jobs.sound_incident(number)
            with office.heed.database.begin() as session:
                times = [row.times for row in alarms.sounding(session) if row.code == "incident-late"]
            assert sum(times) == sounded, hours
        body = {"decision": "no-risk", "note": "the stranger deleted it"}
        status, answer = api("incidents/1/assess", body)
        assert (status, answer["decision"], answer["hours_left"]) == (200, "no-risk", None)
        assert api("incidents/1/assess", body)[1]["error"] == "already-assessed"
        assert api("incidents/9/assess", body)[0] == 404
        assert last_acts(office, 1) == ["incident-assessed"]
        with office.heed.database.begin() as session:
            assert incidents.to_sound(session, clock.now(session)) == []
            sealed = session.scalars(select(Incident)).one().note_enc
        assert office.heed.cipher.open(sealed or b"", "note").reveal() == "the stranger deleted it"

    def test_one_that_the_office_opens(
        self, office: Office, api: Callable[..., Any], sites: dict[str, Site]
    ) -> None:
        office.push(hearing())
        office.tick(THREE_DAYS)
        status, answer = api("incidents", {"listing": 1, "reason": "his mother rang"})
        assert (status, answer["kind"], answer["from"], answer["texts"]) == (201, "office", None, 1)
        assert api("incidents", {"listing": 99, "reason": "his mother rang"})[0] == 404
        shown = Visitor(office.heed, sites["reminders"].app, "records").get("/incidents")
        assert "said by the office" in shown and "Hours left" in shown and "/incidents/1/assess" in shown
        assert "/inbox/None" not in shown
        assert listed(office)[0]["report_by"] > listed(office)[0]["received_at"]


def listed(office: Office) -> list[dict[str, Any]]:
    with office.heed.database.begin() as session:
        return incidents.every(office.heed, session)


@pytest.fixture
def known(heed: Any) -> Iterator[Any]:
    path = heed.file("hearing.json", hearing())
    assert heed("reminders", "ingest", path).code == 0
    yield heed


def test_the_commands(known: Any, tmp_path: Path) -> None:
    heed, why = known, ("--reason", "asked by themselves", "--by", "person:eva")
    assert "1 record, 1 hearing" in heed("reminders", "subject", ANN).out
    assert heed("reminders", "subject", ANN, "--json").json["people"][0]["surname"] == "Example"
    out = tmp_path / "copy.json"
    assert heed("reminders", "export", ANN, "--out", out, "--record", 9).code == 2 and not out.exists()
    assert heed("reminders", "export", ANN, "--out", out, "--record", 1).code == 0
    assert out.stat().st_mode & 0o777 == 0o600 and "Example" in out.read_text()
    assert heed("reminders", "correct", ANN, "--given", "Anna", *why).out == "record 1 is put right\n"
    assert heed("reminders", "restrict", ANN, "--kind", "objection", *why, "--json").json == {"records": 1}
    assert heed("reminders", "unrestrict", ANN, "--kind", "objection", *why).code == 0
    refused = heed("reminders", "erase", ANN, "--record", 9)
    assert refused.code == 2 and "say which with --record: 1" in refused.err
    refused = heed("reminders", "erase", ANN)
    assert refused.code == 2 and "a hearing is ahead" in refused.err
    assert heed("reminders", "subject", "abc").code == 2
    added = heed("reminders", "incident", "add", "--listing", 1, *why, "--json").json
    assert added["incident"] == 1
    assert "the office" in heed("reminders", "incidents").out
    assert (
        heed("reminders", "incident", "assess", 1, "--decision", "reported").out == "incident 1: reported\n"
    )
    assert heed("reminders", "incident", "assess", 1, "--decision", "reported").code == 2


def test_nothing_is_texted_to_somebody_restricted_even_if_a_row_slipped_through(office: Office) -> None:
    """The register forbids it inside the claim, whatever the plan says."""
    office.push(hearing())
    with acting(office.heed, jobs.configured(), "person:eva") as act:
        subject.restrict(act, ANN, "restriction", "a complaint")
        act.session.execute(text("UPDATE people SET do_not_text = false"))
        act.enrol_people({1})
    with office.heed.database.begin() as session:
        session.execute(text("UPDATE outbox SET state = 'pending', reason = NULL"))
    office.tick(ONE_DAY)
    assert not office.carrier.accepted(ANN)
    with office.heed.database.begin() as session:
        assert "accepted" not in set(session.scalars(select(Outbox.state)))
