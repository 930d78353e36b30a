"""An answer to a theme as a person writes it, and the text that tells people of it. Pure.

What is written is published and texted, so it is plain, short, and holds no telephone number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from services.common.acts import TELEPHONE, Refused
from services.common.segments import count, plain
from services.consultation.questionnaire import LANGUAGES

SEGMENTS_MOST = 2
WORDS_MOST, BRIEF_MOST = 3000, 100
REFERENCE = "WWWWWWW"  # the widest of seven letters
MORE = {"en": "And {number} more.", "cy": "A {number} arall."}


class Outcome(StrEnum):
    """What came of a theme."""

    DONE = "done"
    PLANNED = "planned"
    NOT_DONE = "not-done"
    PASSED_ON = "passed-on"


@dataclass(frozen=True, slots=True)
class Written:
    """What was considered, what was done, and the line that is texted, each by language, English at least."""

    theme: str
    outcome: Outcome
    considered: Mapping[str, str]
    done: Mapping[str, str]
    brief: Mapping[str, str]


FIELDS = ("theme", "outcome", "considered", "done", "brief")


def read(content: Any) -> Written:
    """An answer from a mapping of FIELDS; words without a language are English. Raises Refused with one sentence."""
    if not isinstance(content, Mapping) or set(content) - set(FIELDS):
        raise Refused("bad-answer", f"an answer has {', '.join(FIELDS)} and nothing else")
    if not isinstance(content.get("theme"), str):
        raise Refused("bad-answer", "theme: name the theme that this answers")
    if content.get("outcome") not in list(Outcome):
        raise Refused("bad-answer", f"outcome: one of {', '.join(Outcome)}")
    brief = _by_language(content, "brief", BRIEF_MOST)
    for language, words in brief.items():
        if count(words).encoding != "GSM-7":
            raise Refused(
                "bad-answer",
                f"brief.{language}: a letter in it makes the whole text cost more than twice as much; write it without",
            )
    return Written(
        content["theme"],
        Outcome(content["outcome"]),
        _by_language(content, "considered", WORDS_MOST),
        _by_language(content, "done", WORDS_MOST),
        brief,
    )


def _by_language(content: Mapping[str, Any], name: str, most: int) -> dict[str, str]:
    given = content.get(name)
    said = {"en": given} if isinstance(given, str) else given
    if not isinstance(said, Mapping) or "en" not in said or set(said) - set(LANGUAGES):
        raise Refused(
            "bad-answer", f"{name}: words, or words by language ({', '.join(LANGUAGES)}), English among them"
        )
    found = {}
    for language, words in said.items():
        line = plain(" ".join(words.split())) if isinstance(words, str) else ""
        if not 0 < len(line) <= most or not line.isprintable():
            raise Refused("bad-answer", f"{name}.{language}: 1 to {most:,} characters")
        if TELEPHONE.search(line):
            raise Refused(
                "bad-answer", f"{name}.{language}: it is published, so write no telephone number of a person"
            )
        found[language] = line
    return found


def text(template: str, page: str, briefs: Sequence[str], language: str) -> str:
    """The text on these answers, in at most two segments: as many of them as fit, and how many more there are. `{reference}` is left.

    Raises Refused where not even one fits.
    """
    for number in range(len(briefs), 0, -1):
        left = len(briefs) - number
        parts = [*briefs[:number], *([MORE[language].format(number=left)] if left else [])]
        words = template.replace("{answers}", " ".join(parts)).replace("{page}", page)
        if count(plain(words.replace("{reference}", REFERENCE))).segments <= SEGMENTS_MOST:
            return words
    raise Refused(
        "too-long",
        f"the text 'feedback' takes more than {SEGMENTS_MOST} segments with one answer: shorten the answer's brief",
    )
