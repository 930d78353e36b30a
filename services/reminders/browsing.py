"""Looking through hearings as an office does: in the order of their day, by court, day, status and reason, a page at a time."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Self

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import Session

from services.common.times import day_span
from services.reminders.feeds.fields import reference
from services.reminders.models import Listing

STATUSES = ("listed", "suspended", "cancelled", "heard")
TEXTED = ("yes", "no")
WHEN = ("ahead", "past", "all")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which hearings. Without a day, a case or a person they are those ahead, unless `when` says otherwise."""

    when: str | None = None
    court: str | None = None
    day: date | None = None
    status: str | None = None
    texted: str | None = None
    reason: str | None = None
    moved: bool = False
    case: str = ""
    people: tuple[int, ...] = ()

    @property
    def which(self) -> str:
        """ahead, past or all."""
        return self.when or ("all" if self.day or self.case or self.people else "ahead")


@dataclass(frozen=True, slots=True)
class Place:
    """A place in an order of times: after this one and this id."""

    at: datetime
    id: int

    @classmethod
    def read(cls, text: str | None) -> Self | None:
        """As addresses carry it: microseconds since 1970 and the id ("1780000000000000.12"); None where it is not one."""
        given = re.fullmatch(r"(-?\d{1,17})\.(\d{1,18})", text or "", re.ASCII)
        if not given:
            return None
        try:
            return cls(EPOCH + timedelta(microseconds=int(given[1])), int(given[2]))
        except OverflowError:
            return None

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // timedelta(microseconds=1)}.{self.id}"


def page(
    session: Session, wanted: Wanted, now: datetime, *, after: Place | None, limit: int
) -> tuple[list[Listing], Place | None]:
    """The hearings after a place, the earliest first (of those past, the latest first), and where the next page begins.

    Hearings without any day come with a case or a person only: they have no place in the order of days.
    """
    query = select(Listing).where(*_conditions(wanted, now))
    if wanted.case or wanted.people:
        return list(session.scalars(query.order_by(Listing.starts_at.desc(), Listing.id).limit(limit))), None
    backwards = wanted.which == "past"
    if backwards:
        query = query.order_by(Listing.starts_at.desc(), Listing.id.desc())
    else:
        query = query.order_by(Listing.starts_at, Listing.id)
    if after:
        place, edge = tuple_(Listing.starts_at, Listing.id), (after.at, after.id)
        # The second condition is what the index on starts_at is asked with.
        query = query.where(
            place < edge if backwards else place > edge,
            Listing.starts_at <= after.at if backwards else Listing.starts_at >= after.at,
        )
    rows = list(session.scalars(query.limit(limit + 1)))
    return rows[:limit], _place(rows[limit - 1]) if len(rows) > limit else None


def _place(row: Listing) -> Place | None:
    return Place(row.starts_at, row.id) if row.starts_at else None


def _conditions(wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if not (wanted.case or wanted.people):
        found.append(Listing.starts_at.is_not(None))
    if wanted.which == "ahead":
        found.append(Listing.starts_at > now)
    if wanted.which == "past":
        found.append(Listing.starts_at <= now)
    if wanted.court:
        found.append(Listing.court == wanted.court[:5].upper())
    if wanted.day:
        begins, ends = day_span(wanted.day)
        found += [Listing.starts_at >= begins, Listing.starts_at < ends]
    if wanted.status:
        found.append(Listing.status == wanted.status)
    if wanted.texted:
        found.append(Listing.eligible.is_(wanted.texted == "yes"))
    if wanted.reason:
        found.append(Listing.reasons.contains([wanted.reason]))
    if wanted.moved:
        found.append(Listing.version > 1)
    if wanted.case:
        found.append(Listing.case_refs.contains([reference(wanted.case) or wanted.case]))
    if wanted.people:
        found.append(Listing.person_id.in_(wanted.people))
    return found


def doubtful(session: Session, now: datetime, codes: tuple[str, ...]) -> dict[str, int]:
    """How many hearings ahead each of these reasons holds back."""
    each = select(func.unnest(Listing.reasons).label("code")).where(Listing.starts_at > now).subquery()
    rows = session.execute(select(each.c.code, func.count()).group_by(each.c.code))
    found = {row[0]: row[1] for row in rows}
    return {code: found.get(code, 0) for code in codes}


def moved(session: Session, now: datetime) -> int:
    """How many hearings ahead have moved."""
    return (
        session.scalar(
            select(func.count()).where(
                Listing.starts_at > now, Listing.status == "listed", Listing.version > 1
            )
        )
        or 0
    )
