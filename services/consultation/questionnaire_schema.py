"""The shape of a questionnaire: what may stand in it, and what each mistake is called. Pure."""

import re
from collections.abc import Iterator
from typing import Any

from marshmallow import Schema, ValidationError, fields, pre_load, validate, validates_schema

from services.consultation.filled import segments, unfilled
from services.consultation.marked_yaml import Path
from services.consultation.questionnaire import INVITATION, LANGUAGES, TEXTS, Questionnaire, usual_texts
from services.consultation.questions import FILLS, KINDS, SKIP_WORDS, Option, Question, bare
from services.consultation.routing import first_word, route
from services.consultation.states import Kind

SEGMENTS_MOST = 3
FEEDBACK_FILLS = ("{answers}", "{page}", "{reference}")
QUESTIONS_MOST = 5
ID = validate.Regexp(r"[a-z0-9-]{1,60}$", error="small letters, digits and hyphens, at most 60")
YES_OR_NO = {"yes", "no"}
LANGUAGE = fields.String(
    validate=validate.OneOf(LANGUAGES, error=f"a language is one of {', '.join(LANGUAGES)}")
)
WORDS = fields.String(validate=validate.Length(min=1, error="it is empty"))


class _Option(Schema):
    code = fields.String(required=True, validate=ID)
    words = fields.Dict(LANGUAGE, fields.List(WORDS), required=True)


class _Question(Schema):
    id = fields.String(required=True, validate=ID)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    fills = fields.String(load_default=None, validate=validate.OneOf(FILLS))
    options = fields.List(fields.Nested(_Option), load_default=list)
    only_if = fields.Dict(
        fields.String(), fields.String(), load_default=None, validate=validate.Length(equal=1)
    )
    ask = fields.Dict(LANGUAGE, WORDS, required=True)
    again = fields.Dict(LANGUAGE, WORDS, required=True)

    @validates_schema
    def coherent(self, data: dict[str, Any], **_: Any) -> None:
        codes = [one["code"] for one in data["options"]]
        if (data["kind"] == "choice") != bool(codes) or len(codes) == 1 or len(codes) > 9:
            raise ValidationError("a choice has two to nine options, and no other kind has any", "options")
        if len(set(codes)) != len(codes):
            raise ValidationError("two options have one code", "options")
        wanted = {"district": "postcode", None: data["kind"]}.get(data["fills"], "choice")
        if data["kind"] != wanted:
            raise ValidationError(f"{data['fills']} is filled by a question of kind {wanted}", "fills")
        if data["fills"] in ("victim", "may_publish", "may_text") and set(codes) != YES_OR_NO:
            raise ValidationError(f"the options of {data['fills']} have the codes yes and no", "options")


class _Questionnaire(Schema):
    id = fields.String(required=True, validate=ID)
    kind = fields.String(load_default=None, validate=validate.OneOf(list(Kind)))
    title = fields.String(required=True, validate=validate.Length(min=1, max=100))
    opens = fields.Date(required=True)
    closes = fields.Date(load_default=None, allow_none=True)
    sender = fields.String(load_default=None, validate=validate.Length(min=1))
    keywords = fields.Dict(
        LANGUAGE, fields.List(fields.String(validate=validate.Regexp(r"[A-Za-z]{3,12}$"))), load_default=dict
    )
    default = fields.Boolean(load_default=True)
    texts = fields.Dict(LANGUAGE, fields.Dict(fields.String(), fields.String()), required=True)
    questions = fields.List(fields.Nested(_Question), load_default=list)
    again_after_days = fields.Integer(load_default=90, validate=validate.Range(1, 366))

    @pre_load
    def of_one_language(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Keywords in a list and texts without a language are English."""
        written = dict(data)
        if isinstance(written.get("keywords"), list):
            written["keywords"] = {"en": written["keywords"]}
        if isinstance(written.get("texts"), dict) and not set(written["texts"]) & set(LANGUAGES):
            written["texts"] = {"en": written["texts"]}
        return written


def mistakes_or_made(content: dict[str, Any]) -> tuple[Questionnaire | None, list[tuple[Path, str]]]:
    """The questionnaire, or everything that is wrong in its content, each with the path of the field."""
    try:
        data = _Questionnaire().load(content)
    except ValidationError as error:
        return None, list(_flat(error.messages))
    mistakes = [*_times(data), *_texts(data), *_keywords(data), *_questions(data)]
    return (None, mistakes) if mistakes else (_made(data), [])


def _flat(messages: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    if isinstance(messages, dict):
        for key, inner in messages.items():
            # marshmallow puts "key" and "value" between a mapping and what is wrong in it.
            yield from _flat(inner, path if key in ("_schema", "key", "value") else (*path, key))
    else:
        yield path, " ".join(str(one).rstrip(".") for one in messages)


def _times(data: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    if data["closes"] and data["closes"] < data["opens"]:
        yield ("closes",), "it closes before it opens"
    if data["kind"] == Kind.CONSULTATION and not data["closes"]:
        yield ("closes",), "a consultation has a closing day; a standing post has none"
    if data["kind"] == Kind.STANDING and data["closes"]:
        yield ("closes",), "a standing post has no closing day"


def _texts(data: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    if not data["texts"]:
        yield ("texts",), "there are none"
    for language, texts in data["texts"].items():
        known = (*TEXTS, *usual_texts()["en"], INVITATION)
        for name in TEXTS:
            if not texts.get(name):
                yield ("texts", language), f"the text {name!r} is missing"
        for name, words in texts.items():
            path = ("texts", language, name)
            if name not in known:
                yield path, f"there is no text called {name!r}; the texts are {', '.join(known)}"
            yield from _filled(path, name, words.replace("{title}", data["title"]))
        for filled in FEEDBACK_FILLS:
            if filled not in texts.get("feedback", filled):
                yield (
                    ("texts", language, "feedback"),
                    f"it must have {filled}: what was done, and where it stands",
                )
        for name in ("welcome", INVITATION, "feedback"):
            if not re.search(r"\bSTOP\b", texts.get(name, "STOP")):
                yield ("texts", language, name), f"the {name} must say how to STOP"
        if data["kind"] == Kind.FEEDBACK_REQUEST and INVITATION not in texts:
            yield (
                ("texts", language),
                f"a feedback request needs the text {INVITATION!r}: its one short question",
            )


def _filled(path: Path, name: str | None, words: str) -> Iterator[tuple[Path, str]]:
    taken = segments(words)
    if taken > SEGMENTS_MOST:
        yield (
            path,
            f"it takes {taken} segments at its longest, and {SEGMENTS_MOST} are the most: make it shorter",
        )
    for placeholder, known in unfilled(name, words):
        yield path, f"nothing is filled in for {placeholder}; here it can be {known}"


def _keywords(data: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    for language, words in data["keywords"].items():
        for number, word in enumerate(words):
            path = ("keywords", language, number)
            if language not in data["texts"]:
                yield path, f"{word!r} is for a language without texts"
            if route(word).kind != "feedback" or first_word(word) != word.upper():
                yield path, f"{word!r} cannot be a keyword: people write it for something else"


def _questions(data: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    if len(data["questions"]) > QUESTIONS_MOST:
        yield ("questions",), f"at most {QUESTIONS_MOST}: after that people stop"
    earlier: dict[str, set[str]] = {}
    for number, one in enumerate(data["questions"]):
        path: Path = ("questions", number)
        if one["id"] in earlier:
            yield (*path, "id"), f"two questions are called {one['id']!r}"
        for language in data["texts"]:
            for name in ("ask", "again"):
                if language not in one[name]:
                    yield (*path, name), f"it is not asked in {language!r}"
                else:
                    yield from _filled((*path, name, language), None, one[name][language])
        for needed, code in (one["only_if"] or {}).items():
            if code not in earlier.get(needed, set()):
                yield (*path, "only_if"), f"no earlier question {needed!r} has an option {code!r}"
        yield from _options(one, path)
        earlier[one["id"]] = {option["code"] for option in one["options"]}


def _options(one: dict[str, Any], path: Path) -> Iterator[tuple[Path, str]]:
    """A word of an option must reach the question: it may not stop texts, skip, or mean two options."""
    taken: dict[str, str] = {}
    for place, option in enumerate(one["options"]):
        for word in (option["code"], *(word for several in option["words"].values() for word in several)):
            where = (*path, "options", place)
            plainly = bare(word)
            if plainly in SKIP_WORDS:
                yield where, f"{word!r} skips a question, so nobody can choose it"
            elif route(word).kind not in ("feedback", "question"):
                yield where, f"{word!r} is taken for {route(word).kind}, so nobody can choose it"
            if taken.setdefault(plainly, option["code"]) != option["code"]:
                yield where, f"{word!r} would choose two options"


def _made(data: dict[str, Any]) -> Questionnaire:
    keywords = {word.upper(): language for language, words in data["keywords"].items() for word in words}
    kind = data["kind"] or (Kind.CONSULTATION if data["closes"] else Kind.STANDING)
    return Questionnaire(
        **data
        | {
            "kind": str(kind),
            "keywords": keywords,
            # Frozen as jsonb it has lost its order: the first language is not a matter of the alphabet.
            "texts": {
                language: data["texts"][language] for language in LANGUAGES if language in data["texts"]
            },
            "questions": tuple(_question(one) for one in data["questions"]),
        }
    )


def _question(one: dict[str, Any]) -> Question:
    options = tuple(
        Option(option["code"], tuple(word for several in option["words"].values() for word in several))
        for option in one["options"]
    )
    only_if = next(iter(one["only_if"].items())) if one["only_if"] else None
    return Question(**one | {"options": options, "only_if": only_if})
