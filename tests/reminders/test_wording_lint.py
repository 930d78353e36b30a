"""The linter: each way in which a text can be wrong is found, named with its language and template, and says what to do."""

from copy import deepcopy
from importlib.resources import files
from typing import Any

import pytest
import yaml

from services.reminders import county
from services.reminders.county import CountyError
from services.reminders.county_schema import CountySchema
from services.reminders.wording_lint import Finding, lint

CONTENT: dict[str, Any] = yaml.safe_load(
    files("services.reminders").joinpath("data/hertfordshire.yaml").read_text()
)
EN, CY, PL, RO = "en", "cy", "pl", "ro"
BAIL = CONTENT["wording"]["languages"][EN]["templates"]["bail"]


def found(*changes: tuple[Any, ...]) -> list[Finding]:
    """What is found after changes: each is a path in the file and the value put there; None takes it away."""
    content = deepcopy(CONTENT)
    for *path, last, value in changes:
        place = content
        for step in path:
            place = place[step]
        if value is None:
            place.pop(last)
        else:
            place[last] = value
    return lint(CountySchema().load(content))


def words(language: str, template: str, text: str | None) -> tuple[Any, ...]:
    """A change of one template."""
    return ("wording", "languages", language, "templates", template, text)


def setting(language: str, name: str, value: Any) -> tuple[Any, ...]:
    """A change of one of a language's settings."""
    return ("wording", "languages", language, name, value)


def test_hertfordshires_texts_are_right() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("language", "template", "before", "after", "problem", "remedy"),
    [
        # Facts, in every language.
        (EN, "bail", "{speaker}: ", "", "lacks {speaker}", "write it in"),
        (EN, "bail", "{n}, ", "", "lacks {n}", "write it in"),
        (EN, "summons", " at {c}", "", "lacks {c}", "write it in"),
        (EN, "moved", " on {d}", "", "lacks {d}", "write it in"),
        (EN, "moved", ", {t}", "", "lacks {t}", "write it in"),
        (EN, "no-longer", " of {d}", "", "lacks {d}", "write it in"),
        (CY, "bail", " ar {d}", "", "lacks {d}", "write it in"),
        (PL, "summons", ", godz. {t}", "", "lacks {t}", "write it in"),
        (RO, "moved", "{c}, ", "", "lacks {c}", "write it in"),
        (EN, "bail", "If you miss it you could be arrested. ", "", "lacks what follows", "you could be arrested"),
        (EN, "summons", "It can go ahead without you. ", "", "lacks what follows", "can go ahead"),
        (PL, "bail", "grozi Ci aresztowanie", "jest mi smutno", "lacks what follows", "grozi Ci"),
        (RO, "summons", "în lipsa", "fără", "lacks what follows", "fi judecat"),
        (EN, "bail-plan-making", " Not you? Text WRONG", "", "lacks the way out", "Not you? Text WRONG"),
        (CY, "no-longer", " Nid chi? Tecstiwch WRONG", "", "lacks the way out", "Nid chi?"),
        # What is true of one is not true of all.
        (EN, "summons", "It can", "you could be arrested. It can", "speaks of arrest", "not everybody"),
        (PL, "moved", "Musisz", "Inaczej grozi Ci aresztowanie. Musisz", "speaks of arrest", "not everybody"),
        # What nothing fills.
        (EN, "bail", "{d}", "{d} {fee}", "{fee}, which nothing fills", "only {speaker}"),
        (EN, "bail", "{c}", "{c} ({case_ref})", "{case_ref}", "only"),
        (EN, "bail", "{n}", "{n!r}", "{n}, which", "as they stand here"),
        (EN, "bail", "{n}", "{n:>20}", "{n}, which", "as they stand here"),
        (EN, "bail", "{n}", "{0}", "{0}, which", "only"),
        (EN, "bail", "{n}", "{n", "cannot be read", "{speaker}, {n}"),
        (EN, "bail", "{n}", "{n} {{ref}}", "a brace", "take it out"),
        (EN, "moved", "{n}", "{n} [case]", "has '['", "take it out"),
        (EN, "moved", "{n}", "{n} XXX", "has 'xxx'", "take it out"),
        # Words that go stale.
        (EN, "moved", "on {d}", "tomorrow {d}", "has 'tomorrow'", "say {d} and {t}"),
        (EN, "moved", "on {d}", "today {d}", "has 'today'", "say"),
        (EN, "moved", "on {d}", "next Monday {d}", "has 'next monday'", "say"),
        (EN, "moved", "on {d}", "in two days, {d}", "has 'in two days'", "say"),
        (CY, "moved", "ar {d}", "yfory {d}", "has 'yfory'", "say"),
        (CY, "moved", "ar {d}", "heddiw {d}", "has 'heddiw'", "say"),
        (PL, "moved", "{d}", "jutro {d}", "has 'jutro'", "say"),
        (PL, "moved", "{d}", "dziś {d}", "has 'dzis'", "say"),
        (PL, "moved", "{d}", "za trzy dni {d}", "has 'za trzy dni'", "say"),
        (RO, "moved", "{d}", "mâine {d}", "has 'maine'", "say"),
        (RO, "moved", "{d}", "maine {d}", "has 'maine'", "say"),
        (RO, "moved", "{d}", "AZI {d}", "has 'azi'", "say"),
        # Links, money, numbers, what the case is about.
        (EN, "moved", "on {d}", "on {d} https://x", "has 'https:'", "in words"),
        (EN, "moved", "on {d}", "on {d} gov.uk", "has 'v.uk'", "in words"),
        (EN, "moved", "on {d}", "on {d} see bit.ly/x", "has 't.ly'", "in words"),
        (EN, "moved", "on {d}", "on {d} a@b", "has '@'", "in words"),
        (EN, "moved", "on {d}", "on {d} or pay", "has 'pay'", "money"),
        (EN, "moved", "on {d}", "on {d} £", "has '£'", "money"),
        (PL, "moved", "{d}", "{d} zapłać", "has 'zaplac'", "money"),
        (RO, "moved", "{d}", "{d} amendă", "has 'amenda'", "money"),
        (EN, "moved", "on {d}", "on {d} 01727 816546", "has '01727 816546'", "telephone"),
        (EN, "moved", "on {d}", "on {d} 41HT0000126", "has '41'", "case"),
        (EN, "moved", "on {d}", "on {d} for theft", "has 'theft'", "stranger"),
        (CY, "moved", "ar {d}", "ar {d} trosedd", "has 'trosedd'", "stranger"),
        # Letters.
        (EN, "moved", "date has", "date\u2019s", "’ (right single quotation mark)", "write \"'\""),
        (EN, "moved", ". You", " \u2013 You", "– (en dash)", "write '-'"),
        (EN, "moved", ". You", ".\u00a0You", "(no-break space)", "write ' '"),
        (EN, "moved", ". You", ".\u200bYou", "(zero width space)", "take it out"),
        (EN, "moved", ". You", ".  You", "spaces too many", "one line"),
        (EN, "moved", ". You", ".\nYou", "line end", "one line"),
        (EN, "moved", ". You", ". \U0001f44b You", "(waving hand sign)", "encoding: UCS-2"),
        (CY, "moved", "llys", "llŷs", "ŷ (latin small letter y with circumflex)", "fold_letters"),
        # Length: a letter over what the longest name, court, day and time leave.
        (EN, "bail", "could be", "could be,", "takes 2 segments at its longest (161 characters, GSM-7)", "shorten"),
        (EN, "summons", "without you", "without youuuuuuuuuu", "(161 characters", "segments is 1"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_found_and_named(
    language: str, template: str, before: str, after: str, problem: str, remedy: str
) -> None:
    original = CONTENT["wording"]["languages"][language]["templates"][template]
    assert before in original
    findings = [
        one
        for one in found(words(language, template, original.replace(before, after)))
        if problem in one.problem
    ]
    assert [(one.language, one.template) for one in findings] == [(language, template)], problem
    assert remedy in f"{findings[0].problem} {findings[0].remedy}"


@pytest.mark.parametrize(
    ("change", "names"),
    [
        # A translation that lacks a text, or has one that the English lacks.
        (words(PL, "moved", None), ["pl moved", "missing", "the English has it"]),
        (words(CY, "bail-plan-making", None), ["cy bail-plan-making", "missing"]),
        (words(EN, "moved", None), ["en moved", "missing"]),
        (words(EN, "bail-last", BAIL), ["en bail-last", "nothing uses", "step"]),
        (words(EN, "extra", "{n} {0}"), ["en extra", "nothing uses"]),
        # A translation that lacks a fact which its kind need not have, but which the English has.
        (
            words(EN, "no-longer", "{speaker}: {n}, {d} at {c} may have changed. Not you? Text WRONG"),
            ["cy no-longer", "lacks {c}"],
        ),
        # The budgets of other languages, and of other letters.
        (setting(CY, "segments", 1), ["cy bail", "takes 2 segments", "segments is 1", "raise segments"]),
        (setting(EN, "segments_unicode", 2), ["en bail", "takes 3 segments", "UCS-2", "segments_unicode is 2"]),
        # Unfolded Polish is dearer than it says, until it says so.
        (setting(PL, "fold_letters", False), ["pl bail", "every such text UCS-2", "set fold_letters"]),
        # Its days alone are enough: no word of the text has a Romanian letter.
        (setting(RO, "fold_letters", False), ["ro bail", "makes every such text UCS-2"]),
        # A way out that nobody understands.
        (
            setting(PL, "must_say", CONTENT["wording"]["languages"][PL]["must_say"] | {"wrong_person": ["To nie Ty?"]}),
            ["pl must_say.wrong_person", "lacks WRONG"],
        ),
        # What stands in every text.
        (("speaker", "Herts\u2019 Police"), ["all speaker", "’"]),
        (("courts", "B41ME", "short", "St Albans Magistrates’ Crt"), ["courts.B41ME.short", "’"]),
        # Answers.
        (("wording", "replies", "help", "Call {number}"), ["en replies.help", "{number}, which nothing fills"]),
        (("wording", "replies", "plain", "Call us"), ["en replies.plain", "lacks {phone}"]),
        (("wording", "replies", "plain", "Call {phone} or 01727 816546"), ["replies.plain", "01727 816546"]),
        (("wording", "replies", "plain", "Call {phone} or www.x"), ["replies.plain", "www."]),
        (("wording", "replies", "plain", "Call {phone}" + "." * 150), ["replies.plain", "takes 2 segments"]),
        (("wording", "replies", "goodbye", "Bye"), ["replies.goodbye", "nothing gives"]),
    ],
)  # fmt: skip
def test_what_is_wrong_beyond_one_template(change: tuple[Any, ...], names: list[str]) -> None:
    shown = [str(one) for one in found(change)]
    assert [one for one in shown if all(name in one for name in names)], shown


def test_a_reply_may_say_999_and_a_steps_words_may_stand_beside_the_usual_ones() -> None:
    steps = [*CONTENT["plan"]["steps"][:1], CONTENT["plan"]["steps"][1] | {"template": "last"}]
    asked = found(("plan", "steps", steps))
    missing = {(one.language, one.template) for one in asked}
    assert missing == {(code, f"{kind}-last") for code in (EN, CY, PL, RO) for kind in ("bail", "summons")}
    written = [
        words(code, f"{kind}-last", CONTENT["wording"]["languages"][code]["templates"][kind])
        for code in (EN, CY, PL, RO)
        for kind in ("bail", "summons")
    ]
    assert found(("plan", "steps", steps), *written) == []
    # Whoever is listed late has the last step's text first: it too states the consequence.
    bare = words(EN, "bail-last", BAIL.replace("If you miss it you could be arrested. ", ""))
    assert [one.template for one in found(("plan", "steps", steps), *written, bare)] == ["bail-last"]


def test_a_language_may_be_written_with_all_its_letters_where_its_budget_says_so() -> None:
    changes = [setting(PL, "fold_letters", False), setting(PL, "encoding", "UCS-2")]
    assert {one.problem.partition(" at")[0] for one in found(*changes)} == {"takes 3 segments"}
    assert found(*changes, setting(PL, "segments", 3)) == []


def test_a_county_with_a_wrong_text_does_not_load() -> None:
    content = deepcopy(CONTENT)
    content["wording"]["languages"][PL]["templates"]["bail"] = "Jutro!"
    with pytest.raises(CountyError) as error:
        county.parse(yaml.safe_dump(content))
    assert "wording: pl bail: lacks {speaker}" in str(error.value)
    assert "heed reminders lint" in str(error.value)
