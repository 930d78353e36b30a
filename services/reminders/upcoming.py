"""What is planned to go out, by day, and what is held: counted in the database, and the texts of one day a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, text, tuple_
from sqlalchemy.orm import Session

from services.common.context import Heed
from services.common.models import Outbox
from services.common.outbox.states import State
from services.common.segments import count
from services.common.times import day_span, london
from services.reminders import dispatch
from services.reminders.browsing import Place
from services.reminders.county import County
from services.reminders.enrolment import KINDS

DAYS = 5
# The statement is planned anew with each call's times: an index on due_at finds the few days that are asked for.
PLANNED = text("""
SELECT CAST(timezone('Europe/London', due_at) AS date) AS day, count(*) AS texts
FROM outbox WHERE state = 'pending' AND kind = ANY (:kinds) AND due_at < :until GROUP BY 1 ORDER BY 1
""")
HELD = text("""
SELECT one.code, count(*) AS hearings
FROM listings CROSS JOIN LATERAL unnest(array_remove(reasons, 'control-arm')) AS one (code)
WHERE starts_at > :now AND starts_at < :until GROUP BY 1 ORDER BY 2 DESC, 1
""")


@dataclass(frozen=True, slots=True)
class Day:
    """How many texts are due on a day, the first day with what is overdue."""

    day: date
    texts: int


def days(session: Session, now: datetime, number: int = DAYS) -> list[Day]:
    """The days from today on, each with its texts, also those without any."""
    first = london(now).date()
    until = day_span(first + timedelta(days=number))[0]
    counted = dict.fromkeys((first + timedelta(days=one) for one in range(number)), 0)
    for row in session.execute(PLANNED, {"kinds": list(KINDS), "until": until}):
        counted[max(row.day, first)] += row.texts
    return [Day(day, texts) for day, texts in counted.items()]


def held(session: Session, now: datetime, ahead: timedelta = timedelta(days=7)) -> list[tuple[str, int]]:
    """Why people with a hearing in the next days are not texted: reason and hearings, the most frequent first. No arm is told."""
    rows = session.execute(HELD, {"now": now, "until": now + ahead})
    return [(row.code, row.hearings) for row in rows]


def texts(
    heed: Heed, county: County, session: Session, day: date, now: datetime, *, after: Place | None, limit: int
) -> tuple[list[dict[str, Any]], Place | None]:
    """The texts of one day as they would go out, or why they would not, and where the next page begins. Today's have what is overdue
    too."""
    begins, ends = day_span(day)
    query = (
        select(Outbox)
        .where(Outbox.kind.in_(KINDS), Outbox.state == State.PENDING, Outbox.due_at < ends)
        .order_by(Outbox.due_at, Outbox.id)
        .limit(limit + 1)
    )
    if day != london(now).date():
        query = query.where(Outbox.due_at >= begins)
    if after:
        query = query.where(
            tuple_(Outbox.due_at, Outbox.id) > (after.at, after.id), Outbox.due_at >= after.at
        )
    rows: Sequence[Outbox] = session.scalars(query).all()
    kept_back = dispatch.kept_back(heed, county, session, now)
    found = [
        {
            "listing": draft.listing.id,
            "person": draft.listing.person_id,
            "due_at": draft.row.due_at,
            "step": draft.row.step or draft.row.kind,
            "to": dispatch.masked(draft),
            "text": draft.text,
            "language": draft.language,
            "segments": count(draft.text).segments if draft.text else 0,
            "reason": draft.reason if draft.text is None else kept_back(draft),
            "case_ref": draft.listing.case_refs[0] if draft.listing.case_refs else None,
        }
        for draft in dispatch.drafts(heed, county, session, rows[:limit], now)
    ]
    last = rows[limit - 1] if len(rows) > limit else None
    return found, Place(last.due_at, last.id) if last else None
