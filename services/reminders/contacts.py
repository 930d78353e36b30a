"""Joining mobile numbers to people: by ASN, or by case reference with surname and date of birth; never by name alone."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.common import audit, clock, progress
from services.common.context import Heed
from services.common.database import serialise
from services.reminders import enrolment, mobiles, people
from services.reminders.county import County
from services.reminders.feeds import fields, names
from services.reminders.feeds.instants import british_day, iso_day
from services.reminders.feeds.records import FeedError, Rejection
from services.reminders.feeds.records import Person as Named
from services.reminders.fresh import AnyPerson, Fresh
from services.reminders.models import Listing, Person

# The office's columns, and other names under which its exports carry them.
COLUMNS = {
    "asn": "asn",
    "case_ref": "case_ref",
    "urn": "case_ref",
    "ptiurn": "case_ref",
    "surname": "surname",
    "last_name": "surname",
    "first_name": "first_name",
    "defendant_name": "defendant_name",
    "date_of_birth": "date_of_birth",
    "dob": "date_of_birth",
    "mobile": "mobile",
}


@dataclass(frozen=True, slots=True, repr=False)
class Given:
    """One number given for one person, as the office wrote it."""

    where: str
    asn: str | None
    case_ref: str | None
    surname: str | None
    first_name: str | None
    date_of_birth: date | None
    mobile: str


def read_csv(body: bytes) -> tuple[list[Given], list[Rejection]]:
    """Numbers from the office's CSV. Raises FeedError for a header that is not ours, naming the column."""
    try:
        lines = csv.DictReader(io.StringIO(body.decode("utf-8-sig")))
    except UnicodeDecodeError:
        raise FeedError("not-utf-8", "the file is not UTF-8: save it as 'CSV UTF-8'") from None
    try:
        lines.fieldnames = _columns(lines.fieldnames or ())
        return read_rows([(f"line {lines.line_num}", row) for row in lines])
    except csv.Error:
        raise FeedError("malformed-csv", f"line {lines.reader.line_num} cannot be read: correct it") from None


def _columns(written: Sequence[str]) -> list[str]:
    header = [(name or "").strip().lower() for name in written]
    strange = [name for name in header if name not in COLUMNS]
    if strange or "mobile" not in header:
        which = (
            f"it has a column we do not know: {strange[0]!r}" if strange else "it lacks the column 'mobile'"
        )
        raise FeedError("wrong-header", f"{which}; the columns are {', '.join(COLUMNS)}")
    columns = [COLUMNS[name] for name in header]
    twice = [name for name, column in zip(header, columns, strict=True) if columns.count(column) > 1]
    if twice:
        raise FeedError("wrong-header", f"two columns say the same: {' and '.join(twice)}; keep one of them")
    return columns


def read_rows(rows: Sequence[tuple[str, dict[str, Any]]]) -> tuple[list[Given], list[Rejection]]:
    """Numbers from named fields, each row with its place; bad rows are left out with a reason."""
    given, rejections = [], []
    for where, row in rows:
        values = {name: str(row.get(name) or "").strip() or None for name in set(COLUMNS.values())}
        first, last = values["first_name"], values["surname"]
        if values["defendant_name"] and not last:
            first, last = names.split(values["defendant_name"])
        born = iso_day(values["date_of_birth"]) or british_day(values["date_of_birth"])
        if values["date_of_birth"] and not born:
            rejections.append(
                Rejection(where, "bad-date", "date_of_birth is written YYYY-MM-DD or DD/MM/YYYY")
            )
        elif not values["mobile"]:
            rejections.append(Rejection(where, "mobile-missing", "the row has no mobile"))
        elif not (values["asn"] or (values["case_ref"] and last and born)):
            reason = (
                "give an asn, or case_ref with surname and date_of_birth: a name alone never joins a number"
            )
            rejections.append(Rejection(where, "not-enough-to-join", reason))
        else:
            given.append(Given(where, values["asn"], values["case_ref"], last, first, born, values["mobile"]))
    return given, rejections


def attach(
    heed: Heed,
    county: County,
    session: Session,
    given: Sequence[Given],
    rejections: list[Rejection],
    actor: str,
) -> dict[str, Any]:
    """Attach numbers to the people they belong to; what matches nobody is counted and listed."""
    serialise(session, "reminders:apply")
    now = clock.now(session)
    everyone = people.People(heed, session, now, Fresh())
    identified = [_identity(heed, one) for one in given]
    everyone.load(identified)
    counts = {"attached": 0, "unchanged": 0, "unmatched": 0, "invalid": 0}
    touched: set[int] = set()
    for row, (one, identity) in enumerate(zip(given, identified, strict=True)):
        progress.tell(row)
        person = (
            everyone.find(identity.keys)
            or _agreeing(heed, everyone.find(identity.office), one)
            or _by_surname(heed, session, one)
        )
        if person is None:
            counts["unmatched"] += 1
            rejections.append(
                Rejection(
                    one.where, "no-such-person", "no listed person has this ASN, or case, surname and birth"
                )
            )
            continue
        changed = mobiles.set_number(heed, session, person.id, one.mobile, "office", now)
        touched.add(person.id)
        problem = mobiles.problem_of(heed, one.mobile)
        if problem:
            counts["invalid"] += 1
            rejections.append(
                Rejection(one.where, "mobile-invalid", f"the number is kept, not texted: {problem}")
            )
        else:
            counts["attached" if changed else "unchanged"] += 1
    _enrol_people(heed, county, session, touched, now)
    audit.record(session, actor, "contacts-attached", "contacts", **counts, rejected=len(rejections))
    listed = [{"where": one.where, "code": one.code, "reason": one.reason} for one in rejections]
    status = (
        "applied"
        if not listed
        else "partly_applied"
        if counts["attached"] + counts["unchanged"]
        else "rejected"
    )
    return {"status": status, "counts": counts, "rejections": listed}


def _identity(heed: Heed, one: Given) -> people.Identity:
    reference = fields.reference(one.case_ref)
    named = Named(given=one.first_name, surname=one.surname, date_of_birth=one.date_of_birth)
    return people.identify(heed, _asn(one), [reference] if reference and one.first_name else [], named)


def _asn(one: Given) -> list[str]:
    asn = fields.asn(one.asn)
    return [f"asn:{asn}"] if asn else []


def _agreeing(heed: Heed, person: AnyPerson | None, one: Given) -> AnyPerson | None:
    """The person of an ASN, unless the row names another surname or birth: then one of the two is a slip of the pen."""
    if person is None:
        return None
    known = people.known(heed, person)
    same_name = one.surname is None or people.alike(known.surname.reveal()) == people.alike(one.surname)
    same_birth = None in (one.date_of_birth, known.date_of_birth) or one.date_of_birth == known.date_of_birth
    return person if same_name and same_birth else None


def _by_surname(heed: Heed, session: Session, one: Given) -> Person | None:
    """A row without a first name: the one person of that case with this surname and birth."""
    reference = fields.reference(one.case_ref)
    if not reference or not one.surname or fields.is_placeholder(reference):
        return None
    rows = session.scalars(
        select(Person)
        .join(Listing, Listing.person_id == Person.id)
        .where(Listing.case_refs.contains([reference]))
    ).unique()
    found = [
        row
        for row in rows
        if (known := people.known(heed, row)).date_of_birth == one.date_of_birth
        and people.alike(known.surname.reveal()) == people.alike(one.surname)
    ]
    return found[0] if len({row.id for row in found}) == 1 else None


def _enrol_people(heed: Heed, county: County, session: Session, person_ids: set[int], now: datetime) -> None:
    listings = set(session.scalars(select(Listing.id).where(Listing.person_id.in_(person_ids))))
    enrolment.enrol(heed, county, session, listings, now)
