"""Nobody works out a hidden cell from everything published together: tried by linear programming, apart from the code's own."""

import random
from collections.abc import Hashable
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from services.common.suppression import Sum, bounds, crossed, hidden, suppress


def derived(cells: dict[Hashable, int], sums: list[Sum], away: frozenset[Hashable]) -> dict[Hashable, int]:
    """The hidden cells that a reader can name exactly: every cell unknown, shown ones fixed, the least and the most of each."""
    order = list(cells)
    place = {cell: number for number, cell in enumerate(order)}
    sides: list[Any] = [(0, None) if cell in away else (cells[cell], cells[cell]) for cell in order]
    matrix = np.zeros((max(len(sums), 1), len(order)))
    for row, one in enumerate(sums):
        for part in one.parts:
            matrix[row, place[part]] += 1
        matrix[row, place[one.total]] -= 1
    found: dict[Hashable, int] = {}
    for cell in away:
        aim = np.zeros(len(order))
        aim[place[cell]] = 1
        least, most = (
            linprog(sign * aim, A_eq=matrix, b_eq=np.zeros(len(matrix)), bounds=sides, method="highs")
            for sign in (1, -1)
        )
        if most.status == 0 and np.floor(-most.fun + 1e-6) == np.ceil(least.fun - 1e-6):
            found[cell] = round(least.fun)
    return found


TABLES: list[tuple[list[list[int]], list[list[int | None]]]] = [
    ([[10, 20], [30, 40]], [[10, 20], [30, 40]]),  # 10 is not small
    ([[9, 20], [30, 40]], [[None, None], [None, None]]),  # 9 is
    ([[0, 20], [30, 40]], [[0, 20], [30, 40]]),  # nobody is nobody
    ([[3]], [[None]]),
    ([[7, 20, 30]], [[None, None, 30]]),
    ([[3, 4, 50]], [[None, None, 50]]),
    ([[3], [40], [50]], [[None], [None], [50]]),
    ([[0, 4, 50]], [[0, None, None]]),
    ([], []),
    ([[9, 40, 30], [80, 70, 60]], [[None, 40, None], [None, 70, None]]),  # a rectangle, and no more
    ([[5, 0, 40], [70, 80, 90]], [[None, 0, None], [None, 80, None]]),
    # Each line hides two, and still (0,0) follows from rows 0 and 2 less column 2: the usual rule would stop here.
    ([[3, 40, 2], [50, 60, 70], [5, 80, 90]], [[None, 40, None], [50, 60, 70], [None, 80, None]]),
]


@pytest.mark.parametrize(("table", "shown"), TABLES)
def test_one_table(table: list[list[int]], shown: list[list[int | None]]) -> None:
    assert suppress(table) == shown


@pytest.mark.parametrize(("fewest", "gone"), [(5, 2), (4, 0), (10, 2)])
def test_what_is_small_is_a_setting(fewest: int, gone: int) -> None:
    assert sum(cell is None for cell in suppress([[4, 20, 30]], fewest)[0]) == gone


def linked(
    chance: random.Random, rows: int, columns: int, deep: int
) -> tuple[dict[Hashable, int], list[Sum]]:
    """Theme by district, theme by age and district by age, from the same people, with all their totals: the report's tables."""
    people = np.array(
        [
            [[chance.choice((0, 0, 1, 2, 5, 15)) for _ in range(deep)] for _ in range(columns)]
            for _ in range(rows)
        ]
    )
    cells: dict[Hashable, int] = {}
    sums: list[Sum] = []
    for axis, (one, other) in ((2, ("theme", "district")), (1, ("theme", "age")), (0, ("district", "age"))):
        table = people.sum(axis=axis)
        counts, its = crossed(table.tolist())

        def name(cell: Any, one: str = one, other: str = other) -> Hashable:
            # A margin is one cell, in whichever tables it is printed.
            row, column = cell
            if row == column == "all":
                return "everybody"
            return (
                (one, row)
                if column == "all"
                else (other, column)
                if row == "all"
                else (one, row, other, column)
            )

        cells |= {name(cell): count for cell, count in counts.items()}
        sums += [Sum(tuple(name(part) for part in each.parts), name(each.total)) for each in its]
    return cells, sums


def test_no_hidden_cell_can_be_derived_from_linked_tables() -> None:
    chance = random.Random(7)
    tried = 0
    for _ in range(6):
        cells, sums = linked(chance, 3, 3, 2)
        away = hidden(cells, sums, 5)
        small = {cell for cell, count in cells.items() if 0 < count < 5}
        assert small <= away < set(cells)
        assert not set(derived(cells, sums, away)) & small
        tried += len(small)
    assert tried > 10


def test_hiding_the_small_alone_is_not_enough() -> None:
    """The same tables with only the small cells hidden: the attack finds some, so it can find."""
    cells, sums = linked(random.Random(7), 3, 3, 2)
    small = frozenset(cell for cell, count in cells.items() if 0 < count < 5)
    assert derived(cells, sums, small)


def test_a_cell_shown_in_two_tables_is_one_cell() -> None:
    """Hiding within each table alone would show in one what the other hides."""
    cells: dict[Hashable, int] = {"a": 3, "b": 20, "c": 30, "abc": 53, "ab": 23, "d": 40, "abd": 63}
    sums = [Sum(("a", "b", "c"), "abc"), Sum(("a", "b"), "ab"), Sum(("ab", "d"), "abd")]
    away = hidden(cells, sums, 5)
    assert {"a", "b"} <= away
    assert "a" not in derived(cells, sums, away)
    assert bounds("a", away, cells, sums)[1] > 3


def test_no_small_cell_of_any_table_can_be_derived() -> None:
    """Tables of two to four lines either way, with their totals; where all else fails a total is hidden, and a reader has not that."""
    chance = random.Random(3)
    for _ in range(25):
        rows, columns = chance.randint(2, 4), chance.randint(2, 4)
        table = [[chance.choice((0, 3, 9, 10, 25, 40)) for _ in range(columns)] for _ in range(rows)]
        cells, sums = crossed(table)
        away = hidden(cells, sums, sensitive=[cell for cell in cells if "all" not in cell])
        small = {(y, x) for y, row in enumerate(table) for x, count in enumerate(row) if 0 < count < 10}
        assert small <= away and not set(derived(cells, sums, away)) & small, table
        shown = suppress(table)
        for y, row in enumerate(table):
            assert shown[y] == [None if (y, x) in away else count for x, count in enumerate(row)]


def test_a_printed_total_stays_and_the_parts_hide_each_other() -> None:
    """Elsewhere a total may be hidden: here the column [3, 0] would rather lose its total than its zero, were that cheaper."""
    cells: dict[Hashable, int] = {"a": 3, "b": 0, "ab": 3, "c": 60, "abc": 63}
    sums = [Sum(("a", "b"), "ab"), Sum(("ab", "c"), "abc")]
    assert hidden(cells, sums, 10, ["a"], printed=["ab", "abc"]) == {"a", "b"}
    # With each line's total printed, nothing hides the one person among nobody.
    cells, sums = crossed([[3, 0], [0, 0]])
    totals = [cell for cell in cells if "all" in cell]
    with pytest.raises(ValueError, match="printed totals alone"):
        hidden(cells, sums, 10, [(0, 0)], printed=totals)
    assert not derived(cells, sums, hidden(cells, sums, 10, [(0, 0)]))


def test_a_total_is_hidden_where_no_part_can_help() -> None:
    assert hidden({"a": 3, "none": 0, "all": 3}, [Sum(("a", "none"), "all")], 5, ["a"]) == {"a", "none"}
    assert hidden({"a": 3, "all": 3}, [Sum(("a",), "all")], 5, ["a"]) == {"a", "all"}


def test_tables_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="do not add up"):
        hidden({"a": 3, "b": 4, "ab": 8}, [Sum(("a", "b"), "ab")])
