"""The words: every template at its longest fits its budget in every language, and no text lacks a fact."""

import dataclasses
import re
from datetime import datetime, timedelta
from importlib.resources import files

import pytest

from services.common.segments import count
from services.common.times import DAYS, MONTHS, parse_instant, said_day, said_time
from services.reminders import county
from services.reminders.county import SHORT_NAME_MOST, County
from services.reminders.wording import (
    NAME_MOST,
    MissingFact,
    first_name,
    fold_letters,
    in_gsm,
    render,
    spoken,
    template_for,
    written,
)
from services.reminders.wording_longest import LONGEST_NAME, longest

COUNTY = county.parse(files("services.reminders").joinpath("data/hertfordshire.yaml").read_text())
TEMPLATES = ("bail", "summons", "bail-plan-making", "moved", "no-longer")
# REMINDERS §5: characters at the longest court, name, day and time.
LONGEST = {"bail": 160, "bail-plan-making": 159, "summons": 152, "moved": 149, "no-longer": 152}
IN_ENGLISH = (
    "Herts Police: Sian, you must be at St Albans Magistrates Court on Wed 23 Sep, 10.30am. If you miss it you could be "
    "arrested. Not you? Text WRONG"
)
LONGEST_TIME = parse_instant("2026-09-23T10:30")  # "Wed 23 Sep, 10.30am"
LONGEST_COURT = next(code for code, court in COUNTY.courts.items() if len(court.short) == SHORT_NAME_MOST)


def said(
    template: str,
    given: str = "Ann",
    court: str = "B41ME",
    at: datetime = LONGEST_TIME,
    language: str | None = None,
) -> str:
    return render(COUNTY, template, given=given, court=court, starts_at=at, language=language)


@pytest.mark.parametrize("template", TEMPLATES)
def test_each_english_template_at_its_longest_is_one_segment(template: str) -> None:
    assert len(LONGEST_NAME) == NAME_MOST
    counted = count(said(template, LONGEST_NAME, LONGEST_COURT))
    assert (counted.encoding, counted.units, counted.segments) == ("GSM-7", LONGEST[template], 1)
    assert longest(COUNTY, "en", template).cost == counted


@pytest.mark.parametrize("language", COUNTY.wording.languages)
@pytest.mark.parametrize("template", TEMPLATES)
def test_no_day_or_time_of_a_year_makes_it_longer(template: str, language: str) -> None:
    most = longest(COUNTY, language, template)
    words = COUNTY.wording.languages[language]
    assert (most.cost.segments <= words.segments, most.cost.encoding) == (True, "GSM-7")
    assert (most.cost_unicode.segments <= words.segments_unicode, most.cost_unicode.encoding) == (
        True,
        "UCS-2",
    )
    times = [LONGEST_TIME + timedelta(minutes=15 * step) for step in range(96)]
    days = [LONGEST_TIME + timedelta(days=step) for step in range(366)]
    every = (said(template, LONGEST_NAME, LONGEST_COURT, at, language) for at in [*times, *days])
    assert max(count(one).units for one in every) == most.cost.units


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_says_who_when_and_what_to_do_and_nothing_it_must_not(template: str) -> None:
    text = said(template, "Zoë", "B41MJ", parse_instant("2026-09-22T14:00"))
    assert text.startswith("Herts Police: Zoe, ")
    assert "Tue 22 Sep" in text
    assert text.endswith("Not you? Text WRONG")
    assert template == "no-longer" or "Stevenage Magistrates Court on Tue 22 Sep, 2pm" in text
    assert not re.search(r"tomorrow|today|tonight|next week|in \d+ days?|yesterday", text, re.IGNORECASE)
    assert not re.search(r"https?:|www\.|\.uk|\.com|bit\.ly", text, re.IGNORECASE)
    assert not re.search(
        r"offence|charge|theft|assault|driving|case number|urn|born|birth|pay\b|£", text, re.IGNORECASE
    )
    assert text.isascii()  # straight apostrophes, no dashes of a word processor


def test_every_language_has_the_templates_that_are_tested_here() -> None:
    assert set(COUNTY.wording.languages) == {"en", "cy", "pl", "ro"}
    assert {frozenset(one.templates) for one in COUNTY.wording.languages.values()} == {frozenset(TEMPLATES)}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "cy",
            "Herts Police: Siân, rhaid i chi fod yn St Albans Magistrates Court ar Mer 23 Medi, 10.30am. Os na fyddwch yno, "
            "gallech gael eich arestio. Nid chi? Tecstiwch WRONG",
        ),
        (
            "pl",
            "Herts Police: Sian, musisz stawic sie na rozprawie: St Albans Magistrates Court, sr 23 wrz, godz. 10:30. Jesli nie "
            "przyjdziesz, grozi Ci aresztowanie. To nie Ty? Odpisz WRONG",
        ),
        (
            "ro",
            "Herts Police: Sian, trebuie sa va prezentati la tribunal: St Albans Magistrates Court, mie 23 sept, ora 10:30. Daca "
            "nu veniti, riscati arestarea. Nu sunteti dvs.? Raspundeti WRONG",
        ),
        # Whoever the feed says nothing of, or whose language has no wording, reads English.
        ("en", IN_ENGLISH),
        (None, IN_ENGLISH),
        ("punjabi", IN_ENGLISH),
    ],
)
def test_the_language_is_the_feeds(language: str | None, text: str) -> None:
    assert said("bail", "Siân", language=language) == text
    assert spoken(COUNTY, language) == (language if language in ("cy", "pl", "ro") else "en")


@pytest.mark.parametrize("language", COUNTY.wording.languages)
def test_no_two_days_and_no_two_months_are_written_alike_and_no_month_like_a_day(language: str) -> None:
    assert len({*DAYS[language], *MONTHS[language]}) == 7 + 12
    folded = {fold_letters(word) for word in (*DAYS[language], *MONTHS[language])}
    assert len(folded) == 7 + 12


@pytest.mark.parametrize(
    ("language", "said_as"),
    [
        ("en", ["Tue 3 Mar, 12am", "Sat 1 Aug, 2pm", "Fri 16 Oct, 9.05am"]),
        ("cy", ["Maw 3 Mawrth, 12am", "Sad 1 Awst, 2pm", "Gwe 16 Hyd, 9.05am"]),
        ("pl", ["wt 3 mar, 0:00", "sob 1 sie, 14:00", "pt 16 paź, 9:05"]),
        ("ro", ["mar 3 martie, 0:00", "sâm 1 aug, 14:00", "vin 16 oct, 9:05"]),
    ],
)
def test_days_and_times_are_said_in_the_texts_language(language: str, said_as: list[str]) -> None:
    moments = [parse_instant(one) for one in ("2026-03-03T00:00", "2026-08-01T14:00", "2026-10-16T09:05")]
    assert [f"{said_day(at, language)}, {said_time(at, language)}" for at in moments] == said_as


def unfolded(language: str) -> County:
    """The county with one language written with all its letters."""
    words = dataclasses.replace(COUNTY.wording.languages[language], fold_letters=False)
    languages = COUNTY.wording.languages | {language: words}
    return dataclasses.replace(COUNTY, wording=dataclasses.replace(COUNTY.wording, languages=languages))


def test_letters_are_folded_by_language_in_words_days_and_names() -> None:
    given = {"court": "B41ME", "starts_at": LONGEST_TIME}
    folded = render(COUNTY, "bail", given="Łukasz", language="pl", **given)
    assert folded.startswith("Herts Police: Lukasz, musisz stawic sie") and ", sr 23 wrz," in folded
    whole = render(unfolded("pl"), "bail", given="Łukasz", language="pl", **given)
    assert whole.startswith("Herts Police: Łukasz, musisz stawić się") and ", śr 23 wrz," in whole
    assert (count(folded).encoding, count(whole).encoding) == ("GSM-7", "UCS-2")
    # The setting of one language is not another's.
    assert render(unfolded("pl"), "bail", given="Łukasz", language="en", **given).startswith(
        "Herts Police: Lukasz, you"
    )
    # A name in Welsh keeps its letters and takes the extra segment that the budget has for it; a plain one does not.
    costs = [count(said("bail", name, language="cy")) for name in ("Llŷr", "Huw")]
    assert [(one.encoding, one.segments) for one in costs] == [("UCS-2", 3), ("GSM-7", 2)]


@pytest.mark.parametrize("name", sorted(COUNTY.wording.replies))
def test_every_reply_is_one_segment_and_names_no_one(name: str) -> None:
    words = COUNTY.wording.replies[name].format(speaker=COUNTY.speaker, phone="01632 960001")
    assert count(words).encoding == "GSM-7"
    assert count(words).segments == 1
    assert "{" not in words


@pytest.mark.parametrize(
    ("language", "arrest", "without_you"),
    [
        ("en", "you could be arrested", "It can go ahead without you"),
        ("cy", "gallech gael eich arestio", "Gall fynd yn ei flaen hebddoch chi"),
        ("pl", "grozi Ci aresztowanie", "Moze sie odbyc bez Ciebie"),
        ("ro", "riscati arestarea", "Poate fi judecat si in lipsa dumneavoastra"),
    ],
)
def test_what_follows_is_said_in_the_first_text_of_each_kind(
    language: str, arrest: str, without_you: str
) -> None:
    assert arrest in said("bail", language=language)
    assert without_you in said("summons", language=language)
    others = [name for name in TEMPLATES if name != "bail"]
    assert not [name for name in others if re.search("arres|areszt|aresti", said(name, language=language))]


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
    ("custody", "variants", "kind", "template"),
    [
        ("bail", ["plan-making", None], "reminder", "bail-plan-making"),
        ("bail", [None, None], "reminder", "bail"),
        # An arm's words come before a step's; either may be written for bail alone.
        ("bail", ["plan-making", "last"], "reminder", "bail-plan-making"),
        ("none", ["plan-making", None], "reminder", "summons"),
        ("bail", [None, "last"], "reminder", "bail"),
        ("bail", ["plan-making", None], "moved", "moved"),
        ("none", ["plan-making", "last"], "no-longer", "no-longer"),
    ],
)
def test_the_first_variant_that_is_written(
    custody: str, variants: list[str | None], kind: str, template: str
) -> None:
    assert written(COUNTY, custody, "C", variants, kind) == template


@pytest.mark.parametrize(
    ("given", "court", "at", "template"),
    [
        (None, "B41ME", LONGEST_TIME, "bail"),
        ("", "B41ME", LONGEST_TIME, "bail"),
        ("   ", "B41ME", LONGEST_TIME, "bail"),
        ("\u200b", "B41ME", LONGEST_TIME, "bail"),
        (".", "B41ME", LONGEST_TIME, "bail"),
        ("\U0001f600", "B41ME", LONGEST_TIME, "bail"),
        ("UNKNOWN", "B41ME", LONGEST_TIME, "bail"),
        ("N/A", "B41ME", LONGEST_TIME, "bail"),
        ("A" * 41, "B41ME", LONGEST_TIME, "bail"),
        ("Ann", None, LONGEST_TIME, "bail"),
        ("Ann", "B01LY", LONGEST_TIME, "bail"),
        ("Ann", "B41ME", None, "bail"),
        ("Ann", "B41ME", LONGEST_TIME, "no-such-template"),
    ],
)
def test_a_missing_fact_is_never_a_blank_on_someones_phone(
    given: str | None, court: str | None, at: datetime | None, template: str
) -> None:
    for language in COUNTY.wording.languages:
        with pytest.raises(MissingFact):
            render(COUNTY, template, given=given, court=court, starts_at=at, language=language)


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
        ("A" * 40, "A" + "a" * 39),
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


@pytest.mark.parametrize("letter", "âêîôûŵŷáíóúëïłşğčřžőąęńśźțăđıħþðœÂŁŞŴŶĦÞÐŒ")
def test_each_of_these_letters_becomes_one_of_the_alphabet(letter: str) -> None:
    assert in_gsm(fold_letters(letter)) and not in_gsm(letter)
    assert fold_letters(letter).isascii()


def test_an_apostrophe_of_a_word_processor_costs_nothing() -> None:
    assert count(said("bail", "D\u2019Arcy")).encoding == "GSM-7"
    assert "D'Arcy" in said("bail", "D\u2019Arcy")
