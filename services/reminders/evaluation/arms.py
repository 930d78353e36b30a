"""An arm of a published table: a name, how many people had the event, and how many there were."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

# scipy's Fisher test multiplies two cells as 64-bit integers; a product of two counts up to this still fits.
LARGEST_N = 1_000_000_000

_ARM = re.compile(r"(?P<name>.*\S)\s*=\s*(?P<events>-?[0-9]{1,18})\s*/\s*(?P<n>-?[0-9]{1,18})")


class ArmError(ValueError):
    """Arms that cannot be compared, in one sentence that says what to change."""


@dataclass(frozen=True, slots=True)
class Arm:
    """`events` people of `n` had the outcome. Raises ArmError for n under 1 or events outside 0..n."""

    name: str
    events: int
    n: int

    def __post_init__(self) -> None:
        if self.n < 1:
            raise ArmError(f"Arm {self.name!r} has {self.n} people: an arm needs at least 1.")
        if self.n > LARGEST_N:
            raise ArmError(f"Arm {self.name!r} has {self.n} people: the most is {LARGEST_N}.")
        if not 0 <= self.events <= self.n:
            raise ArmError(
                f"Arm {self.name!r} has {self.events} events among {self.n} people: "
                f"events must be between 0 and {self.n}."
            )

    @property
    def rate(self) -> float:
        """The share with the event, 0 to 1."""
        return self.events / self.n


def parse_arm(text: str) -> Arm:
    """Read `NAME=EVENTS/N`; the last `=` divides, so a name may hold one. Raises ArmError.

    >>> parse_arm("text=281/2898")
    Arm(name='text', events=281, n=2898)
    """
    match = _ARM.fullmatch(text.strip())
    if match is None:
        raise ArmError(
            f"Cannot read the arm {text!r}: write NAME=EVENTS/N in whole numbers, such as text=281/2898."
        )
    return Arm(match["name"], int(match["events"]), int(match["n"]))


def check_arms(arms: Sequence[Arm]) -> None:
    """Raise ArmError for fewer than two arms or for two of one name."""
    if len(arms) < 2:
        raise ArmError("A comparison needs at least two arms, the control last.")
    names = [arm.name for arm in arms]
    for name in names:
        if names.count(name) > 1:
            raise ArmError(f"Two arms are named {name!r}: give each arm its own name.")


def parse_arms(texts: Sequence[str]) -> list[Arm]:
    """Read and check the arms of one comparison, in the order given (the control last). Raises ArmError."""
    arms = [parse_arm(text) for text in texts]
    check_arms(arms)
    return arms
