"""Small numbers that could point to a person are not shown, nor others from which they could be worked out. Pure.

All tables that are published together are one set of cells and sums: a row's total, a column's, and a cell that stands in
two tables. A hidden cell is safe when the sums allow it more than one value, none below zero. That is decided by linear
programming: the smallest and the largest value that all sums together allow. Hiding the second-smallest cell of a row, the
usual rule, is not enough: four hidden corners of two tables can still be solved for.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog

FEWEST = 10
_EXACT = 1e-6


@dataclass(frozen=True, slots=True)
class Sum:
    """A published identity: the cells of `parts` add up to the cell `total`."""

    parts: tuple[Hashable, ...]
    total: Hashable


def hidden(
    cells: Mapping[Hashable, int],
    sums: Sequence[Sum],
    fewest: int = FEWEST,
    sensitive: Iterable[Hashable] | None = None,
) -> frozenset[Hashable]:
    """The cells not to show: each of 1 to `fewest` - 1, and as many more as keep those from being worked out.

    `cells` hold every published count by a name of the caller's, totals too; the same count in two tables has one name.
    `sensitive` names the cells that `fewest` is about (all, where left out). A zero points to nobody and is shown, unless
    it must help to hide. A total is hidden
    only where no part of it can help.

    Raises:
        ValueError: the cells do not add up as the sums say, so that the tables contradict each other.
    """
    _check(cells, sums)
    watched = cells if sensitive is None else sensitive
    small = {cell for cell in watched if 0 < cells[cell] < fewest}
    away = set(small)
    # Hiding more never makes a cell known that was not, so each is looked at once.
    for cell in sorted(small, key=repr):
        helpers: list[Hashable] = []
        while _known(cell, away, cells, sums):
            helpers.append(_helper(cell, away, cells, sums))
            away.add(helpers[-1])
        # One that was hidden early may be of no use with those that came after it.
        for one in sorted(helpers[:-1], key=lambda one: _cost(one, cells, sums), reverse=True):
            if not _known(cell, away - {one}, cells, sums):
                away.remove(one)
    return frozenset(away)


def bounds(
    cell: Hashable, away: Iterable[Hashable], cells: Mapping[Hashable, int], sums: Sequence[Sum]
) -> tuple[float, float]:
    """What a reader who has every shown cell can say of a hidden one: the least and the most that it may be."""
    unknown = sorted(away, key=repr)
    place = {one: number for number, one in enumerate(unknown)}
    rows, rights = _equations(place, cells, sums)
    aim = np.zeros(len(unknown))
    aim[place[cell]] = 1
    least, most = (
        linprog(sign * aim, A_eq=rows or None, b_eq=rights or None, bounds=(0, None), method="highs")
        for sign in (1, -1)
    )
    return float(least.fun), float("inf") if most.status == 3 else -float(most.fun)


def suppress(table: Sequence[Sequence[int]], fewest: int = FEWEST) -> list[list[int | None]]:
    """One table of counts with None for what is hidden, where its rows', columns' and whole totals are published too.

    Whoever prints a total must ask `hidden` with `crossed`'s cells: where no cell can help, a total is hidden.
    """
    if not table:
        return []
    cells, sums = crossed(table)
    inner = [(row, column) for row, line in enumerate(table) for column in range(len(line))]
    away = hidden(cells, sums, fewest, inner)
    return [
        [None if (row, column) in away else cell for column, cell in enumerate(line)]
        for row, line in enumerate(table)
    ]


def crossed(table: Sequence[Sequence[int]]) -> tuple[dict[Hashable, int], list[Sum]]:
    """A table's cells, named (row, column), with its totals, (row, "all"), ("all", column) and ("all", "all"), and their sums.

    A line of one cell has no total: it would say the cell again."""
    counts = np.array(table, dtype=int)
    rows, columns = counts.shape
    cells: dict[Hashable, int] = {
        (row, column): int(counts[row, column]) for row in range(rows) for column in range(columns)
    }
    sums: list[Sum] = []
    names: list[tuple[list[Hashable], Hashable]] = []
    if columns > 1:
        names += [([(row, column) for column in range(columns)], (row, "all")) for row in range(rows)]
    if rows > 1:
        names += [([(row, column) for row in range(rows)], ("all", column)) for column in range(columns)]
    if rows > 1 and columns > 1:
        names += [([(row, "all") for row in range(rows)], ("all", "all"))]
    for parts, total in names:
        cells[total] = sum(cells[part] for part in parts)
        sums.append(Sum(tuple(parts), total))
    return cells, sums


def _known(cell: Hashable, away: set[Hashable], cells: Mapping[Hashable, int], sums: Sequence[Sum]) -> bool:
    least, most = bounds(cell, away, cells, sums)
    return most < float("inf") and floor(most + _EXACT) <= ceil(least - _EXACT)


def _helper(
    cell: Hashable, away: set[Hashable], cells: Mapping[Hashable, int], sums: Sequence[Sum]
) -> Hashable:
    """The shown cell to hide next: the first by cost that frees the cell at once, else the cheapest."""
    near = sorted(_near(cell, away, sums), key=lambda one: _cost(one, cells, sums))
    # There is always one: where every cell of connected sums is hidden, twice the true counts would do as well.
    return next((one for one in near if not _known(cell, away | {one}, cells, sums)), near[0])


def _cost(cell: Hashable, cells: Mapping[Hashable, int], sums: Sequence[Sum]) -> tuple[bool, bool, int, str]:
    """Parts cost less than totals, what has somebody in it less than a zero (which readers expect to see), few less than many."""
    return any(one.total == cell for one in sums), cells[cell] == 0, cells[cell], repr(cell)


def _near(cell: Hashable, away: set[Hashable], sums: Sequence[Sum]) -> set[Hashable]:
    """The shown cells of every sum that reaches the cell through hidden ones."""
    reached, waiting = {cell}, [cell]
    shown: set[Hashable] = set()
    while waiting:
        one = waiting.pop()
        for each in sums:
            members = {*each.parts, each.total}
            if one in members:
                shown |= members - away
                waiting += members & away - reached
                reached |= members & away
    return shown


def _equations(
    place: Mapping[Hashable, int], cells: Mapping[Hashable, int], sums: Sequence[Sum]
) -> tuple[list[npt.NDArray[np.float64]], list[float]]:
    """The sums as a reader sees them: hidden cells unknown, shown ones numbers."""
    rows, rights = [], []
    for one in sums:
        row, right = np.zeros(len(place)), 0.0
        for member, sign in [*((part, 1) for part in one.parts), (one.total, -1)]:
            if member in place:
                row[place[member]] += sign
            else:
                right -= sign * cells[member]
        if row.any():
            rows.append(row)
            rights.append(right)
    return rows, rights


def _check(cells: Mapping[Hashable, int], sums: Sequence[Sum]) -> None:
    for one in sums:
        if sum(cells[part] for part in one.parts) != cells[one.total]:
            raise ValueError(
                f"the parts of {one.total!r} do not add up to it: the tables contradict each other"
            )
