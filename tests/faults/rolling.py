"""Every process restarted in its turn, and a new release taken and taken back, while texts, webhooks and pushes go on."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from services.common import clock, keys
from services.common.settings import SERVICES, ServiceName
from services.common.times import london
from tests.faults import promises, release
from tests.faults.balancer import Balancer
from tests.faults.judge import Promise
from tests.faults.kills import planned
from tests.faults.town import ROOT, Town
from tests.faults.trials import Campaign, Trial
from tests.support.ports import free_ports

ROLES = ("web", "web-2", "worker", "worker-2", "clock")
SECOND = tuple(f"{service}-{role}-2" for service in SERVICES for role in ("web", "worker"))
EACH, PAUSE = 4, 0.3  # texts of each kind at a time, and seconds between two times


@contextmanager
def balancers() -> Iterator[tuple[dict[ServiceName, Balancer], dict[str, str]]]:
    """One before each service, and the settings that make it the service's public address."""
    second, before = free_ports(), {service: Balancer() for service in SERVICES}
    settings = {f"{service.upper()}_PUBLIC_URL": one.url for service, one in before.items()}
    settings |= {f"{service.upper()}_PORT_2": second[f"{service.upper()}_PORT"] for service in SERVICES}
    try:
        yield before, settings
    finally:
        for one in before.values():
            one.stop()


def rolling(
    campaign: Campaign, before: Mapping[ServiceName, Balancer], second: Mapping[str, str], folder: Path
) -> Iterator[Trial]:
    """Each service's processes in turn; then Consultation's to the next release, and back beside its schema."""
    town = campaign.town
    for service, one in before.items():
        one.ports = (town.services[service].config.port, int(second[f"{service.upper()}_PORT_2"]))
    for service in SERVICES:
        told = f"{service}: every process restarted in its turn"
        yield _under_load(
            campaign, before[service], told, service, lambda one=service: _roll(town, one, ROOT)
        )
    following = release.following(folder)

    def up_and_down() -> int:
        town.heed("migrate", root=following)
        return 1 + _roll(town, "consultation", following) + _roll(town, "consultation", ROOT)

    told = "consultation: the next release taken, and taken back"
    yield _under_load(campaign, before["consultation"], told, "consultation", up_and_down)


def _roll(town: Town, service: ServiceName, root: Path) -> int:
    for role in ROLES:
        town.roll(f"{service}-{role}", root)
    return len(ROLES)


def _under_load(
    campaign: Campaign, balancer: Balancer, told: str, service: ServiceName, turn: Callable[[], int]
) -> Trial:
    """A trial. Whatever was not answered 2xx counts as lost, though its sender would try again and a look at the carrier find it."""
    taken, passed_on = balancer.taken, balancer.passed_on

    def act() -> tuple[int, list[Promise]]:
        load = Load(campaign, service, told)
        with load:
            tries = turn()
        return tries, load.come_due()

    trial = campaign.trial(told, service, act)
    trial.verdict.lost.extend(Promise(refused) for refused in balancer.refused)
    said = (
        f"{balancer.taken - taken:,} webhooks and pushes were taken, {len(balancer.refused)} refused {balancer.refused[:3]},"
        f" {balancer.passed_on - passed_on} passed on to the other process"
    )
    balancer.refused.clear()
    return replace(trial, story=(said, *trial.story))


class Load:
    """Texts owed, texts from people and, to Reminders, lists of people, again and again in a thread of its own."""

    def __init__(self, campaign: Campaign, service: ServiceName, told: str) -> None:
        self._campaign, self._town, self._service, self._told = campaign, campaign.town, service, told
        self._heed = campaign.town.services[service]
        with self._heed.database.begin() as session:
            now = clock.now(session)
            if service == "reminders":
                _, self._key = keys.add(session, ["listings:write"], "campaign", "campaign")
        self._hearing = promises.wednesday_after(london(now), 5)
        self._listed: list[str] = []
        self._promised: list[Promise] = []
        self._over = threading.Event()
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="load")

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        time.sleep(2 * PAUSE)
        self._over.set()
        self._thread.join()
        if self._failed:
            raise self._failed

    def come_due(self) -> list[Promise]:
        """Once all else is settled, let the listed people's first reminder come due; everything that was promised."""
        if self._listed:
            self._town.until(lambda: planned(self._town, len(self._listed)), "reminders of the lists", 120)
            self._town.settled(self._service, self._campaign.patience)
            self._town.heed("tick", "--now", f"{self._hearing - timedelta(days=3)}T10:01")
        return [*self._promised, *map(Promise, self._listed)]

    def _run(self) -> None:
        try:
            while not self._over.wait(PAUSE):
                self._once()
        except BaseException as error:
            self._failed = error

    def _once(self) -> None:
        numbers = self._campaign.numbers
        self._promised += promises.owe(self._heed, numbers.take(EACH), f"{self._told} {len(self._promised)}")
        self._promised += promises.ask(self._town, self._service, numbers.take(EACH))
        if self._service == "reminders":
            people = numbers.take(EACH)
            promises.push(self._town, self._key, promises.listed(people, self._hearing, "RR"))
            self._listed += people
