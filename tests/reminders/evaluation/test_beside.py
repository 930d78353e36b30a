"""What stands beside the primary comparison: balance, missing outcomes, several outcomes, costs, small numbers, groups."""

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy.stats import norm
from statsmodels.stats.anova import anova_lm

from services.reminders.evaluation.arms import Arm
from services.reminders.evaluation.balance import Balance, balance, chance_over, standardised
from services.reminders.evaluation.costs import cost_per_avoided
from services.reminders.evaluation.court_weeks import ClusterCell
from services.reminders.evaluation.effect import effect
from services.reminders.evaluation.missing import arm_bounds, fill
from services.reminders.evaluation.multiple import holm
from services.reminders.evaluation.power import Detectable, detectable_from, possible
from services.reminders.evaluation.stratified import stratified
from services.reminders.evaluation.subgroups import cluster_subgroups, subgroups
from services.reminders.evaluation.two_by_two import risk_difference


def test_chance_alone_moves_39_percent_of_covariates_over_a_tenth_at_150_an_arm() -> None:
    assert round(chance_over(0.1, 150, 150), 2) == 0.39
    assert chance_over(0.1, 15_000, 15_000) < 1e-17
    # Drawn: shares of 150 coins an arm.
    rng = np.random.default_rng(1)
    shares = rng.binomial(150, 0.5, (2, 20_000)) / 150
    over = np.mean([abs(standardised(one, other)) > 0.1 for one, other in shares.T])
    assert over == pytest.approx(chance_over(0.1, 150, 150), abs=0.03)


def test_balance_by_hand() -> None:
    found = balance({"bail": {"yes": (90, 60), "no": (60, 90)}, "sex": {"f": (0, 0)}}, 150, 150)
    assert [row.d for row in found.rows] == pytest.approx(
        [0.2 / math.sqrt(0.24), -0.2 / math.sqrt(0.24), None]
    )
    assert found.band == pytest.approx(1.959964 * math.sqrt(2 / 150), rel=1e-6)
    assert found.over_tenth == 2
    assert balance({"bail": {"yes": (1, 0)}}, 1, 0) == Balance((), None, None, 0)


def test_missing_outcomes_at_their_best_and_worst() -> None:
    strata = [("a", {"t": (10, 50, 5), "c": (20, 60, 4)}), ("b", {"t": (3, 30, 0), "c": (4, 30, 2)})]
    filled = fill(strata, "t")
    assert filled["complete"] == [("a", {"t": (10, 50), "c": (20, 60)}), ("b", {"t": (3, 30), "c": (4, 30)})]
    assert filled["best"] == [("a", {"t": (10, 55), "c": (24, 64)}), ("b", {"t": (3, 30), "c": (6, 32)})]
    assert filled["worst"] == [("a", {"t": (15, 55), "c": (20, 64)}), ("b", {"t": (3, 30), "c": (4, 32)})]
    low, known, high = (
        stratified(filled[kind], "t", "c")["risk_difference"]["estimate"]
        for kind in ("best", "complete", "worst")
    )
    assert low < known < high
    assert arm_bounds(10, 50, 5) == (10 / 55, 15 / 55)
    assert arm_bounds(0, 0, 0) is None


def test_holm_by_hand() -> None:
    """Holm 1979: the k-th smallest of m times m - k + 1, never below the one before."""
    assert holm([0.01, None, 0.04, 0.03]) == pytest.approx([0.03, None, 0.06, 0.06])
    assert holm([None]) == [None] and holm([]) == []
    assert holm([0.9, 0.8]) == [1.0, 1.0]


def test_cost_of_a_failure_avoided_is_the_number_needed_times_the_cost_of_one() -> None:
    """Santa Clara: 41.7 people, 24.9 to 127.7; at ten pence a person."""
    found = cost_per_avoided(0.10, risk_difference(Arm("text", 281, 2898), Arm("none", 340, 2811)))
    assert [round(value, 2) for value in (found.estimate, *found.ci)] == [4.17, 2.49, 12.77]
    assert cost_per_avoided(0.10, effect(0.02, 0.001, "a rise")) is None
    assert cost_per_avoided(0.10, effect(-0.02, 0.02, "inconclusive")) is None


def test_a_detectable_difference_is_found_by_80_percent() -> None:
    """From the normal: 2.80 standard errors; with 10 degrees of freedom more."""
    assert detectable_from(1.0) == pytest.approx(norm.isf(0.025) + norm.isf(0.2))
    assert detectable_from(0.01, df=10) == pytest.approx(0.01 * (2.228139 + 0.879058), rel=1e-5)
    assert detectable_from(1.0, level=0.99) > detectable_from(1.0)
    # Of a size from clusters rates may give neither way, one or both.
    given = [possible(0.2, size, size) for size in (0.2, 0.21, 0.8, 0.81)]
    assert given == [
        Detectable(0.2, 0.2),
        Detectable(None, 0.21),
        Detectable(None, 0.8),
        Detectable(None, None),
    ]


def test_subgroups_differ_by_cochrans_q() -> None:
    levels = {
        "bail": [("a", {"t": (10, 100), "c": (30, 100)}), ("b", {"t": (8, 80), "c": (12, 90)})],
        "summons": [("a", {"t": (20, 100), "c": (21, 100)})],
    }
    found = subgroups(levels, "t", "c")
    effects = [row.effect for row in found.rows]
    weights = np.array([one.se**-2 for one in effects])
    estimates = np.array([one.estimate for one in effects])
    q = (weights * (estimates - (weights @ estimates) / weights.sum()) ** 2).sum()
    assert found.interaction.statistic == pytest.approx(q, rel=1e-9)
    # With two levels, Q is the square of the difference over its standard error.
    z = (estimates[0] - estimates[1]) / math.hypot(*(one.se for one in effects))
    assert found.interaction.p == pytest.approx(2 * norm.sf(abs(z)), rel=1e-9)
    assert (found.rows[0].treated, found.rows[0].control) == ((18, 180), (42, 190))
    alone = subgroups({"bail": levels["bail"]}, "t", "c")
    assert (alone.interaction.statistic, alone.interaction.p) == (None, None)


def test_subgroups_of_court_weeks_are_compared_within_court_weeks() -> None:
    rng = np.random.default_rng(2)
    levels = {
        name: [
            ClusterCell("a" if week < 6 else "b", week, 0, week % 2 == 0, int(rng.binomial(40, rate)), 40)
            for week in range(12)
        ]
        for name, rate in (("bail", 0.2), ("summons", 0.4), ("unknown", 0.3))
    }
    found = cluster_subgroups(levels).interaction
    frame = pd.DataFrame(
        [
            {"level": name, "week": cell.week, "treated": int(cell.treated), "rate": cell.events / cell.n}
            for name, cells in levels.items()
            for cell in cells
        ]
    )
    for name in ("summons", "unknown"):
        frame[name] = frame["treated"] * (frame["level"] == name)
    with_it = smf.ols("rate ~ C(week) + C(level) + summons + unknown", frame).fit()
    without = smf.ols("rate ~ C(week) + C(level)", frame).fit()
    theirs = anova_lm(without, with_it)
    assert (found.df, found.statistic) == (2, pytest.approx(theirs["F"][1], rel=1e-6))
    assert found.p == pytest.approx(theirs["Pr(>F)"][1], rel=1e-6)
    assert cluster_subgroups({"bail": levels["bail"]}).interaction.p is None
    # Courts share no court-week: their rates are compared between court-weeks, as they stand.
    courts = {court: [cell for cell in levels["bail"] if cell.court == court] for court in ("a", "b")}
    frame = pd.DataFrame(
        [(cell.court, int(cell.treated), cell.events / cell.n) for cell in levels["bail"]],
        columns=["court", "treated", "rate"],
    )
    theirs = anova_lm(*(smf.ols(f"rate ~ C(court) {sign} treated", frame).fit() for sign in "+*"))
    found = cluster_subgroups(courts).interaction
    assert (found.df, found.statistic) == (1, pytest.approx(theirs["F"][1], rel=1e-6))
    assert found.p == pytest.approx(theirs["Pr(>F)"][1], rel=1e-6)
    # A level that only one arm has is asked nothing: the two others alone are.
    treated = [cell for cell in levels["unknown"] if cell.treated]
    one_sided = cluster_subgroups(levels | {"unknown": treated}).interaction
    assert (one_sided.df, one_sided.p is None) == (1, False)
    assert cluster_subgroups({"bail": levels["bail"], "unknown": treated}).interaction.df == 0
