"""Rows that are due, as they are to be sent: what nobody waits for keeps to the day's window, replies go at once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.common.context import Heed
from services.common.database import among
from services.common.models import Outbox
from services.common.outbox.claim import Deferred, Dropped, Prepared, fixed
from services.common.outbox.states import State
from services.consultation.models import FeedbackText, Respondent
from services.consultation.pacing import window

INVITATION, FEEDBACK = "invitation", "feedback"
IN_WINDOW = (INVITATION, FEEDBACK)


def prepare(heed: Heed, session: Session, rows: Sequence[Outbox], now: datetime) -> list[Prepared]:
    """Each row as it is to be sent, put off to the window's opening, or dropped with a reason."""
    refused = _refused(session, [row.subject_id for row in rows if row.kind == FEEDBACK])
    dropped = [row for row in rows if row.kind == FEEDBACK and row.subject_id in refused]
    left = [row for row in rows if row not in dropped]
    opens = window(now)
    early = [row for row in left if opens != now and row.kind in IN_WINDOW]
    return [
        *fixed(heed, [row for row in left if row not in early], now),
        *(Dropped(row.id, "withdrawn") for row in dropped),
        *(
            Deferred(row.id, opens, "outside-window")
            if opens < row.useful_until
            else Dropped(row.id, "too-late")
            for row in early
        ),
    ]


def _refused(session: Session, texts: Sequence[int]) -> set[int]:
    """Of these texts on what was done those whose person has since taken back what they said, or that they may be texted."""
    if not texts:
        return set()
    rows = select(FeedbackText.id).join(Respondent, Respondent.id == FeedbackText.respondent_id)
    return set(
        session.scalars(
            rows.where(
                among(FeedbackText.id, texts),
                (Respondent.state == "withdrawn")
                | Respondent.may_text.is_(False)
                | Respondent.erased_at.is_not(None),
            )
        )
    )


def last_due(session: Session, now: datetime) -> datetime:
    """When the last of those that wait for their turn is due: a second plan goes on where the first one ends."""
    last = session.scalar(
        select(func.max(Outbox.due_at)).where(Outbox.kind.in_(IN_WINDOW), Outbox.state == State.PENDING)
    )
    return last or now
