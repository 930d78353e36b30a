"""A reply that is owed to a text, written to the outbox in the transaction that understood it."""

import re
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.common.context import Heed
from services.common.models import Inbound, Outbox
from services.common.outbox.intentions import URGENT, Intention, intend

REPLY = "reply"
# The one text that a number may get after it stopped: the word that it has, where the carrier does not say it.
STOPPED = "stopped"
ORDINARY = 10  # the priority of an answer: before every reminder
USEFUL_FOR = timedelta(hours=4)
MOBILE_OR_LONG = re.compile(r"\+\d{9,15}")


def answer(
    heed: Heed, session: Session, row: Inbound, words: str, step: str, at: datetime, *, urgent: bool = False
) -> bool:
    """Owe this text one reply; False where none may be owed (a short code or a name has sent it)."""
    if not may_be_answered(heed, row):
        return False
    sender = heed.cipher.open(row.from_enc, "number")
    intention = Intention(
        dedupe_key=f"{REPLY}:{row.id}",
        kind=REPLY,
        subject_id=row.id,
        step=step,
        due_at=at,
        useful_until=at + USEFUL_FOR,
        priority=URGENT if urgent else ORDINARY,
        to_key=row.from_key,
        to_enc=heed.cipher.seal(sender, "number"),
        body_enc=heed.cipher.seal(words, "body"),
    )
    return intend(session, [intention], at) == 1


def may_be_answered(heed: Heed, row: Inbound) -> bool:
    """Whether the text came from a number that can be texted: no short code, no name."""
    return MOBILE_OR_LONG.fullmatch(heed.cipher.open(row.from_enc, "number").reveal()) is not None


def answered_since(session: Session, number_key: bytes, step: str, since: datetime) -> bool:
    """Whether this number was owed this kind of reply since a time."""
    found = select(func.count()).where(
        Outbox.kind == REPLY, Outbox.to_key == number_key, Outbox.step == step, Outbox.created_at >= since
    )
    return bool(session.scalar(found))
