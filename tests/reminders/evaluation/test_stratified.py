import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from statsmodels.stats.contingency_tables import StratifiedTable

from services.reminders.evaluation.arms import Arm
from services.reminders.evaluation.stratified import stratified
from services.reminders.evaluation.two_by_two import chi_squared, risk_ratio

# Agresti 2013, Categorical Data Analysis, table 6.9: eight centres, successes and failures of drug and of control.
AGRESTI = [
    ((11, 25), (10, 27)),
    ((16, 4), (22, 10)),
    ((14, 5), (7, 12)),
    ((2, 14), (1, 16)),
    ((6, 11), (0, 12)),
    ((1, 10), (0, 10)),
    ((1, 4), (1, 8)),
    ((4, 2), (6, 1)),
]


def strata(tables) -> list[tuple[str, dict[str, tuple[int, int]]]]:
    """From ((events, others) treated, (events, others) control)."""
    return [
        (f"court {index}", {"t": (a, a + b), "c": (c, c + d)})
        for index, ((a, b), (c, d)) in enumerate(tables)
    ]


def test_gives_agrestis_difference_and_standard_error() -> None:
    """Page 231: 0.130, standard error 0.050 by Sato; page 230: common odds ratio 2.13, test 6.38 (corrected 5.56)."""
    result = stratified(strata(AGRESTI), "t", "c")
    assert round(result["risk_difference"]["estimate"], 3) == 0.130
    assert round(result["risk_difference"]["se"], 3) == 0.050
    assert round(result["odds_ratio"]["estimate"], 2) == 2.13
    assert round(result["test"]["statistic"], 2) == 6.38
    assert result["strata_used"] == 8


def test_gives_rothmans_figures() -> None:
    """Tolbutamide (Rothman, Greenland and Lash 2008, chapter 15), intervals at 90%, as the metafor project prints them."""
    result = stratified(strata([((8, 98), (5, 115)), ((22, 76), (16, 69))]), "t", "c", level=0.90)
    assert result["risk_difference"]["estimate"] == pytest.approx(0.0349003, abs=1e-7)
    odds = result["odds_ratio"]
    assert [math.log(value) for value in (odds["estimate"], *odds["ci"])] == pytest.approx(
        [0.3387187, -0.1730849, 0.8505222], abs=1e-7
    )
    ratio = result["risk_ratio"]
    assert [math.log(value) for value in (ratio["estimate"], *ratio["ci"])] == pytest.approx(
        [0.2818315, -0.1441554, 0.7078184], abs=1e-7
    )


def test_gives_the_common_relative_risk_of_sas() -> None:
    """PROC FREQ's migraine example: 2.1636 (1.2336, 3.7948)."""
    result = stratified(strata([((16, 11), (5, 20)), ((12, 16), (7, 19))]), "t", "c")
    ratio = result["risk_ratio"]
    assert [round(value, 4) for value in (ratio["estimate"], *ratio["ci"])] == [2.1636, 1.2336, 3.7948]


def test_the_interval_inverts_the_test_with_satos_variance() -> None:
    """At each bound d the distance to the estimate is 1.96 standard errors, with Sato's variance at d itself."""
    result = stratified(strata(AGRESTI), "t", "c")["risk_difference"]
    x1, b, x0, d = (
        np.array(column, float) for column in zip(*(sum(pair, ()) for pair in AGRESTI), strict=True)
    )
    n1, n0 = x1 + b, x0 + d
    n = n1 + n0
    weight = (n1 * n0 / n).sum()
    p = ((n1**2 * x0 - n0**2 * x1 + n1 * n0 * (n0 - n1) / 2) / n**2).sum()
    q = ((x1 * (n0 - x0) + x0 * (n1 - x1)) / (2 * n)).sum()
    assert result["se"] == pytest.approx(math.sqrt(result["estimate"] * p + q) / weight, rel=1e-12)
    for bound in result["ci"]:
        distance = abs(result["estimate"] - bound) / (math.sqrt(bound * p + q) / weight)
        assert distance == pytest.approx(norm.isf(0.025), rel=1e-9)


def test_agrees_with_statsmodels_called_directly() -> None:
    tables = [[list(treated), list(control)] for treated, control in AGRESTI]
    theirs, ours = StratifiedTable(tables), stratified(strata(AGRESTI), "t", "c", 0.9)
    assert ours["odds_ratio"]["estimate"] == pytest.approx(theirs.oddsratio_pooled, rel=1e-12)
    assert ours["odds_ratio"]["ci"] == pytest.approx(theirs.oddsratio_pooled_confint(0.1), rel=1e-9)
    assert ours["risk_ratio"]["estimate"] == pytest.approx(theirs.riskratio_pooled, rel=1e-12)
    assert ours["test"]["p"] == pytest.approx(theirs.test_null_odds().pvalue, rel=1e-9)


def test_one_stratum_is_the_plain_table() -> None:
    treated, control = Arm("t", 281, 2898), Arm("c", 340, 2811)
    result = stratified([("court", {"t": (281, 2898), "c": (340, 2811)})], "t", "c")
    assert result["risk_difference"]["estimate"] == pytest.approx(treated.rate - control.rate, rel=1e-12)
    plain = risk_ratio(treated, control)
    assert result["risk_ratio"]["estimate"] == pytest.approx(plain.estimate, rel=1e-12)
    assert result["risk_ratio"]["ci"] == pytest.approx(plain.ci, rel=1e-12)
    people = 2898 + 2811
    expected = chi_squared([treated, control]).statistic * (people - 1) / people
    assert result["test"]["statistic"] == pytest.approx(expected, rel=1e-12)


def test_strata_take_away_a_difference_that_is_only_between_courts() -> None:
    """Simpson: 5% and 45% in both arms, but the treated mostly at the court with 45%."""
    result = stratified(
        [("a", {"t": (5, 100), "c": (20, 400)}), ("b", {"t": (180, 400), "c": (45, 100)})], "t", "c"
    )
    assert result["risk_difference"]["estimate"] == pytest.approx(0, abs=1e-15)
    assert result["test"]["statistic"] == pytest.approx(0, abs=1e-15)


def test_a_court_with_one_arm_is_left_out_and_named() -> None:
    both = {"t": (5, 50), "c": (9, 50)}
    courts = [("a", both), ("b", {"t": (3, 7)}), ("c", {"t": (0, 0), "c": (2, 4)}), ("d", {}), ("e", both)]
    result = stratified(courts, "t", "c")
    assert (result["strata_used"], result["strata_left_out"], result["people_left_out"]) == (
        2,
        ["b", "c"],
        11,
    )
    alone = stratified([("a", both), ("e", both)], "t", "c")
    assert result["risk_difference"] == alone["risk_difference"]


@pytest.mark.parametrize(
    ("tables", "difference", "ratio", "odds", "test"),
    [
        ([], (False, False), (False, False), (False, False), False),
        ([((0, 9), (0, 9))], (True, False), (False, False), (False, False), False),
        ([((9, 0), (9, 0))], (True, False), (True, False), (False, False), False),
        ([((0, 9), (9, 0))], (True, True), (True, False), (True, False), True),
        ([((9, 0), (0, 9))], (True, True), (False, False), (False, False), True),
        ([((0, 9), (3, 6))], (True, True), (True, False), (True, False), True),
        ([((3, 6), (0, 9))], (True, True), (False, False), (False, False), True),
        ([((9, 0), (3, 6))], (True, True), (True, True), (False, False), True),
        ([((0, 9), (0, 9)), ((3, 6), (4, 5))], (True, True), (True, True), (True, True), True),
        ([((0, 9), (0, 9)), ((9, 0), (9, 0))], (True, False), (True, False), (False, False), False),
    ],
)
def test_what_is_undefined_is_none(tables, difference, ratio, odds, test) -> None:
    result = stratified(strata(tables), "t", "c")
    for key, expected in (("risk_difference", difference), ("risk_ratio", ratio), ("odds_ratio", odds)):
        assert (result[key]["estimate"] is not None, result[key]["ci"] is not None) == expected, key
    assert (result["test"]["p"] is not None) == test


cells = st.integers(0, 60)
random_tables = st.lists(st.tuples(st.tuples(cells, cells), st.tuples(cells, cells)), max_size=6)


@settings(max_examples=80, deadline=None, database=None, derandomize=True)
@given(random_tables)
def test_any_table_answers_and_swaps_its_sign(tables) -> None:
    there, back = stratified(strata(tables), "t", "c"), stratified(strata(tables), "c", "t")
    assert json.loads(json.dumps(there, allow_nan=False)) == there
    difference, other = there["risk_difference"], back["risk_difference"]
    assert (difference["ci"] is None) == (other["ci"] is None)
    if difference["ci"] is not None:
        low, high = difference["ci"]
        assert -1 <= low <= difference["estimate"] <= high <= 1
        assert other["estimate"] == pytest.approx(-difference["estimate"], abs=1e-12)
        assert other["ci"] == pytest.approx([-high, -low], abs=1e-9)
    for key in ("risk_ratio", "odds_ratio"):
        if there[key]["ci"] is not None:
            assert there[key]["ci"][0] <= there[key]["estimate"] * (1 + 1e-12)
            assert there[key]["estimate"] <= there[key]["ci"][1] * (1 + 1e-12)
