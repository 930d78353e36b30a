"""The office's own list of hearings as CSV (REMINDERS §2): one row a person and case, in UTF-8, with a fixed header.

`case_ref` and the person are the identity: the same person under the same reference on another date has moved.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TextIO

from services.reminders.feeds import fields, instants, names
from services.reminders.feeds.records import Batch, Custody, Day, FeedError, Listing, Person, Rejection

COLUMNS = (
    "case_ref",
    "asn",
    "defendant_name",
    "date_of_birth",
    "court_code",
    "room",
    "date",
    "time",
    "hearing_type",
    "mobile",
    "bail_status",
    "language",
)
SEPARATOR = "\x1f"  # in no cell that means anything
# What the reader stumbles over; a quotation mark that is never closed makes the rest of the file one cell.
NOT_CSV = (
    f"look for a stray quotation mark, and for a cell of more than {csv.field_size_limit():,} characters"
)
SIZE_LIMIT = 64 * 1024 * 1024  # bytes; 100,000 rows have about 12 MB
FIRST_HEARINGS = frozenset({"first hearing", "first appearance", "fh", "fhg"})
CODES = frozenset("ABCLPSUX")
UNREADABLE = {
    "missing-day": "date is empty: fill it in.",
    "bad-day": "date is not a date: write dd/mm/yyyy or yyyy-mm-dd.",
    "missing-time": "time is empty: fill it in.",
    "bad-time": "time is not a time: write 10:30 or 10.30am.",
}
INITIATION = {"summons": "S", "requisition": "Q", "postal requisition": "Q", "charge": "C", "charged": "C"}


def parse(body: bytes) -> Batch:
    """The listings and rejected rows of a whole file, in order.

    Raises FeedError: `empty-body`, `too-large`, `not-utf8`, `wrong-header` (naming the column).
    """
    batch = Batch(event="update")
    for row in rows(opened(body)):
        found = listing(row)
        if isinstance(found, Rejection):
            batch.rejections.append(found)
        else:
            batch.listings.append(found)
    return batch


@dataclass(slots=True, repr=False)
class Row:
    """One row as written. Two rows with the same cells say the same, wherever they stand."""

    line: int
    cells: list[str]

    @property
    def written(self) -> str:
        """All of it, as one text."""
        return SEPARATOR.join(self.cells)

    @property
    def where(self) -> str:
        """Its place in the file."""
        return f"line {self.line}"


def opened(body: bytes) -> TextIO:
    """The file's text, line by line; all of it is known to be readable. Raises FeedError: `too-large`, `not-utf8`."""
    if len(body) > SIZE_LIMIT:
        raise FeedError("too-large", f"The file has more than {SIZE_LIMIT} bytes: send it in parts.")
    try:
        body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise FeedError("not-utf8", f"Line {line} is not UTF-8: save the file as CSV UTF-8.") from None
    return io.TextIOWrapper(io.BytesIO(body), encoding="utf-8-sig", newline="")


def rows(lines: Iterable[str]) -> Iterator[Row | Rejection]:
    """The rows that are not empty, as the lines come. Raises FeedError as `parse` does, before the first row."""
    reader = csv.reader(lines)
    _check_header(reader)
    line = reader.line_num + 1
    while True:
        try:
            for cells in reader:
                if any(cells):
                    yield Row(line, cells)
                line = reader.line_num + 1
        except csv.Error:
            yield Rejection(f"line {line}", "malformed-row", f"The row is not CSV: {NOT_CSV}.")
            line = reader.line_num + 1
        else:
            return


def listing(row: Row | Rejection) -> Listing | Rejection:
    """What one row lists."""
    return row if isinstance(row, Rejection) else _row(row.cells, row.where)


def _check_header(rows: Iterator[list[str]]) -> None:
    try:
        header = [cell.strip() for cell in next(rows)]
    except csv.Error:
        raise FeedError(
            "wrong-header",
            f"The first line is not CSV: {NOT_CSV}. It must be {','.join(COLUMNS)}.",
        ) from None
    except StopIteration:
        raise FeedError(
            "empty-body", f"The file is empty: its first line must be {','.join(COLUMNS)}."
        ) from None
    for number, column in enumerate(COLUMNS, start=1):
        if header[number - 1 : number] != [column]:
            raise FeedError(
                "wrong-header",
                f"Column {number} must be {column}: the first line must be {','.join(COLUMNS)}.",
            )
    if len(header) > len(COLUMNS):
        raise FeedError(
            "wrong-header", f"Column {len(COLUMNS) + 1} is one too many: language must be the last."
        )


def _row(cells: list[str], where: str) -> Listing | Rejection:
    if len(cells) != len(COLUMNS):
        return Rejection(
            where,
            "wrong-column-count",
            f"The row has {len(cells)} columns, not {len(COLUMNS)}: look for a missing comma or quotation mark.",
        )
    written, asn, name, birth_date, court_code, room, day, clock, kind, mobile, bail_status, language = cells
    reference = fields.reference(written)
    if reference is None:
        return Rejection(
            where, "missing-case-reference", "case_ref is empty or longer than 64 characters: fill it in."
        )
    asn_key = fields.asn(asn)
    case = reference if not fields.is_placeholder(reference) else asn_key
    if case is None:
        return Rejection(
            where, "missing-case-reference", "case_ref is a placeholder and asn is empty: fill in one."
        )
    person, doubts = _person(name, birth_date)
    if person is None:
        return Rejection(where, "missing-name", "defendant_name is empty: fill it in.")
    court = _court(court_code)
    if court is None:
        return Rejection(
            where, "missing-court", "court_code is not a court's code such as B41ME00: correct it."
        )
    days = _days(day, clock, room)
    if isinstance(days, str):
        return Rejection(where, days, UNREADABLE[days])
    first, hearing_type = _hearing_type(kind)
    if hearing_type is None:
        doubts = (*doubts, "hearing-type-missing")
    custody, bail_code, initiation, known = _bail(bail_status)
    if not known:
        doubts = (*doubts, "bail-status-unknown")
    return Listing(
        source="csv",
        hearing_key=f"csv:{case}",
        person_keys=(f"asn:{asn_key}",) if asn_key else (),
        case_refs=(reference,),
        person=person,
        court=court,
        days=days,
        first_hearing=first,
        hearing_type=hearing_type,
        mobile=mobile.strip() or None,
        custody=custody,
        bail_code=bail_code,
        initiation=initiation,
        language=_language(language),
        doubts=doubts if case == reference else (*doubts, "placeholder-reference"),
        where=where,
    )


def _person(name: str, birth_date: str) -> tuple[Person | None, tuple[str, ...]]:
    cleaned = fields.clean(name)
    if cleaned is None:
        return None, ()
    born = instants.british_day(birth_date)
    doubts = ("bad-date-of-birth",) if born is None and birth_date.strip() else ()
    if not birth_date.strip() and names.is_company(cleaned):
        return Person(None, None, None, organisation=cleaned), doubts
    given, surname = names.split(cleaned)
    return (Person(given, surname, born) if surname else None), doubts


@lru_cache(maxsize=16384)
def _days(day: str, clock: str, room: str) -> tuple[Day] | str:
    """The one day of a hearing, or the code of what is wrong with it."""
    date = instants.british_day(day)
    if date is None:
        return "bad-day" if day.strip() else "missing-day"
    at = instants.said_time(clock)
    if at is None:
        return "bad-time" if clock.strip() else "missing-time"
    moment = instants.wall_clock(date, at)
    return (Day(moment.at, room=fields.clean(room), certain=moment.certain),)


@lru_cache(maxsize=1024)
def _hearing_type(text: str) -> tuple[bool, str | None]:
    kind = fields.clean(text)
    return (kind or "").casefold() in FIRST_HEARINGS, kind


@lru_cache(maxsize=1024)
def _bail(text: str) -> tuple[Custody, str | None, str | None, bool]:
    """Custody, bail code and initiation from a code (B) or words (conditional bail, summons), and whether they are known."""
    word = fields.clean(text)
    if word is None:
        return "unknown", None, None, True
    code = word.upper() if word.upper() in CODES else None
    initiation = INITIATION.get(word.casefold())
    custody = fields.custody(code, word, initiation)
    return custody, code, initiation, bool(code or initiation or custody != "unknown")


_court = lru_cache(maxsize=1024)(fields.court)
_language = lru_cache(maxsize=1024)(fields.language)
