"""What people have texted that a person must read: danger, a wrong number, and all that no rule understood."""

from typing import Any

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from services.common import on_duty, phones, stops
from services.common.acts import Refused
from services.common.context import Heed
from services.common.crypto import CryptoError
from services.common.logs import log
from services.common.models import Inbound
from services.common.texting_back import text_back, words_of
from services.reminders.acts import Act
from services.reminders.models import Contact, Listing, Reply


def waiting(heed: Heed, session: Session) -> list[dict[str, Any]]:
    """The texts that wait for a person, those of danger first, then the oldest; without their words."""
    urgent_first = case((Reply.kind == "danger", 0), else_=1)
    rows = session.execute(
        select(Reply, Inbound)
        .join(Inbound, Inbound.id == Reply.inbound_id)
        .where(Reply.queued, Reply.resolved_at.is_(None))
        .order_by(urgent_first, Reply.id)
    )
    return [as_json(heed, reply, text) for reply, text in rows]


def as_json(heed: Heed, reply: Reply, text: Inbound) -> dict[str, Any]:
    """A waiting text as lists show it."""
    return {
        "id": reply.id,
        "kind": reply.kind,
        "from": _sender_masked(heed, text),
        "received_at": text.received_at.isoformat(),
        "done_by": reply.resolved_by,
        "done_at": reply.resolved_at.isoformat() if reply.resolved_at else None,
    }


def read(act: Act, reply_id: int) -> dict[str, Any]:
    """One text with its words, and the hearings of whoever has its number. The look is written down. Raises Refused."""
    reply, text = _found(act.session, reply_id)
    words = words_of(act.heed, text, f"text {reply_id}")
    act.record("reply-read", f"reply:{reply.id}")
    return as_json(act.heed, reply, text) | {
        "words": words,
        "listings": _listings(act.session, reply.number_key),
    }


def answer(act: Act, reply_id: int, words: str) -> dict[str, Any]:
    """Text back, at once. That settles a message; a text of danger stays until somebody says that it is done. Raises Refused.

    The same words to the same text go out once, however often they are sent.
    """
    reply, text = _found(act.session, reply_id)
    now = act.now
    cost = text_back(act.heed, act.session, text, words, now)
    if reply.kind == "message" and reply.resolved_at is None:
        reply.resolved_by, reply.resolved_at = act.by, now
    act.record("reply-answered", f"reply:{reply.id}", segments=cost)
    waits = stops.stopped(act.session, act.heed.config.sender)
    return as_json(act.heed, reply, text) | {
        "segments": cost,
        "waits_for": "sending-stopped" if waits else None,
    }


def done(act: Act, reply_id: int) -> dict[str, Any]:
    """A person has seen to it: the text leaves the inbox. Raises Refused."""
    reply, text = _found(act.session, reply_id)
    if reply.resolved_at is not None:
        raise Refused("already-done", f"text {reply_id} was settled by {reply.resolved_by}")
    reply.resolved_by, reply.resolved_at = act.by, act.now
    act.record("reply-done", f"reply:{reply.id}", kind=reply.kind)
    on_duty.done_elsewhere(act.heed, act.session, f"inbound:{text.id}", act.by)
    return as_json(act.heed, reply, text)


def people_of(act: Act, reply_id: int) -> list[int]:
    """Everybody who has or had the number that a text came from. Raises Refused."""
    reply, _ = _found(act.session, reply_id)
    rows = select(Contact.person_id).where(Contact.number_key == reply.number_key).distinct()
    return sorted(act.session.scalars(rows))


def _found(session: Session, reply_id: int) -> tuple[Reply, Inbound]:
    reply = session.get(Reply, reply_id, with_for_update=True)
    if reply is None or not reply.queued:
        raise Refused(
            "not-found", f"there is no text {reply_id} for a person; `heed reminders inbox list` shows them"
        )
    return reply, session.get_one(Inbound, reply.inbound_id)


def _listings(session: Session, number_key: bytes) -> list[int]:
    rows = (
        select(Listing.id)
        .join(Contact, Contact.person_id == Listing.person_id)
        .where(Contact.number_key == number_key)
        .distinct()
        .order_by(Listing.id)
    )
    return list(session.scalars(rows))


def _sender_masked(heed: Heed, text: Inbound) -> str:
    """The sender's last digits; one that cannot be read never hides the others."""
    try:
        return phones.masked(heed.cipher.open(text.from_enc, "number").reveal())
    except CryptoError:
        log.exception("number-unreadable", inbound_id=text.id, runbook="text-unreadable")
        return "***"
