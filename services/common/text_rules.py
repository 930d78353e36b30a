"""Rules that say what a text is, as data: each with its pattern, its reason, examples that it takes and near ones that it must not. Pure.

A file of rules is YAML: `words`, which patterns name in angle brackets (`<home>`), and `rules` in the order in which they are tried. A
rule reads the whole message (`whole`: small letters, no punctuation, no politeness), the same without spaces (`squeezed`), or looks for
its pattern anywhere in the sentence (`sentence`: small letters, no apostrophes, punctuation kept).
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

POLITE = re.compile(
    r"\b(?:please|pls|plz|thank you|thanks|thank u|thankyou|thx|ty|cheers|ta|now|hi|hello|ok|okay|x+)\b"
)
NAMED = re.compile(r"<([a-z-]+)>")


@dataclass(frozen=True, slots=True)
class Understood:
    """What a text is taken for: its kind, the rule's id and the reason in words."""

    kind: str
    rule: str
    because: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A text in the three forms in which rules read it."""

    whole: str
    squeezed: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `examples` it takes, `counter_examples` no rule of its kind may take; `unless` is a pattern that spoils it."""

    id: str
    kind: str
    reads: str
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None
    because: str
    examples: tuple[str, ...]
    counter_examples: tuple[str, ...]

    def takes(self, text: Reading) -> bool:
        """Whether this rule takes the text."""
        words = getattr(text, self.reads)
        found = (
            self.pattern.search(words) if self.reads == "sentence" else self.pattern.fullmatch(words)
        ) is not None
        return found and not (self.unless and self.unless.search(words))


def simplified(text: str) -> str:
    """Lower case, apostrophes and punctuation gone, politeness trimmed, single spaces: what whole-message rules compare."""
    bare = re.sub(r"[\W_]+", " ", _lowered(text))
    return " ".join(POLITE.sub(" ", bare).split())


def _lowered(text: str) -> str:
    """Lower case in its plain form (full-width letters too), apostrophes gone."""
    return re.sub("['\u2018\u2019`\u00b4]", "", unicodedata.normalize("NFKC", text).casefold())


def reading(text: str) -> Reading:
    """A text in the forms that rules read."""
    whole = simplified(text)
    return Reading(whole, whole.replace(" ", ""), " ".join(_lowered(text).split()))


def first(rules: Iterable[Rule], text: Reading) -> Understood | None:
    """The first rule that takes the text."""
    for rule in rules:
        if rule.takes(text):
            return Understood(rule.kind, rule.id, rule.because)
    return None


@cache
def rules(package: str, name: str) -> tuple[Rule, ...]:
    """The rules in a file of a package's data, in their order."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content = yaml.load(files(package).joinpath(f"data/{name}").read_text(encoding="utf-8"), loader)  # noqa: S506 - a safe loader
    words: dict[str, str] = {}
    for word, pattern in content["words"].items():
        words[word] = _spelt_out(pattern, words)
    return tuple(_rule(row, words) for row in content["rules"])


def _rule(row: dict[str, Any], words: dict[str, str]) -> Rule:
    def compiled(given: str | list[str]) -> re.Pattern[str]:
        several = [given] if isinstance(given, str) else given
        return re.compile("|".join(f"(?:{_spelt_out(one, words)})" for one in several))

    return Rule(
        id=row["id"],
        kind=row["kind"],
        reads=row["reads"],
        pattern=compiled(row["pattern"]),
        unless=compiled(row["unless"]) if "unless" in row else None,
        because=row["because"],
        examples=tuple(row["examples"]),
        counter_examples=tuple(row["counter_examples"]),
    )


def _spelt_out(pattern: str, words: dict[str, str]) -> str:
    return NAMED.sub(lambda name: words[name[1]], pattern)
