from collections import Counter
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.reminders.evaluation.allocation import (
    AllocationError,
    Enrolment,
    Mismatch,
    arm_for,
    audit,
    sequence,
)

ARMS = [("text", 1), ("none", 1)]
SIZES = [2, 4, 6]
PROPERTY = settings(max_examples=40, deadline=None, database=None, derandomize=True)


def first(count: int, seed: str = "seed", stratum: str = "court", arms=ARMS, sizes=SIZES) -> list[str]:
    return list(islice(sequence(seed, stratum, arms, sizes), count))


def test_never_changes() -> None:
    """Written down once: an allocation made with any version must be found again by every later one."""
    assert "".join(arm[0] for arm in first(40)) == "tntnnttntnttnntntnttntnnnntttttnnnntttnn"
    assert (
        "".join(arm[0] for arm in first(24, "2026", "B01", [("a", 2), ("b", 1)], [3, 6]))
        == "abaaabaabaaaabbaabaabbab"
    )


@PROPERTY
@given(st.text(min_size=1), st.text(), st.integers(0, 200))
def test_one_position_agrees_with_the_sequence(seed: str, stratum: str, position: int) -> None:
    assert arm_for(seed, stratum, position, ARMS, SIZES) == first(position + 1, seed, stratum)[-1]


@PROPERTY
@given(
    st.text(min_size=1),
    st.lists(st.integers(1, 3), min_size=2, max_size=4),
    st.integers(1, 3),
)
def test_the_ratio_holds_at_each_blocks_end(seed: str, weights: list[int], repeats: int) -> None:
    arms = [(f"arm {index}", weight) for index, weight in enumerate(weights)]
    size = sum(weights) * repeats
    given_arms = first(size * 20, seed, arms=arms, sizes=[size])
    for start in range(0, len(given_arms), size):
        block = Counter(given_arms[start : start + size])
        assert block == {name: weight * repeats for name, weight in arms}


@PROPERTY
@given(st.text(min_size=1), st.integers(1, 300))
def test_random_sizes_never_leave_the_arms_far_apart(seed: str, count: int) -> None:
    tally = Counter(first(count, seed))
    assert abs(tally["text"] - tally["none"]) <= max(SIZES) // 2


def test_block_sizes_are_drawn_from_the_whole_list() -> None:
    """Runs of one arm longer than half a small block show that larger blocks are drawn; balance at 2 that small ones are."""
    longest = Counter()
    for stratum in range(200):
        arms = first(12, stratum=str(stratum))
        longest[max(len(run) for run in "".join(arm[0] for arm in arms).replace("n", " ").split())] += 1
    assert set(longest) >= {1, 2, 3}


def test_every_order_of_a_block_is_equally_likely() -> None:
    """Chi-squared over the six orders of a block of 4: 5 degrees of freedom, 20.5 is passed once in a thousand."""
    orders = Counter()
    draws = 6000
    for stratum in range(draws):
        orders["".join(arm[0] for arm in first(4, stratum=str(stratum), sizes=[4]))] += 1
    assert len(orders) == 6
    assert sum((count - draws / 6) ** 2 / (draws / 6) for count in orders.values()) < 20.5


def test_strata_and_seeds_are_independent() -> None:
    """Two sequences agree about half the time: 1,000 draws in blocks stay within 400 to 600."""
    base = first(1000)
    for other in (first(1000, stratum="court2"), first(1000, seed="seed2"), first(1000, "see", "dcourt")):
        assert 400 < sum(a == b for a, b in zip(base, other, strict=True)) < 600


def test_the_order_of_arms_is_part_of_the_plan() -> None:
    assert first(40) != first(40, arms=ARMS[::-1])


def rows(count: int, stratum: str = "court") -> list[Enrolment]:
    return [Enrolment(stratum, position, arm) for position, arm in enumerate(first(count, stratum=stratum))]


def test_audit_passes_what_the_seed_gave() -> None:
    assert audit("seed", [], ARMS, SIZES) == []
    assert audit("seed", rows(50)[::-1] + rows(3, "other"), ARMS, SIZES) == []


def test_audit_finds_a_changed_a_removed_and_a_repeated_row() -> None:
    record = rows(20)
    given_arm = record[5].arm
    other = "none" if given_arm == "text" else "text"
    record[5] = Enrolment("court", 5, other)
    removed = record.pop(11)
    record.append(record[2])
    assert audit("seed", record, ARMS, SIZES) == [
        Mismatch("court", 2, record[2].arm, record[2].arm, "repeated"),
        Mismatch("court", 5, other, given_arm, "other-arm"),
        Mismatch("court", 11, None, removed.arm, "missing"),
    ]


def test_audit_with_another_seed_finds_about_half() -> None:
    assert 15 < len(audit("another", rows(60), ARMS, SIZES)) < 45


@pytest.mark.parametrize(
    ("seed", "arms", "sizes", "words"),
    [
        ("", ARMS, SIZES, "needs a seed"),
        ("s", ARMS[:1], SIZES, "at least two arms"),
        ("s", [("a", 1), ("a", 1)], SIZES, "its own name"),
        ("s", [("a", 1), ("b", 0)], SIZES, "at least 1"),
        ("s", ARMS, [], "multiple of 2"),
        ("s", ARMS, [4, 3], "multiple of 2"),
        ("s", ARMS, [0], "multiple of 2"),
        ("s", [("a", 2), ("b", 1)], [3, 4], "multiple of 3"),
    ],
)
def test_refuses_a_plan_that_cannot_hold(seed: str, arms, sizes, words: str) -> None:
    with pytest.raises(AllocationError, match=words):
        arm_for(seed, "court", 0, arms, sizes)
    with pytest.raises(AllocationError, match=words):
        sequence(seed, "court", arms, sizes)
    with pytest.raises(AllocationError, match=words):
        audit(seed, [], arms, sizes)


def test_refuses_a_negative_position() -> None:
    with pytest.raises(AllocationError, match="negative"):
        arm_for("s", "court", -1, ARMS, SIZES)
    with pytest.raises(AllocationError, match="negative"):
        audit("s", [Enrolment("court", -1, "text")], ARMS, SIZES)
