import pytest
from scipy.stats import multivariate_normal

from services.reminders.evaluation.looks import LooksError, boundaries, level_at


@pytest.mark.parametrize(
    ("looks", "shape", "expected"),
    [
        (1, "obrien-fleming", [1.960]),
        (2, "obrien-fleming", [2.797, 1.977]),
        (3, "obrien-fleming", [3.471, 2.454, 2.004]),
        (5, "obrien-fleming", [4.562, 3.226, 2.634, 2.281, 2.040]),
        (2, "pocock", [2.178, 2.178]),
        (5, "pocock", [2.413] * 5),
        (20, "pocock", [2.672] * 20),
    ],
)
def test_gives_the_published_constants(looks: int, shape, expected: list[float]) -> None:
    """Two looks as EVALUATION.md prints them; the others from Jennison and Turnbull 2000, tables 2.1 and 2.3."""
    assert [round(bound, 3) for bound in boundaries(looks, shape)] == expected


def test_spends_exactly_alpha_over_both_looks() -> None:
    first, last = boundaries(2)
    correlation = 0.5**0.5
    inside = multivariate_normal([0, 0], [[1, correlation], [correlation, 1]]).cdf(
        [first, last], lower_limit=[-first, -last]
    )
    assert 1 - inside == pytest.approx(0.05, abs=1e-6)


def test_the_level_belongs_to_the_boundary() -> None:
    assert level_at(boundaries(1)[0]) == pytest.approx(0.95, abs=1e-12)
    assert [round(level_at(bound), 4) for bound in boundaries(2)] == [0.9948, 0.9520]


@pytest.mark.parametrize(("looks", "shape"), [(0, "pocock"), (21, "pocock"), (2, "haybittle")])
def test_refuses_a_plan_without_boundaries(looks: int, shape) -> None:
    with pytest.raises(LooksError):
        boundaries(looks, shape)
