"""The words of a reminder: which template is true of the case, and the text as it will be read (REMINDERS §5).

A missing fact raises: never a blank or a placeholder on someone's phone.
"""

import unicodedata
from datetime import datetime

from services.common.segments import GSM7_BASIC, GSM7_EXTENSION, plain
from services.common.times import said_day, said_time
from services.reminders.county import County

NAME_MOST = 20
# Letters that do not decompose into a plain letter and marks.
FOLDED = str.maketrans(
    {"ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "ħ": "h", "þ": "th", "ð": "d", "œ": "oe"}
)


class MissingFact(Exception):
    """A text that lacks a fact: the listing is held and listed, nothing is sent."""


def template_for(custody: str, initiation: str | None, arm_template: str | None, kind: str) -> str:
    """The template's name. People on bail are told of arrest; everyone else that the case can go ahead without them."""
    if kind in ("moved", "no-longer"):
        return kind
    base = "bail" if custody == "bail" and initiation not in ("S", "Q") else "summons"
    return f"{base}-{arm_template}" if arm_template else base


def render(
    county: County, template: str, *, given: str | None, court: str | None, starts_at: datetime | None
) -> str:
    """The text for a phone. Raises MissingFact."""
    known = county.courts.get(court or "")
    words = county.wording.templates.get(template)
    name = first_name(given or "", fold=county.wording.fold_letters)
    if not name or known is None or starts_at is None or words is None:
        raise MissingFact(template)
    text = words.format(
        speaker=county.speaker,
        n=name,
        c=known.short,
        d=said_day(starts_at),
        t=said_time(starts_at),
    )
    return plain(text)


def first_name(given: str, *, fold: bool) -> str:
    """A first name as a text says it: letters that would double the cost are written plainly when the setting says so."""
    name = plain(" ".join(given.split()))
    if name.isupper() or name.islower():
        name = name.title()
    return fold_letters(name) if fold else name


def fold_letters(text: str) -> str:
    """Each letter outside the GSM alphabet as its plain letter; letters that have none stay as they are."""
    return "".join(_folded(character) for character in text)


def _folded(character: str) -> str:
    if character in GSM7_BASIC or character in GSM7_EXTENSION:
        return character
    bare = "".join(
        part
        for part in unicodedata.normalize("NFKD", character.translate(FOLDED))
        if not unicodedata.combining(part)
    )
    return bare if bare and all(part in GSM7_BASIC for part in bare) else character
