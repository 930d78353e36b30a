"""What is listed, and what Heed makes of it: one row a (person, hearing), and the preview of what will go out."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.common import clock
from services.common.context import Heed
from services.common.models import Outbox
from services.common.outbox.states import State
from services.common.segments import count
from services.common.times import day_span, london
from services.reminders import cases, dispatch, enrolment, outcomes, people, reach
from services.reminders.county import County, Price
from services.reminders.days import next_start
from services.reminders.fresh import AnyListing
from services.reminders.models import Assignment, Listing, OutcomeRow, Person

LAST_YEAR = 9999  # beyond it there is no calendar
UNKNOWN_OUTCOME = {"attendance": "unknown", "fta": "unknown", "warrant": "unknown"}


def find(
    session: Session,
    *,
    court: str | None = None,
    day: date | None = None,
    after: int = 0,
    limit: int | None = None,
) -> list[Listing]:
    """Listings by court (its first five characters) and day, in order of their making, from after an id."""
    query = select(Listing).where(Listing.id > after).order_by(Listing.id)
    if court:
        query = query.where(Listing.court == court[:5].upper())
    if day:
        begins, ends = day_span(day)
        query = query.where(Listing.starts_at >= begins, Listing.starts_at < ends)
    return list(session.scalars(query.limit(limit) if limit else query))


def rows(
    heed: Heed, session: Session, listings: Sequence[Listing], *, show_people: bool, show_arm: bool = False
) -> list[dict[str, Any]]:
    """The listings in the shape of `heed reminders hearings`. Names and births only with `show_people`."""
    now = clock.now(session)
    ids, person_ids = [row.id for row in listings], {row.person_id for row in listings}
    persons = {row.id: row for row in session.scalars(select(Person).where(Person.id.in_(person_ids)))}
    mobiles = reach.mobile_states(session, person_ids, now)
    results = outcomes.standing(session, ids)
    arms = _arms(session, person_ids) if show_arm else {}
    answer = []
    for row in listings:
        one = _row(row, mobiles.get(row.person_id, "missing"), results.get(row.id, []), now)
        if show_people:
            known = people.known(heed, persons[row.person_id])
            one["name"] = known.name
            one["date_of_birth"] = known.date_of_birth.isoformat() if known.date_of_birth else None
        if show_arm:
            one["arm"] = arms.get(row.person_id)
            one.pop("outcome")
            one.pop("outcomes")
        answer.append(one)
    return answer


def _row(row: Listing, mobile: str, results: Sequence[OutcomeRow], now: datetime) -> dict[str, Any]:
    starts_at = _starts_at(row, now)
    said = [
        {"day": one.day, "attendance": one.attendance, "fta": one.fta, "warrant": one.warrant}
        for one in results
    ]
    latest = {name: said[-1][name] for name in UNKNOWN_OUTCOME} if said else dict(UNKNOWN_OUTCOME)
    return {
        "id": row.id,
        "case_ref": row.case_refs[0] if row.case_refs else None,
        "case_refs": row.case_refs,
        "court": row.court,
        "court_name": row.court_name,
        "room": next(
            (day["room"] for day in row.days if datetime.fromisoformat(day["starts_at"]) == starts_at), None
        ),
        "starts_at": london(starts_at).isoformat() if starts_at else None,
        "time_certain": cases.time_certain(row),
        "first_hearing": row.first_hearing,
        "hearing_type": row.hearing_type,
        "status": row.status,
        "name": None,
        "date_of_birth": None,
        "mobile": mobile,
        "eligible": row.eligible,
        # The arm is concealed from whoever sees outcomes: it is in no reason here.
        "reasons": [code for code in row.reasons if code != "control-arm"],
        "doubts": row.doubts,
        "version": row.version,
        "outcome": latest,
        "outcomes": said,
    }


def _starts_at(row: Listing, now: datetime) -> datetime | None:
    if row.starts_at is None or row.starts_at > now:
        return row.starts_at
    return next_start([(datetime.fromisoformat(day["starts_at"]), day["cancelled"]) for day in row.days], now)


def _arms(session: Session, person_ids: set[int]) -> dict[int, str]:
    assigned = session.scalars(select(Assignment).where(Assignment.person_id.in_(person_ids)))
    return {row.person_id: row.arm for row in assigned}


def preview(
    heed: Heed, county: County, session: Session, *, since: datetime | None, until: datetime | None
) -> dict[str, Any]:
    """What would be sent and what would not, rendered by the same code that sends.

    With `since` alone: what goes out at that moment, all that is due by then. With `until`: all that falls due by then.
    With neither: everything that is planned. `waiting` are texts ready to go that something holds back, each with its reason: a stop
    of sending, a day that nobody released, a dry run, a trial's list; they stand among the held ones too. `cost` is what a text takes, and all of
    `due` together; None where the county's file has no price.
    """
    now = clock.now(session)
    horizon = until or since
    query = (
        select(Outbox)
        .where(Outbox.kind.in_(enrolment.KINDS), Outbox.state == State.PENDING)
        .order_by(Outbox.due_at, Outbox.id)
    )
    if horizon:
        query = query.where(Outbox.due_at <= horizon)
    if since:
        query = query.where(Outbox.useful_until > since)
    planned = dispatch.drafts(heed, county, session, session.scalars(query).all(), since or now)
    due, waiting, held = [], [], []
    kept_back = dispatch.kept_back(heed, county, session, since or now)
    for draft in planned:
        reason = draft.reason if draft.text is None else kept_back(draft)
        if reason is None:
            due.append(_due(draft, county.price))
            continue
        held.append({"case_ref": _ref(draft.listing), "reason": reason})
        if draft.text is not None:
            waiting.append(_due(draft, county.price) | {"reason": reason})
    cost = _cost(county.price, sum(one["segments"] for one in due))
    return {"due": due, "held": held + _held(session, now, horizon), "waiting": waiting, "cost": cost}


def _due(draft: dispatch.Draft, price: Price | None) -> dict[str, Any]:
    assert draft.text is not None  # noqa: S101 - the caller looks
    segments = count(draft.text).segments
    return {
        "send_at": london(draft.row.due_at).isoformat(),
        "case_ref": _ref(draft.listing),
        "to": dispatch.masked(draft),
        "step": draft.row.step,
        "template": draft.template,
        "language": draft.language,
        "text": draft.text,
        "segments": segments,
        "cost": _cost(price, segments),
    }


def _cost(price: Price | None, segments: int) -> dict[str, str] | None:
    return price.of(segments) if price else None


def _held(session: Session, now: datetime, horizon: datetime | None) -> list[dict[str, Any]]:
    """Everybody with a hearing to come who is not texted, a row for each reason."""
    query = (
        select(Listing)
        .where(Listing.starts_at > now, Listing.reasons != [])
        .order_by(Listing.starts_at, Listing.id)
    )
    if horizon and horizon.year < LAST_YEAR:
        query = query.where(Listing.starts_at <= horizon + timedelta(days=7))
    return [
        {"case_ref": _ref(row), "reason": reason} for row in session.scalars(query) for reason in row.reasons
    ]


def _ref(row: AnyListing) -> str | None:
    return row.case_refs[0] if row.case_refs else None
