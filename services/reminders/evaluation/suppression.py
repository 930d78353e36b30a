"""Small numbers that could point to a person are not shown, nor others from which they could be worked out."""

from collections.abc import Sequence

FEWEST = 10


def suppress(table: Sequence[Sequence[int]], fewest: int = FEWEST) -> list[list[int | None]]:
    """The table with None for each cell from 1 to `fewest` - 1, and for as many more as keep those hidden.

    With a row's or a column's total, one hidden cell alone could be worked out, so another of its line is hidden too,
    until no line hides exactly one: by choice one that settles its other line as well, then one that is not zero, then
    the smallest. A line of one cell has no other.
    """
    shown: list[list[int | None]] = [[None if 0 < cell < fewest else cell for cell in row] for row in table]
    lines = _lines(table)
    while alone := next((line for line in lines if _hides_one(shown, line)), None):
        open_lines = [line for line in lines if line is not alone and _hides_one(shown, line)]
        row, column = min(
            ((row, column) for row, column in alone if shown[row][column] is not None),
            key=lambda place: (
                not any(place in line for line in open_lines),
                table[place[0]][place[1]] == 0,
                table[place[0]][place[1]],
            ),
        )
        shown[row][column] = None
    return shown


def _lines(table: Sequence[Sequence[int]]) -> list[list[tuple[int, int]]]:
    """The places of each row and each column."""
    rows = [[(row, column) for column in range(len(cells))] for row, cells in enumerate(table)]
    columns = [list(line) for line in zip(*rows, strict=True)]
    return [line for line in rows + columns if len(line) > 1]


def _hides_one(shown: Sequence[Sequence[int | None]], line: Sequence[tuple[int, int]]) -> bool:
    return sum(shown[row][column] is None for row, column in line) == 1
