"""Texts that are almost the same: duplicates that a person may settle, and campaigns. Pure.

Two texts are alike where the sets of their runs of five characters overlap by four fifths (Jaccard), small letters and words only.
The search is exact and its time does not depend on what is said: 27,000 texts take a quarter of a minute. A text of fewer than six words
says too little: many people write "more police please" by themselves.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from sys import intern

from services.consultation.overlaps import ALIKE, groups, pairs

RUN = 5  # characters
WORDS_LEAST = 6
CAMPAIGN_LEAST = 5  # different people
METHOD = (
    f"Texts of at least {WORDS_LEAST} words are alike where the sets of their runs of {RUN} characters overlap by at least"
    f" {ALIKE:.0%} (Jaccard). Alike texts of {CAMPAIGN_LEAST} or more people are a campaign: each is counted, the text is"
    " analysed once."
)
WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, repr=False)
class Said:
    """One response's words: whose they are, and in which district (None: not known)."""

    id: int
    respondent_id: int
    district: str | None
    words: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two responses that may be one person's, the earlier first, and how alike they are (0 to 1)."""

    first: int
    second: int
    likeness: float


def normal(words: str) -> str:
    """The words in small letters, punctuation and spacing made one."""
    return " ".join(WORD.findall(words.casefold()))


def campaigns(said: Sequence[Said]) -> list[list[int]]:
    """Groups of alike responses by enough different people, each in order of id, the largest first."""
    distinct: dict[str, list[Said]] = defaultdict(list)
    for one in said:
        text = normal(one.words)
        if text.count(" ") + 1 >= WORDS_LEAST:
            distinct[text].append(one)
    same = list(distinct.values())
    together = [
        [one for place in group for one in same[place]]
        for group in groups([_runs(text) for text in distinct])
    ]
    wide = [group for group in together if len({one.respondent_id for one in group}) >= CAMPAIGN_LEAST]
    return sorted((sorted(one.id for one in group) for group in wide), key=lambda ids: (-len(ids), ids))


def duplicates(said: Sequence[Said]) -> list[Pair]:
    """Pairs of alike responses of different respondents in one district (or in none known), the most alike first."""
    by_district: dict[str | None, list[Said]] = defaultdict(list)
    for one in sorted(said, key=lambda each: each.id):
        by_district[one.district].append(one)
    found = [pair for group in by_district.values() for pair in _pairs(group)]
    return sorted(found, key=lambda pair: (-pair.likeness, pair.first, pair.second))


def _pairs(group: Sequence[Said]) -> Iterator[Pair]:
    kept = [(one, text) for one in group if (text := normal(one.words)).count(" ") + 1 >= WORDS_LEAST]
    runs = [_runs(text) for _, text in kept]
    for a, b in pairs(runs):
        first, second = sorted((kept[a][0], kept[b][0]), key=lambda one: one.id)
        if first.respondent_id != second.respondent_id:
            shared = len({*runs[a]} & {*runs[b]})
            yield Pair(first.id, second.id, round(shared / (len(runs[a]) + len(runs[b]) - shared), 3))


def _runs(text: str) -> tuple[str, ...]:
    return tuple({intern(text[at : at + RUN]) for at in range(max(1, len(text) - RUN + 1))})
