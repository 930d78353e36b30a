"""The small facts that every feed writes in its own way, brought to one form: names of cases, courts, custody, language.

Whoever joins records across feeds (contacts, outcomes) uses these same functions, or the keys do not meet.
"""

import re
import unicodedata

from services.reminders.feeds.records import Custody

# Written by Common Platform where a case has no URN: thousands of cases share them (HMPPS, hmcts/cpp-context-results).
PLACEHOLDER_REFERENCES = frozenset({"00PP0000008", "00NP0000008"})
# Year, force and unit, system, sequence, check letter. Police systems write slashes and drop the sequence's zeros.
ASN = re.compile(r"(\d{2}[0-9A-Z]{4}\d{2})(\d{1,11})([A-Z])")
ASN_SLASHED = re.compile(r"(\d{2}/[0-9A-Z]{4}/\d{2}/)(\d{1,11})([A-Z])")
PNC = re.compile(r"(\d{4})/?(\d{7}[A-Z])")
IDENTIFIER = re.compile(r"[0-9a-z_-]{1,64}")
LONGEST_REFERENCE = (
    64  # a URN has 11 characters, an ASN 21; more is not a reference and would not fit an index
)

# hmcts/cpp-context reference data and codes/remand-status.json; X is not in either and stays unknown.
CUSTODY_BY_CODE: dict[str, Custody] = {
    "A": "none",
    "U": "bail",
    "B": "bail",
    "C": "custody",
    "L": "custody",  # in the care of a local authority: brought to court, and a child
    "S": "custody",  # secure accommodation
}
# From the strictest on: what counts where a person is heard for several things at once.
CUSTODY_ORDER: tuple[Custody, ...] = ("custody", "bail", "none", "unknown")
NO_BAIL_APPLIES = frozenset({"S", "Q"})  # summons, requisition
LANGUAGES = {
    **dict.fromkeys(("e", "en", "english", "saesneg"), "en"),
    **dict.fromkeys(("w", "cy", "welsh", "cymraeg"), "cy"),
    **dict.fromkeys(("pl", "polish", "polski"), "pl"),
    **dict.fromkeys(("ro", "romanian", "română", "romana"), "ro"),
}
NO_INTERPRETER = frozenset({"none", "no", "n", "n/a", "na", "not required", "english", "e", "en"})
# NUL and lone surrogates cannot be stored; the rest of these are invisible and make equal names differ.
UNPRINTABLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200b-\u200f\u202a-\u202e\u2060\ufeff\ud800-\udfff]"
)


def clean(text: str) -> str | None:
    """Text on one line, composed (NFC), without invisible characters; None where nothing is left."""
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFC", UNPRINTABLE.sub("", text))
    return " ".join(text.split()) or None


def identifier(text: str | None) -> str | None:
    """A machine's id in lower case (feeds differ in case for one and the same UUID); None where it cannot be one."""
    lowered = (text or "").strip().lower()
    return lowered if IDENTIFIER.fullmatch(lowered) else None


def reference(text: str | None) -> str | None:
    """A case reference (URN, PTIURN, case number) in capitals without spaces; None where it cannot be one."""
    joined = "".join((text or "").split()).upper()
    return joined if 0 < len(joined) <= LONGEST_REFERENCE else None


def is_placeholder(case_reference: str) -> bool:
    """Whether many unrelated cases carry this reference, so that it identifies none."""
    return case_reference in PLACEHOLDER_REFERENCES


def asn(text: str | None) -> str | None:
    """An arrest/summons number in one form (capitals, no slashes, eleven digits of sequence), or None.

    Feeds put other things in its place ("TFL", "007007"), the same for many people, so what has neither the form
    of an ASN nor at least ten characters with six digits is not a key.
    """
    joined = "".join((text or "").split()).upper()
    if found := ASN.fullmatch(joined) or ASN_SLASHED.fullmatch(joined):
        head, sequence, check = found.groups()
        return head.replace("/", "") + sequence.zfill(11) + check
    digits = sum(character.isdigit() for character in joined)
    return (
        joined if joined.isascii() and joined.isalnum() and 10 <= len(joined) <= 24 and digits >= 6 else None
    )


def pnc(text: str | None) -> str | None:
    """A PNC identifier with its four-digit year and no slash ("20040012345U"), or None."""
    found = PNC.fullmatch("".join((text or "").split()).upper())
    return "".join(found.groups()) if found else None


def court(text: str | None) -> str | None:
    """The court of an organisation code: its first five characters (the last two are a building or room)."""
    joined = "".join((text or "").split()).upper()
    return joined[:5] if len(joined) >= 5 and joined.isascii() and joined.isalnum() else None


def custody(code: str | None, description: str | None, initiation: str | None) -> Custody:
    """Whether bail, custody or neither applies, from the bail status and how the case began (REMINDERS §2 C).

    P is custody in the CJS table and "Conditional Bail with Pre-Release conditions" in Common Platform: the words
    decide, and without words nobody is taken to be free.
    """
    known = CUSTODY_BY_CODE.get((code or "").upper())
    if known is None and (code or "").upper() == "P":
        known = _custody_in(description) or "custody"
    if known is None and not code:
        known = _custody_in(description)
    if known is None and initiation in NO_BAIL_APPLIES:
        known = "none"
    return known or "unknown"


def _custody_in(description: str | None) -> Custody | None:
    words = (description or "").casefold()
    if any(held in words for held in ("custody", "remanded in", "remanded into")):
        return "custody"
    if "bail" in words:
        return "bail"
    return "none" if words in {"not applicable", "none", "summons", "requisition"} else None


def language(text: str | None) -> str | None:
    """ "en", "cy", "pl" or "ro" where the feed's word is one of these, else the word itself in lower case."""
    word = (text or "").strip().casefold()
    return LANGUAGES.get(word) or (word if len(word) > 1 else None)


def interpreter(text: str | None) -> str | None:
    """The language an interpreter is needed for, as written; None for the feeds' ways of saying none."""
    return text if text and text.casefold() not in NO_INTERPRETER else None
