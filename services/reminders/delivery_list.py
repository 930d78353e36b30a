"""What the feeds brought: deliveries, the latest first, a page at a time."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from services.common.times import day_span
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
    # Without the bodies: a county's list has twelve megabytes.
    query = select(Delivery).options(defer(Delivery.body_enc)).order_by(Delivery.number.desc()).limit(limit)
    if before is not None:
        query = query.where(Delivery.number < before)
    if wanted.format:
        query = query.where(Delivery.format == wanted.format)
    if wanted.status == "rejected":
        query = query.where(Delivery.status.in_(("rejected", "partly_applied")))
    elif wanted.status:
        query = query.where(Delivery.status == wanted.status)
    if wanted.day:
        begins, ends = day_span(wanted.day)
        query = query.where(Delivery.received_at >= begins, Delivery.received_at < ends)
    return [as_json(row) | {"number": row.number} for row in session.scalars(query)]


def one(session: Session, delivery_id: str) -> dict[str, Any] | None:
    """A delivery with who sent it, which one it applies again, and which ones apply it again; None where there is none."""
    query = select(Delivery).options(defer(Delivery.body_enc)).where(Delivery.id == delivery_id)
    row = session.scalar(query)
    if row is None:
        return None
    first = session.scalar(select(Delivery.id).where(Delivery.number == row.replays)) if row.replays else None
    again = session.scalars(
        select(Delivery.id).where(Delivery.replays == row.number).order_by(Delivery.number)
    ).all()
    return as_json(row) | {"actor": row.actor, "event": row.event, "first": first, "again": list(again)}
