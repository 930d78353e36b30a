"""What the story's script says against what came out."""

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    expected: Any
    got: Any

    @property
    def holds(self) -> bool:
        """Whether it came out as the script says."""
        return bool(self.expected == self.got)

    def __str__(self) -> str:
        return f"{self.name}: expected {_short(self.expected)}, got {_short(self.got)}"


class Checks:
    """Everything that was looked at so far."""

    def __init__(self) -> None:
        self.all: list[Check] = []

    def equal(self, name: str, expected: Any, got: Any) -> bool:
        """Look at one value; whether it is as expected."""
        self.all.append(Check(name, expected, got))
        return self.all[-1].holds

    def same(self, name: str, expected: Counter[Any], got: Counter[Any]) -> bool:
        """Look at a multitude: how many, and what lacks or is too much."""
        self.equal(f"{name}: how many", expected.total(), got.total())
        self.equal(f"{name}: lacking", [], _listed(expected - got))
        return self.equal(f"{name}: too many", [], _listed(got - expected))

    def each(self, name: str, expected: Mapping[str, Any], got: Mapping[str, Any]) -> bool:
        """Look at one value a person: who differs, with both values."""
        differ = {
            key: (expected.get(key), got.get(key))
            for key in sorted({*expected, *got})
            if expected.get(key) != got.get(key)
        }
        return self.equal(f"{name} ({len(expected)} looked at): who differs (expected, got)", {}, differ)

    @property
    def failed(self) -> list[Check]:
        """What did not come out."""
        return [check for check in self.all if not check.holds]


def _listed(counted: Counter[Hashable]) -> list[Any]:
    return sorted(counted.elements(), key=str)


def _short(value: Any) -> str:
    shown = str(value)
    return shown if len(shown) <= 600 else f"{shown[:600]}… ({len(shown)} characters)"
