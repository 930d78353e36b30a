"""Texts that are almost the same: duplicates that a person may settle, and campaigns. Pure.

Two texts are alike where the sets of their runs of five characters overlap by four fifths (Jaccard), small letters and words only.
The search is exact: a pair that is alike must share one of the rarer runs of each (prefix filtering, Bayardo 2007), so only texts
that share one of those are compared. 27,000 texts take seconds. A text of fewer than six words says too little: many people
write "more police please" by themselves.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

RUN = 5  # characters
ALIKE = 0.8
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
    texts = list(distinct)
    root = list(range(len(texts)))
    for a, b, _ in _alike(texts):
        root[_top(root, a)] = _top(root, b)
    groups: dict[int, list[Said]] = defaultdict(list)
    for number, text in enumerate(texts):
        groups[_top(root, number)] += distinct[text]
    wide = [group for group in groups.values() if len({one.respondent_id for one in group}) >= CAMPAIGN_LEAST]
    return sorted((sorted(one.id for one in group) for group in wide), key=lambda ids: (-len(ids), ids))


def duplicates(said: Sequence[Said]) -> list[Pair]:
    """Pairs of alike responses of different respondents in one district (or in none known), the most alike first."""
    by_district: dict[str | None, list[Said]] = defaultdict(list)
    for one in sorted(said, key=lambda each: each.id):
        by_district[one.district].append(one)
    pairs = [pair for group in by_district.values() for pair in _pairs(group)]
    return sorted(pairs, key=lambda pair: (-pair.likeness, pair.first, pair.second))


def _pairs(group: Sequence[Said]) -> Iterator[Pair]:
    kept = [(one, text) for one in group if (text := normal(one.words)).count(" ") + 1 >= WORDS_LEAST]
    for a, b, likeness in _alike([text for _, text in kept]):
        first, second = sorted((kept[a][0], kept[b][0]), key=lambda one: one.id)
        if first.respondent_id != second.respondent_id:
            yield Pair(first.id, second.id, round(likeness, 3))


def _top(root: list[int], one: int) -> int:
    while root[one] != one:
        root[one] = root[root[one]]
        one = root[one]
    return one


def _alike(texts: Sequence[str]) -> Iterator[tuple[int, int, float]]:
    """Every pair of places whose texts are alike, with their likeness."""
    runs = [{text[at : at + RUN] for at in range(max(1, len(text) - RUN + 1))} for text in texts]
    often = Counter(run for one in runs for run in one)
    holders: dict[str, list[int]] = defaultdict(list)
    # From the shortest: a text can only be alike to one that is at least four fifths as long.
    for place in sorted(range(len(texts)), key=lambda each: len(runs[each])):
        size = len(runs[place])
        prefix = _rarest(runs[place], size - ceil(ALIKE * size) + 1, often)
        met = {other for run in prefix for other in holders[run] if len(runs[other]) >= ALIKE * size}
        for other in met:
            shared = len(runs[place] & runs[other])
            likeness = shared / (size + len(runs[other]) - shared)
            if likeness >= ALIKE:
                yield other, place, likeness
        for run in prefix:
            holders[run].append(place)


def _rarest(runs: set[str], number: int, often: Counter[str]) -> list[str]:
    """Of a text's `number` rarest runs, those that another text has too."""
    shared = [run for run in runs if often[run] > 1]
    left = number - (len(runs) - len(shared))
    return sorted(shared, key=lambda run: (often[run], run))[:left] if left > 0 else []
