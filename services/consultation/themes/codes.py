"""What a code is: who said that a text has which themes, when, under which version; and what stands now. Pure.

Codes are added and never changed. A machine's code is a suggestion and stands until a person has spoken.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.consultation.themes.changes import today
from services.consultation.themes.codeframe import Codeframe, Stance


@dataclass(frozen=True, slots=True)
class Code:
    """One act of coding one text: all its themes, each with a stance, or none. `by` is a person, else `model` its digest;
    `blind`: the coder saw neither suggestions nor another person's codes."""

    text: int
    themes: dict[str, Stance]
    version: int
    at: datetime
    by: str | None = None
    model: str | None = None
    blind: bool = False

    def __post_init__(self) -> None:
        if (self.by is None) == (self.model is None):
            raise ValueError("a code is a person's or a model's")


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands for a text today. `unclear`: themes that were split since, one of which a person must choose."""

    text: int
    themes: dict[str, Stance]
    reviewed: bool
    unclear: frozenset[str]


def standing(frame: Codeframe, codes: Iterable[Code]) -> dict[int, Standing]:
    """For each text the latest person's code that is not a blind second one, else the latest machine's, read under the frame of
    today. Of two themes that were merged, differing stances are unclear."""
    by_text: dict[int, list[Code]] = defaultdict(list)
    for code in codes:
        if not (code.blind and code.by):
            by_text[code.text].append(code)
    return {
        text: _read(frame, max(several, key=lambda code: (code.by is not None, code.at)))
        for text, several in by_text.items()
    }


def reviewed_share(found: Iterable[Standing]) -> tuple[int, int]:
    """(texts that a person coded, texts): what stands beside every number."""
    all_of_them = list(found)
    return sum(one.reviewed for one in all_of_them), len(all_of_them)


def _read(frame: Codeframe, code: Code) -> Standing:
    themes: dict[str, Stance] = {}
    unclear: set[str] = set()
    for theme, stance in code.themes.items():
        meant = today(frame, theme)
        if len(meant) > 1:
            unclear |= meant
            continue
        (now,) = meant
        themes[now] = stance if themes.get(now, stance) is stance else Stance.UNCLEAR
    return Standing(code.text, themes, code.by is not None, frozenset(unclear))
