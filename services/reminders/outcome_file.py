"""What an office writes down of many hearing days at once, as CSV or JSON: every row is checked, the good ones are entered.

A row names its hearing by `listing_id`, as `heed reminders outcomes-due` prints it, or by case_ref, surname and date_of_birth, as the
office's numbers do (contacts). Whoever writes it is shown no arm.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from services.common import progress
from services.common.database import among
from services.common.times import london
from services.reminders import outcomes, people
from services.reminders.acts import Act
from services.reminders.days import NOT_ITS_DAY, sits_on
from services.reminders.feeds.fields import is_placeholder, reference
from services.reminders.feeds.instants import british_day, iso_day
from services.reminders.feeds.records import FeedError, Rejection
from services.reminders.models import Listing, OutcomeRow, Person
from services.reminders.outcome_rules import ATTENDANCES, FTA_ORDER, WARRANT_ORDER, contradiction
from services.reminders.outcomes_due import COLUMNS as PRINTED

FACTS = {"attendance": ATTENDANCES, "fta": FTA_ORDER, "warrant": WARRANT_ORDER}
NEEDED = ("day", *FACTS)
IDENTITIES = (("listing_id",), ("case_ref", "date_of_birth", "surname"))
COLUMNS = ("listing_id", "case_ref", "date_of_birth", "surname", *NEEDED)
# What `outcomes-due` prints beside them is for the clerk's eyes, and is not read.
KNOWN = frozenset({*COLUMNS, *PRINTED})
LAST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True, repr=False)
class Entry:
    """One outcome that the office gives of one hearing day."""

    where: str
    listing_id: int | None
    case_ref: str | None
    surname: str | None
    date_of_birth: date | None
    day: date
    facts: dict[str, str]
    waiting: bool = False  # a row of `outcomes-due` whose day waited for an outcome when it was printed


def read_csv(body: bytes) -> tuple[list[Entry], list[Rejection]]:
    """Outcomes from a CSV. Raises FeedError for a header that is not ours, naming the column."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FeedError("not-utf-8", "the file is not UTF-8: save it as 'CSV UTF-8'") from None
    lines = csv.DictReader(io.StringIO(text, newline=""))
    try:
        header = [(name or "").strip().lower() for name in lines.fieldnames or ()]
        _check(header)
        lines.fieldnames = header
        return read_rows([(f"line {lines.line_num}", row) for row in lines])
    except csv.Error:
        raise FeedError("malformed-csv", f"line {lines.reader.line_num} cannot be read: correct it") from None


def _check(header: Sequence[str]) -> None:
    for name in header:
        if name not in KNOWN:
            raise FeedError("wrong-header", f"it has a column we do not know: {name!r}; {_columns()}")
        if header.count(name) > 1:
            raise FeedError("wrong-header", f"it has the column {name!r} twice: keep one of them")
    for name in NEEDED:
        if name not in header:
            raise FeedError("wrong-header", f"it lacks the column {name!r}; {_columns()}")
    if not any(set(identity) <= set(header) for identity in IDENTITIES):
        raise FeedError("wrong-header", f"it lacks the column 'listing_id'; {_columns()}")


def _columns() -> str:
    return "the columns are listing_id (or case_ref, date_of_birth, surname), day, attendance, fta, warrant"


def read_rows(rows: Sequence[tuple[str, dict[str, Any]]]) -> tuple[list[Entry], list[Rejection]]:
    """Outcomes from named fields, each row with its place. A row with no fact filled in is passed over; a bad one is left out with
    a reason that quotes nothing of a person."""
    entries: list[Entry] = []
    rejections: list[Rejection] = []
    for where, row in rows:
        values = {name: str(row.get(name) if row.get(name) is not None else "").strip() for name in COLUMNS}
        facts = {name: values[name].casefold() for name in FACTS}
        if not any(facts.values()) or _untouched(row, facts):
            continue
        read = _entry(where, values, facts, _waiting(row))
        (rejections if isinstance(read, Rejection) else entries).append(read)  # type: ignore[arg-type]
    return entries, rejections


def _untouched(row: dict[str, Any], facts: dict[str, str]) -> bool:
    """A row of `outcomes-due` as it was printed: nobody has filled it in."""
    return _waiting(row) and set(facts.values()) == {"unknown"}


def _waiting(row: dict[str, Any]) -> bool:
    return row.get("state") in ("pending", "missing")


def _entry(where: str, values: dict[str, str], facts: dict[str, str], waiting: bool) -> Entry | Rejection:
    for name, words in FACTS.items():
        if facts[name] not in words:
            return Rejection(where, "bad-word", f"{name} is one of {', '.join(words)}")
    if against := contradiction(facts["attendance"], facts["fta"], facts["warrant"]):
        return Rejection(where, "contradiction", against)
    day = _day(values["day"])
    if day is None:
        return Rejection(where, "bad-date", "day is written YYYY-MM-DD or DD/MM/YYYY")
    born = _day(values["date_of_birth"])
    written = values["listing_id"]
    if written:
        if not (written.isascii() and written.isdecimal() and int(written) <= LAST_ID):
            return Rejection(
                where, "bad-listing", "listing_id is the number that `heed reminders outcomes-due` prints"
            )
        return Entry(where, int(written), None, None, None, day, facts, waiting)
    ref = reference(values["case_ref"])
    if not (ref and values["surname"] and born) or is_placeholder(ref):
        return Rejection(
            where,
            "not-enough-to-join",
            "give listing_id, or case_ref with surname and date_of_birth (YYYY-MM-DD or DD/MM/YYYY)",
        )
    return Entry(where, None, ref, values["surname"], born, day, facts, waiting)


def _day(text: str) -> date | None:
    return iso_day(text) or british_day(text)


def enter(act: Act, entries: Sequence[Entry], rejections: Sequence[Rejection]) -> dict[str, Any]:
    """Enter these outcomes in the act's transaction: {"status", "counts", "rejections"}, as a delivery is answered."""
    act.alone()
    bad = list(rejections)
    found = list(_found(act, entries))
    standing = outcomes.standing(act.session, [row.id for _, row in found if isinstance(row, Listing)])
    printed = _printed(act, [row.id for entry, row in found if entry.waiting and isinstance(row, Listing)])
    counts = {"recorded": 0, "unchanged": 0}
    given: dict[tuple[int, date], dict[str, str]] = {}
    touched: set[int] = set()
    for number, (entry, row) in enumerate(found):
        progress.tell(number)
        if isinstance(row, Rejection):
            bad.append(row)
        elif given.setdefault((row.id, entry.day), entry.facts) != entry.facts:
            bad.append(
                Rejection(
                    entry.where, "said-twice", "the file says two things of this day: keep the right one"
                )
            )
        elif _stands(standing.get(row.id, []), entry) or (
            entry.waiting and (row.id, entry.day, *(entry.facts[name] for name in FACTS)) in printed
        ):
            counts["unchanged"] += 1
        else:
            changed = outcomes.write_by_hand(act.session, row, entry.day, entry.facts, act.by, act.now)
            counts["recorded" if changed else "unchanged"] += 1
            touched.add(row.id)
    act.enrol(touched)
    act.record("outcomes-entered", "outcomes", **counts, rejected=len(bad))
    status = "applied" if not bad else "partly_applied" if any(counts.values()) else "rejected"
    listed = [{"where": one.where, "code": one.code, "reason": one.reason} for one in bad]
    return {"status": status, "counts": counts | {"rejected": len(bad)}, "rejections": listed}


def _stands(standing: Sequence[OutcomeRow], entry: Entry) -> bool:
    """Whether just this is known of the day: a list sent back with a row as it was printed is no new word of a person."""
    known = [row for row in standing if row.day == entry.day and row.attendance != "unknown"]
    return any(all(getattr(row, name) == word for name, word in entry.facts.items()) for row in known)


def _printed(act: Act, ids: Sequence[int]) -> set[tuple[Any, ...]]:
    """What feeds said of these hearings without a word on attendance, each with its day. Such a day waits, and the list prints the rest
    of it: given back as it was printed it is no word of a person, whatever a feed has said since."""
    said = select(OutcomeRow.listing_id, OutcomeRow.day, *(getattr(OutcomeRow, name) for name in FACTS))
    of_feeds = (OutcomeRow.attendance == "unknown", OutcomeRow.source != "office")
    return {
        tuple(row) for row in act.session.execute(said.where(among(OutcomeRow.listing_id, ids), *of_feeds))
    }


def _found(act: Act, entries: Sequence[Entry]) -> Iterator[tuple[Entry, Listing | Rejection]]:
    """The hearing that each entry means, or why there is none to enter it for."""
    ids = [entry.listing_id for entry in entries if entry.listing_id is not None]
    by_id = {row.id: row for row in act.session.scalars(select(Listing).where(among(Listing.id, ids)))}
    by_case = _by_case(act, [entry.case_ref for entry in entries if entry.case_ref])
    for entry in entries:
        if entry.listing_id is not None:
            row = by_id.get(entry.listing_id)
            theirs = [row] if row else []
        else:
            theirs = by_case.get((entry.case_ref, _folded(entry.surname), entry.date_of_birth), [])
        yield entry, _meant(entry, theirs, act)


def _by_case(act: Act, refs: Collection[str]) -> dict[tuple[str | None, str, date | None], list[Listing]]:
    """Listings by case reference, surname and birth."""
    found: dict[tuple[str | None, str, date | None], list[Listing]] = defaultdict(list)
    rows = act.session.execute(
        select(Listing, Person)
        .join(Person, Person.id == Listing.person_id)
        .where(Listing.case_refs.overlap(list(refs)))
        .order_by(Listing.id)
    )
    for row, person in rows if refs else ():
        known = people.known(act.heed, person)
        for ref in row.case_refs:
            found[ref, _folded(known.surname.reveal()), known.date_of_birth].append(row)
    return found


def _folded(surname: str | None) -> str:
    return people.alike(surname or "")


def _meant(entry: Entry, rows: Sequence[Listing], act: Act) -> Listing | Rejection:
    if not rows:
        return Rejection(
            entry.where, "no-such-hearing", "no hearing is listed under this id, or case, surname and birth"
        )
    if entry.day > london(act.now).date():
        return Rejection(
            entry.where, "not-yet", "the day has not come: an outcome is entered when the court has sat"
        )
    there = [row for row in rows if sits_on(row, entry.day)]
    if len(there) > 1:
        return Rejection(
            entry.where, "several-hearings", "several hearings fit this row: give the listing_id"
        )
    if not there:
        return Rejection(entry.where, *NOT_ITS_DAY)
    return there[0]
