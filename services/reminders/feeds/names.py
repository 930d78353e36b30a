"""Names that come in one piece (CSV, court lists) taken apart into a first name and a surname."""

import re
from datetime import date

from services.reminders.feeds.records import Person

TITLES = frozenset(
    (
        "mr",
        "mrs",
        "miss",
        "ms",
        "mx",
        "dr",
        "prof",
        "professor",
        "rev",
        "revd",
        "reverend",
        "sir",
        "dame",
        "lord",
        "lady",
        "master",
    )
)
# Words that begin a surname of several words ("Anna de la Cruz", "Piet van der Berg").
PARTICLES = frozenset(
    ("al", "bin", "de", "del", "den", "der", "di", "du", "el", "la", "le", "ibn", "st", "van", "von")
)
COMPANY = re.compile(r"\b(ltd|limited|plc|llp|cic|council|trust|company)\b\.?$", re.IGNORECASE)


def split(name: str) -> tuple[str | None, str | None]:
    """First name and surname of "Mr Arthur MORGAN", "SMITH, John Paul" or "Anna de la Cruz"; None for what is not there.

    The surname is what stands before a comma; else the words in capitals at the end (Libra writes surnames so), as long as
    others stand before them; else the last word with its particles.
    """
    before, comma, after = name.partition(",")
    if comma:
        given = _untitled(after.split())
        return (given[0] if given else None), before.strip() or None
    words = _untitled(name.split())
    if len(words) < 2:
        return None, (words[0] if words else None)
    start = len(words) - 1
    if words[-1].isupper() and not words[0].isupper():
        while start > 1 and words[start - 1].isupper() and len(words[start - 1]) > 1:
            start -= 1
    else:
        while start > 1 and words[start - 1].casefold() in PARTICLES:
            start -= 1
    return words[0], " ".join(words[start:])


def is_company(name: str) -> bool:
    """Whether a name ends as a company's does ("Acme Ltd"); used only where no birth date says otherwise."""
    return COMPANY.search(name) is not None


def defendant(
    name: str | None,
    born: date | None,
    *,
    given: str | None = None,
    surname: str | None = None,
    organisation: bool = False,
) -> Person | None:
    """Who a court list names in one piece, `given` and `surname` where it also takes the name apart; None for nobody.

    An organisation is one that the list says is one, or whose name without a birth date ends as a company's does.
    """
    if organisation or (born is None and is_company(name or "")):
        called = name or surname
        return Person(None, None, born, organisation=called) if called else None
    if not surname:
        given, surname = split(name or "")
    return Person(given, surname, born) if surname else None


def _untitled(words: list[str]) -> list[str]:
    while words and words[0].rstrip(".").casefold() in TITLES:
        words = words[1:]
    return words
