"""What a word of the carrier about a text does, by callback or by asking: kept once, folded once, whatever the order (SENDING §1.5–1.7)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.common import alarms, clock
from services.common.carrier_codes import CodeClass, classify
from services.common.context import Heed
from services.common.models import Attempt, Outbox, StatusEvent
from services.common.outbox import again
from services.common.outbox.follow import Said, follow
from services.common.outbox.states import (
    FAILING,
    NO_LAST_WORD,
    SENT_OR_MAYBE,
    TERMINAL,
    State,
    contradicts,
    fold,
)

OPEN = (State.CLAIMED, State.UNCERTAIN, State.STAFF, State.PENDING)
DUPLICATE, CONTRADICTION = "duplicate-detected", "contradicting"
# Two texts whose messages a listing can take for one another are of use at the same time: a day apart at most, and this is ample.
NEAR = timedelta(days=7)
CALLBACK, LISTING = "callback", "listing"  # what an attempt's sid stands on


@dataclass(frozen=True, slots=True)
class Word:
    """What the carrier said about one message, and how it came to us."""

    sid: str
    status: str
    code: int | None
    evidence: str


def status(heed: Heed, session: Session, token: str, sid: str, word: str, code: int | None) -> str:
    """Take a callback about the attempt that `token` names.

    Answers what it did: "unknown" (no such attempt), "known" (said before), "kept".
    """
    attempt = session.scalar(select(Attempt).where(Attempt.token == token))
    if attempt is None:
        return "unknown"
    row = session.scalars(select(Outbox).where(Outbox.id == attempt.outbox_id).with_for_update()).one()
    kept = hear(heed, session, row, attempt, Word(sid, word, code, CALLBACK), clock.now(session))
    return "kept" if kept else "known"


def hear(heed: Heed, session: Session, row: Outbox, attempt: Attempt, word: Word, now: datetime) -> bool:
    """Take one word about an attempt of `row`, which the caller has locked; False where it changes nothing."""
    flag = _flag(row, attempt, word)
    event = insert(StatusEvent).values(
        attempt_id=attempt.id,
        claimed_at=attempt.claimed_at,
        sid=word.sid,
        status=word.status,
        error_code=word.code,
        flag=flag,
        received_at=now,
    )
    fresh = not _said_of_another(session, attempt, word) and (
        session.scalar(event.on_conflict_do_nothing().returning(StatusEvent.id)) is not None
    )
    if not fresh and row.state not in OPEN:
        return False
    if flag == DUPLICATE:
        alarms.sound(session, "duplicate-detected", f"text:{row.id}", now, attempt=attempt.n, sid=word.sid)
    elif flag == CONTRADICTION:
        alarms.sound(
            session, "status-contradicting", f"text:{row.id}", now, stood=row.carrier_status, came=word.status
        )
        if word.status not in FAILING:
            again.take_back(session, row, now)
    settles = attempt.n == row.attempt or row.state in OPEN
    if attempt.sid is None and (settles or _owner(session, word.sid) is None):
        _take_back(session, word.sid, now)
        attempt.sid, attempt.evidence = word.sid, word.evidence
    if settles:
        _settle(heed, row, word, now)
    if fresh:
        _follow(session, row, attempt, word, now)
    return True


def _said_of_another(session: Session, attempt: Attempt, word: Word) -> bool:
    """Whether this word was kept of another attempt, which a listing took for this message's. It may have been claimed in another month,
    where the table's key does not see it."""
    if attempt.sid == word.sid:
        return False
    kept = exists().where(
        StatusEvent.sid == word.sid,
        StatusEvent.status == word.status,
        StatusEvent.attempt_id != attempt.id,
        StatusEvent.claimed_at.between(attempt.claimed_at - NEAR, attempt.claimed_at + NEAR),
    )
    return bool(session.scalar(select(kept)))


def _flag(row: Outbox, attempt: Attempt, word: Word) -> str | None:
    """A second message for one intention is a duplicate found: two for one attempt (something on the way made the POST twice), a word
    about an attempt that silence had written off, after a later one went out, or a row that stands on another message."""
    if attempt.sid not in (None, word.sid):
        return DUPLICATE
    if row.state == State.ACCEPTED and row.sid not in (None, word.sid):
        return DUPLICATE
    # A list shows whether the later attempt has a message too; a callback does not.
    if attempt.n < row.attempt and row.state in SENT_OR_MAYBE and word.evidence == CALLBACK:
        return DUPLICATE
    return CONTRADICTION if contradicts(row.carrier_status, word.status) else None


def _settle(heed: Heed, row: Outbox, word: Word, now: datetime) -> None:
    """The text went out, by whichever attempt: an open row is settled, so that no further attempt is made."""
    if row.state in OPEN:
        row.state, row.reason, row.settled_at = State.ACCEPTED, None, now
        row.check_at = now + timedelta(seconds=heed.settings.news_after)
    row.sid = row.sid or word.sid
    folded = fold(row.carrier_status, word.status) if row.sid == word.sid else None
    if folded:
        row.carrier_status = folded
        row.error_code = word.code or row.error_code
    if row.state == State.ACCEPTED and row.carrier_status in TERMINAL:
        row.check_at = None
        if row.reason == NO_LAST_WORD:
            row.reason = None


def _owner(session: Session, sid: str) -> Attempt | None:
    """The attempt on which this sid stands."""
    return session.scalar(select(Attempt).where(Attempt.sid == sid))


def _take_back(session: Session, sid: str, now: datetime) -> None:
    """Of two equal texts to one number, a listing cannot tell whose message it found. The callback can: the sid leaves the
    attempt that the listing gave it to, and that one is uncertain again."""
    other = _owner(session, sid)
    if other is None:
        return
    other.sid, other.evidence = None, None
    row = session.scalars(select(Outbox).where(Outbox.id == other.outbox_id).with_for_update()).one()
    if row.sid == sid:
        row.sid = row.carrier_status = row.error_code = None
        if row.state == State.ACCEPTED:
            row.state, row.reason, row.settled_at = State.UNCERTAIN, "its message was another text's", None
            row.check_at, row.silent_looks = now, 0
    session.flush()  # the sid must be free before it is given to another


def _follow(session: Session, row: Outbox, attempt: Attempt, word: Word, now: datetime) -> None:
    """What a failure after acceptance calls for."""
    if word.status not in FAILING or word.code is None:
        return
    kind = classify(word.code)
    follow(session, [Said(row.id, kind, word.code, attempt.to_key, attempt.sender)], now, refused=False)
    if kind is CodeClass.LATER and row.sid == word.sid and row.carrier_status == word.status:
        again.owe(session, row, now)
