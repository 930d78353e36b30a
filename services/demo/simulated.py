"""A simulated pilot as the courts would tell it: its protocol, and Common Platform's messages of its listings, moves and results.

The people are those of the simulation; names come from the demo's list, numbers are Ofcom's for drama. Everything is synthetic.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np

from services.demo import common_platform, world
from services.demo.courts import COURTS
from services.demo.days import Days
from services.demo.people import Person, people
from services.demo.sittings import Sitting
from services.reminders.simulation.trial import ARMS, BLOCK_SIZES, NONE, TEXT, WEEK_BLOCK_SIZES, Trial
from services.reminders.simulation.world import DAYS, Scenario, ScenarioError

# Courts that Heed is configured for; the protocol knows a court by its first five characters.
CODES = [code for code, court in COURTS.items() if court.short]
MOST_PEOPLE = 1000  # numbers that Ofcom keeps for drama


@dataclass(frozen=True, slots=True)
class Message:
    """One message: Common Platform's bytes, and what they tell ("listed", "moved" or "resulted")."""

    tells: str
    body: bytes


def named(scenario: Scenario) -> Scenario:
    """The scenario at real courts. Raises ScenarioError where it has more courts, people or homes than messages can name."""
    if scenario.courts > len(CODES) or scenario.people > MOST_PEOPLE:
        raise ScenarioError(f"Messages can name {len(CODES)} courts and {MOST_PEOPLE} people at most.")
    if scenario.shared:
        raise ScenarioError(
            "Heed texts nobody whose number is shared: write messages of people who share none."
        )
    if scenario.design == "stepped-wedge" and scenario.weeks % scenario.periods:
        raise ScenarioError("A stepped wedge in messages has periods of whole weeks.")
    return replace(scenario, names=tuple(code[:5] for code in CODES[: scenario.courts]))


def protocol(trial: Trial, days: Days, name: str) -> dict[str, Any]:
    """The protocol that makes Heed assign these people as the simulation did."""
    scenario = trial.scenario
    since = days.day(days.sitting(1))
    weights = {arm: {"name": arm, "texted": arm == TEXT, "weight": weight} for arm, weight in ARMS}
    content: dict[str, Any] = {
        "name": name,
        "question": "Do people who are texted fail to attend less often?",
        "courts": CODES[: scenario.courts],
        "since": since.isoformat(),
        "until": (since + timedelta(weeks=scenario.weeks, days=-1)).isoformat(),
        "arms": [weights[TEXT], weights[NONE]],
        "allocation": scenario.design,
        "outcome_lag_days": int(scenario.wait),
        "synthetic": True,
    }
    if scenario.design == "all-treated":
        return content | {"arms": [weights[TEXT]]}
    content["seed"] = trial.seed
    if scenario.design == "stepped-wedge":
        length = scenario.weeks // scenario.periods * DAYS
        return content | {"steps": scenario.periods - 1, "period_days": length}
    blocks = BLOCK_SIZES if scenario.design == "permuted-blocks" else WEEK_BLOCK_SIZES
    return content | {"block_sizes": blocks}


def messages(trial: Trial, days: Days, first: int = 0) -> Iterator[Message]:
    """Everybody listed in the order of enrolment, then the moves, then what is known at the data cut.

    `first` is the number of the first person, so that several pilots can share an installation.
    """
    everybody = [(person, _person(trial, person, first)) for person in range(trial.people.court.size)]
    for _, one in everybody:
        yield Message("listed", common_platform.listing(_sitting(one, days, 0), days))
    for person, one in everybody:
        moved = _moved(trial, person, one)
        if moved.day != one.day:
            yield Message("moved", common_platform.listing(_sitting(moved, days, 1), days))
    for person in np.flatnonzero(trial.known()).tolist():
        one = _moved(trial, person, everybody[person][1])
        happened = {one.id: world.WARRANT if trial.event[person] else world.FINE}
        sitting = _sitting(one, days, one.day + DAYS)
        yield Message("resulted", common_platform.result(sitting, days, happened))


def _person(trial: Trial, number: int, first: int) -> Person:
    """Sits on a weekday of their week at ten; two hundred names serve again with another age."""
    model = people()[(first + number) % len(people())]
    place, week = int(trial.people.court[number]), int(trial.people.week[number])
    return Person(
        id=f"S{first + number:04}",
        given=model.given or "Robin",
        surname=model.surname,
        age=str(20 + (first + number) // len(people())),
        mobile=f"07700 900{first + number:03}",
        feed="common-platform",
        hearing=f"S{first + number:04}",
        court=CODES[place],
        room="1",
        day=1 + DAYS * week + number % 5,
        time="10:00",
        type="first",
        start="charge",
        bail="unconditional",
        expect="",
        role="",
    )


def _moved(trial: Trial, number: int, person: Person) -> Person:
    """The same person on the day of the hearing that was held."""
    later = int(trial.people.heard_week[number] - trial.people.week[number])
    return replace(person, day=person.day + DAYS * later)


def _sitting(person: Person, days: Days, told: int) -> Sitting:
    starts_at = days.at(days.sitting(person.day), person.time)
    return Sitting(person.hearing, [person], starts_at, days.at(told, "09:00"))
