"""What the published form of a text hides: by rule here, by a person with a reason, and never without consent. Pure.

The rules mask what has a shape: telephone numbers, addresses of mail, postcodes, National Insurance numbers, vehicle
registrations, card numbers. Names and allegations have none; a person masks those. A road, 101 and a year are no secrets.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mask:
    """Characters `start` to `end` are hidden. `rule` is the rule's id, or None of a person's mask, which has a `reason`."""

    start: int
    end: int
    rule: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Redaction:
    """A text's masks and whether a person approved them for exactly this text."""

    masks: tuple[Mask, ...]
    approved_by: str | None


_PHONE = r"(?<![\w.])(?:\+\d|\(?0|7(?=\d{3}))(?:[ \-.()]{0,2}\d){8,13}(?!\w)"
_AREA = r"(?:[A-PR-UWYZ][A-HK-Y]?\d[\dA-HJKPSTUW]?)"
_PLATE_END = r"[A-HJ-PR-Z]"
# In this order: of two rules for the same characters the first names it.
RULES: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    ("email", "an address of mail", re.compile(r"[\w.+'-]+ ?@ ?[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}")),
    ("card", "a number like a payment card's", re.compile(r"(?<!\d)\d{4}([ -]?)\d{4}\1\d{4}\1\d{1,7}(?!\d)")),
    (
        "national-insurance",
        "a National Insurance number",
        re.compile(r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b", re.IGNORECASE),
    ),
    ("phone", "a telephone number", re.compile(_PHONE)),
    # The inner part begins with a digit and never has C, I, K, M, O, V; so "AL1 and" and "B197 road" are none.
    ("postcode", "a postcode", re.compile(rf"\b{_AREA} ?\d[ABD-HJLNP-UW-Z]{{2}}\b", re.IGNORECASE)),
    (
        "vehicle",
        "a vehicle's registration",
        re.compile(
            rf"\b(?:[A-HJ-PR-Y]{_PLATE_END}\d{{2}} ?{_PLATE_END}{{3}}"  # AB12 CDE, since 2001
            rf"|[A-HJ-NPR-Y]\d{{1,3}} ?{_PLATE_END}{{3}}"  # A123 BCD, 1983 to 2001
            rf"|{_PLATE_END}{{3}} ?\d{{1,3}}[A-HJ-NPR-Y])\b",  # ABC 123D, 1963 to 1982
        ),
    ),
)
# The same in small letters only with the gap that people write, or for the shape of today; "m25 jam" is a road.
_SMALL_PLATE = re.compile(r"\b[a-hj-pr-y][a-hj-pr-z]\d{2} ?[a-hj-pr-z]{3}\b", re.IGNORECASE)
# Three letters after a road's number or a postcode's first half ("A414 jam", "AL10 and") that are words, not a plate's.
_WORDS = frozenset(
    [
        "all",
        "and",
        "any",
        "are",
        "bad",
        "bus",
        "but",
        "can",
        "car",
        "day",
        "for",
        "get",
        "had",
        "has",
        "its",
        "jam",
        "may",
        "new",
        "not",
        "now",
        "off",
        "old",
        "one",
        "our",
        "out",
        "per",
        "she",
        "the",
        "too",
        "two",
        "via",
        "was",
        "way",
        "who",
        "you",
    ]
)


def by_rule(text: str) -> list[Mask]:
    """What the rules hide, in the text's order, without overlaps."""
    taken: list[Mask] = []
    for rule, what, pattern in RULES:
        for found in pattern.finditer(text):
            taken = _added(taken, found, rule, what)
    for found in _SMALL_PLATE.finditer(text):
        taken = _added(taken, found, "vehicle", "a vehicle's registration")
    return sorted(taken, key=lambda mask: mask.start)


def by_person(text: str, words: str, reason: str) -> list[Mask]:
    """A mask over every place where these words stand. Raises ValueError without a reason, or where they stand nowhere."""
    if not reason.strip():
        raise ValueError("a redaction by a person needs a reason")
    if not words.strip() or words not in text:
        raise ValueError("these words are not in the text: copy them as they stand")
    return [Mask(found.start(), found.end(), None, reason) for found in re.finditer(re.escape(words), text)]


def masked(text: str, masks: Sequence[Mask]) -> str:
    """The text with each mask's characters as [hidden]; masks that touch are one."""
    parts, at = [], 0
    for mask in sorted(masks, key=lambda one: (one.start, -one.end)):
        if mask.start > at or (mask.start == at and at == 0):
            parts += [text[at : mask.start], "[hidden]"]
        at = max(at, mask.end)
    return "".join([*parts, text[at:]])


def published(text: str, consent: bool | None, redaction: Redaction) -> str | None:
    """What may be printed, or None: words go out only with the person's consent and masks that somebody approved.

    What the rules find is hidden whatever was approved, so that an approval of earlier masks lets nothing new through.
    """
    if consent is not True or redaction.approved_by is None:
        return None
    return masked(text, [*redaction.masks, *by_rule(text)])


def _added(taken: list[Mask], found: re.Match[str], rule: str, what: str) -> list[Mask]:
    start, end = found.span()
    overlaps = any(mask.start < end and start < mask.end for mask in taken)
    if overlaps or (rule == "vehicle" and found.group()[-3:].lower() in _WORDS):
        return taken
    return [*taken, Mask(start, end, rule, what)]
