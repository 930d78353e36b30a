"""Which hearing days wait for an outcome: the list from which an office clerk works.

A day that has begun is *recorded* once its attendance is known, or a person has said that it is not. Until then it is *pending* while
results may still come, and *missing* after. Nothing here tells an arm, nor whether anybody was texted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    Interval,
    Row,
    Select,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Session

from services.common import clock
from services.common.context import Heed
from services.common.database import among
from services.common.spreadsheet import to_csv as written
from services.common.times import london
from services.reminders import pilots
from services.reminders.eligibility import NOBODY_ATTENDS
from services.reminders.models import Listing, OutcomeRow, Person
from services.reminders.shown import shown

State = Literal["pending", "missing", "recorded"]
STATES: tuple[State, ...] = ("pending", "missing", "recorded")
# Courts share results within days and amend them for some weeks. A pilot's protocol may say otherwise of the hearings that it covers;
# this is what a protocol says where it is silent, so that lists and reports agree.
OUTCOME_LAG_DAYS = 28
ALL = 1_000_000  # rows, for a list that is one file
COLUMNS = (
    "listing_id",
    "day",
    "case_ref",
    "court",
    "court_name",
    "room",
    "starts_at",
    "hearing_type",
    "status",
    "name",
    "date_of_birth",
    "state",
    "missing_after",
    "attendance",
    "fta",
    "warrant",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which days: those of one state, court (its first five characters) and day; all where nothing is said."""

    state: State | None = None
    court: str | None = None
    day: date | None = None


def page(
    heed: Heed, session: Session, wanted: Wanted, *, show_people: bool, after: int = 0, limit: int = 200
) -> list[dict[str, Any]]:
    """The rows of the listings after an id, in their order, at least `limit` while there are any: a hearing's days stay together.

    Names and births only with `show_people`.
    """
    now = clock.now(session)
    query = _query(session, wanted, now).where(Listing.id > after).order_by(Listing.id)
    rows = session.execute(query.fetch(limit, with_ties=True)).all()
    people = {row.person_id for row in rows}
    persons = session.scalars(select(Person).where(among(Person.id, people)))
    named = shown(heed, persons, show_people=show_people)
    return [_row(row) | named[row.person_id] for row in sorted(rows, key=lambda row: (row.id, row.begins))]


def counts(session: Session, now: datetime) -> dict[str, int]:
    """How many days are in each state."""
    days = _query(session, Wanted(), now).subquery()
    found = session.execute(select(days.c.state, func.count().label("days")).group_by(days.c.state))
    return dict.fromkeys(STATES, 0) | {row.state: row.days for row in found}


def to_csv(rows: Sequence[dict[str, Any]]) -> bytes:
    """The list as a file that `heed reminders outcomes` takes back, its three facts filled in."""
    return written(COLUMNS, ([row[column] for column in COLUMNS] for row in rows))


def _query(session: Session, wanted: Wanted, now: datetime) -> Select[Any]:
    """Every day that has begun, of every hearing that was not called off and that somebody must come to, with its state."""
    each = func.jsonb_array_elements(Listing.days).table_valued("value").lateral("listed_day")
    listed = each.c.value
    begins = cast(listed.op("->>")("starts_at"), TIMESTAMP(timezone=True))
    day = cast(func.timezone("Europe/London", begins), Date)
    recorded = or_(OutcomeRow.attendance != "unknown", OutcomeRow.source == "office")
    missing_at = begins + cast(func.make_interval(0, 0, 0, _lag(session, day)), Interval)
    state = case((func.coalesce(recorded, False), "recorded"), (missing_at > now, "pending"), else_="missing")
    query = (
        select(
            Listing.id,
            Listing.person_id,
            Listing.case_refs,
            Listing.court,
            Listing.court_name,
            Listing.hearing_type,
            Listing.status,
            listed.op("->>")("room").label("room"),
            begins.label("begins"),
            day.label("day"),
            missing_at.label("missing_at"),
            state.label("state"),
            *(
                func.coalesce(getattr(OutcomeRow, name), "unknown").label(name)
                for name in ("attendance", "fta", "warrant")
            ),
        )
        .select_from(Listing)
        .join(each, true())
        .outerjoin(
            OutcomeRow,
            and_(
                OutcomeRow.listing_id == Listing.id,
                OutcomeRow.day == day,
                OutcomeRow.superseded_at.is_(None),
            ),
        )
        .where(
            begins <= now,
            ~cast(listed.op("->>")("cancelled"), Boolean),
            # A hearing of one day is known by its start: what is to come need not be taken apart.
            or_(Listing.starts_at <= now, func.jsonb_array_length(Listing.days) > 1),
            Listing.status != "cancelled",
            # Organisations are few; to look up everybody for it took longer than the rest.
            Listing.person_id.not_in(select(Person.id).where(Person.organisation)),
            ~Listing.box_hearing,
            ~Listing.guilty_plea_by_post,
            func.coalesce(Listing.initiation, "").not_in(NOBODY_ATTENDS),
        )
    )
    if wanted.state == "recorded":
        query = query.where(recorded)  # said so, PostgreSQL looks at outcomes alone
    elif wanted.state:
        query = query.where(state == wanted.state)
    if wanted.court:
        query = query.where(Listing.court == wanted.court[:5].upper())
    if wanted.day:
        query = query.where(day == wanted.day)
    return query


def _lag(session: Session, day: ColumnElement[date]) -> ColumnElement[int]:
    """The days until a result is late: the pilot's that covers the hearing's court and day, else the usual."""
    covered = [
        (and_(Listing.court.in_(pilot.courts), day.between(pilot.since, pilot.until)), pilot.outcome_lag_days)
        for pilot in (running.protocol for running in pilots.running(session))
    ]
    return case(*covered, else_=OUTCOME_LAG_DAYS) if covered else literal(OUTCOME_LAG_DAYS)


def _row(row: Row[Any]) -> dict[str, Any]:
    return {
        "listing_id": row.id,
        "day": row.day.isoformat(),
        "case_ref": row.case_refs[0] if row.case_refs else None,
        "court": row.court,
        "court_name": row.court_name,
        "room": row.room,
        "starts_at": london(row.begins).isoformat(),
        "hearing_type": row.hearing_type,
        "status": row.status,
        "state": row.state,
        "missing_after": london(row.missing_at - timedelta(microseconds=1)).date().isoformat(),
        "attendance": row.attendance,
        "fta": row.fta,
        "warrant": row.warrant,
    }
