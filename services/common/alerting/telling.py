"""Telling people of alarms: every open alarm by every channel, at least once, tried again until the other side takes it.

Who tells leases the row first, so that two processes that are alive at once tell once; one that dies between sending and writing it
down lets it be told twice. Worker and clock both tell: an alarm gets out while either lives.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.common import clock
from services.common.alerting import channels, message
from services.common.alerting.channels import TEXT, Channel, NotTold
from services.common.alerting.kinds import KINDS
from services.common.context import Heed
from services.common.logs import log
from services.common.models import Alarm, Telling

LEASE = timedelta(minutes=2)
FIRST_RETRY, LONGEST_RETRY = timedelta(seconds=30), timedelta(minutes=15)
BATCH = 20


@dataclass(frozen=True, slots=True)
class Owed:
    """An alarm to tell by one channel, for the `n`th time."""

    alarm_id: int
    channel: str
    n: int


def is_due(heed: Heed, session: Session, now: datetime) -> bool:
    """Whether somebody is to be told."""
    return any(
        session.scalar(select(exists(_owed(name, now).with_only_columns(Alarm.id))))
        for name in channels.configured(heed)
    )


def _owed(channel: str, now: datetime):  # type: ignore[no-untyped-def] # SQLAlchemy's own name for it is four lines long
    """Open alarms that this channel has never told, or is to tell again: they have sounded on since."""
    codes = [code for code, kind in KINDS.items() if kind.texted]
    statement = (
        select(Alarm, Telling)
        .outerjoin(Telling, (Telling.alarm_id == Alarm.id) & (Telling.channel == channel))
        .where(
            Alarm.acknowledged_at.is_(None),
            or_(
                Telling.alarm_id.is_(None),
                (Telling.next_at <= now)
                & or_(Telling.told_at.is_(None), Telling.failures > 0, Alarm.last_at > Telling.told_at),
            ),
        )
        .order_by(Alarm.id)
    )
    return statement.where(Alarm.code.in_(codes)) if channel == TEXT else statement


def tell(heed: Heed) -> int:
    """Tell what is owed, a batch of each channel; how many were taken."""
    told = 0
    for name, channel in channels.configured(heed).items():
        with heed.database.begin() as session:
            owed = _take(session, name, clock.now(session))
        told += sum(_tell(heed, channel, one) for one in owed)
    return told


def _take(session: Session, channel: str, now: datetime) -> Sequence[Owed]:
    """Lease what is owed; what another process has is passed over."""
    rows = session.execute(_owed(channel, now).limit(BATCH).with_for_update(of=Alarm, skip_locked=True)).all()
    taken = []
    for alarm, telling in rows:
        lease = insert(Telling).values(alarm_id=alarm.id, channel=channel, next_at=now + LEASE)
        session.execute(
            lease.on_conflict_do_update(index_elements=["alarm_id", "channel"], set_={"next_at": now + LEASE})
        )
        taken.append(Owed(alarm.id, channel, (telling.told if telling else 0) + 1))
    return taken


def _tell(heed: Heed, channel: Channel, one: Owed) -> bool:
    with heed.database.begin() as session:
        alarm = session.get_one(Alarm, one.alarm_id)
        code = alarm.code
        words = message.of(alarm, heed.service, heed.settings.mode, heed.settings.alerts.runbook)
    try:
        answer, taken = channel(heed, words, one.n), True
    except NotTold as error:
        answer, taken = str(error), False
        log.warning("alarm-not-told", alarm=one.alarm_id, channel=one.channel, answer=answer)
    with heed.database.begin() as session:
        now = clock.now(session)
        row = session.get_one(Telling, (one.alarm_id, one.channel), with_for_update=True)
        row.answer = answer
        if taken:
            again = KINDS[code].again if code in KINDS else None
            row.told, row.told_at, row.failures = row.told + 1, now, 0
            row.next_at = now + again if again else None
        else:
            row.failures += 1
            row.next_at = now + min(FIRST_RETRY * 2 ** min(row.failures - 1, 10), LONGEST_RETRY)
    return taken


def told(session: Session, alarm_ids: Sequence[int]) -> dict[int, dict[str, dict[str, object]]]:
    """What became of telling these alarms: by alarm and channel."""
    found: dict[int, dict[str, dict[str, object]]] = {number: {} for number in alarm_ids}
    for row in session.scalars(select(Telling).where(Telling.alarm_id.in_(alarm_ids))):
        found[row.alarm_id][row.channel] = {
            "told": row.told,
            "told_at": row.told_at.isoformat() if row.told_at else None,
            "answer": row.answer,
            "failures": row.failures,
        }
    return found


def try_out(heed: Heed) -> list[tuple[str, bool, str]]:
    """A test message through every channel that is set: its name, whether it was taken, what came back."""
    with heed.database.begin() as session:
        now = clock.now(session)
    words = message.trial(heed.service, heed.settings.mode, heed.settings.alerts.runbook, now)
    found = []
    for name, channel in channels.configured(heed).items():
        try:
            found.append((name, True, channel(heed, words, 0)))
        except NotTold as error:
            found.append((name, False, str(error)))
    return found
