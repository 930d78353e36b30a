"""Asking about accepted texts of which no last word came (SENDING §1.8): by sid, at growing intervals, until none can be expected."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from services.common import alarms, clock
from services.common.carrier import MAX_VALIDITY, Seen
from services.common.context import Heed
from services.common.models import Attempt, Outbox
from services.common.outbox import due
from services.common.outbox.callbacks import LISTING, Word, hear
from services.common.outbox.several import No, ask_each
from services.common.outbox.states import CARRIER_ORDER, NO_LAST_WORD, State

BATCH = 200
# After its validity the carrier sends a text no more; networks report what they have by then within hours, or never.
MARGIN = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Unheard:
    """An accepted text to ask about."""

    outbox_id: int
    sid: str


def last_look(sent_at: datetime, useful_until: datetime) -> datetime:
    """When asking ends: the text's validity at the carrier, and a margin.

    >>> from datetime import datetime
    >>> last_look(datetime(2026, 9, 21, 10), datetime(2026, 9, 21, 12)).hour
    18
    """
    return sent_at + min(useful_until - sent_at, timedelta(seconds=MAX_VALIDITY)) + MARGIN


def next_look(now: datetime, sent_at: datetime, end: datetime, first: timedelta) -> datetime | None:
    """When to ask again: after as long as it has been already, the last time at the end; None where that has come."""
    return None if now >= end else min(now + max(first, now - sent_at), end)


def is_due(heed: Heed, session: Session, now: datetime) -> bool:
    """Whether a text is to be asked about."""
    silent = exists().where(Outbox.state == State.ACCEPTED, Outbox.check_at <= now)
    return bool(session.scalar(select(silent)))


def ask(heed: Heed) -> int:
    """Ask about a batch of them, several at a time; how many."""
    with heed.database.begin() as session:
        unheard = _take(heed, session, clock.now(session))
    answers = ask_each(heed, heed.carrier.fetch, [one.sid for one in unheard])
    for one, answer in zip(unheard, answers, strict=True):
        with heed.database.begin() as session:
            _note(heed, session, one, answer, clock.now(session))
    return len(unheard)


def _take(heed: Heed, session: Session, now: datetime) -> list[Unheard]:
    rows = due.locked(session, State.ACCEPTED, now, BATCH)
    for row in rows:
        # A lease of its own, should this process die while it asks; and the next time, should the answer say nothing new.
        row.check_at = now + timedelta(seconds=heed.settings.news_after) if row.sid else None
    return [Unheard(row.id, row.sid) for row in rows if row.sid]


def _note(heed: Heed, session: Session, one: Unheard, answer: Seen | No | None, now: datetime) -> None:
    row = session.scalars(select(Outbox).where(Outbox.id == one.outbox_id).with_for_update()).one()
    if answer is No.ANSWER or row.state != State.ACCEPTED or row.check_at is None:
        return  # asked again soon; or a callback was quicker
    if answer is None:
        row.check_at, row.reason = None, "the carrier no longer knows it"
        alarms.sound(session, "missing-at-carrier", "news", now, outbox_id=row.id, sid=one.sid)
        return
    attempt = session.scalar(select(Attempt).where(Attempt.sid == one.sid))
    if attempt is not None and answer.status in CARRIER_ORDER:
        hear(heed, session, row, attempt, Word(one.sid, answer.status, answer.error_code, LISTING), now)
    if row.check_at is not None and row.sent_at is not None:
        end = last_look(row.sent_at, row.useful_until)
        row.check_at = next_look(now, row.sent_at, end, timedelta(seconds=heed.settings.news_after))
        if row.check_at is None:
            row.reason = NO_LAST_WORD
