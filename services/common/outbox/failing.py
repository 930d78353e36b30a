"""Failures after acceptance that are too many to be chance: an alarm, a window at a time."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.common import alarms, clock
from services.common.carrier_codes import CodeClass, action, classify, meaning
from services.common.context import Heed
from services.common.models import StatusEvent
from services.common.outbox import looks
from services.common.outbox.states import FAILING

NAME = "failures"
EVERY, WINDOW = timedelta(minutes=15), timedelta(hours=1)
# Fewer than ten failures an hour may be chance. Networks report two or three in a hundred as undelivered on an ordinary day; a code that
# says "blocked" or "filtered" is rare, so that one in twenty is a sign already; of all failures together one in four is.
FEW = 10
SHARE_OF_A_CODE, SHARE_OF_ALL = 0.05, 0.25


def too_many(delivered: int, failed: Mapping[int, int]) -> list[tuple[str, int]]:
    """What calls for an alarm among the last words of a window: (subject, failures), by codes whose text is not to be repeated, and of
    all together. `failed` counts by the carrier's code, 0 where it gave none.

    >>> too_many(100, {30007: 10}), too_many(100, {30007: 9}), too_many(10, {30003: 10})
    ([('code:30007', 10)], [], [('all', 10)])
    """
    total = delivered + sum(failed.values())
    found = [
        (f"code:{code}", number)
        for code, number in sorted(failed.items())
        if classify(code) is CodeClass.DO_NOT_REPEAT and number >= FEW and number >= SHARE_OF_A_CODE * total
    ]
    every = sum(failed.values())
    if every >= FEW and every >= SHARE_OF_ALL * total:
        found.append(("all", every))
    return found


def is_due(heed: Heed, session: Session, now: datetime) -> bool:
    """Whether it is time to look."""
    return looks.is_due(session, NAME, now)


def check(heed: Heed) -> None:
    """Count the last words of the window, and sound what is too much."""
    with heed.database.begin() as session:
        now = clock.now(session)
        if looks.take(session, NAME, now, now + EVERY) is None:
            return
        words = _words(session, now - WINDOW)
        delivered = words.pop(None, 0)
        total = delivered + sum(words.values())
        for subject, failed in too_many(
            delivered, {code: n for code, n in words.items() if code is not None}
        ):
            code = int(subject.removeprefix("code:")) if subject != "all" else None
            about = {} if code is None else {"meaning": meaning(code), "action": action(code)}
            alarms.sound(session, "texts-failing", subject, now, failed=failed, of=total, **about)
        looks.done(session, NAME, now + EVERY)


def _words(session: Session, since: datetime) -> Counter[int | None]:
    """Last words since a time: by code, 0 where there was none, None for delivered."""
    rows = session.execute(
        select(StatusEvent.status, StatusEvent.error_code, func.count())
        .where(
            StatusEvent.received_at >= since,
            StatusEvent.status.in_((*FAILING, "delivered")),
            StatusEvent.flag.is_(None),
        )
        .group_by(StatusEvent.status, StatusEvent.error_code)
    )
    found: Counter[int | None] = Counter()
    for word, code, texts in rows:
        found[(code or 0) if word in FAILING else None] += texts
    return found
