import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from services.reminders.evaluation.cli import evaluate_command, power_command
from services.reminders.evaluation.refusals import causal_words

SANTA_CLARA = ["--arm", "text=281/2898", "--arm", "none=340/2811"]


def run(command, *arguments: str):
    return CliRunner().invoke(command, list(arguments), prog_name="heed")


def test_evaluate_answers_in_json() -> None:
    result = run(evaluate_command, *SANTA_CLARA, "--json")
    answer = json.loads(result.stdout)
    assert result.exit_code == 0
    assert answer["comparisons"][0]["risk_difference"]["estimate"] == 281 / 2898 - 340 / 2811
    assert result.stderr == ""


def test_evaluate_prints_every_figure_to_four_digits() -> None:
    out = run(evaluate_command, *SANTA_CLARA).stdout
    for figure in [
        "9.696%",
        "12.10%",
        "-2.399 percentage points (-4.021 to -0.7830)",
        "0.8017 (0.6905 to 0.9307)",
        "0.7804 (0.6601 to 0.9225)",
        "8.471 on 1 degree of freedom, p = 0.003608",
        "p = 0.003825",
        "one event fewer for every 41.68 people (24.87 to 127.7)",
        "does not know how the arms were formed",
    ]:
        assert figure in out
    assert causal_words(out, randomised=False) is None


def test_evaluate_prints_what_is_undefined_and_warns_of_several_comparisons() -> None:
    out = run(evaluate_command, "--arm", "a=3/10", "--arm", "b=0/10", "--arm", "c=0/10").stdout
    assert "not defined, because a cell of the table is zero" in out
    assert "not defined, because everybody or nobody had the event" in out
    assert "prefer this to chi-squared" in out
    assert "All arms at once: chi-squared 6.667 on 2 degrees of freedom" in out
    assert "no figure is adjusted for making several comparisons" in out


def test_power_answers_in_json() -> None:
    answer = json.loads(run(power_command, "--control", "0.20", "--treated", "0.16", "--json").stdout)
    assert answer["per_arm"] == {"pooled": 1447, "unpooled": 1445}
    arguments = ["--control", "0.20", "--treated", "0.16", "--per-arm", "150", "--json"]
    answer = json.loads(run(power_command, *arguments).stdout)
    assert (round(answer["power"], 3), round(answer["smallest_detectable_fall"], 3)) == (0.147, 0.113)
    assert round(answer["smallest_detectable_rise"], 3) == 0.143


def test_power_prints_for_people() -> None:
    arguments = ["--control", "0.20", "--treated", "0.16", "--per-arm", "150", "--reach", "0.38"]
    out = run(power_command, *arguments).stdout
    for words in [
        "A text reaches 38.00% of people",
        "10,557 people an arm (pooled variance)",
        "Among people reached, 20.00% to 16.00%; between whole arms, -1.520 percentage points",
        "11.30 percentage points between arms, which no change among the people reached can give",
        "14.33 percentage points between arms, 37.72 among the people reached",
    ]:
        assert words in out
    few = run(power_command, "--control", "0.2", "--per-arm", "5").stdout
    assert "none: too few people for a change of any size" in few
    assert "Smallest detectable rise   77.29 percentage points\n" in few


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        (evaluate_command, []),
        (evaluate_command, ["--arm", "a=1/2"]),
        (evaluate_command, ["--arm", "a=1/2", "--arm", "b=3/2"]),
        (evaluate_command, ["--arm", "a=1/2", "--arm", "b"]),
        (evaluate_command, ["--arm", "a=1/0", "--arm", "b=1/2", "--json"]),
        (evaluate_command, ["--arm"]),
        (evaluate_command, ["--arms", "a=1/2"]),
        (evaluate_command, ["a=1/2", "b=1/2"]),
        (power_command, []),
        (power_command, ["--control", "0.2"]),
        (power_command, ["--control", "20%", "--treated", "0.16"]),
        (power_command, ["--control", "20", "--treated", "0.16", "--json"]),
        (power_command, ["--control", "0.2", "--treated", "0.2"]),
        (power_command, ["--control", "0.2", "--per-arm", "1.5"]),
        (power_command, ["--control", "0.2", "--per-arm", "0"]),
    ],
)
def test_bad_input_exits_2_with_one_line(command, arguments: list[str]) -> None:
    result = run(command, *arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1


def test_starts_without_the_statistics_libraries() -> None:
    """Help, completion and bad input must not wait the seconds that these take to import."""
    check = (
        "import sys, services.reminders.evaluation.cli;"
        "print([m for m in ('numpy', 'scipy', 'statsmodels', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", check], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "[]\n"
