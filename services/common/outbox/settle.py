"""Settling by evidence what the network left open (SENDING §1.5): first after a minute, again after ten.

Found at the carrier: accepted. Silent twice: the next attempt may go. Out of reach, or more than one thing that it could be: a person
decides.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from services.common import alarms, clock
from services.common.carrier import Seen
from services.common.context import Heed
from services.common.models import Attempt, Outbox
from services.common.outbox import due
from services.common.outbox.callbacks import LISTING, Word, hear
from services.common.outbox.several import No, ask_each
from services.common.outbox.states import State

SKEW = timedelta(minutes=2)  # the carrier's clock against ours
BATCH = 200
FAILED_LOOKS_MOST = 20  # looks at an unreachable carrier before a person is asked
TWO = "two messages at the carrier could be this text"
WORDLESS = "a message whose words were removed at the carrier could be this text"
FORGOTTEN = "its words are kept no longer, so that no list can show it"
OUT_OF_REACH = "the carrier could not be asked"


@dataclass(frozen=True, slots=True, repr=False)
class Try:
    """An attempt that may have gone out, in the words it had."""

    attempt_id: int
    body: str
    claimed_wall: datetime


@dataclass(frozen=True, slots=True, repr=False)
class Open:
    """An uncertain text and what to look for: its attempts to this number that may have gone out, the latest one last."""

    outbox_id: int
    to: str
    to_key: bytes
    sender: str
    claimed_at: datetime
    tries: tuple[Try, ...]
    lease: datetime  # while the row's `check_at` is this, no other look has come between

    @property
    def earliest(self) -> datetime:
        """Nothing that the carrier made before this can be this text."""
        return self.tries[0].claimed_wall - SKEW


def settle(heed: Heed) -> int:
    """Look once at everything uncertain that is due for a look; how many rows were looked at."""
    with heed.database.begin() as session:
        now = clock.now(session)
        _expire_leases(session, now)
        opened = _take(heed, session, now)
    lists = ask_each(heed, lambda one: heed.carrier.sent_to(one.to, one.sender, one.earliest), opened)
    for one, seen in zip(opened, lists, strict=True):
        with heed.database.begin() as session:
            _decide(heed, session, one, None if isinstance(seen, No) else seen)
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
    rows = due.locked(session, State.UNCERTAIN, now, BATCH)
    lease = now + _pause(heed)  # should this process die while it asks, another asks then
    for row in rows:
        row.check_at = lease
    attempts: dict[int, list[Attempt]] = {row.id: [] for row in rows}
    found = select(Attempt).where(Attempt.outbox_id.in_(attempts)).order_by(Attempt.n)
    for attempt in session.scalars(found):
        attempts[attempt.outbox_id].append(attempt)
    opened = []
    for row in rows:
        one = _open(heed, row, attempts[row.id], lease)
        if one is None:
            _hand_over(session, row, attempts[row.id][-1], FORGOTTEN, [], now)
        else:
            opened.append(one)
    return opened


def _open(heed: Heed, row: Outbox, attempts: list[Attempt], lease: datetime) -> Open | None:
    """What to look for; None where the words are kept no longer."""
    last = attempts[-1]
    tries = [
        Try(one.id, heed.cipher.open(one.body_enc, "body").reveal(), one.claimed_wall)
        for one in attempts
        if may_have_gone(one, last) and one.body_enc is not None
    ]
    if not tries:
        return None
    to = heed.cipher.open(last.to_enc, "number").reveal()
    return Open(row.id, to, last.to_key, last.sender, last.claimed_at, tuple(tries), lease)


def may_have_gone(one: Attempt, last: Attempt) -> bool:
    """Whether an attempt, to the number and from the sender of the last one, may be at the carrier under a sid that we do not know."""
    alike = (one.to_key, one.sender) == (last.to_key, last.sender)
    return alike and one.sid is None and one.answer != "notsent"


def same_sender(one: str, other: str) -> bool:
    """A number is itself; a name is the same in capitals or not."""
    return one.casefold() == other.casefold()


def candidates(one: Open, seen: Iterable[Seen], known: set[str]) -> list[tuple[Seen, Try]]:
    """The listed messages that could be this text, each with the attempt that it fits: same words and sender, not before that attempt's
    claim, nobody else's."""
    found = []
    for message in _unknown(one, seen, known):
        fits = [
            each
            for each in one.tries
            if message.body == each.body and message.created >= each.claimed_wall - SKEW
        ]
        if fits:
            found.append((message, fits[-1]))
    return found


def _unknown(one: Open, seen: Iterable[Seen], known: set[str]) -> list[Seen]:
    """What this sender sent to this number since the first attempt, and no attempt knows."""
    return [
        message
        for message in seen
        if same_sender(message.sender, one.sender)
        and message.created >= one.earliest
        and message.direction.startswith("outbound")
        and message.sid not in known
    ]


def _decide(heed: Heed, session: Session, one: Open, seen: list[Seen] | None) -> None:
    row = session.scalars(select(Outbox).where(Outbox.id == one.outbox_id).with_for_update()).one()
    if row.state != State.UNCERTAIN:
        return  # a callback was quicker
    now = clock.now(session)
    last = session.get_one(Attempt, one.tries[-1].attempt_id)
    if seen is None:
        row.failed_looks += 1
        row.check_at = now + _pause(heed)
        if row.failed_looks >= FAILED_LOOKS_MOST:
            _hand_over(session, row, last, OUT_OF_REACH, [], now)
        return
    if _another_in_flight(session, one):
        row.check_at = now + _pause(heed)
        return
    sids = [message.sid for message in seen]
    mine = [each.attempt_id for each in one.tries]
    known = set(session.scalars(select(Attempt.sid).where(Attempt.sid.in_(sids), Attempt.id.not_in(mine))))
    others = {sid for sid in known if sid}
    found = candidates(one, seen, others)
    wordless = [message for message in _unknown(one, seen, others) if not message.body]
    if len(found) == 1:
        message, attempt = found[0][0], session.get_one(Attempt, found[0][1].attempt_id)
        hear(heed, session, row, attempt, Word(message.sid, message.status, message.error_code, LISTING), now)
    elif found:
        _hand_over(session, row, last, TWO, [message for message, _ in found], now)
    elif wordless:
        _hand_over(session, row, last, WORDLESS, wordless, now)
    elif (
        row.check_at == one.lease
    ):  # else another look took over, and two at one moment are not silence twice
        _silent(heed, row, one, now)


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


def _hand_over(
    session: Session, row: Outbox, attempt: Attempt, reason: str, seen: list[Seen], now: datetime
) -> None:
    """A person decides, and is shown what was seen: sids, statuses and the carrier's times, no words."""
    row.state, row.reason, row.check_at = State.STAFF, reason, None
    attempt.seen = [as_seen(message) for message in seen]
    alarms.sound(session, "text-unsettled", "queue", now, outbox_id=row.id, reason=reason)


def as_seen(message: Seen) -> dict[str, Any]:
    """A message as the staff queue shows it."""
    return {"sid": message.sid, "status": message.status, "created": message.created.isoformat()}


def _another_in_flight(session: Session, one: Open) -> bool:
    """Whether another text to the same number is on the wire: its message must not be taken for this one."""
    return bool(
        session.scalar(
            text(
                "SELECT EXISTS (SELECT 1 FROM attempts a JOIN outbox o ON o.id = a.outbox_id AND o.attempt = a.n"
                " WHERE a.to_key = :key AND a.outbox_id <> :mine AND o.state = 'claimed')"
            ),
            {"key": one.to_key, "mine": one.outbox_id},
        )
    )
