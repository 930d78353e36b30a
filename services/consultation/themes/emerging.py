"""Groups of alike texts that no theme has taken, for a person to name: candidates, never themes. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from sklearn.cluster import KMeans
from sklearn.feature_extraction import text as sklearn_text
from sklearn.feature_extraction.text import TfidfVectorizer

SEED, WORDS, EXAMPLES = 1, 6, 3
# Fewer alike texts are a coincidence; a group of most of what is left is what remains when groups are taken out.
FEWEST = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """A group: its texts' ids, nearest to its middle first, the words that mark it, and how alike its texts are, 0 to 1."""

    ids: tuple[int, ...]
    words: tuple[str, ...]
    tightness: float

    @property
    def examples(self) -> tuple[int, ...]:
        """The texts that show best what the group is."""
        return self.ids[:EXAMPLES]


def candidates(texts: Sequence[tuple[int, str]], most: int = 8) -> list[Candidate]:
    """At most `most` groups of five texts or more, the tightest first. The same texts give the same groups, in any order."""
    ordered = sorted(texts)
    if len(ordered) < 2 * FEWEST:
        return []
    counted = TfidfVectorizer(
        sublinear_tf=True, ngram_range=(1, 2), min_df=2, strip_accents="unicode", stop_words=_stop_words()
    )
    try:
        rows = counted.fit_transform([text for _, text in ordered])
        rows.sort_indices()
    except ValueError:  # no word stands in two of the texts
        return []
    some = np.flatnonzero(rows.getnnz(axis=1))
    # Texts of the same known words are one point, and there are no more groups than points.
    points = {rows.indices[start:end].tobytes() for start, end in pairwise(rows.indptr) if end > start}
    groups = min(most, len(some) // FEWEST, len(points))
    if groups < 1:
        return []
    means = KMeans(n_clusters=groups, n_init=4, random_state=SEED).fit(rows[some])
    named = counted.get_feature_names_out()
    found = []
    for group, middle in enumerate(means.cluster_centers_):
        places = some[means.labels_ == group]
        if len(places) < FEWEST:
            continue
        alike = np.asarray(rows[places] @ (middle / max(float(np.linalg.norm(middle)), 1e-12))).ravel()
        nearest = np.lexsort((places, -alike.round(9)))
        marks = [
            named[word] for word in np.argsort(-middle.round(9), kind="stable")[:WORDS] if middle[word] > 0
        ]
        ids = tuple(ordered[places[one]][0] for one in nearest)
        found.append(Candidate(ids, tuple(marks), float(alike.mean())))
    return sorted(found, key=lambda one: (-round(one.tightness, 9), one.ids))


def _stop_words() -> list[str]:
    """Words that mark no theme. Of scikit-learn's list those stay that a theme may turn on."""
    kept = {"fire", "system", "bill", "cry", "move", "call", "serious"}
    return sorted(sklearn_text.ENGLISH_STOP_WORDS - kept)
