"""Small numbers that could point to a person are not shown, nor others from which they could be worked out. Pure.

All tables that are published together are one set of cells and sums: a row's total, a column's, and a cell that stands in
two tables. A hidden cell is safe when the sums allow it more than one value, none below zero. That is decided by linear
programming: the smallest and the largest value that all sums together allow. Hiding the second-smallest cell of a row, the
usual rule, is not enough: four hidden corners of two tables can still be solved for.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog

FEWEST = 10
Mask = npt.NDArray[np.bool_]
Vector = npt.NDArray[np.float64]
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
    printed: Iterable[Hashable] = (),
) -> frozenset[Hashable]:
    """The cells not to show: each of 1 to `fewest` - 1, and as many more as keep those from being worked out.

    `cells` hold every published count by a name of the caller's, totals too; the same count in two tables has one name.
    `sensitive` names the cells that `fewest` is about (all, where left out). A zero points to nobody and is shown, unless
    it must help to hide. A total is hidden only where no part of it can help, and one that is `printed` elsewhere never.

    Raises:
        ValueError: the cells do not add up as the sums say, so that the tables contradict each other; or the printed
            cells alone give a small one away.
    """
    told = _Published.of(cells, sums)
    watched, fixed = cells if sensitive is None else sensitive, told.among(printed)
    small = [cell for cell in watched if 0 < cells[cell] < fewest and not fixed[told.place[cell]]]
    away = told.among(small)
    # Hiding more never makes a cell known that was not, so each is looked at once.
    for cell in sorted(small, key=repr):
        helpers: list[Hashable] = []
        while told.known(cell, away):
            helpers.append(told.helper(cell, away, fixed))
            away |= told.among(helpers[-1:])
        # One that was hidden early may be of no use with those that came after it.
        for one in sorted(helpers[:-1], key=told._cost, reverse=True):
            without = away & ~told.among([one])
            if not told.known(cell, without):
                away = without
    return frozenset(told.names(away))


def bounds(
    cell: Hashable, away: Iterable[Hashable], cells: Mapping[Hashable, int], sums: Sequence[Sum]
) -> tuple[float, float]:
    """What a reader who has every shown cell can say of a hidden one: the least and the most that it may be."""
    told = _Published.of(cells, sums)
    return told.bounds(cell, told.among(away))


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


@dataclass(frozen=True, slots=True)
class _Published:
    """Cells and sums as arrays: a column a cell, a row a sum, +1 for each part and -1 for the total. Sets of cells are masks."""

    cells: Mapping[Hashable, int]
    place: Mapping[Hashable, int]
    counts: Vector
    matrix: npt.NDArray[np.float64]

    @classmethod
    def of(cls, cells: Mapping[Hashable, int], sums: Sequence[Sum]) -> "_Published":
        """Raises ValueError where a sum does not hold."""
        place = {cell: number for number, cell in enumerate(cells)}
        matrix = np.zeros((len(sums), len(cells)))
        for row, one in enumerate(sums):
            if sum(cells[part] for part in one.parts) != cells[one.total]:
                raise ValueError(
                    f"the parts of {one.total!r} do not add up to it: the tables contradict each other"
                )
            for part in one.parts:
                matrix[row, place[part]] += 1
            matrix[row, place[one.total]] -= 1
        return cls(cells, place, np.array(list(cells.values()), dtype=float), matrix)

    def among(self, chosen: Iterable[Hashable]) -> Mask:
        mask = np.zeros(len(self.place), dtype=bool)
        mask[[self.place[cell] for cell in chosen]] = True
        return mask

    def names(self, mask: Mask) -> list[Hashable]:
        return [cell for cell, there in zip(self.place, mask, strict=True) if there]

    def known(self, cell: Hashable, away: Mask) -> bool:
        """Whether a reader can name a hidden cell's count: its own is the only whole number that the sums allow."""
        own = self.cells[cell]
        return self._end(cell, away, 1) > own - 1 + _EXACT and self._end(cell, away, -1) < own + 1 - _EXACT

    def helper(self, cell: Hashable, away: Mask, fixed: Mask) -> Hashable:
        """The shown cell to hide next, that a known one be known no more: the cheapest that does it at once, else the cheapest.

        Raises ValueError where none is left but fixed ones.
        """
        _, touched = self._linked(cell, away)
        near = sorted(self.names((self.matrix[touched] != 0).any(axis=0) & ~away & ~fixed), key=self._cost)
        if not near:
            # Without fixed cells there is always one: where all that hangs together is hidden, twice the true counts would do.
            raise ValueError(f"the printed totals alone give away {cell!r}: print fewer, or wider groups")
        able = self._able(cell, away, near)
        return next((one for one in able if not self.known(cell, away | self.among([one]))), near[0])

    def _able(self, cell: Hashable, away: Mask, near: list[Hashable]) -> list[Hashable]:
        """Of the cells near, those that may hide one at once: asked of all at one time, as each programme takes a millisecond.

        What the sums alone give away only a cell can hide that they then leave a choice of.
        """
        unknown = [int(place) for place in np.flatnonzero(away)]
        columns = [*unknown, *(self.place[one] for one in near)]
        work, pivots = _eliminated(self.matrix[:, columns], len(unknown))
        own = unknown.index(self.place[cell])
        free = np.setdiff1d(np.arange(len(unknown)), pivots)
        if own in free or np.abs(work[pivots.index(own)][free]).max(initial=0) > _EXACT:
            return near  # it is known because no count is below zero
        further = work[:, len(unknown) :]
        follows = np.abs(further[len(pivots) :]).max(axis=0, initial=0) < _EXACT
        moves = np.abs(further[pivots.index(own)]) > _EXACT
        return [one for one, can in zip(near, follows & moves, strict=True) if can]

    def bounds(self, cell: Hashable, away: Mask) -> tuple[float, float]:
        """The least and the most that a hidden cell may be."""
        return self._end(cell, away, 1), self._end(cell, away, -1)

    def _end(self, cell: Hashable, away: Mask, sign: int) -> float:
        """The least (1) or the most (-1) that a hidden cell may be, none being below zero."""
        linked, touched = self._linked(cell, away)
        system = self.matrix[np.ix_(touched, linked)]
        right = (system * self.counts[linked]).sum(axis=1)
        aim = sign * self.among([cell])[linked].astype(float)
        found = linprog(aim, A_eq=system, b_eq=right, bounds=(0, None), method="highs")
        return float("inf") if found.status == 3 else sign * float(found.fun)

    def _cost(self, cell: Hashable) -> tuple[bool, bool, int, str]:
        """Parts cost less than totals, what has somebody in it less than a zero (which readers expect to see), few less than many."""
        is_total = bool((self.matrix[:, self.place[cell]] < 0).any())
        return is_total, self.cells[cell] == 0, self.cells[cell], repr(cell)

    def _linked(self, cell: Hashable, away: Mask) -> tuple[Mask, Mask]:
        """The hidden cells that hang together with one through sums, and those sums: no other says anything of it."""
        linked, members = self.among([cell]), self.matrix != 0
        while True:
            touched = members[:, linked].any(axis=1)
            more = members[touched].any(axis=0) & away | linked
            if (more == linked).all():
                return linked, touched
            linked = more


def _eliminated(matrix: Vector, unknowns: int) -> tuple[Vector, list[int]]:
    """The matrix with its first columns, the unknowns, solved for (Gauss and Jordan); the unknown that each row, from the first, solves.

    By hand, row by row: numpy's own solvers share such small matrices out over threads, which on a busy machine takes fifty times longer.
    """
    work, pivots = matrix.copy(), list[int]()
    for column in range(unknowns):
        row = len(pivots)
        best = row + int(np.abs(work[row:, column]).argmax()) if row < len(work) else row
        if row == len(work) or abs(work[best, column]) < _EXACT:
            continue
        work[[row, best]] = work[[best, row]]
        work[row] /= work[row, column]
        factors = work[:, column].copy()
        factors[row] = 0
        work -= factors[:, np.newaxis] * work[row]
        pivots.append(column)
    return work, pivots
