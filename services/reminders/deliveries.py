"""A push of a feed: stored whole before anything is made of it, then applied in one transaction, with counts and rejections."""

import hashlib
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.common import alarms, audit, clock, inbound
from services.common.acts import Refused
from services.common.context import Heed
from services.common.database import serialise, serialised
from services.common.logs import log
from services.reminders.applying import apply_body
from services.reminders.county import County
from services.reminders.feeds.parse import named
from services.reminders.feeds.records import FeedError, Rejection
from services.reminders.listings import Counts, Upsert
from services.reminders.models import Delivery

FAILURES_MOST = 5
BUDGET = 30.0  # seconds after which applying gives way to other jobs; one takes 180 at most, and the longest list some 20
# Codes of rejections that say: a list of nobody, which no court has.
EMPTY = frozenset({"empty-list", "no-defendants"})


class IdempotencyConflict(Exception):
    """The same Idempotency-Key came with other bytes."""


@dataclass(frozen=True, slots=True, repr=False)
class Push:
    """What a producer pushed: raw bytes, and what the address said of them. `format` "auto" is read from the content."""

    body: bytes
    format: str
    actor: str
    event: str | None = None
    hearing_id: str | None = None
    file: str | None = None
    idempotency_key: str | None = None


def receive(heed: Heed, session: Session, push: Push) -> Delivery:
    """Store a push; the delivery waits for a worker. The same Idempotency-Key answers with the first delivery.

    Raises IdempotencyConflict where that key came with other bytes.
    """
    digest = hashlib.sha256(
        b"\x00".join([push.format.encode(), (push.event or "").encode(), push.body])
    ).digest()
    if push.idempotency_key:
        serialise(session, f"idempotency:{push.idempotency_key}")
        earlier = session.scalar(select(Delivery).where(Delivery.idempotency_key == push.idempotency_key))
        if earlier is not None:
            if (earlier.digest, earlier.hearing_id) != (digest, push.hearing_id):
                raise IdempotencyConflict
            return earlier
    delivery = Delivery(
        id=str(uuid.uuid4()),
        format=push.format,
        event=push.event,
        hearing_id=push.hearing_id,
        file=push.file,
        body_enc=heed.cipher.seal(push.body, "payload"),
        digest=digest,
        idempotency_key=push.idempotency_key,
        actor=push.actor,
        received_at=clock.now(session),
        status="received",
        failures=0,
    )
    session.add(delivery)
    session.flush()
    return delivery


def replay(session: Session, delivery_id: str, actor: str) -> Delivery | None:
    """Apply a delivery once more, after a fix: a new delivery of the same body that counts as old as the first; None for an
    unknown id. What later ones said of the same hearings stays. Raises Refused (`body-gone`) where retention has emptied it."""
    first = session.scalar(select(Delivery).where(Delivery.id == delivery_id))
    if first is None:
        return None
    if not first.body_enc:
        raise Refused("body-gone", f"the body of {delivery_id} is kept no longer: have it pushed again")
    again = Delivery(
        id=str(uuid.uuid4()),
        format=first.format,
        event=first.event,
        hearing_id=first.hearing_id,
        file=first.file,
        body_enc=first.body_enc,
        digest=first.digest,
        actor=actor,
        received_at=clock.now(session),
        status="received",
        failures=0,
        replays=first.replays or first.number,
    )
    session.add(again)
    session.flush()
    audit.record(session, actor, "delivery-replayed", f"delivery:{first.id}", again=again.id)
    return again


def waiting(session: Session) -> list[list[int]]:
    """The number of the newest delivery not yet applied, as the arguments of one job: it applies the older ones first."""
    newest = session.scalar(select(func.max(Delivery.number)).where(Delivery.status == "received"))
    return [] if newest is None else [[newest]]


def apply(heed: Heed, county: County, number: int) -> None:
    """Apply what was received up to this delivery, each once, in a transaction of its own and in order of arrival.

    It leaves the rest to the next sweep where another process applies, after `BUDGET` seconds, and as soon as somebody's text waits
    to be understood: many long lists take longer than a job may, and the worker has both to do.

    One that fails from a fault of ours holds back the later ones while the sweep tries it again; after five failures it is
    rejected as `internal-error`, with its raw body kept for a replay.
    """
    end = time.monotonic() + BUDGET
    while True:
        oldest: int | None = None
        try:
            with heed.database.begin() as session:
                if not serialised(session, "reminders:apply"):
                    return
                delivery = session.scalar(
                    select(Delivery)
                    .where(Delivery.status == "received", Delivery.number <= number)
                    .order_by(Delivery.number)
                    .limit(1)
                    .with_for_update()
                )
                if delivery is None:
                    return
                oldest = delivery.number
                _apply(heed, county, session, delivery)
        except Exception as error:
            log.exception("delivery-not-applied", number=oldest)
            if oldest is not None:
                _note_failure(heed, oldest, error)
            return
        if time.monotonic() >= end or inbound.somebody_waits(heed):
            return


def applied(heed: Heed, county: County, delivery_id: str, number: int) -> dict[str, Any]:
    """Apply a delivery here and now, however often it takes, and say what became of it."""
    while True:
        apply(heed, county, number)
        with heed.database.begin() as session:
            row = session.scalars(select(Delivery).where(Delivery.id == delivery_id)).one()
            if row.status != "received":
                return as_json(row)
        time.sleep(0.05)  # another process applies


def rehearsed(heed: Heed, county: County, push: Push) -> dict[str, Any]:
    """What would become of a push, by the code that applies one, in a transaction that is rolled back."""
    with heed.database.begin() as session:
        serialise(session, "reminders:apply")
        delivery = receive(heed, session, push)
        _take_in(heed, county, session, delivery)
        found = as_json(delivery)
        session.rollback()
    return found


def _apply(heed: Heed, county: County, session: Session, delivery: Delivery) -> None:
    rejected = _take_in(heed, county, session, delivery)
    now = clock.now(session)
    # What was known stays as it is, and somebody must ask the producer for what is missing.
    empty = sum(one.code in EMPTY for one in rejected)
    if empty:
        alarms.sound(session, "feed-empty", f"feed:{delivery.format}", now, delivery=delivery.id, lists=empty)
    elif delivery.status == "rejected":
        alarms.sound(
            session,
            "delivery-rejected",
            f"feed:{delivery.format}",
            now,
            delivery=delivery.id,
            rejection=rejected[0].code,
        )


def _take_in(heed: Heed, county: County, session: Session, delivery: Delivery) -> Sequence[Rejection]:
    """Make of a delivery what it says; the records left out."""
    now = clock.now(session)
    counts = Counts()
    upsert = Upsert(heed, county, session, now, delivery.id, replays=_first(session, delivery))
    try:
        body = heed.cipher.open_bytes(delivery.body_enc, "payload")
        delivery.format = named(body, delivery.format, delivery.file)
        rejected = apply_body(upsert, delivery, body, counts)
        said_something = counts.hearings or counts.results or counts.suspended or delivery.event == "delete"
        delivery.status = "applied" if not rejected else "partly_applied" if said_something else "rejected"
    except FeedError as error:
        rejected = [Rejection("/", error.code, error.reason)]
        delivery.status = "rejected"
    counts.rejected = len(rejected)
    delivery.applied_at, delivery.counts = now, counts.as_json()
    delivery.rejections = [{"where": one.where, "code": one.code, "reason": one.reason} for one in rejected]
    audit.record(
        session,
        delivery.actor,
        "delivery-applied",
        f"delivery:{delivery.id}",
        status=delivery.status,
        **counts.as_json(),
    )
    return rejected


def _first(session: Session, delivery: Delivery) -> Delivery | None:
    """The delivery that this one applies again."""
    if delivery.replays is None:
        return None
    return session.scalars(select(Delivery).where(Delivery.number == delivery.replays)).one()


def _note_failure(heed: Heed, number: int, error: Exception) -> None:
    with heed.database.begin() as session:
        delivery = session.scalar(select(Delivery).where(Delivery.number == number).with_for_update())
        if delivery is None or delivery.status != "received":
            return
        delivery.failures += 1
        if delivery.failures >= FAILURES_MOST:
            delivery.status = "rejected"
            delivery.counts = Counts(rejected=1).as_json()
            reason = "Heed failed on this message; it is kept and can be replayed after a fix"
            delivery.rejections = [{"where": "/", "code": "internal-error", "reason": reason}]
            log.error(
                "delivery-failed",
                delivery=delivery.id,
                exception=type(error).__name__,
                runbook="delivery-failed",
            )


def as_json(delivery: Delivery) -> dict[str, Any]:
    """A delivery in the shape that `ingest` prints and the API answers."""
    return {
        "id": delivery.id,
        "file": delivery.file,
        "format": delivery.format,
        "status": delivery.status,
        "received_at": delivery.received_at.isoformat(),
        "applied_at": delivery.applied_at.isoformat() if delivery.applied_at else None,
        # In the order of their words, which the database does not keep.
        "counts": Counts(**(delivery.counts or {})).as_json(),
        "rejections": delivery.rejections or [],
    }
