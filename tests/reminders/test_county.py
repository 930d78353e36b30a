"""The county's file: what is wrong in it is named with its place; live mode refuses what is only a draft."""

import dataclasses
import json
from copy import deepcopy
from datetime import date, time
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.common.settings import Settings
from services.reminders import county
from services.reminders.bank_holidays import bank_holidays
from services.reminders.county import CountyError, Hours, Release
from services.reminders.county_schema import WEEKDAYS
from services.reminders.plan import standing

EN = ("wording", "languages", "en")
WRITTEN = files("services.reminders").joinpath("data/hertfordshire.yaml").read_text()
CONTENT = yaml.safe_load(WRITTEN)


def changed(*path: str | int, to: Any) -> str:
    """The county's file with one value changed, or removed where `to` is None."""
    content = deepcopy(CONTENT)
    place = content
    for step in path[:-1]:
        place = place[step]
    if to is None:
        place.pop(path[-1])
    else:
        place[path[-1]] = to
    return json.dumps(content)  # which is YAML too


def test_hertfordshires_own_file() -> None:
    read = county.parse(WRITTEN)
    assert set(read.courts) == {"B41ME", "B41MJ", "B41US", "C41ST"}
    assert read.plan.week == (Hours(time(9), time(20)),) * 7
    assert read.plan.closed == frozenset()
    assert [(step.days_before, step.at) for step in read.plan.steps] == [(3, time(10)), (1, time(10))]
    assert read.plan.late.hours_before == 3
    assert {code: one.status for code, one in read.wording.languages.items()} == dict.fromkeys(
        ("en", "cy", "pl", "ro"), "draft"
    )
    assert {court.time_means for court in read.courts.values()} == {None}
    assert read.release == Release(None, None)
    assert (read.sensitive_offences, read.sensitive_markers) == ((), ())


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


def test_weekdays_have_hours_of_their_own_and_days_are_closed() -> None:
    content = deepcopy(CONTENT)
    content["plan"] |= {
        "window_on": {"sat": ["10:00", "16:00"], "sun": "closed"},
        "bank_holidays": "skip",
        "closed_days": ["2026-12-24"],
    }
    plan = county.parse(json.dumps(content)).plan
    usual = Hours(time(9), time(20))
    assert plan.week == (usual,) * 5 + (Hours(time(10), time(16)), None)
    assert plan.closed == bank_holidays() | {date(2026, 12, 24)}


def test_the_bank_holidays_are_englands_and_hold_christmas_itself_at_a_weekend() -> None:
    known = bank_holidays()
    assert {date(2026, 4, 6), date(2026, 8, 31), date(2026, 12, 28), date(2022, 9, 19)} <= known
    # Saturday 25 December 2027 is Christmas, though the days off are Monday and Tuesday.
    assert {date(2027, 12, 25), date(2027, 12, 26), date(2027, 12, 27), date(2027, 12, 28)} <= known
    # Scotland's and Northern Ireland's own are working days here.
    assert not {date(2026, 1, 2), date(2026, 3, 17), date(2026, 8, 3), date(2026, 11, 30)} & known


def test_how_texts_are_let_go_at_the_start() -> None:
    wanted = {"dry_run_until": "2026-12-06", "by_hand_until": "2026-12-20"}
    read = county.parse(changed("release", to=wanted))
    days = {6: "dry-run", 7: "by-hand", 20: "by-hand", 21: "automatic"}
    assert {day: standing(read.release, date(2026, 12, day)) for day in days} == days
    by_hand = county.parse(changed("release", to={"by_hand_until": "2026-12-20"}))
    assert standing(by_hand.release, date(2026, 12, 1)) == "by-hand"
    assert standing(county.parse(changed("release", to=None)).release, date(2026, 12, 1)) == "automatic"


@pytest.mark.parametrize(
    ("price", "cost"),
    [
        ({"segment": "0.04", "currency": "GBP"}, [("0.04", "GBP"), ("0.12", "GBP")]),
        ({"segment": "0.0463", "currency": "USD"}, [("0.0463", "USD"), ("0.1389", "USD")]),
        ({"segment": "0.000001", "currency": "GBP"}, [("0.000001", "GBP"), ("0.000003", "GBP")]),
        ({"segment": "999", "currency": "HUF"}, [("999", "HUF"), ("2997", "HUF")]),
        (None, None),
    ],
)
def test_what_a_text_costs_is_reckoned_exactly(
    price: dict[str, str] | None, cost: list[tuple[str, str]] | None
) -> None:
    read = county.parse(changed("price", to=price)).price
    of = read and [(read.of(number)["amount"], read.of(number)["currency"]) for number in (1, 3)]
    assert of == cost


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["county", "courts"]),
        ("- a list", ["county's file"]),
        ("just a word", ["county's file"]),
        ("a: [1", ["not YAML"]),
        ("a: 2026-11-31", ["not YAML", "day is out of range"]),
        (changed("speaker", to=None), ["speaker"]),
        (changed("mood", to="fine"), ["mood"]),
        (changed("courts", "B41ME", "short", to=None), ["courts", "B41ME", "short"]),
        (changed("courts", "B41ME", "short", to="St Albans Magistrates' Court"), ["B41ME", "short", "27"]),
        (
            changed("courts", "b41me", to={"name": "x", "short": "xxx", "enquiry_phone": "1"}),
            ["courts", "b41me"],
        ),
        (changed("courts", to={}), ["courts"]),
        (changed("courts", "B41ME", "time_means", to="noon"), ["courts.B41ME.time_means", "start, arrive"]),
        (changed("courts", "B41ME00", to={"name": "x", "short": "xxx", "enquiry_phone": "1"}), ["B41ME00"]),
        (changed("plan", "window", to=["20:00", "09:00"]), ["plan", "window", "open before it closes"]),
        (changed("plan", "window", to=["09:00", "09:00"]), ["plan", "window"]),
        (changed("plan", "window", to=["09:00"]), ["plan", "window"]),
        (changed("plan", "window", to="closed"), ["plan.window", "window_on"]),
        (changed("plan", "window", to=[540, "20:00"]), ["plan.window", "HH:MM", "in quotes"]),
        (changed("plan", "window_on", to={"saturday": "closed"}), ["plan.window_on.saturday"]),
        (changed("plan", "window_on", to={"sat": "shut"}), ["plan.window_on.sat", "HH:MM"]),
        (changed("plan", "window_on", to=dict.fromkeys(WEEKDAYS, "closed")), ["plan.window_on", "open"]),
        (changed("plan", "bank_holidays", to="no"), ["plan.bank_holidays", "text, skip"]),
        (changed("plan", "closed_days", to=["Christmas"]), ["plan.closed_days.0"]),
        (changed("plan", "window", to=["nine", "20:00"]), ["plan", "window", "HH:MM"]),
        (changed("plan", "steps", to=[]), ["plan", "steps"]),
        (changed("plan", "steps", 0, "at", to="25:00"), ["plan", "steps", "0", "at", "HH:MM"]),
        (changed("plan", "steps", 1, "days_before", to=61), ["plan", "steps", "1", "days_before"]),
        (changed("plan", "steps", 1, "days_before", to=-1), ["plan", "steps", "1", "days_before"]),
        (changed("plan", "steps", 1, "name", to="One Day"), ["plan", "steps", "1", "name"]),
        (changed("plan", "steps", 1, "name", to="three-days"), ["plan.steps.0.name", "another step"]),
        (changed("plan", "steps", 1, "name", to="late"), ["plan.steps.1.name", "another step"]),
        (changed("plan", "steps", 1, "days_before", to=3), ["plan.steps.0.at", "another step"]),
        (changed("plan", "steps", 1, "at", to="08:59"), ["plan.steps.1.at", "inside the window"]),
        (changed("plan", "steps", 1, "at", to="20:00"), ["plan.steps.1.at", "inside the window"]),
        (changed("plan", "steps", 1, "at", to="10:00+01:00"), ["plan.steps.1.at", "HH:MM"]),
        # From ten the day before until the midnight after the hearing: 38 hours.
        (
            changed("plan", "steps", 1, "useful_until_hours_before", to=38),
            ["plan.steps.1.useful_until_hours_before", "over before"],
        ),
        (changed("plan", "steps", 1, "template", to="plan-making"), ["plan.steps.1.template"]),
        (
            changed("release", to={"dry_run_until": "2026-12-06", "by_hand_until": "2026-12-06"}),
            ["release.by_hand_until", "before the dry run"],
        ),
        (changed("release", "dry_run_until", to="soon"), ["release.dry_run_until"]),
        (changed("plan", "late", "hours_before", to=-1), ["plan", "late", "hours_before"]),
        (changed("plan", "late", to=None), ["plan", "late"]),
        *[
            (changed("price", "segment", to=amount), ["price.segment", "in quotes"])
            for amount in (0.04, 4, "4p", "-0.04", "1e-2", "0.0000001", "1000", "")
        ],
        (changed("price", "segment", to=None), ["price.segment"]),
        (changed("price", "currency", to=None), ["price.currency"]),
        (changed("price", "currency", to="pounds"), ["price.currency", "GBP"]),
        (changed(*EN, "status", to="nearly"), ["wording.languages.en.status"]),
        (changed(*EN, "status", to="agreed"), ["wording.languages.en.reviewed_by", "who"]),
        (changed(*EN, "fold_letters", to="perhaps"), ["wording.languages.en.fold_letters"]),
        (changed(*EN, "segments", to=0), ["wording.languages.en.segments"]),
        (changed(*EN, "must_say", "bail", to=[]), ["wording.languages.en.must_say.bail"]),
        (changed(*EN, "templates", to=None), ["wording.languages.en.templates"]),
        (changed(*EN, to=None), ["wording.languages", "English"]),
        (changed("wording", "languages", "xx", to={}), ["wording.languages.xx"]),
        (changed("wording", "replies", "stranger", to=None), ["wording", "replies", "stranger", "missing"]),
        # What the linter finds keeps the file from loading (test_wording_lint).
        (changed(*EN, "templates", "bail", to="{n} at {c}"), ["en bail", "lacks {d}", "and 2 more"]),
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


def test_live_mode_refuses_drafts_drama_numbers_and_unanswered_times(
    usual_settings: Settings, tmp_path: Path
) -> None:
    def load(text: str) -> county.County:
        file = tmp_path / "county.yaml"
        file.write_text(text)
        return county.load(dataclasses.replace(usual_settings, mode="live", county=file))

    def refused(*names: str) -> None:
        with pytest.raises(CountyError) as error:
            load(json.dumps(content))
        assert [name for name in names if name not in str(error.value)] == []

    content = deepcopy(CONTENT)
    # All that is open is named at once.
    refused(
        "wording.languages.en", "draft", "wording.languages.ro", "courts.C41ST.enquiry_phone", "time_means"
    )
    for number, court in enumerate(content["courts"].values()):
        court |= {"enquiry_phone": f"01727 81654{number}", "time_means": "start"}
    for one in content["wording"]["languages"].values():
        one |= {"status": "agreed", "reviewed_by": "The office's solicitor, 1 December 2026"}
    assert load(json.dumps(content)).courts["B41ME"].time_means == "start"

    content["wording"]["languages"]["pl"]["status"] = "draft"
    refused("wording.languages.pl", "take it out")
    del content["wording"]["languages"]["pl"]
    assert set(load(json.dumps(content)).wording.languages) == {"en", "cy", "ro"}

    for drama in ("01632 960002", "+44 1632 960002", "020 7946 0123", "07700 900123"):
        content["courts"]["B41MJ"]["enquiry_phone"] = drama
        refused("courts.B41MJ.enquiry_phone")
    content["courts"]["B41MJ"] |= {"enquiry_phone": "01438 730431", "time_means": None}
    refused("courts.B41MJ.time_means", "start", "arrive")
    content["courts"]["B41MJ"]["time_means"] = "arrive"
    load(json.dumps(content))
