"""Texts written for the tests, as people write them, one a line of a file; and the real comments that lie beside the project."""

import csv
from pathlib import Path

HERE = Path(__file__).parent
REAL = HERE.parents[2].parent / "shared/data/feedback"
COLUMNS = {"nhs-fft-v6.csv": "FFT answer", "polis-bowling-green.csv": "comment-body"}


def written(name: str) -> list[str]:
    """The texts of a file: danger.txt, hard_negatives.txt, opt_outs.txt, held_out_danger.txt, held_out_negatives.txt."""
    return (HERE / name).read_text(encoding="utf-8").splitlines()


def comments() -> list[str]:
    """Every real comment of the two sets beside the project; none where they are not there."""
    found = []
    for name, column in COLUMNS.items():
        if (REAL / name).exists():
            with (REAL / name).open(encoding="utf-8-sig", newline="") as lines:
                found += [row[column] for row in csv.DictReader(lines)]
    return found
