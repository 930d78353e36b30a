"""Courts that a list names in words and not by code.

`court_names.csv` is Common Platform's own table of the magistrates' and Crown courts of England and Wales (2021, MIT licence, by way
of laa-court-data-adaptor): five-character code and name. A name that it lacks stays a name.
"""

import csv
import re
from functools import cache
from importlib.resources import files

NOT_A_WORD = re.compile(r"[^a-z0-9]+")
LONGEST = 64


@cache
def _codes() -> dict[str, str | None]:
    """Slug → code; None for a name that two courts share."""
    text = (files("services.reminders.feeds") / "court_names.csv").read_text(encoding="utf-8")
    codes: dict[str, str | None] = {}
    for row in csv.DictReader(text.splitlines()):
        name = slug(row["name"])
        codes[name] = None if name in codes else row["code"]
    return codes


def slug(name: str) -> str:
    """A court's name as a word of a key: "St. Albans Magistrates' Court" is "st-albans-magistrates-court"."""
    plain = name[:LONGEST].casefold().replace("'", "").replace("’", "")
    return NOT_A_WORD.sub("-", plain).strip("-")


def named(name: str, kind: str = "") -> str | None:
    """The five-character code of a court by its name, whole or without its `kind` ("PRESTON" where all are "Magistrates' Court")."""
    codes = _codes()
    return codes.get(slug(name)) or (codes.get(slug(f"{name} {kind}")) if kind else None)
