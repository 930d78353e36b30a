"""A protocol in words: every choice that it may fix has some."""

from typing import Any, get_args

import pytest

from services.reminders import protocol
from services.reminders.evaluation.cells import DID
from services.reminders.pages import protocol_words as words
from services.reminders.protocol_schema import OUTCOMES


@pytest.mark.parametrize(
    ("known", "choices"),
    [
        (words.ALLOCATED, protocol.METHODS),
        (words.WHOSE, protocol.CASES),
        (words.BY, protocol.SUBGROUPS),
        (words.MOVED, get_args(protocol.Moved)),
        (words.WITHDRAWN, get_args(protocol.Withdrawn)),
        (words.REMANDED, get_args(protocol.Remanded)),
        (words.RULES, get_args(protocol.Protocol.__annotations__["stopping_rule"])),
        ({name: DID[name] for name in OUTCOMES}, OUTCOMES),
    ],
)
def test_every_choice_has_words(known: dict[str, str], choices: tuple[Any, ...]) -> None:
    assert set(known) == set(choices)
    assert not [said for said in known.values() if "_" in said or not said]
