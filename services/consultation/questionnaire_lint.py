"""What a questionnaire costs and where it may go wrong: nothing here forbids it. Pure. (What forbids it is in the schema.)"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from services.common.segments import GSM7_BASIC, GSM7_EXTENSION, SegmentCount, count, plain
from services.consultation.filled import longest
from services.consultation.questionnaire import INVITATION, TEXTS, Questionnaire, usual_texts
from services.consultation.questions import SKIP_WORDS, Question, bare
from services.consultation.routing import route

READING_AGE_MOST = 12
FIRST_REPLY = "first reply"
ELECTION_NEAR = timedelta(weeks=6)
# What the first reply must tell, and how it shows in either language.
TOLD = {
    "HELP": r"\bHELP\b",
    "that the usual rate applies": r"(?i:\brate\b|\b[cg]yfradd\b)",
    "a page for the plan and the privacy notice": r"\b[a-z0-9-]+\.[a-z]{2,}|\{page\}",
    "a telephone number": r"\d{3,}[ \d]{4,}",
    "that whoever is in danger should call 999": r"\b999\b",
}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one message takes, at its longest."""

    language: str
    text: str
    counted: SegmentCount
    dear: tuple[str, ...]  # the characters for which a text holds less than half


def costs(questionnaire: Questionnaire) -> Iterator[Cost]:
    """Every message: the texts, each question in both its wordings, and the first reply with the first question."""
    for language in questionnaire.languages:
        for name in (*TEXTS, *usual_texts()["en"]):
            yield _cost(language, name, questionnaire.text(name, language))
        if language in questionnaire.invitation:
            yield _cost(language, INVITATION, questionnaire.invitation[language])
        for question in questionnaire.questions:
            yield _cost(language, f"{question.id} (ask)", question.ask[language])
            yield _cost(language, f"{question.id} (again)", question.again[language])
        if questionnaire.questions:
            first = questionnaire.questions[0].ask[language]
            yield _cost(language, FIRST_REPLY, f"{questionnaire.text('welcome', language)}\n{first}")


def _cost(language: str, name: str, words: str) -> Cost:
    read = plain(longest(words))
    dear = tuple(sorted({one for one in read if one not in GSM7_BASIC | GSM7_EXTENSION}))
    return Cost(language, name, count(read), dear)


def warnings(questionnaire: Questionnaire) -> Iterator[str]:
    """What a person should look at before launching, each with its place."""
    if len(questionnaire.languages) == 1:
        yield f"texts: only in {questionnaire.languages[0]!r}"
    for cost in costs(questionnaire):
        if cost.dear and cost.text != FIRST_REPLY:
            yield f"{cost.language}, {cost.text}: because of {', '.join(map(repr, cost.dear))} a segment holds 70 characters, not 160"
    for language in questionnaire.languages:
        for told, shows in TOLD.items():
            if not re.search(shows, questionnaire.text("welcome", language)):
                yield f"texts.{language}.welcome: it does not tell {told}"
        for name, words in questionnaire.texts[language].items():
            if route(words).kind in ("danger", "opt-out", "command"):
                yield f"texts.{language}.{name}: a machine that sends it back is taken for {route(words).kind}"
        for question in questionnaire.questions:
            yield from _question(question, language)
    yield from (f"opens, closes: {said}" for said in dates(questionnaire))
    age = reading_age(questionnaire)
    if age is not None and age > READING_AGE_MOST:
        yield f"texts.en: they ask for a reading age of {age}; {READING_AGE_MOST} is the most that everybody can read"


def _question(question: Question, language: str) -> Iterator[str]:
    words = question.ask[language]
    if not re.search(r"\bS\b", words):
        yield f"questions.{question.id}.ask.{language}: it does not say that S skips it"
    for number, option in enumerate(question.options, start=1):
        ways = (str(number), option.code, *option.words)
        if not any(
            re.search(rf"\b{re.escape(bare(way))}\b", words.casefold())
            for way in ways
            if bare(way) not in SKIP_WORDS
        ):
            yield f"questions.{question.id}.ask.{language}: nobody is told how to choose {option.code!r}"


def dates(questionnaire: Questionnaire) -> Iterator[str]:
    """What is unlucky about when it is open: Cabinet Office, Consultation Principles (2018), C and J. A standing post has no such days."""
    opens, closes = questionnaire.opens, questionnaire.closes
    if closes is None:
        return
    days = [opens + timedelta(days=number) for number in range((closes - opens).days + 1)]
    august = sum(day.month == 8 for day in days)
    if august:
        yield f"{august} of {len(days)} days are in August, when many are away"
    for year in range(opens.year, closes.year + 1):
        election = _first_thursday_of_may(year)
        if opens <= election and closes > election - ELECTION_NEAR:
            yield f"it is open in the six weeks before the elections of {election:%-d %B %Y}, if there are any here"


def _first_thursday_of_may(year: int) -> date:
    first = date(year, 5, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7)


def reading_age(questionnaire: Questionnaire) -> int | None:
    """Years of age at which the English texts are read easily: the Flesch-Kincaid grade (1975) and five. None without English.

    Syllables are groups of vowels less a silent e: within one grade of a dictionary's on texts this plain.
    """
    if "en" not in questionnaire.texts:
        return None
    texts = [*questionnaire.texts["en"].values(), *(one.ask["en"] for one in questionnaire.questions)]
    sentences = [one for one in re.split(r"[.!?:]+\s", " ".join(f"{text} " for text in texts)) if one.strip()]
    words = [word for one in sentences for word in re.findall(r"[A-Za-z']+", one)]
    syllables = sum(_syllables(word.casefold()) for word in words)
    grade = 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59
    return ceil(grade + 5)


def _syllables(word: str) -> int:
    groups = len(re.findall(r"[aeiouy]+", word))
    silent = word.endswith("e") and not word.endswith("le") and groups > 1
    return max(1, groups - silent)
