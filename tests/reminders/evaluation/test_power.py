import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from statsmodels.stats.proportion import power_proportions_2indep

from services.reminders.evaluation.power import Detectable, answer, detectable, power, sample_size
from services.reminders.evaluation.power_question import PowerError, PowerQuestion

PROPERTY = settings(max_examples=25, deadline=None, database=None, derandomize=True)


@pytest.mark.parametrize(
    ("control", "treated", "pooled", "unpooled"),
    [(0.20, 0.15, 906, 903), (0.20, 0.16, 1447, 1445), (0.15, 0.12, 2036, 2033)],
)
def test_gives_the_published_sample_sizes(control: float, treated: float, pooled: int, unpooled: int) -> None:
    assert answer(PowerQuestion(control, treated))["per_arm"] == {"pooled": pooled, "unpooled": unpooled}


def test_reach_multiplies_the_difference() -> None:
    result = answer(PowerQuestion(0.20, 0.16, reach=0.38))
    assert result["per_arm"]["pooled"] == 10_557
    assert result["difference"] == pytest.approx(-0.0152)


@pytest.mark.parametrize(("n", "printed"), [(150, ".1467"), (300, ".2470")])
def test_gives_the_published_power(n: int, printed: str) -> None:
    assert f"{answer(PowerQuestion(0.20, 0.16, n))['power']:.4f}" == f"0{printed}"


def test_gives_the_published_detectable_differences() -> None:
    result = answer(PowerQuestion(0.20, per_arm=150))
    assert round(result["smallest_detectable_fall"], 3) == 0.113
    assert round(result["smallest_detectable_rise"], 3) == 0.143
    assert "power" not in result and "per_arm" not in result


def test_a_detectable_difference_has_exactly_the_target_power() -> None:
    found = detectable(0.20, 150)
    for difference in (-found.fall, found.rise):
        assert power_proportions_2indep(difference, 0.20, 150).power == pytest.approx(0.80, abs=1e-9)


def test_power_is_pooled_under_the_null_with_both_tails() -> None:
    """Written out, with nothing of statsmodels'."""
    p1, p0, n = 0.16, 0.20, 300
    middle = (p1 + p0) / 2
    null = math.sqrt(2 * middle * (1 - middle) / n)
    alternative = math.sqrt((p1 * (1 - p1) + p0 * (1 - p0)) / n)
    edge = norm.isf(0.025) * null
    expected = norm.cdf((-edge - (p1 - p0)) / alternative) + norm.sf((edge - (p1 - p0)) / alternative)
    assert power(p0, p1 - p0, n) == pytest.approx(expected, rel=1e-9)


def test_sample_sizes_by_their_formulas() -> None:
    p1, p0, z, target = 0.12, 0.15, norm.isf(0.025), norm.ppf(0.8)
    middle, spread = (p1 + p0) / 2, p1 * (1 - p1) + p0 * (1 - p0)
    pooled = (z * math.sqrt(2 * middle * (1 - middle)) + target * math.sqrt(spread)) ** 2 / (p1 - p0) ** 2
    unpooled = (z + target) ** 2 * spread / (p1 - p0) ** 2
    assert sample_size(p0, p1 - p0) == {"pooled": math.ceil(pooled), "unpooled": math.ceil(unpooled)}


def test_what_was_not_asked_is_left_out() -> None:
    assert "power" not in answer(PowerQuestion(0.2, 0.16))
    assert "smallest_detectable_fall" not in answer(PowerQuestion(0.2, 0.16))
    both = answer(PowerQuestion(0.2, 0.16, 150))
    assert both.keys() >= {"per_arm", "power", "smallest_detectable_fall", "smallest_detectable_rise"}


def test_a_few_people_can_show_a_rise_but_no_fall() -> None:
    found = detectable(0.20, 5)
    assert found.fall is None
    assert found.rise > 0.7
    assert detectable(0.5, 1) == Detectable(None, None)
    assert detectable(0.0, 100) == detectable(1.0, 100) == Detectable(None, None)


def test_detectable_among_the_reached() -> None:
    whole = answer(PowerQuestion(0.20, per_arm=1000, reach=0.5))
    assert whole["smallest_detectable_rise_among_reached"] == 2 * whole["smallest_detectable_rise"]
    # A fall of 11 points among 38% reached would take their rate from 20% to below nothing.
    small = answer(PowerQuestion(0.20, per_arm=150, reach=0.38))
    assert small["smallest_detectable_fall_among_reached"] is None


def test_unequal_arms_lie_between_equal_ones() -> None:
    assert detectable(0.2, 300).fall < detectable(0.2, 150, 300).fall < detectable(0.2, 150).fall


def test_a_stricter_boundary_detects_less() -> None:
    assert detectable(0.2, 150, alpha=0.005).fall > detectable(0.2, 150, alpha=0.05).fall


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"control": 0.0, "treated": 0.1}, "control rate is 0"),
        ({"control": 1.0, "treated": 0.1}, "control rate is 1"),
        ({"control": 20.0, "treated": 0.1}, "such as 0.20 for 20%"),
        ({"control": math.nan, "treated": 0.1}, "control rate is nan"),
        ({"control": 0.2, "treated": 1.0}, "treated rate is 1"),
        ({"control": 0.2, "treated": -0.1}, "treated rate is -0.1"),
        ({"control": 0.2, "treated": 0.1, "reach": 0.0}, "reach is 0"),
        ({"control": 0.2, "treated": 0.1, "reach": 1.01}, "reach is 1.01"),
        ({"control": 0.2, "per_arm": 0}, "0 people an arm"),
        ({"control": 0.2, "per_arm": 1_000_000_001}, "people an arm"),
        ({"control": 0.2, "treated": 0.2}, "the same"),
        ({"control": 0.2, "treated": 0.2 + 1e-17}, "the same"),
        ({"control": 0.2}, "Nothing to work out"),
    ],
)
def test_refuses_a_question_without_an_answer(asked, words: str) -> None:
    with pytest.raises(PowerError, match=words):
        PowerQuestion(**asked)


rates = st.floats(0.01, 0.99)


@PROPERTY
@given(rates, rates, st.integers(1, 100_000))
def test_power_rises_with_people_and_the_needed_number_reaches_the_target(
    p0: float, p1: float, n: int
) -> None:
    difference = p1 - p0
    if abs(difference) < 0.01:
        return
    assert 0 <= power(p0, difference, n) <= power(p0, difference, n + 1) + 1e-12 <= 1 + 1e-9
    assert power(p0, difference, sample_size(p0, difference)["pooled"]) >= 0.80 - 1e-9


@PROPERTY
@given(rates, st.integers(1, 100_000))
def test_a_detectable_rise_is_a_detectable_fall_of_the_opposite(p0: float, n: int) -> None:
    found, mirrored = detectable(p0, n), detectable(1 - p0, n)
    assert (found.fall is None) == (mirrored.rise is None)
    if found.fall is not None:
        assert found.fall == pytest.approx(mirrored.rise, abs=1e-9)
        assert 0 < found.fall <= p0
