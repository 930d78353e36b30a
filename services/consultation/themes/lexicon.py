"""Which themes a text's own words name, by the codeframe's lexicon: the reason that anybody can check. Pure."""

import re
from functools import lru_cache

from services.consultation.themes.codeframe import Codeframe


def found(codeframe: Codeframe, text: str) -> dict[str, tuple[str, ...]]:
    """The terms of each theme that stand in the text, as they stand there; themes without one are left out."""
    simple = plain(text)
    hits: dict[str, tuple[str, ...]] = {}
    for theme in codeframe.themes:
        if theme.lexicon and (terms := _pattern(theme.lexicon).findall(simple)):
            hits[theme.id] = tuple(dict.fromkeys(terms))
    return hits


def plain(text: str) -> str:
    """Small letters, typographic apostrophes and hyphens as typed ones, spaces joined."""
    return " ".join(text.lower().replace("\u2019", "'").replace("\u2018", "'").replace("\u2011", "-").split())


@lru_cache(maxsize=512)
def _pattern(terms: tuple[str, ...]) -> re.Pattern[str]:
    # The longest first: "fly tipping" rather than "fly".
    longest = sorted(terms, key=lambda term: (-len(term), term))
    either = "|".join(
        re.escape(term.rstrip("*")) + (r"\w*" if term.endswith("*") else "") for term in longest
    )
    return re.compile(rf"(?<![\w])(?:{either})(?![\w])")
