from datetime import date

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from statsmodels.stats.stattools import durbin_watson

from services.reminders.evaluation.interrupted import FEWEST_AFTER, FEWEST_BEFORE, Point, interrupted
from services.reminders.evaluation.refusals import Refusal

SINCE = date(2020, 2, 1)


def months(before: int, after: int) -> list[date]:
    return [date(2020 + (1 + step) // 12, 1 + (1 + step) % 12, 1) for step in range(-before, after)]


def points(before: int, after: int, level: float = 0.0, noise: bool = True) -> list[Point]:
    rng = np.random.default_rng(8)
    found = []
    for step, month in enumerate(months(before, after), start=-before):
        rate = 0.25 + 0.001 * step + 0.02 * np.sin(2 * np.pi * month.month / 12) + level * (step >= 0)
        n = 1_000_000 + 10_000 * (step % 3)
        found.append(Point(month, int(rng.binomial(n, rate)) if noise else round(rate * n), n))
    return found


def test_finds_what_was_planted() -> None:
    found = interrupted(points(24, 12, -0.05, noise=False), SINCE)
    assert found.level_change.estimate == pytest.approx(-0.05, abs=1e-5)
    assert found.slope_change.estimate == pytest.approx(0, abs=1e-6)
    assert (found.before, found.after, found.heading) == (24, 12, "Not a randomised comparison")
    assert np.array(found.expected[24:]) - np.array(found.fitted[24:]) == pytest.approx(0.05, abs=1e-5)
    assert found.expected[:24] == pytest.approx(found.fitted[:24], abs=1e-12)


def test_is_weighted_least_squares_as_statsmodels_gives_it() -> None:
    series = points(14, 9, -0.03)
    frame = pd.DataFrame(
        {
            "rate": [point.events / point.n for point in series],
            "n": [point.n for point in series],
            "t": range(23),
            "after": [point.month >= SINCE for point in series],
            "month": [2 * np.pi * point.month.month / 12 for point in series],
        }
    )
    frame["since"] = (frame["t"] - 14) * frame["after"]
    frame["after"] = frame["after"].astype(float)
    theirs = smf.wls(
        "rate ~ after + since + t + np.sin(month) + np.cos(month)", frame, weights=frame["n"]
    ).fit()
    ours = interrupted(series, SINCE, level=0.9)
    for change, name in ((ours.level_change, "after"), (ours.slope_change, "since")):
        assert change.estimate == pytest.approx(theirs.params[name], rel=1e-7)
        assert change.ci == pytest.approx(tuple(theirs.conf_int(0.1).loc[name]), rel=1e-7)
        assert (change.df, change.p) == (17, pytest.approx(theirs.pvalues[name], rel=1e-6))
    # Durbin and Watson's statistic is 2 less twice the autocorrelation, but for the ends.
    residual = theirs.wresid.to_numpy()
    ends = (residual[0] ** 2 + residual[-1] ** 2) / (residual @ residual)
    assert 2 - 2 * ours.autocorrelation - ends == pytest.approx(durbin_watson(residual), rel=1e-6)


@pytest.mark.parametrize(
    ("before", "after", "refused"), [(12, 8, False), (11, 8, True), (12, 7, True), (0, 0, True)]
)
def test_refused_under_12_before_or_8_after(before: int, after: int, refused: bool) -> None:
    assert (FEWEST_BEFORE, FEWEST_AFTER) == (12, 8)
    series = [*points(before, after), Point(date(2019, 1, 1), 0, 0)]
    found = interrupted(series, SINCE)
    assert isinstance(found, Refusal) is refused
    if refused:
        assert (
            found.code == "too-few-points" and f"{before} months before and {after} after" in found.sentence
        )


def test_a_neighbours_series_is_taken_away() -> None:
    ours, theirs = points(24, 12, -0.05, noise=False), points(24, 12, noise=False)
    found = interrupted(ours, SINCE, neighbour=[*theirs, Point(date(2030, 1, 1), 1, 2)])
    assert found.level_change.estimate == pytest.approx(-0.05, abs=1e-5)
    assert len(found.months) == 36
    assert found.expected[0] == pytest.approx(0, abs=1e-5)
    assert isinstance(interrupted(ours, SINCE, neighbour=theirs[:30]), Refusal)
