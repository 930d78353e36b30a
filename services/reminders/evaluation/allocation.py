"""Permuted blocks stratified by court: who gets which arm, from the seed and the order of enrolment alone.

Each block is drawn from its own stream of 64-bit words, HMAC-SHA256 with the seed as key over (version, stratum,
block, counter): the first draw picks the block's size, the rest shuffle it (Fisher-Yates, words rejected where
a remainder would favour one arm). HMAC and integers mean the same in every Python, which `random.shuffle` does
not promise, so an allocation can be audited years later; without the seed the next arm cannot be guessed.
The arms' order and the sizes' order are part of the protocol: in another order the seed gives another sequence.
"""

import hmac
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from typing import Literal

_VERSION = b"heed permuted blocks 1"
_WORDS = 2**64


class AllocationError(ValueError):
    """A plan of allocation that cannot be carried out, in one sentence."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A recorded allocation: the 0-based `position` of enrolment within the stratum, and the arm given."""

    stratum: str
    position: int
    arm: str


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Where the record leaves the seed's sequence: another arm, a position missing, or one used again."""

    stratum: str
    position: int
    recorded: str | None
    expected: str
    reason: Literal["other-arm", "missing", "repeated"]


def arm_for(
    seed: str, stratum: str, position: int, arms: Sequence[tuple[str, int]], block_sizes: Sequence[int]
) -> str:
    """The arm of the unit enrolled at 0-based `position` in `stratum`; `arms` are (name, weight in the ratio).

    Takes time in proportion to the blocks before it, about 6 microseconds each.

    Raises:
        AllocationError: see `check_plan`; also an empty seed or a negative position.
    """
    check_plan(seed, arms, block_sizes)
    if position < 0:
        raise AllocationError(f"Position {position} is negative: the first unit of a stratum has position 0.")
    index, start = 0, 0
    while True:
        words = _words(seed, stratum, index)
        size = _size(words, block_sizes)
        if position < start + size:
            return _block(words, size, arms)[position - start]
        index, start = index + 1, start + size


def sequence(
    seed: str, stratum: str, arms: Sequence[tuple[str, int]], block_sizes: Sequence[int]
) -> Iterator[str]:
    """The stratum's arms in order of enrolment, without end: the same as `arm_for` at 0, 1, 2 …

    Raises:
        AllocationError: see `check_plan`.
    """
    check_plan(seed, arms, block_sizes)
    return _blocks(seed, stratum, arms, block_sizes)


def block_numbers(
    seed: str, stratum: str, arms: Sequence[tuple[str, int]], block_sizes: Sequence[int]
) -> Iterator[int]:
    """The 0-based block of the positions 0, 1, 2 …, without end.

    Raises:
        AllocationError: see `check_plan`.
    """
    check_plan(seed, arms, block_sizes)
    return (index for index in count() for _ in range(_size(_words(seed, stratum, index), block_sizes)))


def shuffled(seed: str, name: str, items: Sequence[str]) -> list[str]:
    """The items in an order drawn from the seed and the name of what is drawn."""
    return _shuffle(list(items), _words(seed, name, 0))


def audit(
    seed: str, rows: Sequence[Enrolment], arms: Sequence[tuple[str, int]], block_sizes: Sequence[int]
) -> list[Mismatch]:
    """Every place, by stratum and position, where the record differs from what the seed gives; empty when it holds.

    A position without a row before the stratum's last is `missing`: an enrolment was removed or skipped.

    Raises:
        AllocationError: see `check_plan`; also a negative position.
    """
    check_plan(seed, arms, block_sizes)
    recorded: dict[str, dict[int, list[str]]] = {}
    for row in rows:
        if row.position < 0:
            raise AllocationError(f"Position {row.position} in {row.stratum!r} is negative.")
        recorded.setdefault(row.stratum, {}).setdefault(row.position, []).append(row.arm)
    found: list[Mismatch] = []
    for stratum, positions in sorted(recorded.items()):
        expected_arms = islice(_blocks(seed, stratum, arms, block_sizes), max(positions) + 1)
        for position, expected in enumerate(expected_arms):
            found += _mismatches(stratum, position, positions.get(position, []), expected)
    return found


def check_plan(seed: str, arms: Sequence[tuple[str, int]], block_sizes: Sequence[int]) -> None:
    """Raise AllocationError unless there is a seed, two or more named arms with weights of at least 1, and block
    sizes that are multiples of the weights' sum (else a block could not hold the ratio)."""
    names, total = [name for name, _ in arms], sum(weight for _, weight in arms)
    if not seed:
        raise AllocationError("An allocation needs a seed.")
    if len(arms) < 2 or len(set(names)) != len(names):
        raise AllocationError("An allocation needs at least two arms, each with its own name.")
    if any(weight < 1 for _, weight in arms):
        raise AllocationError("Each arm's weight in the ratio must be at least 1.")
    if not block_sizes or any(size < 1 or size % total for size in block_sizes):
        raise AllocationError(
            f"Each block size must be a multiple of {total}, the sum of the ratio's weights."
        )


def _mismatches(stratum: str, position: int, recorded: list[str], expected: str) -> Iterator[Mismatch]:
    if not recorded:
        yield Mismatch(stratum, position, None, expected, "missing")
    for index, arm in enumerate(recorded):
        if arm != expected:
            yield Mismatch(stratum, position, arm, expected, "other-arm")
        elif index > 0:
            yield Mismatch(stratum, position, arm, expected, "repeated")


def _blocks(
    seed: str, stratum: str, arms: Sequence[tuple[str, int]], block_sizes: Sequence[int]
) -> Iterator[str]:
    for index in count():
        words = _words(seed, stratum, index)
        yield from _block(words, _size(words, block_sizes), arms)


def _size(words: Iterator[int], block_sizes: Sequence[int]) -> int:
    return block_sizes[_below(words, len(block_sizes))]


def _block(words: Iterator[int], size: int, arms: Sequence[tuple[str, int]]) -> list[str]:
    repeats = size // sum(weight for _, weight in arms)
    return _shuffle([name for name, weight in arms for _ in range(weight * repeats)], words)


def _shuffle(items: list[str], words: Iterator[int]) -> list[str]:
    for last in range(len(items) - 1, 0, -1):
        other = _below(words, last + 1)
        items[last], items[other] = items[other], items[last]
    return items


def _below(words: Iterator[int], bound: int) -> int:
    fair = _WORDS - _WORDS % bound
    return next(word for word in words if word < fair) % bound


def _words(seed: str, stratum: str, block: int) -> Iterator[int]:
    name = stratum.encode()
    # The name's length comes first, so that no stratum's bytes can be read as another's name and block.
    stem = _VERSION + struct.pack(">Q", len(name)) + name + struct.pack(">Q", block)
    for counter in count():
        yield from struct.unpack(
            ">4Q", hmac.digest(seed.encode(), stem + struct.pack(">Q", counter), "sha256")
        )
