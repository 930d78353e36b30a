"""Texts that went out after the backup from which everything was restored: they do not go out again.

A restore takes the outbox back to the backup's moment. What was sent since is at the carrier alone; `reconcile` lists it into
`found_texts`. An intention to send the same words to the same number is one of those texts, whether its row is in the backup or its cause
comes once more. Each found text stands for one intention, so that words that were said twice count twice.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from services.common.carrier import Outgoing
from services.common.context import Heed
from services.common.database import among
from services.common.models import Attempt, FoundText, Outbox
from services.common.outbox.callbacks import Word, hear

EVIDENCE = "restore"
BODY = "found-body"

OPEN = (FoundText.outbox_id.is_(None), ~exists().where(Attempt.sid == FoundText.sid))


def went_out(
    heed: Heed, session: Session, claims: Sequence[tuple[int, int, Outgoing]], now: datetime
) -> set[int]:
    """Which of these claims (row, attempt, text) went out before the restore; each is settled as the text that the carrier has."""
    keys = {number: heed.index.of(text.to, "number") for number, _, text in claims}
    waiting = set(
        session.scalars(select(FoundText.to_key).where(among(FoundText.to_key, keys.values()), *OPEN))
    )
    return {
        number
        for number, n, text in claims
        if keys[number] in waiting and _settled(heed, session, number, n, text, now)
    }


def _settled(heed: Heed, session: Session, number: int, n: int, text: Outgoing, now: datetime) -> bool:
    found = session.scalar(
        select(FoundText)
        .where(
            FoundText.to_key == heed.index.of(text.to, "number"),
            FoundText.body_key == heed.index.of(text.body, BODY),
            *OPEN,
        )
        .order_by(FoundText.sent_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if found is None:
        return False
    found.outbox_id = number
    row = session.get_one(Outbox, number, populate_existing=True)
    attempt = session.scalars(select(Attempt).where(Attempt.outbox_id == number, Attempt.n == n)).one()
    hear(heed, session, row, attempt, Word(found.sid, found.status, found.error_code, EVIDENCE), now)
    return True
