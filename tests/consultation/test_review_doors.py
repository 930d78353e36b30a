"""The review through its two doors, commands and HTTP: the shapes that programs read, and refusals that say what to do."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask.testing import FlaskClient

from services.common.roles import scopes_of
from services.consultation import words as kept
from tests.consultation.coders import written
from tests.consultation.post import CONTENT, Post
from tests.support.command import Command, Ran
from tests.support.sites import Site

PLAN = "/v1/consultations/plan-2026/themes"
DRONES = {
    "id": "drones",
    "title": "Drones",
    "group": "new-idea",
    "means": "drones over people",
    "lexicon": ["drone*"],
}
HALVES = [DRONES | {"id": "gps", "title": "Doctors"}, DRONES | {"id": "hospitals", "title": "Hospitals"}]
WHY = ("--reason", "the texts say so")


def clear_line(ran: Ran, *words: str) -> bool:
    lines = ran.err.strip().splitlines()
    return ran.code == 2 and len(lines) == 1 and all(word in lines[0] for word in words)


def test_by_command(heed: Command) -> None:
    """From the first text to one that may be published, in JSON for programs and in lines for people."""
    heed("consultation", "launch", heed.file("q.yaml", yaml.safe_dump(CONTENT)))
    lines = [
        f"{at},web,2026-09-13,Horses on the common at {place} frightened by drones,Ware,yes"
        for at, place in enumerate(
            ("Ware", "Tring", "Bushey", "Barley", "Royston", "Baldock", "Ayot", "Hexton", "Aston", "Widford")
        )
    ]
    rows = "\n".join(["reference,channel,received,text,place,publish", *lines])
    assert heed("consultation", "import", heed.file("web.csv", rows)).code == 0
    assert "nothing was suggested yet" in heed("review", "status").out
    run = heed("review", "suggest", "--json").json
    assert set(run) == {
        "id",
        "version",
        "digest",
        "learnt_from",
        "embeddings",
        "line",
        "f1",
        "recall",
        "suggested",
        "reason",
        "at",
    }
    assert "suggested for 10" in heed("review", "suggest").out
    turn = heed("review", "next", "--by", "ann", "--json").json
    assert set(turn) == {"response", "words", "blind", "version", "after", "stands", "suggestions"}
    assert "heed review code" in heed("review", "next", "--by", "ann").out
    number = str(turn["response"])
    assert heed("review", "code", number, "nhs:oppose", "victims-first", "--by", "ann", "--json").json == {
        "id": 1
    }
    for given, words in [
        ((number, "weather"), "there is no theme 'weather'"),
        ((number, "nhs:perhaps"), "support, oppose, unclear"),
        ((number, "nhs", "nhs:support"), "named twice"),
        ((number, "nhs", "--by", "ann"), "after 1"),
        (("999", "nhs"), "no response with this number"),
        (("0", "nhs"), "0 is not in the range"),
    ]:
        assert clear_line(heed("review", "code", *given), words), given
    assert heed("review", "code", number, "nhs:support", "--after", "1", "--by", "ann", "--json").json == {
        "id": 2
    }
    assert clear_line(heed("review", "read", "999"), "no response with this number")
    shown = heed("review", "read", number, "--by", "ann", "--json").json
    assert (shown["after"], shown["stands"]["themes"]) == (2, {"nhs": "support"})
    assert (
        f"heed review code {number} THEME:STANCE … --after 2"
        in heed("review", "read", number, "--by", "ann").out
    )
    history = heed("review", "history", number, "--by", "ann", "--json").json["codes"]
    assert [(one["id"], one["themes"], one["stands"]) for one in history] == [
        (1, {"nhs": "oppose", "victims-first": "unclear"}, False),
        (2, {"nhs": "support"}, True),
    ]
    assert "nhs (support)" in heed("review", "history", number, "--by", "ann").out
    assert {one["theme"] for one in heed("review", "agreement", "--json").json["agreement"]} >= {"nhs"}
    assert "none" in heed("review", "agreement").out
    _frames_and_groups(heed)
    assert heed("review", "quotable", "--json").json["responses"][0] == int(number)
    assert heed("review", "quotable").out.startswith(f"10 responses: {number}, ")
    made = heed("review", "redact", number, "--hide", "Horses", "an animal", "--by", "ann", "--json").json
    assert made["words"].startswith("[hidden] on the common")
    assert int(number) not in heed("review", "quotable", "--json").json["responses"]
    (waits,) = heed("review", "redactions", "--json").json["redactions"]
    assert (waits["id"], waits["reasons"], waits["consent"]) == (made["id"], ["an animal"], True)
    assert "[hidden] on the common" in heed("review", "redactions").out
    assert clear_line(heed("review", "approve", str(made["id"]), "--by", "ann"), "another person")
    assert heed("review", "approve", str(made["id"]), "--by", "ben", "--json").json == {
        "approved": made["id"]
    }
    assert heed("review", "redactions", "--json").json == {"redactions": []}
    status = heed("review", "status", "--json").json
    assert (status["responses_reviewed"], status["responses"], status["to_look_at_again"]) == (1, 10, 1)
    assert heed("consultation", "verify-audit", "--json").json["whole"] is True


def _frames_and_groups(heed: Command) -> None:
    """A group is named; the codeframe is fetched, changed, merged and split."""
    (group,) = heed("review", "emerging", "list", "--json").json["candidates"]
    assert group["texts"] == 10 and "drones" in heed("review", "emerging", "list").out
    at = str(group["id"])
    assert clear_line(
        heed("review", "emerging", "name", at, heed.file("t.yaml", "- a"), *WHY), "mapping of id"
    )
    file = heed.file("drones.yaml", yaml.safe_dump(DRONES))
    assert heed("review", "emerging", "name", at, file, *WHY, "--json").json == {"version": 2}
    assert clear_line(heed("review", "emerging", "dismiss", at, *WHY), "was named by")
    frame: Path = heed.file("frame.yaml", heed("review", "codeframe", "show", "--yaml").out)
    assert clear_line(heed("review", "codeframe", "change", frame, *WHY), "nothing changes")
    changed = frame.read_text().replace("title: Drones", "title: Drones over people")
    assert "version 3" in heed("review", "codeframe", "change", heed.file("new.yaml", changed), *WHY).out
    assert clear_line(heed("review", "codeframe", "change", heed.file("new.yaml", changed), *WHY), "fetch it")
    assert clear_line(heed("review", "codeframe", "change", heed.file("bad.yaml", "a: ["), *WHY), "not YAML")
    assert clear_line(heed("review", "codeframe", "merge", "highways", *WHY), "--into")
    merged = heed(
        "review", "codeframe", "merge", "highways", "road-safety", "--into", "road-safety", *WHY, "--json"
    )
    assert merged.json == {"version": 4}
    halves = heed.file("halves.yaml", yaml.safe_dump(HALVES))
    assert heed("review", "codeframe", "split", "nhs", halves, *WHY, "--json").json == {"version": 5}
    shown = heed("review", "codeframe", "show", "--json").json
    assert [one["version"] for one in shown["versions"]] == [5, 4, 3, 2, 1]
    assert "Drones over people" in heed("review", "codeframe", "show").out


@pytest.fixture
def client(post: Post, sites: dict[Any, Site]) -> FlaskClient:
    return sites["consultation"].client()


def test_over_http_by_what_roles_may_do(
    post: Post, client: FlaskClient, key: Callable[..., dict[str, str]], said: list[dict[str, Any]]
) -> None:
    written(post)
    ann, ben = (key(post.heed, *scopes_of("consultation", ["analyst"])) for _ in range(2))
    editor = key(post.heed, *scopes_of("consultation", ["publisher"]))
    turn = client.post(f"{PLAN}/review", headers=ann).json
    assert client.post(f"{PLAN}/review", headers=editor).status_code == 403
    number = turn["response"]
    body = {"response": number, "themes": {"nhs": "support"}, "after": turn["after"]}
    made = client.post(f"{PLAN}/codes", json=body, headers=ann)
    assert (made.status_code, set(made.json)) == (201, {"id"})
    for change, status, error in [
        ({}, 409, "coded-meanwhile"),
        ({"themes": {"weather": "support"}}, 422, "bad-code"),
        ({"themes": {"nhs": "perhaps"}}, 422, "bad-code"),
        ({"themes": ["nhs"]}, 422, "invalid"),
        ({"response": 10**6}, 404, "not-found"),
        ({"response": 2**63}, 422, "invalid"),
    ]:
        answer = client.post(f"{PLAN}/codes", json=body | change, headers=ann)
        assert (answer.status_code, answer.json["error"]) == (status, error), change
    # The first turn is one of the tenth: Ben is not shown what Ann said before he has said it himself.
    assert turn["blind"] is True
    assert client.get(f"{PLAN}/codes/{number}", headers=ben).json["error"] == "blind"
    assert client.post(f"{PLAN}/review", headers=ben).json["response"] == number
    read = client.get(f"{PLAN}/texts/{number}", headers=ben).json
    assert (read["words"], read["stands"], read["suggestions"]) == (turn["words"], None, [])
    assert client.post(f"{PLAN}/codes", json=body, headers=ben).status_code == 201
    (one, other) = client.get(f"{PLAN}/codes/{number}", headers=ben).json
    assert (one["stands"], other["stands"], one["blind"], other["blind"]) == (True, False, True, True)
    nhs = next(
        each for each in client.get(f"{PLAN}/agreement", headers=editor).json if each["theme"] == "nhs"
    )
    assert (nhs["texts"], nhs["both"], nhs["kappa"]) == (1, 1, None)
    state = client.get(f"{PLAN}/review", headers=editor).json
    assert (state["responses_reviewed"], state["coded_twice"], state["run"]) == (1, 1, None)
    split = {"of": "nhs", "into": HALVES, "reason": "two things"}
    assert client.post(f"{PLAN}/split", json=split, headers=ann).json == {"version": 2}
    answer = client.post(f"{PLAN}/merge", json={"of": ["nhs"], "into": DRONES, "reason": "x"}, headers=ann)
    assert (answer.status_code, answer.json["error"]) == (422, "bad-codeframe")
    held = client.get(PLAN, headers=editor).json
    assert [one["version"] for one in held["versions"]] == [2, 1] and held["codeframe"]["version"] == 2
    assert (
        client.post(PLAN, json={"codeframe": held["codeframe"], "reason": "x"}, headers=editor).status_code
        == 403
    )
    # Ann proposes, Ann cannot approve: her role has no such scope; an editor has, and does.
    text = next(one.words for one in _words(post) if one.id == number)
    assert number in client.get(f"{PLAN}/redactions/wanted", headers=editor).json["responses"]
    hide = {"response": number, "hide": [{"words": text.split()[0], "reason": "a word"}]}
    proposed = client.post(f"{PLAN}/redactions", json=hide, headers=ann).json
    assert proposed["words"].startswith("[hidden]")
    assert client.post(f"{PLAN}/redactions/{proposed['id']}/approve", headers=ann).status_code == 403
    assert [one["id"] for one in client.get(f"{PLAN}/redactions", headers=editor).json] == [proposed["id"]]
    assert client.post(f"{PLAN}/redactions/{proposed['id']}/approve", headers=editor).status_code == 204
    # Nothing of the words is in the logs.
    assert text not in str(said)


def _words(post: Post) -> Any:
    with post.heed.database.begin() as session:
        return list(kept.said(post.heed, session, "plan-2026"))
