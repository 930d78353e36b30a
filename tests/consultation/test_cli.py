"""The commands of Consultation: exit codes, one clear line on bad input, and the shapes that other programs read."""

from typing import Any

import pytest
import yaml
from sqlalchemy import select, text

from services.common import clock
from services.common.process import opened
from services.consultation.models import Coding, Respondent, Submission
from tests.consultation.post import ANN, CONTENT, FULL
from tests.support.command import Command, Ran
from tests.support.sandbox import Sandbox


def clear_line(ran: Ran, *words: str) -> bool:
    """Whether a refusal is one line on standard error that holds these words, with exit code 2."""
    lines = ran.err.strip().splitlines()
    return ran.code == 2 and len(lines) == 1 and all(word in lines[0] for word in words)


@pytest.mark.parametrize(
    ("words", "kind", "rule"),
    [
        ("Stop. Thank you", "opt-out", "stop-word"),
        ("Stop speeding on London Road", "feedback", "everything-else"),
        ("START", "opt-in", "start-word"),
        ("HELP", "help", "help-word"),
        ("REMOVE", "command", "remove"),
        ("someone is in my house", "danger", "danger-intruder"),
        ("", "feedback", "everything-else"),
    ],
)
def test_why_in_the_promised_shape(bare: Command, words: str, kind: str, rule: str) -> None:
    ran = bare("consultation", "why", words, "--json")
    assert ran.code == 0
    assert set(ran.json) == {"kind", "rule", "because"}
    assert (ran.json["kind"], ran.json["rule"]) == (kind, rule)
    assert f"{kind} (rule {rule})" in bare("consultation", "why", words).out


def test_why_and_lint_touch_no_store(bare: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEED_MODE", "nonsense")
    assert bare("consultation", "why", "hello", "--json").code == 0
    assert bare("consultation", "lint", bare.file("q.yaml", yaml.safe_dump(CONTENT)), "--json").code == 0


def test_lint_says_what_each_text_costs(bare: Command) -> None:
    ran = bare("consultation", "lint", bare.file("q.yaml", yaml.safe_dump(CONTENT)), "--json")
    assert ran.json["id"] == "plan-2026"
    assert {one["text"] for one in ran.json["texts"]} >= set(CONTENT["texts"])
    assert all(
        set(one) == {"text", "language", "encoding", "characters", "units", "segments", "pence"}
        for one in ran.json["texts"]
    )
    for pence in ("nan", "inf", "1e300"):
        ran = bare("consultation", "lint", bare.file("q.yaml", yaml.safe_dump(CONTENT)), "--pence", pence)
        assert clear_line(ran, "--pence"), pence
    assert "welcome" in bare("consultation", "lint", bare.file("q.yaml", yaml.safe_dump(CONTENT))).out


def test_a_bad_questionnaire_is_one_clear_line(heed: Command) -> None:
    table: list[tuple[Any, str]] = [
        ("a: [", "not YAML"),
        ("", "mapping"),
        (yaml.safe_dump(CONTENT | {"closes": "2026-08-01"}), "closes before"),
        (yaml.safe_dump(CONTENT | {"keywords": ["STOP"]}), "'STOP'"),
        (b"\xff\xfe", "cannot read"),
        (yaml.safe_dump(CONTENT).replace("'2026-09-01'", "2026-11-31"), "opens: Not a valid date"),
        (None, "cannot read"),
    ]
    for content, words in table:
        path = heed.folder / "nowhere.yaml" if content is None else heed.file("q.yaml", content)
        for command in ("lint", "launch"):
            ran = heed("consultation", command, path, "--json")
            assert clear_line(ran, words), (content, ran)
            assert ran.out == ""
    assert clear_line(heed("consultation", "report", "plan-2026"), "no consultation plan-2026")


def test_launched_texted_and_reported(heed: Command, carrier: Sandbox) -> None:
    file = heed.file("q.yaml", yaml.safe_dump(CONTENT))
    made = heed("consultation", "launch", file, "--json")
    assert made.code == 0
    assert set(made.json) == {"id", "hash", "opens_at", "closes_at"}
    assert heed("consultation", "launch", file, "--json").json["hash"] == made.json["hash"]
    other = heed.file("other.yaml", yaml.safe_dump(CONTENT | {"title": "Another"}))
    assert clear_line(heed("consultation", "launch", other), "already launched")
    report = heed("consultation", "report", "plan-2026", "--json")
    assert set(report.json["counts"].values()) == {0}
    assert report.json["reconciliation"][-1]["received"] == 0
    assert "received" in heed("consultation", "report", "plan-2026").out
    assert heed("consultation", "verify-audit", "--json").json["whole"] is True
    assert carrier.accepted(ANN) == {}


def test_the_standing_questionnaire_is_sound(bare: Command, root: Any) -> None:
    for name in ("standing", "sample"):
        ran = bare("consultation", "lint", root / f"services/consultation/data/{name}.yaml", "--json")
        assert ran.code == 0
        assert all(one["encoding"] == "GSM-7" and one["segments"] <= 2 for one in ran.json["texts"])


def test_the_offices_files_from_import_to_erasure(heed: Command, carrier: Sandbox) -> None:
    invitation = {
        "invitation": "Herts PCC: what do you think of the plan? Text us. STOP to end, HELP for help."
    }
    content = CONTENT | {"texts": CONTENT["texts"] | invitation}
    assert clear_line(heed("consultation", "import", heed.file("x.csv", "")), "no consultation was launched")
    heed("consultation", "launch", heed.file("q.yaml", yaml.safe_dump(content)))
    # A vertical tab, as word processors copy it into a name: Word's own format cannot hold one.
    rows = (
        "reference,channel,received,text,place,type,organisation\n"
        "1,web,2026-09-13,More police,Ware,organisation,Ware\x0bTown Council\n2,fax,2026-09-13,x,,,\n"
    )
    file = heed.file("web.csv", rows)
    for code, new in ((1, 1), (1, 0)):
        ran = heed("consultation", "import", file, "--json")
        assert (ran.code, ran.json["status"], ran.json["counts"]["responses"]) == (
            code,
            "partly_applied",
            new,
        )
    assert "line 3" in heed("consultation", "import", file).out
    bad = heed.file("bad.csv", "reference,channel,recieved\n")
    assert clear_line(heed("consultation", "import", bad), "'recieved'")
    nothing = heed("consultation", "import", heed.file("none.json", [{"reference": "9"}]), "--json")
    assert (nothing.code, nothing.json["status"]) == (2, "rejected")
    letter = [
        "consultation",
        "letter",
        "plan-2026",
        "--reference",
        "L1",
        "--received",
        "2026-09-12",
        "--text",
    ]
    words, scan = (
        heed.file("letter.txt", "Dear Commissioner, more police"),
        heed.file("scan.pdf", b"%PDF-1.7"),
    )
    assert heed(*letter, words, "--scan", scan, "--json").json["scan"] == "application/pdf"
    assert clear_line(heed(*letter, words, "--scan", words), "no PDF, PNG, JPEG or TIFF")
    assert (
        heed("consultation", "publicity", "plan-2026", "households", "18199", "--json").json["publicity"][0][
            "reached"
        ]
        == 18199
    )
    assert clear_line(heed("consultation", "publicity", "plan-2026", "households"), "whole number")
    ring, number = "ring 07700 900123", "telephone number"
    assert clear_line(heed("consultation", "publicity", "plan-2026", ring, "5"), number)
    assert clear_line(heed("stop", "--service", "consultation", "--reason", ring), number)
    assert clear_line(heed("stop", "--service", "consultation", "--by", "person:07700900123"), number)
    key = ("keys", "add", "--service", "consultation", "--scope", "all")
    assert clear_line(heed(*key, "--label", ring), number)
    contacts = heed.file(
        "owl.csv",
        "reference,mobile,consent,consented_by,consented_on\n1,07700 900101,form,herself,2026-08-01\n",
    )
    dry = heed("consultation", "invite", "plan-2026", contacts, "--dry-run", "--json")
    assert (dry.json["invited"], dry.json["segments"], dry.json["dry_run"]) == (1, 1, True)
    assert "a dry run" in heed("consultation", "invite", "plan-2026", contacts, "--dry-run").out
    assert heed("consultation", "invite", "plan-2026", contacts, "--json").json["counts"] == {
        "invited": 1,
        "skipped": 0,
        "rejected": 0,
    }
    assert heed("consultation", "duplicates", "find", "plan-2026", "--json").json == {
        "campaigns": 0,
        "copies": 0,
        "suggested": 0,
    }
    assert heed("consultation", "duplicates", "list", "plan-2026", "--json").json == {"suggestions": []}
    for act in ("accept", "reject", "undo"):
        assert clear_line(heed("consultation", "duplicates", act, "7"), "there is no")
    out = heed.folder / "report"
    report = heed("consultation", "report", "plan-2026", "--out", out)
    assert report.out == f"the report is in {out}\n"
    assert {one.name for one in out.iterdir()} >= {"report.html", "report.docx", "report.json", "themes.csv"}
    assert heed("consultation", "export", "plan-2026", "--out", out / "words.csv").code == 0
    assert (out / "words.csv").stat().st_mode & 0o777 == 0o600
    assert (
        heed("consultation", "subject", "07700 900101", "--json").json["invitations"][0]["consented_by"]
        == "herself"
    )
    assert heed("consultation", "hold", "07700 900101", "--reason", "request 7").out == "held\n"
    assert clear_line(heed("consultation", "erase", "07700 900101"), "a hold forbids it (request 7)")
    assert heed("consultation", "release", "07700 900101").out == "released\n"
    assert heed("consultation", "erase", "07700 900101", "--json").json["invitations"] == 1
    assert clear_line(heed("consultation", "subject", "nobody"), "give a number")
    assert heed("consultation", "verify-audit", "--json").json["whole"] is True
    assert carrier.accepted("+447700900101") == {}


def test_from_a_text_to_what_was_done(heed: Command, carrier: Sandbox) -> None:
    """Two people write and approve; the report, the texts, the receipt and the bundle, by command."""
    heed("consultation", "launch", heed.file("q.yaml", yaml.safe_dump(FULL)))
    rows = (
        "reference,channel,received,text,mobile,answer:outcome\n"
        "1,web,2026-09-13,Speeding,07700 900101,yes\n2,web,2026-09-13,Potholes,,\n"
    )
    assert heed("consultation", "import", heed.file("web.csv", rows)).code == 0
    with opened("consultation") as (service,), service.database.begin() as session:
        for submission, theme in zip(
            session.scalars(select(Submission.id)).all(), ("road-safety", "highways"), strict=True
        ):
            session.add(
                Coding(
                    submission_id=submission,
                    themes={theme: "support"},
                    version=1,
                    by="person:anna",
                    at=clock.now(session),
                )
            )
        receipt = session.scalars(select(Respondent.reference).order_by(Respondent.id)).first()
    about = ("consultation", "feedback")
    answer = {
        "theme": "road-safety",
        "outcome": "done",
        "considered": "All.",
        "done": "Cameras.",
        "brief": "Cameras are up.",
    }
    for content, said in (
        ("[", "it is not YAML"),
        ("x: 1", "no list 'answers'"),
        ({"answers": [answer | {"outcome": "soon"}]}, "answer 1: outcome"),
    ):
        assert clear_line(heed(*about, "write", "plan-2026", heed.file("bad.yaml", content)), said)
    file = heed.file("done.yaml", {"answers": [answer]})
    made = heed(*about, "write", "plan-2026", file, "--by", "person:anna", "--json").json["feedback"][0]
    assert clear_line(heed(*about, "send", "plan-2026"), "no answer is approved yet")
    approve = (*about, "approve", "plan-2026", made["id"])
    assert clear_line(heed(*approve, "--by", "person:anna"), "ask another person")
    assert heed(*approve, "--by", "person:ben").out == f"answer {made['id']} to road-safety stands\n"
    assert "person:ben   yes" in heed(*about, "list", "plan-2026").out
    assert "Cameras are up." in heed(*about, "send", "plan-2026", "--dry-run").out
    sent = [heed(*about, "send", "plan-2026", "--json").json["people"] for _ in range(2)]
    assert sent == [1, 0]
    heed("tick", "--now", "2026-09-15T12:00")
    assert list(carrier.accepted("+447700900101").values()) == [1]
    chain = heed("consultation", "lookup", "plan-2026", receipt)
    assert "done: Cameras." in chain.out and "Speeding" not in chain.out
    assert clear_line(heed("consultation", "lookup", "plan-2026", "ZZZZZZZ"), "nobody has this reference")
    out = heed.folder / "bundle"
    bundle = heed("consultation", "bundle", "plan-2026", "highways", "--out", out, "--json").json
    assert (bundle["responses"], bundle["withheld"]) == (1, 1) and (out / "letter.docx").exists()
    assert clear_line(
        heed("consultation", "bundle", "plan-2026", "highways", "--out", out), "was not sent before"
    )
    assert (
        "bodies: Hertfordshire County Council, Highways" in heed("consultation", "bundles", "plan-2026").out
    )
    whole = heed(
        "consultation", "report", "plan-2026", "--full", "--out", heed.folder / "whole", "--json"
    ).json
    shown = heed("consultation", "report", "plan-2026", "--json").json
    assert [one["respondents"]["resident"] for one in (whole, shown)] == [2, None]
    assert list(
        (heed.folder / "whole").glob("themefinder/plan-2026/outputs/mapping/*/question_part_1/mapping.jsonl")
    )
    head = shown["audit_head"]
    assert heed("consultation", "verify-audit", "--head", head, "--json").json["whole"] is True
    with opened("consultation") as (service,), service.database.begin() as session:
        session.execute(text("ALTER TABLE audit DISABLE TRIGGER audit_append_only"))
        session.execute(text("UPDATE audit SET actor = 'person:eve' WHERE act = 'feedback-approved'"))
    tampered = heed("consultation", "verify-audit", "--head", head)
    assert (
        tampered.code == 1
        and "(feedback-approved, 2026-09-14) was changed after it was written" in tampered.out
    )
