"""A small, seeded part of the campaign whose 10,000 pilots a design are in docs/evaluation.md; bounds are loose, but can fail."""

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from click.testing import CliRunner, Result

from services.demo.simulate import DESIGNS as OFFERED
from services.demo.simulate import simulate
from services.reminders.evaluation.allocation import arm_for
from services.reminders.evaluation.allocation_clusters import court_week_arm, period_of, wedge_arm
from services.reminders.simulation.analysis import counted, naive, primary
from services.reminders.simulation.campaign import campaign
from services.reminders.simulation.designs import DESIGNS, scenario_of
from services.reminders.simulation.results import markdown, svg
from services.reminders.simulation.story import story, story_text
from services.reminders.simulation.trial import (
    ARMS,
    BLOCK_SIZES,
    TEXT,
    WEEK_BLOCK_SIZES,
    run,
    without_effect,
)
from services.reminders.simulation.world import Scenario, ScenarioError, generate


@pytest.fixture(scope="module")
def found():
    return {name: campaign(DESIGNS[name], 150, "tests") for name in ("permuted-blocks", "court-week")}


def test_the_designs_intervals_cover_what_was_planted(found) -> None:
    """95% of 150: 90% is two and a half standard errors away."""
    for one in found.values():
        for question in ("design", "people reached"):
            assert 0.89 < one.covered[question].value < 1
            assert one.covered[question].of == 150


def test_estimates_are_unbiased_and_the_naive_one_is_not(found) -> None:
    for one in found.values():
        for what in ("intention to treat", "people reached"):
            assert abs(one.biases[what].value) < 4 * one.biases[what].se
        assert one.biases["naive per-protocol"].value < -0.015


def test_false_alarms_are_rare_with_the_designs_test_and_bounds_and_not_without(found) -> None:
    for one in found.values():
        for rule in ("design", "obrien-fleming", "pocock"):
            assert one.alarms[rule].value < 0.10
        assert one.alarms["looks at 1.96"].value > one.alarms["design"].value
    naive = found["court-week"].alarms["naive"]
    assert naive.value > 0.07 and naive.value > found["permuted-blocks"].alarms["naive"].value


def test_the_wedge_takes_time_out_and_the_plain_table_does_not() -> None:
    scenario = replace(DESIGNS["stepped-wedge"], drift=-0.15, effect=0.0, reach=0.9)
    trials = [run(scenario, f"drift {number}") for number in range(60)]
    by_design = np.mean([primary(trial, trial.known()).estimate for trial in trials])
    plain = np.mean([naive(trial, trial.known()).estimate for trial in trials])
    assert abs(by_design) < 0.03 < -plain


def test_everybody_has_the_arm_that_a_real_pilot_gives() -> None:
    blocks = run(DESIGNS["permuted-blocks"], "s")
    people = blocks.people
    for place in range(blocks.scenario.courts):
        homes = list(dict.fromkeys(people.home[people.court == place].tolist()))
        for position, home in enumerate(homes):
            arm = arm_for("s", blocks.scenario.court(place), position, ARMS, BLOCK_SIZES)
            assert set(blocks.treated[people.home == home]) == {arm == TEXT}
    assert len(set(people.home.tolist())) < people.home.size

    weeks = run(DESIGNS["court-week"], "s")
    for person in range(0, 600, 7):
        court, week = weeks.scenario.court(int(weeks.people.court[person])), int(weeks.people.week[person])
        assert weeks.treated[person] == (court_week_arm("s", court, week, ARMS, WEEK_BLOCK_SIZES) == TEXT)

    wedge = run(DESIGNS["stepped-wedge"], "s")
    names, since = [wedge.scenario.court(place) for place in range(10)], date(2026, 1, 5)
    for person in range(0, 600, 7):
        day = since + timedelta(weeks=int(wedge.people.week[person]))
        arm = wedge_arm(
            "s", names, 5, names[int(wedge.people.court[person])], period_of(day, since, 14), (TEXT, "none")
        )
        assert wedge.treated[person] == (arm == TEXT)


def test_the_seed_says_everything() -> None:
    one, again, other = (run(Scenario(), seed) for seed in ("a", "a", "b"))
    assert np.array_equal(one.event, again.event) and counted(one, one.known()) == counted(
        again, again.known()
    )
    assert not np.array_equal(one.event, other.event)
    nothing = without_effect(one)
    assert np.array_equal(nothing.treated, one.treated)
    assert nothing.event.sum() > one.event.sum()
    assert campaign(Scenario(people=60), 60, "a", processes=2) == campaign(Scenario(people=60), 60, "a")


def test_the_planted_county_is_as_it_was_ordered() -> None:
    scenario = Scenario(people=200_000, drift=-0.1)
    people = generate(scenario, np.random.default_rng(1))
    assert people.rate.mean() == pytest.approx(0.20, abs=0.01)
    assert people.reachable.mean() == pytest.approx(0.60, abs=0.01)
    change = (people.reached_rate - people.rate)[people.reachable]
    assert change.mean() == pytest.approx(-0.06, abs=0.005)
    assert (people.heard_week != people.week).mean() == pytest.approx(0.15, abs=0.01)
    assert np.isinf(people.known_at).mean() == pytest.approx(0.03, abs=0.005)
    assert people.rate[people.week == 0].mean() - people.rate[people.week == 11].mean() > 0.05
    pairs = people.home != np.arange(people.home.size)
    assert pairs.mean() == pytest.approx(0.025, abs=0.005)


def test_six_weeks_and_then_covid_is_inconclusive_with_what_could_have_been_found() -> None:
    """Both arms lose their vacated hearings by one rule; the flow closes."""
    told = story(scenario_of("permuted-blocks", stop=6), "2020")
    assert told["verdict"]["word"] == "inconclusive"
    assert (
        "A pilot of this size could have detected (with 80% power) a fall of 11.1 points"
        in told["verdict"]["sentence"]
    )
    assert told["truth"] == pytest.approx(-0.036, abs=0.01)
    for arm in told["flow"].values():
        assert arm["assigned"] == arm["known"] + arm["pending"] + arm["missing"] + arm["vacated"]
        assert arm["vacated"] > 100
    assert told["reached"]["estimate"] is not None and told["reached_refused"] is None
    few = story(scenario_of("permuted-blocks", people=300, reach=0.03, effect=-0.1), "8")
    assert few["reached"]["estimate"] is None and few["reached_refused"] in story_text(few)
    assert "-303.6" not in story_text(few) and "Among people reached: not given; planted" in story_text(few)
    whole = story(scenario_of("permuted-blocks"), "2020")
    assert whole["flow"][TEXT]["assigned"] == told["flow"][TEXT]["assigned"]
    nobody = story(scenario_of("permuted-blocks", stop=0), "2020")
    assert nobody["primary"] is None and "nothing to compare" in story_text(nobody)


def test_the_command_tells_one_pilot_of_each_design() -> None:
    done = CliRunner().invoke(simulate, ["--design", "every", "--json"])
    assert done.exit_code == 0, done.output
    designs = json.loads(done.stdout)["designs"]
    assert tuple(designs) == OFFERED == tuple(DESIGNS)
    assert all(one["synthetic"] for one in designs.values())
    assert designs["all-treated"]["history"]["heading"] == "Not a randomised comparison"
    text = CliRunner().invoke(simulate, ["--design", "all-treated"]).stdout
    assert text.startswith("Synthetic data") and "Not a randomised comparison" in text


def test_what_nobody_shows_is_not_defined() -> None:
    def ran(*asked: str) -> Result:
        done = CliRunner().invoke(simulate, ["--people", "1", "--reach", "0", *asked])
        assert (done.exit_code, done.stderr) == (0, "")
        return done

    assert json.loads(ran("--json").stdout)["designs"]["permuted-blocks"]["truth_among_reached"] is None
    assert "Among people reached: not defined; planted not defined\n" in ran().stdout
    pair = ["--pilots", "2", "--people", "3", "--reach", "0.6", "--seed", "c"]
    many = json.loads(ran(*pair, "--json").stdout, parse_constant=pytest.fail)
    bias = many["designs"]["permuted-blocks"]["bias"]
    assert None in {mean["se"] for mean in bias.values()}
    assert "± not defined" in ran(*pair).stdout


@pytest.mark.parametrize("option", ["--reach", "--baseline", "--effect", "--moves", "--lag"])
@pytest.mark.parametrize("number", ["nan", "inf"])
def test_what_is_planted_is_a_number(option: str, number: str) -> None:
    done = CliRunner().invoke(simulate, [option, number])
    assert done.exit_code == 2 and "no number to count with" in done.stderr


def test_the_command_writes_a_table_and_a_chart(tmp_path) -> None:
    arguments = ["--pilots", "20", "--people", "80", "--effect", "-0.1", "--out", str(tmp_path)]
    done = CliRunner().invoke(simulate, arguments)
    assert done.exit_code == 0, done.output
    written = json.loads((tmp_path / "simulation.json").read_text())["designs"]["permuted-blocks"]
    assert written["scenario"]["people"] == 80 and written["covered"]["design"]["of"] == 20
    table = (tmp_path / "simulation.md").read_text()
    assert table in done.stdout and "| permuted-blocks, 20 pilots |" in table
    drawing = ET.fromstring((tmp_path / "simulation.svg").read_text())
    described = drawing.find("{http://www.w3.org/2000/svg}desc")
    assert (
        described is not None and "Synthetic data" in described.text and "O'Brien–Fleming" in described.text
    )


def test_table_and_chart_hold_every_figure(found) -> None:
    table, drawing = markdown(found), svg(found)
    for one in found.values():
        for share in (*one.covered.values(), *one.alarms.values()):
            assert f"{share.value * 100:.2f}%" in table and f"{share.value:.1%}" in drawing
        for mean in one.biases.values():
            assert f"{mean.value * 100:+.3f}" in table


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reach": 1.1}, "reach is 1.1"),
        ({"baseline": 0.0}, "between 0 and 1"),
        ({"baseline": 0.05}, "no court's rate"),
        ({"effect": -0.5}, "more than the people reached can change"),
        ({"people": 0}, "above zero"),
        ({"lag": 0.0}, "above zero"),
        ({"stop": 13}, "stops after 13 weeks of 12"),
        ({"design": "stepped-wedge", "courts": 4}, "as many courts as steps"),
    ],
)
def test_refuses_a_scenario_that_cannot_be(changes, words: str) -> None:
    with pytest.raises(ScenarioError, match=words):
        Scenario(**changes)


def test_a_scenario_that_cannot_be_exits_2_with_one_line() -> None:
    done = CliRunner().invoke(simulate, ["--reach", "2"])
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1 and "reach is 2" in done.stderr
