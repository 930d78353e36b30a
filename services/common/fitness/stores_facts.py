"""What the stores say: reach, schema, clock, processes, backups, stops and alarms, values under older keys."""

import time
from collections.abc import Iterator
from datetime import timedelta

from redis.exceptions import RedisError
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from services.common import alarms, clock, heartbeats, months, stops
from services.common.context import Heed
from services.common.fitness.facts import Fact, fail, ok, warn
from services.common.migrations import ahead, behind
from services.common.models import Backup

SKEW_LITTLE, SKEW_MUCH = 2.0, 30.0  # seconds; evidence at the carrier allows for two minutes
POSTGRESQL_LEAST = 15
KEY_OLD = timedelta(days=730)


def facts(heed: Heed) -> Iterator[Fact]:
    """The facts, one by one; without PostgreSQL there are no others to tell."""
    yield _valkey(heed)
    try:
        with heed.database.engine.connect() as connection:
            version = int(connection.scalar(text("SHOW server_version_num")) or 0) // 10000
            is_behind, is_ahead = behind(connection, heed.service), ahead(connection, heed.service)
            skew = abs(clock.wall(connection).timestamp() - time.time())
    except SQLAlchemyError as error:
        yield fail(
            "postgresql",
            f"does not answer ({type(error.__cause__ or error).__name__})",
            f"start it, or mend {heed.service.upper()}_DATABASE_URL",
        )
        return
    if version < POSTGRESQL_LEAST:
        yield fail("postgresql", f"version {version}", f"upgrade it to {POSTGRESQL_LEAST} or newer")
    else:
        yield ok("postgresql", f"version {version} answers")
    yield _skew(skew)
    if is_behind:
        yield fail("schema", "is not this code's", "run `heed migrate` with this release")
        return
    yield (
        warn(
            "schema",
            "is a later release's, which this one runs beside",
            "go on to that release once its fault is mended",
        )
        if is_ahead
        else ok("schema", "is this code's")
    )
    with heed.database.begin() as session:
        yield from _processes(session)
        yield _months(session)
        yield _backup(heed, session)
        yield _stops(session)
        yield _alarms(session)
        yield from _key_age(heed, session)


def _valkey(heed: Heed) -> Fact:
    try:
        heed.redis.ping()
    except RedisError as error:
        return fail("valkey", f"does not answer ({type(error).__name__})", "start it, or mend REDIS_URL")
    return ok("valkey", "answers")


def _skew(skew: float) -> Fact:
    said = f"this machine and PostgreSQL differ by {skew:.1f} s"
    do = "let both machines keep time by NTP"
    if skew > SKEW_MUCH:
        return fail("clock", said, do)
    return warn("clock", said, do) if skew > SKEW_LITTLE else ok("clock", said)


def _processes(session: Session) -> Iterator[Fact]:
    for kind in ("worker", "clock"):
        number = heartbeats.seen(session, kind)
        if number:
            yield ok(f"{kind}s", f"{number} seen in the last half minute")
        else:
            yield fail(
                f"{kind}s",
                "none was seen in the last half minute",
                f"start `heed {kind}` and look at its log",
            )


def _months(session: Session) -> Fact:
    """Whether the carrier's words of the next month have a place of their own."""
    now = clock.now(session)
    until = months.made_until(session, now)
    said = f"made until {until:%B %Y}"
    if until < months.after(months.of(now)):
        return fail(
            "months",
            said,
            "start `heed worker` and `heed clock`, and look in the worker's log for month-busy",
        )
    return ok("months", said)


def _backup(heed: Heed, session: Session) -> Fact:
    newest = session.scalar(select(func.max(Backup.taken_at)))
    hours, do = heed.settings.backup_hours, "run `heed backup --to FOLDER` every night"
    if newest is None:
        return (warn if hours is None else fail)("backup", "there is none", do)
    age = clock.wall(session) - newest
    said = f"the newest is {age.total_seconds() / 3600:.1f} hours old"
    return (
        fail("backup", said, do) if hours is not None and age > timedelta(hours=hours) else ok("backup", said)
    )


def _stops(session: Session) -> Fact:
    standing = stops.standing(session)
    if standing:
        return warn(
            "sending",
            f"is stopped since {standing[0].at.isoformat()}",
            "see `heed queue list`, then `heed resume`",
        )
    return ok("sending", "is not stopped")


def _alarms(session: Session) -> Fact:
    codes = sorted({one.code for one in alarms.sounding(session)})
    if codes:
        return warn("alarms", f"open: {', '.join(codes)}", "see `heed queue list` and docs/operations.md")
    return ok("alarms", "none is open")


def _key_age(heed: Heed, session: Session) -> Iterator[Fact]:
    """By the first text from a person that stands under the first key."""
    first = text(
        "SELECT received_at FROM inbound WHERE substring(from_enc FROM 1 FOR octet_length(:first)) = :first ORDER BY id LIMIT 1"
    )
    since = session.scalar(first, {"first": heed.cipher.head})
    if since is not None and clock.now(session) - since > KEY_OLD:
        yield warn(
            "key-age",
            f"the first encryption key is in use since {since.date()}",
            "rotate it: see docs/operations.md",
        )
    elif since is not None:
        yield ok("key-age", f"the first encryption key is in use since {since.date()}")
