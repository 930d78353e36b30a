"""A fact about an installation, and the worst of several."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warn", "fail"]
EXIT: dict[Level, int] = {"ok": 0, "warn": 1, "fail": 2}


@dataclass(frozen=True, slots=True)
class Fact:
    """How one thing stands: `said` in figures, `do` what to do about it (empty where it is well)."""

    name: str
    level: Level
    said: str
    do: str = ""


def ok(name: str, said: str) -> Fact:
    """It is well."""
    return Fact(name, "ok", said)


def warn(name: str, said: str, do: str) -> Fact:
    """It works, and somebody should see to it."""
    return Fact(name, "warn", said, do)


def fail(name: str, said: str, do: str) -> Fact:
    """It does not work, or people are at risk."""
    return Fact(name, "fail", said, do)


def worst(facts: Iterable[Fact]) -> int:
    """The exit code: 0 all is well, 1 something should be seen to, 2 something fails.

    >>> worst([ok("a", "x"), warn("b", "x", "y")]), worst([])
    (1, 0)
    """
    return max((EXIT[fact.level] for fact in facts), default=0)
