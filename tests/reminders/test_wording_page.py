"""`heed reminders lint` and `wording`, and the page for the public: every text that may be sent stands there word for word."""

import html
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.reminders import county
from services.reminders.county import Step
from services.reminders.wording import render
from services.reminders.wording_page import EXAMPLE_NAME, EXAMPLE_TIME, page
from tests.support.command import Command

SOURCE = county.source(None)
COUNTY = county.parse(SOURCE)


@pytest.fixture
def here(bare: Command, tmp_path: Path) -> Command:
    """The `heed` command with a data folder and no stores."""
    bare.patch.setenv("HEED_DATA_DIR", str(tmp_path / "heed"))
    return bare


def changed(**texts: str) -> str:
    """Hertfordshire's file with other English texts."""
    content = yaml.safe_load(SOURCE)
    content["wording"]["languages"]["en"]["templates"] |= texts
    return json.dumps(content)


def test_lint_says_what_is_wrong_and_what_is_open(bare: Command, here: Command) -> None:
    ran = here("reminders", "lint")
    assert (ran.code, ran.err) == (0, "")
    assert "20 texts in 4 languages: nothing is wrong" in ran.out
    assert "wording.languages.pl: it is a draft" in ran.out and "courts.B41ME.time_means" in ran.out
    # A file that is named needs no installation.
    bare.patch.setenv("HEED_DATA_DIR", "/nowhere/at/all")
    file = bare.file("county.yaml", changed(moved="Tomorrow!"))
    ran = bare("reminders", "lint", file)
    assert ran.code == 1
    assert "en moved: has 'tomorrow': carriers may deliver days later" in ran.out
    assert "things wrong" in ran.out
    found = bare("reminders", "lint", file, "--json")
    assert found.code == 1
    assert set(found.json) == {"findings", "before_live"}
    assert {tuple(sorted(one)) for one in found.json["findings"]} == {
        ("language", "problem", "remedy", "template")
    }
    assert {(one["language"], one["template"]) for one in found.json["findings"]} == {("en", "moved")}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, ["cannot read", "county.yaml"]),
        (b"\xff\xfe", ["cannot read", "not UTF-8"]),
        ("a: [1", ["not YAML"]),
        ("county: x", ["speaker", "Missing"]),
    ],
)
def test_lint_refuses_what_is_no_countys_file(bare: Command, content: Any, words: list[str]) -> None:
    file = bare.folder / "county.yaml" if content is None else bare.file("county.yaml", content)
    ran = bare("reminders", "lint", file)
    assert (ran.code, ran.out, len(ran.err.strip().splitlines())) == (2, "", 1)
    assert [word for word in words if word not in ran.err] == []


def test_wording_prints_every_text_at_its_longest(here: Command) -> None:
    ran = here("reminders", "wording")
    assert ran.code == 0
    assert "en bail  160 characters, GSM-7, 1 segment of 1; 3 of 3 with a name outside" in ran.out
    texts = here("reminders", "wording", "--json").json["texts"]
    assert len(texts) == 20
    assert {"language", "template", "status", "text", "characters", "encoding", "units", "segments"} <= set(
        texts[0]
    )
    assert all(one["segments"] <= one["budget"] for one in texts)
    # What would not load is not printed either.
    here.patch.setenv("HEED_COUNTY", str(here.file("county.yaml", changed(moved="{n}"))))
    ran = here("reminders", "wording")
    assert (ran.code, ran.out) == (2, "")
    assert "en moved: lacks" in ran.err


def test_the_page_is_written_and_holds_every_text(here: Command) -> None:
    file = here.folder / "texts.html"
    ran = here("reminders", "wording", "--page", file)
    assert (ran.code, ran.out) == (0, f"{file}: 20 texts\n")
    written = html.unescape(file.read_text(encoding="utf-8"))
    assert "07700 900001" in written  # who sends, as people write a number
    for code, words in COUNTY.wording.languages.items():
        for template in words.templates:
            text = render(
                COUNTY, template, given=EXAMPLE_NAME, court="B41ME", starts_at=EXAMPLE_TIME, language=code
            )
            assert f">{text}<" in written
    said = written.replace("\n", " ")
    for needed in ("STOP", "START", "WRONG", "HELP", "a link", "These are examples", "Draft", "01632 960004"):
        assert needed in said
    ran = here("reminders", "wording", "--page", here.folder / "no" / "folder.html")
    assert (ran.code, ran.out) == (2, "")
    assert "cannot write" in ran.err


class Outline(HTMLParser):
    """What a screen reader goes by."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_the_page_needs_nothing_from_elsewhere_and_can_be_read_aloud() -> None:
    text = page(COUNTY, "HertsPolice")
    assert "HertsPolice" in text
    assert not re.search(r"https?:|src=|@import|url\(|<script", text)
    tags = Outline(text).tags
    named = [tag for tag, _ in tags]
    assert (named.count("h1"), named.count("main"), named.count("title")) == (1, 1, 1)
    levels = [int(tag[1]) for tag in named if re.fullmatch("h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = [attrs["id"] for _, attrs in tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {attrs["aria-labelledby"] for _, attrs in tags if "aria-labelledby" in attrs} <= set(ids)
    assert all("scope" in attrs for tag, attrs in tags if tag == "th")
    assert named.count("caption") == named.count("table")
    spoken = {attrs.get("lang") for tag, attrs in tags if tag == "blockquote"} - {None}
    assert spoken == set(COUNTY.wording.languages)
    assert next(attrs["lang"] for tag, attrs in tags if tag == "html") == "en-GB"


def test_the_page_of_an_agreed_wording_is_no_draft_and_a_steps_own_words_stand_there_too() -> None:
    english = replace(COUNTY.wording.languages["en"], status="agreed")
    last = replace(
        english, templates=english.templates | {"bail-last": english.templates["bail"], "summons-last": "x"}
    )
    agreed = replace(COUNTY, wording=replace(COUNTY.wording, languages={"en": last}), speaker="<Herts> & Co")
    steps = (*COUNTY.plan.steps, Step("day", 0, COUNTY.plan.steps[0].at, template="last"))
    text = page(replace(agreed, plan=replace(COUNTY.plan, steps=steps)), "+447911123456")
    assert "Draft" not in text
    assert "To people on bail, at another time:" in text
    assert "They come 3 days before, the day before, on the day itself, and when" in text
    assert "07911 123456" in text
    assert "<Herts>" not in text and "&lt;Herts&gt; &amp; Co" in text
