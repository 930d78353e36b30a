"""The table that `make bench` prints."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """What was measured, the figure, its bound, and whether it keeps to it."""

    what: str
    figure: str
    bound: str = ""
    kept: bool = True


def show(lines: Sequence[Line]) -> None:
    """Print the lines in columns; a bound that is not kept is marked."""
    cells = [
        ("measured", "figure", "bound", ""),
        *((one.what, one.figure, one.bound, "" if one.kept else "NOT KEPT") for one in lines),
    ]
    widths = [max(len(row[column]) for row in cells) for column in range(4)]
    for row in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
