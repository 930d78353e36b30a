"""Who looks at what next, how far two coders agree, and groups for a person to name."""

import random
import statistics

import pytest

from services.consultation.themes.agreement import agreement
from services.consultation.themes.emerging import candidates
from services.consultation.themes.queue import Waiting, blind, queue, uncertainty


@pytest.mark.parametrize(
    ("shares", "value"),
    [((), 1.0), ((0.5,), 1.0), ((1.0,), 0.0), ((0.9, 0.0), 0.2), ((0.01, 0.02), 0.98), ((0.99, 0.45), 0.9)],
)
def test_how_little_the_machine_knows(shares: tuple[float, ...], value: float) -> None:
    assert uncertainty(shares) == pytest.approx(value)


def test_the_least_certain_first_and_a_tenth_blind_by_lot_at_any_time() -> None:
    chance = random.Random(3)
    texts = [Waiting(one, chance.random()) for one in range(4000)]
    turns = queue(texts, "a", "seed")
    assert {turn.id for turn in turns} == set(range(4000))
    doubts = [texts[turn.id].uncertainty for turn in turns if not turn.blind]
    assert doubts == sorted(doubts, reverse=True)
    drawn = [turn.id for turn in turns if turn.blind]
    assert 340 < len(drawn) < 460  # 400 expected, 3 standard deviations
    # However early the review ends, a tenth of it is blind, and those are a fair sample of all.
    for end in (10, 100, 1000):
        assert sum(turn.blind for turn in turns[:end]) == end / 10
    assert statistics.mean(texts[one].uncertainty for one in drawn[:100]) == pytest.approx(0.5, abs=0.1)
    assert (
        set(drawn)
        == {one for one in range(4000) if blind(one, "seed")}
        != {one for one in range(4000) if blind(one, "other")}
    )
    # Whoever goes on later goes on with the same shares.
    assert [turn.blind for turn in queue(texts, "a", "seed", 7, 0)[:3]] == [True, False, False]
    assert not any(turn.blind for turn in queue(texts, "a", "seed", 5, 1)[:5])


def test_of_equally_certain_texts_the_lot_says_which_comes_first() -> None:
    order = [turn.id for turn in queue([Waiting(one) for one in range(300)], "a", "seed") if not turn.blind]
    assert order != sorted(order)
    backwards = queue([Waiting(one) for one in reversed(range(300))], "b", "seed")
    assert [turn.id for turn in backwards if not turn.blind] == order


def test_a_text_is_offered_once_and_a_blind_one_to_two_people() -> None:
    drawn = next(one for one in range(100) if blind(one, "s"))
    other = next(one for one in range(100) if not blind(one, "s"))
    a, b, bc = frozenset("a"), frozenset("b"), frozenset("bc")
    cases: list[tuple[Waiting, bool | None]] = [  # None: not offered to a; else whether blind
        (Waiting(other), False),
        (Waiting(other, coded_by=b, seen=True), None),
        (Waiting(other, held_by=b), None),
        (Waiting(drawn), True),
        (Waiting(drawn, coded_by=b), True),
        (Waiting(drawn, held_by=b), True),
        (Waiting(drawn, coded_by=b, held_by=frozenset("c")), None),
        (Waiting(drawn, coded_by=a), None),  # nobody agrees with himself
        (Waiting(drawn, coded_by=bc), None),
        (Waiting(drawn, coded_by=b, seen=True), None),
        # Split since: looked at once more, by whoever coded it too; a blind pair is made whole first.
        (Waiting(other, coded_by=a, seen=True, again=True), False),
        (Waiting(other, coded_by=a, seen=True, again=True, held_by=b), None),
        (Waiting(drawn, coded_by=b, again=True), True),
        (Waiting(drawn, coded_by=bc, again=True), False),
    ]
    for text, offered in cases:
        turns = queue([text], "a", "s")
        assert [turn.blind for turn in turns] == ([] if offered is None else [offered]), text
    split_since = Waiting(other, 0.1, a, seen=True, again=True)
    rest = [Waiting(one) for one in range(100, 140)]
    assert next(turn.id for turn in queue([*rest, split_since], "a", "s") if not turn.blind) == other
    once, never = [one for one in range(100) if blind(one, "s")][:2]
    assert queue([Waiting(never), Waiting(once, 0.1, b)], "a", "s")[0].id == once


def test_kappa_as_in_the_textbook() -> None:
    """Fleiss, Levin and Paik: 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: agreement 0.7, by chance 0.5, kappa 0.4."""
    yes, no = frozenset({"t"}), frozenset[str]()
    pairs = [(yes, yes)] * 20 + [(yes, no)] * 5 + [(no, yes)] * 10 + [(no, no)] * 15
    (found,) = agreement(["t"], pairs)
    assert (found.texts, found.both, found.one_only, found.kappa) == (50, 20, 15, pytest.approx(0.4))
    assert found.low == pytest.approx(0.1511, abs=1e-3)
    assert found.high == pytest.approx(0.6489, abs=1e-3)
    from statsmodels.stats.inter_rater import cohens_kappa

    theirs = cohens_kappa([[20, 5], [10, 15]])
    assert (found.kappa, found.low) == (
        pytest.approx(theirs.kappa),
        pytest.approx(theirs.kappa - 1.959964 * theirs.std_kappa, abs=1e-5),
    )
    (narrow,) = agreement(["t"], pairs * 10)
    assert narrow.low and narrow.low > found.low


@pytest.mark.parametrize(
    "pairs", [[], [(frozenset[str](), frozenset[str]())] * 9, [(frozenset({"t"}), frozenset({"t"}))] * 9]
)
def test_where_there_is_nothing_to_agree_on(pairs: list[tuple[frozenset[str], frozenset[str]]]) -> None:
    (found,) = agreement(["t"], pairs)
    assert (found.kappa, found.low, found.high) == (None, None, None)


def test_groups_of_alike_texts_in_any_order() -> None:
    horses = [
        (one, f"horses on the bridleway at {place}")
        for one, place in enumerate(("Ware", "Tring", "Bushey", "Harpenden", "Codicote", "Royston"))
    ]
    drones = [
        (one + 10, f"drones over the gardens in {place}")
        for one, place in enumerate(("Ware", "Tring", "Bushey", "Harpenden", "Codicote", "Royston"))
    ]
    found = candidates([*horses, *drones])
    assert [set(one.ids) for one in sorted(found, key=lambda one: min(one.ids))] == [
        set(range(6)),
        set(range(10, 16)),
    ]
    assert {"horses"} <= set(found[0].words + found[1].words) and all(len(one.examples) == 3 for one in found)
    mixed = [*drones, *horses]
    random.Random(1).shuffle(mixed)
    assert candidates(mixed) == found


def test_many_copies_are_one_group() -> None:
    found = candidates([(one, f"drones over gardens {one}") for one in range(40)])
    assert [len(one.ids) for one in found] == [40]


@pytest.mark.parametrize(
    "texts",
    [
        [],
        [(1, "alone")],
        [(one, f"word{one}") for one in range(20)],
        [(one, "the of and") for one in range(20)],
    ],
)
def test_where_nothing_is_alike(texts: list[tuple[int, str]]) -> None:
    assert candidates(texts) == []
