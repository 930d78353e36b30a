"""One response of another channel as an office writes it down: the columns, and what they may hold. Pure."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time

from services.common import phones
from services.common.times import at_london, parse_instant
from services.consultation import districts
from services.consultation.rows import Rejection, Row
from services.consultation.states import Channel, RespondentType

ANSWER = "answer:"  # before the id of a question
NEEDED = ("reference", "channel", "received")
COLUMNS = (
    *NEEDED,
    "text",
    "type",
    "organisation",
    "mobile",
    "email",
    "receipt",
    "place",
    "victim",
    "publish",
    "language",
    "test",
)
CHANNELS = tuple(str(one) for one in Channel)
TYPES = tuple(str(one) for one in RespondentType)
REFERENCE_MOST, TEXT_MOST, ORGANISATION_MOST = 64, 100_000, 200  # characters
YES_NO = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False, "": None}
BRITISH_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")
RECEIPT = re.compile(r"[2-9A-HJ-NP-Z]{7}")
LANGUAGE = re.compile(r"[a-z]{2,3}")
NOON = time(12)


@dataclass(frozen=True, slots=True, repr=False)
class Response:
    """One response. `mobile` is E.164, `email` in small letters, `receipt` the reference of an earlier response of the same person;
    a place that is known is a district, the rest of it is dropped."""

    where: str
    reference: str
    channel: str
    received_at: datetime
    text: str
    type: str = RespondentType.RESIDENT
    organisation: str = ""
    mobile: str | None = None
    email: str | None = None
    receipt: str | None = None
    district: str | None = None
    out_of_area: bool = False
    victim: bool | None = None
    publish: bool | None = None
    language: str = "en"
    test: bool = False
    answers: dict[str, str] = field(default_factory=dict)


def columns(questions: Iterable[str]) -> tuple[str, ...]:
    """Every column that a file may have, given the questionnaire's own questions."""
    return (*COLUMNS, *(f"{ANSWER}{question}" for question in questions))


def read(row: Row, *, drama: bool) -> Response | Rejection:
    """What a row says, or the first of its fields that cannot be taken. `drama` allows Ofcom's drama numbers (sandbox mode)."""
    get = row.values.get
    for name, fits, code, reason in _checks(drama):
        if (name in NEEDED or get(name)) and not fits(get(name, "")):
            return row.rejected(name, code, reason)
    received_at = instant(get("received", ""))
    if received_at is None:
        return row.rejected(
            "received", "bad-date", "it is written YYYY-MM-DD, DD/MM/YYYY or YYYY-MM-DDTHH:MM, in London"
        )
    kind = get("type", "").lower() or RespondentType.RESIDENT
    if kind == RespondentType.ORGANISATION and not get("organisation"):
        return row.rejected("organisation", "missing", "an organisation is listed by name: fill it in")
    found = districts.find(get("place", "")) if get("place") else None
    if get("place") and found is None:
        return row.rejected(
            "place",
            "unknown-place",
            "it is a postcode, a district or a town of the county or near it, or empty",
        )
    return Response(
        where=row.where,
        reference=get("reference", ""),
        channel=get("channel", "").lower(),
        received_at=received_at,
        text=get("text", ""),
        type=kind,
        organisation=get("organisation", ""),
        mobile=phones.mobile(get("mobile", ""), drama=drama) if get("mobile") else None,
        email=get("email", "").lower() or None,
        receipt=get("receipt", "").upper() or None,
        district=found.district if found else None,
        out_of_area=found.out_of_area if found else False,
        victim=YES_NO[get("victim", "").lower()],
        publish=YES_NO[get("publish", "").lower()],
        language=get("language", "").lower() or "en",
        test=bool(YES_NO[get("test", "").lower()]),
        answers={
            name.removeprefix(ANSWER): value
            for name, value in row.values.items()
            if name.startswith(ANSWER) and value
        },
    )


Check = tuple[str, Callable[[str], bool], str, str]


def _checks(drama: bool) -> tuple[Check, ...]:
    """(field, whether its value can be taken, the code and the reason if not), in the order in which they are told."""
    yes_no = "it is yes, no or empty"
    return (
        ("reference", lambda text: 0 < len(text) <= REFERENCE_MOST, "bad-reference",
         f"each row has a reference of its own, of at most {REFERENCE_MOST} characters"),
        ("channel", lambda text: text.lower() in CHANNELS, "bad-channel", f"it is one of {', '.join(CHANNELS)}"),
        ("text", lambda text: len(text) <= TEXT_MOST, "too-long", f"it has more than {TEXT_MOST:,} characters"),
        ("type", lambda text: text.lower() in TYPES, "bad-type", f"it is one of {', '.join(TYPES)}"),
        ("organisation", lambda text: len(text) <= ORGANISATION_MOST, "too-long",
         f"it has more than {ORGANISATION_MOST} characters"),
        ("mobile", lambda text: _mobile(text, drama), "bad-mobile", "it is not a mobile number: correct it, or leave it empty"),
        ("email", lambda text: bool(EMAIL.fullmatch(text)), "bad-email", "it is not an e-mail address: correct it, or leave it empty"),
        ("receipt", lambda text: bool(RECEIPT.fullmatch(text.upper())), "bad-receipt",
         "a receipt has seven letters and digits, such as H74863G"),
        ("victim", lambda text: text.lower() in YES_NO, "bad-word", yes_no),
        ("publish", lambda text: text.lower() in YES_NO, "bad-word", yes_no),
        ("test", lambda text: text.lower() in YES_NO, "bad-word", yes_no),
        ("language", lambda text: bool(LANGUAGE.fullmatch(text.lower())), "bad-language",
         "it is a language's two or three letters, such as en or cy"),
    )  # fmt: skip


def _mobile(text: str, drama: bool) -> bool:
    try:
        return bool(phones.mobile(text, drama=drama))
    except phones.NumberError:
        return False


def instant(text: str) -> datetime | None:
    """An instant; of a day alone, its noon in London: a letter has no hour."""
    day = day_of(text)
    if day:
        return at_london(day, NOON)
    try:
        return parse_instant(text)
    except (ValueError, OverflowError):
        return None


def day_of(text: str) -> date | None:
    """A day as offices write it: YYYY-MM-DD or DD/MM/YYYY."""
    british = BRITISH_DAY.fullmatch(text)
    try:
        if british:
            return date(int(british[3]), int(british[2]), int(british[1]))
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
