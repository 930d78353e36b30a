"""The day itself: lists are pushed on the afternoon before, then the hours pass on Heed's clock, so many times as fast as in life."""

import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from datetime import time as time_of_day

from sqlalchemy import text

from services.common import clock, keys
from services.common.context import Heed
from services.common.times import at_london
from tests.bench.memory import family_seconds, family_share
from tests.faults import promises
from tests.faults.town import Town
from tests.national.nation import Nation

LISTED, BEGINS, ENDS = time_of_day(16), time_of_day(10), time_of_day(20)
# Whatever still waits at half past seven is waited for: the window closes at eight.
LAST = timedelta(minutes=30)
BEATS, BEAT_MOST = 40, 60.0  # the clock moves so often a day; real seconds between two moves, at most
LOOK_EVERY = 5.0  # real seconds between two looks at memory
PATIENCE = 4 * 3600.0
UNDER_WAY = text(
    "SELECT (SELECT count(*) FROM outbox WHERE state = 'pending' AND due_at <= :now)"
    " + (SELECT count(*) FROM outbox WHERE state = 'claimed')"
)


class Shares(threading.Thread):
    """What every process takes: looks from time to time at its memory, and keeps the most of each and of all together, in megabytes."""

    def __init__(self, town: Town, stores: Mapping[str, int]) -> None:
        super().__init__(name="shares")
        self._town, self._stores, self._over = town, stores, threading.Event()
        self.most: Counter[str] = Counter()
        self.at_once = 0.0

    def run(self) -> None:
        """Look until told to stop."""
        while True:
            now = {name: family_share(pid) for name, pid in self._pids().items()}
            self.most |= Counter(now)
            # The stand-in carrier is the other side of the wire.
            self.at_once = max(self.at_once, sum(now.values()) - now.get("sandbox", 0.0))
            if self._over.wait(LOOK_EVERY):
                return

    def seconds(self) -> Counter[str]:
        """Processor seconds of each since it began."""
        return Counter({name: family_seconds(pid) for name, pid in self._pids().items()})

    def _pids(self) -> dict[str, int]:
        return self._stores | self._town.pids()

    def stop(self) -> None:
        """Stop looking."""
        self._over.set()
        self.join()


def publish(town: Town, nation: Nation) -> tuple[int, float]:
    """Every force pushes its list on the afternoon before; how many rows, and the real seconds until all are applied."""
    heed = town.services["reminders"]
    clock.move_to(heed.database, at_london(nation.day - timedelta(days=1), LISTED))
    with heed.database.begin() as session:
        _, key = keys.add(session, ["listings:write"], "national day", "national day")
    begun, rows = time.monotonic(), 0
    for body, many in nation.lists():
        promises.push(town, key, body)
        rows += many
        say(f"{rows:,} rows pushed")
    town.until(lambda: not _waiting(heed), "lists to be applied", PATIENCE)
    return rows, time.monotonic() - begun


def faster(hours_real: float) -> float:
    """How many times as fast as in life the day's ten hours pass."""
    return max(1.0, 10 / hours_real)


def play(town: Town, nation: Nation, hours_real: float) -> float:
    """From ten to eight on Heed's clock, which would take so many real hours; the real seconds until nothing was under way.

    The clock stands where texts are on the wire (`clock.in_flight`), so it moves in beats.
    """
    heed = town.services["reminders"]
    begins, ends = at_london(nation.day, BEGINS), at_london(nation.day, ENDS)
    times = faster(hours_real)
    beat = min(BEAT_MOST, hours_real * 3600 / BEATS)
    clock.move_to(heed.database, begins + timedelta(seconds=1))
    begun = time.monotonic()
    # The clock finds what is due within a second, and a drain takes hold of it; an empty moment before that is not the end.
    town.until(lambda: _at_all(heed), "the first texts", 120)
    while left := _left(heed):
        time.sleep(beat)
        passed = timedelta(seconds=(time.monotonic() - begun) * times)
        _forward(heed, min(begins + passed, ends - LAST))
        say(f"{_now(heed):%H:%M} on Heed's clock, {left:,} texts to go")
    sent = time.monotonic() - begun
    # What is uncertain is looked for a minute and ten minutes after, and may then go once more.
    while (present := _now(heed)) < ends:
        town.settled("reminders", PATIENCE)
        _forward(heed, min(present + timedelta(hours=1), ends))
    town.settled("reminders", PATIENCE)
    return sent


def say(words: str) -> None:
    """Show a person how far it is."""
    if sys.stderr.isatty():
        print(f"\r{words:<80}", end="", file=sys.stderr, flush=True)


def _forward(heed: Heed, target: datetime) -> None:
    if target > _now(heed):
        clock.move_to(heed.database, target)


def _now(heed: Heed) -> datetime:
    with heed.database.begin() as session:
        return clock.now(session)


def _waiting(heed: Heed) -> bool:
    with heed.database.begin() as session:
        return bool(session.scalar(text("SELECT EXISTS (SELECT FROM deliveries WHERE applied_at IS NULL)")))


def _at_all(heed: Heed) -> bool:
    with heed.database.begin() as session:
        return bool(session.scalar(text("SELECT EXISTS (SELECT FROM attempts)")))


def _left(heed: Heed) -> int:
    with heed.database.begin() as session:
        return int(session.scalar(UNDER_WAY, {"now": clock.now(session)}) or 0)
