"""Which of the ten districts a postcode or a name stands for. Pure.

Only the outward half of a postcode ("AL1") is looked at, and nothing of it is kept. Names are forgiven their spelling.
"""

import csv
import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

from services.common.understanding import simplified

OUTSIDE = "outside"
# The areas of British postcodes: "A10" is a road.
AREAS = (
    "AB|AL|B|BA|BB|BD|BH|BL|BN|BR|BS|BT|CA|CB|CF|CH|CM|CO|CR|CT|CV|CW|DA|DD|DE|DG|DH|DL|DN|DT|DY|E|EC|EH|EN|EX|FK|FY|G|GL|GU|HA|HD|HG|HP"
    "|HR|HS|HU|HX|IG|IP|IV|KA|KT|KW|KY|L|LA|LD|LE|LL|LN|LS|LU|M|ME|MK|ML|N|NE|NG|NN|NP|NR|NW|OL|OX|PA|PE|PH|PL|PO|PR|RG|RH|RM|S|SA|SE|SG"
    "|SK|SL|SM|SN|SO|SP|SR|SS|ST|SW|SY|TA|TD|TF|TN|TQ|TR|TS|TW|UB|W|WA|WC|WD|WF|WN|WR|WS|WV|YO|ZE"
)
# A postcode, whole or its outward half, with or without the space.
POSTCODE = re.compile(rf"\b((?:{AREAS})\d{{1,2}}[a-z]?)(?: ?\d(?:[a-z]{{2}})?)?\b", re.IGNORECASE)
# How people begin: "I live in Ware", "near Tring".
ABOUT = re.compile(
    r"^(?:(?:i|we|im|were) )?(?:live |am |are |based )?(?:in|near|at|from|just outside)? ?(?:the )?"
)
# What follows a name without changing it.
AFTER = re.compile(r" (?:district|borough|council|area|herts|hertfordshire|uk)$")
LIKE_ENOUGH = 0.82


@dataclass(frozen=True, slots=True)
class Found:
    """A district; or none, because it is outside the county or because it may be one of several (`unsure`, with OUTSIDE)."""

    district: str | None = None
    out_of_area: bool = False
    unsure: tuple[str, ...] = ()


def find(text: str) -> Found | None:
    """The district that a text names; None where it names no place that is known."""
    postcode = POSTCODE.search(text)
    if postcode:
        return _of_code(postcode[1].upper())
    bare = simplified(text)
    for words in (bare, AFTER.sub("", ABOUT.sub("", bare))):
        if words in places():
            return _of(places()[words])
    words = AFTER.sub("", ABOUT.sub("", bare))
    close = get_close_matches(words, places(), n=1, cutoff=LIKE_ENOUGH) if len(words) >= 4 else []
    return _of(places()[close[0]]) if close else None


def _of_code(outward: str) -> Found:
    lies_in = outward_codes().get(outward, (OUTSIDE,))
    return _of(lies_in[0]) if len(lies_in) == 1 else Found(unsure=lies_in)


def _of(district: str) -> Found:
    return Found(out_of_area=True) if district == OUTSIDE else Found(district)


@cache
def names() -> dict[str, str]:
    """Each district's code and name, in the order of the alphabet."""
    return {row["district"]: row["name"] for row in _rows("districts.csv")}


@cache
def outward_codes() -> dict[str, tuple[str, ...]]:
    """Each outward code of the county and the districts it lies in."""
    return {row["outward"]: tuple(row["districts"].split()) for row in _rows("outward_codes.csv")}


@cache
def places() -> dict[str, str]:
    """Each name that people give, and its district."""
    return {row["place"]: row["district"] for row in _rows("places.csv")}


def _rows(name: str) -> list[dict[str, str]]:
    text = files("services.consultation").joinpath(f"data/{name}").read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
