"""In which order people look at texts, and which texts are coded twice, blind. Pure.

The least certain first: there a person's word changes the model most, and the machine is most often wrong. That alone would
leave no honest measure of anything, so a tenth, drawn by lot from the seed, is coded by two people who see no suggestion. These
are dealt out evenly, one in ten turns, in the lot's order: however early the review ends, they are a fair sample.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

BLIND_SHARE = 0.10
# The first bytes of a lot's hash lie below this where the lot falls on a text, and a little above: whoever looks rows up by it leaves
# none out, and `queue` decides.
EDGE = int(BLIND_SHARE * 2**64 + 2**16).to_bytes(8, "big")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A text that may be coded: its id, how little the machine knows of it, who has coded it, and who else has it before them.

    `seen`: somebody coded it knowing what was suggested. `again`: its theme was split since, so that one person must look once more.
    """

    id: int
    uncertainty: float = 1.0
    coded_by: frozenset[str] = frozenset()
    held_by: frozenset[str] = frozenset()
    seen: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn: `blind` hides the suggestions and the other person's code."""

    id: int
    blind: bool


def queue(
    texts: Sequence[Waiting], coder: str, seed: str, coded: int = 0, coded_blind: int = 0
) -> list[Turn]:
    """What this coder looks at, in order, after `coded` texts of which `coded_blind` were blind.

    A blind text is offered until two people have coded it, those first that one has; every other one once, those first that are to be
    looked at again. Of equally certain texts the lot says which comes first.
    """
    drawn, others = [], []
    for text in texts:
        lot = _lot(text.id, seed)
        if lot < BLIND_SHARE and not text.seen and len(text.coded_by) < 2:
            busy = text.coded_by | text.held_by
            if coder not in busy and len(busy) < 2:
                drawn.append((-len(busy), lot, Turn(text.id, blind=True)))
        elif (text.again or not text.coded_by) and not text.held_by:
            others.append((-2.0 if text.again else -text.uncertainty, lot, Turn(text.id, blind=False)))
    ahead = [[turn for _, _, turn in sorted(part, key=lambda one: one[:2])] for part in (drawn, others)]
    return _dealt(ahead[0], ahead[1], coded, coded_blind)


def _dealt(drawn: list[Turn], others: list[Turn], coded: int, coded_blind: int) -> list[Turn]:
    """Both in turn, so that of all that the coder has looked at a tenth is blind at any time."""
    turns: list[Turn] = []
    blind_at = other_at = 0
    while blind_at < len(drawn) or other_at < len(others):
        due = coded_blind + blind_at < BLIND_SHARE * (coded + len(turns) + 1)
        if blind_at < len(drawn) and (due or other_at == len(others)):
            turns.append(drawn[blind_at])
            blind_at += 1
        else:
            turns.append(others[other_at])
            other_at += 1
    return turns


def blind(text_id: int, seed: str) -> bool:
    """Whether the lot fell on this text: by the seed and the id alone, so no coder and no order changes it."""
    return _lot(text_id, seed) < BLIND_SHARE


def _lot(text_id: int, seed: str) -> float:
    """A number from 0 to 1."""
    word = hashlib.sha256(f"{seed}:{text_id}".encode()).digest()
    return int.from_bytes(word[:8], "big") / 2**64


def uncertainty(shares: Sequence[float]) -> float:
    """How little the machine knows, 0 to 1: how near its least sure theme is to even odds; 1 where it has said nothing.

    A text of which every theme is unlikely is uncertain too: it may be about something new.
    """
    if not len(shares):
        return 1.0
    nearest = max(1 - 2 * abs(share - 0.5) for share in shares)
    return max(nearest, 1 - max(shares))
