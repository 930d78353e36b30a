"""The county's standing page: what a reader with every shown count, and every total, cannot work out."""

import random

import pytest

from services.reminders.evaluation.standing import OUTCOMES, cells, hidden_counts, identities
from tests.common.test_suppression import derived

QUARTERS, COURTS = ["2026 Q1", "2026 Q2", "2026 Q3"], {"B41ME": "St Albans", "B41MJ": "Stevenage"}


def counts(chance: random.Random, people: int) -> dict[tuple[str, str], dict[str, int]]:
    """People of each court and quarter; each outcome befalls some of those of the one before."""
    found = {}
    for quarter in QUARTERS:
        for court in COURTS:
            left = chance.randint(0, people)
            row = {"people": left}
            for outcome in OUTCOMES:
                left = sum(chance.random() < 0.4 for _ in range(left))
                row[outcome] = left
            found[quarter, court] = row
    return found


@pytest.mark.parametrize("people", [12, 80])
def test_no_small_count_can_be_derived(people: int) -> None:
    made = counts(random.Random(people), people)
    published, sums = identities(QUARTERS, list(COURTS), made)
    away = hidden_counts(QUARTERS, list(COURTS), made)
    small = {cell for cell, count in published.items() if 0 < count < 10 and "all" not in tuple(cell)}
    assert small <= away and small
    assert not set(derived(published, sums, away)) & small
    # With nothing hidden but the small counts themselves some are known: the attack can find.
    assert people == 12 or set(derived(published, sums, frozenset(small))) & small


def test_what_is_hidden_is_empty_and_has_no_rate() -> None:
    made = counts(random.Random(80), 80)
    away = hidden_counts(QUARTERS, list(COURTS), made)
    for cell in cells(QUARTERS, COURTS, made):
        place = cell["quarter"], cell["court"]
        assert (cell["people"] is None) is (("people", *place) in away)
        assert (cell["events"] is None) is ((cell["outcome"], *place) in away)
        given = cell["people"] is not None and cell["events"] is not None and cell["people"] >= 30
        assert (cell["rate"] is not None) is given
    assert cells([], COURTS, {}) == []
    # A single court in a single quarter has no totals: only its own small count is hidden.
    alone = {("2026 Q1", "B41ME"): {"people": 100, "did_not_attend": 20, "fta": 15, "warrant": 3}}
    assert [one["events"] for one in cells(["2026 Q1"], {"B41ME": "St Albans"}, alone)] == [20, 15, None]
