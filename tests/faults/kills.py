"""kill -9 of each kind of process, at each named step and at random."""

import random
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from services.common import clock, keys
from services.common.settings import ServiceName
from services.common.times import london
from tests.faults import promises, steps
from tests.faults.judge import Promise
from tests.faults.promises import ask, owe
from tests.faults.town import Broken, Town
from tests.faults.trials import Campaign, Trial

# Which process dies at which step, and what must be going on for it to pass there.
WORKER = (
    *((f"claim:{moment}", "texts") for moment in ("before", "written", "committed")),
    *((f"post:{moment}", "texts") for moment in ("before", "after")),
    *((f"record:{moment}", "texts") for moment in ("before", "written", "committed")),
    *((f"look:{moment}", "silence") for moment in ("before", "after")),
    *((f"intend:{moment}", "questions") for moment in ("before", "written", "committed")),
)
WEB = (
    *((f"keep:{moment}", "questions") for moment in ("before", "written", "committed")),
    *((f"tell:{moment}", "texts") for moment in ("before", "written", "committed")),
    *((f"wake:{moment}", "questions") for moment in ("before", "after")),
)
CLOCK = tuple((f"wake:{moment}", "texts") for moment in ("before", "after"))
AT_STEPS = {"worker": WORKER, "web": WEB, "clock": CLOCK}
# Half of the callbacks are lost, or they would settle what a death left open before the carrier's list is asked.
MEANWHILE = {"texts": {"callback-lost": 0.5}, "unheard": {"callback-lost": 1}, "silence": {"error-before": 1}}
DEATH_WITHIN = 30.0
HASTE = (1.0, 4.0)  # seconds between two kills at random
KILLS = 6


def at_steps(campaign: Campaign, only: str | None = None) -> Iterator[Trial]:
    """Every step of every kind of process, the two services in turn."""
    services: tuple[ServiceName, ...] = ("consultation", "reminders")
    number = 0
    for role, passed in AT_STEPS.items():
        for step, going_on in passed:
            number += 1
            if only in (None, step):
                yield at_step(campaign, services[number % 2], role, step, going_on)


def at_step(
    campaign: Campaign, service: ServiceName, role: str, step: str, going_on: str, more: tuple[str, ...] = ()
) -> Trial:
    """The process dies at the step, as often as the campaign says, each time with fresh work going on. `more` options."""
    town, name = campaign.town, f"{service}-{role}"
    notes = dying(town, name, campaign.times, step, more=more)
    town.control("faults", {"seed": campaign.seed, "rates": MEANWHILE.get(going_on, {})})
    promised: list[Promise] = []

    def act() -> tuple[int, list[Promise]]:
        each = max(6, campaign.texts // campaign.times)
        for death in range(campaign.times):
            numbers = campaign.numbers.take(each)
            if going_on == "questions":
                promised.extend(ask(town, service, numbers))
            else:
                promised.extend(owe(town.services[service], numbers, f"{role} {step}"))
            wait_for_death(town, notes, death)
        return steps.deaths(notes), promised

    trial = campaign.trial(f"{role}: kill -9 at {step}", service, act)
    town.control("faults", {})
    town.restart(name)
    return trial


def dying(town: Town, name: str, times: int, *at: str, more: tuple[str, ...] = ()) -> Path:
    """Start a process anew that will die at these steps, so many times at each; the folder of the last step's notes."""
    notes = town.folder / "deaths" / name
    options = [part for step in at for part in ("--die", step)]
    town.restart(name, wrapped=(*options, "--times", str(times), "--notes", str(notes), *more))
    return notes / at[-1]


def wait_for_death(town: Town, notes: Path, before: int = 0) -> None:
    """Until the process has died once more than `before`; one that does not pass the step shows in the row as fewer tries."""
    with suppress(Broken):
        town.until(lambda: steps.deaths(notes) > before, f"a death at {notes.name}", DEATH_WITHIN)


class Killer:
    """Kills one of the processes at random, again and again, in a thread of its own."""

    def __init__(
        self, town: Town, names: tuple[str, ...], seed: int, haste: tuple[float, float] = HASTE
    ) -> None:
        self._town, self._names, self._haste = town, names, haste
        self._chance = random.Random(seed)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="killer")
        self.kills = 0

    def __enter__(self) -> "Killer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(self._chance.uniform(*self._haste)):
            self.kills += self._town.kill(self._chance.choice(self._names))


def at_random(campaign: Campaign) -> Iterator[Trial]:
    """Any process of a service, while texts go out and people write in; and from a court's list to its reminders."""
    town, heed = campaign.town, campaign.town.services["consultation"]
    names = tuple(f"consultation-{role}" for role in ("web", "worker", "clock"))

    def act() -> tuple[int, list[Promise]]:
        promised: list[Promise] = []
        with Killer(town, names, campaign.seed) as killer:
            while killer.kills < KILLS * campaign.times:
                promised += owe(heed, campaign.numbers.take(campaign.texts), f"at random {len(promised)}")
                promised += ask(town, "consultation", campaign.numbers.take(campaign.texts // 2))
        return killer.kills, promised

    yield campaign.trial("any process: kill -9 at random", "consultation", act)
    yield feed(campaign)


def feed(campaign: Campaign) -> Trial:
    """A court's list is pushed, applied and its reminders sent, while web, worker and clock die at random."""
    town, heed = campaign.town, campaign.town.services["reminders"]
    with heed.database.begin() as session:
        _, key = keys.add(session, ["listings:write"], "campaign", "campaign")
        now = clock.now(session)
    hearing = promises.wednesday_after(london(now), 5)
    numbers = campaign.numbers.take(campaign.texts * 2)
    names = tuple(f"reminders-{role}" for role in ("web", "worker", "clock"))

    def act() -> tuple[int, list[Promise]]:
        with Killer(town, names, campaign.seed) as killer:
            promises.push(town, key, promises.listed(numbers, hearing, "KF"))
            town.until(lambda: planned(town, len(numbers)), "reminders of the pushed list", 120)
            town.heed("tick", "--now", f"{hearing - timedelta(days=3)}T10:01")
        return killer.kills, [Promise(number) for number in numbers]

    return campaign.trial("any process: kill -9 at random, from feed to reminder", "reminders", act)


def planned(town: Town, people: int) -> bool:
    """Whether the list was applied: it plans two reminders a person."""
    with town.services["reminders"].database.begin() as session:
        waiting = session.scalar(
            text("SELECT count(*) FROM outbox WHERE state = 'pending' AND kind <> 'reply'")
        )
    return bool(waiting and waiting >= 2 * people)
