"""The words of a reminder: which template is true of the case, and the text as it will be read (REMINDERS §5).

A missing fact raises: never a blank or a placeholder on someone's phone.
"""

import unicodedata
from collections.abc import Sequence
from datetime import datetime

from services.common.segments import GSM7_BASIC, GSM7_EXTENSION, plain
from services.common.times import said_day, said_time
from services.reminders.county_parts import ENGLISH, County

NAME_MOST = 20
# A longer first name is a slip of the pen, and would make one text several.
NAME_ENDLESS = 40
# What forms say of somebody whose first name nobody knows.
NO_NAME = frozenset(("unknown", "not known", "not given", "none", "null", "n/a", "tbc"))
# Letters that do not decompose into a plain letter and marks.
FOLDED = str.maketrans(
    {
        **{"ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "ħ": "h", "Ħ": "H"},
        **{"þ": "th", "Þ": "Th", "ð": "d", "Ð": "D", "œ": "oe", "Œ": "Oe"},
    }
)


class MissingFact(Exception):
    """A text that lacks a fact: the listing is held and listed, nothing is sent."""


def template_for(custody: str, initiation: str | None, arm_template: str | None, kind: str) -> str:
    """The template's name. People on bail are told of arrest; everyone else that the case can go ahead without them."""
    if kind in ("moved", "no-longer"):
        return kind
    base = "bail" if custody == "bail" and initiation not in ("S", "Q") else "summons"
    return f"{base}-{arm_template}" if arm_template else base


def written(
    county: County, custody: str, initiation: str | None, variants: Sequence[str | None], kind: str
) -> str:
    """The template's name by the first of these variants that is written; one may be written for bail alone."""
    names = (template_for(custody, initiation, variant, kind) for variant in variants if variant)
    known = county.wording.languages[ENGLISH].templates
    return next((name for name in names if name in known), template_for(custody, initiation, None, kind))


def spoken(county: County, language: str | None) -> str:
    """The language of a text: the feed's where the county has a wording in it, else English; nothing is guessed from names."""
    return language if language in county.wording.languages and language else ENGLISH


def render(
    county: County,
    template: str,
    *,
    given: str | None,
    court: str | None,
    starts_at: datetime | None,
    language: str | None = None,
) -> str:
    """The text for a phone. Raises MissingFact."""
    tongue = spoken(county, language)
    wording = county.wording.languages[tongue]
    known = county.courts.get(court or "")
    words = wording.templates.get(template)
    name = first_name(given or "", fold=wording.fold_letters)
    if not sayable(name) or known is None or starts_at is None or words is None:
        raise MissingFact(template)
    text = words.format(
        speaker=county.speaker,
        n=name,
        c=known.short,
        d=said_day(starts_at, tongue),
        t=said_time(starts_at, tongue),
    )
    return plain(fold_letters(text) if wording.fold_letters else text)


def sayable(name: str) -> bool:
    """Whether a text can call somebody so: a name has a letter, an end, and is no word for having none."""
    return (
        len(name) <= NAME_ENDLESS
        and any(character.isalpha() for character in name)
        and name.casefold().strip(" .") not in NO_NAME
    )


def first_name(given: str, *, fold: bool) -> str:
    """A first name as a text says it: letters that would double the cost are written plainly when the setting says so."""
    name = plain(" ".join(given.split()))
    if name.isupper() or name.islower():
        name = name.title()
    return fold_letters(name) if fold else name


def fold_letters(text: str) -> str:
    """Each letter outside the GSM alphabet as its plain letter; letters that have none stay as they are."""
    return text if in_gsm(text) else "".join(_folded(character) for character in text)


def in_gsm(text: str) -> bool:
    """Whether every character is in the GSM alphabet; one that is not makes the whole text UCS-2."""
    return all(character in GSM7_BASIC or character in GSM7_EXTENSION for character in text)


def _folded(character: str) -> str:
    if character in GSM7_BASIC or character in GSM7_EXTENSION:
        return character
    bare = "".join(
        part
        for part in unicodedata.normalize("NFKD", character.translate(FOLDED))
        if not unicodedata.combining(part)
    )
    return bare if bare and all(part in GSM7_BASIC for part in bare) else character
