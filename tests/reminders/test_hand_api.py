"""A person's hand over HTTP: pauses, releases, what is typed in, who is who, the inbox, whom to ring."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from services.common import audit, clock, numbers, stops
from services.common.models import Audit, Outbox
from services.common.outbox.states import State
from services.common.scopes import SCOPES
from services.reminders import pauses
from services.reminders.models import Call, Delivery, PauseRow
from tests.reminders.office import (
    ANN,
    BEN,
    CAT,
    HEARING,
    THREE_DAYS,
    Office,
    case,
    defendant,
    hearing,
    nth,
    nth_case,
    phone,
)
from tests.support.sites import Site

WHY = {"reason": "asked by the office"}


class Api:
    """Calls with a key that may do everything: `api.post("/v1/…", {…})` answers (status, body)."""

    def __init__(self, office: Office, client: FlaskClient, headers: dict[str, str]) -> None:
        self.office, self.client, self.headers = office, client, headers

    def get(self, path: str, **headers: str) -> tuple[int, Any]:
        answer = self.client.get(path, headers=self.headers | headers)
        return answer.status_code, answer.get_json(silent=True) or answer.text

    def post(self, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        answer = self.client.post(path, json=body or {}, headers=self.headers)
        return answer.status_code, answer.json

    def error(self, path: str, body: dict[str, Any] | None = None) -> tuple[int, str]:
        """A refusal's status and word; it changed nothing."""
        before = self.office.everything()
        status, answer = self.post(path, body)
        assert self.office.everything() == before, path
        return status, answer["error"]

    def acts(self) -> list[str]:
        """What the audit log says was done, in order."""
        with self.office.heed.database.begin() as session:
            assert list(audit.verify(session)) == []
            return list(session.scalars(select(Audit.act).order_by(Audit.id)))


@pytest.fixture
def api(office: Office, sites: dict[Any, Site], key: Callable[..., dict[str, str]]) -> Api:
    return Api(office, sites["reminders"].client(), key(office.heed, *SCOPES["reminders"]))


def test_pauses(office: Office, api: Api) -> None:
    office.push(nth(1))
    office.push(nth(2, court="B41MJ00"))
    office.push(nth(3, "2026-09-25T10:00"))
    days = {"since": "2026-09-23", "until": "2026-09-24"} | WHY
    refused = [
        (days | {"court": "B99ZZ"}, 422, "unknown-court"),
        (days | {"until": "2026-09-22"}, 422, "bad-days"),
        (days | {"since": "2026-09-01", "until": "2026-09-13"}, 422, "bad-days"),
        (days | {"until": "2027-09-25"}, 422, "bad-days"),
        (days | {"since": "2027-09-16", "until": "2027-09-17"}, 422, "bad-days"),
        (days | {"since": "9999-12-31", "until": "9999-12-31"}, 422, "bad-days"),
        (days | {"since": "tomorrow"}, 422, "invalid"),
        (days | {"reason": " "}, 422, "bad-reason"),
        (days | {"reason": "x" * 301}, 422, "bad-reason"),
        (days | {"reason": "ring 07700 900 101"}, 422, "bad-reason"),
    ]
    for body, status, error in refused:
        assert api.error("/v1/pauses", body) == (status, error), body
    status, made = api.post("/v1/pauses", days | {"court": "b41me00", "until": "2027-09-24"})
    assert (status, made["court"], made["ended_at"]) == (201, "B41ME", None)
    assert [row["reasons"] for row in office.rows()] == [["court-paused"], [], ["court-paused"]]
    assert len(office.planned()) == 2
    assert api.post(f"/v1/pauses/{made['id']}/end")[0] == 200
    assert [row["reasons"] for row in office.rows()] == [[], [], []]
    assert len(office.planned()) == 6
    assert api.error(f"/v1/pauses/{made['id']}/end") == (409, "already-ended")
    assert api.error("/v1/pauses/99/end") == (404, "not-found")
    # Its last day is its own, by London's clock.
    office.push(nth(5, ["2026-09-24T23:30"]))
    office.push(nth(6, ["2026-09-25T00:30"]))
    _, everywhere = api.post("/v1/pauses", days)
    assert [row["reasons"] for row in office.rows()] == [*[["court-paused"]] * 2, [], ["court-paused"], []]
    # A hearing that is listed later, and one that moves into the days, are paused too; one that moves out is not.
    office.push(nth(4))
    office.push(nth(3, "2026-09-24T10:00"))
    office.push(nth(1, "2026-09-30T10:00"))
    assert [row["reasons"] for row in office.rows()] == [[], *[["court-paused"]] * 3, [], ["court-paused"]]
    assert [one["id"] for one in api.get("/v1/pauses")[1]["pauses"]] == [made["id"], everywhere["id"]]
    assert [act for act in api.acts() if "pause" in act] == ["pause-added", "pause-ended", "pause-added"]
    with office.heed.database.begin() as session:
        standing = pauses.standing(session)
    assert [row.id for row in standing] == [everywhere["id"]]


def test_a_pause_covers_its_days_and_its_court() -> None:
    one = PauseRow(court="B41ME", since=date(2026, 12, 24), until=date(2026, 12, 27))
    table = [("23", "B41ME", False), ("24", "B41ME", True), ("27", "B41ME", True), ("28", "B41ME", False)]
    table += [("25", "B41MJ", False), ("25", None, False)]
    for day, court, covered in table:
        assert pauses.covers([one], court, date(2026, 12, int(day))) is covered, (day, court)
    everywhere = PauseRow(court=None, since=one.since, until=one.until)
    assert pauses.covers([one, everywhere], "B41MJ", date(2026, 12, 25))
    assert not pauses.covers([], "B41ME", date(2026, 12, 25))


def test_releases(office: Office, api: Api) -> None:
    for number in range(3):
        office.push(nth(number))
    with office.heed.database.begin() as session:
        session.execute(update(Outbox).where(Outbox.subject_id == 1).values(reason="not-released"))
    assert api.error("/v1/releases", {"day": "2026-09-13"}) == (422, "bad-day")
    assert api.error("/v1/releases", {"day": "soon"}) == (422, "invalid")
    status, made = api.post("/v1/releases", {"day": "2026-09-14"})
    assert (status, made["day"], made["due"]) == (201, "2026-09-14", 2)
    assert [when for _, when in office.planned()] == ["2026-09-14T08:00"] * 2 + [THREE_DAYS] * 2 + [
        "2026-09-22T10:00"
    ] * 2
    assert api.error("/v1/releases", {"day": "2026-09-14"}) == (409, "already-released")
    assert [one["day"] for one in api.get("/v1/releases")[1]["releases"]] == ["2026-09-14"]
    assert api.acts()[-1] == "day-released"


def test_do_not_text(office: Office, api: Api) -> None:
    office.push(hearing(HEARING, case(ref="41A")))
    office.push(hearing("2026-09-25T10:00", case(ref="41B"), key="h2"))
    assert api.error("/v1/hearings/99/do-not-text", WHY) == (404, "not-found")
    assert api.error("/v1/hearings/1/do-not-text", {}) == (422, "invalid")
    for _ in range(2):  # said twice it stands once
        status, row = api.post("/v1/hearings/1/do-not-text", WHY)
        assert (status, row["reasons"]) == (200, ["do-not-text"])
    assert [row["reasons"] for row in office.rows()] == [["do-not-text"]] * 2
    assert office.planned() == []
    assert api.post("/v1/hearings/2/do-not-text/end", WHY)[1]["reasons"] == []
    assert len(office.planned()) == 4
    assert [act for act in api.acts() if "do-not" in act] == ["do-not-text-marked", "do-not-text-ended"]


def test_a_listing_typed_in(office: Office, api: Api) -> None:
    row = {
        "case_ref": "41AB",
        "defendant_name": "Cat, Example, =1+1",
        "date_of_birth": "04/05/1990",
        "court_code": "B41ME00",
        "date": "2026-09-23",
        "time": "10:00",
        "hearing_type": "First hearing",
        "mobile": CAT,
        "bail_status": "conditional bail",
    }
    for name, value, error in [
        ("case_ref", "", "missing-case-reference"),
        ("defendant_name", "", "missing-name"),
        ("court_code", "x", "missing-court"),
        ("date", "31/02/2026", "bad-day"),
        ("time", "noon", "bad-time"),
        ("room", "x" * 201, "invalid"),
        ("mobile", 7, "invalid"),
    ]:
        assert api.error("/v1/listings", row | {name: value}) == (422, error), name
    for nothing in ({}, dict.fromkeys(row, ""), dict.fromkeys(row, " ")):
        assert api.error("/v1/listings", nothing) == (422, "missing-case-reference"), nothing
    with office.heed.database.begin() as session:
        assert session.scalar(select(func.count()).select_from(Delivery)) == 0
    status, taken = api.post("/v1/listings", row)
    assert (status, taken["status"], taken["format"]) == (202, "received", "csv")
    office.tick()
    assert api.get(taken["url"])[1]["counts"]["new"] == 1
    assert office.rows()[0]["reasons"] == []
    # The same again moves nothing; another day is a move.
    api.post("/v1/listings", row)
    api.post("/v1/listings", row | {"date": "2026-09-24"})
    office.tick()
    assert [(one["version"], one["starts_at"][:10]) for one in office.rows()] == [(2, "2026-09-24")]


def test_a_number_typed_in_and_put_right(office: Office, api: Api) -> None:
    office.push(hearing(HEARING, case(defendant(mobile=None))))
    for raw in ("01727 123456", "mum 07700 900101", "nonsense"):
        assert api.error("/v1/hearings/1/mobile", {"mobile": raw}) == (422, "mobile-invalid")
    assert api.error("/v1/hearings/1/mobile/right", WHY) == (409, "nothing-to-clear")
    assert api.post("/v1/hearings/1/mobile", {"mobile": "07700 900101"})[1]["mobile"] == "valid"
    assert len(office.planned()) == 2
    office.hears(ANN, "WRONG")
    assert office.row()["reasons"] == ["wrong-number"]
    assert api.error("/v1/hearings/1/mobile/right", {"reason": "0770 090 0101 is theirs"}) == (
        422,
        "bad-reason",
    )
    assert api.post("/v1/hearings/1/mobile/right", WHY)[1]["reasons"] == []
    assert len(office.planned()) == 2
    # Dead by the carrier's word, and stopped by the person's: the first is cleared, STOP stands.
    with office.heed.database.begin() as session:
        for act in ("bad", "stop"):
            numbers.note(session, office.heed.index.of(ANN, "number"), act, "test", clock.now(session))
    assert api.post("/v1/hearings/1/mobile/right", WHY)[1]["reasons"] == ["opted-out"]
    assert [act for act in api.acts() if act.startswith("number")] == [
        "number-set",
        "number-right",
        "number-right",
    ]


def test_who_is_who(office: Office, api: Api) -> None:
    for number, name in enumerate(("one", "two", "three")):
        office.push(hearing(HEARING, case(defendant(identity=name), ref=f"41{number}"), key=name))
    _, found = api.get("/v1/people/suggestions")
    assert [[one["id"] for one in pair["people"]] for pair in found["suggestions"]] == [
        [1, 2],
        [1, 3],
        [2, 3],
    ]
    assert len(api.get("/v1/people/suggestions?limit=1")[1]["suggestions"]) == 1
    for body, status, error in [
        ({"kept": 1, "other": 1}, 422, "same-record"),
        ({"kept": 1, "other": 9}, 404, "not-found"),
        ({"kept": 1}, 422, "invalid"),
        ({"kept": "1", "other": 2}, 422, "invalid"),
        ({"kept": 1, "other": 2**63}, 422, "invalid"),
    ]:
        assert api.error("/v1/people/same", body) == (status, error), body
    status, merged = api.post("/v1/people/same", {"kept": 1, "other": 2})
    assert (status, merged["decision"], merged["kept"], merged["other"]) == (201, "same", 1, 2)
    assert api.error("/v1/people/different", {"one": 1, "other": 2}) == (409, "already-merged")
    assert api.post("/v1/people/different", {"one": 3, "other": 1})[1]["decision"] == "different"
    assert api.get("/v1/people/suggestions")[1]["suggestions"] == []
    status, undone = api.post(f"/v1/people/decisions/{merged['id']}/split")
    assert (status, undone["undoes"]) == (201, merged["id"])
    assert api.error(f"/v1/people/decisions/{merged['id']}/split") == (409, "already-split")
    decisions = api.get("/v1/people/decisions")[1]["decisions"]
    assert [one["decision"] for one in decisions] == ["split", "different", "same"]
    assert {one["by"] for one in decisions} == {"key:" + api.headers["Authorization"].split("_")[1]}


def test_the_inbox(office: Office, api: Api) -> None:
    office.push(hearing())
    office.hears(ANN, "Is there parking at the court?")
    office.hears(BEN, "someone is in my house")
    office.hears(CAT, "wrong number")
    office.hears(ANN, "yes")
    _, answer = api.get("/v1/inbox")
    assert [(one["id"], one["kind"], one["from"]) for one in answer["inbox"]] == [
        (2, "danger", "***102"),
        (1, "message", "***101"),
        (3, "wrong-number", "***103"),
    ]
    assert "parking" not in str(answer) and ANN not in str(answer)
    assert api.get("/v1/inbox/1")[1]["words"] == "Is there parking at the court?"
    assert api.get("/v1/inbox/1")[1]["listings"] == [1]
    assert (
        api.get("/v1/inbox/4")[0] == api.get("/v1/inbox/9")[0] == 404
    )  # understood by rule: nobody need read it
    for reply, text, status, error in [
        (9, "Yes", 404, "not-found"),
        (1, "", 422, "invalid"),
        (1, " ", 422, "bad-words"),
        (1, "a\x07", 422, "bad-words"),
        (1, "a" * 613, 422, "too-long"),
        (1, "ŵ" * 269, 422, "too-long"),
        (3, "Sorry", 409, "wrong-number"),
    ]:
        assert api.error(f"/v1/inbox/{reply}/answer", {"text": text}) == (status, error), (reply, text[:5])
    status, sent = api.post("/v1/inbox/1/answer", {"text": "Yes, behind the court – £2"})
    assert (status, sent["segments"], sent["waits_for"]) == (201, 1, None)
    assert api.error("/v1/inbox/1/answer", {"text": "Yes, behind the court – £2"}) == (
        409,
        "already-answered",
    )
    with office.heed.database.begin() as session:
        stops.stop(session, "wording", "person:eva", clock.now(session))
    assert api.post("/v1/inbox/2/answer", {"text": "Please ring 999"})[1]["waits_for"] == "sending-stopped"
    with office.heed.database.begin() as session:
        stops.lift(session, "person:tom", clock.now(session))
    office.tick()
    assert "Yes, behind the court - £2" in office.texts(ANN)
    assert "Please ring 999" in office.texts(BEN)
    # An answer settles a message; danger stays until somebody says that it is done.
    assert [one["id"] for one in api.get("/v1/inbox")[1]["inbox"]] == [2, 3]
    assert api.post("/v1/inbox/2/done")[0] == 200
    assert api.error("/v1/inbox/2/done") == (409, "already-done")
    office.hears(ANN, "STOP")
    assert api.error("/v1/inbox/1/answer", {"text": "And again"}) == (409, "opted-out")
    log = [act for act in api.acts() if act.startswith("reply")]
    assert log == ["reply-read"] * 2 + ["reply-answered"] * 2 + ["reply-done"]


def test_a_text_from_a_name_cannot_be_answered(office: Office, api: Api) -> None:
    office.hears("HMCTS", "Your invoice is ready")
    assert api.error("/v1/inbox/1/answer", {"text": "No"}) == (409, "no-answer-possible")
    assert api.get("/v1/inbox")[1]["inbox"][0]["from"] == "***CTS"


def test_incidents(office: Office, api: Api) -> None:
    office.push(hearing())
    office.tick(THREE_DAYS)
    office.hears(ANN, "not me")
    office.hears(BEN, "wrong number")
    _, answer = api.get("/v1/incidents")
    assert [(one["from"], one["texts"], one["hearings"], one["done_at"]) for one in answer["incidents"]] == [
        ("***101", 1, [{"listing": 1, "court": "B41ME", "day": "2026-09-23"}], None),
        ("***102", 0, [], None),
    ]
    api.post("/v1/inbox/1/done")
    assert [bool(one["done_by"]) for one in api.get("/v1/incidents")[1]["incidents"]] == [True, False]


def test_whom_to_ring(office: Office, api: Api) -> None:
    """Everybody whom no text reaches, and nobody whom another rule keeps from the office's voice."""
    table: list[dict[str, Any]] = [
        {},
        {"mobile": None},
        {"mobile": "01727 123456"},
        {"mobile": BEN},
        {"mobile": BEN},
        {"mobile": None, "born": "2012-01-01"},
        {"mobile": None, "bail": "C"},
    ]
    for number, facts in enumerate(table):
        person = defendant(f"P{number:03}", **({"mobile": phone(number)} | facts))
        office.push(hearing(HEARING, nth_case(number, person), key=f"c{number}"))
    for number, at, mobile in (
        (10, HEARING, CAT),
        (11, "2026-09-25T10:00", None),
        (12, "2026-09-13T10:00", None),
    ):
        person = defendant(f"P{number:03}", mobile=mobile)
        office.push(hearing(at, nth_case(number, person), key=f"c{number}"))
    office.hears(CAT, "STOP")
    with office.heed.database.begin() as session:
        for reason in ("moved-earlier", "moved-soon"):
            session.add(Call(listing_id=1, version=1, reason=reason, at=clock.now(session)))
        session.add(
            Call(listing_id=6, version=1, reason="moved-earlier", at=clock.now(session))
        )  # under 18: not rung
    rows = api.get("/v1/calls")[1]["calls"]
    assert [(row["listing"], row["reasons"]) for row in rows] == [
        (1, ["moved-earlier", "moved-soon"]),
        (2, ["mobile-missing"]),
        (3, ["mobile-invalid"]),
        (4, ["mobile-shared"]),
        (5, ["mobile-shared"]),
        (8, ["opted-out"]),
        (9, ["mobile-missing"]),
    ]
    assert [row["number"] for row in rows[:3]] == ["07700 900200", None, None]
    assert [row["listing"] for row in rows if row["opted_out"]] == [8]
    assert [row["listing"] for row in api.get("/v1/calls?day=2026-09-25")[1]["calls"]] == [9]
    assert api.get("/v1/calls?day=9999-12-31")[0] == 200
    first, second = rows[0]["calls"]
    for note in ("", " ", "x" * 1001):
        assert api.error(f"/v1/calls/{first}/done", {"note": note})[0] == 422
    assert api.error("/v1/calls/99/done", {"note": "x"}) == (404, "not-found")
    assert api.post(f"/v1/calls/{first}/done", {"note": "Ann knows"})[1]["reason"] == "moved-earlier"
    assert api.error(f"/v1/calls/{first}/done", {"note": "x"}) == (409, "already-done")
    api.post(f"/v1/calls/{second}/done", {"note": "Ann knows"})
    assert api.error("/v1/hearings/1/rung", {"note": "x"}) == (409, "not-on-the-list")
    assert api.post("/v1/hearings/2/rung", {"note": "told them"})[0] == 201
    assert api.error("/v1/hearings/2/rung", {"note": "x"}) == (409, "already-done")
    assert [row["listing"] for row in api.get("/v1/calls")[1]["calls"]] == [3, 4, 5, 8, 9]
    with office.heed.database.begin() as session:
        notes = [row.note_enc for row in session.scalars(select(Call).where(Call.done_at.is_not(None)))]
        assert b"Ann" not in b"".join(note or b"" for note in notes)
        assert office.heed.cipher.open(notes[0] or b"", "note").reveal() == "Ann knows"
        session.execute(
            update(Call)
            .where(Call.reason == "moved-earlier")
            .values(done_at=None, done_by=None, reason="danger")
        )
    assert 6 in [row["listing"] for row in api.get("/v1/calls")[1]["calls"]]  # danger is always rung
    # Rung once, and the hearing moves: on the list again.
    office.push(hearing("2026-09-24T10:00", nth_case(1, defendant("P001", mobile=None)), key="c1"))
    assert 2 in [row["listing"] for row in api.get("/v1/calls")[1]["calls"]]


@pytest.mark.parametrize("changes", [{"mode": "trial"}])
def test_outside_sandbox_mode_nobody_is_named_and_each_look_is_written_down(office: Office, api: Api) -> None:
    for name in ("one", "two"):
        office.push(hearing(HEARING, case(defendant(identity=name, mobile=None), ref=f"41{name}"), key=name))
    answers = [api.get(path)[1] for path in ("/v1/calls", "/v1/calls.csv", "/v1/people/suggestions")]
    answers.append(api.post("/v1/hearings/1/do-not-text", WHY)[1])
    assert not [word for word in ("Ann", "Example", "1990-05-04") if word in str(answers)]
    looks = ["calls-read", "calls-read", "suggestions-read", "do-not-text-marked", "hearings-read"]
    assert [act for act in api.acts() if act in looks] == looks


def test_a_settled_text(office: Office, api: Api) -> None:
    office.push(hearing())
    with office.heed.database.begin() as session:
        session.execute(update(Outbox).where(Outbox.id == 1).values(state=State.STAFF))
    assert [one["id"] for one in api.get("/v1/queue")[1]["queue"]] == [1]
    assert api.error("/v1/queue/2/resolve", {"sent": True}) == (404, "not-found")
    assert api.error("/v1/queue/1/resolve", {}) == (422, "invalid")
    assert api.post("/v1/queue/1/resolve", {"sent": False}) == (200, {"id": 1, "sent": False})
    assert api.get("/v1/queue")[1]["queue"] == []
