"""The effect on the people a text reached, by the arm they were assigned to as the instrument.

Two-stage least squares within courts (linearmodels' IV2SLS): the difference between the arms over the share that
assignment reached. It assumes that assignment does nothing but through a delivered text. Courts are taken away
beforehand (Frisch and Waugh), which leaves one column each of outcome, delivery and assignment, so that a million
people are three columns. With delivery left out, the same gives Mantel-Haenszel's difference with robust errors.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from linearmodels.iv import IV2SLS
from numpy.typing import NDArray

from services.reminders.evaluation.arms import Arm
from services.reminders.evaluation.effect import Effect, effect, undefined
from services.reminders.evaluation.permutation import Floats
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
    `reached` the share that assignment reached, less that of the control arm, with its F statistic."""

    effect: Effect
    intention_to_treat: Effect
    reached: Effect
    first_stage_f: float | None
    per_protocol: Estimate | None
    per_protocol_warning: str
    errors: Literal["robust", "clustered"]
    people: int
    clusters: int | None


def cace(rows: Rows, level: float = 0.95) -> Complier:
    """The effect on people reached, between the arms, and of reaching; None where the arms do not differ in reach."""
    outcome, delivered, assigned, cluster = _people(rows)
    reached = _fit(delivered, assigned, assigned, cluster, REACHED, level)
    between = _fit(outcome, assigned, assigned, cluster, DIFFERENCE, level)
    on_reached = undefined(METHOD)
    if reached.estimate:
        on_reached = _fit(outcome, delivered, assigned, cluster, METHOD, level)
    return Complier(
        effect=on_reached,
        intention_to_treat=between,
        reached=reached,
        first_stage_f=(reached.estimate / reached.se) ** 2 if reached.estimate and reached.se else None,
        per_protocol=_per_protocol(rows, level),
        per_protocol_warning=PER_PROTOCOL_WARNING,
        errors="robust" if cluster is None else "clustered",
        people=int(rows.n.sum()),
        clusters=None if cluster is None else int(np.unique(cluster).size),
    )


def _people(rows: Rows) -> tuple[Floats, Floats, Floats, Ints | None]:
    """A row a person: outcome, delivery and assignment less their court's mean, and the cluster."""
    full = rows.n > 0
    n = rows.n[full]
    _, court = np.unique(rows.court[full], return_inverse=True)
    size = np.bincount(court, n)

    def centred(column: Bools) -> Floats:
        value = column[full].astype(float)
        less: Floats = np.repeat(value - (np.bincount(court, value * n) / size)[court], n)
        return less

    cluster = None if rows.cluster is None else np.repeat(rows.cluster[full], n)
    return centred(rows.event), centred(rows.delivered), centred(rows.treated), cluster


def _fit(
    outcome: Floats, cause: Floats, instrument: Floats, cluster: Ints | None, method: str, level: float
) -> Effect:
    """Least squares of the outcome on its cause by the instrument, which may be the cause itself."""
    if not np.any(np.abs(instrument) > 1e-12):
        return undefined(method)
    how = {"cov_type": "robust"} if cluster is None else {"cov_type": "clustered", "clusters": cluster}
    fitted = IV2SLS(outcome, None, cause, instrument).fit(debiased=False, **how)
    return effect(float(fitted.params.iloc[0]), float(fitted.std_errors.iloc[0]), method, level)


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
