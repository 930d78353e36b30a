"""What a verified status callback does: kept once, folded once, whatever the order it comes in (SENDING §1.5–1.7)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.common import clock, numbers, stops
from services.common.carrier_codes import CodeClass, classify, meaning
from services.common.context import Heed
from services.common.logs import log
from services.common.models import Attempt, Outbox, StatusEvent
from services.common.outbox.states import SENT_OR_MAYBE, State, contradicts, fold

OPEN = (State.CLAIMED, State.UNCERTAIN, State.STAFF, State.PENDING)
DUPLICATE, CONTRADICTION = "duplicate-detected", "contradicting"


def status(heed: Heed, session: Session, token: str, sid: str, word: str, code: int | None) -> str:
    """Take one word of the carrier about the attempt that `token` names.

    Answers what it did: "unknown" (no such attempt), "known" (said before), "kept".
    """
    attempt = session.scalar(select(Attempt).where(Attempt.token == token))
    if attempt is None:
        return "unknown"
    row = session.scalars(select(Outbox).where(Outbox.id == attempt.outbox_id).with_for_update()).one()
    now = clock.now(session)
    flag = _flag(row, attempt, sid, word)
    event = insert(StatusEvent).values(
        attempt_id=attempt.id, sid=sid, status=word, error_code=code, flag=flag, received_at=now
    )
    if session.scalar(event.on_conflict_do_nothing().returning(StatusEvent.id)) is None:
        return "known"
    if flag == DUPLICATE:
        log.error("duplicate-detected", outbox_id=row.id, attempt=attempt.n, runbook="duplicate-detected")
    settles = attempt.n == row.attempt or row.state in OPEN
    if attempt.sid is None and (settles or _owner(session, sid) is None):
        _take_back(session, sid, now)
        attempt.sid, attempt.evidence = sid, "callback"
    if settles:
        _settle(row, sid, word, code, now)
    follow(heed, session, attempt, word, code, now)
    return "kept"


def _flag(row: Outbox, attempt: Attempt, sid: str, word: str) -> str | None:
    """A word about an attempt that silence had written off, after a later one went out, is a duplicate found; so is a
    second message for one attempt."""
    if attempt.n < row.attempt and row.state in SENT_OR_MAYBE:
        return DUPLICATE
    if attempt.sid not in (None, sid):
        return DUPLICATE  # one POST, two messages: something on the way made it twice
    return CONTRADICTION if contradicts(row.carrier_status, word) else None


def _settle(row: Outbox, sid: str, word: str, code: int | None, now: datetime) -> None:
    """The text went out, by whichever attempt: an open row is settled, so that no further attempt is made."""
    if row.state in OPEN:
        row.state, row.reason, row.check_at, row.settled_at = State.ACCEPTED, None, None, now
    row.sid = row.sid or sid
    folded = fold(row.carrier_status, word) if row.sid == sid else None
    if folded:
        row.carrier_status = folded
        row.error_code = code or row.error_code


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


def follow(
    heed: Heed, session: Session, attempt: Attempt, word: str, code: int | None, now: datetime
) -> None:
    """What a failure after acceptance says about the number or about ourselves."""
    if word not in ("undelivered", "failed") or code is None:
        return
    kind = classify(code)
    if kind is CodeClass.RECIPIENT:
        numbers.note(session, attempt.to_key, "bad", f"carrier:{code}", now, code)
    elif kind is CodeClass.OPTED_OUT:
        numbers.note(session, attempt.to_key, "stop", f"carrier:{code}", now)
    elif kind is CodeClass.SET_UP:
        stops.stop(session, f"carrier-set-up:{code}", "carrier", now, attempt.sender)
        log.error("sender-stopped", code=code, meaning=meaning(code), runbook="sender-stopped")
