"""What a resident's text is: the first rule that fits, with its id and its reason (CONSULTATION §2). Pure.

Everything that no rule claims is feedback: nothing a resident writes is discarded.
"""

from collections.abc import Collection

from services.common.understanding import Understood, command, danger, simplified

REMOVE_WORDS = frozenset({"remove", "withdraw"})


def first_word(text: str) -> str:
    """The word that may be a consultation's keyword, in capitals, politeness and punctuation trimmed."""
    return simplified(text).split(" ", 1)[0].upper()


def route(text: str, opt_out_type: str | None = None, keywords: Collection[str] = ()) -> Understood:
    """Take a text for what it is."""
    found = danger(text) or command(text, opt_out_type)
    if found:
        return found
    whole = simplified(text)
    if whole in REMOVE_WORDS:
        return Understood("command", "remove", "the whole message asks to withdraw the response")
    first = first_word(text)
    if first in keywords:
        return Understood("feedback", "keyword", f"it begins with the consultation's keyword {first}")
    return Understood("feedback", "everything-else", "no rule above fits: every other text is feedback")
