import pytest

from services.common.report.text import columns
from services.reminders.evaluation.wording import (
    digits,
    p_value,
    percent,
    points,
    points_with_interval,
    ratio_with_interval,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "0.000"),
        (0.00360832, "0.003608"),
        (0.8, "0.8000"),
        (41.684, "41.68"),
        (1446.9, "1447"),
        (9999.4, "9999"),
        (12345678.9, "12,345,679"),
        (1e-12, "1.000e-12"),
        (-0.783, "-0.7830"),
    ],
)
def test_four_significant_digits(value: float, expected: str) -> None:
    assert digits(value) == expected


def test_rates_and_differences() -> None:
    assert [percent(rate) for rate in (0, 0.000123, 0.09696, 0.1, 0.12095, 1)] == [
        "0.00%",
        "0.01230%",
        "9.696%",
        "10.00%",
        "12.10%",
        "100.00%",
    ]
    assert [points(difference) for difference in (-0.02399, 0, 0.2)] == ["-2.399", "0.000", "+20.00"]
    assert [p_value(p) for p in (None, 0.0, 0.003608)] == ["p not defined", "p under 1e-300", "p = 0.003608"]


@pytest.mark.parametrize(
    ("estimate", "difference", "ratio"),
    [
        ({"estimate": None, "ci": None}, "not defined, because", "not defined, because"),
        (
            {"estimate": 0.25, "ci": None},
            "+25.00 percentage points (no interval)",
            "0.2500 (interval not defined",
        ),
        (
            {"estimate": 0.25, "ci": [-0.1, 0.5]},
            "+25.00 percentage points (-10.00 to +50.00)",
            "0.2500 (-0.1000 to",
        ),
    ],
)
def test_figures_with_and_without_an_interval(estimate, difference: str, ratio: str) -> None:
    assert points_with_interval(estimate).startswith(difference)
    assert ratio_with_interval(estimate).startswith(ratio)


def test_columns_line_up() -> None:
    assert columns([["Arm", "n"], ["text", "10"]]) == ["Arm    n", "text  10"]
