import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.reminders.evaluation.arms import Arm, ArmError
from services.reminders.evaluation.compare import compare

SANTA_CLARA = [Arm("text", 281, 2898), Arm("none", 340, 2811)]

# The answer printed in EVALUATION.md, each number with the digits printed there.
PROMISED = {
    "arms": [
        {"name": "text", "events": 281, "n": 2898, "rate": 0.0970, "ci": [0.0867, 0.1083]},
        {"name": "none", "events": 340, "n": 2811},
    ],
    "comparisons": [
        {
            "treated": "text",
            "control": "none",
            "risk_difference": {"estimate": -0.02399, "ci": [-0.04021, -0.00783], "method": "newcombe"},
            "risk_ratio": {"estimate": 0.80166, "ci": [0.69051, 0.93070], "method": "log"},
            "odds_ratio": {"estimate": 0.78036, "ci": [0.66014, 0.92248], "method": "logit"},
            "chi_squared": {"statistic": 8.4711, "df": 1, "p": 0.003608},
            "fisher": {"p": 0.003825},
            "number_needed_to_treat": 41.7,
        }
    ],
    "overall": {"chi_squared": {"statistic": 8.4711, "df": 1, "p": 0.003608}},
}


def assert_holds(answer, promised) -> None:
    """Every promised field is there with the promised value; numbers to the digits that were printed."""
    if isinstance(promised, dict):
        for key, value in promised.items():
            assert_holds(answer[key], value)
    elif isinstance(promised, list):
        assert len(answer) == len(promised)
        for one, other in zip(answer, promised, strict=True):
            assert_holds(one, other)
    elif isinstance(promised, float):
        decimals = len(repr(promised).split(".")[1])
        assert round(answer, decimals) == promised
    else:
        assert answer == promised


def test_answers_in_the_promised_shape() -> None:
    answer = json.loads(json.dumps(compare(SANTA_CLARA), allow_nan=False))
    assert_holds(answer, PROMISED)
    assert answer["control"] == "none"
    assert [round(x, 1) for x in answer["comparisons"][0]["number_needed_to_treat_ci"]] == [24.9, 127.7]


def test_numbers_are_not_rounded() -> None:
    pair = compare(SANTA_CLARA)["comparisons"][0]
    assert pair["risk_difference"]["estimate"] == 281 / 2898 - 340 / 2811
    assert pair["number_needed_to_treat"] == pytest.approx(41.68407964, rel=1e-9)


def test_three_arms_give_every_pair_and_the_overall_test() -> None:
    answer = compare([Arm("a", 30, 100), Arm("b", 20, 100), Arm("c", 25, 100)])
    pairs = [(pair["treated"], pair["control"]) for pair in answer["comparisons"]]
    assert pairs == [("a", "b"), ("a", "c"), ("b", "c")]
    assert answer["control"] == "c"
    # 75 events, 25 expected in each arm: (25 + 25 + 0) * (1/25 + 1/75).
    assert answer["overall"]["chi_squared"]["statistic"] == pytest.approx(50 / 25 + 50 / 75 - 0, rel=1e-12)
    assert answer["overall"]["chi_squared"]["df"] == 2


def test_an_interval_that_includes_zero_has_no_number_needed() -> None:
    pair = compare([Arm("a", 10, 100), Arm("b", 11, 100)])["comparisons"][0]
    assert pair["number_needed_to_treat"] is None
    assert pair["number_needed_to_treat_ci"] is None


def test_zero_cells_are_null() -> None:
    answer = compare([Arm("a", 0, 10), Arm("b", 0, 10)])
    pair = answer["comparisons"][0]
    assert pair["risk_ratio"] == {"estimate": None, "ci": None, "method": "log"}
    assert pair["odds_ratio"] == {"estimate": None, "ci": None, "method": "logit"}
    assert (pair["chi_squared"]["statistic"], pair["chi_squared"]["df"], pair["chi_squared"]["p"]) == (
        None,
        1,
        None,
    )
    assert pair["fisher"]["p"] == 1.0
    assert answer["overall"]["chi_squared"]["p"] is None


@pytest.mark.parametrize("arms", [[], SANTA_CLARA[:1], [SANTA_CLARA[0], SANTA_CLARA[0]]])
def test_refuses_what_cannot_be_compared(arms) -> None:
    with pytest.raises(ArmError):
        compare(arms)


@settings(max_examples=25, deadline=None, database=None, derandomize=True)
@given(
    st.lists(
        st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
        min_size=2,
        max_size=4,
    )
)
def test_any_table_answers_in_plain_json(cells: list[tuple[int, int]]) -> None:
    answer = compare([Arm(f"arm {index}", *cell) for index, cell in enumerate(cells)])
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer
    assert len(answer["comparisons"]) == len(cells) * (len(cells) - 1) // 2
