import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, fisher_exact, norm
from scipy.stats.contingency import odds_ratio as scipy_odds_ratio
from scipy.stats.contingency import relative_risk
from statsmodels.stats.contingency_tables import Table2x2
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from services.reminders.evaluation.arms import Arm
from services.reminders.evaluation.two_by_two import (
    Estimate,
    chi_squared,
    excludes_zero,
    fisher,
    number_needed,
    odds_ratio,
    risk_difference,
    risk_ratio,
    wilson,
)

NEWCOMBE = (Arm("treated", 56, 70), Arm("control", 48, 80))
NEW_YORK = (Arm("consequences", 1495, 5150), Arm("plan-making", 1606, 5052))
SANTA_CLARA = (Arm("text", 281, 2898), Arm("none", 340, 2811))

# EVALUATION.md's table, as printed there: (estimate, low, high) of each figure, then chi-squared, its p, Fisher's p.
PUBLISHED = [
    (
        NEWCOMBE,
        ("0.20000", "0.05243", "0.33387"),
        ("1.33333", "1.07663", "1.65125"),
        ("2.66667", "1.27622", "5.57202"),
        ("7.0234", "0.008045", "0.01252"),
    ),
    (
        NEW_YORK,
        ("-0.02760", "-0.04544", "-0.00975"),
        ("0.91317", "0.86104", "0.96846"),
        ("0.87765", "0.80660", "0.95497"),
        ("9.1841", "0.002441", "0.002579"),
    ),
    (
        SANTA_CLARA,
        ("-0.02399", "-0.04021", "-0.00783"),
        ("0.80166", "0.69051", "0.93070"),
        ("0.78036", "0.66014", "0.92248"),
        ("8.4711", "0.003608", "0.003825"),
    ),
    # Jailed for a missed court date, 4.8% and 6.2% (Chohlas-Wood and others, arXiv 2306.12389): not EVALUATION.md's, but docs/evaluation.md's.
    (
        (Arm("text", 139, 2898), Arm("none", 174, 2811)),
        ("-0.01394", "-0.02587", "-0.00211"),
        ("0.77487", "0.62381", "0.96250"),
        ("0.76353", "0.60709", "0.96027"),
        ("5.3475", "0.02075", "0.02322"),
    ),
]


def test_gives_the_textbooks_figures_of_a_trial_in_the_literature() -> None:
    """Heart attacks in the Physicians' Health Study (New England Journal of Medicine 1988, 318:262), as Agresti prints them
    (2007, An Introduction to Categorical Data Analysis, sections 2.2 to 2.4): 1.82 at 1.43 or more, 1.83 (1.44, 2.33), 25.0."""
    placebo, aspirin = Arm("placebo", 189, 11_034), Arm("aspirin", 104, 11_037)
    difference, ratio, odds = (of(placebo, aspirin) for of in (risk_difference, risk_ratio, odds_ratio))
    assert [round(value, 3) for value in (difference.estimate, *difference.ci)] == [0.008, 0.005, 0.011]
    assert round(difference.estimate, 4) == 0.0077
    assert [round(value, 2) for value in (ratio.estimate, ratio.ci[0])] == [1.82, 1.43]
    assert [round(value, 2) for value in (odds.estimate, *odds.ci)] == [1.83, 1.44, 2.33]
    assert round(chi_squared([placebo, aspirin]).statistic, 1) == 25.0


def as_printed(value: float, printed: str) -> str:
    return f"{value:.{len(printed.split('.')[1])}f}"


@pytest.mark.parametrize(("arms", "difference", "ratio", "odds", "tests"), PUBLISHED)
def test_gives_the_published_figures(arms, difference, ratio, odds, tests) -> None:
    for function, printed in ((risk_difference, difference), (risk_ratio, ratio), (odds_ratio, odds)):
        figure = function(*arms)
        values = (figure.estimate, *figure.ci)
        assert tuple(map(as_printed, values, printed)) == printed
    chi = chi_squared(arms)
    assert tuple(map(as_printed, (chi.statistic, chi.p, fisher(*arms)), tests)) == tests
    assert chi.df == 1


def test_gives_the_published_rates_and_number_needed() -> None:
    assert [round(bound, 4) for bound in wilson(SANTA_CLARA[0])] == [0.0867, 0.1083]
    assert round(SANTA_CLARA[0].rate, 4) == 0.0970
    needed = number_needed(risk_difference(*SANTA_CLARA))
    assert [round(value, 1) for value in (needed.estimate, *needed.ci)] == [41.7, 24.9, 127.7]


# Newcombe 1998 (Statistics in Medicine 17:857), table I, method 3.
@pytest.mark.parametrize(
    ("events", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_interval_as_newcombe_printed_it(events: int, n: int, low: float, high: float) -> None:
    assert [round(bound, 4) for bound in wilson(Arm("a", events, n))] == [low, high]


@pytest.mark.parametrize("arms", [NEWCOMBE, NEW_YORK, SANTA_CLARA])
@pytest.mark.parametrize("level", [0.90, 0.95, 0.99])
def test_agrees_with_other_functions_of_scipy_and_statsmodels(arms, level: float) -> None:
    a, n1, b, n0 = arms[0].events, arms[0].n, arms[1].events, arms[1].n
    table = [[a, n1 - a], [b, n0 - b]]
    close = {"rel": 1e-9}
    assert wilson(arms[0], level) == pytest.approx(proportion_confint(a, n1, 1 - level, "wilson"), **close)
    katz = relative_risk(a, n1, b, n0)
    assert risk_ratio(*arms, level).estimate == pytest.approx(katz.relative_risk, **close)
    assert risk_ratio(*arms, level).ci == pytest.approx(tuple(katz.confidence_interval(level)), **close)
    woolf = scipy_odds_ratio(table, kind="sample")
    assert odds_ratio(*arms, level).estimate == pytest.approx(woolf.statistic, **close)
    assert odds_ratio(*arms, level).ci == pytest.approx(tuple(woolf.confidence_interval(level)), **close)
    statsmodels_table = Table2x2(table, shift_zeros=False)
    assert risk_ratio(*arms, level).ci == pytest.approx(
        statsmodels_table.riskratio_confint(1 - level), **close
    )
    pearson = statsmodels_table.test_nominal_association()
    assert chi_squared(arms).statistic == pytest.approx(pearson.statistic, **close)
    assert chi_squared(arms).p == pytest.approx(chi2_contingency(table, correction=False).pvalue, **close)
    assert fisher(*arms) == pytest.approx(fisher_exact(table).pvalue, **close)
    newcombe = confint_proportions_2indep(a, n1, b, n0, method="newcomb", compare="diff", alpha=1 - level)
    assert risk_difference(*arms, level).ci == pytest.approx(newcombe, **close)


def test_newcombe_interval_is_built_from_the_wilson_bounds() -> None:
    """Written out from Newcombe 1998 (17:873), method 10, with nothing of the code's."""
    z = norm.isf(0.025)

    def score(x: int, n: int) -> tuple[float, float]:
        middle, half = 2 * x + z**2, z * math.sqrt(z**2 + 4 * x * (1 - x / n))
        return (middle - half) / (2 * (n + z**2)), (middle + half) / (2 * (n + z**2))

    (l1, u1), (l2, u2), p1, p2 = score(56, 70), score(48, 80), 0.8, 0.6
    low = p1 - p2 - math.hypot(p1 - l1, u2 - p2)
    high = p1 - p2 + math.hypot(u1 - p1, p2 - l2)
    assert risk_difference(*NEWCOMBE).ci == pytest.approx((low, high), rel=1e-12)


# (a/n1, b/n0) -> is there an estimate and an interval of the ratio, the odds ratio; is there a chi-squared.
@pytest.mark.parametrize(
    ("treated", "control", "ratio", "odds", "chi"),
    [
        ((0, 10), (3, 10), (True, False), (True, False), True),
        ((3, 10), (0, 10), (False, False), (False, False), True),
        ((0, 10), (0, 10), (False, False), (False, False), False),
        ((10, 10), (3, 10), (True, True), (False, False), True),
        ((3, 10), (10, 10), (True, True), (True, False), True),
        ((10, 10), (10, 10), (True, False), (False, False), False),
        ((0, 10), (10, 10), (True, False), (True, False), True),
        ((10, 10), (0, 10), (False, False), (False, False), True),
        ((1, 2), (1, 2), (True, True), (True, True), True),
    ],
)
def test_a_zero_cell_leaves_none(treated, control, ratio, odds, chi) -> None:
    arms = Arm("t", *treated), Arm("c", *control)
    for figure, expected in ((risk_ratio(*arms), ratio), (odds_ratio(*arms), odds)):
        assert (figure.estimate is not None, figure.ci is not None) == expected
    result = chi_squared(arms)
    assert (result.statistic is not None, result.p is not None) == (chi, chi)
    assert risk_difference(*arms).ci is not None
    assert 0 <= fisher(*arms) <= 1


def test_a_zero_in_the_treated_arm_is_a_ratio_of_zero() -> None:
    assert risk_ratio(Arm("t", 0, 10), Arm("c", 3, 10)).estimate == 0.0
    assert odds_ratio(Arm("t", 0, 10), Arm("c", 3, 10)).estimate == 0.0


@pytest.mark.parametrize(
    ("ci", "given"),
    [
        ((-0.2, -0.1), True),
        ((0.1, 0.2), True),
        ((-0.1, 0.1), False),
        ((0.0, 0.1), False),
        ((-0.1, 0.0), False),
    ],
)
def test_number_needed_only_when_the_interval_excludes_zero(ci, given: bool) -> None:
    needed = number_needed(Estimate(sum(ci) / 2, ci, "newcombe"))
    assert (needed is not None) is given is excludes_zero(ci)


def test_smallest_expected_count() -> None:
    # 4 events and 16 others; the smaller arm is 8 of 20 people.
    assert chi_squared([Arm("a", 1, 12), Arm("b", 3, 8)]).smallest_expected == pytest.approx(8 * 4 / 20)


arms = st.integers(1, 3000).flatmap(lambda n: st.builds(Arm, st.just("arm"), st.integers(0, n), st.just(n)))
levels = st.sampled_from([0.90, 0.95, 0.9948])
PROPERTY = settings(max_examples=60, deadline=None, database=None, derandomize=True)


@PROPERTY
@given(arms, arms, levels)
def test_every_interval_holds_its_estimate(treated: Arm, control: Arm, level: float) -> None:
    low, high = wilson(treated, level)
    assert 0 <= low <= treated.rate <= high <= 1
    for function in (risk_difference, risk_ratio, odds_ratio):
        figure = function(treated, control, level)
        assert figure.ci is None or figure.estimate is not None
        if figure.ci is not None:
            low, high = figure.ci
            assert math.isfinite(low) and math.isfinite(high)
            assert low <= figure.estimate <= high or math.isclose(low, high, rel_tol=1e-9)
    low, high = risk_difference(treated, control, level).ci
    assert -1 <= low <= high <= 1


@PROPERTY
@given(arms, arms)
def test_swapping_the_arms_turns_every_figure_round(treated: Arm, control: Arm) -> None:
    there, back = risk_difference(treated, control), risk_difference(control, treated)
    assert there.estimate == pytest.approx(-back.estimate, abs=1e-12)
    assert there.ci == pytest.approx((-back.ci[1], -back.ci[0]), abs=1e-12)
    for function in (risk_ratio, odds_ratio):
        there, back = function(treated, control), function(control, treated)
        assert (there.ci is None) == (back.ci is None)
        if there.ci is not None:
            assert there.estimate == pytest.approx(1 / back.estimate, rel=1e-9)
            assert there.ci == pytest.approx((1 / back.ci[1], 1 / back.ci[0]), rel=1e-9)
    assert fisher(treated, control) == pytest.approx(fisher(control, treated), rel=1e-6)
    there, back = chi_squared([treated, control]), chi_squared([control, treated])
    assert there.p == back.p or there.p == pytest.approx(back.p, rel=1e-9)


@PROPERTY
@given(arms, arms)
def test_the_number_needed_turns_the_interval_over(treated: Arm, control: Arm) -> None:
    difference = risk_difference(treated, control)
    needed = number_needed(difference)
    assert (needed is None) == (difference.ci[0] <= 0 <= difference.ci[1])
    if needed is not None:
        low, high = needed.ci
        assert 1 <= low <= needed.estimate <= high
        assert sorted(abs(1 / bound) for bound in difference.ci) == pytest.approx([low, high])


def test_the_largest_arms_do_not_overflow() -> None:
    billion = 1_000_000_000
    arms = Arm("t", 200_000_000, billion), Arm("c", 200_050_000, billion)
    assert 0 < fisher(*arms) < 1
    assert chi_squared(arms).p == pytest.approx(fisher(*arms), rel=1e-3)
