"""A text to whoever is on duty: about what, and nothing of any person. It goes the way of every text, before all others."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from services.common.context import Heed
from services.common.outbox.intentions import URGENT, Intention, intend

USEFUL_FOR = timedelta(hours=1)  # then the next call has long said more


def owe(
    heed: Heed, session: Session, kind: str, about: str, subject_id: int, step: str, words: str, now: datetime
) -> None:
    """Owe the duty number a text, once for each `about` of its kind; nothing where no number is set."""
    number = heed.settings.duty_number
    if not number:
        return
    intention = Intention(
        dedupe_key=f"{kind}:{about}",
        kind=kind,
        subject_id=subject_id,
        step=step,
        due_at=now,
        useful_until=now + USEFUL_FOR,
        priority=URGENT,
        to_key=heed.index.of(number, "number"),
        to_enc=heed.cipher.seal(number, "number"),
        body_enc=heed.cipher.seal(words, "body"),
    )
    intend(session, [intention], now)
