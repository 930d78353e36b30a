"""The duty queue: what in a person's text somebody must see to by a time. Danger is escalated again and again until it is taken."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.common import alarms, clock, duty_number
from services.common.context import Heed
from services.common.logs import log
from services.common.models import DutyItem
from services.common.ringing import to_ring

DUTY = "duty"


@dataclass(frozen=True, slots=True)
class Clock:
    """How long an item may wait to be taken, when it is first escalated, and how often again."""

    due: timedelta
    first: timedelta
    again: timedelta


MINUTES, HOURS, DAYS = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# A question is answered within a working week; a complaint is passed on sooner than the law's ten working days.
CLOCKS = {
    "danger": Clock(15 * MINUTES, 0 * MINUTES, 5 * MINUTES),
    "safeguarding": Clock(1 * HOURS, 0 * MINUTES, 30 * MINUTES),
    "crime-report": Clock(1 * DAYS, 1 * DAYS, 1 * DAYS),
    "complaint": Clock(3 * DAYS, 3 * DAYS, 1 * DAYS),
    "question": Clock(5 * DAYS, 5 * DAYS, 1 * DAYS),
}
# These are texted to the duty officer; the others sound an alarm alone.
TEXTED = frozenset({"danger", "safeguarding"})


def put(
    heed: Heed,
    session: Session,
    *,
    cause: str,
    kind: str,
    rule: str,
    at: datetime,
    inbound_id: int | None = None,
    ring: bool = False,
) -> None:
    """Put something on duty, once for each cause ("inbound:12"). `ring`: its sender cannot be texted, and is rung."""
    pace = CLOCKS[kind]
    session.execute(
        insert(DutyItem)
        .values(
            cause=cause,
            kind=kind,
            rule=rule,
            inbound_id=inbound_id,
            ring=ring,
            at=at,
            due_by=at + pace.due,
            escalate_at=at + pace.first,
        )
        .on_conflict_do_nothing(index_elements=["cause"])
    )
    if kind == "danger":
        item = session.scalars(select(DutyItem).where(DutyItem.cause == cause)).one()
        rung = item.id in to_ring(heed, session, [item])
        log.error("danger", inbound_id=inbound_id, ring=rung, runbook="danger")


def to_escalate(session: Session, now: datetime) -> list[list[int]]:
    """The items to escalate now, as job arguments."""
    ids = session.scalars(select(DutyItem.id).where(DutyItem.escalate_at <= now).order_by(DutyItem.id))
    return [[item_id] for item_id in ids]


def escalate(heed: Heed, item_id: int) -> None:
    """Sound an alarm for an item that nobody has taken, text the duty number where it is urgent, and set the next time."""
    with heed.database.begin() as session:
        item = session.get(DutyItem, item_id, with_for_update=True)
        now = clock.now(session)
        if item is None or item.escalate_at is None or item.escalate_at > now:
            return
        item.escalations += 1
        item.escalate_at = now + CLOCKS[item.kind].again
        ring = item.id in to_ring(heed, session, [item])
        alarms.sound(
            session,
            "duty-waits",
            f"duty:{item.id}",
            now,
            kind=item.kind,
            escalations=item.escalations,
            ring=ring,
        )
        if item.kind in TEXTED:
            _text_officer(heed, session, item, now, ring=ring)


def _text_officer(heed: Heed, session: Session, item: DutyItem, now: datetime, *, ring: bool) -> None:
    words = (
        f"Heed {heed.service}: {item.kind} item D{item.id} waits, call {item.escalations}. "
        f"{'No text reaches the sender: ring. ' if ring else ''}Take it: heed queue acknowledge D{item.id} "
        f"--service {heed.service}"
    )
    duty_number.owe(heed, session, DUTY, f"{item.id}:{item.escalations}", item.id, item.kind, words, now)
