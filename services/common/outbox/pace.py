"""How fast a sender sends, and how much a day: held in one row a sender, so that every process keeps to it.

The rate is in segments a second, as the carrier counts. Urgent texts (an answer to somebody in danger) wait for neither
rate, nor cap, nor a carrier that asked to wait.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.common import alarms, clock
from services.common.carrier import Answer, NotSent
from services.common.carrier_codes import CodeClass
from services.common.context import Heed
from services.common.models import SenderPace
from services.common.times import at_london, london

BURST = 1.0  # seconds of the rate that may go at once
ELSEWHERE = 0.05  # seconds: another process claims for this sender just now
LOOK_AGAIN = timedelta(minutes=10)  # once the day's segments are used: the cap may have been raised
# A busy answer to one number is that number's. From this share of a batch on it is the sender that is too fast.
BUSY_SHARE = 0.1
HOLD_MOST = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Allowance:
    """What may be claimed now: how many ordinary texts, and how many segments the day has left (None: any number).

    `wait` is in seconds, until more may be; None where waiting is of no use.
    """

    texts: int
    segments: int | None = None
    wait: float | None = None


def allowance(heed: Heed, session: Session, now: datetime, most: int) -> Allowance:
    """What this sender may send now, at most `most` texts. Where a rate or a cap is set, its row stays locked until the
    transaction ends, so that no other process counts on the same allowance."""
    rate, cap = heed.config.rate, heed.settings.daily_segments
    pace = _row(session, heed.config.sender, lock=rate is not None or cap is not None)
    if pace is None:
        return Allowance(0, wait=ELSEWHERE) if rate or cap is not None else Allowance(most)
    wall = clock.wall(session)
    if pace.held_until and pace.held_until > now:
        return Allowance(0, wait=(pace.held_until - now).total_seconds())
    left = None if cap is None else max(0, cap - _today(pace, now))
    if left == 0:
        _capped(heed, session, pace, now)
        return Allowance(0, 0)
    if rate is None:
        return Allowance(most, left)
    ahead = max(0.0, (pace.through_at - wall).total_seconds()) if pace.through_at else 0.0
    burst = max(BURST, 1 / rate)  # a rate under one a second would else never have a whole segment free
    texts = max(0, int((burst - ahead) * rate))
    return Allowance(min(texts, most), left, None if texts else max(ELSEWHERE, ahead - burst + 1 / rate))


def spend(heed: Heed, session: Session, now: datetime, segments: int, left_out: int) -> None:
    """Count what was claimed; `left_out` texts were due and had no room in the day."""
    rate, cap = heed.config.rate, heed.settings.daily_segments
    if rate is None and cap is None:
        return
    sender = heed.config.sender
    session.execute(insert(SenderPace).values(sender=sender).on_conflict_do_nothing())
    pace = session.get_one(SenderPace, sender, with_for_update=True)
    pace.segments, pace.day = _today(pace, now) + segments, london(now).date()
    if rate:
        wall = clock.wall(session)
        pace.through_at = max(pace.through_at or wall, wall) + timedelta(seconds=segments / rate)
    if left_out:
        _capped(heed, session, pace, now)


def learn(heed: Heed, session: Session, answers: Sequence[Answer], now: datetime) -> None:
    """Where the carrier, or the way to it, is too busy for a good part of a batch, the sender waits: what the carrier asked
    for, else a second, doubling to a minute while it goes on."""
    sender = heed.config.sender
    busy = [one for one in answers if isinstance(one, NotSent) and one.kind is CodeClass.WAIT]
    if len(busy) < BUSY_SHARE * len(answers):
        session.execute(
            update(SenderPace).where(SenderPace.sender == sender, SenderPace.strikes > 0).values(strikes=0)
        )
    elif busy:
        asked = max(one.retry_after or 0.0 for one in busy)
        session.execute(insert(SenderPace).values(sender=sender).on_conflict_do_nothing())
        session.execute(
            text(
                "UPDATE sender_pace SET strikes = strikes + 1, held_until = CAST(:now AS timestamptz)"
                " + make_interval(secs => least(:most, greatest(:asked, power(2, least(strikes, 6)))))"
                " WHERE sender = :sender"
            ),
            {"sender": sender, "asked": asked, "most": HOLD_MOST, "now": now},
        )


def _row(session: Session, sender: str, lock: bool) -> SenderPace | None:
    """The sender's row; with `lock` it is made where it is missing, and None where another process has it."""
    if not lock:
        return session.get(SenderPace, sender)
    locked = select(SenderPace).where(SenderPace.sender == sender).with_for_update(skip_locked=True)
    pace = session.scalar(locked)
    if pace is None:
        session.execute(insert(SenderPace).values(sender=sender).on_conflict_do_nothing())
        pace = session.scalar(locked)
    return pace


def _today(pace: SenderPace, now: datetime) -> int:
    """Segments claimed on the London day of `now`."""
    return pace.segments if pace.day == london(now).date() else 0


def _capped(heed: Heed, session: Session, pace: SenderPace, now: datetime) -> None:
    """The day's segments are used up: say so, and let nobody look again before it may have changed."""
    midnight = at_london(london(now).date() + timedelta(days=1), time.min)
    pace.capped_until = min(midnight, now + LOOK_AGAIN)
    alarms.sound(
        session,
        "daily-segments",
        f"sender:{heed.service}",
        now,
        segments=_today(pace, now),
        cap=heed.settings.daily_segments,
    )
