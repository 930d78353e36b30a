"""Codeframes: what a file may say, what each mistake is called, and themes merged and split without losing a code."""

import copy
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.consultation.themes import lexicon
from services.consultation.themes.changes import called, merge, split, today
from services.consultation.themes.codeframe import (
    Codeframe,
    CodeframeError,
    Group,
    Stance,
    Theme,
    content,
    digest,
    parse,
    read,
)
from services.consultation.themes.codes import Code, blind_pairs, standing

SEEDED = Path(__file__).parents[3] / "services/consultation/data/codeframe.yaml"
DAY, NOON = date(2026, 10, 1), datetime(2026, 10, 1, 12, tzinfo=UTC)
WHO = {"by": "a.lee", "on": DAY, "reason": "coders could not tell them apart"}


@pytest.fixture(scope="module")
def frame() -> Codeframe:
    return read(SEEDED.read_text(encoding="utf-8"))


def theme(name: str) -> Theme:
    return Theme(name, name.title(), Group.HEADING, "it fits", (), None)


def test_the_seeded_frame_has_the_headings_of_2019(frame: Codeframe) -> None:
    titles = {group: [one.title for one in frame.themes if one.group is group] for group in Group}
    assert titles[Group.HEADING] == [
        "Local Policing",
        "Managing Performance",
        "Public Contact",
        "Road Safety",
        "Fly Tipping",
    ]
    assert titles[Group.IN_FAVOUR][:4] == [
        "Protecting local policing",
        "Victims first",
        "Cybercrime",
        "Growing OWL",
    ]
    assert len(titles[Group.IN_FAVOUR]) == 5
    assert titles[Group.NONE] == ["None of these", "No reason given"]
    assert {one.id for one in frame.themes if one.body} == {"highways", "district-council", "nhs"}


WRONG: list[tuple[list[Any], Any, str]] = [
    (["themes", 0, "id"], "Local Policing", "small letters, digits and hyphens"),
    (["themes", 1, "id"], "local-policing", "another theme has this id"),
    (["themes", 0, "group"], "party", "Must be one of"),
    (["themes", 0, "body"], "NHS", "names its body"),
    (["themes", 11, "body"], None, "names its body"),
    (["themes", 0, "lexicon"], ["*tipping"], "is no term"),
    (["themes", 0, "lexicon"], ["Tipping"], "is no term"),
    (["themes", 0, "title"], "Ring 07700 900123", "without a telephone number"),
    (["themes", 11, "body"], "NHS, 01707 900123", "without a telephone number"),
    (["themes", 0, "colour"], "blue", "Unknown field"),
    (["version"], 2, "1 more than the changes"),
    (
        ["changes"],
        [{**WHO, "on": "2026-10-01", "kind": "merge", "of": ["x"], "into": ["nhs"]}],
        "there is no theme x",
    ),
    (["themes"], [], "Shorter than"),
]


@pytest.mark.parametrize(("place", "value", "says"), WRONG)
def test_a_mistake_is_named(place: list[Any], value: Any, says: str) -> None:
    changed = copy.deepcopy(yaml.safe_load(SEEDED.read_text(encoding="utf-8")))
    inner = changed
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    with pytest.raises(CodeframeError, match=says):
        parse(changed)


@pytest.mark.parametrize(
    ("text", "says"), [("a: [", "is not YAML"), ("a: 2026-11-31", "is not YAML"), ("- a", "a YAML mapping")]
)
def test_what_is_no_frame_at_all(text: str, says: str) -> None:
    with pytest.raises(CodeframeError, match=says):
        read(text)


FOUND: list[tuple[str, dict[str, tuple[str, ...]]]] = [
    ("Fly-tippers on the A414", {"fly-tipping": ("fly-tippers",)}),
    ("SPEEDING drivers", {"road-safety": ("speeding", "drivers")}),
    ("rang 101, no reply", {"public-contact": ("101",)}),
    ("number 1012 bus", {}),
    ("the bowling green", {}),  # holds "owl"
    ("Love OWL", {"growing-owl": ("owl",)}),
    ("potholes and pot holes", {"highways": ("potholes", "pot holes")}),
    ("cabin", {}),  # holds "bin"
]


@pytest.mark.parametrize(("text", "terms"), FOUND)
def test_the_lexicon_finds_whole_words(
    frame: Codeframe, text: str, terms: dict[str, tuple[str, ...]]
) -> None:
    assert lexicon.found(frame, text) == terms


def test_a_frame_survives_being_written_and_its_digest_tells_changes(frame: Codeframe) -> None:
    merged = merge(frame, ["road-safety", "in-favour-road-safety"], "road-safety", **WHO)
    assert parse(content(merged)) == merged
    assert digest(merged) != digest(frame) == digest(parse(content(frame)))


def test_merging_and_splitting_lose_no_history(frame: Codeframe) -> None:
    two = merge(frame, ["road-safety", "highways"], theme("roads"), **WHO)
    three = split(two, "local-policing", [theme("patrols"), theme("stations")], **WHO)
    four = merge(three, ["patrols", "public-contact"], "patrols", **WHO)
    assert [four.version, [change.kind for change in four.changes]] == [4, ["merge", "split", "merge"]]
    # The new stand where the first of the old stood, and nothing is forgotten.
    assert two.ids[3] == "roads"
    assert three.ids[:2] == ("patrols", "stations")
    assert {one.id for one in (*four.themes, *four.retired)} >= set(frame.ids)
    cases: dict[str, set[str]] = {
        "highways": {"roads"},
        "local-policing": {"patrols", "stations"},
        "public-contact": {"patrols"},
        "patrols": {"patrols"},
        "stations": {"stations"},
        "nhs": {"nhs"},
    }
    assert {one: set(today(four, one)) for one in cases} == cases
    # A theme that was split keeps the name that it had last, until what came of it is one again.
    five = split(four, "roads", [theme("speed"), theme("surface")], **WHO)
    six = merge(five, ["speed", "surface"], theme("streets"), **WHO)
    names = ("highways", "roads", "speed", "local-policing", "public-contact")
    assert [called(five, one) for one in names] == ["roads", "roads", "speed", "local-policing", "patrols"]
    assert [called(six, one) for one in names] == [
        "streets",
        "streets",
        "streets",
        "local-policing",
        "patrols",
    ]


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (lambda frame: merge(frame, ["nhs"], "nhs", **WHO), "two themes or more"),
        (lambda frame: merge(frame, ["nhs"], theme("health"), **WHO), "two themes or more"),
        (
            lambda frame: merge(frame, ["nhs", "weather"], theme("health"), **WHO),
            "there is no theme 'weather'",
        ),
        (lambda frame: merge(frame, ["nhs", "highways"], theme("cybercrime"), **WHO), "used before"),
        (lambda frame: split(frame, "nhs", [theme("gps")], **WHO), "two themes or more"),
        (lambda frame: split(frame, "nhs", [theme("gps"), theme("gps")], **WHO), "used before"),
        (lambda frame: today(frame, "weather"), "there is no theme 'weather'"),
    ],
)
def test_what_cannot_be_changed(frame: Codeframe, act: Any, says: str) -> None:
    with pytest.raises(CodeframeError, match=says):
        act(frame)


def test_a_retired_theme_is_not_used_again(frame: Codeframe) -> None:
    two = split(frame, "nhs", [theme("gps"), theme("hospitals")], **WHO)
    with pytest.raises(CodeframeError, match="no longer in use"):
        split(two, "nhs", [theme("a"), theme("b")], **WHO)


def test_what_stands_is_the_latest_persons_word_read_under_todays_frame(frame: Codeframe) -> None:
    two = merge(frame, ["road-safety", "highways"], theme("roads"), **WHO)
    three = split(two, "local-policing", [theme("patrols"), theme("stations")], **WHO)
    support, oppose, unclear = Stance.SUPPORT, Stance.OPPOSE, Stance.UNCLEAR
    later = NOON + timedelta(hours=1)
    codes = [
        Code(1, {"nhs": unclear}, 3, later, model="m"),
        Code(
            1, {"cybercrime": support}, 1, NOON, by="a"
        ),  # a person's stands, though the machine spoke later
        Code(
            2, {"road-safety": support, "highways": oppose}, 1, NOON, by="a"
        ),  # merged since: the stances differ
        Code(
            3, {"local-policing": support, "nhs": oppose}, 1, NOON, by="a"
        ),  # split since: to be looked at again
        Code(4, {"nhs": support}, 3, NOON, model="m"),
        Code(5, {"nhs": support}, 3, NOON, by="a"),
        Code(
            5, {"cybercrime": support}, 3, later, by="b", blind=True
        ),  # a blind second code measures, and decides nothing
        Code(6, {"nhs": support}, 3, NOON, by="a"),
        Code(6, {}, 3, later, by="a"),  # taken back
        Code(7, {"nhs": support}, 3, NOON, by="a", blind=True),
        Code(7, {"nhs": oppose}, 3, later, by="a", blind=True),  # the first coder's own second thought
        Code(7, {"cybercrime": support}, 3, later, by="b", blind=True),
    ]
    found = standing(three, codes)
    assert {text: (one.themes, one.reviewed, set(one.unclear)) for text, one in found.items()} == {
        1: ({"cybercrime": support}, True, set()),
        2: ({"roads": unclear}, True, set()),
        3: ({"nhs": oppose}, True, {"patrols", "stations"}),
        4: ({"nhs": support}, False, set()),
        5: ({"nhs": support}, True, set()),
        6: ({}, True, set()),
        7: ({"nhs": oppose}, True, set()),
    }
    pairs = {text: [code.themes for code in both] for text, both in blind_pairs(codes).items()}
    assert pairs == {7: [{"nhs": oppose}, {"cybercrime": support}]}


@pytest.mark.parametrize("who", [{}, {"by": "a", "model": "m"}])
def test_a_code_is_a_persons_or_a_models(who: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="a person's or a model's"):
        Code(1, {}, 1, NOON, **who)
