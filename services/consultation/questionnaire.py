"""A consultation as its YAML says: when it is open, how it is called, what it asks and what it answers. Pure.

`closes` is a day: it closes at 23:59:59 in London. Without it the consultation is a standing listening post.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from services.common.times import at_london
from services.consultation import marked_yaml
from services.consultation.questions import Question

TEXTS = ("welcome", "thanks", "late", "early", "help", "stopped", "started")
INVITATION = "invitation"
LANGUAGES = ("en", "cy")


class QuestionnaireError(Exception):
    """A questionnaire that cannot be used; the message names line and field and says what is expected.

    `mistakes` are the same one by one, `fields` by the field's path.
    """

    def __init__(
        self, message: str, mistakes: Sequence[str] = (), fields: dict[str, list[str]] | None = None
    ) -> None:
        super().__init__(message)
        self.mistakes = tuple(mistakes) or (message,)
        self.fields = fields or {}


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """One consultation. `texts` are by language and name; `keywords`, in capitals, name it as first word and say the language."""

    id: str
    kind: str
    title: str
    opens: date
    closes: date | None
    sender: str | None
    keywords: Mapping[str, str]
    default: bool
    texts: Mapping[str, Mapping[str, str]]
    questions: tuple[Question, ...]
    again_after_days: int  # of a feedback request: how long one person is left in peace

    @property
    def opens_at(self) -> datetime:
        """The first instant at which it is open (UTC)."""
        return at_london(self.opens, time.min)

    @property
    def closes_at(self) -> datetime | None:
        """The first instant at which it is closed: midnight in London after its last day."""
        return at_london(self.closes + timedelta(days=1), time.min) if self.closes else None

    @property
    def invitation(self) -> dict[str, str]:
        """The text that invites, by language; empty where nobody is invited by text."""
        return {language: texts[INVITATION] for language, texts in self.texts.items() if INVITATION in texts}

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that it speaks, its first one first."""
        return tuple(self.texts)

    def spoken(self, language: str) -> str:
        """The language, or the questionnaire's first one where it does not speak it."""
        return language if language in self.texts else self.languages[0]

    def text(self, name: str, language: str) -> str:
        """A text's words before anything is filled in."""
        spoken = self.spoken(language)
        words = self.texts[spoken].get(name) or usual_texts()[spoken][name]
        return words.replace("{title}", self.title)

    def question(self, name: str) -> Question:
        """The question with this id. Raises KeyError."""
        return {question.id: question for question in self.questions}[name]


@cache
def usual_texts() -> dict[str, dict[str, str]]:
    """The texts, by language and name, that a questionnaire need not write."""
    written = files("services.consultation").joinpath("data/texts.yaml").read_text(encoding="utf-8")
    texts: dict[str, dict[str, str]] = yaml.safe_load(written)
    return texts


def read(text: str) -> dict[str, Any]:
    """A questionnaire's content from YAML, checked. Raises QuestionnaireError with the line of what is wrong."""
    try:
        content, lines = marked_yaml.load(text)
    except marked_yaml.MarkedError as error:
        raise QuestionnaireError(f"the questionnaire is not YAML: {error}") from None
    if not isinstance(content, dict):
        raise QuestionnaireError("a questionnaire is a YAML mapping of id, title, opens, closes, texts …")
    _checked(content, lines)
    return content


def parse(content: dict[str, Any]) -> Questionnaire:
    """A questionnaire from its content. Raises QuestionnaireError with the field of what is wrong."""
    return _checked(content, {})


def _checked(content: dict[str, Any], lines: dict[marked_yaml.Path, int]) -> Questionnaire:
    from services.consultation.questionnaire_schema import mistakes_or_made  # noqa: PLC0415 - it makes what stands here

    made, mistakes = mistakes_or_made(content)
    if made is None:
        placed = [_placed(one, lines) for one in mistakes]
        fields: dict[str, list[str]] = {}
        for path, words in mistakes:
            fields.setdefault(_field(path), []).append(words)
        raise QuestionnaireError(f"the questionnaire: {'; '.join(placed)}", placed, fields)
    return made


def _placed(mistake: tuple[marked_yaml.Path, str], lines: dict[marked_yaml.Path, int]) -> str:
    path, words = mistake
    line = marked_yaml.line_of(lines, path)
    return f"{f'line {line}, ' if line else ''}{_field(path)}: {words}"


def _field(path: marked_yaml.Path) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in path)


def digest(content: dict[str, Any]) -> str:
    """The SHA-256 of a questionnaire's content in one canonical form, printed in its report."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()
