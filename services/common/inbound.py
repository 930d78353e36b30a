"""Texts from people: stored first, once per MessageSid, before anything is decided about them."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.common import clock
from services.common.context import Heed
from services.common.logs import log
from services.common.models import Inbound

FAILURES_MOST = 20


def keep(
    heed: Heed,
    session: Session,
    *,
    sid: str,
    sender: str,
    to: str,
    body: str,
    opt_out_type: str | None,
    received_at: datetime | None = None,
) -> int | None:
    """Store a text; its row id, or None where this sid is already kept. `received_at`: where it came earlier than now."""
    row = (
        insert(Inbound)
        .values(
            sid=sid,
            from_key=heed.index.of(sender, "number"),
            from_enc=heed.cipher.seal(sender, "number"),
            to_number=to,
            body_enc=heed.cipher.seal(body, "body"),
            opt_out_type=opt_out_type,
            received_at=received_at or clock.now(session),
        )
        .on_conflict_do_nothing(index_elements=["sid"])
        .returning(Inbound.id)
    )
    return session.scalar(row)


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


def take(session: Session, inbound_id: int) -> Inbound | None:
    """The row, locked, if it is still to be handled; another process that has it is waited for."""
    row = session.scalar(select(Inbound).where(Inbound.id == inbound_id).with_for_update())
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
