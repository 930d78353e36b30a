"""A consultation as its YAML says: when it is open, how it is called, and what it answers. Pure.

`closes` is a day: it closes at 23:59:59 in London. Without it the consultation is a standing listening post.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import yaml
from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from services.common.segments import count, plain
from services.common.times import at_london
from services.consultation.routing import first_word, route

TEXTS = ("welcome", "thanks", "late", "early", "help", "stopped", "started")
# Without it, whoever withdraws gets no answer: "thanks, that is kept too" would be untrue.
MAY_HAVE = ("removed",)
SEGMENTS_MOST = 3


class QuestionnaireError(Exception):
    """A questionnaire that cannot be used; the message names the place and says what is expected."""


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """One consultation. `texts` are by name; `keywords` in capitals, the first word of a text that names this consultation."""

    id: str
    title: str
    opens: date
    closes: date | None
    keywords: tuple[str, ...]
    default: bool
    texts: dict[str, str]

    @property
    def opens_at(self) -> datetime:
        """The first instant at which it is open (UTC)."""
        return at_london(self.opens, time.min)

    @property
    def closes_at(self) -> datetime | None:
        """The first instant at which it is closed: midnight in London after its last day."""
        return at_london(self.closes + timedelta(days=1), time.min) if self.closes else None


class _Questionnaire(Schema):
    id = fields.String(required=True, validate=validate.Regexp(r"[a-z0-9-]{1,60}$"))
    title = fields.String(required=True)
    opens = fields.Date(required=True)
    closes = fields.Date(load_default=None, allow_none=True)
    keywords = fields.List(fields.String(validate=validate.Regexp(r"[A-Za-z]{3,12}$")), load_default=list)
    default = fields.Boolean(load_default=True)
    texts = fields.Dict(fields.String(), fields.String(), required=True)

    @validates_schema
    def coherent(self, data: dict[str, Any], **_: Any) -> None:
        if data["closes"] and data["closes"] < data["opens"]:
            raise ValidationError("it closes before it opens", "closes")
        for name in TEXTS:
            if not data["texts"].get(name):
                raise ValidationError(f"the text {name!r} is missing", "texts")
        for name, text in data["texts"].items():
            if name not in (*TEXTS, *MAY_HAVE):
                raise ValidationError(
                    f"there is no text called {name!r}; the texts are {', '.join((*TEXTS, *MAY_HAVE))}",
                    "texts",
                )
            if count(plain(text)).segments > SEGMENTS_MOST:
                raise ValidationError(f"{name!r} takes more than {SEGMENTS_MOST} segments", "texts")
        if not re.search(r"\bSTOP\b", data["texts"]["welcome"]):
            raise ValidationError("the welcome must say how to STOP", "texts")
        for word in data["keywords"]:
            taken = route(word)
            if taken.kind != "feedback" or first_word(word) != word.upper():
                raise ValidationError(
                    f"{word!r} cannot be a keyword: people write it for something else", "keywords"
                )

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Questionnaire:
        data["keywords"] = tuple(word.upper() for word in data["keywords"])
        return Questionnaire(**data)


def read(text: str) -> dict[str, Any]:
    """A questionnaire's content from YAML, checked. Raises QuestionnaireError."""
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise QuestionnaireError(f"the questionnaire is not YAML: {error}") from None
    if not isinstance(content, dict):
        raise QuestionnaireError("a questionnaire is a YAML mapping of id, title, opens, closes, texts …")
    parse(content)
    return content


def parse(content: dict[str, Any]) -> Questionnaire:
    """A questionnaire from its content. Raises QuestionnaireError."""
    try:
        questionnaire: Questionnaire = _Questionnaire().load(content)
    except ValidationError as error:
        raise QuestionnaireError(f"the questionnaire: {error.messages}") from None
    return questionnaire


def digest(content: dict[str, Any]) -> str:
    """The SHA-256 of a questionnaire's content in one canonical form, printed in its report."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()
