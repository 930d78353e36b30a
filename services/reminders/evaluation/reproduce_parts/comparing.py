"""A report held against what was worked out: a part of the evaluator's script.

Every number of `report.json` is compared with the figure of the same place, but for what is given. A number that was not worked out, or
that the report lacks, is a difference.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

# What no row can say, and why; `*` is any place of a list. All else is worked out.
GIVEN = {
    "protocol": "fixed before anybody was assigned",
    "look.taken": "what was known at earlier looks, as it was written down then",
    "flow.excluded": "who was never assigned has no row",
    "history.months.*.events": "most of a month's people were never in the pilot",
    "history.months.*.n": "most of a month's people were never in the pilot",
    "history.months.*.neighbour_events": "people of other courts",
    "history.months.*.neighbour_n": "people of other courts",
}
EXACT, SEARCHED = 1e-6, 1e-4
# Where a stepped wedge's variance is behind a figure, which both search for.
OF_THE_SEARCH = {
    "design",
    "sensitivity",
    "complete",
    "best",
    "worst",
    "costs",
    "verdict",
    "power",
    "p",
    "p_holm",
}
Compared = tuple[str, Any, Any, bool]
ABSENT = object()


def compared(report: dict[str, Any], again: dict[str, Any]) -> Iterator[Compared]:
    """(Place, as reported, as worked out, whether they are the same) of every number of either."""
    wedge = report["protocol"]["allocation"] == "stepped-wedge"
    for place, told, found in beside_each_other(report, lettered(report, again), ()):
        if is_given(place) or not (is_number(told) or is_number(found) or place == ("verdict", "word")):
            continue
        # Of subgroups the report hides small numbers, and what would give them away.
        if place[0] == "subgroups" and not is_number(told):
            continue
        yield ".".join(place), told, found, same(place, told, found, wedge)


def beside_each_other(
    told: Any, found: Any, place: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """Every leaf of two trees, with its place."""
    for kind in (dict, list):
        if isinstance(told, kind) or isinstance(found, kind):
            one, other = (parts(tree) for tree in (told, found))
            for key in one | other:
                yield from beside_each_other(one.get(key, ABSENT), other.get(key, ABSENT), (*place, key))
            return
    yield place, told, found


def parts(tree: Any) -> dict[str, Any]:
    """A dict's or a list's parts by name or number."""
    if isinstance(tree, list | tuple | np.ndarray):
        return {str(number): one for number, one in enumerate(tree)}
    return tree if isinstance(tree, dict) else {}


def is_number(value: Any) -> bool:
    """Whether this is a figure."""
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def is_given(place: tuple[str, ...]) -> bool:
    """Whether the report alone can say this."""
    return any(
        len(pattern) <= len(place) and all(a in ("*", b) for a, b in zip(pattern, place, strict=False))
        for pattern in (given.split(".") for given in GIVEN)
    )


def same(place: tuple[str, ...], told: Any, found: Any, wedge: bool) -> bool:
    """Whether two figures are one: whole numbers to the last, others to a millionth, or as closely as they can be known."""
    if not (is_number(told) and is_number(found)):
        return bool(told is not ABSENT and told == found)
    if place[-2:] == ("permutation", "p"):
        # Two shares of as many random draws: within five standard errors of their difference.
        draws, middle = 9_999, (told + found) / 2
        return bool(abs(told - found) <= 5 * np.sqrt(2 * max(0.0, middle * (1 - middle)) / draws) + 1 / draws)
    if isinstance(told, int) and isinstance(found, int | np.integer):
        return bool(told == found)
    searched = wedge and "unadjusted" not in place and not OF_THE_SEARCH.isdisjoint(place)
    return bool(abs(told - found) <= (SEARCHED if searched else EXACT) * abs(found) + 1e-9)


def lettered(report: dict[str, Any], again: dict[str, Any]) -> dict[str, Any]:
    """The figures with each court, a letter here, in the place of the reported court that has the figures nearest to its own."""
    told = again.copy()
    if again.get("balance"):
        rows, reported = again["balance"]["rows"], report["balance"]["rows"]
        courts, rest = (
            [row for row in rows if (row["covariate"] == "court") == is_court] for is_court in (True, False)
        )
        theirs = [row for row in reported if row["covariate"] == "court"]
        told["balance"] = again["balance"] | {"rows": paired(theirs, courts) + rest}
    if again.get("subgroups"):
        told["subgroups"] = [
            mine | {"rows": paired(section["rows"], mine["rows"])} if mine["name"] == "court" else mine
            for section, mine in zip(report["subgroups"], again["subgroups"], strict=True)
        ]
    return told


def paired(reported: list[Any], mine: list[Any]) -> list[Any]:
    """Each reported row's nearest; a row of which all is hidden needs none."""

    def apart(row: Any, other: Any) -> float:
        both = [(told, found) for _, told, found in beside_each_other(row, other, ()) if is_number(told)]
        return sum(abs(told - found) if is_number(found) else 1.0 for told, found in both)

    left, found = list(mine), []
    for row in reported:
        shown = any(is_number(told) for _, told, _ in beside_each_other(row, {}, ()))
        nearest = min(left, key=lambda other: apart(row, other)) if shown and left else {}
        left = [other for other in left if other is not nearest]
        found.append(nearest)
    return found + (left if len(reported) < len(mine) else [])
