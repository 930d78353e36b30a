"""Faults that a person or a test calls for by the recipient's number, or chooses for a number or for all traffic.

The last three digits 9xx of 07700 900 9xx (Ofcom's range for drama) choose a row of `faults.csv`. `stage` says
which part of the carrier reads the row: `refusal` (outbound.py), `answer` (answers.py), `outcome` and
`first-outcome` (plan.py), `callback` (callbacks.py), `evidence` (answers.py, callbacks.py and listing.py). A new row of a stage that needs nothing but a code is a line
in the table; another is a line and a small function in that file.
"""

import csv
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

DRAMA_PREFIX = "+447700900"


@dataclass(frozen=True, slots=True)
class Fault:
    """One row: the digits that call it, its name, who acts on it, Twilio's code if it has one, and what happens."""

    digits: str
    name: str
    stage: str
    code: int | None
    happens: str


@cache
def table() -> tuple[Fault, ...]:
    """Every fault, in the order of the file."""
    text = files("services.sandbox").joinpath("faults.csv").read_text(encoding="utf-8")
    return tuple(
        Fault(
            row["digits"],
            row["name"],
            row["stage"],
            int(row["code"]) if row["code"] else None,
            row["happens"],
        )
        for row in csv.DictReader(text.splitlines())
    )


@cache
def _by_number() -> dict[str, Fault]:
    return {DRAMA_PREFIX + fault.digits: fault for fault in table()}


@cache
def _by_name() -> dict[str, Fault]:
    return {fault.name: fault for fault in table()}


def fault_for(to: str) -> Fault | None:
    """The fault that this number (E.164) calls for, or None for a number without one.

    >>> fault_for("+447700900901").name, fault_for("+447700900123")
    ('landline', None)
    """
    return _by_number().get(to)


def fault_named(name: str) -> Fault | None:
    """The fault of this name, or None."""
    return _by_name().get(name)


@dataclass(frozen=True, slots=True)
class Rates:
    """Faults for all other traffic: `shares` maps a fault's name to the share of texts (0 to 1) that meet it.

    The choice depends on the seed, the number and the text alone, so that a run can be repeated whatever the
    order in which texts arrive, and a text that is sent again meets the same fault.
    """

    seed: int = 0
    shares: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = sorted(set(self.shares) - set(_by_name()))
        if unknown:
            raise ValueError(f"no fault is called {unknown[0]}")
        if not (all(share >= 0 for share in self.shares.values()) and sum(self.shares.values()) <= 1):
            raise ValueError("shares must not be negative, nor add up to more than 1")

    def choose(self, to: str, body: str) -> Fault | None:
        if not self.shares:
            return None
        draw = random.Random(f"{self.seed}\0{to}\0{body}").random()
        for name, share in self.shares.items():
            draw -= share
            if draw < 0:
                return fault_named(name)
        return None
