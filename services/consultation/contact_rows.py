"""A contact who has agreed to be asked by text, as an office writes them down: who agreed, how and when. Pure.

A victim is texted only where they said that a text is safe: somebody else may read the phone.
"""

from dataclasses import dataclass
from datetime import date

from services.common import phones
from services.consultation.batch_rows import LANGUAGE, REFERENCE_MOST, YES_NO, day_of
from services.consultation.rows import Rejection, Row

NEEDED = ("reference", "mobile", "consent", "consented_by", "consented_on")
COLUMNS = (*NEEDED, "victim", "safe_to_text", "language")
CONSENTS = ("form", "web", "email", "letter", "phone", "in-person")
NAME_MOST = 200  # characters


@dataclass(frozen=True, slots=True, repr=False)
class Contact:
    """One person to ask. `consented_by` is who said yes, in the office's words: the person, or who speaks for them."""

    where: str
    reference: str
    mobile: str
    consent: str
    consented_by: str
    consented_on: date
    victim: bool
    language: str


def read(row: Row, today: date, *, drama: bool) -> Contact | Rejection:
    """What a row says, or why this person is not texted. `today` is the day in London; `drama` allows Ofcom's drama numbers."""
    get = row.values.get
    reference, consent, by = get("reference", ""), get("consent", "").lower(), get("consented_by", "")
    on, language = day_of(get("consented_on", "")), get("language", "").lower() or "en"
    victim, safe = YES_NO.get(get("victim", "").lower(), ""), YES_NO.get(get("safe_to_text", "").lower(), "")
    if not 0 < len(reference) <= REFERENCE_MOST:
        return row.rejected(
            "reference",
            "bad-reference",
            f"each row has a reference of its own, of at most {REFERENCE_MOST} characters",
        )
    if consent not in CONSENTS:
        return row.rejected(
            "consent",
            "no-consent",
            f"how they agreed is one of {', '.join(CONSENTS)}; without it nobody is texted",
        )
    if not 0 < len(by) <= NAME_MOST:
        return row.rejected("consented_by", "no-consent", "say who agreed; without it nobody is texted")
    if on is None or on > today:
        return row.rejected(
            "consented_on",
            "no-consent",
            "the day they agreed is written YYYY-MM-DD or DD/MM/YYYY, and has come",
        )
    if victim == "" or safe == "":
        return row.rejected(
            "victim" if victim == "" else "safe_to_text", "bad-word", "it is yes, no or empty"
        )
    if safe is False or (victim and not safe):
        return row.rejected(
            "safe_to_text",
            "not-safe-to-text",
            "a victim is texted only where safe_to_text says yes, nobody where it says no",
        )
    if not LANGUAGE.fullmatch(language):
        return row.rejected(
            "language", "bad-language", "it is a language's two or three letters, such as en or cy"
        )
    try:
        mobile = phones.mobile(get("mobile", ""), drama=drama)
    except phones.NumberError as error:
        return row.rejected("mobile", "bad-mobile", f"{error}: correct it")
    return Contact(row.where, reference, mobile, consent, by, on, bool(victim), language)
