"""Texts from people: stored first, once per MessageSid, before anything is decided about them."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, exists, select, text
from sqlalchemy.orm import Session

from services.common import clock, numbers
from services.common.context import Heed
from services.common.logs import log
from services.common.models import Inbound
from services.common.understanding import command

FAILURES_MOST = 20
# One statement in plain SQL: asking for the time first, and the mapper's way of inserting, took five times as long as all the rest.
KEEP = text(
    "INSERT INTO inbound (sid, from_key, from_enc, to_number, body_enc, opt_out_type, received_at)"
    " VALUES (:sid, :from_key, :from_enc, :to, :body_enc, :opt_out_type, coalesce(CAST(:received_at AS timestamptz),"
    # Heed's time, as clock.NOW reads it.
    " clock_timestamp() + coalesce((SELECT shift FROM clock WHERE id = 1), interval '0')))"
    " ON CONFLICT (sid) DO NOTHING RETURNING id"
)


def keep(
    heed: Heed,
    session: Session | Connection,
    *,
    sid: str,
    sender: str,
    to: str,
    body: str,
    opt_out_type: str | None,
    received_at: datetime | None = None,
) -> int | None:
    """Store a text; its row id, or None where this sid is already kept. `received_at`: where it came earlier than now."""
    kept: int | None = session.scalar(
        KEEP,
        {
            "sid": sid,
            "from_key": heed.index.of(sender, "number"),
            "from_enc": heed.cipher.seal(sender, "number"),
            "to": to,
            "body_enc": heed.cipher.seal(body, "body"),
            "opt_out_type": opt_out_type,
            "received_at": received_at,
        },
    )
    return kept


def somebody_waits(heed: Heed) -> bool:
    """Whether a text waits to be understood, for which long work gives way: it may be a call for help."""
    with heed.database.begin() as session:
        return bool(waiting(session, limit=1))


def waiting(session: Session, limit: int = 500) -> list[list[int]]:
    """The ids of texts not yet handled, oldest first, as job arguments.

    One that has failed too often waits for a fix (`heed_inbound_waiting` counts it) and no longer holds up a sweep.
    """
    ids = session.scalars(
        select(Inbound.id)
        .where(Inbound.handled_at.is_(None), Inbound.failures < FAILURES_MOST)
        .order_by(Inbound.id)
        .limit(limit)
    )
    return [[inbound_id] for inbound_id in ids]


def any_waiting(session: Session) -> list[list[int]]:
    """Once, where a text waits: what the sweep wakes a job for that handles all of them."""
    return [[]] if waiting(session, limit=1) else []


def attempt(heed: Heed, inbound_id: int, handle: Callable[[], None]) -> None:
    """Handle a text; a failure is counted on its row and goes on to the caller."""
    try:
        handle()
    except Exception:
        with heed.database.begin() as session:
            row = session.scalar(select(Inbound).where(Inbound.id == inbound_id).with_for_update())
            if row is not None:
                row.failures += 1
                if row.failures == FAILURES_MOST:
                    log.error("inbound-not-handled", inbound_id=inbound_id, runbook="inbound-not-handled")
        raise


def attempt_all(heed: Heed, handle: Callable[[int], None]) -> None:
    """Handle every text that waits, oldest first; one that fails is counted and stops no other."""
    with heed.database.begin() as session:
        found = [inbound_id for [inbound_id] in waiting(session)]
    for inbound_id in found:
        try:
            attempt(heed, inbound_id, lambda this=inbound_id: handle(this))  # type: ignore[misc] # bound now
        except Exception:
            log.exception("job-failed", job="texts", ids=[inbound_id])


def take(session: Session, inbound_id: int) -> Inbound | None:
    """The row, locked, if it is still to be handled and no other process has it: that one handles it."""
    row = session.scalar(select(Inbound).where(Inbound.id == inbound_id).with_for_update(skip_locked=True))
    return row if row is not None and row.handled_at is None else None


def handled(session: Session, row: Inbound, kind: str, rule: str) -> None:
    """Note what the text was taken for and by which rule."""
    row.handled_at, row.kind, row.rule = clock.now(session), kind, rule


def overtaken(session: Session, row: Inbound) -> bool:
    """Whether this number said STOP later than this text, which was fetched late: a START from before does not undo it."""
    later = exists().where(
        Inbound.from_key == row.from_key, Inbound.received_at > row.received_at, Inbound.kind == "opt-out"
    )
    return bool(session.scalar(select(later)))


def carriers_word(session: Session, row: Inbound, words: str) -> str | None:
    """What the carrier took a text for, where that decides and it has answered; None where the words decide, and Heed answers.

    It takes "yes" for START from anybody, as often the answer to a question, and confirms a START only to whom it had stopped. So its
    START decides where it undoes a STOP that the carrier had taken; a stop in the person's own words, which Heed alone knows of, Heed
    undoes and confirms. A START where nothing was stopped is nobody's to confirm.
    """
    said = row.opt_out_type
    if said != "START" or numbers.stopped_at_carrier(session, row.from_key):
        return said
    own = command(words)
    stopped = numbers.forbidden(session, [row.from_key]).get(row.from_key) == "opted-out"
    return said if own is not None and own.kind == "opt-in" and not stopped else None
