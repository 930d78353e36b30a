"""How figures are written for people: four significant digits, rates and differences in per cent and points."""

from collections.abc import Sequence
from math import floor, log10
from typing import Any

from services.common.report.text import columns

UNDEFINED = "not defined, because a cell of the table is zero"


def digits(value: float) -> str:
    """Four significant digits, without an exponent for large numbers.

    >>> digits(0.0036080), digits(1447.2), digits(12345678.9)
    ('0.003608', '1447', '12,345,679')
    """
    if abs(value) >= 10_000:
        return f"{value:,.0f}"
    return f"{value:#.4g}".rstrip(".")


def percent(rate: float) -> str:
    """A proportion as a percentage with two decimals, or more where it is small."""
    return f"{rate * 100:.2f}%" if rate == 0 or rate >= 0.1 else f"{digits(rate * 100)}%"


def points(difference: float) -> str:
    """A difference of proportions in percentage points, with its sign."""
    return f"{'+' if difference > 0 else ''}{digits(difference * 100)}"


def p_value(p: float | None) -> str:
    """The p-value after its sign of equality, or that there is none."""
    if p is None:
        return "p not defined"
    if p < 1e-300:
        return "p under 1e-300"
    # Small, but not yet so small that its zeros cannot be counted.
    return f"p = {p:.{3 - floor(log10(p))}f}" if 1e-7 <= p < 1e-4 else f"p = {digits(p)}"


def chi_squared_text(chi: dict[str, Any]) -> str:
    """The statistic, its degrees of freedom and its p-value."""
    if chi["statistic"] is None:
        return "not defined, because everybody or nobody had the event"
    degrees = "degree" if chi["df"] == 1 else "degrees"
    return f"{digits(chi['statistic'])} on {chi['df']} {degrees} of freedom, {p_value(chi['p'])}"


def points_with_interval(estimate: dict[str, Any]) -> str:
    """A difference of proportions with its interval, both in percentage points."""
    if estimate["estimate"] is None:
        return UNDEFINED
    if estimate["ci"] is None:
        return f"{points(estimate['estimate'])} percentage points (no interval)"
    low, high = estimate["ci"]
    return f"{points(estimate['estimate'])} percentage points ({points(low)} to {points(high)})"


def ratio_with_interval(estimate: dict[str, Any]) -> str:
    """A ratio with its interval."""
    if estimate["estimate"] is None:
        return UNDEFINED
    if estimate["ci"] is None:
        return f"{digits(estimate['estimate'])} (interval {UNDEFINED})"
    low, high = estimate["ci"]
    return f"{digits(estimate['estimate'])} ({digits(low)} to {digits(high)})"


def arms_table(arms: Sequence[dict[str, Any]], level: float) -> list[str]:
    """Arms with events, people, rate and Wilson interval; a refused rate says so."""
    rows = [["Arm", "Events", "People", "Rate", f"{level * 100:.4g}% interval (Wilson)"]]
    for arm in arms:
        rate, interval = "not given", ""
        if arm["rate"] is not None:
            low, high = arm["ci"]
            rate, interval = percent(arm["rate"]), f"{percent(low)} to {percent(high)}"
        rows.append([arm["name"], f"{arm['events']:,}", f"{arm['n']:,}", rate, interval])
    return columns(rows)


def comparison_lines(comparison: dict[str, Any]) -> list[str]:
    """One pair of arms from `compare`, a line a figure."""
    chi = comparison["chi_squared"]
    few = (
        " (an expected count is under 5: prefer this to chi-squared)" if chi["smallest_expected"] < 5 else ""
    )
    return [
        f"{comparison['treated']} against {comparison['control']}",
        f"  Difference in rate (Newcombe)   {points_with_interval(comparison['risk_difference'])}",
        f"  Risk ratio (log)                {ratio_with_interval(comparison['risk_ratio'])}",
        f"  Odds ratio (logit)              {ratio_with_interval(comparison['odds_ratio'])}",
        f"  Chi-squared, uncorrected        {chi_squared_text(chi)}",
        f"  Fisher's exact test             {p_value(comparison['fisher']['p'])}{few}",
        f"  Number needed                   {_needed(comparison)}",
    ]


def _needed(comparison: dict[str, Any]) -> str:
    if comparison["number_needed_to_treat"] is None:
        return "not given: the difference's interval includes zero"
    low, high = comparison["number_needed_to_treat_ci"]
    kind = "fewer" if comparison["risk_difference"]["estimate"] < 0 else "more"
    needed = digits(comparison["number_needed_to_treat"])
    return f"one event {kind} for every {needed} people ({digits(low)} to {digits(high)})"
