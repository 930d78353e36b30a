"""Which words are printed: of those that may be published a few a theme, drawn by lot, so that nobody picks. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Protocol

from services.consultation.themes.codeframe import Codeframe, Stance

MOST = 3  # a theme


class Quoted(Protocol):
    """Words that may be published (`publication.Quote`)."""

    @property
    def submission(self) -> int: ...
    @property
    def words(self) -> str: ...
    @property
    def themes(self) -> Mapping[str, Stance]: ...


def drawn(frame: Codeframe, quotes: Sequence[Quoted], seed: str) -> list[dict[str, str]]:
    """[{"theme", "words"}] in the frame's order: each response under its first theme. The same seed draws the same."""
    left = sorted(quotes, key=lambda one: hashlib.sha256(f"{seed}:{one.submission}".encode()).digest())
    found: list[dict[str, str]] = []
    for theme in frame.ids:
        mine = [
            one for one in left if next((each for each in frame.ids if each in one.themes), None) == theme
        ]
        found += [{"theme": theme, "words": one.words} for one in mine[:MOST]]
    return found
