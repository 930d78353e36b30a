"""Stores that are emptied, stopped, cut off, full and restarted while texts go out; and two of everything."""

import random
import time
from collections.abc import Callable, Iterator

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from services.common.context import Heed
from tests.faults.judge import Promise
from tests.faults.promises import owe
from tests.faults.stores import OwnStores
from tests.faults.trials import Campaign, Trial

SERVICE = "consultation"
PORTIONS, PAUSE, OUT_FOR = (
    6,
    0.5,
    5.0,
)  # portions of texts, seconds between them, seconds that a store is away
LONGEST_DRAIN = 1.5  # seconds that a portion's wake-up and drain take: a blow falls somewhere in them
# What a full disk makes PostgreSQL say (53100), said by a trigger: a disk cannot be filled without hurting who shares it.
FULL = """
CREATE OR REPLACE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
CREATE TRIGGER disk_full BEFORE {what} ON {table} EXECUTE FUNCTION disk_full();
"""
# First the answers cannot be recorded, which is the worst: texts are out and nothing says so. Then nothing can be written.
FULL_FOR = (("UPDATE", ("attempts",)), ("INSERT OR UPDATE", ("attempts", "outbox", "status_events")))


def stores(campaign: Campaign, own: OwnStores) -> Iterator[Trial]:
    """Each store in each kind of trouble."""
    heed = campaign.town.services[SERVICE]
    yield while_sending(campaign, "Valkey emptied", heed.redis.flushdb, PORTIONS)
    yield while_sending(campaign, f"Valkey stopped for {OUT_FOR:.0f} s", lambda: _valkey_away(own), 1)
    yield while_sending(campaign, "Valkey restarted", lambda: _valkey_away(own, 0), 2)
    yield while_sending(
        campaign, "PostgreSQL restarted", lambda: own.restart_postgres(gently=True), campaign.times
    )
    yield while_sending(
        campaign, "PostgreSQL crashed", lambda: own.restart_postgres(gently=False), campaign.times
    )
    yield while_sending(campaign, "every connection to PostgreSQL cut", lambda: _cut(heed), PORTIONS)
    yield while_sending(campaign, "disk full (SQLSTATE 53100)", lambda: _full(heed), 1)


def twice(campaign: Campaign) -> Iterator[Trial]:
    """Two workers and two clocks of one service at once."""
    extra = (f"{SERVICE}-worker-2", f"{SERVICE}-clock-2")
    campaign.town.start(*extra)
    yield while_sending(campaign, "two workers and two clocks at once", lambda: None, PORTIONS)
    campaign.town.stop(*extra)


def while_sending(campaign: Campaign, fault: str, strike: Callable[[], object], times: int) -> Trial:
    heed = campaign.town.services[SERVICE]
    chance = random.Random(f"{campaign.seed}{fault}")

    def act() -> tuple[int, list[Promise]]:
        promised: list[Promise] = []
        for portion in range(PORTIONS):
            promised += _owed_in_the_end(campaign, heed, fault, portion)
            if portion < times:
                time.sleep(chance.uniform(0, LONGEST_DRAIN))
                strike()
            time.sleep(PAUSE)
        return times, promised

    return campaign.trial(fault, SERVICE, act)


def _owed_in_the_end(campaign: Campaign, heed: Heed, fault: str, portion: int) -> list[Promise]:
    """Texts are promised once their transaction is committed; a cause that could not write them tries again."""
    numbers = campaign.numbers.take(campaign.texts * 4)
    for _ in range(100):
        try:
            return owe(heed, numbers, f"{fault} {portion}")
        except SQLAlchemyError:
            time.sleep(0.1)
    raise RuntimeError("the database did not come back")


def _valkey_away(own: OwnStores, seconds: float = OUT_FOR) -> None:
    own.valkey.stop()
    time.sleep(seconds)
    own.valkey.start()


def _cut(heed: Heed) -> None:
    with heed.database.begin() as session:
        session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


def _full(heed: Heed) -> None:
    for what, tables in FULL_FOR:
        # One table at a time: locks on two would wait for a sender that has one and wants the other.
        for table in tables:
            with heed.database.begin() as session:
                session.execute(text(FULL.format(what=what, table=table)))
        time.sleep(OUT_FOR / 2)
        for table in tables:
            with heed.database.begin() as session:
                session.execute(text(f"DROP TRIGGER disk_full ON {table}"))
