"""Writing intentions to text, and taking unsent ones back. Always in the transaction of the cause."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.common.models import Outbox
from services.common.outbox.states import UNSENT, State


@dataclass(frozen=True, slots=True, repr=False)
class Intention:
    """A text that is owed. `dedupe_key` names the promise, so that it is made once however often its cause is handled.

    Without `to_enc` and `body_enc` the text is rendered when it is claimed. Lower `priority` goes first; within one, the text that
    becomes useless first.
    """

    dedupe_key: str
    kind: str
    subject_id: int
    due_at: datetime
    useful_until: datetime
    priority: int
    step: str | None = None
    version: int | None = None
    to_key: bytes | None = None
    to_enc: bytes | None = None
    body_enc: bytes | None = None


def intend(session: Session, intentions: Iterable[Intention], at: datetime) -> int:
    """Write the intentions that are not yet there; how many were new."""
    rows = [
        {name: getattr(intention, name) for name in Intention.__dataclass_fields__} | {"created_at": at}
        for intention in intentions
    ]
    if not rows:
        return 0
    written = session.scalars(
        insert(Outbox).on_conflict_do_nothing(index_elements=["dedupe_key"]).returning(Outbox.id), rows
    )
    return len(written.all())


def cancel(session: Session, kind: str, subject_ids: Iterable[int], reason: str, at: datetime) -> int:
    """Take back what is still unsent for these subjects; what is on the wire or gone is not touched."""
    changed = session.execute(
        update(Outbox)
        .where(Outbox.kind == kind, Outbox.subject_id.in_(list(subject_ids)), Outbox.state.in_(UNSENT))
        .values(state=State.CANCELLED, reason=reason, settled_at=at)
    )
    return cast(CursorResult[Any], changed).rowcount
