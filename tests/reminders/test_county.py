"""The county's file: what is wrong in it is named with its place; live mode refuses what is only a draft."""

import dataclasses
from datetime import date, time
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.common.settings import Settings
from services.reminders import county
from services.reminders.county import CountyError

WRITTEN = files("services.reminders").joinpath("data/hertfordshire.yaml").read_text()


def changed(*path: str | int, to: Any) -> str:
    """The county's file with one value changed, or removed where `to` is None."""
    content = yaml.safe_load(WRITTEN)
    place = content
    for step in path[:-1]:
        place = place[step]
    if to is None:
        place.pop(path[-1])
    else:
        place[path[-1]] = to
    return yaml.safe_dump(content)


def test_hertfordshires_own_file() -> None:
    read = county.parse(WRITTEN)
    assert set(read.courts) == {"B41ME", "B41MJ", "B41US", "C41ST"}
    assert (read.plan.opens, read.plan.closes) == (time(9), time(20))
    assert [(step.days_before, step.at) for step in read.plan.steps] == [(3, time(10)), (1, time(10))]
    assert read.plan.late.hours_before == 3
    assert read.wording.status == "draft"
    assert (read.paused, read.sensitive_offences, read.sensitive_markers) == ((), (), ())


def test_steps_come_in_the_order_of_time_however_they_are_written() -> None:
    steps = [
        {"name": "c", "days_before": 1, "at": "18:00"},
        {"name": "a", "days_before": 7, "at": "10:00"},
        {"name": "b", "days_before": 1, "at": "09:30"},
    ]
    assert [step.name for step in county.parse(changed("plan", "steps", to=steps)).plan.steps] == [
        "a",
        "b",
        "c",
    ]


def test_a_pause_of_one_court_and_one_of_all() -> None:
    pauses = [
        {"since": "2026-12-24", "until": "2026-12-27", "reason": "Christmas"},
        {"since": "2026-10-01", "until": "2026-10-01", "reason": "a flood", "court": "B41MJ"},
    ]
    christmas, flood = county.parse(changed("paused", to=pauses)).paused
    assert (christmas.since, christmas.until, christmas.court) == (
        date(2026, 12, 24),
        date(2026, 12, 27),
        None,
    )
    assert flood.court == "B41MJ"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["county", "courts"]),
        ("- a list", ["county's file"]),
        ("just a word", ["county's file"]),
        ("a: [1", ["not YAML"]),
        (changed("speaker", to=None), ["speaker"]),
        (changed("mood", to="fine"), ["mood"]),
        (changed("courts", "B41ME", "short", to=None), ["courts", "B41ME", "short"]),
        (changed("courts", "B41ME", "short", to="St Albans Magistrates' Court"), ["B41ME", "short", "27"]),
        (
            changed("courts", "b41me", to={"name": "x", "short": "xxx", "enquiry_phone": "1"}),
            ["courts", "b41me"],
        ),
        (changed("courts", "B41ME00", to={"name": "x", "short": "xxx", "enquiry_phone": "1"}), ["B41ME00"]),
        (changed("plan", "window", to=["20:00", "09:00"]), ["plan", "window", "open before it closes"]),
        (changed("plan", "window", to=["09:00", "09:00"]), ["plan", "window"]),
        (changed("plan", "window", to=["09:00"]), ["plan", "window"]),
        (changed("plan", "window", to=["nine", "20:00"]), ["plan", "window", "HH:MM"]),
        (changed("plan", "steps", to=[]), ["plan", "steps"]),
        (changed("plan", "steps", 0, "at", to="25:00"), ["plan", "steps", "0", "at", "HH:MM"]),
        (changed("plan", "steps", 1, "days_before", to=61), ["plan", "steps", "1", "days_before"]),
        (changed("plan", "steps", 1, "days_before", to=-1), ["plan", "steps", "1", "days_before"]),
        (changed("plan", "steps", 1, "name", to="One Day"), ["plan", "steps", "1", "name"]),
        (changed("plan", "late", "hours_before", to=-1), ["plan", "late", "hours_before"]),
        (changed("plan", "late", to=None), ["plan", "late"]),
        (changed("paused", to=[{"since": "2026-12-24", "reason": "x"}]), ["paused", "0", "until"]),
        (
            changed("paused", to=[{"since": "24/12/2026", "until": "2026-12-27", "reason": "x"}]),
            ["paused", "since"],
        ),
        (changed("wording", "status", to="nearly"), ["wording", "status"]),
        (changed("wording", "templates", to=None), ["wording", "templates"]),
        (changed("wording", "fold_letters", to="perhaps"), ["wording", "fold_letters"]),
        # A text that lacks a fact, or asks for one that nothing fills, would fail on the day it is sent.
        (changed("wording", "templates", "moved", to=None), ["wording", "templates", "moved", "missing"]),
        (changed("wording", "replies", "stranger", to=None), ["wording", "replies", "stranger", "missing"]),
        (changed("wording", "templates", "bail", to="{n} at {c} on {d}"), ["templates", "bail", "lacks {t}"]),
        (changed("wording", "templates", "no-longer", to="{n}"), ["templates", "no-longer", "lacks {d}"]),
        (changed("wording", "templates", "bail", to="{n} {c} {d} {t} {fee}"), ["bail", "{fee}"]),
        (changed("wording", "templates", "extra", to="{n} {0}"), ["extra", "{0}"]),
        (changed("wording", "templates", "bail", to="{n} {c} {d} {t"), ["templates", "bail"]),
        (changed("wording", "replies", "help", to="Call {number}"), ["replies", "help"]),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text: str, names: list[str]) -> None:
    with pytest.raises(CountyError) as error:
        county.parse(text)
    assert [name for name in names if name not in str(error.value)] == []


def test_a_file_that_is_not_there_names_the_setting(usual_settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(CountyError, match=r"HEED_COUNTY: cannot read .*nowhere\.yaml"):
        county.load(dataclasses.replace(usual_settings, county=tmp_path / "nowhere.yaml"))


def test_another_countys_file_is_read(usual_settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "county.yaml"
    file.write_text(changed("speaker", to="Beds Police"))
    assert county.load(dataclasses.replace(usual_settings, county=file)).speaker == "Beds Police"


def test_live_mode_refuses_a_draft_and_drama_numbers(usual_settings: Settings, tmp_path: Path) -> None:
    def load(text: str) -> county.County:
        file = tmp_path / "county.yaml"
        file.write_text(text)
        return county.load(dataclasses.replace(usual_settings, mode="live", county=file))

    content = yaml.safe_load(WRITTEN)
    with pytest.raises(CountyError, match="draft"):
        load(yaml.safe_dump(content))
    content["wording"]["status"] = "agreed"
    for number, court in enumerate(content["courts"].values()):
        court["enquiry_phone"] = f"01727 81654{number}"
    content["courts"]["B41MJ"]["enquiry_phone"] = "01632 960002"
    with pytest.raises(CountyError, match=r"B41MJ.*enquiry_phone"):
        load(yaml.safe_dump(content))
    content["courts"]["B41MJ"]["enquiry_phone"] = "01438 730431"
    assert load(yaml.safe_dump(content)).wording.status == "agreed"
