"""Settling by evidence what the network left open (SENDING §1.5): first after a minute, again after ten.

Found at the carrier: accepted. Silent twice: the next attempt may go. Out of reach, or two candidates: a person decides.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from services.common import clock
from services.common.carrier import CarrierUnreachable, Seen
from services.common.context import Heed
from services.common.models import Attempt, Outbox
from services.common.outbox import callbacks
from services.common.outbox.states import State, fold

SKEW = timedelta(minutes=2)  # the carrier's clock against ours
BATCH = 50
FAILED_LOOKS_MOST = 20  # looks at an unreachable carrier before a person is asked


@dataclass(frozen=True, slots=True, repr=False)
class Open:
    """An uncertain attempt and what to look for."""

    outbox_id: int
    attempt_id: int
    to: str
    body: str
    sender: str
    claimed_at: datetime
    claimed_wall: datetime
    lease: datetime  # while the row's `check_at` is this, no other look has come between


def settle(heed: Heed) -> int:
    """Look once at everything uncertain that is due for a look; how many rows were looked at."""
    with heed.database.begin() as session:
        now = clock.now(session)
        _expire_leases(session, now)
        opened = _take(heed, session, now)
    for one in opened:
        try:
            seen = heed.carrier.sent_to(one.to, one.sender)
        except CarrierUnreachable:
            seen = None
        with heed.database.begin() as session:
            _decide(heed, session, one, seen)
    return len(opened)


def _pause(heed: Heed) -> timedelta:
    """Between two looks at one text, whatever the first came to."""
    return timedelta(seconds=heed.settings.settle_first)


def _expire_leases(session: Session, now: datetime) -> None:
    """A claim whose process died is uncertain, never pending: it may have been POSTed."""
    session.execute(
        update(Outbox)
        .where(Outbox.state == State.CLAIMED, Outbox.check_at <= now)
        .values(state=State.UNCERTAIN, reason="the sending process died", check_at=now)
    )


def _take(heed: Heed, session: Session, now: datetime) -> list[Open]:
    rows = session.execute(
        select(Outbox, Attempt)
        .join(Attempt, (Attempt.outbox_id == Outbox.id) & (Attempt.n == Outbox.attempt))
        .where(Outbox.state == State.UNCERTAIN, Outbox.check_at <= now)
        .order_by(Outbox.check_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True, of=Outbox)
    ).all()
    lease = now + _pause(heed)  # should this process die while it asks, another asks then
    for row, _ in rows:
        row.check_at = lease
    return [
        Open(
            row.id,
            attempt.id,
            heed.cipher.open(attempt.to_enc, "number").reveal(),
            heed.cipher.open(attempt.body_enc, "body").reveal(),
            attempt.sender,
            attempt.claimed_at,
            attempt.claimed_wall,
            lease,
        )
        for row, attempt in rows
        if attempt.body_enc is not None
    ]


def candidates(one: Open, seen: list[Seen], known: set[str]) -> list[Seen]:
    """The listed messages that could be this attempt: same words, sender and number, not before the claim, nobody else's."""
    earliest = one.claimed_wall - SKEW
    return [
        message
        for message in seen
        if message.body == one.body
        and message.sender == one.sender
        and message.created >= earliest
        and message.direction.startswith("outbound")
        and message.sid not in known
    ]


def _decide(heed: Heed, session: Session, one: Open, seen: list[Seen] | None) -> None:
    row = session.scalars(select(Outbox).where(Outbox.id == one.outbox_id).with_for_update()).one()
    if row.state != State.UNCERTAIN:
        return  # a callback was quicker
    now = clock.now(session)
    if seen is None:
        _unreachable(heed, row, now)
        return
    if _another_in_flight(heed, session, one):
        row.check_at = now + _pause(heed)
        return
    sids = [message.sid for message in seen]
    known = set(
        session.scalars(select(Attempt.sid).where(Attempt.sid.in_(sids), Attempt.id != one.attempt_id))
    )
    found = candidates(one, seen, {sid for sid in known if sid})
    if len(found) == 1:
        _accept(heed, session, row, one, found[0], now)
    elif found:
        row.state, row.reason, row.check_at = (
            State.STAFF,
            "two messages at the carrier could be this text",
            None,
        )
    elif (
        row.check_at == one.lease
    ):  # else another look took over, and two at one moment are not silence twice
        _silent(heed, row, one, now)


def _accept(heed: Heed, session: Session, row: Outbox, one: Open, message: Seen, now: datetime) -> None:
    row.state, row.reason, row.check_at, row.settled_at = State.ACCEPTED, None, None, now
    row.sid = message.sid
    row.carrier_status = fold(row.carrier_status, message.status) or row.carrier_status
    row.error_code = message.error_code
    attempt = session.get_one(Attempt, one.attempt_id)
    attempt.sid, attempt.evidence = message.sid, "listing"
    callbacks.follow(heed, session, attempt, message.status, message.error_code, now)


def _silent(heed: Heed, row: Outbox, one: Open, now: datetime) -> None:
    row.silent_looks += 1
    if row.silent_looks < 2:
        row.check_at = max(one.claimed_at + timedelta(seconds=heed.settings.settle_again), now + _pause(heed))
    else:
        row.state, row.reason, row.check_at, row.due_at = (
            State.PENDING,
            "not found at the carrier, twice",
            None,
            now,
        )


def _unreachable(heed: Heed, row: Outbox, now: datetime) -> None:
    row.failed_looks += 1
    if row.failed_looks < FAILED_LOOKS_MOST:
        row.check_at = now + _pause(heed)
    else:
        row.state, row.reason, row.check_at = State.STAFF, "the carrier could not be asked", None


def _another_in_flight(heed: Heed, session: Session, one: Open) -> bool:
    """Whether another text to the same number is on the wire: its message must not be taken for this one."""
    return bool(
        session.scalar(
            text(
                "SELECT EXISTS (SELECT 1 FROM attempts a JOIN outbox o ON o.id = a.outbox_id AND o.attempt = a.n"
                " WHERE a.to_key = :key AND a.id <> :mine AND o.state = 'claimed')"
            ),
            {"key": heed.index.of(one.to, "number"), "mine": one.attempt_id},
        )
    )
