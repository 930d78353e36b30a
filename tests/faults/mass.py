"""Very many texts under everything at once: bad answers and callbacks by rate, kills at random, Valkey emptied, PostgreSQL restarted."""

import sys
import time
from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy.exc import OperationalError

from services.common.context import Heed
from tests.faults import evidence
from tests.faults.judge import Promise
from tests.faults.kills import Killer
from tests.faults.promises import owe
from tests.faults.stores import OwnStores
from tests.faults.trials import Campaign, Trial

SERVICE = "consultation"
# One text in ten meets something; the figures are shares of all texts.
RATES = {
    **dict.fromkeys(("error-before", "error-after", "answer-lost", "reset-before", "reset-after"), 0.005),
    **dict.fromkeys(("busy-twice", "callback-lost", "callback-twice", "callback-reversed"), 0.01),
    **dict.fromkeys(("callback-first", "landline", "unknown", "filtered"), 0.005),
    **dict.fromkeys(("opted-out", "invalid"), 0.002),
    "slow": 0.001,
}
KILLED = ("web", "worker", "clock")
HASTE = (8.0, 24.0)  # seconds between two kills at random
SHAKE_EVERY = 20.0  # and between two blows to the stores
LOOK_EVERY = 3.0
PATIENCE = 3600.0


def mass(campaign: Campaign, own: OwnStores, many: int) -> Iterator[Trial]:
    """So many texts due at once."""
    town, heed = campaign.town, campaign.town.services[SERVICE]
    town.control("faults", {"seed": campaign.seed, "rates": RATES})
    names = tuple(f"{SERVICE}-{role}" for role in KILLED)
    town.start(f"{SERVICE}-worker-2")

    def act() -> tuple[int, list[Promise]]:
        promised = owe(heed, campaign.numbers.take(many), "mass")
        blows, next_blow = 0, time.monotonic() + SHAKE_EVERY / 2
        with Killer(town, (*names, f"{SERVICE}-worker-2"), campaign.seed, haste=HASTE) as killer:
            while (left := _left(heed)) > many // 50:
                if time.monotonic() >= next_blow:
                    _blow(own, campaign, blows)
                    blows, next_blow = blows + 1, time.monotonic() + SHAKE_EVERY
                _say(f"{left:,} of {many:,} texts to go, {killer.kills} kills, {blows} blows to the stores")
                time.sleep(LOOK_EVERY)
        return killer.kills + blows, promised

    trial = campaign.trial(f"{many:,} texts under mixed faults", SERVICE, act, patience=PATIENCE)
    _say("")
    town.control("faults", {})
    town.stop(f"{SERVICE}-worker-2")
    yield replace(trial, story=(*trial.story, *evidence.settled_by(heed)))


def _blow(own: OwnStores, campaign: Campaign, number: int) -> None:
    """Valkey is emptied; every third time PostgreSQL is restarted, in turn gently and as in a crash."""
    if number % 3 == 2:
        own.restart_postgres(gently=number % 2 == 0)
    else:
        campaign.town.services[SERVICE].redis.flushdb()


def _left(heed: Heed) -> int:
    for _ in range(100):
        try:
            return sum(evidence.unsettled(heed).values())
        except OperationalError:  # the database is being restarted
            time.sleep(0.2)
    raise RuntimeError("the database did not come back")


def _say(words: str) -> None:
    """Show a person how far it is."""
    if sys.stderr.isatty():
        print(f"\r{words:<100}", end="" if words else "\r", file=sys.stderr, flush=True)
