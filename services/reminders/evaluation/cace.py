"""The effect on the people a text reached, by the arm they were assigned to as the instrument.

Two-stage least squares within courts: the difference between the arms over the share that assignment reached. It
assumes that assignment does nothing but through a delivered text. Courts are taken away beforehand (Frisch and Waugh),
which leaves one column each of outcome, delivery and assignment, and then sums over grouped people are enough.
linearmodels' IV2SLS gives the same to nine digits, but wants a row a person: for a million of them, seconds and more
than a gigabyte. With delivery left out, the same gives Mantel-Haenszel's difference with robust errors.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from services.reminders.evaluation.arms import Arm
from services.reminders.evaluation.effect import Effect, effect, undefined
from services.reminders.evaluation.permutation import Floats
from services.reminders.evaluation.refusals import Refusal, beyond_rates, weak_reach
from services.reminders.evaluation.two_by_two import Estimate, risk_difference

PER_PROTOCOL_WARNING = (
    "Biased: it compares people whom a text reached with everybody in the other arm, and people with a working "
    "number differ from people without one, texts or no texts."
)
METHOD = "two-stage least squares within courts"
DIFFERENCE = "least squares within courts"
REACHED = "share reached, least squares within courts"

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rows:
    """Grouped people in arrays of one length: `n` people of a court (a code), an arm, a delivery and an outcome.

    `cluster` numbers whoever is not independent: a household, a shared number, a court-week; None where all are.
    """

    court: Ints
    treated: Bools
    delivered: Bools
    event: Bools
    n: Ints
    cluster: Ints | None = None


@dataclass(frozen=True, slots=True)
class Complier:
    """`effect` is that on the people reached; `intention_to_treat` the difference between the arms with these errors;
    `reached` the share that assignment reached, less that of the control arm, with its F statistic. `rate_without` is the rate that
    the people reached would have had without a text (Abadie 2003), which chance may put below 0 or above 1."""

    effect: Effect
    rate_without: float | None
    intention_to_treat: Effect
    reached: Effect
    first_stage_f: float | None
    per_protocol: Estimate | None
    per_protocol_warning: str
    errors: Literal["robust", "clustered"]
    people: int
    clusters: int | None


@dataclass(frozen=True, slots=True)
class _Centred:
    """The rows with each column less its court's mean, `n` people each."""

    outcome: Floats
    outcome_unreached: Floats
    delivered: Floats
    assigned: Floats
    n: Floats
    cluster: Ints | None


def cace(rows: Rows, level: float = 0.95) -> Complier:
    """The effect on people reached, between the arms, and of reaching; None where the arms do not differ in reach."""
    people = _centred(rows)
    reached = _fit(people, people.delivered, people.assigned, REACHED, level)
    on_reached, without = undefined(METHOD), None
    if reached.estimate:
        on_reached = _fit(people, people.outcome, people.delivered, METHOD, level)
        without = _fit(people, people.outcome_unreached, -people.delivered, METHOD, level).estimate
    return Complier(
        effect=on_reached,
        rate_without=without,
        intention_to_treat=_fit(people, people.outcome, people.assigned, DIFFERENCE, level),
        reached=reached,
        first_stage_f=(reached.estimate / reached.se) ** 2 if reached.estimate and reached.se else None,
        per_protocol=_per_protocol(rows, level),
        per_protocol_warning=PER_PROTOCOL_WARNING,
        errors="robust" if rows.cluster is None else "clustered",
        people=int(rows.n.sum()),
        clusters=None if people.cluster is None else int(np.unique(people.cluster).size),
    )


def sayable(found: Complier) -> tuple[Complier, Refusal | None]:
    """What a reader is told of it: no effect where it is refused, else an interval that ends where differences of rates do."""
    refused = weak_reach(found.first_stage_f) or beyond_rates(found.rate_without)
    if refused:
        return replace(found, effect=undefined(METHOD), rate_without=None), refused
    ci = found.effect.ci
    if ci:
        ci = max(ci[0], -1.0), min(ci[1], 1.0)
    return replace(found, effect=replace(found.effect, ci=ci)), None


def _centred(rows: Rows) -> _Centred:
    full = rows.n > 0
    n = rows.n[full].astype(float)
    _, court = np.unique(rows.court[full], return_inverse=True)
    size = np.bincount(court, n)

    def centred(column: Bools) -> Floats:
        value = column[full].astype(float)
        less: Floats = value - (np.bincount(court, value * n) / size)[court]
        return less

    return _Centred(
        outcome=centred(rows.event),
        outcome_unreached=centred(rows.event & ~rows.delivered),
        delivered=centred(rows.delivered),
        assigned=centred(rows.treated),
        n=n,
        cluster=None if rows.cluster is None else rows.cluster[full],
    )


def _fit(people: _Centred, outcome: Floats, cause: Floats, method: str, level: float) -> Effect:
    """Least squares of the outcome on its cause, with assignment as the instrument (which may be the cause itself)."""
    n, instrument = people.n, people.assigned
    shared = float(n @ (instrument * cause))
    if abs(shared) < 1e-9:
        return undefined(method)
    estimate = float(n @ (instrument * outcome)) / shared
    score = instrument * (outcome - estimate * cause)
    if people.cluster is None:
        return effect(estimate, float(n @ score**2) ** 0.5 / abs(shared), method, level)
    _, cluster = np.unique(people.cluster, return_inverse=True)
    sums = np.bincount(cluster, n * score)
    if sums.size < 2:
        return undefined(method, estimate)
    # Court-weeks may be few: their number is corrected for, and the t distribution has one degree of freedom less.
    spread = float(sums @ sums) * sums.size / (sums.size - 1)
    return effect(estimate, spread**0.5 / abs(shared), method, level, df=float(sums.size - 1))


def _per_protocol(rows: Rows, level: float) -> Estimate | None:
    """Texted and reached in the one arm against not reached in the other, as if assignment had been that."""
    cells = []
    for name, members in (
        ("reached", rows.treated & rows.delivered),
        ("not reached", ~rows.treated & ~rows.delivered),
    ):
        people = int(rows.n[members].sum())
        if people == 0:
            return None
        cells.append(Arm(name, int(rows.n[members & rows.event].sum()), people))
    return risk_difference(cells[0], cells[1], level)
