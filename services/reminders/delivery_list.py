"""What the feeds brought: deliveries, the latest first, a page at a time."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.common.times import at_london
from services.reminders.deliveries import as_json
from services.reminders.models import Delivery

STATUSES = ("received", "applied", "partly_applied", "rejected")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deliveries: of one format, one status ("rejected" has those applied in part too), and one day in London."""

    format: str = ""
    status: str | None = None
    day: date | None = None


def page(session: Session, wanted: Wanted, *, before: int | None, limit: int) -> list[dict[str, Any]]:
    """The deliveries before a number, from the last one down, each with its number."""
    query = select(Delivery).order_by(Delivery.number.desc()).limit(limit)
    if before is not None:
        query = query.where(Delivery.number < before)
    if wanted.format:
        query = query.where(Delivery.format == wanted.format)
    if wanted.status == "rejected":
        query = query.where(Delivery.status.in_(("rejected", "partly_applied")))
    elif wanted.status:
        query = query.where(Delivery.status == wanted.status)
    if wanted.day:
        try:
            begins, ends = (at_london(day, time.min) for day in (wanted.day, wanted.day + timedelta(days=1)))
        except OverflowError:  # the calendar's own ends
            return []
        query = query.where(Delivery.received_at >= begins, Delivery.received_at < ends)
    return [as_json(row) | {"number": row.number} for row in session.scalars(query)]


def one(session: Session, delivery_id: str) -> dict[str, Any] | None:
    """A delivery with who sent it, which one it applies again, and which ones apply it again; None where there is none."""
    row = session.scalar(select(Delivery).where(Delivery.id == delivery_id))
    if row is None:
        return None
    first = session.scalar(select(Delivery.id).where(Delivery.number == row.replays)) if row.replays else None
    again = session.scalars(
        select(Delivery.id).where(Delivery.replays == row.number).order_by(Delivery.number)
    ).all()
    return as_json(row) | {"actor": row.actor, "event": row.event, "first": first, "again": list(again)}
