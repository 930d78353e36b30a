"""What is filled into a questionnaire's texts, and the widest that it may be. Pure."""

import re
from collections.abc import Iterator

from services.common.segments import count, plain
from services.consultation.questionnaire import INVITATION
from services.consultation.said_back import BRIEF_MOST, REFERENCE

# A reference of seven letters, the three districts of one outward code, one answer to a theme, and its page.
LONGEST = {
    "{reference}": REFERENCE,
    "{districts}": "Welwyn Hatfield, Three Rivers, another county",
    "{answers}": "W" * BRIEF_MOST,
    "{page}": "https://heed.example/consultations/plan-2026/done",
}
ONLY_IN = {"unsure": ("{districts}",), "feedback": ("{answers}", "{page}"), "welcome": ("{page}",)}


def unfilled(name: str | None, words: str) -> Iterator[tuple[str, str]]:
    """Each thing in braces that nothing fills in a text, None for a question's, with what would be. It would be sent as it stands."""
    title = ("{title}",) if name else ()
    reference = ("{reference}",) if name != INVITATION else ()
    known = (*title, *reference, *ONLY_IN.get(name or "", ()))
    for one in re.findall(r"\{[^{}]*\}", words):
        if one not in known:
            yield one, ", ".join(known)


def longest(words: str) -> str:
    """The text at its longest."""
    for placeholder, widest in LONGEST.items():
        words = words.replace(placeholder, widest)
    return words


def segments(words: str) -> int:
    """How many segments the text takes at its longest."""
    return count(plain(longest(words))).segments
