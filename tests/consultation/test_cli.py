"""The commands of Consultation: exit codes, one clear line on bad input, and the shapes that other programs read."""

from typing import Any

import pytest
import yaml

from services.consultation.states import Standing
from tests.consultation.post import ANN, CONTENT
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
    assert "welcome" in bare("consultation", "lint", bare.file("q.yaml", yaml.safe_dump(CONTENT))).out


def test_a_bad_questionnaire_is_one_clear_line(heed: Command) -> None:
    table: list[tuple[Any, str]] = [
        ("a: [", "not YAML"),
        ("", "mapping"),
        (yaml.safe_dump(CONTENT | {"closes": "2026-08-01"}), "closes before"),
        (yaml.safe_dump(CONTENT | {"keywords": ["STOP"]}), "'STOP'"),
        (b"\xff\xfe", "cannot read"),
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
    assert report.json == {
        "id": "plan-2026",
        "counts": dict.fromkeys(["received", *Standing, "respondents", "texts"], 0),
    }
    assert "received" in heed("consultation", "report", "plan-2026").out
    assert heed("consultation", "verify-audit", "--json").json["whole"] is True
    assert carrier.accepted(ANN) == {}


def test_the_standing_questionnaire_is_sound(bare: Command, root: Any) -> None:
    for name in ("standing", "sample"):
        ran = bare("consultation", "lint", root / f"services/consultation/data/{name}.yaml", "--json")
        assert ran.code == 0
        assert all(one["encoding"] == "GSM-7" and one["segments"] <= 2 for one in ran.json["texts"])
