"""Every outcome that was ever written of a hearing: what is replaced is kept."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.reminders.models import OutcomeRow


def history(session: Session, listing_id: int) -> list[dict[str, Any]]:
    """Every outcome ever written of a listing, the oldest first; each names the one whose place it took."""
    rows = session.scalars(
        select(OutcomeRow).where(OutcomeRow.listing_id == listing_id).order_by(OutcomeRow.id)
    )
    last: dict[date, int] = {}
    written = []
    for row in rows:
        written.append(
            {
                "id": row.id,
                "day": row.day.isoformat(),
                "attendance": row.attendance,
                "fta": row.fta,
                "warrant": row.warrant,
                "reason": row.reason,
                "source": row.source,
                "entered_by": row.entered_by,
                "entered_at": row.entered_at.isoformat(),
                "replaces": last.get(row.day),
                "replaced_at": row.superseded_at.isoformat() if row.superseded_at else None,
            }
        )
        last[row.day] = row.id
    return written
