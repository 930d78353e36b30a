"""A backup every night at one hour, by a process that does nothing else.

What is due is read from the table of backups: a process that was not there at the hour takes the backup when it comes, two of them take one.
"""

import time as clocks
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from services.common import clock, heartbeats
from services.common.backup.sealing import Unreadable
from services.common.backup.take import take
from services.common.context import Heed
from services.common.database import lock_number
from services.common.logs import log
from services.common.models import Backup
from services.common.times import at_london, london_day

LOOK_EVERY, AGAIN_AFTER = 20.0, 600.0  # seconds between looks, and after a failure


def keep_taking(
    services: Sequence[Heed], folder: Path, keep: int | None, at: time, by: str, stopping: Callable[[], bool]
) -> None:
    """Take what is due until told to stop; a failure is logged and tried again, and an alarm sounds when the newest is too old."""
    for heed in services:
        heartbeats.keep_beating(heed, "backup")
    log.info("ready")
    next_look = dict.fromkeys((heed.service for heed in services), 0.0)
    while not stopping():
        for heed in services:
            if clocks.monotonic() >= next_look[heed.service]:
                well = take_due(heed, folder, keep, at, by)
                next_look[heed.service] = clocks.monotonic() + (LOOK_EVERY if well else AGAIN_AFTER)
        clocks.sleep(0.2)


def take_due(heed: Heed, folder: Path, keep: int | None, at: time, by: str) -> bool:
    """Take the night's backup if nobody has; False where it failed."""
    try:
        with heed.database.begin() as session:
            # Held until the end of this look, so that of two processes one takes it.
            session.execute(select(func.pg_advisory_xact_lock(lock_number("heed:nightly-backup"))))
            newest = session.scalar(select(func.max(Backup.taken_at)))
            if newest is None or newest < last(clock.wall(session), at):
                taken = take(heed, folder, by, keep)
                log.info("backup-taken", rows=taken["rows"], bytes=taken["bytes"], sealed=taken["sealed"])
    except (SQLAlchemyError, OSError, Unreadable) as error:
        log.error("backup-failed", exception=type(error).__name__, runbook="backup-failed")
        return False
    return True


def last(now: datetime, at: time) -> datetime:
    """The last instant, `now` at the latest, at which clocks in London showed `at`."""
    today = london_day(now)
    tonight = at_london(today, at)
    return tonight if tonight <= now else at_london(today - timedelta(days=1), at)
