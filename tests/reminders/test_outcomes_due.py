"""Which days wait for an outcome, and many outcomes entered at once."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from services.common.models import Audit
from services.reminders import acts, outcome_file, outcomes_due, pilots
from services.reminders.outcomes_due import Wanted
from tests.reminders.office import HEARING, STEVENAGE, Office, nth, nth_result
from tests.reminders.test_replay import csv as csv_of
from tests.reminders.test_replay import listed
from tests.support.command import Command

FACTS = {"attendance": "absent", "fta": "unknown", "warrant": "none"}
HEADER = "listing_id,day,attendance,fta,warrant"
BY_CASE = "case_ref,surname,date_of_birth,day,attendance,fta,warrant"


def days(office: Office, **wanted: Any) -> list[tuple[int, str, str]]:
    """(listing, day, state) of the days that are wanted."""
    more = {name: wanted.pop(name) for name in ("after", "limit") if name in wanted}
    with office.heed.database.begin() as session:
        rows = outcomes_due.page(office.heed, session, Wanted(**wanted), show_people=True, **more)
    return [(row["listing_id"], row["day"], row["state"]) for row in rows]


def enter(office: Office, text: str) -> dict[str, Any]:
    with acts.acting(office.heed, office.county, "person:clerk") as act:
        return outcome_file.enter(act, *outcome_file.read_csv(text.encode()))


def test_a_day_is_pending_then_missing_then_recorded(office: Office) -> None:
    two = [HEARING, "2026-09-24T10:00"]
    office.push(nth(1, two))
    office.push(nth(2, court=STEVENAGE))
    office.push(nth(3, cancelled=[HEARING]))
    office.push(nth(4, "2026-10-30T10:00"))
    office.push({"hearing": nth(5)["hearing"] | {"isBoxHearing": True}})
    assert days(office) == []
    office.move("2026-09-23T10:01")
    assert days(office) == [(1, "2026-09-23", "pending"), (2, "2026-09-23", "pending")]
    office.move("2026-10-21T09:59")
    assert days(office, state="missing") == []
    office.move("2026-10-21T10:00")
    assert days(office, state="missing") == [(1, "2026-09-23", "missing"), (2, "2026-09-23", "missing")]
    assert days(office, state="pending") == [(1, "2026-09-24", "pending")]
    assert days(office, court="B41MJ00") == [(2, "2026-09-23", "missing")]
    # A hearing's days stay on one page.
    assert [row[0] for row in days(office, limit=1)] == [1, 1]
    assert [row[0] for row in days(office, limit=1, after=1)] == [2]
    # A result without a word on attendance still waits for one.
    office.push(nth_result(2, "1015", attendance=None, court=STEVENAGE), "result")
    assert days(office, court="B41MJ") == [(2, "2026-09-23", "missing")]
    office.push(nth_result(2, "1015", attendance="NOT_PRESENT", court=STEVENAGE), "result")
    assert days(office, state="recorded") == [(2, "2026-09-23", "recorded")]


def test_a_pilots_lag_holds_where_it_covers_the_hearing(office: Office) -> None:
    protocol = {
        "name": "p",
        "question": "?",
        "courts": ["B41ME"],
        "since": "2026-09-23",
        "until": "2026-09-23",
        "arms": [{"name": "text", "texted": True}, {"name": "no-text", "texted": False}],
        "allocation": "permuted-blocks",
        "seed": "1",
        "block_sizes": [2],
        "outcome_lag_days": 3,
    }
    with office.heed.database.begin() as session:
        pilots.lock(session, protocol, "test")
    for number, at in enumerate([HEARING, "2026-09-24T10:00"]):
        office.push(nth(number, at))
    office.push(nth(2, court=STEVENAGE))
    office.move("2026-09-27T12:00")
    assert [state for *_, state in days(office)] == ["missing", "pending", "pending"]
    with office.heed.database.begin() as session:
        rows = outcomes_due.page(office.heed, session, Wanted(), show_people=True)
        hidden = outcomes_due.page(office.heed, session, Wanted(), show_people=False)
    assert {(row["name"], row["date_of_birth"]) for row in hidden} == {(None, None)}
    # Both arms look alike: nothing says which it is, nor whether anybody was texted.
    assert set(rows[0]) == {*outcomes_due.COLUMNS}
    assert [row["missing_after"] for row in rows] == ["2026-09-26", "2026-10-22", "2026-10-21"]


def test_many_at_once_and_the_bad_rows_by_their_lines(office: Office) -> None:
    office.push(csv_of(*(listed(number) for number in range(4))), form="csv")
    office.push(csv_of(listed(9, "2026-09-30T10:00")), form="csv")
    office.move("2026-09-24T10:00")
    ahead = office.nth(9)["id"]
    answer = enter(
        office,
        f"{HEADER}\n1,2026-09-23,Absent,unknown,none\n2,23/09/2026,attended,no,issued\n3,2026-09-23,attended,yes,issued\n"
        f"3,2026-09-23,,,\n77,2026-09-23,absent,no,none\n3,2026-09-22,absent,no,none\n{ahead},2026-09-30,absent,no,none\n"
        "3,soon,absent,no,none\n3,2026-09-23,late,no,none\nx,2026-09-23,absent,no,none\n1,2026-09-23,attended,no,none\n",
    )
    assert (answer["status"], answer["counts"]) == (
        "partly_applied",
        {"recorded": 2, "unchanged": 0, "rejected": 8},
    )
    assert [
        (one["where"], one["code"])
        for one in sorted(answer["rejections"], key=lambda one: int(one["where"][5:]))
    ] == [
        ("line 4", "contradiction"),
        ("line 6", "no-such-hearing"),
        ("line 7", "not-a-day-of-it"),
        ("line 8", "not-yet"),
        ("line 9", "bad-date"),
        ("line 10", "bad-word"),
        ("line 11", "bad-listing"),
        ("line 12", "said-twice"),
    ]
    assert [row["outcome"]["attendance"] for row in office.rows()] == [
        "absent",
        "attended",
        "unknown",
        "unknown",
        "unknown",
    ]
    assert {row["status"] for row in office.rows()[:2]} == {"heard"}
    same = enter(office, f"{HEADER}\n1,2026-09-23,absent,unknown,none\n")
    assert (same["status"], same["counts"]["unchanged"]) == ("applied", 1)
    by_case = enter(
        office,
        f"{BY_CASE}\n41c002,EXAMPLE,04/05/1990,2026-09-23,represented,no,none\n41C002,Example,1991-05-04,2026-09-23,absent,no,none\n"
        "41C003,,1990-05-04,2026-09-23,absent,no,none\n",
    )
    assert [one["code"] for one in by_case["rejections"]] == ["not-enough-to-join", "no-such-hearing"]
    assert office.nth(2)["outcome"]["attendance"] == "represented"
    with office.heed.database.begin() as session:
        acts_written = session.execute(
            select(Audit.actor, Audit.act).where(Audit.act == "outcomes-entered")
        ).all()
    assert acts_written == [("person:clerk", "outcomes-entered")] * 3


def test_a_wrong_header_refuses_the_file_and_names_the_column(heed: Command) -> None:
    for header, named in [
        ("listing_id,day,attendance,fta,warrant,note", "'note'"),
        ("listing_id,day,attendance,fta", "'warrant'"),
        ("day,attendance,fta,warrant", "'listing_id'"),
        ("case_ref,date_of_birth,day,attendance,fta,warrant", "'listing_id'"),
        ("listing_id,day,day,attendance,fta,warrant", "'day'"),
    ]:
        ran = heed("reminders", "outcomes", heed.file("bad.csv", f"{header}\n1,2,3,4,5\n"))
        assert (ran.code, named in ran.err) == (2, True), header


def test_the_list_printed_filled_in_and_given_back(heed: Command) -> None:
    path = heed.file("list.csv", csv_of(listed(1), listed(2, defendant_name="=cmd() Example")))
    assert heed("reminders", "ingest", path).code == 0
    assert heed("tick", "--now", "2026-09-24T10:00").code == 0
    out = heed.folder / "due.csv"
    assert "2 to fill in" in heed("reminders", "outcomes-due", "--court", "B41ME", "--csv", out).out
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8-sig"))))
    assert [row["state"] for row in rows] == ["pending", "pending"]
    assert rows[1]["name"].startswith("'=")
    # As it was printed it says nothing.
    ran = heed("reminders", "outcomes", out, "--json")
    assert (ran.code, ran.json["deliveries"][0]["counts"]) == (
        0,
        {"recorded": 0, "unchanged": 0, "rejected": 0},
    )
    rows[0] |= FACTS
    written = io.StringIO()
    lines = csv.DictWriter(written, rows[0])
    lines.writeheader()
    lines.writerows(rows)
    ran = heed(
        "reminders", "outcomes", heed.file("back.csv", written.getvalue()), "--by", "person:clerk", "--json"
    )
    assert (ran.code, ran.json["deliveries"][0]["counts"]["recorded"]) == (0, 1)
    left = heed("reminders", "outcomes-due", "--date", "2026-09-23", "--json").json["outcomes"]
    assert [row["case_ref"] for row in left] == ["41C002"]
    bad = heed.file("none.csv", f"{HEADER}\n99,2026-09-23,absent,no,none\n")
    assert heed("reminders", "outcomes", bad).code == 2
    assert (
        heed(
            "reminders",
            "outcomes",
            heed.file("b.csv", f"{HEADER}\n99,2026-09-23,absent,no,none\n2,2026-09-23,absent,no,none\n"),
        ).code
        == 1
    )


def test_what_a_feed_said_is_no_word_of_a_person_when_the_list_comes_back(
    office: Office, key: Callable[..., dict[str, str]], sites: Any
) -> None:
    codes = [
        "1015",
        "4576 CG",
        "1015",
        "1015",
    ]  # a fine; a warrant, whose case waits for a word on attendance
    for number, code in enumerate(codes):
        office.push(nth(number))
        office.push(nth_result(number, code, attendance=None), "result")
    office.move("2026-09-24T10:00")

    def listed_now() -> list[dict[str, Any]]:
        with office.heed.database.begin() as session:
            return outcomes_due.page(office.heed, session, Wanted(), show_people=True)

    printed = listed_now()
    assert [(row["state"], row["attendance"], row["fta"], row["warrant"]) for row in printed] == [
        ("pending", "unknown", *rest)
        for rest in (("no", "none"), ("yes", "issued"), ("no", "none"), ("no", "none"))
    ]
    # One of them is resulted with attendance after the list was printed: the list is old, and takes nothing back.
    office.push(nth_result(2, "1015", attendance="IN_PERSON"), "result")
    before = office.everything()
    client, headers = sites["reminders"].client(), key(office.heed, "outcomes:write")
    given_back = [enter(office, outcomes_due.to_csv(printed).decode())]
    given_back.append(client.post("/v1/outcomes", headers=headers, json={"outcomes": printed}).json)
    for answer in given_back:
        assert answer["counts"] == {"recorded": 0, "unchanged": 4, "rejected": 0}
    assert office.everything() == before
    # What a person changed in the list counts, and so does the same said without it.
    changed = [printed[0] | {"attendance": "attended"}, printed[1] | {"fta": "no", "warrant": "none"}]
    assert enter(office, outcomes_due.to_csv(changed).decode())["counts"]["recorded"] == 2
    assert enter(office, f"{HEADER}\n4,2026-09-23,unknown,no,none\n")["counts"]["recorded"] == 1
    assert [row["state"] for row in listed_now()] == ["recorded"] * 4


def test_over_http(office: Office, key: Callable[..., dict[str, str]], sites: Any) -> None:
    office.push(nth(1))
    office.move("2026-09-24T10:00")
    client = sites["reminders"].client()
    headers = key(office.heed, "hearings:read", "outcomes:write")
    found = client.get("/v1/outcomes?state=pending&court=B41ME00&date=2026-09-23", headers=headers).json
    assert [row["listing_id"] for row in found["outcomes"]] == [1] and found["next"] is None
    assert client.get("/v1/outcomes?limit=1", headers=headers).json["next"] == 1
    assert client.get("/v1/outcomes?state=late", headers=headers).status_code == 422
    row = FACTS | {"listing_id": 1, "day": "2026-09-23"}
    sent = client.post(
        "/v1/outcomes", headers=headers, json={"outcomes": [row, row | {"listing_id": 2}]}
    ).json
    assert (sent["status"], sent["rejections"][0]["where"]) == ("partly_applied", "/outcomes/1")
    as_csv = f"{HEADER}\n1,2026-09-23,attended,no,none\n"
    sent = client.post("/v1/outcomes", headers=headers, data=as_csv, content_type="text/csv").json
    assert sent["counts"]["recorded"] == 1
    assert (
        client.post("/v1/outcomes", headers=headers, data="day\n", content_type="text/csv").status_code == 422
    )
    assert (
        client.post("/v1/outcomes", headers=headers, data="x", content_type="text/plain").status_code == 415
    )
    assert client.post("/v1/outcomes", headers=headers, json={"outcomes": 3}).status_code == 422
    first, second = client.get("/v1/hearings/1/outcomes", headers=headers).json["outcomes"]
    assert (first["attendance"], first["replaces"], second["replaces"]) == ("absent", None, first["id"])
    assert first["replaced_at"] and not second["replaced_at"]
    assert {second["source"], second["reason"]} == {"office", "by-hand"} and second["entered_by"].startswith(
        "key:"
    )
    assert client.get("/v1/hearings/77/outcomes", headers=headers).status_code == 404


def test_results_are_replayed_since_a_day(heed: Command) -> None:
    heed("reminders", "ingest", heed.file("h.json", json.dumps(nth(1))))
    told = heed.file("r.json", json.dumps(nth_result(1, "4576 CG", attendance="NOT_PRESENT")))
    assert heed("reminders", "outcomes", told).code == 0
    ran = heed("reminders", "replay", "--results-since", "2026-09-14", "--json")
    assert (ran.code, [one["counts"]["results"] for one in ran.json["deliveries"]]) == (0, [1])
    assert heed("reminders", "replay", "--results-since", "2026-09-15").code == 2
    assert heed("reminders", "replay").code == 2
