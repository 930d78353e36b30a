"""Removing the words of settled texts at the carrier, where that is set (SENDING §1.9): in batches, remembered for each attempt.

A text is settled once a last word stands under its sid; from then on nothing looks for its words on the carrier's list.
"""

from datetime import datetime, timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from services.common import alarms, clock
from services.common.context import Heed
from services.common.models import Attempt, StatusEvent
from services.common.outbox import looks
from services.common.outbox.several import No, ask_each
from services.common.outbox.states import TERMINAL

NAME = "redaction"
BATCH = 200
EVERY = timedelta(minutes=1)

SETTLED = (
    Attempt.sid.is_not(None),
    Attempt.redaction.is_(None),
    exists().where(
        StatusEvent.sid == Attempt.sid,
        StatusEvent.claimed_at == Attempt.claimed_at,  # in the one month where it can be
        StatusEvent.status.in_(TERMINAL),
    ),
)


def is_due(heed: Heed, session: Session, now: datetime) -> bool:
    """Whether it is set, and there are words to remove."""
    return (
        heed.settings.redact_at_carrier
        and looks.is_due(session, NAME, now)
        and bool(session.scalar(select(exists(select(Attempt.id).where(*SETTLED)))))
    )


def redact(heed: Heed) -> int:
    """Remove the words of a batch of texts; of how many they are gone."""
    with heed.database.begin() as session:
        now = clock.now(session)
        if looks.take(session, NAME, now, now) is None:
            return 0
        rows = session.execute(
            select(Attempt.id, Attempt.sid).where(*SETTLED).order_by(Attempt.id).limit(BATCH)
        )
        settled = [(number, sid) for number, sid in rows if sid]
    results = ask_each(heed, heed.carrier.redact, [sid for _, sid in settled])
    with heed.database.begin() as session:
        now = clock.now(session)
        for result in sorted({one for one in results if one is not No.ANSWER}):
            ids = [number for (number, _), one in zip(settled, results, strict=True) if one == result]
            session.execute(update(Attempt).where(Attempt.id.in_(ids)).values(redaction=result))
            if result == "refused":
                alarms.sound(session, "redaction-refused", "attempts", now, texts=len(ids), ids=ids[:20])
        if No.ANSWER in results:
            looks.failed(session, NAME, now)
        else:
            looks.done(session, NAME, now if len(settled) == BATCH else now + EVERY)
    return sum(one in ("done", "gone") for one in results)
