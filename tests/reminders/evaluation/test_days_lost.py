"""Adjournments for absence, and the days they take: compared as allocated, held against statsmodels and scipy called directly."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy.stats import norm, ttest_ind

from services.reminders.evaluation.cells import Cell, Lost
from services.reminders.evaluation.court_weeks import ClusterCell, court_weeks
from services.reminders.evaluation.days_lost import METHOD, Sample, mean_difference, welch
from services.reminders.evaluation.multiple import holm
from services.reminders.evaluation.report import pilot_report
from services.reminders.evaluation.report_document import document
from services.reminders.evaluation.report_text import as_text
from tests.reminders.evaluation.made import evidence, protocol


def sample(days: Any) -> Sample:
    return Sample(len(days), int(sum(days)), int(sum(day**2 for day in days)))


def drawn(seed: int = 5, sizes: tuple[int, ...] = (40, 60, 90)) -> pd.DataFrame:
    """People of three courts; in the arm with texts fewer lose days."""
    chance = np.random.default_rng(seed)
    frames = []
    for court, size in enumerate(sizes):
        for treated in (1, 0):
            lost = chance.random(size + 7 * treated) < 0.2 + 0.1 * court - 0.08 * treated
            days = np.where(lost, chance.integers(7, 40, lost.size), 0)
            frames.append(pd.DataFrame({"court": court, "treated": treated, "days": days}))
    return pd.concat(frames)


def test_the_difference_is_least_squares_within_courts_and_its_error_each_courts_own() -> None:
    people = drawn()
    strata = [
        {"t": sample(of[of.treated == 1].days), "c": sample(of[of.treated == 0].days)}
        for _, of in people.groupby("court")
    ]
    found, out = mean_difference(strata, "t", "c", 0.9)
    fitted = smf.ols("days ~ treated + C(court)", people).fit()
    assert found.estimate == pytest.approx(fitted.params["treated"], rel=1e-10) and out == 0
    # The variance by hand, from numpy's: weights n1 n0 / (n1 + n0).
    weights, variance = [], []
    for _, of in people.groupby("court"):
        one, other = of[of.treated == 1].days, of[of.treated == 0].days
        weights.append(1 / (1 / len(one) + 1 / len(other)))
        variance.append(np.var(one, ddof=1) / len(one) + np.var(other, ddof=1) / len(other))
    share = np.array(weights) / sum(weights)
    assert found.se == pytest.approx(np.sqrt((share**2 * np.array(variance)).sum()), rel=1e-10)
    assert found.ci == pytest.approx(
        (found.estimate - norm.isf(0.05) * found.se, found.estimate + norm.isf(0.05) * found.se)
    )
    assert found.p == pytest.approx(2 * norm.sf(abs(found.estimate / found.se)))


def test_one_stratum_is_welchs_difference_and_a_stratum_of_one_says_nothing() -> None:
    people = drawn(sizes=(80,))
    one, other = (people[people.treated == arm].days for arm in (1, 0))
    plain = welch(sample(one), sample(other))
    test = ttest_ind(one, other, equal_var=False)
    assert plain.p == pytest.approx(test.pvalue, rel=1e-10)
    assert plain.ci == pytest.approx(tuple(test.confidence_interval()), rel=1e-10)
    alone = {"t": Sample(1, 5, 25), "c": Sample(30, 10, 100)}
    found, out = mean_difference([{"t": sample(one), "c": sample(other)}, alone, {"t": Sample(9)}], "t", "c")
    assert found.estimate == pytest.approx(plain.estimate) and found.se == pytest.approx(plain.se)
    assert out == 31 + 9
    assert mean_difference([alone], "t", "c")[0].estimate is None
    # Nobody lost a day: no error, so no interval and no test.
    nobody = welch(Sample(40), Sample(50))
    assert (nobody.estimate, nobody.ci, nobody.p) == (0, None, None)


def cells(arm: str, n: int, absence: int, other: int, unit: int | None = None, **more: Any) -> list[Cell]:
    """`n` people, of whose cases these many were put off because nobody came, and these for something else."""
    groups = [
        (absence, {"adjourned": "absence", "attendance": "absent"}),
        (other, {"adjourned": "yes", "attendance": "attended"}),
        (n - absence - other, {"adjourned": "no", "attendance": "attended"}),
    ]
    return [Cell(arm, "B41ME", number, unit=unit, **(said | more)) for number, said in groups if number]


def lost(of: list[Cell], days: int = 21) -> list[Lost]:
    """Each adjournment for absence takes as many days."""
    each = [days if cell.adjourned == "absence" else 0 for cell in of]
    return [Lost(cell.n * took, cell.n * took**2, cell) for cell, took in zip(of, each, strict=True)]


def test_the_report_counts_them_where_the_results_say() -> None:
    known = cells("text", 400, 40, 60) + cells("none", 400, 80, 60)
    silent = [
        Cell("text", "B41ME", 50, attendance="absent"),
        Cell("none", "B41ME", 50, attendance="attended"),
    ]
    gone = [Cell("none", "B41ME", 5, withdrawn=True)]
    everybody = [*known, *silent, *gone]
    report = pilot_report(evidence(everybody, lost=lost(everybody)))
    blocks = {block["outcome"]: block for block in report["secondary"]}
    assert list(blocks) == ["fta", "warrant", "adjourned_for_absence", "adjourned"]
    assert [(arm["events"], arm["n"]) for arm in blocks["adjourned_for_absence"]["arms"]] == [
        (40, 400),
        (80, 400),
    ]
    assert [(arm["events"], arm["n"]) for arm in blocks["adjourned"]["arms"]] == [(100, 400), (140, 400)]
    assert [arm["n"] for arm in report["primary"]["arms"]] == [450, 450]
    days = report["days_lost"]
    assert [(arm["days"], arm["n"], arm["mean"]) for arm in days["arms"]] == [
        (840, 400, 2.1),
        (1680, 400, 4.2),
    ]
    assert days["design"][0]["mean_difference"]["estimate"] == pytest.approx(-2.1)
    assert days["design"][0]["mean_difference"]["method"] == METHOD
    # Holm's over all the secondary outcomes together.
    tested = [*report["secondary"], days]
    assert [one["p_holm"] for one in tested] == holm([one["p"] for one in tested])
    saved = report["costs"]["adjournments_saved_per_thousand"]
    assert saved["estimate"] == pytest.approx(100) and saved["ci"][0] > 0
    assert report["costs"]["days_saved_per_thousand"]["estimate"] == pytest.approx(2100)
    assert "Of 800 of 900 people analysed" in report["notes"][-1]
    told = as_text(document(report))
    assert "Days lost, a person" in told and "-2.100 days a person" in told
    # Who need not come any more lost nothing, where the protocol counts them as having come.
    counted = pilot_report(
        evidence(everybody, protocol(rules={"withdrawn": "attended"}), lost=lost(everybody))
    )
    assert [arm["n"] for arm in counted["days_lost"]["arms"]] == [400, 405]


def test_nothing_is_said_of_them_where_no_result_does_nor_on_few_people() -> None:
    silent = [Cell(arm, "B41ME", 200, attendance="attended") for arm in ("text", "none")]
    report = pilot_report(evidence(silent, lost=[Lost(0, 0, cell) for cell in silent]))
    assert report["days_lost"] is None and len(report["secondary"]) == 2
    assert "not counted: no result" in report["notes"][-1]
    assert report["costs"]["days_saved_per_thousand"] is None
    for people, given in ((29, False), (30, True)):
        few = cells("text", people, 5, 5) + cells("none", 400, 80, 60)
        block = pilot_report(evidence([*few, *silent], lost=lost(few)))["days_lost"]
        assert (block["arms"][0]["mean"] is not None) is given and bool(block["design"]) is given


def test_court_weeks_are_compared_by_their_means() -> None:
    plan = protocol(allocation="court-week", courts=["B41ME"], until="2026-03-31", block_sizes=[2])
    weeks = [
        ("text" if week % 2 else "none", week, 5 + week % 3 + (0 if week % 2 else 4)) for week in range(12)
    ]
    people = [cell for arm, week, absent in weeks for cell in cells(arm, 40, absent, 5, week)]
    block = pilot_report(evidence(people, plan, lost=lost(people)))["days_lost"]
    (found,) = block["design"]
    means = [ClusterCell("B41ME", week, 0, arm == "text", 21 * absent, 40) for arm, week, absent in weeks]
    held = court_weeks(means, draws=0).risk_difference
    assert found["mean_difference"]["estimate"] == pytest.approx(held.estimate, rel=1e-10)
    assert found["mean_difference"]["se"] == pytest.approx(held.se, rel=1e-10)
    assert (found["clusters"], found["people"]) == (12, 480)
