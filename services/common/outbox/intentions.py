"""Writing intentions to text, always in the transaction of their cause."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.common.copying import Encoded, copy_rows, encode
from services.common.models import Outbox
from services.common.outbox.states import State

URGENT = 0  # the priority that waits for no rate and no cap: an answer to somebody in danger


@dataclass(slots=True, repr=False)  # frozen took three times as long to make
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
    """Write the intentions that are not yet there; how many were new.

    One that was taken back before any attempt is owed again (a person stopped, and started again); one that was ever
    claimed never is.
    """
    rows = [
        {name: getattr(intention, name) for name in Intention.__dataclass_fields__} | {"created_at": at}
        for intention in intentions
    ]
    if not rows:
        return 0
    fresh = insert(Outbox)
    owed = fresh.on_conflict_do_update(
        index_elements=["dedupe_key"],
        set_={
            "state": State.PENDING,
            "reason": None,
            "settled_at": None,
            "due_at": fresh.excluded.due_at,
            "useful_until": fresh.excluded.useful_until,
        },
        where=(Outbox.state == State.CANCELLED) & (Outbox.attempt == 0),
    )
    return len(session.scalars(owed.returning(Outbox.id), rows).all())


COLUMNS = tuple(Intention.__dataclass_fields__)
ROW = attrgetter(*COLUMNS)
FIRST = (*COLUMNS, "created_at")


def intend_first(session: Session, intentions: Sequence[Intention], at: datetime) -> None:
    """Write intentions of a cause that nobody can have spoken of before: as many as may be, at once.

    Raises psycopg's UniqueViolation where one was made before.
    """
    copy_rows(session, Outbox, FIRST, _first(intentions, at))


def encode_first(session: Session, intentions: Sequence[Intention], at: datetime) -> Encoded:
    """The same, not sent yet."""
    return encode(session, Outbox, FIRST, _first(intentions, at))


def _first(intentions: Iterable[Intention], at: datetime) -> Iterator[tuple[Any, ...]]:
    return ((*ROW(one), at) for one in intentions)
