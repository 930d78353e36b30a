"""all-MiniLM-L6-v2 in numpy: a text as 384 numbers of length 1, whose products say how alike texts are. Pure.

The model: a BERT of six layers (Wang et al. 2020), fine-tuned by sentence-transformers (Apache 2.0); its vector is the
mean over the word pieces. 22 million weights need no framework: texts with equally many pieces are one batch, so that
there is no padding and no mask.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import erf

from services.consultation.themes.wordpiece import WordPieces

Array = npt.NDArray[np.float32]

LAYERS, HEADS, WIDTH = 6, 12, 384
# The model was trained on 128 pieces; a text of 1,600 characters has about 350, and its first 128 tell its theme.
MOST_PIECES = 128
# Pieces in a batch: enough for the matrix library, 25 MB for the widest layer.
BATCH = 4096


def embed(weights: Mapping[str, Array], pieces: WordPieces, texts: Sequence[str]) -> Array:
    """One row of 384 for each text."""
    by_length: dict[int, list[tuple[int, list[int]]]] = defaultdict(list)
    for row, text in enumerate(texts):
        numbers = pieces.numbers(text, MOST_PIECES)
        by_length[len(numbers)].append((row, numbers))
    rows = np.empty((len(texts), WIDTH), dtype=np.float32)
    for length, group in sorted(by_length.items()):
        step = max(1, BATCH // length)
        for start in range(0, len(group), step):
            part = group[start : start + step]
            rows[[row for row, _ in part]] = _vectors(weights, np.array([numbers for _, numbers in part]))
    return rows


def _vectors(weights: Mapping[str, Array], numbers: npt.NDArray[np.int64]) -> Array:
    texts, length = numbers.shape
    table = weights["embeddings.word_embeddings.weight"][numbers.ravel()]
    places = weights["embeddings.position_embeddings.weight"][:length]
    hidden = (
        table.reshape(texts, length, WIDTH) + places + weights["embeddings.token_type_embeddings.weight"][0]
    )
    hidden = _normed(weights, "embeddings.LayerNorm", hidden.reshape(-1, WIDTH))
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        looked = _attention(weights, f"{name}.attention.self", hidden, texts, length)
        looked = _dense(weights, f"{name}.attention.output.dense", looked)
        hidden = _normed(weights, f"{name}.attention.output.LayerNorm", hidden + looked)
        wide = _gelu(_dense(weights, f"{name}.intermediate.dense", hidden))
        hidden = _normed(
            weights, f"{name}.output.LayerNorm", hidden + _dense(weights, f"{name}.output.dense", wide)
        )
    mean = hidden.reshape(texts, length, WIDTH).mean(axis=1)
    found: Array = mean / np.linalg.norm(mean, axis=1, keepdims=True)
    return found


def _attention(weights: Mapping[str, Array], name: str, hidden: Array, texts: int, length: int) -> Array:
    query, key, value = (
        _dense(weights, f"{name}.{part}", hidden).reshape(texts, length, HEADS, -1).transpose(0, 2, 1, 3)
        for part in ("query", "key", "value")
    )
    scores = query @ key.transpose(0, 1, 3, 2) / np.float32(np.sqrt(WIDTH / HEADS))
    scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
    seen = (scores / scores.sum(axis=-1, keepdims=True)) @ value
    found: Array = seen.transpose(0, 2, 1, 3).reshape(-1, WIDTH)
    return found


def _dense(weights: Mapping[str, Array], name: str, values: Array) -> Array:
    return values @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def _gelu(values: Array) -> Array:
    found: Array = values * np.float32(0.5) * (1 + erf(values / np.float32(np.sqrt(2))))
    return found


def _normed(weights: Mapping[str, Array], name: str, values: Array) -> Array:
    centred = values - values.mean(axis=-1, keepdims=True)
    spread = np.sqrt(np.mean(centred * centred, axis=-1, keepdims=True) + np.float32(1e-12))
    found: Array = centred / spread * weights[f"{name}.weight"] + weights[f"{name}.bias"]
    return found
