"""Small numbers that could point to a person are not shown, nor others from which they could be worked out."""

from collections.abc import Sequence

FEWEST = 10


def suppress(table: Sequence[Sequence[int]], fewest: int = FEWEST) -> list[list[int | None]]:
    """The table with None for each cell from 1 to `fewest` - 1, and for as many more as keep those hidden.

    With a row's or a column's total, one hidden cell alone could be worked out: the smallest other cell of that line
    that shows something is hidden too, until no line hides exactly one. Zeros are shown first of all where that is
    enough; a line of one cell has no other.
    """
    shown: list[list[int | None]] = [[None if 0 < cell < fewest else cell for cell in row] for row in table]
    lines = _lines(table)
    while alone := next((line for line in lines if _hides_one(shown, line)), None):
        row, column = min(
            ((row, column) for row, column in alone if shown[row][column] is not None),
            key=lambda place: (table[place[0]][place[1]] == 0, table[place[0]][place[1]]),
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
