"""In which order people look at texts, and which texts are coded twice, blind. Pure.

The least certain first: there a person's word changes the model most, and the machine is most often wrong. That alone would
leave no honest measure of anything, so a tenth, drawn by lot from the seed, is coded by two people who see no suggestion.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

BLIND_SHARE = 0.10


@dataclass(frozen=True, slots=True)
class Waiting:
    """A text to be coded: its id, the shares of its themes, and who has coded it."""

    id: int
    shares: Sequence[float]
    coded_by: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn: `blind` hides the suggestions and the other person's code."""

    id: int
    blind: bool


def queue(texts: Sequence[Waiting], coder: str, seed: str) -> list[Turn]:
    """What this coder looks at, in order. A blind text is offered until two people have coded it, every other one once."""
    turns = []
    for text in texts:
        drawn = blind(text.id, seed)
        if coder not in text.coded_by and len(text.coded_by) < (2 if drawn else 1):
            turns.append((-uncertainty(text.shares), text.id, Turn(text.id, drawn)))
    return [turn for _, _, turn in sorted(turns, key=lambda one: one[:2])]


def blind(text_id: int, seed: str) -> bool:
    """Whether the lot fell on this text: by the seed and the id alone, so no coder and no order changes it."""
    word = hashlib.sha256(f"{seed}:{text_id}".encode()).digest()
    return int.from_bytes(word[:8], "big") < BLIND_SHARE * 2**64


def uncertainty(shares: Sequence[float]) -> float:
    """How little the machine knows, 0 to 1: how near its least sure theme is to even odds; 1 where it has said nothing.

    A text of which every theme is unlikely is uncertain too: it may be about something new.
    """
    if not len(shares):
        return 1.0
    nearest = max(1 - 2 * abs(share - 0.5) for share in shares)
    return max(nearest, 1 - max(shares))
