"""A person's acts on the duty queue: who waits, taking an item, reading its words, who sent it, answering, and saying that it is done."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from services.common import alarms, audit, clock
from services.common.acts import Refused
from services.common.context import Heed
from services.common.crypto import CryptoError
from services.common.models import Alarm, DutyItem, Inbound
from services.common.ringing import to_ring
from services.common.texting_back import text_back, words_of

# The words of what is no text, by its cause; None where they are not kept.
Elsewhere = Callable[[Heed, Session, str], str | None]


def texts_alone(_heed: Heed, _session: Session, _cause: str) -> None:
    """For a service to which people only text."""


def waiting(heed: Heed, session: Session) -> list[dict[str, Any]]:
    """What is not done yet: danger first, then by the time until which each may wait; without words."""
    urgency = case((DutyItem.kind == "danger", 0), (DutyItem.kind == "safeguarding", 1), else_=2)
    rows = session.scalars(
        select(DutyItem).where(DutyItem.done_at.is_(None)).order_by(urgency, DutyItem.due_by, DutyItem.id)
    ).all()
    now, ring = clock.now(session), to_ring(heed, session, rows)
    return [
        _shown(row, ring) | {"overdue": row.acknowledged_at is None and row.due_by <= now} for row in rows
    ]


def shown(heed: Heed, session: Session, row: DutyItem) -> dict[str, Any]:
    """An item as lists show it."""
    return _shown(row, to_ring(heed, session, [row]))


def _shown(row: DutyItem, ring: set[int]) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "rule": row.rule,
        "cause": row.cause,
        "ring": row.id in ring,
        "at": row.at.isoformat(),
        "due_by": row.due_by.isoformat(),
        "escalations": row.escalations,
        "acknowledged_by": row.acknowledged_by,
        "acknowledged_at": row.acknowledged_at.isoformat() if row.acknowledged_at else None,
        "done_by": row.done_by,
        "done_at": row.done_at.isoformat() if row.done_at else None,
    }


def acknowledge(heed: Heed, session: Session, item_id: int, by: str) -> dict[str, Any]:
    """A person takes the item: it is no longer escalated, and its alarm falls silent. Raises Refused."""
    item = _found(session, item_id)
    if item.acknowledged_at is not None:
        raise Refused("already-taken", f"item D{item_id} was taken by {item.acknowledged_by}")
    _take(heed, session, item, by)
    return shown(heed, session, item)


def read(
    heed: Heed, session: Session, item_id: int, by: str, elsewhere: Elsewhere = texts_alone
) -> dict[str, Any]:
    """The item with its words, those of a letter or the form `elsewhere`; the look is written down. Raises Refused."""
    item = _found(session, item_id)
    text = session.get(Inbound, item.inbound_id) if item.inbound_id else None
    words = words_of(heed, text, f"item D{item_id}") if text else elsewhere(heed, session, item.cause)
    audit.record(session, by, "duty-read", f"duty:{item.id}", kind=item.kind)
    return shown(heed, session, item) | {"words": words}


def sender(heed: Heed, session: Session, inbound_id: int, by: str) -> dict[str, Any]:
    """Who sent a text: the whole number. A permission of its own; the look is written down. Raises Refused."""
    text = session.get(Inbound, inbound_id)
    if text is None:
        raise Refused("not-found", f"there is no text {inbound_id}")
    try:
        number = heed.cipher.open(text.from_enc, "number").reveal()
    except CryptoError:
        raise Refused("unreadable", "the number cannot be decrypted: an encryption key is missing") from None
    audit.record(session, by, "identity-read", f"inbound:{text.id}", kind=text.kind)
    return {"text": text.id, "number": number, "received_at": text.received_at.isoformat()}


def text_of(session: Session, item_id: int) -> int:
    """The text that an item came in. Raises Refused."""
    inbound_id = _found(session, item_id).inbound_id
    if inbound_id is None:
        raise Refused("not-found", f"item D{item_id} did not come as a text")
    return inbound_id


def answer(heed: Heed, session: Session, item_id: int, words: str, by: str) -> dict[str, Any]:
    """Text back to the sender. That takes the item, and is the end of it but for danger. Raises Refused."""
    item = _found(session, item_id)
    text = session.get(Inbound, item.inbound_id) if item.inbound_id else None
    if text is None:
        raise Refused(
            "no-answer-possible", f"item D{item_id} did not come as a text: answer by its own channel"
        )
    cost = text_back(heed, session, text, words, clock.now(session))
    audit.record(session, by, "duty-answered", f"duty:{item.id}", kind=item.kind, segments=cost)
    if item.acknowledged_at is None:
        _take(heed, session, item, by)
    if item.kind != "danger":
        item.done_by, item.done_at = by, clock.now(session)
    return shown(heed, session, item) | {"segments": cost}


def done(heed: Heed, session: Session, item_id: int, note: str, by: str) -> dict[str, Any]:
    """Somebody has seen to it; the note says what was done and is kept encrypted. Raises Refused."""
    item = _found(session, item_id)
    if item.done_at is not None:
        raise Refused("already-done", f"item D{item_id} was settled by {item.done_by}")
    if item.acknowledged_at is None:
        _take(heed, session, item, by)
    item.done_by, item.done_at = by, clock.now(session)
    item.note_enc = heed.cipher.seal(note, "note") if note else None
    audit.record(session, by, "duty-done", f"duty:{item.id}", kind=item.kind)
    return shown(heed, session, item)


def done_elsewhere(heed: Heed, session: Session, cause: str, by: str) -> None:
    """What was seen to in another list, by its cause, is done here too."""
    item_id = session.scalar(select(DutyItem.id).where(DutyItem.cause == cause, DutyItem.done_at.is_(None)))
    if item_id is not None:
        done(heed, session, item_id, "", by)


def _take(heed: Heed, session: Session, item: DutyItem, by: str) -> None:
    now = clock.now(session)
    item.acknowledged_by, item.acknowledged_at, item.escalate_at = by, now, None
    ring = item.id in to_ring(heed, session, [item])
    audit.record(session, by, "duty-taken", f"duty:{item.id}", kind=item.kind, ring=ring)
    open_alarms = select(Alarm.id).where(
        Alarm.code == "duty-waits", Alarm.subject == f"duty:{item.id}", Alarm.acknowledged_at.is_(None)
    )
    for alarm_id in session.scalars(open_alarms):
        alarms.acknowledge(session, alarm_id, by, now)


def _found(session: Session, item_id: int) -> DutyItem:
    item = session.get(DutyItem, item_id, with_for_update=True)
    if item is None:
        raise Refused("not-found", f"there is no item D{item_id} on duty; `heed queue list` shows them")
    return item
