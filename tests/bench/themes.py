"""Suggested themes on 5,715 real comments that people coded: how often right, how quick, how much memory.

The split of CONSULTATION §5: 24 labels with 50 rows or more, 70/30, texts of the same words on one side, five seeds. Lines
and curves are learnt in the training part alone. `python -m tests.bench.themes` prints the table of every theme too.
"""

import csv
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import GroupShuffleSplit

from services.consultation.themes import calibration, embeddings, features
from services.consultation.themes.codeframe import Codeframe, Group, Theme
from services.consultation.themes.suggestions import Model, Row, shares, suggest, train
from tests.bench.memory import peak_megabytes
from tests.bench.table import Line, show

COMMENTS = Path(__file__).parents[2] / "../shared/data/feedback/nhs-fft-v6.csv"
NOT_CODED = ("Labelling not possible", "Not assigned")
FEWEST, FEW, SEEDS = 50, 450, (42, 43, 44, 45, 46)
# (with the extra, all rows): the bounds of micro-F1 and recall@3, and the figures measured before that are to beat.
BOUNDS = {
    (False, False): (0.59, 0.75),
    (False, True): (0.70, 0.85),
    (True, False): (0.63, 0.80),
    (True, True): (0.72, 0.87),
}
BEFORE = {
    (False, False): (0.606, 0.770),
    (False, True): (0.710, 0.861),
    (True, False): (0.640, 0.814),
    (True, True): (0.733, 0.877),
}


@dataclass(frozen=True, slots=True)
class Coded:
    """The comments, the labels of each, and the labels as a codeframe that knows their names only."""

    texts: list[str]
    given: Any
    frame: Codeframe


def coded() -> Coded:
    """The 5,715 rows."""
    with COMMENTS.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    names = list(rows[0])[list(rows[0]).index("Comment sentiment") + 1 :]
    rows = [row for row in rows if not any(row[name].strip() for name in NOT_CODED)]
    kept = [name for name in names if sum(bool(row[name].strip()) for row in rows) >= FEWEST]
    rows = [row for row in rows if any(row[name].strip() for name in kept)]
    themes = tuple(Theme(f"t{place}", name, Group.HEADING, name, (), None) for place, name in enumerate(kept))
    given = np.array([[bool(row[name].strip()) for name in kept] for row in rows])
    return Coded([row["FFT answer"] for row in rows], given, Codeframe("fft", 1, themes, (), ()))


def rows_of(data: Coded, places: Sequence[int], vectors: Any) -> list[Row]:
    """The rows at these places as a person would have coded them."""
    ids = data.frame.ids
    return [
        Row(
            int(one),
            data.texts[one],
            frozenset(ids[theme] for theme in np.flatnonzero(data.given[one])),
            None if vectors is None else vectors[one],
        )
        for one in places
    ]


def tried(data: Coded, seed: int, all_rows: bool, vectors: Any, said: Any) -> tuple[Model, Any, Any]:
    """A model, its shares for the texts that it never saw, and what people gave those."""
    same = [features.same(text) for text in data.texts]
    seen, unseen = next(GroupShuffleSplit(1, test_size=0.3, random_state=seed).split(same, groups=same))
    if not all_rows:
        seen = np.random.RandomState(seed).permutation(seen)[:FEW]
    model = train(data.frame, rows_of(data, seen, vectors), said)
    found = shares(model, [data.texts[one] for one in unseen], None if vectors is None else vectors[unseen])
    return model, found, data.given[unseen]


def run(seeds: Sequence[int] = SEEDS, each_theme: bool = False) -> list[Line]:
    """The lines of the table; those with the extra only where it is installed."""
    data = coded()
    embed = embeddings.load()
    lines = list(_quick())
    cases: list[tuple[bool, Any, Any]] = [(False, None, None)]
    if not isinstance(embed, embeddings.Missing):
        start = time.process_time()
        vectors = embed(data.texts)
        spent = (time.process_time() - start) / len(data.texts)
        lines.append(Line("themes: a text's vector (extra), processor time", f"{spent * 1000:.1f} ms"))
        cases.append((True, vectors, embed([theme.said for theme in data.frame.themes])))
    for extra, vectors, said in cases:
        for all_rows in (False, True):
            results = [tried(data, seed, all_rows, vectors, said) for seed in seeds]
            lines += _figures(extra, all_rows, results)
            if each_theme and all_rows:
                _table(data, extra, results)
    return lines


def _figures(extra: bool, all_rows: bool, results: list[tuple[Model, Any, Any]]) -> list[Line]:
    what = f"themes: {'all' if all_rows else FEW} rows, {'with' if extra else 'without'} the extra"
    f1 = [calibration.micro_f1(found >= model.line, given) for model, found, given in results]
    recall = [calibration.recall_at(found, given) for _, found, given in results]
    return [
        Line(
            f"{what}, {name}",
            f"{statistics.mean(values):.3f} (spread {statistics.pstdev(values):.3f}; {min(values):.3f} to {max(values):.3f})",
            f"at least {BOUNDS[extra, all_rows][place]}, before {BEFORE[extra, all_rows][place]:.3f}",
            statistics.mean(values) >= BOUNDS[extra, all_rows][place],
        )
        for place, (name, values) in enumerate((("micro-F1", f1), ("recall@3", recall)))
    ]


def _table(data: Coded, extra: bool, results: list[tuple[Model, Any, Any]]) -> None:
    chosen = np.vstack([found >= model.line for model, found, _ in results])
    given = np.vstack([given for _, _, given in results])
    print(f"\nEach theme, all rows, {'with' if extra else 'without'} the extra, all seeds together")
    print(f"{'theme':<60}{'coded':>7}{'precision':>11}{'recall':>8}{'F1':>7}")
    for place in np.argsort(-given.sum(axis=0)):
        right = int((chosen[:, place] & given[:, place]).sum())
        picked, coded_so = int(chosen[:, place].sum()), int(given[:, place].sum())
        precision = right / picked if picked else 0.0
        name = data.frame.themes[place].title
        f1 = 2 * right / (picked + coded_so)
        print(f"{name:<60}{coded_so // len(results):>7}{precision:>11.2f}{right / coded_so:>8.2f}{f1:>7.2f}")


def _quick() -> list[Line]:
    """Retraining, 10,000 suggestions with their reasons, and memory, in a process of its own with one thread: its processor
    time is the wall's on a machine with nothing else to do."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.themes", "--alone"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
    train_s, suggest_s, megabytes = (float(one) for one in done.stdout.split())
    return [
        Line(
            "themes: retrained on 4,132 rows, without the extra",
            f"{train_s:.1f} s",
            "under 10 s",
            train_s < 10,
        ),
        Line(
            "themes: 10,000 texts' suggestions with reasons", f"{suggest_s:.1f} s", "under 5 s", suggest_s < 5
        ),
        Line("themes: memory of both, most", f"{megabytes:.0f} MB", "under 600 MB", megabytes < 600),
    ]


def _alone() -> None:
    data = coded()
    start = time.process_time()
    model = train(data.frame, rows_of(data, range(4132), None))
    trained = time.process_time()
    for _ in suggest(model, (data.texts * 2)[:10_000]):
        pass
    ended = time.process_time()
    memory = peak_megabytes()
    print(trained - start, ended - trained, memory)


if __name__ == "__main__":
    if sys.argv[1:] == ["--alone"]:
        _alone()
    else:
        show(run([int(one) for one in sys.argv[1:]] or SEEDS, each_theme=True))
