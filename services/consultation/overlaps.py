"""Which sets overlap by four fifths, found exactly: each is compared with hundreds at once. Pure.

Sets may come as any collection that holds each member once; tuples take a fifth of the memory.

A block of sets shares one long whole number, a lane of its bits for each. A member of a set is the number with a nine in the lane of
every set of the block that holds it, so that one sum over another set's members counts what it has in common with all of them. Sets
of a and b members with s in common are alike where s / (a + b - s) is at least 4/5, which is where 9s - 4a - 4b is not below nought:
each lane begins at its top bit less 4a, and where that bit stands after the sum less 4b, two are alike. What the sets hold changes
nothing of the work, which is the square of their number, hundreds at a time.
"""

from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass

ALIKE = 4 / 5  # of what either holds, held by both (Jaccard)
SHARED, HELD = 9, 4  # alike where SHARED times the common members reach HELD times the members of both
BLOCK = 512  # sets compared at once: more saves little time and takes memory


@dataclass(frozen=True, slots=True)
class Block:
    """Some sets by their places, the smallest first, and what a sum needs: the lanes' width, their start, a one in each."""

    places: Sequence[int]
    width: int
    start: int
    ones: int
    lanes: dict[Hashable, int]

    def alike(self, one: Collection[Hashable]) -> int:
        """A bit, the top one, in the lane of each set of the block to which this one is alike."""
        begin = self.start - HELD * len(one) * self.ones
        counted = sum(filter(None, map(self.lanes.get, one)), begin)
        return counted & self.ones << self.width - 1

    def place(self, bits: int) -> int:
        """The place of the lowest lane in which a bit stands."""
        return self.places[(bits & -bits).bit_length() // self.width - 1]


def blocks(sets: Sequence[Collection[Hashable]]) -> Iterator[tuple[Block, Iterator[tuple[int, int]]]]:
    """Every block with those that may be alike to some of it: their places, and in which lanes they are. Each pair comes once."""
    order = sorted(range(len(sets)), key=lambda place: len(sets[place]))
    for begin in range(0, len(order), BLOCK):
        block = _block(sets, order[begin : begin + BLOCK])
        yield block, _met(sets, block, order[begin:])


def pairs(sets: Sequence[Collection[Hashable]]) -> Iterator[tuple[int, int]]:
    """Every two places whose sets are alike."""
    for block, met in blocks(sets):
        for place, bits in met:
            left = bits
            while left:
                yield block.place(left), place
                left &= left - 1


def groups(sets: Sequence[Collection[Hashable]]) -> list[list[int]]:
    """Places grouped so that alike sets are together, be it by way of others between them."""
    root = list(range(len(sets)))
    for block, met in blocks(sets):
        together: dict[int, int] = {}  # a group's lanes in this block, by its root
        for lane, place in enumerate(block.places):
            top = _top(root, place)
            together[top] = together.get(top, 0) | 1 << (lane + 1) * block.width - 1
        for place, bits in met:
            mine = _top(root, place)
            # Whoever is in the group already is passed over, so a campaign of thousands takes one step a text.
            while left := bits & ~together.get(mine, 0):
                other = _top(root, block.place(left))
                root[other] = mine
                together[mine] = together.get(mine, 0) | together.pop(other)
    found: dict[int, list[int]] = {}
    for place in range(len(sets)):
        found.setdefault(_top(root, place), []).append(place)
    return list(found.values())


def _block(sets: Sequence[Collection[Hashable]], places: Sequence[int]) -> Block:
    """Lanes wide enough for a set a quarter larger than the block's largest: none that is larger can be alike to one of it."""
    width = (SHARED * len(sets[places[-1]])).bit_length() + 1
    lanes: dict[Hashable, int] = {}
    start = ones = 0
    for lane, place in enumerate(places):
        one = 1 << lane * width
        ones |= one
        start += ((1 << width - 1) - HELD * len(sets[place])) * one
        for member in sets[place]:
            lanes[member] = lanes.get(member, 0) + SHARED * one
    return Block(places, width, start, ones, lanes)


def _met(
    sets: Sequence[Collection[Hashable]], block: Block, following: Sequence[int]
) -> Iterator[tuple[int, int]]:
    largest = len(sets[block.places[-1]])
    for lane, place in enumerate(following):
        if (SHARED - HELD) * largest < HELD * len(sets[place]):
            return
        if bits := block.alike(sets[place]) & (1 << min(lane, BLOCK) * block.width) - 1:
            yield place, bits


def _top(root: list[int], one: int) -> int:
    while root[one] != one:
        root[one] = root[root[one]]
        one = root[one]
    return one
