"""What a code is: who said that a text has which themes, when, under which version; and what stands now. Pure.

Codes are added and never changed. A machine's code is a suggestion and stands until a person has spoken.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
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
    number: int = 0  # where it is stored

    def __post_init__(self) -> None:
        if (self.by is None) == (self.model is None):
            raise ValueError("a code is a person's or a model's")


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands for a text today. `unclear`: themes of which a person must choose one, because those that the text was given
    (`split`) were split since."""

    text: int
    themes: dict[str, Stance]
    reviewed: bool
    unclear: frozenset[str]
    split: frozenset[str] = frozenset()


def standing(frame: Codeframe, codes: Iterable[Code]) -> dict[int, Standing]:
    """What stands for each text that has a code, read under the frame of today. Of two themes that were merged, differing stances
    are unclear."""
    meant = {theme.id: today(frame, theme.id) for theme in (*frame.themes, *frame.retired)}
    return {text: _read(meant, stands(several)) for text, several in _by_text(codes).items()}


def stands(codes: Sequence[Code]) -> Code:
    """Of one text's codes the one that stands: the latest person's; of blind ones the latest of whoever coded it first, because
    the second is there to measure; with no person's, the latest machine's."""
    people = [code for code in codes if code.by]
    seeing = [code for code in people if not code.blind]
    if people and not seeing:
        first = min(people, key=_when).by
        seeing = [code for code in people if code.by == first]
    return max(seeing or codes, key=_when)


def next_is_blind(codes: Iterable[Code], *, drawn: bool) -> bool:
    """Whether a person's next code of one text is blind: the lot fell on it, nobody has coded it seeing, and two have not yet."""
    people = [code for code in codes if code.by]
    return drawn and all(code.blind for code in people) and len({code.by for code in people}) < 2


def blind_pairs(codes: Iterable[Code]) -> dict[int, tuple[Code, Code]]:
    """Of each text that two people coded blind, the latest code of the first and of the second."""
    pairs = {}
    for text, several in _by_text(code for code in codes if code.blind and code.by).items():
        coders = list(dict.fromkeys(code.by for code in sorted(several, key=_when)))
        if len(coders) > 1:
            first, second = (
                max((code for code in several if code.by == coder), key=_when) for coder in coders[:2]
            )
            pairs[text] = first, second
    return pairs


def read(frame: Codeframe, code: Code) -> Standing:
    """One code, read under the frame of today."""
    return _read({theme: today(frame, theme) for theme in code.themes}, code)


def _read(means: Mapping[str, frozenset[str]], code: Code) -> Standing:
    themes: dict[str, Stance] = {}
    unclear, split = set[str](), set[str]()
    for theme, stance in code.themes.items():
        if len(means[theme]) > 1:
            unclear |= means[theme]
            split.add(theme)
            continue
        (now,) = means[theme]
        themes[now] = stance if themes.get(now, stance) is stance else Stance.UNCLEAR
    return Standing(code.text, themes, code.by is not None, frozenset(unclear), frozenset(split))


def _by_text(codes: Iterable[Code]) -> dict[int, list[Code]]:
    found: dict[int, list[Code]] = defaultdict(list)
    for code in codes:
        found[code.text].append(code)
    return found


def _when(code: Code) -> datetime:
    return code.at
