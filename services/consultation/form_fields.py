"""What the public form asks, drawn from the questionnaire, and what it holds against an answer. Pure.

The words of texts ("Y or N, S to skip") do not fit a page: questions that fill a known fact have the form's own words, others their
text without its last sentence. `data/form.yaml` holds the form's words by language.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from services.consultation import questions
from services.consultation.batch_rows import ANSWER, ORGANISATION_MOST, RECEIPT, TEXT_MOST
from services.consultation.questionnaire import Questionnaire
from services.consultation.questions import Question
from services.consultation.states import RespondentType

SKIPPING = re.compile(r"[^.?!]*\bS (?:to skip|i neidio)\.?\s*$")
YES_NO = frozenset({"victim", "may_publish"})
# A number would be needed to text somebody, and the form asks for none.
NOT_ON_PAPER = frozenset({"may_text"})
TYPES = (RespondentType.RESIDENT, RespondentType.BUSINESS, RespondentType.ORGANISATION)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form. With `options` (code → label) it is a choice, else a line to write on."""

    name: str
    label: str
    hint: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    short: bool = False


@cache
def sayings() -> dict[str, dict[str, str]]:
    """What the form says, by language and name."""
    said: dict[str, dict[str, str]] = yaml.safe_load(
        files("services.consultation").joinpath("data/form.yaml").read_text(encoding="utf-8")
    )
    return said


def asked(parsed: Questionnaire) -> list[Question]:
    """The questions that the form asks."""
    return [one for one in parsed.questions if one.fills not in NOT_ON_PAPER]


def fields(parsed: Questionnaire, content: Mapping[str, Any], language: str) -> list[Field]:
    """The form's fields after the view itself, in order. `content` is the frozen questionnaire, which keeps words by language."""
    say = sayings()[language]
    written = {one["id"]: one for one in content.get("questions", [])}
    return [
        *(_of(one, written.get(one.id, {}), parsed.spoken(language), say) for one in asked(parsed)),
        Field("type", say["type"], options={str(one): say[one] for one in TYPES}),
        Field("organisation", say["organisation_name"], say["organisation_hint"]),
        Field("receipt", say["receipt"], say["receipt_hint"], short=True),
    ]


def _of(question: Question, written: Mapping[str, Any], language: str, say: Mapping[str, str]) -> Field:
    fills = question.fills or ""
    label = say.get(fills) or SKIPPING.sub("", question.ask[language]).strip()
    name = f"{ANSWER}{question.id}"
    if question.kind != "choice":
        return Field(name, label, say.get(f"{fills}_hint", ""), short=question.kind == "number")
    if fills in YES_NO:
        options = {"yes": say["yes"], "no": say["no"]}
    else:
        options = {
            one["code"]: max(map(str, one["words"].get(language, [one["code"]])), key=len)
            for one in written.get("options", [])
        }
    return Field(name, label, options={**options, "skip": say["skip"]})


def problems(parsed: Questionnaire, given: Mapping[str, str], language: str) -> dict[str, str]:
    """What is wrong, by field, in the words of the page; nothing where it can be taken."""
    say = sayings()[language]
    answers = [(one, given.get(f"{ANSWER}{one.id}", "")) for one in asked(parsed)]
    found: dict[str, str] = {}
    if len(given["words"]) > TEXT_MOST:
        found["words"] = say["error_long"]
    elif not given["words"] and not any(words for _, words in answers):
        found["words"] = say["error_empty"]
    for question, words in answers:
        if words and questions.read(question, words) is None:
            found[f"{ANSWER}{question.id}"] = say["error_answer"]
    if (
        given["type"] == RespondentType.ORGANISATION
        and not 0 < len(given["organisation"]) <= ORGANISATION_MOST
    ):
        found["organisation"] = say["error_organisation"]
    if given["receipt"] and not RECEIPT.fullmatch(given["receipt"].upper()):
        found["receipt"] = say["error_receipt"]
    if given["website"]:
        found["website"] = say["error_website"]
    return found
