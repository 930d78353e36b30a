"""Telephone numbers and addresses that are nobody's: kept free for drama and for examples, so that nobody real is sent to them. Pure."""

import re

# Ofcom keeps these for drama, with 0 or 44 before them: they ring nobody.
DRAMA = re.compile(
    r"(?:0|440?)(?:1632960|1(?:1[3-8]|[2-6]1)4960|1914980|2079460|2896496|2920180|8081570|3069990|7700900)"
)
PHONE = re.compile(r"\+?\d[\d ()-]{7,}\d")
# RFC 2606 and 6761.
PLACE = re.compile(
    r"\b(?:[a-z0-9-]+\.)*(?:[a-z0-9-]+\.(?:example|test|invalid)|example\.(?:com|org|net))\b", re.IGNORECASE
)


def rings_nobody(phone: str) -> bool:
    """Whether a telephone number is one of Ofcom's drama numbers."""
    return DRAMA.match(re.sub(r"\D", "", phone)) is not None


def made_up(words: str) -> list[str]:
    """Each number and address in these words that is nobody's, once, in their order."""
    found = [(one.start(), one[0]) for one in PHONE.finditer(words) if rings_nobody(one[0])]
    found += [(one.start(), one[0]) for one in PLACE.finditer(words)]
    return list(dict.fromkeys(words for _, words in sorted(found)))
