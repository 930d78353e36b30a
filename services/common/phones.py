"""Phone numbers: which ones Heed may text, and how they are shown.

`phonenumbers` decides, with one rule of ours: Ofcom's drama mobiles (07700 900000 to 900999) are invalid to it; they count
as mobiles in sandbox mode and are refused otherwise.
"""

import enum
import re
from functools import lru_cache
from typing import Any

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberFormat, PhoneNumberType

REGION = "GB"
DRAMA = re.compile(r"\+447700900\d{3}")
# Any other word beside the number may be a warning or another person ("mum 07…", "DO NOT TEXT 07…"), and the library would drop it.
LABEL = re.compile(r"\s*(?:tel|mob|mobile)\b[:. ]*", re.IGNORECASE)
MOBILE_TYPES = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
# The usual writings of a British mobile, and the library's own pattern of which of them are in use. Asking the library takes 80
# microseconds a number, this takes one; whatever does not fit here is asked there.
USUAL = re.compile(r"(?:\+44 ?|0)(7\d{3}) ?(\d{3}) ?(\d{3})")
_BRITISH: Any = PhoneMetadata.metadata_for_region(REGION)
BRITISH_MOBILE = re.compile(_BRITISH.mobile.national_number_pattern)


class NumberProblem(enum.StrEnum):
    """Why a number is not one that Heed texts."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    INVALID = "invalid"
    NOT_MOBILE = "not-a-mobile"
    DRAMA = "drama-number"


class NumberError(ValueError):
    """A number that cannot be texted. The message names the problem, never the number."""

    def __init__(self, problem: NumberProblem) -> None:
        super().__init__(f"number {problem.value}")
        self.problem = problem


@lru_cache(maxsize=4096)
def mobile(raw: str, *, drama: bool) -> str:
    """The E.164 form of a mobile given in any usual writing; `drama` allows Ofcom's drama range (sandbox mode).

    Numbers without a country code are read as British; a foreign mobile must be given with its code.
    Raises NumberError.
    """
    usual = USUAL.fullmatch(raw)
    if usual:
        national = "".join(usual.groups())
        if BRITISH_MOBILE.fullmatch(national) and not DRAMA.fullmatch(f"+44{national}"):
            return f"+44{national}"
    if not raw.strip():
        raise NumberError(NumberProblem.MISSING)
    bare = LABEL.sub("", raw, count=1)
    if any(character.isalpha() for character in bare):
        raise NumberError(NumberProblem.UNREADABLE)
    try:
        number = phonenumbers.parse(bare, REGION)
    except phonenumbers.NumberParseException:
        raise NumberError(NumberProblem.UNREADABLE) from None
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if DRAMA.fullmatch(e164):
        if drama:
            return e164
        raise NumberError(NumberProblem.DRAMA)
    if not phonenumbers.is_valid_number(number):
        raise NumberError(NumberProblem.INVALID)
    if phonenumbers.number_type(number) not in MOBILE_TYPES:
        raise NumberError(NumberProblem.NOT_MOBILE)
    return e164


def masked(e164: str) -> str:
    """A number as lists show it: its last three digits only."""
    return "***" + e164[-3:]


def national(e164: str) -> str:
    """A number as people in this country write it ("07700 900123"); foreign ones keep their code."""
    number = phonenumbers.parse(e164, REGION)
    home = (
        number.country_code == 44
    )  # the Channel Islands and Man too: regions of their own, dialled like any other
    return phonenumbers.format_number(
        number, PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL
    )
