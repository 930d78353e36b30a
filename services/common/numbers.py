"""The register of numbers: who has stopped, whose number reached the wrong person, which numbers are bad for good.

The rule is shared, the register is each service's own: stopping consultation texts is not stopping court reminders.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import and_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.common.database import among
from services.common.models import Inbound, NumberEvent, NumberState

Act = Literal["stop", "start", "wrong", "right", "bad"]


def note(
    session: Session, number_key: bytes, act: Act, source: str, at: datetime, code: int | None = None
) -> None:
    """Write down a number's word and let it stand; the history is kept. `source` is like "inbound:12" or "carrier:21610"."""
    session.add(NumberEvent(number_key=number_key, act=act, source=source, at=at))
    changes: dict[Act, dict[str, Any]] = {
        "stop": {"stopped_at": at},
        "start": {"stopped_at": None},
        "wrong": {"wrong_at": at},
        "right": {"wrong_at": None, "bad_at": None, "bad_code": None},
        "bad": {"bad_at": at, "bad_code": code},
    }
    values = changes[act]
    session.execute(
        insert(NumberState)
        .values(number_key=number_key, **values)
        .on_conflict_do_update(index_elements=["number_key"], set_=values)
    )


def forbidden(session: Session, number_keys: Collection[bytes]) -> dict[bytes, str]:
    """Which of these numbers must not be texted, each with its reason code."""
    if not number_keys:
        return {}
    rows = session.scalars(select(NumberState).where(among(NumberState.number_key, number_keys)))
    reasons = {row.number_key: reason_for(row) for row in rows}
    return {key: reason for key, reason in reasons.items() if reason}


def stopped_at_carrier(session: Session, number_key: bytes) -> bool:
    """Whether the carrier itself is known to have stopped this number, since it last started: it took a text for STOP, or refused one."""
    started = select(func.coalesce(func.max(NumberEvent.id), 0)).where(
        NumberEvent.number_key == number_key, NumberEvent.act == "start"
    )
    came = and_(
        Inbound.from_key == NumberEvent.number_key,
        NumberEvent.source == func.concat(literal("inbound:"), Inbound.id),
    )
    found = (
        select(NumberEvent.id)
        .outerjoin(Inbound, came)
        .where(
            NumberEvent.number_key == number_key,
            NumberEvent.act == "stop",
            NumberEvent.id > started.scalar_subquery(),
            or_(NumberEvent.source.startswith("carrier:"), Inbound.opt_out_type == "STOP"),
        )
    )
    return session.scalar(found.limit(1)) is not None


def reason_for(row: NumberState) -> str | None:
    """The reason code of a number's state, the person's own word first."""
    if row.stopped_at:
        return "opted-out"
    if row.wrong_at:
        return "wrong-number"
    return "mobile-invalid" if row.bad_at else None
