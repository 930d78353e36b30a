"""One run of learning and suggesting, from what was read to what is to be kept. Pure, but that it looks for what is installed.

scikit-learn and the embeddings are loaded when a run begins: every process of the service loads this file, and most never learn.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from services.consultation.themes import lexicon, queue
from services.consultation.themes.codeframe import Codeframe
from services.consultation.themes.codes import Standing

# The kernel grows with the square of the rows: 144 MB at this many. Of more, the latest are learnt from.
ROWS_MOST = 6000
GROUPED_MOST = 5000  # texts among which groups are looked for, the latest
NONE_OF_THESE = "none-of-these"
WITHOUT = (
    "scikit-learn is not installed where themes are suggested (requirements/analysis.txt): the queue goes by lot, and shows what"
    " the lexicon finds"
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How many texts are suggested for, and how many embeddings are made, at most; None: all."""

    texts: int | None = None
    vectors: int | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Seen:
    """What a run goes by. `words` of each text that counts; `machine`: the themes of the latest model's code; `runs`: which run last
    suggested for it; `vectors`: embeddings as bytes."""

    frame: Codeframe
    words: dict[int, str]
    standing: dict[int, Standing]
    machine: dict[int, frozenset[str]]
    runs: dict[int, int]
    vectors: dict[int, bytes]
    last_submission: int
    last_coding: int


@dataclass(frozen=True, slots=True, repr=False)
class ForOne:
    """What is suggested for one text: [theme, share, likely] of the likeliest three, the words behind each; `all_likely`: every theme over
    the line."""

    text: int
    themes: list[list[Any]]
    because: dict[str, list[str]]
    uncertainty: float
    all_likely: frozenset[str]


@dataclass(frozen=True, slots=True, repr=False)
class Made:
    """What a run made. `digest` is None where nothing could be learnt. `left`: texts for which nothing was suggested
    yet, or that have no embedding: for the next run. `groups`: alike texts without a
    theme, as emerging.Candidate has them."""

    digest: str | None = None
    learnt_from: int = 0
    embeddings: bool = False
    line: float | None = None
    f1: float | None = None
    recall: float | None = None
    reason: str | None = None
    suggestions: Sequence[ForOne] = ()
    vectors: dict[int, bytes] = field(default_factory=dict)
    groups: Sequence[Any] = ()
    left: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, repr=False)
class Embedded:
    """`vectors` of every text and `said`, those of the codeframe's own words; or none, for a `reason`. `fresh` were made just now, as
    bytes; `missing` texts still have none."""

    vectors: dict[int, Any] = field(default_factory=dict)
    said: Any = None
    reason: str | None = None
    fresh: dict[int, bytes] = field(default_factory=dict)
    missing: frozenset[int] = frozenset()


def learn(seen: Seen, limits: Limits) -> Made:
    """Train on every text that a person has coded, suggest for the others, those first for which nothing was suggested yet."""
    if not _installed():
        return Made(reason=WITHOUT)
    from services.consultation.themes import suggestions  # noqa: PLC0415 - takes seconds to load

    coded = [number for number in sorted(seen.words) if _coded(seen, number)][-ROWS_MOST:]
    waiting = sorted(
        (number for number in seen.words if not _coded(seen, number)),
        key=lambda number: (seen.runs.get(number, 0), number),
    )
    chosen = waiting[: limits.texts]
    unserved = [number for number in waiting[len(chosen) :] if number not in seen.runs]
    embedded = _embedded(seen, [*coded, *chosen], limits.vectors)
    rows = [
        suggestions.Row(
            number, seen.words[number], frozenset(seen.standing[number].themes), embedded.vectors.get(number)
        )
        for number in coded
    ]
    model = suggestions.train(seen.frame, rows, embedded.said)
    found = list(_suggested(seen, suggestions, model, chosen, embedded)) if chosen else []
    return Made(
        digest=model.digest,
        learnt_from=model.rows,
        embeddings=embedded.said is not None,
        line=model.line,
        f1=model.f1,
        recall=model.recall,
        reason=embedded.reason,
        suggestions=found,
        vectors=embedded.fresh,
        groups=_groups(seen, found),
        left=embedded.missing.union(unserved),
    )


def _coded(seen: Seen, number: int) -> bool:
    """By a person, and with nothing to be looked at again."""
    stands = seen.standing.get(number)
    return stands is not None and stands.reviewed and not stands.unclear


def _installed() -> bool:
    try:
        import_module("sklearn")
    except ModuleNotFoundError:
        return False
    return True


def _suggested(
    seen: Seen, suggestions: Any, model: Any, chosen: list[int], embedded: Embedded
) -> Iterator[ForOne]:
    import numpy as np  # noqa: PLC0415 - with scikit-learn

    words = [seen.words[number] for number in chosen]
    vectors = None if embedded.said is None else np.stack([embedded.vectors[number] for number in chosen])
    shares = suggestions.shares(model, words, vectors)
    most = suggestions.suggest(model, words, vectors, known=shares)
    for number, every, first in zip(chosen, shares.tolist(), most, strict=True):
        over = [
            theme
            for theme, share in zip(seen.frame.ids, every, strict=True)
            if model.line is not None and share >= model.line
        ]
        yield ForOne(
            number,
            [[one.theme, round(one.share, 4), one.likely] for one in first],
            {one.theme: list(one.words) for one in first},
            queue.uncertainty(every),
            frozenset(over),
        )


def _embedded(seen: Seen, numbers: list[int], most: int | None) -> Embedded:
    import numpy as np  # noqa: PLC0415 - with scikit-learn

    from services.consultation.themes import embeddings  # noqa: PLC0415 - needs numpy

    embed = embeddings.load()
    if isinstance(embed, embeddings.Missing):
        return Embedded(reason=embed.reason)
    unmade = [number for number in numbers if number not in seen.vectors]
    now, later = unmade[:most], unmade[len(unmade[:most]) :]
    made = embed([seen.words[number] for number in now]) if now else ()
    fresh = {number: vector.tobytes() for number, vector in zip(now, made, strict=True)}
    if later:
        reason = f"{len(later)} texts still wait for their embeddings: without, this time"
        return Embedded(reason=reason, fresh=fresh, missing=frozenset(later))
    known = seen.vectors | fresh
    return Embedded(
        vectors={number: np.frombuffer(known[number], np.float32) for number in numbers},
        said=embed([theme.said for theme in seen.frame.themes]),
        fresh=fresh,
    )


def _groups(seen: Seen, found: Sequence[ForOne]) -> Sequence[Any]:
    """Alike texts that no theme has taken: no person gave them one, no model finds one likely, and the lexicon knows none of their
    words. What people coded as none of these is among them."""
    from services.consultation.themes import emerging  # noqa: PLC0415 - takes seconds to load

    free = [
        one.text
        for one in found
        if not one.all_likely and not lexicon.found(seen.frame, seen.words[one.text])
    ]
    free += [
        number
        for number in seen.words
        if _coded(seen, number) and set(seen.standing[number].themes) == {NONE_OF_THESE}
    ]
    return emerging.candidates([(number, seen.words[number]) for number in sorted(free)[-GROUPED_MOST:]])
