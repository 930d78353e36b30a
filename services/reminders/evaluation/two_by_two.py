"""Rates, differences, ratios and tests of a two-by-two table, each by a named method, none of them rounded.

What a zero cell leaves undefined is None, never an infinity or a cell with a half added.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import fisher_exact
from scipy.stats.contingency import chi2_contingency
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from services.reminders.evaluation.arms import Arm

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, its interval and the method's name; None is what the table leaves undefined."""

    estimate: float | None
    ci: Interval | None
    method: str


@dataclass(frozen=True, slots=True)
class ChiSquared:
    """Pearson's chi-squared without correction; `smallest_expected` is the least expected count of any cell.

    Statistic and p are None where everybody, or nobody, had the event.
    """

    statistic: float | None
    df: int
    p: float | None
    smallest_expected: float


def wilson(arm: Arm, level: float = 0.95) -> Interval:
    """Wilson's score interval for the arm's rate (Wilson 1927), as proportions."""
    low, high = proportion_confint(arm.events, arm.n, alpha=1 - level, method="wilson")
    # At 0 of n and n of n the bound is exactly the rate; rounding leaves it 1e-17 beside it.
    return (0.0 if arm.events == 0 else float(low), 1.0 if arm.events == arm.n else float(high))


def risk_difference(treated: Arm, control: Arm, level: float = 0.95) -> Estimate:
    """Treated rate less control rate, with Newcombe's hybrid score interval (1998, method 10): always defined."""
    low, high = _interval(treated, control, "diff", "newcomb", level)
    # Where one arm has nobody and the other everybody, rounding leaves the bound 2e-16 outside -1..1.
    return Estimate(treated.rate - control.rate, (max(-1.0, low), min(1.0, high)), "newcombe")


def risk_ratio(treated: Arm, control: Arm, level: float = 0.95) -> Estimate:
    """Treated rate over control rate, with the log interval (Katz 1978).

    No estimate without an event in the control arm. No interval unless both arms have an event, nor when
    everybody has one: its width would be zero, which claims a certainty that no sample has.
    """
    if control.events == 0:
        return Estimate(None, None, "log")
    estimate = treated.events * control.n / (control.events * treated.n)
    everybody = treated.events == treated.n and control.events == control.n
    if treated.events == 0 or everybody:
        return Estimate(estimate, None, "log")
    return Estimate(estimate, _interval(treated, control, "ratio", "log", level), "log")


def odds_ratio(treated: Arm, control: Arm, level: float = 0.95) -> Estimate:
    """Treated odds over control odds, with the logit interval (Woolf 1955), which needs all four cells."""
    a, b = treated.events, treated.n - treated.events
    c, d = control.events, control.n - control.events
    if b * c == 0:
        return Estimate(None, None, "logit")
    if a * d == 0:
        return Estimate(0.0, None, "logit")
    return Estimate(a * d / (b * c), _interval(treated, control, "odds-ratio", "logit", level), "logit")


def chi_squared(arms: Sequence[Arm]) -> ChiSquared:
    """Pearson's test that all arms share one rate, arms less one degrees of freedom, without correction."""
    events, n = sum(arm.events for arm in arms), sum(arm.n for arm in arms)
    least = min(arm.n for arm in arms) * min(events, n - events) / n
    if events in (0, n):
        return ChiSquared(None, len(arms) - 1, None, least)
    table = [[arm.events, arm.n - arm.events] for arm in arms]
    result = chi2_contingency(table, correction=False)
    return ChiSquared(float(result.statistic), int(result.dof), float(result.pvalue), least)


def fisher(treated: Arm, control: Arm) -> float:
    """Two-sided p of Fisher's exact test (the sum of all tables no likelier than this one)."""
    table = [[arm.events, arm.n - arm.events] for arm in (treated, control)]
    return float(fisher_exact(table).pvalue)


def number_needed(difference: Estimate) -> Estimate | None:
    """How many people for one event fewer, or one more: the reciprocal of a risk difference, always positive.

    None unless the difference's interval excludes zero, where the reciprocal's interval would run through
    infinity (Altman 1998).
    """
    if difference.estimate is None or difference.ci is None or not excludes_zero(difference.ci):
        return None
    near, far = sorted(abs(bound) for bound in difference.ci)
    return Estimate(1 / abs(difference.estimate), (1 / far, 1 / near), "reciprocal")


def excludes_zero(ci: Interval) -> bool:
    """True when both bounds are strictly on one side of zero."""
    return ci[0] > 0 or ci[1] < 0


def _interval(treated: Arm, control: Arm, compare: str, method: str, level: float) -> Interval:
    low, high = confint_proportions_2indep(
        treated.events, treated.n, control.events, control.n, method=method, compare=compare, alpha=1 - level
    )
    return float(low), float(high)
