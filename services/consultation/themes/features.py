"""Texts as numbers: TF-IDF of words and pairs of words, and of pieces of three to five letters inside words. Pure.

Words carry the theme and the reason; pieces of words make "tipper", "tipping" and "tiping" alike. Each half has length 1,
so that a product of two texts' rows says how alike they are, from 0 to 1.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

Array = npt.NDArray[np.float32]

WORDS: dict[str, Any] = {"ngram_range": (1, 2), "token_pattern": r"(?u)\b\w+\b", "min_df": 1}
PIECES: dict[str, Any] = {"ngram_range": (3, 5), "analyzer": "char_wb", "min_df": 2}


@dataclass(frozen=True, slots=True)
class Features:
    """What is counted in a text, as learnt from the texts that are known. Words come first in the columns."""

    words: TfidfVectorizer
    pieces: TfidfVectorizer

    @property
    def named(self) -> list[str]:
        """The words and pairs of words, in the order of the first columns."""
        found: list[str] = self.words.get_feature_names_out().tolist()
        return found


def learnt(texts: Sequence[str]) -> Features:
    """What to count, and how rare it is, from texts of which one at least holds a word."""
    common = {"sublinear_tf": True, "strip_accents": "unicode", "dtype": np.float32}
    return Features(
        TfidfVectorizer(**WORDS, **common).fit(texts), TfidfVectorizer(**PIECES, **common).fit(texts)
    )


def matrix(features: Features, texts: Sequence[str]) -> sparse.csr_matrix:
    """One row a text, of length 1 where the text holds anything known."""
    halves = [features.words.transform(texts), features.pieces.transform(texts)]
    return sparse.hstack([half * np.float32(0.5**0.5) for half in halves]).tocsr()


def folds(texts: Sequence[str], number: int) -> npt.NDArray[np.int64]:
    """In which of `number` parts each text is left out. Texts of the same words are left out together, or a model would be
    tried on what it learnt; the part follows from the text alone, so the order of rows changes nothing."""
    return np.array(
        [int(hashlib.sha256(same(text).encode()).hexdigest()[:12], 16) % number for text in texts]
    )


def same(text: str) -> str:
    """What two texts share that say the same: small letters and digits, the rest dropped."""
    return " ".join(re.findall(r"\w+", text.lower()))
