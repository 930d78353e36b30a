"""What is wrong in the county's texts, found before anybody is texted: facts, words, letters and length, in every language.

Pure. A county's file with a finding does not load.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from string import Formatter

from services.common.segments import PLAIN, count
from services.common.times import said_day
from services.reminders.county_parts import ENGLISH, County, Language
from services.reminders.county_schema import ARM_VARIANTS, REPLIES
from services.reminders.wording import fold_letters, in_gsm
from services.reminders.wording_longest import longest
from services.reminders.wording_never import IN_REPLIES, NEVER, never

# What a text of each kind may not lack (REMINDERS §5): filled in, or said by a phrase of `must_say`. Any step may be somebody's
# first text, since hearings are listed late, so each states the consequence.
FACTS = {
    "bail": "speaker n c d t bail wrong_person",
    "summons": "speaker n c d t summons wrong_person",
    "moved": "speaker n c d t wrong_person",
    "no-longer": "speaker n d wrong_person",
}
VARIED, CONSEQUENCES = ("bail", "summons"), frozenset({"bail", "summons"})
REPLY_FACTS = {"help": {"phone"}, "plain": {"phone"}}
MEANING = {
    "speaker": "who sends it",
    "n": "the first name",
    "c": "the court",
    "d": "the day",
    "t": "the time",
    "phone": "the court's telephone number",
    "bail": "what follows from missing court on bail",
    "summons": "what follows from missing court on a summons",
    "wrong_person": "the way out for the wrong person",
}
FILLED, FILLED_IN_REPLIES = frozenset({"speaker", "n", "c", "d", "t"}), frozenset({"speaker", "phone"})
# The one word by which a stranger stops the texts, in every language (replies).
WAY_OUT = "WRONG"

Wrong = Iterator[tuple[str, str]]  # what is wrong, what to do


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with one text: its language and name, what it is, and what to do."""

    language: str
    template: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.language} {self.template}: {self.problem}: {self.remedy}"


def lint(county: County) -> list[Finding]:
    """Everything wrong with the county's texts, language by language."""
    return [*_names(county), *_languages(county), *_replies(county)]


def _names(county: County) -> Iterator[Finding]:
    """Who speaks, and the courts: they stand in every text."""
    courts = {f"courts.{code}.short": court.short for code, court in county.courts.items()}
    for place, words in ({"speaker": county.speaker} | courts).items():
        outside = [character for character in words if not in_gsm(character)]
        if outside:
            yield Finding(
                "all", place, f"has {_named(outside[0])}", "write it plainly: it makes every text dearer"
            )


def _languages(county: County) -> Iterator[Finding]:
    english = county.wording.languages[ENGLISH].templates
    steps = [*(step.template for step in county.plan.steps), county.plan.late.template]
    asked = [*FACTS, *(f"{kind}-{variant}" for variant in dict.fromkeys(steps) if variant for kind in VARIED)]
    known = {*asked, *(f"{kind}-{variant}" for variant in ARM_VARIANTS for kind in VARIED)}
    for code, words in county.wording.languages.items():
        for phrase in words.must_say["wrong_person"]:
            if WAY_OUT not in phrase:
                why = "it is the one word that Heed understands in every language"
                yield Finding(code, "must_say.wrong_person", f"{phrase!r} lacks {WAY_OUT}", why)
        for name in dict.fromkeys([*asked, *english]):
            if name not in words.templates:
                why = "the English has it" if name in english else "a case or a step may ask for it"
                yield Finding(code, name, "is missing", f"{why}: write it")
        for name, text in words.templates.items():
            wrong = (
                _wrong(county, code, name, text)
                if name in known
                else [("is a text that nothing uses", "name it in a step of the plan, or take it out")]
            )
            yield from (Finding(code, name, *one) for one in wrong)


def _wrong(county: County, code: str, name: str, text: str) -> Wrong:
    """What is wrong with one template of one language."""
    words, english = county.wording.languages[code], county.wording.languages[ENGLISH]
    braces = list(_braces(text, FILLED))
    if braces:
        yield from braces
        return
    kind = next(kind for kind in FACTS if name in (kind, f"{kind}-{name.partition('-')[2]}"))
    needed, said = set(FACTS[kind].split()), _said(words, text)
    if name.removeprefix(f"{kind}-") in ARM_VARIANTS:
        needed -= CONSEQUENCES  # a pilot compares what these ask with the consequence
    original = english.templates.get(name, "")
    needed |= set() if list(_braces(original, FILLED)) else _said(english, original)
    for fact in (fact for fact in MEANING if fact in needed - said):
        phrases = " or ".join(map(repr, words.must_say.get(fact, ())))
        yield (
            (f"lacks {MEANING[fact]}", f"say {phrases}")
            if phrases
            else (f"lacks {{{fact}}}, {MEANING[fact]}", "write it in")
        )
    if kind != "bail" and "bail" in said:
        yield "speaks of arrest", "not everybody who gets it is on bail: take it out"
    yield from never(text, NEVER)
    yield from _letters(text)
    yield from _outside(words, code, text)
    yield from _length(county, code, name)


def _braces(text: str, filled: frozenset[str]) -> Wrong:
    """Braces that nothing fills, or that would stand on a phone."""
    listed = ", ".join(f"{{{fact}}}" for fact in MEANING if fact in filled)
    try:
        parts = list(Formatter().parse(text))
    except ValueError as error:
        yield f"cannot be read ({error})", f"write {listed}, and nothing else in braces"
        return
    for _, fact, form, turned in parts:
        if fact is not None and (fact not in filled or form or turned):
            yield f"has {{{fact}}}, which nothing fills", f"only {listed} are filled in, as they stand here"
    if any(brace in literal for literal, *_ in parts for brace in "{}"):
        yield "has a brace that would stand on a phone", "take it out"


def _said(words: Language, text: str) -> set[str]:
    """What a text says: the facts that are filled in, and those that a phrase stands for."""
    filled = {fact for _, fact, _, _ in Formatter().parse(text) if fact is not None}
    return filled | {
        fact
        for fact, phrases in words.must_say.items()
        if any(phrase.casefold() in text.casefold() for phrase in phrases)
    }


def _letters(text: str) -> Wrong:
    """Characters that are not what they seem on a phone."""
    if text != " ".join(text.split()):
        yield "has a line end or spaces too many", "write it in one line, with single spaces"
    for character in sorted(set(text) & PLAIN.keys() - {"\t"}):
        yield f"has {_named(character)}", f"write {PLAIN[character]!r}" if PLAIN[character] else "take it out"


def _outside(words: Language, code: str, text: str) -> Wrong:
    """Letters that make a text dearer than it says it is, in the words or in the language's days."""
    spoken = text + _all_days(code)
    sent = fold_letters(spoken) if words.fold_letters else spoken
    outside = sorted(character for character in set(sent) - PLAIN.keys() if not in_gsm(character))
    if outside and words.encoding == "GSM-7":
        yield (
            f"has {_named(outside[0])}, in its words or its days, which makes every such text UCS-2",
            "set fold_letters, choose another word, or set encoding: UCS-2 and the segments that it takes",
        )


@cache
def _all_days(code: str) -> str:
    """Every letter of a language's days and months."""
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    return "".join({letter for n in range(365) for letter in said_day(noon + timedelta(days=n), code)})


def _length(county: County, code: str, name: str) -> Wrong:
    words, most = county.wording.languages[code], longest(county, code, name)
    budgets = (
        ("segments", most.cost, words.segments),
        ("segments_unicode", most.cost_unicode, words.segments_unicode),
    )
    for key, cost, budget in budgets:
        if cost.segments > budget:
            yield (
                f"takes {cost.segments} segments at its longest ({cost.characters} characters, {cost.encoding}),"
                f" and {key} is {budget}",
                f"shorten it, or raise {key}",
            )


def _replies(county: County) -> Iterator[Finding]:
    """The answers to replies: they are English, and as short as a reminder."""
    for name, text in county.wording.replies.items():
        wrong = (
            _wrong_reply(county, name, text)
            if name in REPLIES
            else [("is an answer that nothing gives", "take it out")]
        )
        yield from (Finding(ENGLISH, f"replies.{name}", *one) for one in wrong)


def _wrong_reply(county: County, name: str, text: str) -> Wrong:
    braces = list(_braces(text, FILLED_IN_REPLIES))
    if braces:
        yield from braces
        return
    english = county.wording.languages[ENGLISH]
    for fact in sorted(REPLY_FACTS.get(name, set()) - _said(english, text)):
        yield f"lacks {{{fact}}}, {MEANING[fact]}", "write it in"
    yield from never(text, IN_REPLIES)
    yield from _letters(text)
    phone = max((court.enquiry_phone for court in county.courts.values()), key=len)
    cost = count(text.format(speaker=county.speaker, phone=phone))
    if cost.segments > english.segments:
        yield f"takes {cost.segments} segments ({cost.characters} characters, {cost.encoding})", "shorten it"


def _named(character: str) -> str:
    """A character as an office can find it: "’ (right single quotation mark)"."""
    return f"{character} ({unicodedata.name(character, 'a control character').casefold()})"
