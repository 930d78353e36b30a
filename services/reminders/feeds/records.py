"""What every feed adapter produces: the field's facts as plain values, before anybody is matched or stored.

All instants are aware and in UTC; a `date` is a day in Europe/London. Personal data passes through here in
plain form, so these values never reach a log. None is changed once made.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Source = Literal["common-platform", "common-platform-list", "cath", "spi", "libra", "csv", "office"]
Event = Literal["update", "result", "delete"]
Custody = Literal["bail", "none", "custody", "unknown"]


class FeedError(Exception):
    """A whole file or message that cannot be applied: a stable code, and one sentence that says what to do."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Rejection:
    """One record left out, with its place in the file (JSON pointer, XPath or line), a stable code and a reason.

    The reason never quotes personal data: it is shown to machines and kept unencrypted.
    """

    where: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a hearing. `certain` is false where the feed's clock is known to be doubtful."""

    starts_at: datetime
    room: str | None = None
    cancelled: bool = False
    certain: bool = True


@dataclass(slots=True, repr=False)  # frozen took three times as long to make
class Person:
    """The defendant as the feed names them. `given` is the first given name as written."""

    given: str | None
    surname: str | None
    date_of_birth: date | None
    organisation: str | None = None


@dataclass(slots=True, repr=False)  # frozen took three times as long to make
class Listing:
    """One person listed for one hearing.

    `hearing_key` is the feed's own identity of the hearing, prefixed with the source ("common-platform:<uuid>",
    "spi:<PTIURN>:first"); `person_keys` are identities that join the same person within or across cases,
    strongest first ("master:<uuid>", "defendant:<uuid>", "asn:<ASN>", "pnc:<PNC>").
    `court` is the five-character court code. `custody` is "bail" for any bail, "none" where no bail applies
    (summons, requisition), "custody" for remand, "unknown" where the feed does not say.
    `language` is "en", "cy", "pl" or "ro", else the feed's own word in lower case. `prosecutor` is the authority's code
    ("HERTPF"), `prosecutor_unit` its organisation unit ("0410000"); `markers` are the case's markers, codes and words
    as written (domestic abuse, address restricted). `doubts` are stable codes of what a person should review
    ("first-hearing-disagrees", "video"). `record` is a keyed hash of the whole record as written, where whoever reads it adds one.
    """

    source: Source
    hearing_key: str
    person_keys: tuple[str, ...]
    case_refs: tuple[str, ...]
    person: Person
    court: str | None
    days: tuple[Day, ...]
    first_hearing: bool
    court_name: str | None = None
    hearing_type: str | None = None
    mobile: str | None = None
    custody: Custody = "unknown"
    bail_code: str | None = None
    initiation: str | None = None
    youth: bool | None = None
    box_hearing: bool = False
    guilty_plea_by_post: bool = False
    language: str | None = None
    interpreter: str | None = None
    offence_codes: tuple[str, ...] = ()
    prosecutor: str | None = None
    prosecutor_unit: str | None = None
    markers: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    where: str = ""
    record: bytes | None = None


@dataclass(frozen=True, slots=True)
class ResultCode:
    """One result of one offence: CJS code, its qualifiers, the prompts' plain reasons, and the day it was ordered."""

    code: str
    qualifiers: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    offence: int | None = None
    ordered: date | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Result:
    """What happened to one defendant on one hearing day, all offences together.

    `attendance` is the feed's own word ("IN_PERSON", "NOT_PRESENT", "Y", "N", "A" …) or None. `next_listing` is a
    hearing that the result itself lists (never a first hearing).
    """

    source: Source
    hearing_key: str
    person_keys: tuple[str, ...]
    case_refs: tuple[str, ...]
    person: Person
    court: str | None
    day: date
    attendance: str | None
    codes: tuple[ResultCode, ...]
    custody: Custody = "unknown"
    next_listing: Listing | None = None
    where: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A whole list of one court room on one day: of two for the same key the higher `version` stands.

    `court` is the court's code, else its name as a word (`courts.slug`). `version` is when the list was published; Libra's is the
    print date with the sequence number of the file name as its microseconds.
    """

    court: str
    day: date
    room: str
    version: datetime | None = None


@dataclass(slots=True)
class Batch:
    """What one delivery says. `version` orders deliveries of one hearing (sharedTime, SNS timestamp); None applies on arrival.

    `complete` means that a person of the hearing who is absent from `listings` has left it (suspend, list).
    `deleted` holds hearing keys that a firm word (DELETE) removed. `snapshots` are the room-days that a list covers
    whole, each with its own version: a listing of the source there that is not in `listings` is missing. `hearing_keys`
    are the hearings spoken of, also where nobody in them could be listed.
    """

    event: Event
    listings: list[Listing] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    version: datetime | None = None
    complete: bool = False
    snapshots: list[Snapshot] = field(default_factory=list)
    hearing_keys: tuple[str, ...] = ()
