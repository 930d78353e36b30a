"""A carrier that answers badly, late or not at all, and calls back late, twice, in the wrong order, or never."""

import time
from collections.abc import Iterator
from dataclasses import replace

from services.sandbox.faults import Rates
from tests.faults.judge import Promise
from tests.faults.promises import owe
from tests.faults.trials import Campaign, Trial

SERVICE = "reminders"
# What every text of its share meets, all in one run; "late" is delivered after two days, and is accepted like any. Not "unreachable":
# there a second message is owed, by a promise of its own.
MIXED = (
    *("error-before", "error-after", "answer-lost", "reset-before", "reset-after", "slow", "slow-before"),
    *("busy-twice", "unlisted", "callback-lost", "callback-twice", "callback-reversed", "callback-first"),
    *("landline", "unknown", "filtered", "late", "opted-out", "invalid"),
)
SAYS = {
    "error-before": "carrier: 500 before accepting",
    "error-after": "carrier: 500 after accepting",
    "answer-lost": "carrier: answer lost after accepting",
    "reset-before": "carrier: reset before accepting",
    "reset-after": "carrier: reset after accepting",
    "slow": "carrier: slower than the lease after accepting",
    "slow-before": "carrier: slower than the lease before accepting",
    "busy-twice": "carrier: 429 twice",
    "unlisted": "carrier: answer lost, and no list shows it",
    "callback-lost": "callbacks lost",
    "callback-twice": "callbacks twice",
    "callback-reversed": "callbacks reversed",
    "callback-first": "callback before the answer",
}
REACH = {"landline", "unknown", "filtered", "late", "opted-out", "invalid"}
DOWN_FOR = 6.0


def mixed(campaign: Campaign) -> Iterator[Trial]:
    """Every fault of the carrier's at once, each to its share of the texts; a row for each."""
    town = campaign.town
    shares = dict.fromkeys(MIXED, 1 / (len(MIXED) + 1))  # the rest meets none
    town.control("faults", {"seed": campaign.seed, "rates": shares})
    begun = time.monotonic()
    promised = owe(town.services[SERVICE], campaign.numbers.take(campaign.texts * len(MIXED)), "mixed")
    town.settled(SERVICE, campaign.patience)
    seconds = time.monotonic() - begun
    town.control("faults", {})
    met = _met(promised, Rates(campaign.seed, shares))
    for name, says in SAYS.items():
        yield campaign.count(says, SERVICE, len(met[name]), met[name], seconds)
    others = [one for name in sorted(REACH) for one in met[name]]
    yield campaign.count("refused, undelivered or late by the number", SERVICE, len(others), others, seconds)


def _met(promised: list[Promise], rates: Rates) -> dict[str, list[Promise]]:
    """Which text met which fault: the choice hangs on the seed, the number and the words alone."""
    met: dict[str, list[Promise]] = {name: [] for name in MIXED}
    for one in promised:
        fault = rates.choose(one.number, one.body or "")
        if fault is not None:
            met[fault.name].append(one)
    return met


def down(campaign: Campaign) -> Iterator[Trial]:
    """The carrier is not there, and comes back."""
    town = campaign.town

    def act() -> tuple[int, list[Promise]]:
        promised: list[Promise] = []
        for part in range(campaign.times):
            town.stop("sandbox")
            promised += owe(town.services[SERVICE], campaign.numbers.take(campaign.texts), f"down {part}")
            time.sleep(DOWN_FOR)
            town.start("sandbox")
        return campaign.times, promised

    yield campaign.trial(f"carrier down for {DOWN_FOR:.0f} s", SERVICE, act)


def unseen(campaign: Campaign) -> Trial:
    """What no evidence shows: measured beside the campaign, because the promise cannot hold there."""
    town = campaign.town
    town.control("faults", {"seed": campaign.seed, "rates": {"unseen": 1}})

    def act() -> tuple[int, list[Promise]]:
        many = max(4, campaign.texts // 4)
        return many, owe(town.services[SERVICE], campaign.numbers.take(many), "unseen")

    trial = campaign.trial("carrier: accepted, and neither answer, list nor callback shows it", SERVICE, act)
    town.control("faults", {})
    return replace(trial, known=True, story=())
