"""The campaign in small, seeded, on real processes: `make faults` is the whole of it.

One town serves all: Consultation's web, worker and clock, and the stand-in carrier, each a process of its own.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import text

from tests.faults import kills, steps, town, wreck
from tests.faults.promises import Numbers, ask, owe
from tests.faults.trials import Campaign

SERVICE, WORKER = "consultation", "consultation-worker"
DEADLY = ("claim:committed", "post:after", "record:written")
QUICK = {
    "HEED_CLAIM_LEASE_SECONDS": 2.5,
    "HEED_SETTLE_FIRST_SECONDS": 0.5,
    "HEED_SETTLE_AGAIN_SECONDS": 4.0,
}


@pytest.fixture(scope="module")
def campaign(databases: Any, _redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campaign]:
    folder = tmp_path_factory.mktemp("faults") / "town"
    with databases.fresh("reminders") as reminders, databases.fresh(SERVICE) as consultation:
        urls = {
            "REMINDERS_DATABASE_URL": reminders,
            "CONSULTATION_DATABASE_URL": consultation,
            "REDIS_URL": _redis_url,
        }
        with town.town(folder, urls, *wreck.PLACES, **QUICK) as here:
            here.services[SERVICE].redis.flushdb()
            yield Campaign(here, Numbers(), texts=6, times=1, patience=90)
            here.services[SERVICE].redis.flushdb()


def test_a_worker_dies_at_three_steps_and_valkey_is_emptied(campaign: Campaign) -> None:
    here, heed = campaign.town, campaign.town.services[SERVICE]
    notes = kills.dying(here, WORKER, 1, *DEADLY).parent
    here.control("faults", {"seed": 1, "rates": {"callback-lost": 0.5}})

    def act() -> tuple[int, list[Any]]:
        promised = ask(here, SERVICE, campaign.numbers.take(4))
        while len(alive := [step for step in DEADLY if not steps.deaths(notes / step)]) > 0:
            promised += owe(heed, campaign.numbers.take(campaign.texts), f"before {len(alive)}")
            here.until(lambda left=alive: any(steps.deaths(notes / step) for step in left), "a death")
            heed.redis.flushdb()
        return len(DEADLY), promised

    trial = campaign.trial("three steps", SERVICE, act)
    assert trial.tries == len(DEADLY)
    assert trial.as_it_should, trial.story
    assert trial.verdict.kept == trial.texts >= 4 + campaign.texts


def test_a_claim_after_the_post_is_caught(campaign: Campaign) -> None:
    trial = wreck.variant("claim-after-post", campaign.town, campaign.numbers, texts=3)
    assert trial.as_it_should and trial.verdict.doubled
    assert not trial.verdict.lost


def test_a_planted_double_and_a_planted_loss_are_found_and_their_history_is_told(campaign: Campaign) -> None:
    here, heed = campaign.town, campaign.town.services[SERVICE]
    here.control("faults", {})
    doubled, lost, fine = owe(heed, campaign.numbers.take(3), "planted")
    with heed.database.begin() as session:
        key = heed.index.of(lost.number, "number")
        session.execute(
            text("UPDATE outbox SET state = 'accepted', sid = 'SMnever' WHERE to_key = :key"), {"key": key}
        )
    here.settled(SERVICE, 60)
    url = f"{here.sandbox}/2010-04-01/Accounts/{heed.settings.account_sid}/Messages.json"
    form = {"To": doubled.number, "From": heed.config.sender, "Body": doubled.body}
    auth = (heed.settings.account_sid, heed.settings.auth_tokens[0])
    assert requests.post(url, data=form, auth=auth, timeout=10).status_code == 201
    trial = campaign.count("planted", SERVICE, 1, [doubled, lost, fine], 0)
    assert (trial.verdict.doubled, trial.verdict.lost, trial.verdict.kept) == ([doubled], [lost], 1)
    assert not trial.as_it_should
    told = "\n".join(trial.story)
    assert (
        told.count("  outbox ") == told.count("  attempt ") + 1 == 1
    )  # of the lost one: it never had an attempt
    assert lost.number not in told and lost.number[-3:] in told
    (alone,) = [campaign.count("planted", SERVICE, 1, [doubled], 0)]
    told = "\n".join(alone.story)
    assert told.count('"event": "message"') == 2 and "status event" in told
    assert doubled.number not in told and (doubled.body or "") not in told


def test_every_step_is_tried_by_some_process() -> None:
    tried = {step for passed in kills.AT_STEPS.values() for step, _ in passed}
    assert tried == set(steps.STEPS)


def test_the_second_look_comes_after_the_lease_and_the_slowest_answer(tmp_path: Path) -> None:
    """Else the campaign would break the promise by its own settings: a slow carrier may accept until then."""
    for settings in (town.USUAL, town.SHORTENED):
        lease, first, again, slow = settings.values()
        assert first < again > lease + slow
