"""The stage: the running services, the clock that the story moves, and what has come out so far."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from services.cli.tick import sweeps_of
from services.common import clock, work
from services.common.context import Heed
from services.common.models import Outbox
from services.common.outbox.states import TERMINAL, State
from services.demo.checks import Checks
from services.demo.client import Client
from services.demo.script import Moment, Script, Texts

STUCK = 5.0  # seconds without progress after which Heed's time is let pass, so that evidence is sought
LET_PASS_MOST = 4  # times ten minutes: a look after one, another after ten, and the text goes out again
GIVE_UP = 90.0
LOOK_AGAIN = 0.05
NO_NEWS = "without the carrier's last word"
ON_THE_WIRE = frozenset({State.CLAIMED, State.UNCERTAIN})


class StoryError(Exception):
    """The story cannot go on; the message says at what."""


@dataclass
class Stage:
    """Both services and the carrier over HTTP; their clocks and sweeps in this process; the script and the checks."""

    reminders: Client
    consultation: Client
    sandbox: Client
    heeds: tuple[Heed, ...]
    script: Script
    checks: Checks = field(default_factory=Checks)
    seen: int = 0
    latest: list[dict[str, Any]] = field(default_factory=list)

    def at(self, moment: Moment) -> datetime:
        """The instant of a moment of the story (UTC)."""
        return self.script.days.at(*moment)

    def go(self, moment: Moment) -> datetime:
        """Move every clock to a moment and do all that is due then. What the carrier still has to say is waited for."""
        target = self.at(moment)
        # The time that `settle` lets pass may have gone beyond the moment already.
        if target > self._now():
            self._set_clocks(target)
        self.settle()
        return target

    def settle(self) -> None:
        """Run every sweep until nothing is due, on the wire or without the carrier's last word.

        A process that was killed between its claim and the carrier's answer leaves a text uncertain: Heed looks for evidence
        after a minute and again after ten. The story lets that time pass rather than wait for it. Raises StoryError.
        """
        end = time.monotonic() + GIVE_UP
        before, since, let_pass = self._open(), time.monotonic(), 0
        while True:
            ran = sum(self._run_due(heed) for heed in self.heeds)
            now = self._open()
            if not ran and not now:
                return
            if now != before:
                before, since = now, time.monotonic()
            elif let_pass < LET_PASS_MOST and time.monotonic() - since > STUCK:
                self._let_time_pass()
                since, let_pass = time.monotonic(), let_pass + 1
            if time.monotonic() > end:
                if set(now) == {NO_NEWS}:
                    return  # the carrier has given up telling; what was delivered will differ from the script
                raise StoryError(f"texts are still open after {GIVE_UP:.0f} s: {dict(now)}; see the logs")
            time.sleep(LOOK_AGAIN)

    def arrived(self) -> Texts:
        """The texts that the carrier accepted since the last look, (number, words) → how often; `latest` has them in full."""
        listed = self.sandbox.get("/sandbox/messages", since=self.seen)
        self.seen = listed["last"]
        self.latest = [one for one in listed["messages"] if one["direction"] == "outbound-api"]
        return Counter((one["to"], one["body"]) for one in self.latest)

    def _set_clocks(self, target: datetime) -> None:
        for heed in self.heeds:
            clock.move_to(heed.database, target)
        self.sandbox.post("/sandbox/clock", {"now": target.isoformat()})

    def _let_time_pass(self) -> None:
        self._set_clocks(self._now() + timedelta(seconds=self.heeds[0].settings.settle_again + 5))

    def _now(self) -> datetime:
        """The later of both services' clocks."""
        times = []
        for heed in self.heeds:
            with heed.database.begin() as session:
                times.append(clock.now(session))
        return max(times)

    def _run_due(self, heed: Heed) -> int:
        """Run what is due now, as `heed tick` does; rows that another process has on the wire are not run but waited for."""
        ran = 0
        for sweep in sweeps_of(heed.service):
            for ids in work.due(heed, sweep):
                sweep.job(*ids)
                ran += 1
        return ran

    def _open(self) -> Counter[str]:
        """Texts on the wire, uncertain, or accepted without a last word of the carrier."""
        found: Counter[str] = Counter()
        for state, status, number in self._texts():
            if state in ON_THE_WIRE:
                found[state] += number
            elif state == State.ACCEPTED and status not in TERMINAL:
                found[NO_NEWS] += number
        return found

    def _texts(self) -> Iterator[tuple[str, str | None, int]]:
        query = select(Outbox.state, Outbox.carrier_status, func.count()).group_by(
            Outbox.state, Outbox.carrier_status
        )
        for heed in self.heeds:
            with heed.database.begin() as session:
                yield from ((state, status, number) for state, status, number in session.execute(query))
