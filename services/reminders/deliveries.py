"""A push of a feed: stored whole before anything is made of it, then applied in one transaction, with counts and rejections."""

import hashlib
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.common import audit, clock
from services.common.context import Heed
from services.common.database import serialise
from services.common.logs import log
from services.reminders import enrolment, outcomes
from services.reminders.county import County
from services.reminders.feeds.parse import named, parse
from services.reminders.feeds.records import Batch, FeedError
from services.reminders.listings import Counts, Upsert, apply_deletion, apply_listings
from services.reminders.models import Delivery, HearingVersion

FAILURES_MOST = 5


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


def waiting(session: Session) -> list[list[int]]:
    """The number of the newest delivery not yet applied, as the arguments of one job: it applies the older ones first."""
    newest = session.scalar(select(func.max(Delivery.number)).where(Delivery.status == "received"))
    return [] if newest is None else [[newest]]


def apply(heed: Heed, county: County, number: int) -> None:
    """Apply what was received up to this delivery, each once, in a transaction of its own and in order of arrival.

    One that fails from a fault of ours holds back the later ones while the sweep tries it again; after five failures it is
    rejected as `internal-error`, with its raw body kept for a replay.
    """
    while True:
        oldest: int | None = None
        try:
            with heed.database.begin() as session:
                serialise(session, "reminders:apply")
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


def _apply(heed: Heed, county: County, session: Session, delivery: Delivery) -> None:
    now = clock.now(session)
    counts = Counts()
    rejections: list[dict[str, str]] = []
    try:
        body = heed.cipher.open_bytes(delivery.body_enc, "payload")
        delivery.format = named(body, delivery.format, delivery.file)
        batch = parse(body, delivery.format, event=delivery.event, hearing_id=delivery.hearing_id)
    except FeedError as error:
        rejections.append({"where": "/", "code": error.code, "reason": error.reason})
        counts.rejected = 1
        delivery.status = "rejected"
    else:
        rejections = [
            {"where": one.where, "code": one.code, "reason": one.reason} for one in batch.rejections
        ]
        counts.rejected = len(rejections)
        _apply_batch(Upsert(heed, county, session, now, delivery.id), delivery, batch, counts)
        nothing = not (batch.listings or batch.results or batch.deleted)
        delivery.status = (
            "rejected" if rejections and nothing else "partly_applied" if rejections else "applied"
        )
    delivery.applied_at, delivery.counts, delivery.rejections = now, counts.as_json(), rejections
    audit.record(
        session,
        delivery.actor,
        "delivery-applied",
        f"delivery:{delivery.id}",
        status=delivery.status,
        **counts.as_json(),
    )
    if delivery.status == "rejected":
        log.error(
            "delivery-rejected", delivery=delivery.id, code=rejections[0]["code"], runbook="delivery-rejected"
        )


def _apply_batch(upsert: Upsert, delivery: Delivery, batch: Batch, counts: Counts) -> None:
    keys = sorted(
        {one.hearing_key for one in batch.listings}
        | {one.hearing_key for one in batch.results}
        | {*batch.deleted, *batch.hearing_keys}
    )
    known = _versions(upsert.session, keys)
    single = len(keys) == 1
    if single and known[keys[0]].applied_digest == delivery.digest:
        counts.hearings = counts.unchanged = len(batch.listings)
        return
    if batch.event == "delete":
        for key in (one for one in batch.deleted if _is_newer(known[one], batch.version)):
            counts.hearings += apply_deletion(upsert, key, counts)
            known[key].deleted_at = upsert.now
    else:
        # The older never overwrites the newer, and after a DELETE only a later push restores.
        fresh = {key for key in keys if _is_newer(known[key], batch.version)}
        whole = fresh & set(batch.hearing_keys) if batch.complete else set()
        apply_listings(upsert, [one for one in batch.listings if one.hearing_key in fresh], whole, counts)
        stale = [one for one in batch.listings if one.hearing_key not in fresh]
        counts.hearings += len(stale)
        counts.unchanged += len(stale)
        outcomes.apply_results(upsert, batch, fresh, counts)
        for key in fresh:
            known[key].version = batch.version or known[key].version
            known[key].deleted_at = None
    for key in keys if single else []:
        known[key].applied_digest = delivery.digest
    # Last of all: who is enrolled depends on the results too.
    enrolment.enrol(upsert.heed, upsert.county, upsert.session, upsert.touched, upsert.now)


def _versions(session: Session, keys: list[str]) -> dict[str, HearingVersion]:
    rows = session.scalars(select(HearingVersion).where(HearingVersion.hearing_key.in_(keys)))
    known = {row.hearing_key: row for row in rows}
    for key in keys:
        if key not in known:
            known[key] = HearingVersion(hearing_key=key)
            session.add(known[key])
    return known


def _is_newer(known: HearingVersion, version: Any) -> bool:
    """Unversioned messages apply on arrival; a versioned one if it is newer than the newest, which a repeat is not."""
    return version is None or known.version is None or version > known.version


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
