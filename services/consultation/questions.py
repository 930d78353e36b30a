"""The optional questions after a view, and what a text says in answer to one. Pure.

A question never takes a text for an answer by force: what does not fit is a view, or is asked again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from services.common.understanding import simplified
from services.consultation import districts

Kind = Literal["choice", "number", "postcode", "text"]
KINDS = ("choice", "number", "postcode", "text")
FILLS = ("district", "victim", "age_band", "may_publish", "may_text")
SKIP_WORDS = frozenset({"s", "skip", "pass", "next", "rather not say", "prefer not to say", "neidio"})
NUMBER = re.compile(r"(?:about |around |nearly |over )?(\d{1,6})(?: \w+)?")
SMALL_WORDS = frozenset(
    [
        "i",
        "im",
        "we",
        "was",
        "am",
        "were",
        "have",
        "ive",
        "has",
        "been",
        "not",
        "wasnt",
        "havent",
        "am",
        "you",
        "u",
        "can",
        "may",
        "do",
        "dont",
        "did",
        "didnt",
        "sure",
        "fine",
        "never",
        "sorry",
        "it",
        "is",
        "me",
        "sir",
        "thats",
        "yes",
        "no",
    ]
)
# An answer is short; a sentence that happens to hold a place or a "yes" is a view.
WORDS_MOST = {"choice": 5, "number": 4, "postcode": 7}


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: the code that is kept, and the words by which people choose it, in every language together."""

    code: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One optional question. `ask` and `again` are by language; `only_if` names an earlier question and the code that it needs.

    `fills` is the respondent's column that the answer is for, if it is for one.
    """

    id: str
    kind: Kind
    ask: Mapping[str, str]
    again: Mapping[str, str]
    fills: str | None = None
    options: tuple[Option, ...] = ()
    only_if: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says in answer: a coded value, words of a free question, or neither for a skip.

    `unsure` holds the districts of a postcode that lies in several: to be asked, not guessed.
    """

    value: str | None = None
    words: str | None = None
    unsure: tuple[str, ...] = ()

    @property
    def skipped(self) -> bool:
        """Whether the person would rather not say."""
        return self.value is None and self.words is None and not self.unsure


def bare(text: str) -> str:
    """A text as options are compared: simplified, and mere politeness ("ok") left as it is."""
    return simplified(text) or " ".join(re.sub(r"[\W_]+", " ", text.casefold()).split())


def read(question: Question, text: str) -> Reading | None:
    """A text as an answer to the question; None where it does not fit."""
    whole = bare(text)
    if whole in SKIP_WORDS:
        return Reading()
    if question.kind == "text":
        return Reading(words=text) if whole else None
    if len(whole.split()) > WORDS_MOST[question.kind]:
        return None
    if question.kind == "choice":
        return _choice(question, whole)
    if question.kind == "number":
        number = NUMBER.fullmatch(whole)
        return Reading(str(int(number[1]))) if number else None
    return _place(text)


def _choice(question: Question, whole: str) -> Reading | None:
    """By its number in the list, its code, or its words; several choices at once are none."""
    for number, option in enumerate(question.options, start=1):
        if whole in (str(number), bare(option.code), *map(bare, option.words)):
            return Reading(option.code)
    # "Yes I was", "no not me": the word, and nothing after it that could be a view.
    begun = [
        option.code
        for option in question.options
        for word in option.words
        if whole.startswith(f"{bare(word)} ") and set(whole.removeprefix(bare(word)).split()) <= SMALL_WORDS
    ]
    return Reading(begun[0]) if begun and len(set(begun)) == 1 else None


def _place(text: str) -> Reading | None:
    found = districts.find(text)
    if found is None:
        return None
    return Reading(unsure=found.unsure) if found.unsure else Reading(found.district or districts.OUTSIDE)


def applies(question: Question, answers: Mapping[str, str | None]) -> bool:
    """Whether the question is to be asked of somebody with these answers (coded values by question)."""
    return question.only_if is None or answers.get(question.only_if[0]) == question.only_if[1]


def filled(fills: str, value: str | None) -> dict[str, Any]:
    """The respondent's columns that an answer's code is for; a skip empties them."""
    if fills == "district":
        outside = value == districts.OUTSIDE
        return {"district": None if outside else value, "out_of_area": outside}
    return {fills: value if fills == "age_band" or value is None else value == "yes"}
