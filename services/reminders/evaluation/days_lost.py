"""Days lost to absence, from the hearing to the next that its result lists: mean days a person, compared as allocated. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from typing import Any, cast

from scipy.stats import t as student

from services.reminders.evaluation.cells import Lost, Reading
from services.reminders.evaluation.design import Key, analyse
from services.reminders.evaluation.effect import Effect, effect, undefined
from services.reminders.evaluation.refusals import Refusal, rate_on_few
from services.reminders.protocol import Protocol

METHOD = "mean days within courts and kinds of case"
DID = "days lost to absence"


@dataclass(frozen=True, slots=True)
class Sample:
    """`n` people who lost `days` between them, and the sum of each one's days squared."""

    n: int = 0
    days: int = 0
    squares: int = 0

    def __add__(self, other: "Sample") -> "Sample":
        return Sample(self.n + other.n, self.days + other.days, self.squares + other.squares)

    @property
    def mean(self) -> float:
        """Days a person; of somebody at least."""
        return self.days / self.n

    @property
    def variance(self) -> float:
        """Between people; of two at least."""
        return max(0.0, (self.squares - self.days**2 / self.n) / (self.n - 1))


def block(
    protocol: Protocol, lost: Sequence[Lost], reading: Reading, level: float
) -> tuple[dict[str, Any] | None, list[Refusal]]:
    """The block, and the refusals of arms with too few people. None where no result says whether a case was put off.

    Keys: `outcome`, `did`, `arms` (name, n, days, mean, ci), `design` (treated, control, method, mean_difference, permutation,
    icc, clusters, people, people_left_out), `unadjusted` (treated, control, mean_difference). Days a person; treated less control.
    """
    table = _table(lost, reading)
    if not table:
        return None, []
    arms = [arm.name for arm in protocol.arms]
    totals = {arm: _sum(one for key, one in table.items() if key[3] == arm) for arm in arms}
    fewest = protocol.thresholds.fewest_for_a_rate
    refused = {arm: rate_on_few(f"{arm} ({DID})", one.n, fewest) for arm, one in totals.items()}
    shown = [arm for arm in arms if refused[arm] is None]
    control = arms[-1]
    treated = [arm for arm in shown if arm != control] if protocol.randomised and control in shown else []
    return {
        "outcome": "days_lost",
        "did": DID,
        "arms": [_arm(arm, totals[arm], level if arm in shown else None) for arm in arms],
        "design": [_design(protocol, table, name, control, level) for name in treated],
        "unadjusted": [
            {
                "treated": name,
                "control": control,
                "mean_difference": _told(welch(totals[name], totals[control], level)),
            }
            for name in treated
        ],
    }, [one for one in refused.values() if one]


def mean_difference(
    strata: Sequence[Mapping[str, Sample]], treated: str, control: str, level: float = 0.95
) -> tuple[Effect, int]:
    """The difference in mean days within strata, weighted as Mantel and Haenszel weigh rates, and how many people are left out.

    The estimate is least squares' with strata as fixed effects; the variance each stratum's and arm's own. A stratum with fewer
    than two people in an arm says nothing of it and is left out.
    """
    total = weights = variance = 0.0
    out = 0
    for arms in strata:
        one, other = arms.get(treated, Sample()), arms.get(control, Sample())
        if min(one.n, other.n) < 2:
            out += one.n + other.n
            continue
        weight = one.n * other.n / (one.n + other.n)
        weights += weight
        total += weight * (one.mean - other.mean)
        variance += weight**2 * (one.variance / one.n + other.variance / other.n)
    if not weights:
        return undefined(METHOD), out
    return effect(total / weights, sqrt(variance) / weights, METHOD, level), out


def welch(one: Sample, other: Sample, level: float = 0.95) -> Effect:
    """The plain difference in mean days, as if each person were assigned alone (Welch's test)."""
    a, b = one.variance / one.n, other.variance / other.n
    difference = one.mean - other.mean
    if not a + b > 0:
        return undefined("welch", difference)
    df = (a + b) ** 2 / (a**2 / (one.n - 1) + b**2 / (other.n - 1))
    return effect(difference, sqrt(a + b), "welch", level, df)


def _table(lost: Sequence[Lost], reading: Reading) -> dict[Key, Sample]:
    """(Court, kind of case, unit, arm) → the people there of whom it is known."""
    found: dict[Key, Sample] = {}
    for one in lost:
        cell = one.cell
        if reading.fate(cell)[0] == "known" and reading.says(cell, "adjourned"):
            # Who need not come any more has lost nothing.
            mine = Sample(cell.n) if cell.withdrawn else Sample(cell.n, one.days, one.squares)
            key = (cell.court, cell.case, cell.unit, cell.arm)
            found[key] = found.get(key, Sample()) + mine
    return found


def _sum(samples: Any) -> Sample:
    return sum(samples, Sample())


def _told(found: Effect) -> dict[str, Any]:
    return asdict(found) | {"ci": list(found.ci) if found.ci else None}


def _arm(name: str, sample: Sample, level: float | None) -> dict[str, Any]:
    told: dict[str, Any] = {"name": name, "n": sample.n, "days": sample.days, "mean": None, "ci": None}
    if level is not None:
        margin = float(student.isf((1 - level) / 2, sample.n - 1)) * sqrt(sample.variance / sample.n)
        told |= {"mean": sample.mean, "ci": [max(0.0, sample.mean - margin), sample.mean + margin]}
    return told


def _design(
    protocol: Protocol, table: Mapping[Key, Sample], treated: str, control: str, level: float
) -> dict[str, Any]:
    told: dict[str, Any] = {"treated": treated, "control": control}
    if protocol.allocation == "permuted-blocks":
        strata: dict[tuple[str, str], dict[str, Sample]] = {}
        for (court, case, _, arm), sample in table.items():
            strata.setdefault((court, case), {})[arm] = sample
        found, out = mean_difference([strata[key] for key in sorted(strata)], treated, control, level)
        return told | {
            "method": "stratified",
            "mean_difference": _told(found),
            "permutation": None,
            "icc": None,
            "clusters": None,
            "people": sum(one.n for key, one in table.items() if key[3] in (treated, control)) - out,
            "people_left_out": out,
        }
    # Whole courts were assigned: their means are compared as their rates are.
    days = {key: (one.days, one.n) for key, one in table.items()}
    rates = cast(dict[str, Any], analyse(protocol, days, treated, control, level))
    return (
        told
        # The share of the variance between court-weeks is worked out for rates; that of a stepped wedge for any mean.
        | {"icc": rates["icc"] if protocol.allocation == "stepped-wedge" else None}
        | {name: rates[name] for name in ("method", "permutation", "clusters", "people", "people_left_out")}
        | {"mean_difference": rates["risk_difference"]}
    )
