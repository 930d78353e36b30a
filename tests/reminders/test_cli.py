"""The commands: exit codes 0, 1 and 2, one clear line on bad input, and the shapes that other programs read, field by field."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import run
from typing import Any

import pytest
import yaml

from services.common.scopes import SCOPES
from tests.reminders.office import ANN, BEN, HEARING, case, defendant, hearing, result, spi
from tests.support.command import Command, Ran
from tests.support.sandbox import Sandbox

COUNTS = {"hearings", "new", "changed", "unchanged", "suspended", "results", "rejected"}
PROTOCOL = {
    "name": "autumn",
    "question": "Does it help?",
    "courts": ["B41ME00"],
    "since": "2026-09-15",
    "until": "2026-10-31",
    "arms": [{"name": "texted", "texted": True}, {"name": "control", "texted": False}],
    "allocation": "permuted-blocks",
    "seed": "a",
    "block_sizes": [4],
}


def clear_line(ran: Ran, *words: str) -> bool:
    """Whether a refusal is one line on standard error that holds these words, with exit code 2 and no traceback."""
    lines = ran.err.strip().splitlines()
    return (
        ran.code == 2
        and len(lines) == 1
        and lines[0].startswith("heed: ")
        and all(word in lines[0] for word in words)
    )


def deliveries(ran: Ran) -> list[dict[str, Any]]:
    """What `ingest` printed of each file, its shape checked."""
    assert set(ran.json) == {"deliveries"}
    for one in ran.json["deliveries"]:
        assert set(one) >= {"file", "format", "status", "counts", "rejections"}
        assert set(one["counts"]) == COUNTS
        assert all(isinstance(number, int) for number in one["counts"].values())
        assert one["status"] in ("applied", "partly_applied", "rejected")
        for rejection in one["rejections"]:
            assert set(rejection) == {"where", "code", "reason"}
    return list(ran.json["deliveries"])


def test_ingest_new_repeated_and_moved(heed: Command) -> None:
    file = heed.file("hearing.json", hearing())
    first = heed("reminders", "ingest", file, "--json")
    (one,) = deliveries(first)
    assert first.code == 0
    assert (one["file"], one["format"], one["status"]) == ("hearing.json", "common-platform", "applied")
    assert (one["counts"]["hearings"], one["counts"]["new"]) == (1, 1)
    again = heed("reminders", "ingest", file, "--json")
    (one,) = deliveries(again)
    assert (again.code, one["status"], one["counts"]["new"], one["counts"]["changed"]) == (0, "applied", 0, 0)
    moved = heed("reminders", "ingest", heed.file("moved.json", hearing("2026-09-30T10:00")), "--json")
    assert deliveries(moved)[0]["counts"]["changed"] == 1


def test_ingest_exit_codes(heed: Command) -> None:
    nameless = defendant("Nameless")
    del nameless["personDefendant"]["personDetails"]["lastName"]
    bodies = {
        "applied": hearing(key="g"),
        "partly_applied": hearing(HEARING, case(defendant(), nameless)),
        "rejected": b'{"hearing": ',
    }
    good, partly, bad = bodies
    table = [
        ([good], 0),
        ([good, good], 0),
        ([partly], 1),
        ([good, partly], 1),
        ([good, bad], 1),
        ([partly, bad], 1),
        ([bad], 2),
        ([bad, bad], 2),
    ]
    for statuses, code in table:
        files = [heed.file(f"{number}-{one}.json", bodies[one]) for number, one in enumerate(statuses)]
        ran = heed("reminders", "ingest", *files, "--json")
        assert (ran.code, [one["status"] for one in deliveries(ran)]) == (code, statuses)


def test_ingest_tells_of_a_file_that_it_cannot_read_and_of_those_beside_it(heed: Command) -> None:
    there, nowhere = heed.file("hearing.json", hearing()), heed.folder / "nowhere.json"
    ran = heed("reminders", "ingest", nowhere, "--json")
    assert clear_line(ran, "nowhere.json", "cannot read")
    (one,) = deliveries(ran)
    assert (one["file"], one["status"], one["counts"]["rejected"]) == ("nowhere.json", "rejected", 1)
    assert [rejection["code"] for rejection in one["rejections"]] == ["cannot-read"]
    assert clear_line(heed("reminders", "ingest", heed.folder), "cannot read")
    ran = heed("reminders", "ingest", nowhere, there, heed.folder, "--json")
    assert (ran.code, [one["status"] for one in deliveries(ran)]) == (1, ["rejected", "applied", "rejected"])
    assert len(heed("reminders", "hearings", "--json").json["hearings"]) == 1


def test_ingest_finds_the_format(heed: Command) -> None:
    listed = (
        "case_ref,asn,defendant_name,date_of_birth,court_code,room,date,time,hearing_type,mobile,bail_status,language\n"
        "41AA9,,Eve Other,1990-05-04,B41ME00,1,23/09/2026,10:00,First hearing,07700900103,U,\n"
    )
    table: list[tuple[str, Any, str, int]] = [
        ("x.json", hearing(), "common-platform", 1),
        ("x.xml", spi(ref="41AA7"), "spi", 1),
        ("x", spi(ref="41AA7"), "spi", 0),
        ("x.csv", listed, "csv", 1),
    ]
    for name, body, form, new in table:
        ran = heed("reminders", "ingest", heed.file(name, body), "--json")
        assert (ran.code, deliveries(ran)[0]["format"], deliveries(ran)[0]["counts"]["new"]) == (0, form, new)


def test_ingest_for_people(heed: Command) -> None:
    nameless = defendant("Nameless")
    del nameless["personDefendant"]["personDetails"]["lastName"]
    ran = heed("reminders", "ingest", heed.file("h.json", hearing(HEARING, case(defendant(), nameless))))
    assert ran.code == 1
    assert "h.json: partly_applied (common-platform): 1 hearings, 1 new, 1 rejected" in ran.out
    assert "missing-name" in ran.out


BAD: list[tuple[str, ...]] = [
    ("reminders", "ingest"),
    ("reminders", "ingest", "x", "--format", "pdf"),
    ("reminders", "hearings", "--colour", "red"),
    ("reminders", "nothing"),
    ("nothing",),
    ("reminders", "hearings", "--date", "23/09/2026"),
    ("reminders", "due", "--at", "tomorrow"),
    ("reminders", "due", "--until", "2026-13-01"),
    ("reminders", "evaluate", "nowhere"),
    ("reminders", "contacts", "nowhere.csv"),
    ("reminders", "pilot", "new", "nowhere.yaml"),
    ("keys", "add", "--service", "reminders", "--scope", "everything"),
    ("keys", "add", "--service", "weather", "--scope", "all"),
    ("keys", "add", "--service", "reminders"),
    ("keys", "revoke", "--service", "reminders", "nokey"),
    ("tick", "--now", "soon"),
    ("queue", "resolve", "7", "--sent"),
    ("reminders", "verify-audit", "--head", "nonsense"),
    ("resume",),
    ("segments",),
]


def test_bad_input_is_one_clear_line_and_exit_2(heed: Command) -> None:
    for arguments in BAD:
        json_too = [] if arguments[0] in ("nothing", "resume", "queue") else ["--json"]
        ran = heed(*arguments, *json_too)
        assert clear_line(ran), (arguments, ran)
        assert ran.out == ""


def test_a_database_that_does_not_answer_is_one_clear_line(
    heed: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REMINDERS_DATABASE_URL", "postgresql://heed:secret@127.0.0.1:1/heed")
    ran = heed("reminders", "hearings", "--json")
    assert clear_line(ran, "PostgreSQL", "refused", "heed check"), ran
    assert (ran.out, "secret" in ran.err) == ("", False)


def test_hearings_in_the_promised_shape(heed: Command) -> None:
    heed("reminders", "ingest", heed.file("h.json", hearing()), "--json")
    ran = heed("reminders", "hearings", "--json")
    (row,) = ran.json["hearings"]
    promised = {
        "case_ref": "41AA1000126",
        "court": "B41ME",
        "room": "Courtroom 1",
        "starts_at": "2026-09-23T10:00:00+01:00",
        "time_certain": True,
        "first_hearing": True,
        "status": "listed",
        "name": "Ann Example",
        "date_of_birth": "1990-05-04",
        "mobile": "valid",
        "eligible": True,
        "reasons": [],
        "outcome": {"attendance": "unknown", "fta": "unknown", "warrant": "unknown"},
    }
    assert {name: row[name] for name in promised} == promised
    assert heed("reminders", "hearings", "--court", "B41MJ00", "--json").json == {"hearings": []}
    assert (
        len(
            heed("reminders", "hearings", "--court", "b41me", "--date", "2026-09-23", "--json").json[
                "hearings"
            ]
        )
        == 1
    )
    assert heed("reminders", "hearings", "--date", "2026-09-24", "--json").json == {"hearings": []}
    assert heed("reminders", "hearings", "--date", "9999-12-31", "--json").json == {"hearings": []}
    table = heed("reminders", "hearings")
    assert table.code == 0
    assert "41AA1000126" in table.out
    assert "texted" in table.out


def test_outcomes_and_the_arm_are_never_shown_together(heed: Command) -> None:
    heed("reminders", "pilot", "new", heed.file("p.yaml", yaml.safe_dump(PROTOCOL)))
    heed("reminders", "ingest", heed.file("h.json", hearing()), "--json")
    ran = heed(
        "reminders", "outcomes", heed.file("r.json", result("4576 CG", attendance="NOT_PRESENT")), "--json"
    )
    assert (ran.code, deliveries(ran)[0]["counts"]["results"]) == (0, 1)
    (row,) = heed("reminders", "hearings", "--json").json["hearings"]
    assert (row["status"], row["outcome"]) == (
        "heard",
        {"attendance": "absent", "fta": "yes", "warrant": "issued"},
    )
    assert "arm" not in row
    (row,) = heed("reminders", "hearings", "--show-arm", "--json").json["hearings"]
    assert row["arm"] in ("texted", "control")
    assert not {"outcome", "outcomes"} & set(row)
    assert heed("reminders", "verify-audit", "--json").json["whole"] is True


def test_due_in_the_promised_shape_and_as_it_goes_out(heed: Command, carrier: Sandbox) -> None:
    kid = case(defendant("Kid", born="2010-01-28", mobile=BEN), ref="41K")
    heed(
        "reminders",
        "ingest",
        heed.file("h.json", hearing()),
        heed.file("k.json", hearing(HEARING, kid, key="h2")),
    )
    shown = heed("reminders", "due", "--json").json
    assert set(shown) == {"due", "held", "waiting", "cost"}
    assert [one["cost"] for one in shown["due"]] == [{"amount": "0.04", "currency": "GBP"}] * 2
    assert shown["cost"] == {"amount": "0.08", "currency": "GBP"}
    assert [
        set(one) >= {"send_at", "case_ref", "step", "template", "text", "segments"} for one in shown["due"]
    ] == [
        True,
        True,
    ]
    first = shown["due"][0]
    assert (first["send_at"], first["case_ref"], first["step"], first["template"], first["segments"]) == (
        "2026-09-20T10:00:00+01:00",
        "41AA1000126",
        "three-days",
        "bail",
        1,
    )
    assert shown["held"] == [{"case_ref": "41K", "reason": "under-18"}]
    assert len(heed("reminders", "due", "--at", "2026-09-20T10:00", "--json").json["due"]) == 1
    assert heed("reminders", "due", "--at", "2026-09-20T09:59", "--json").json["due"] == []
    assert len(heed("reminders", "due", "--until", "2026-09-22T10:00", "--json").json["due"]) == 2
    people = heed("reminders", "due").out
    assert "under-18" in people
    assert people.count("1 segment, 0.04 GBP") == 2
    assert "2 texts, 2 segments, 0.08 GBP" in people
    assert "***101" in people
    assert ANN[-9:] not in people
    ticked = heed("tick", "--now", "2026-09-20T10:00", "--json")
    assert ticked.code == 0
    assert ticked.json["now"].startswith("2026-09-20T10:00")
    assert set(ticked.json["jobs"]) == {"reminders", "consultation"}
    assert list(carrier.accepted()) == [(ANN, first["text"])]


def test_the_clock_never_goes_back_and_a_refusal_leaves_both_as_they_were(heed: Command) -> None:
    assert heed("tick", "--now", "2026-09-20T10:00", "--json").code == 0
    assert clear_line(heed("tick", "--now", "2026-09-20T09:00"), "never goes back", "2026-09-20T10:0")
    assert heed("tick", "--json").json["now"].startswith("2026-09-20T10:0")


def test_contacts(heed: Command) -> None:
    heed("reminders", "ingest", heed.file("s.xml", spi(mobile=None)), "--json")
    right, wrong = "41AA1000126,Example,1990-05-04,07700900102", "41X,Nobody,1990-05-04,07700900103"
    table = [
        ([right], 0, "applied"),
        ([right, wrong], 1, "partly_applied"),
        ([wrong], 2, "rejected"),
        (["41AA1000126,Example,,07700900103"], 2, "rejected"),
    ]
    for rows, code, status in table:
        file = heed.file("c.csv", "\n".join(["case_ref,surname,date_of_birth,mobile", *rows]))
        ran = heed("reminders", "contacts", file, "--json")
        assert (ran.code, ran.json["status"]) == (code, status)
        assert set(ran.json) == {"status", "counts", "rejections"}


def test_a_contacts_file_with_a_wrong_header_names_the_column(heed: Command) -> None:
    file = heed.file("c.csv", "case_ref,telephone\n1,2\n")
    assert clear_line(heed("reminders", "contacts", file), "c.csv", "'telephone'")


def test_a_pilot_is_locked_once_and_read(heed: Command) -> None:
    file = heed.file("p.yaml", yaml.safe_dump(PROTOCOL))
    latin = heed.file("latin.yaml", yaml.safe_dump(PROTOCOL).encode() + b"# caf\xe9\n")
    assert clear_line(heed("reminders", "pilot", "new", latin), "latin.yaml", "it is not UTF-8")
    made = heed("reminders", "pilot", "new", file, "--json")
    assert made.code == 0
    assert set(made.json) == {"id", "name", "hash"}
    assert clear_line(heed("reminders", "pilot", "new", file), "already locked")
    bad = heed.file("bad.yaml", yaml.safe_dump(PROTOCOL | {"name": "x", "block_sizes": [3]}))
    assert clear_line(heed("reminders", "pilot", "new", bad), "block_sizes")
    for text in ("a: [", "since: 2026-11-31"):
        assert clear_line(heed("reminders", "pilot", "new", heed.file("b.yaml", text)), "not YAML")
    assert clear_line(heed("reminders", "evaluate", "spring", "--json"), "no pilot named spring", "autumn")
    out = heed.folder / "report"
    report = heed("reminders", "evaluate", "autumn", "--out", out, "--json")
    assert report.code == 0
    assert made.json["hash"] in report.out
    assert json.loads((out / "report.json").read_text()) == report.json
    assert "autumn" in (out / "report.txt").read_text()


def test_keys_are_shown_once_listed_and_revoked(heed: Command) -> None:
    made = heed(
        "keys", "add", "--service", "reminders", "--scope", "listings:write", "--label", "feed", "--json"
    )
    assert set(made.json) == {"id", "key"}
    everything = heed("keys", "add", "--service", "reminders", "--scope", "all", "--json").json
    listed = heed("keys", "list", "--service", "reminders", "--json").json["keys"]
    assert (listed[0]["id"], listed[0]["label"]) == (made.json["id"], "feed")
    assert listed[0]["scopes"] == ["listings:write"]
    assert set(listed[1]["scopes"]) == set(SCOPES["reminders"])
    assert made.json["key"] not in json.dumps(listed)
    assert heed("keys", "revoke", "--service", "reminders", everything["id"]).code == 0
    assert clear_line(heed("keys", "revoke", "--service", "reminders", everything["id"]), everything["id"])
    refused = heed("keys", "add", "--service", "consultation", "--scope", "listings:write")
    assert clear_line(refused, "listings:write", "responses:read")
    printed = heed("keys", "generate").out.splitlines()
    assert sorted(line.split("=")[0] for line in printed) == [
        "CONSULTATION_ENCRYPTION_KEYS",
        "CONSULTATION_INDEX_KEY",
        "REMINDERS_ENCRYPTION_KEYS",
        "REMINDERS_INDEX_KEY",
    ]
    assert clear_line(heed("keys", "generate", "--key-id", "k2:x"), "--key-id 'k2:x'")
    for nothing, told in ((), "`heed --help`"), (("keys",), "`heed keys --help`"):
        assert clear_line(heed(*nothing), told)


def test_stop_holds_everything_until_another_person_resumes(heed: Command, carrier: Sandbox) -> None:
    heed("reminders", "ingest", heed.file("h.json", hearing()), "--json")
    assert heed("stop", "--by", "person:a", "--reason", "a drill").code == 0
    heed("tick", "--now", "2026-09-20T10:00")
    assert carrier.accepted() == {}
    assert clear_line(heed("resume", "--by", "person:a"), "another")
    assert heed("resume", "--by", "person:b").code == 0
    heed("tick")
    assert len(carrier.accepted()) == 1
    assert heed("queue", "list", "--json").json["queue"] == []


@pytest.mark.parametrize(
    ("words", "encoding", "characters", "units", "segments"),
    [
        ("Hello", "GSM-7", 5, 5, 1),
        ("x" * 160, "GSM-7", 160, 160, 1),
        ("x" * 161, "GSM-7", 161, 161, 2),
        ("ŵ" * 70, "UCS-2", 70, 70, 1),
        ("ŵ" * 71, "UCS-2", 71, 71, 2),
        ("€", "GSM-7", 1, 2, 1),
        ("D\u2019Arcy", "GSM-7", 6, 6, 1),
    ],
)
def test_segments_in_the_promised_shape(
    bare: Command, words: str, encoding: str, characters: int, units: int, segments: int
) -> None:
    ran = bare("segments", words, "--json")
    assert ran.code == 0
    assert ran.json == {"encoding": encoding, "characters": characters, "units": units, "segments": segments}


def test_the_installed_script_counts_segments_without_a_store(root: Path, tmp_path: Path) -> None:
    script = Path(sys.executable).with_name("heed")
    environment = {
        "HEED_DATA_DIR": str(tmp_path / "data"),
        "REMINDERS_DATABASE_URL": "postgresql://nowhere/x",
    }
    ran = run(
        [script, "segments", "Hello", "--json"], env=environment, cwd=root, capture_output=True, check=True
    )
    assert json.loads(ran.stdout)["segments"] == 1
    assert not (tmp_path / "data").exists()


def test_help_needs_nothing(bare: Command) -> None:
    for arguments in (["--help"], ["reminders", "--help"], ["reminders", "ingest", "--help"]):
        ran = bare(*arguments)
        assert (ran.code, ran.err) == (0, "")
        assert "Usage" in ran.out


def test_one_file_of_departments_own(heed: Command, feed_sample: Callable[[str], bytes]) -> None:
    ran = heed(
        "reminders", "ingest", heed.file("x.xml", feed_sample("spi/new-case-PoliceCase.xml")), "--json"
    )
    assert (ran.code, deliveries(ran)[0]["counts"]["new"]) == (0, 1)
    (row,) = heed("reminders", "hearings", "--json").json["hearings"]
    assert (row["court"], row["name"], row["mobile"]) == ("B01CX", "Jomi1 Eliseh", "missing")
    assert {"under-18", "court-not-enrolled", "mobile-missing"} <= set(row["reasons"])
