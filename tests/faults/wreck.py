"""Each rule of the guarantee broken on purpose, in a town of its own: the count must show it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace

from tests.faults import broken
from tests.faults.kills import at_step
from tests.faults.promises import Numbers, owe
from tests.faults.town import Town
from tests.faults.trials import Campaign, Trial

SERVICE = "consultation"
PLACES = ("sandbox", f"{SERVICE}-web", f"{SERVICE}-worker", f"{SERVICE}-clock")
# What is broken, and the step at which the worker then dies, if it need die.
VARIANTS = {"claim-after-post": "claim:written", "stale-to-pending": "post:after", "no-token": None}
SAYS = {
    "claim-after-post": "broken on purpose: the claim is committed after the POST",
    "stale-to-pending": "broken on purpose: a stale claim goes back to pending",
    "no-token": "broken on purpose: callbacks do not name the attempt",
}


def variant(name: str, town: Town, numbers: Numbers, texts: int = 12) -> Trial:
    """Break one rule and try; `caught` says whether the carrier's record shows a text twice."""
    campaign = Campaign(town, numbers, texts=texts, times=1, patience=90)
    broken_in_process = ("--broken", name) if name in broken.IN_PROCESS else ()
    if name in broken.IN_DATABASE:
        broken.IN_DATABASE[name](town.services[SERVICE])
    step = VARIANTS[name]
    if step is not None:
        trial = at_step(campaign, SERVICE, "worker", step, "unheard", broken_in_process)
    else:
        town.restart(f"{SERVICE}-worker", wrapped=broken_in_process)
        town.control("faults", {"seed": 1, "rates": {"unlisted": 1}})
        takers = numbers.take(texts)
        trial = campaign.trial(name, SERVICE, lambda: (texts, owe(town.services[SERVICE], takers, name)))
    return replace(trial, fault=SAYS[name], story=(), caught=bool(trial.verdict.doubled))


def variants(place: Callable[[], AbstractContextManager[Town]], only: str | None = None) -> Iterator[Trial]:
    """Every variant, each in a fresh place."""
    for name in VARIANTS:
        if only in (None, name):
            with place() as town:
                yield variant(name, town, Numbers())
