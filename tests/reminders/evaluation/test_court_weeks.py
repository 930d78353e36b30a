import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy.stats import permutation_test, ttest_ind
from statsmodels.regression.linear_model import GLS
from statsmodels.regression.mixed_linear_model import MixedLM

from services.reminders.evaluation.court_weeks import ClusterCell, court_weeks
from services.reminders.evaluation.stepped_wedge import WedgeCell, stepped_wedge


def weeks(courts: int, count: int, effect: float = 0.0, seed: int = 1) -> list[ClusterCell]:
    """Blocks of four weeks, two of them treated; weeks differ by more than chance."""
    rng = np.random.default_rng(seed)
    cells = []
    for court in range(courts):
        treated = np.concatenate([rng.permutation([True, True, False, False]) for _ in range(count // 4)])
        rates = np.clip(0.1 + 0.1 * court + 0.05 * rng.normal(size=count) + effect * treated, 0.01, 0.99)
        people = rng.integers(20, 40, count)
        events = rng.binomial(people, rates)
        cells += [
            ClusterCell(
                f"court {court}", week, week // 4, bool(treated[week]), int(events[week]), int(people[week])
            )
            for week in range(count)
        ]
    return cells


def columns(cells) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "rate": [cell.events / cell.n for cell in cells],
            "treated": [int(cell.treated) for cell in cells],
            "court": [cell.court for cell in cells],
            "period": [getattr(cell, "period", 0) for cell in cells],
        }
    )


def test_is_least_squares_with_courts_as_statsmodels_gives_it() -> None:
    cells = weeks(3, 8)
    theirs = smf.ols("rate ~ treated + C(court)", columns(cells)).fit()
    ours = court_weeks(cells, level=0.9, draws=0)
    low, high = theirs.conf_int(alpha=0.1).loc["treated"]
    assert ours.risk_difference.estimate == pytest.approx(theirs.params["treated"], rel=1e-10)
    assert ours.risk_difference.ci == pytest.approx((low, high), rel=1e-9)
    assert ours.risk_difference.p == pytest.approx(theirs.pvalues["treated"], rel=1e-9)
    assert (ours.risk_difference.df, ours.clusters, ours.people) == (20, 24, sum(cell.n for cell in cells))


def test_one_court_is_students_t_test_and_scipys_permutation_test() -> None:
    cells = [
        ClusterCell(cell.court, cell.week, 0, cell.treated, cell.events, cell.n)
        for cell in weeks(1, 12, -0.05, 4)
    ]
    ours = court_weeks(cells)
    arms = [[cell.events / cell.n for cell in cells if cell.treated is arm] for arm in (True, False)]
    assert ours.risk_difference.p == pytest.approx(ttest_ind(*arms).pvalue, rel=1e-9)
    exact = permutation_test(
        arms, lambda x, y, axis: x.mean(axis=axis) - y.mean(axis=axis), vectorized=True, n_resamples=np.inf
    )
    assert ours.permutation is not None
    assert ours.permutation.p == pytest.approx(
        exact.pvalue, abs=4 * (exact.pvalue * (1 - exact.pvalue) / 4_999) ** 0.5
    )


def test_arms_change_places_only_within_blocks() -> None:
    """Two blocks of two weeks: four allocations, of which this one and its mirror are the most extreme."""
    cells = [
        ClusterCell("a", week, week // 2, treated, events, 100)
        for week, (treated, events) in enumerate([(True, 10), (False, 20), (True, 60), (False, 80)])
    ]
    found = court_weeks(cells).permutation
    assert found is not None and found.p == pytest.approx(0.5, abs=0.02)


def test_the_icc_is_that_of_the_analysis_of_variance() -> None:
    """Two arms of two court-weeks of ten: worked by hand, between 0.525, within 0.2, so 0.325 / 2.325."""
    cells = [ClusterCell("a", week, 0, week < 2, events, 10) for week, events in enumerate([1, 4, 3, 8])]
    between = (10 * (0.15**2 * 2) + 10 * (0.25**2 * 2)) / 2
    within = (0.9 + 2.4 + 2.1 + 1.6) / 36
    expected = (between - within) / (between + 9 * within)
    assert court_weeks(cells, draws=0).icc == pytest.approx(expected, rel=1e-9)


def test_what_says_nothing_is_left_out_and_thin_data_answer_none() -> None:
    both = weeks(1, 8)
    alone = [ClusterCell("only treated", week, 0, True, 1, 10) for week in range(3)]
    empty = [ClusterCell("empty", 0, 0, True, 0, 0)]
    found = court_weeks(both + alone + empty)
    assert (found.left_out, found.people_left_out) == (("only treated",), 30)
    assert found.risk_difference == court_weeks(both).risk_difference
    assert court_weeks(alone).risk_difference.estimate is None
    assert court_weeks([]).permutation is None
    two = [both[0], next(cell for cell in both if cell.treated is not both[0].treated)]
    thin = court_weeks(two)
    assert thin.risk_difference.estimate is not None and thin.risk_difference.ci is None
    same = [ClusterCell("a", week, 0, week % 2 == 0, 2, 10) for week in range(6)]
    assert court_weeks(same).risk_difference.ci is None
    assert court_weeks(same).permutation.p == 1


def wedge(
    courts: int, periods: int, effect: float = 0.0, seed: int = 1, spread: float = 0.1
) -> list[WedgeCell]:
    rng = np.random.default_rng(seed)
    cells = []
    for court in range(courts):
        base, step = 0.3 + spread * rng.normal(), 1 + court % (periods - 1)
        for period in range(periods):
            n = int(rng.integers(30, 60))
            rate = min(0.95, max(0.02, base - 0.02 * period + effect * (period >= step)))
            cells.append(WedgeCell(f"c{court}", period, period >= step, int(rng.binomial(n, rate)), n))
    return cells


def test_is_the_mixed_model_where_statsmodels_can_fit_it() -> None:
    cells = wedge(10, 6, -0.1, seed=3)
    frame = columns(cells)
    fixed = np.column_stack([frame["treated"], np.eye(6)[frame["period"]]])
    theirs = MixedLM(np.array(frame["rate"]), fixed, np.array(frame["court"])).fit(reml=True)
    ours = stepped_wedge(cells, draws=0)
    assert ours.risk_difference.estimate == pytest.approx(theirs.fe_params[0], abs=1e-6)
    between = float(theirs.cov_re[0, 0])
    assert ours.icc == pytest.approx(between / (between + theirs.scale), rel=1e-4)
    court = np.array(frame["court"])
    variance = theirs.scale * np.eye(60) + between * (court[:, None] == court)
    given = GLS(np.array(frame["rate"]), fixed, sigma=variance).fit()
    assert ours.risk_difference.se == pytest.approx(given.normalized_cov_params[0, 0] ** 0.5, rel=1e-4)
    # Its own error comes from a numeric Hessian.
    assert ours.risk_difference.se == pytest.approx(theirs.bse_fe[0], rel=0.01)
    # 60 cells less 6 periods, 9 more courts and the treatment.
    assert ours.risk_difference.df == 44


def test_without_a_variance_of_courts_it_is_least_squares_on_periods() -> None:
    cells = wedge(8, 5, seed=4, spread=0.0)
    theirs = smf.ols("rate ~ treated + C(period)", columns(cells)).fit()
    ours = stepped_wedge(cells, draws=0)
    assert ours.icc == 0
    assert ours.risk_difference.estimate == pytest.approx(theirs.params["treated"], rel=1e-9)
    assert ours.risk_difference.se == pytest.approx(theirs.bse["treated"], rel=1e-9)


def test_the_wedges_permutation_is_the_share_of_orders_at_least_as_extreme() -> None:
    """Every order of four courts over three steps, each fitted by statsmodels."""
    from itertools import permutations

    cells = wedge(4, 4, -0.08, seed=2)
    frame = columns(cells)
    steps = [1, 2, 3, 1]

    def difference(order) -> float:
        at = dict(zip(["c0", "c1", "c2", "c3"], order, strict=True))
        frame["treated"] = [
            int(period >= at[court]) for court, period in zip(frame["court"], frame["period"], strict=True)
        ]
        return smf.ols("rate ~ treated + C(court) + C(period)", frame).fit().params["treated"]

    observed = abs(difference(steps))
    orders = [difference(order) for order in permutations(steps)]
    exact = np.mean([abs(one) >= observed - 1e-12 for one in orders])
    found = stepped_wedge(cells).permutation
    assert found is not None and found.p == pytest.approx(exact, abs=0.02)


def test_a_wedge_that_cannot_tell_treatment_from_time_answers_none() -> None:
    cells = wedge(6, 4)
    before = [cell for cell in cells if cell.period == 0]
    assert stepped_wedge(before).risk_difference.estimate is None
    assert stepped_wedge([]).risk_difference.estimate is None
    together = [WedgeCell(cell.court, cell.period, cell.period > 1, cell.events, cell.n) for cell in cells]
    assert stepped_wedge(together).risk_difference.estimate is None
    nobody = [WedgeCell(cell.court, cell.period, cell.treated, 0, cell.n) for cell in cells]
    found = stepped_wedge(nobody)
    assert (found.risk_difference.estimate, found.risk_difference.ci, found.permutation.p) == (0, None, 1)
    gap = [cell for cell in cells if (cell.court, cell.period) != ("c1", 2)]
    assert stepped_wedge(gap, draws=99).risk_difference.ci is not None
