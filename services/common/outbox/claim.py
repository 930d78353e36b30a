"""Claim before send: the attempt is committed, with its token and lease, before anything is POSTed (SENDING §1.2).

Inside the claim everything that could forbid the text is looked at once more: the number's register, stops of sending,
usefulness, and the service's own facts through `prepare`.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from services.common import clock, numbers, stops
from services.common.answers import STOPPED
from services.common.carrier import Outgoing
from services.common.context import Heed
from services.common.crypto import CryptoError
from services.common.logs import log
from services.common.models import Outbox
from services.common.outbox import restored
from services.common.outbox.intentions import URGENT
from services.common.outbox.states import State
from services.common.segments import count, plain


@dataclass(frozen=True, slots=True, repr=False)
class Ready:
    """A text to send now, as it is to be read on the phone."""

    id: int
    to: str
    body: str
    useful_until: datetime
    confirms_stop: bool = False


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not now: look again at `until`."""

    id: int
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """Never: cancelled with a reason code."""

    id: int
    reason: str


UNREADABLE_WAIT = timedelta(hours=1)

Prepared = Ready | Deferred | Dropped
Prepare = Callable[[Session, Sequence[Outbox], datetime], list[Prepared]]


@dataclass(frozen=True, slots=True, repr=False)
class Claim:
    """One committed attempt, ready for the wire."""

    outbox_id: int
    n: int
    text: Outgoing
    segments: int


class Claimed(NamedTuple):
    """`claims` are to be POSTed once their transaction is committed. `looked_at` rows were claimed, put off or dropped;
    `left_out` rows stay as they were, because the day has no segments left for them."""

    claims: list[Claim]
    looked_at: int
    left_out: int = 0


def claim(
    heed: Heed,
    session: Session,
    prepare: Prepare,
    limit: int,
    *,
    ordinary: bool = True,
    segments: int | None = None,
) -> Claimed:
    """Claim up to `limit` due rows, of no more than `segments` in all; without `ordinary` urgent ones only, which no number
    of segments keeps back."""
    now = clock.now(session)
    sender = heed.config.sender
    if stops.stopped(session, sender):
        return Claimed([], 0)
    rows = session.scalars(
        select(Outbox)
        .where(
            Outbox.state == State.PENDING,
            Outbox.due_at <= now,
            *(() if ordinary else (Outbox.priority <= URGENT,)),
        )
        .order_by(Outbox.priority, Outbox.useful_until, Outbox.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if not rows:
        return Claimed([], 0)
    useless = [Dropped(row.id, "too-late") for row in rows if row.useful_until <= now]
    useful = [row for row in rows if row.useful_until > now]
    prepared = [*useless, *_allowed(heed, session, _prepared(session, prepare, useful, now))]
    ready = [one for one in prepared if isinstance(one, Ready)]
    _put_off(session, [one for one in prepared if isinstance(one, Deferred)])
    _drop(session, [one for one in prepared if isinstance(one, Dropped)], now)
    known = {row.id: row for row in rows}
    could = [_claim(one, known[one.id].attempt + 1, sender, now) for one in ready]
    room = _room(could, segments, {row.id for row in rows if row.priority <= URGENT})
    claims = [one for one in could if one.outbox_id in room]
    _write(heed, session, claims, now)
    gone = restored.went_out(heed, session, [(one.outbox_id, one.n, one.text) for one in claims], now)
    left_out = len(could) - len(claims)
    claims = [one for one in claims if one.outbox_id not in gone]
    return Claimed(claims, len(rows) - left_out, left_out)


def _room(claims: Sequence[Claim], segments: int | None, urgent: set[int]) -> set[int]:
    """The rows that the day still has segments for, in their order; a longer one that does not fit lets no other past."""
    kept, used = set[int](), 0
    for one in claims:
        used += one.segments
        if segments is None or used <= segments or one.outbox_id in urgent:
            kept.add(one.outbox_id)
    return kept


def _prepared(session: Session, prepare: Prepare, rows: Sequence[Outbox], now: datetime) -> list[Prepared]:
    """What the service makes of the rows. One that it fails on or forgets is put off, and never stops the others."""
    if not rows:
        return []
    try:
        with session.begin_nested():
            found = prepare(session, rows, now)
    except Exception as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        if len(rows) > 1:
            return [one for row in rows for one in _prepared(session, prepare, [row], now)]
        log.exception("text-not-prepared", outbox_id=rows[0].id, runbook="text-unreadable")
        return [Deferred(rows[0].id, now + UNREADABLE_WAIT, "not-prepared")]
    answered = {one.id for one in found}
    forgotten = [row.id for row in rows if row.id not in answered]
    return [*found, *(Deferred(number, now + UNREADABLE_WAIT, "not-prepared") for number in forgotten)]


def fixed(heed: Heed, rows: Sequence[Outbox], now: datetime) -> list[Prepared]:
    """Rows whose recipient and words their cause has fixed: replies, invitations."""
    return [_fixed(heed, row, now) for row in rows]


def _fixed(heed: Heed, row: Outbox, now: datetime) -> Prepared:
    """One row as it is to be sent. A row that cannot be read is put off and never stops the others."""
    try:
        to, body = (
            heed.cipher.open(row.to_enc or b"", "number"),
            heed.cipher.open(row.body_enc or b"", "body"),
        )
    except CryptoError:
        log.exception("text-unreadable", outbox_id=row.id, runbook="text-unreadable")
        return Deferred(row.id, now + UNREADABLE_WAIT, "unreadable")
    return Ready(row.id, to.reveal(), body.reveal(), row.useful_until, confirms_stop=row.step == STOPPED)


def _allowed(heed: Heed, session: Session, prepared: Sequence[Prepared]) -> list[Prepared]:
    """Drop what the number's register or the mode forbids."""
    ready = [one for one in prepared if isinstance(one, Ready)]
    keys = {one.id: heed.index.of(one.to, "number") for one in ready}
    forbidden = numbers.forbidden(session, set(keys.values()))
    answer: list[Prepared] = []
    for one in prepared:
        if isinstance(one, Ready) and keys[one.id] in forbidden and not one.confirms_stop:
            answer.append(Dropped(one.id, forbidden[keys[one.id]]))
        elif isinstance(one, Ready) and not heed.settings.lets_text(one.to):
            answer.append(Dropped(one.id, "not-on-trial-list"))
        else:
            answer.append(one)
    return answer


def _claim(one: Ready, n: int, sender: str, now: datetime) -> Claim:
    body = plain(one.body)
    validity = int((one.useful_until - now).total_seconds())
    return Claim(
        one.id, n, Outgoing(one.to, body, sender, secrets.token_urlsafe(16), validity), count(body).segments
    )


def _write(heed: Heed, session: Session, claims: Sequence[Claim], now: datetime) -> None:
    if not claims:
        return
    values = {
        "ids": [one.outbox_id for one in claims],
        "ns": [one.n for one in claims],
        "tokens": [one.text.token for one in claims],
        "to_keys": [heed.index.of(one.text.to, "number") for one in claims],
        "to_encs": [heed.cipher.seal(one.text.to, "number") for one in claims],
        "body_encs": [heed.cipher.seal(one.text.body, "body") for one in claims],
        "segments": [one.segments for one in claims],
        "sender": heed.config.sender,
        "now": now,
        "lease": now + timedelta(seconds=heed.settings.claim_lease),
    }
    session.execute(
        text(
            "INSERT INTO attempts (outbox_id, n, token, to_key, to_enc, body_enc, sender, segments,"
            " claimed_at, claimed_wall, lease_until)"
            " SELECT id, n, token, to_key, to_enc, body_enc, :sender, segments, :now, clock_timestamp(), :lease"
            " FROM unnest(CAST(:ids AS bigint[]), CAST(:ns AS int[]), CAST(:tokens AS text[]),"
            " CAST(:to_keys AS bytea[]), CAST(:to_encs AS bytea[]), CAST(:body_encs AS bytea[]), CAST(:segments AS int[]))"
            " AS v(id, n, token, to_key, to_enc, body_enc, segments)"
        ),
        values,
    )
    session.execute(
        text(
            "UPDATE outbox SET state = 'claimed', reason = NULL, attempt = v.n, to_key = v.to_key, segments = v.segments,"
            " sent_at = :now, check_at = :lease, silent_looks = 0, failed_looks = 0"
            " FROM unnest(CAST(:ids AS bigint[]), CAST(:ns AS int[]), CAST(:to_keys AS bytea[]), CAST(:segments AS int[]))"
            " AS v(id, n, to_key, segments) WHERE outbox.id = v.id"
        ),
        {name: values[name] for name in ("ids", "ns", "to_keys", "segments", "now", "lease")},
    )


def _put_off(session: Session, deferred: Sequence[Deferred]) -> None:
    if deferred:
        session.execute(
            text(
                "UPDATE outbox SET due_at = v.until, reason = v.reason"
                " FROM unnest(CAST(:ids AS bigint[]), CAST(:untils AS timestamptz[]), CAST(:reasons AS text[]))"
                " AS v(id, until, reason) WHERE outbox.id = v.id"
            ),
            {
                "ids": [one.id for one in deferred],
                "untils": [one.until for one in deferred],
                "reasons": [one.reason for one in deferred],
            },
        )


def _drop(session: Session, dropped: Sequence[Dropped], now: datetime) -> None:
    if dropped:
        session.execute(
            text(
                "UPDATE outbox SET state = 'cancelled', reason = v.reason, settled_at = :now"
                " FROM unnest(CAST(:ids AS bigint[]), CAST(:reasons AS text[])) AS v(id, reason) WHERE outbox.id = v.id"
            ),
            {"ids": [one.id for one in dropped], "reasons": [one.reason for one in dropped], "now": now},
        )
