"""Sets that overlap by four fifths: exactly those that comparing every two finds, whatever their sizes and however blocks fall."""

from itertools import combinations
from unittest import mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.consultation import overlaps

# Small numbers only, so that many are alike, and a few large sets beside them, so that lanes are of several widths.
SMALL = st.sets(st.integers(0, 11), min_size=1)
LARGE = st.sets(st.integers(0, 11)).map(lambda few: set(range(5, 90)) ^ few)
SETS = st.lists(st.one_of(SMALL, LARGE), max_size=14)


def compared(sets: list[set[int]]) -> set[tuple[int, int]]:
    return {
        (a, b)
        for a, b in combinations(range(len(sets)), 2)
        if len(sets[a] & sets[b]) * 5 >= 4 * len(sets[a] | sets[b])
    }


def joined(number: int, alike: set[tuple[int, int]]) -> set[frozenset[int]]:
    found = {frozenset([place]) for place in range(number)}
    for pair in alike:
        met = {group for group in found if group & set(pair)}
        found = found - met | {frozenset().union(*met)}
    return found


@given(SETS, st.integers(1, 5))
@example([{1}] * 9, 2)
@example([set(range(4)), set(range(5)), set(range(6)), set(range(7))], 2)
def test_pairs_and_groups_are_those_of_comparing_every_two(sets: list[set[int]], block: int) -> None:
    alike = compared(sets)
    with mock.patch.object(overlaps, "BLOCK", block):
        pairs = list(overlaps.pairs(sets))
        groups = overlaps.groups(sets)
    assert sorted((min(pair), max(pair)) for pair in pairs) == sorted(alike)
    assert {frozenset(group) for group in groups} == joined(len(sets), alike)
    assert sorted(place for group in groups for place in group) == list(range(len(sets)))


@pytest.mark.parametrize(
    ("size", "common", "alike"), [(9, 8, True), (9, 7, False), (900, 800, True), (900, 799, False)]
)
def test_four_fifths_are_enough_and_one_member_less_is_not(size: int, common: int, alike: bool) -> None:
    other = set(range(size - common, 2 * size - common))
    assert list(overlaps.pairs([set(range(size)), other])) == [(0, 1)] * alike


def test_a_set_a_quarter_larger_is_alike_and_one_larger_still_is_not() -> None:
    for size, alike in ((125, True), (126, False)):
        with mock.patch.object(overlaps, "BLOCK", 1):
            assert list(overlaps.pairs([set(range(100)), set(range(size))])) == [(0, 1)] * alike
