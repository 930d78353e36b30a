"""What was done to be heard, for the report's method section: households, impressions, page views."""

import re
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.common import audit, clock
from services.common.acts import telephone
from services.consultation.models import Publicity

WHAT = re.compile(r"[\w ,.'()/-]{1,80}")
REACHED_MOST = 1_000_000_000


def note(session: Session, consultation_id: str, what: str, reached: int, by: str) -> None:
    """So many were reached by one means; a newer figure takes the place of the one before it, and the audit log keeps both.

    Raises ValueError with what is expected.
    """
    if not WHAT.fullmatch(what):
        raise ValueError("say what was done in letters, digits and plain signs, 80 at most")
    if telephone(what):
        raise ValueError(
            "say what was done without a telephone number: it stands in the report and the audit log"
        )
    if not 0 <= reached <= REACHED_MOST:
        raise ValueError(f"say how many it reached, as a whole number up to {REACHED_MOST:,}")
    values = {"reached": reached, "by": by, "at": clock.now(session)}
    session.execute(
        insert(Publicity)
        .values(consultation_id=consultation_id, what=what, **values)
        .on_conflict_do_update(index_elements=["consultation_id", "what"], set_=values)
    )
    audit.record(
        session, by, "publicity-noted", f"consultation:{consultation_id}", what=what, reached=reached
    )


def listed(session: Session, consultation_id: str) -> list[dict[str, Any]]:
    """Every means with its newest figure."""
    rows = session.scalars(
        select(Publicity).where(Publicity.consultation_id == consultation_id).order_by(Publicity.id)
    )
    return [{"what": row.what, "reached": row.reached, "by": row.by, "at": row.at} for row in rows]
