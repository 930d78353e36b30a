"""What nobody else would notice: a worker or Valkey that is gone, texts that wait, a stop that was forgotten, a backup that is old.

The clock looks, because it needs neither worker nor Valkey. While all is well it says so to an outside watcher, which is to ring when
that ends: a machine that is gone tells nobody.
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import requests
from redis.exceptions import RedisError
from sqlalchemy import exists, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from services.common import alarms, clock, heartbeats, months
from services.common.alerting import telling
from services.common.alerting.kinds import KINDS
from services.common.context import Heed
from services.common.inbound import FAILURES_MOST
from services.common.logs import log
from services.common.models import Alarm, Attempt, Backup, Inbound, Outbox, SenderPace, SendingStop
from services.common.outbox.states import State

EVERY, LOOK_EVERY, BEAT_EVERY = 5.0, 15.0, 60.0  # seconds between tellings, looks, and signs of life
PATIENCE = 5.0
MINUTE, WEEK = timedelta(minutes=1), timedelta(days=7)
GONE, TEXTS_LATE, INBOUND_LATE, STOPPED = 2 * MINUTE, 15 * MINUTE, 5 * MINUTE, 60 * MINUTE


class Watch:
    """One clock's looking. It remembers since when it has missed a worker or Valkey, and which text it saw waiting."""

    def __init__(self, heed: Heed) -> None:
        self._heed = heed
        self._since: dict[str, datetime] = {}
        self._waiting: int | None = None

    def look(self) -> bool:
        """Sound what is wrong; whether all is well."""
        valkey = self._valkey_answers()
        with self._heed.database.begin() as session:
            now = clock.now(session)
            worker = heartbeats.seen(session, "worker") > 0
            if self._long(now, "valkey", missing=not valkey):
                _sound(session, "valkey-gone", now)
            if self._long(now, "worker", missing=not worker):
                _sound(session, "workers-gone", now)
            waits = self._inbound_late(session, now) or _texts_late(session, now)
            if self._long(now, "month", missing=_no_month(session, now)):
                _sound(session, "month-missing", now)
            _forgotten_stop(session, now)
            _old_backup(session, self._heed.settings.backup_hours, now)
        return valkey and worker and not waits

    def _valkey_answers(self) -> bool:
        try:
            return bool(self._heed.redis.ping())
        except RedisError:
            return False

    def _long(self, now: datetime, what: str, *, missing: bool) -> bool:
        """Whether something has been missing for longer than a restart takes."""
        if not missing:
            self._since.pop(what, None)
            return False
        return now - self._since.setdefault(what, now) >= GONE

    def _inbound_late(self, session: Session, now: datetime) -> bool:
        """Whether a person's text waits to be understood, at two looks: one that was fetched late is old when it comes.

        One that failed twenty times waits for a fix, and has its own word in the log.
        """
        oldest = session.execute(
            select(Inbound.id, Inbound.received_at)
            .where(
                Inbound.handled_at.is_(None),
                Inbound.failures < FAILURES_MOST,
                Inbound.received_at <= now - INBOUND_LATE,
            )
            .order_by(Inbound.id)
            .limit(1)
        ).first()
        before, self._waiting = self._waiting, oldest.id if oldest else None
        if oldest is None or before != oldest.id:
            return False
        _sound(session, "inbound-late", now, seconds=int((now - oldest.received_at).total_seconds()))
        return True


def _sound(session: Session, code: str, now: datetime, /, **detail: int) -> None:
    """Sound what goes on; one that somebody sees to stays silent until it would be told again."""
    quiet = now - (KINDS[code].again or timedelta())
    seen_to = select(exists().where(Alarm.code == code, Alarm.acknowledged_at > quiet))
    if not session.scalar(seen_to):
        alarms.sound(session, code, "watch", now, **detail)


def _texts_late(session: Session, now: datetime) -> bool:
    """Whether a text should have gone, and nothing keeps it back: no stop, no cap, no wait that the carrier asked for."""
    waits = (SenderPace.capped_until > now) | (SenderPace.held_until > now)
    if session.scalar(select(exists().where(SendingStop.lifted_at.is_(None)) | exists().where(waits))):
        return False
    oldest = session.scalar(select(func.min(Outbox.due_at)).where(Outbox.state == State.PENDING))
    if oldest is None or now - oldest < TEXTS_LATE:
        return False
    _sound(session, "texts-late", now, seconds=int((now - oldest).total_seconds()))
    return True


def _no_month(session: Session, now: datetime) -> bool:
    """Whether the month that a week from now is in has no place of its own: it was to be made two months ago."""
    return months.made_until(session, now) < months.of(now + WEEK)


def _forgotten_stop(session: Session, now: datetime) -> None:
    since = session.scalar(select(func.min(SendingStop.at)).where(SendingStop.lifted_at.is_(None)))
    if since is None or now - since < STOPPED:
        return
    waiting = (
        select(func.count()).select_from(Outbox).where(Outbox.state == State.PENDING, Outbox.due_at <= now)
    )
    if texts := session.scalar(waiting):
        _sound(session, "sending-stopped", now, texts=texts)


def _old_backup(session: Session, hours: int | None, now: datetime) -> None:
    """Without a first backup, its age counts from the first text that was sent."""
    if hours is None:
        return
    newest = session.scalar(select(func.max(Backup.taken_at))) or session.scalar(
        select(func.min(Attempt.claimed_wall))
    )
    age = clock.wall(session) - newest if newest else timedelta()
    if age > timedelta(hours=hours):
        _sound(session, "backup-late", now, hours=int(age.total_seconds() // 3600))


def beat(heed: Heed) -> tuple[bool, str] | None:
    """Say to the outside watcher that all is well: whether it took that, and its answer; None where none is set."""
    url = heed.settings.alerts.heartbeat.replace("{service}", heed.service)
    if not url:
        return None
    try:
        answer = requests.get(url, timeout=PATIENCE, allow_redirects=False)
        taken, said = answer.status_code < 300, f"HTTP {answer.status_code}"
    except requests.RequestException as error:
        taken, said = False, type(error).__name__
    if not taken:
        log.warning("heartbeat-not-taken", answer=said)
    return taken, said


def keep_watch(heed: Heed, stopping: Callable[[], bool]) -> threading.Thread:
    """Look, tell and beat in a thread of the clock's until told to stop."""

    def run() -> None:
        watch, next_look, next_beat = Watch(heed), 0.0, 0.0
        while not stopping():
            present = time.monotonic()
            try:
                if present >= next_look:
                    next_look = present + LOOK_EVERY
                    if watch.look() and present >= next_beat:
                        next_beat = present + BEAT_EVERY
                        beat(heed)
                telling.tell(heed)
            except SQLAlchemyError as error:
                log.warning("watch-missed", exception=type(error).__name__)
            _rest(stopping)

    thread = threading.Thread(target=run, name="watch", daemon=True)
    thread.start()
    return thread


def _rest(stopping: Callable[[], bool]) -> None:
    end = time.monotonic() + EVERY
    while not stopping() and time.monotonic() < end:
        time.sleep(0.1)
