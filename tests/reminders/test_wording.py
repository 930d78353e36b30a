"""The words: every template at its longest is one segment of the GSM alphabet, and no text lacks a fact."""

import re
from datetime import datetime, timedelta
from importlib.resources import files

import pytest

from services.common.segments import count
from services.common.times import parse_instant
from services.reminders import county
from services.reminders.county import SHORT_NAME_MOST
from services.reminders.wording import (
    NAME_MOST,
    MissingFact,
    first_name,
    fold_letters,
    render,
    template_for,
)

COUNTY = county.parse(files("services.reminders").joinpath("data/hertfordshire.yaml").read_text())
TEMPLATES = ("bail", "summons", "bail-plan-making", "moved", "no-longer")
# REMINDERS §5: characters at the longest court, name, day and time.
LONGEST = {"bail": 160, "bail-plan-making": 159, "summons": 152, "moved": 149, "no-longer": 152}
LONGEST_NAME = "Bartholomew-Xavierus"
LONGEST_TIME = parse_instant("2026-09-23T10:30")  # "Wed 23 Sep, 10.30am"
LONGEST_COURT = next(code for code, court in COUNTY.courts.items() if len(court.short) == SHORT_NAME_MOST)


def said(template: str, given: str = "Ann", court: str = "B41ME", at: datetime = LONGEST_TIME) -> str:
    return render(COUNTY, template, given=given, court=court, starts_at=at)


@pytest.mark.parametrize("template", TEMPLATES)
def test_each_template_at_its_longest_is_one_segment(template: str) -> None:
    assert len(LONGEST_NAME) == NAME_MOST
    counted = count(said(template, LONGEST_NAME, LONGEST_COURT))
    assert (counted.encoding, counted.units, counted.segments) == ("GSM-7", LONGEST[template], 1)


@pytest.mark.parametrize("template", TEMPLATES)
def test_no_day_or_time_of_a_year_makes_it_longer(template: str) -> None:
    times = [LONGEST_TIME + timedelta(minutes=15 * step) for step in range(96)]
    days = [LONGEST_TIME + timedelta(days=step) for step in range(366)]
    longest = max(count(said(template, LONGEST_NAME, LONGEST_COURT, at)).units for at in [*times, *days])
    assert longest == LONGEST[template]


@pytest.mark.parametrize("template", sorted(COUNTY.wording.templates))
def test_every_template_says_who_when_and_what_to_do_and_nothing_it_must_not(template: str) -> None:
    text = said(template, "Zoë", "B41MJ", parse_instant("2026-09-22T14:00"))
    assert text.startswith("Herts Police: Zoe, ") or text.startswith("Herts Police: Zoë, ")
    assert "Tue 22 Sep" in text
    assert text.endswith("Not you? Text WRONG")
    assert template == "no-longer" or "Stevenage Magistrates Court on Tue 22 Sep, 2pm" in text
    assert not re.search(r"tomorrow|today|tonight|next week|in \d+ days?|yesterday", text, re.IGNORECASE)
    assert not re.search(r"https?:|www\.|\.uk|\.com|bit\.ly", text, re.IGNORECASE)
    assert not re.search(
        r"offence|charge|theft|assault|driving|case number|urn|born|birth|pay\b|£", text, re.IGNORECASE
    )
    assert text.isascii()  # straight apostrophes, no dashes of a word processor


def test_there_are_no_templates_but_those_tested_here() -> None:
    assert set(COUNTY.wording.templates) == set(TEMPLATES)


@pytest.mark.parametrize("name", sorted(COUNTY.wording.replies))
def test_every_reply_is_one_segment_and_names_no_one(name: str) -> None:
    words = COUNTY.wording.replies[name].format(speaker=COUNTY.speaker, phone="01632 960001")
    assert count(words).encoding == "GSM-7"
    assert count(words).segments == 1
    assert "{" not in words


def test_what_follows_is_said_in_the_first_text_of_each_kind() -> None:
    assert "you could be arrested" in said("bail")
    assert "It can go ahead without you" in said("summons")
    assert "arrest" not in said("summons")


@pytest.mark.parametrize(
    ("custody", "initiation", "variant", "kind", "template"),
    [
        ("bail", "C", None, "reminder", "bail"),
        ("bail", None, None, "reminder", "bail"),
        ("none", "C", None, "reminder", "summons"),
        ("unknown", None, None, "reminder", "summons"),
        # A summons is heard in absence, whatever the bail block says.
        ("bail", "S", None, "reminder", "summons"),
        ("bail", "Q", None, "reminder", "summons"),
        ("none", "S", None, "reminder", "summons"),
        ("bail", "C", "plan-making", "reminder", "bail-plan-making"),
        ("bail", "C", "plan-making", "moved", "moved"),
        ("none", "S", None, "moved", "moved"),
        ("bail", "C", None, "no-longer", "no-longer"),
    ],
)
def test_the_template_follows_bail_and_initiation(
    custody: str, initiation: str | None, variant: str | None, kind: str, template: str
) -> None:
    assert template_for(custody, initiation, variant, kind) == template


@pytest.mark.parametrize(
    ("given", "court", "at", "template"),
    [
        (None, "B41ME", LONGEST_TIME, "bail"),
        ("", "B41ME", LONGEST_TIME, "bail"),
        ("   ", "B41ME", LONGEST_TIME, "bail"),
        ("\u200b", "B41ME", LONGEST_TIME, "bail"),
        ("Ann", None, LONGEST_TIME, "bail"),
        ("Ann", "B01LY", LONGEST_TIME, "bail"),
        ("Ann", "B41ME", None, "bail"),
        ("Ann", "B41ME", LONGEST_TIME, "no-such-template"),
    ],
)
def test_a_missing_fact_is_never_a_blank_on_someones_phone(
    given: str | None, court: str | None, at: datetime | None, template: str
) -> None:
    with pytest.raises(MissingFact):
        render(COUNTY, template, given=given, court=court, starts_at=at)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Ann", "Ann"),
        ("ANN", "Ann"),
        ("ann", "Ann"),
        ("ANNE-MARIE", "Anne-Marie"),
        ("O\u2019Neill", "O'Neill"),
        ("D'ARCY", "D'Arcy"),
        ("  Mary   Jane ", "Mary Jane"),
        ("McKenzie", "McKenzie"),
        # In the GSM alphabet already: written as they are.
        ("José", "José"),
        ("Zoë", "Zoe"),
        ("Jörg", "Jörg"),
        ("Siân", "Sian"),
        ("Llŷr", "Llyr"),
        ("Łukasz", "Lukasz"),
        ("Ștefan", "Stefan"),
        ("Ioana-Măria", "Ioana-Maria"),
        ("Đorđe", "Dorde"),
        # No plain letter: kept, never dropped.
        ("Юрий", "Юрий"),
        ("李", "李"),
    ],
)
def test_letters_that_would_double_the_cost_are_folded_and_names_never_dropped(
    written: str, read: str
) -> None:
    assert first_name(written, fold=True) == read


def test_without_the_setting_the_name_stays_and_the_text_takes_the_extra_segment() -> None:
    assert first_name("Siân", fold=False) == "Siân"


@pytest.mark.parametrize("letter", "âêîôûŵŷáíóúëïłşğčřžőąęńśźțăđıÂŁŞŴŶ")
def test_each_of_these_letters_becomes_one_of_the_alphabet(letter: str) -> None:
    assert count(fold_letters(letter)).encoding == "GSM-7"


def test_an_apostrophe_of_a_word_processor_costs_nothing() -> None:
    assert count(said("bail", "D\u2019Arcy")).encoding == "GSM-7"
    assert "D'Arcy" in said("bail", "D\u2019Arcy")
