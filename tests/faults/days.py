"""Whole days on Heed's own clock: a carrier that is away for one, and the nights on which London's clocks change."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import requests
from sqlalchemy import text

from services.common import clock
from services.common.times import LONDON, london
from tests.faults.judge import Promise
from tests.faults.promises import listed, owe
from tests.faults.town import Town
from tests.faults.trials import Campaign, Trial

EVERY = timedelta(minutes=30)  # between texts of a night, and the steps in which it passes
# Hours. Heed waits up to a minute of real time after a carrier that turns everything away, so each step costs one.
OUTAGE, STEP = 24, 8


def outage(campaign: Campaign) -> Iterator[Trial]:
    """No carrier for a day: what is of no use by then is cancelled, what cannot be told is put before a person, the rest goes."""
    town, service = campaign.town, "consultation"
    heed = town.services[service]
    clocked = (f"{service}-worker", f"{service}-clock")

    def act() -> tuple[int, list[Promise]]:
        town.stop(*clocked)
        # These have an attempt of which nobody knows, when the carrier goes away.
        town.control("faults", {"seed": 1, "rates": {"error-before": 1}})
        promised = owe(heed, campaign.numbers.take(6), "doubtful before the outage", useful=48)
        town.heed("tick", "--now", _at(_present(town) + timedelta(minutes=1)))
        town.stop("sandbox")
        for hour in range(0, OUTAGE, STEP):
            numbers = campaign.numbers.take(2 * STEP)
            promised += owe(heed, numbers[:STEP], f"outage {hour} short", useful=4)
            promised += owe(heed, numbers[STEP:], f"outage {hour} long", useful=48)
            town.heed("tick", "--now", _at(_present(town) + timedelta(hours=STEP)))
        town.start("sandbox")
        town.control("faults", {})
        town.heed("tick", "--now", _at(_present(town) + timedelta(minutes=20)))
        town.start(*clocked)
        return OUTAGE, promised

    yield campaign.trial("carrier away for a day, and catching up", service, act)


def nights(campaign: Campaign) -> Iterator[Trial]:
    """The night on which London's clocks go on, and that on which they go back: texts all night, reminders the day after."""
    present = _present(campaign.town)
    for sunday in _changes(present.date() + timedelta(days=14)):
        yield _night(campaign, sunday)
        yield _morning(campaign, sunday)


def _night(campaign: Campaign, sunday: date) -> Trial:
    town, heed = campaign.town, campaign.town.services["consultation"]
    begin = datetime(sunday.year, sunday.month, sunday.day, tzinfo=LONDON) - timedelta(hours=1)
    begin, hours = begin.astimezone(clock.UTC), 6

    def act() -> tuple[int, list[Promise]]:
        town.heed("tick", "--now", _at(begin))
        promised: list[Promise] = []
        for step in range(2 * hours):
            due = begin + (step + 1) * EVERY
            promised += owe(heed, campaign.numbers.take(2), f"night {sunday} {step}", at=due)
        for step in range(2 * hours):
            town.heed("tick", "--now", _at(begin + (step + 1) * EVERY))
        return 2 * hours, promised

    return campaign.trial(f"the clocks change on {sunday}: a text every half hour", "consultation", act)


def _morning(campaign: Campaign, sunday: date) -> Trial:
    """People with hearings on Monday are reminded on Friday and on Sunday at 10 by the clock on the wall, once each."""
    town = campaign.town
    numbers = campaign.numbers.take(8)
    path = town.folder / f"monday-{sunday}.csv"
    path.write_bytes(listed(numbers, sunday + timedelta(days=1), f"N{sunday:%m}"))
    promised = [Promise(number) for number in numbers]

    def act() -> tuple[int, list[Promise]]:
        town.heed("reminders", "ingest", str(path))
        town.heed("tick", "--now", f"{sunday}T09:59")
        assert not _shown(town, numbers), "nobody is reminded before ten"
        town.heed("tick", "--now", f"{sunday}T10:01")
        return 1, promised

    trial = campaign.trial(f"the clocks change on {sunday}: reminders at ten that morning", "reminders", act)
    hours = {london(moment).hour for moment in _shown(town, numbers)}
    if hours - {10}:
        trial.verdict.wrong.extend(promised)
    return trial


def _shown(town: Town, numbers: list[str]) -> list[datetime]:
    """When the phones showed their texts, by the handsets' clock."""
    found = requests.get(f"{town.sandbox}/sandbox/messages", timeout=60).json()["messages"]
    return [datetime.fromisoformat(one["shown_at"]) for one in found if one["to"] in set(numbers)]


def _changes(after: date) -> list[date]:
    """The next two Sundays on which London's offset is not the same at noon as the day before."""
    days = (after + timedelta(days=number) for number in range(400))
    return [day for day in days if _offset(day) != _offset(day - timedelta(days=1))][:2]


def _offset(day: date) -> timedelta | None:
    return datetime(day.year, day.month, day.day, 12, tzinfo=LONDON).utcoffset()


def _present(town: Town) -> datetime:
    with town.services["consultation"].database.begin() as session:
        ahead = session.scalar(text("SELECT coalesce((SELECT shift FROM clock), interval '0')"))
        return clock.wall(session) + ahead


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(clock.UTC):%Y-%m-%dT%H:%M:%SZ}"
