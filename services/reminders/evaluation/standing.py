"""The cells of the county's standing page, by outcome, quarter and court; small counts and what gives them away are hidden. Pure."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from services.common.suppression import FEWEST, Sum, crossed, hidden
from services.reminders.evaluation.arms import Arm
from services.reminders.evaluation.cells import OUTCOMES
from services.reminders.evaluation.refusals import FEWEST_FOR_A_RATE
from services.reminders.evaluation.two_by_two import wilson

# (Quarter, court) → "people" and each outcome → how many.
Counts = Mapping[tuple[str, str], Mapping[str, Any]]
NAMES = ("people", *OUTCOMES)
NOBODY = dict.fromkeys(NAMES, 0)


def cells(quarters: Sequence[str], courts: Mapping[str, str], counts: Counts) -> list[dict[str, Any]]:
    """Each outcome's cells, {quarter, court, court_name, outcome, people, events, rate, ci}: None where hidden, or too few people.

    `courts` are names by code. Rates are proportions, with Wilson intervals of 95%.
    """
    away = hidden_counts(quarters, list(courts), counts)
    found = []
    for outcome in OUTCOMES:
        for quarter in quarters:
            for court, name in courts.items():
                own = counts.get((quarter, court), NOBODY)
                people = None if ("people", quarter, court) in away else own["people"]
                events = None if (outcome, quarter, court) in away else own[outcome]
                enough = people is not None and events is not None and people >= FEWEST_FOR_A_RATE
                arm = Arm(court, own[outcome], own["people"]) if enough else None
                found.append(
                    {
                        "quarter": quarter,
                        "court": court,
                        "court_name": name,
                        "outcome": outcome,
                        "people": people,
                        "events": events,
                        "rate": arm.rate if arm else None,
                        "ci": list(wilson(arm)) if arm else None,
                    }
                )
    return found


def hidden_counts(quarters: Sequence[str], courts: Sequence[str], counts: Counts) -> frozenset[Hashable]:
    """The counts not to show, as (outcome or "people", quarter, court)."""
    published, sums = identities(quarters, courts, counts)
    # A court's or a quarter's total is not on the page; it is hidden only where nothing else helps.
    return hidden(published, sums, FEWEST, [cell for cell in published if "all" not in tuple(cell)])  # type: ignore[arg-type]


def identities(
    quarters: Sequence[str], courts: Sequence[str], counts: Counts
) -> tuple[dict[Hashable, int], list[Sum]]:
    """Every count that a reader may have, with the totals of courts and quarters, and what adds up to what.

    All outcomes are of the same people, so all are one set of sums: people less those who had an outcome are the others, who may be
    few as well.
    """
    places = [(quarter, court) for quarter in quarters for court in courts]
    published: dict[Hashable, int] = {}
    sums: list[Sum] = []
    for name in NAMES if places else ():
        table = [[counts.get((quarter, court), NOBODY)[name] for court in courts] for quarter in quarters]
        numbers, totals = crossed(table)

        def named(cell: Any, name: str = name) -> Hashable:
            row, column = cell
            return (
                name,
                "all" if row == "all" else quarters[row],
                "all" if column == "all" else courts[column],
            )

        published |= {named(cell): number for cell, number in numbers.items()}
        sums += [Sum(tuple(named(part) for part in one.parts), named(one.total)) for one in totals]
    for outcome in OUTCOMES:
        for place in places:
            everybody, had, others = ("people", *place), (outcome, *place), (f"not {outcome}", *place)
            published[others] = published[everybody] - published[had]
            sums.append(Sum((had, others), everybody))
    return published, sums
