import numpy as np
import pytest
from scipy.stats import multivariate_normal

from services.reminders.evaluation.looks import LooksError, boundaries, level_at
from services.reminders.evaluation.spending import boundary_for, spent_boundaries


@pytest.mark.parametrize(
    ("information", "shape", "expected"),
    [
        ([1], "obrien-fleming", [1.960]),
        ([0.5, 1], "obrien-fleming", [2.963, 1.969]),
        ([0.2, 0.4, 0.6, 0.8, 1], "obrien-fleming", [4.877, 3.357, 2.680, 2.290, 2.031]),
        ([0.5, 1], "pocock", [2.157, 2.201]),
        ([0.2, 0.4, 0.6, 0.8, 1], "pocock", [2.438, 2.427, 2.410, 2.397, 2.386]),
    ],
)
def test_gives_the_published_boundaries(information, shape, expected: list[float]) -> None:
    """Lan and DeMets' boundaries for equal looks, as Reboussin, DeMets, Kim and Lan 2000 print them (and ldbounds)."""
    assert [round(bound, 3) for bound in spent_boundaries(information, shape)] == expected


def test_unequal_looks_spend_what_the_function_says() -> None:
    """By the multivariate normal of scipy: at 0.3 and 0.7 of the plan, and at its end."""
    times = [0.3, 0.7, 1.0]
    bounds = spent_boundaries(times)
    # Half of 5% a side: z of 1.25% is 2.241403.
    spent = [4 * (1 - float(multivariate_normal.cdf(2.241403 / time**0.5))) for time in times]
    for looks in (1, 2, 3):
        now = np.array(times[:looks])
        correlation = np.sqrt(np.minimum.outer(now, now) / np.maximum.outer(now, now))
        bound = np.array(bounds[:looks])
        inside = multivariate_normal(np.zeros(looks), correlation, allow_singular=True).cdf(
            bound, lower_limit=-bound
        )
        assert 1 - inside == pytest.approx(spent[looks - 1], abs=2e-5)


def test_equal_looks_as_planned_keep_the_planned_boundaries() -> None:
    planned = boundaries(3)
    assert boundary_for(3, "obrien-fleming", [0.34], last=False) == (planned[0], "planned")
    assert boundary_for(3, "obrien-fleming", [0.33, 0.66, 1.0], last=True) == (planned[2], "planned")
    for shares, last in (
        ([0.40], False),
        ([0.33, 0.66, 0.9], True),
        ([0.33], True),
        ([0.33, 0.66, 1.0], False),
    ):
        assert boundary_for(3, "obrien-fleming", shares, last)[1] == "spending"


def test_the_last_look_spends_everything_that_is_left() -> None:
    """A pilot that a pause ends after 40% of its people has the whole 5% at its only look, and 1.96."""
    assert boundary_for(2, "obrien-fleming", [0.4], last=True)[0] == pytest.approx(1.959964, abs=1e-6)
    early, _ = boundary_for(2, "obrien-fleming", [0.5, 0.8], last=False)
    final, _ = boundary_for(2, "obrien-fleming", [0.5, 0.8], last=True)
    assert final < early
    more, _ = boundary_for(2, "pocock", [0.5, 1.3], last=True)
    assert more == pytest.approx(spent_boundaries([0.5, 1.3], "pocock", [0.5, 1.0])[-1])


def test_a_very_early_look_has_a_level_below_one() -> None:
    for bound in spent_boundaries([0.001, 0.002, 1.0]):
        assert 0.94 < level_at(bound) < 1
    assert spent_boundaries([0.001, 1.0])[-1] == pytest.approx(1.96, abs=0.001)


@pytest.mark.parametrize("times", [[], [0.0, 1.0], [0.5, 0.5], [0.6, 0.5], [0.5, 1.1]])
def test_refuses_information_that_does_not_rise(times) -> None:
    with pytest.raises(LooksError):
        spent_boundaries(times)
