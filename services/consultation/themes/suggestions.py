"""Themes suggested for texts, from the texts that people have coded and from the codeframe's own words. Pure.

A model is trained anew from reviewed rows in seconds and is never stored: the same rows, codeframe and libraries give
the same model, and its digest says which. The codeframe stands among the rows as one text a theme, so that suggestions
begin before the first text is reviewed.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
import numpy.typing as npt
from scipy import sparse

from services.consultation.themes import calibration, features, lexicon, ridge
from services.consultation.themes.codeframe import Codeframe, digest

Array = npt.NDArray[np.float32]

SETTINGS = {"penalty": 0.35, "penalty_near": 0.2, "nearness": 1.5, "folds": 5, "words": 3}
# From here on a line between likely and not can be drawn from what people did; before, only the order counts.
FEWEST_ROWS = 50
_AT_ONCE = 1000
# Rows of a sparse product at a time: whole, it takes twice the memory of the dense matrix.
_BLOCK = 250


@dataclass(frozen=True, slots=True)
class Row:
    """A text that a person has coded: its id, its words, its themes, and its vector where the extra is in use."""

    id: int
    text: str
    themes: frozenset[str]
    vector: Array | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One theme for one text. `share`: of texts with this score, how many got the theme; `likely`: over the model's line;
    `words`: the text's words that spoke for it, strongest first; `terms`: what the lexicon found."""

    theme: str
    share: float
    likely: bool
    words: tuple[str, ...]
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """What was learnt, in memory. `fits` are two ridge regressions, by likeness and by nearness; `speaks` is what each word and
    pair of words adds to the first one's scores (words x themes). `line` is None before there are enough rows; `f1` and
    `recall` are on texts left out of training."""

    digest: str
    codeframe: Codeframe
    rows: int
    counted: features.Features
    known: sparse.csr_matrix
    vectors: Array | None
    fits: tuple[ridge.Fit, ridge.Fit]
    speaks: Array
    curves: list[calibration.Curve | None]
    line: float | None
    f1: float | None
    recall: float | None


def model_digest(codeframe: Codeframe, rows: Sequence[Row]) -> str:
    """The SHA-256 of everything that a model follows from: rows, codeframe, settings, versions of the libraries."""
    parts = {
        "codeframe": digest(codeframe),
        "rows": [[row.id, row.text, sorted(row.themes)] for row in _ordered(rows)],
        "vectors": hashlib.sha256(
            b"".join(row.vector.tobytes() for row in _ordered(rows) if row.vector is not None)
        ).hexdigest(),
        "settings": [SETTINGS, features.WORDS, features.PIECES],
        "libraries": {name: version(name) for name in ("numpy", "scipy", "scikit-learn")},
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def train(codeframe: Codeframe, rows: Sequence[Row], said: Array | None = None) -> Model:
    """A model from reviewed rows; `said` are the vectors of the codeframe's own words, where the rows have vectors too.

    4,132 rows take a few seconds and 300 MB (`make bench`).

    Raises:
        ValueError: a row has a theme that the codeframe has not, or only some have vectors.
    """
    ordered, ids = _ordered(rows), codeframe.ids
    targets = _targets(ordered, ids)
    texts = [*(row.text for row in ordered), *(theme.said for theme in codeframe.themes)]
    parts = np.append(
        features.folds([row.text for row in ordered], int(SETTINGS["folds"])), np.full(len(ids), -1)
    ).astype(np.int64)
    vectors = _vectors(ordered, said)
    counted = features.learnt(texts)
    known = features.matrix(counted, texts)
    likeness = _likeness(known, vectors, known, vectors)
    near = ridge.fit(_nearness(likeness), targets, SETTINGS["penalty_near"], parts)
    like = ridge.fit(likeness, targets, SETTINGS["penalty"], parts)
    left_out = np.stack([one.left_out[: len(ordered)] for one in (like, near)]).astype(np.float64)
    curves, line, f1, recall = _calibrated(left_out, targets[: len(ordered)] > 0, parts[: len(ordered)])
    return Model(
        digest=model_digest(codeframe, ordered),
        codeframe=codeframe,
        rows=len(ordered),
        counted=counted,
        known=known,
        vectors=vectors,
        fits=(like, near),
        speaks=known[:, : len(counted.words.vocabulary_)].T @ like.weights,
        curves=curves,
        line=line,
        f1=f1,
        recall=recall,
    )


def shares(model: Model, texts: Sequence[str], vectors: Array | None = None) -> npt.NDArray[np.float64]:
    """The share of each theme for each text (texts x themes, in the frame's order)."""
    if (vectors is None) != (model.vectors is None):
        raise ValueError("a model trained with vectors needs the texts' vectors, and one without takes none")
    found = [
        _shares(
            model,
            texts[start : start + _AT_ONCE],
            None if vectors is None else vectors[start : start + _AT_ONCE],
        )
        for start in range(0, len(texts), _AT_ONCE)
    ]
    return np.concatenate(found) if found else np.empty((0, len(model.codeframe.ids)))


def suggest(
    model: Model,
    texts: Sequence[str],
    vectors: Array | None = None,
    most: int = 3,
    known: npt.NDArray[np.float64] | None = None,
) -> Iterator[list[Suggestion]]:
    """For each text its `most` likeliest themes, likeliest first, with the words behind each; `known` are the texts' shares, where
    somebody has them already."""
    if not texts:
        return
    every = shares(model, texts, vectors) if known is None else known
    ids, named = model.codeframe.ids, model.counted.named
    columns = model.counted.words.transform(texts)
    for row, text in enumerate(texts):
        terms = lexicon.found(model.codeframe, text)
        places, amounts = columns[row].indices, columns[row].data
        yield [
            Suggestion(
                theme=ids[theme],
                share=float(every[row, theme]),
                likely=model.line is not None and bool(every[row, theme] >= model.line),
                words=_strongest(named, places, amounts * model.speaks[places, theme]),
                terms=terms.get(ids[theme], ()),
            )
            for theme in np.argsort(-every[row], kind="stable")[:most]
        ]


def _shares(model: Model, texts: Sequence[str], vectors: Array | None) -> npt.NDArray[np.float64]:
    like, near = model.fits
    likeness = _likeness(features.matrix(model.counted, texts), vectors, model.known, model.vectors)
    scores = [likeness @ like.weights + like.mean, _nearness(likeness) @ near.weights + near.mean]
    return calibration.shares(model.curves, np.stack(scores).astype(np.float64))


def _calibrated(
    scores: npt.NDArray[np.float64], given: npt.NDArray[np.bool_], parts: npt.NDArray[np.int64]
) -> tuple[list[calibration.Curve | None], float | None, float | None, float | None]:
    """The curves from all rows; the line and the figures from rows that were left out of the curves too."""
    themes = given.shape[1]
    if len(given) < FEWEST_ROWS:
        return [None] * themes, None, None, None
    tried = np.zeros(given.shape)
    for part in np.unique(parts):
        seen, out = parts != part, parts == part
        curves = [calibration.curve(scores[:, seen, theme].T, given[seen, theme]) for theme in range(themes)]
        tried[out] = calibration.shares(curves, scores[:, out])
    line = calibration.line(tried, given)
    final = [calibration.curve(scores[:, :, theme].T, given[:, theme]) for theme in range(themes)]
    return final, line, calibration.micro_f1(tried >= line, given), calibration.recall_at(tried, given)


def _likeness(
    one: sparse.csr_matrix, vectors: Array | None, other: sparse.csr_matrix, others: Array | None
) -> Array:
    """How alike the texts are, 0 to 1: by words and pieces of words, and half by vectors where there are some."""
    found: Array = np.empty((one.shape[0], other.shape[0]), dtype=np.float32)
    for start in range(0, len(found), _BLOCK):
        found[start : start + _BLOCK] = (one[start : start + _BLOCK] @ other.T).toarray()
    if vectors is not None and others is not None:
        found += vectors @ others.T
        found *= np.float32(0.5)
    return found


def _nearness(likeness: Array) -> Array:
    """The Gaussian kernel of the same distances: near texts count, far ones hardly. It finds what needs two words together."""
    found: Array = likeness - np.float32(1)
    found *= np.float32(SETTINGS["nearness"])
    return np.exp(found, out=found)


def _strongest(named: list[str], places: npt.NDArray[np.int64], speaks: Array) -> tuple[str, ...]:
    order = np.argsort(-speaks, kind="stable")[: int(SETTINGS["words"])]
    return tuple(named[places[one]] for one in order if speaks[one] > 0)


def _ordered(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row.id)


def _targets(rows: list[Row], ids: tuple[str, ...]) -> Array:
    unknown = sorted(set().union(*(row.themes for row in rows)) - set(ids)) if rows else []
    if unknown:
        raise ValueError(
            f"the codeframe has no theme {', '.join(unknown)}: read the codes under its version first"
        )
    coded = np.array([[theme in row.themes for theme in ids] for row in rows], dtype=np.float32)
    return np.vstack([coded.reshape(len(rows), len(ids)), np.eye(len(ids), dtype=np.float32)])


def _vectors(rows: list[Row], said: Array | None) -> Array | None:
    have = [row.vector for row in rows if row.vector is not None]
    if (said is None and have) or (said is not None and len(have) != len(rows)):
        raise ValueError("either every row and the codeframe's words have vectors, or none")
    return None if said is None else np.vstack([*have, said]).astype(np.float32)
