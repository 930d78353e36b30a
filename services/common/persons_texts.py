"""The texts of one person, and the register's word on their number: read for whoever asks, and emptied where they are erased."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from services.common.context import Heed
from services.common.database import among
from services.common.models import Attempt, DutyItem, Inbound, NumberEvent, NumberState, Outbox
from services.common.outbox.states import State

GONE = b""  # where a column must hold something


def opened(heed: Heed, sealed: bytes | None, purpose: str = "body") -> str | None:
    """The words of a column, or None where there are none any more."""
    return heed.cipher.open(sealed, purpose).reveal() if sealed else None


def sent(heed: Heed, session: Session, which: Any) -> list[dict[str, Any]]:
    """The texts of these rows of the outbox, with the words that went out last."""
    rows = session.execute(
        select(Outbox, Attempt)
        .outerjoin(Attempt, (Attempt.outbox_id == Outbox.id) & (Attempt.n == Outbox.attempt))
        .where(which)
        .order_by(Outbox.id)
    )
    return [
        {
            "at": row.sent_at or row.due_at,
            "kind": row.kind,
            "step": row.step,
            "words": opened(heed, attempt.body_enc if attempt else row.body_enc),
            "state": row.state,
            "status": row.carrier_status,
        }
        for row, attempt in rows
    ]


def received(heed: Heed, session: Session, ids: Collection[int]) -> list[dict[str, Any]]:
    """These texts of theirs, and what each was taken for."""
    rows = session.scalars(select(Inbound).where(among(Inbound.id, ids)).order_by(Inbound.id))
    return [
        {
            "at": row.received_at,
            "words": opened(heed, row.body_enc),
            "taken_for": row.kind,
            "rule": row.rule,
        }
        for row in rows
    ]


def registered(session: Session, number_key: bytes | None) -> dict[str, Any] | None:
    """What the register says of the number, with its history."""
    row = session.get(NumberState, number_key) if number_key else None
    if row is None:
        return None
    events = session.scalars(
        select(NumberEvent).where(NumberEvent.number_key == number_key).order_by(NumberEvent.id)
    )
    return {
        "stopped_at": row.stopped_at,
        "wrong_at": row.wrong_at,
        "bad_at": row.bad_at,
        "history": [{"act": one.act, "source": one.source, "at": one.at} for one in events],
    }


def empty(session: Session, out: Collection[int], came: Collection[int], now: datetime) -> None:
    """Take words and numbers out of these rows of the outbox and of what came in; what had not gone out does not."""
    session.execute(
        update(Outbox)
        .where(among(Outbox.id, out), Outbox.state == State.PENDING)
        .values(state=State.CANCELLED, reason="erased", settled_at=now)
    )
    session.execute(
        update(Outbox).where(among(Outbox.id, out)).values(to_key=None, to_enc=None, body_enc=None)
    )
    session.execute(
        update(Attempt).where(among(Attempt.outbox_id, out)).values(to_key=GONE, to_enc=GONE, body_enc=None)
    )
    # What nobody has understood yet can no longer be.
    session.execute(
        update(Inbound)
        .where(among(Inbound.id, came), Inbound.handled_at.is_(None))
        .values(handled_at=now, kind="erased", rule="erased")
    )
    session.execute(
        update(Inbound).where(among(Inbound.id, came)).values(from_key=GONE, from_enc=GONE, body_enc=None)
    )
    session.execute(update(DutyItem).where(among(DutyItem.inbound_id, came)).values(note_enc=None))


def forget(session: Session, number_key: bytes) -> None:
    """Take the number out of the register, unless something stands about it, so that it stays so."""
    state = session.get(NumberState, number_key)
    if state is None or not (state.stopped_at or state.wrong_at or state.bad_at):
        session.execute(delete(NumberEvent).where(NumberEvent.number_key == number_key))
        session.execute(delete(NumberState).where(NumberState.number_key == number_key))
