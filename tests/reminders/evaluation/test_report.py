"""The report of a pilot: what it says follows from the counts by rule, and what they cannot carry it refuses."""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.suppression import Sum
from services.reminders.evaluation import design
from services.reminders.evaluation.arms import Arm
from services.reminders.evaluation.cells import Cell, Counted, Lost, Reading
from services.reminders.evaluation.compare import compare
from services.reminders.evaluation.evidence import Look, ReportError, Taken
from services.reminders.evaluation.refusals import causal_words
from services.reminders.evaluation.report import pilot_report
from services.reminders.evaluation.report_text import render_text
from services.reminders.evaluation.reproduce_parts.power import power_section
from services.reminders.evaluation.reproduce_parts.rows import Study
from services.reminders.evaluation.stratified import stratified
from tests.common.test_suppression import derived
from tests.reminders.evaluation.made import CUT, PROVENANCE, big, evidence, people, protocol, small


def codes(report) -> list[str]:
    """The refusals, the standing one left out."""
    return [one["code"] for one in report["refusals"] if one["code"] != "texted-against-not-texted"]


def test_the_primary_comparison_follows_the_allocation_then_unadjusted() -> None:
    made = big()
    report = pilot_report(made)
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    level = report["look"]["level"]
    assert level == pytest.approx(0.95, abs=1e-12)
    counted = Counted.of(made.cells, Reading(made.protocol.rules), made.arms)
    expected = stratified(design.strata(counted.table("did_not_attend")), "text", "none", level)
    assert report["primary"]["stratified"] == [expected]
    assert report["primary"]["design"][0]["risk_difference"]["ci"] == expected["risk_difference"]["ci"]
    assert report["primary"]["unadjusted"] == compare([Arm("text", 281, 2898), Arm("none", 340, 2811)], level)
    assert report["verdict"]["word"] == "fewer"
    assert report["verdict"]["sentence"].startswith(
        "Fewer: the share who did not attend was 2.4 percentage points"
    )
    low, high = report["primary"]["design"][0]["number_needed_to_text_ci"]
    assert low < report["primary"]["design"][0]["number_needed_to_text"] < high
    assert report["pilot"]["data_cut"] == "2026-03-01T00:00:00+00:00"


def test_bail_and_summons_are_strata() -> None:
    cells = [*people("text", "B41ME", 30, 100, case="bail"), *people("none", "B41ME", 60, 200, case="bail")]
    more = [
        *people("text", "B41ME", 20, 200, case="summons"),
        *people("none", "B41ME", 10, 100, case="summons"),
    ]
    report = pilot_report(evidence([*cells, *more]))
    assert report["primary"]["design"][0]["strata"] == 2
    assert report["primary"]["design"][0]["risk_difference"]["estimate"] == pytest.approx(0, abs=1e-12)
    assert report["primary"]["unadjusted"]["comparisons"][0]["risk_difference"]["estimate"] < -0.05


def test_the_flow_is_told_as_counted() -> None:
    flow = pilot_report(big())["flow"]
    assert (flow["assessed"], flow["excluded_total"], flow["assigned_total"]) == (7000, 1281, 5719)
    for arm in flow["arms"]:
        assert arm["assigned"] == arm["known"] + arm["pending"] + arm["missing"] + arm["not_at_risk"]
        assert arm["assigned"] == arm["texted"] + arm["not_texted"]
        assert arm["texted"] == arm["delivered"] + arm["undelivered"] + arm["no_receipt"]
        assert arm["undelivered"] == sum(arm["undelivered_by_reason"].values())
        assert arm["not_at_risk"] == sum(arm["not_at_risk_by_reason"].values())
    assert flow["arms"][0]["undelivered_by_reason"] == {"carrier 30003": 2}
    assert flow["arms"][1]["not_at_risk_by_reason"] == {"withdrawn": 2}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"assessed": 7001}, "7001 assessed, but 1281 excluded and 5719 assigned"),
        ({"excluded": {"mobile-missing": -1}, "assessed": 5718}, "negative"),
        (
            {"assigned": {"text": 2903, "none": 2817}, "assessed": 7001},
            "2817 assigned, but 2816 accounted for",
        ),
        ({"cells": [Cell("else", "B41ME", 1)]}, "in an arm that the protocol lacks"),
        ({"cells": [Cell("text", "B41ME", 1, texts="lost")]}, "no box"),
        ({"provenance": replace(PROVENANCE, data_cut=CUT.replace(tzinfo=None))}, "no time zone"),
    ],
)
def test_counts_that_do_not_close_make_no_report(changes, words: str) -> None:
    with pytest.raises(ReportError, match=words) as caught:
        pilot_report(replace(big(), **changes))
    assert "\n" not in str(caught.value)


FATES = st.builds(
    Cell,
    arm=st.sampled_from(["text", "none"]),
    court=st.sampled_from(["B41ME", "B41MJ"]),
    n=st.integers(0, 60),
    case=st.sampled_from(["bail", "summons"]),
    texts=st.sampled_from(["none", "delivered", "undelivered", "no-receipt"]),
    why=st.sampled_from([None, "opted-out"]),
    moved=st.booleans(),
    withdrawn=st.booleans(),
    remanded=st.booleans(),
    paused=st.booleans(),
    overdue=st.booleans(),
    attendance=st.sampled_from(["attended", "represented", "absent", "unknown"]),
    fta=st.sampled_from(["yes", "presumed", "no", "unknown"]),
    warrant=st.sampled_from(["none", "issued", "closed", "unknown"]),
)
RULES = st.fixed_dictionaries(
    {
        "moved": st.sampled_from(["follow", "leave-out"]),
        "withdrawn": st.sampled_from(["not-at-risk", "attended"]),
        "remanded": st.sampled_from(["as-recorded", "leave-out"]),
    }
)


@settings(max_examples=30)
@given(cells=st.lists(FATES, max_size=25), rules=RULES)
def test_the_flow_closes_whatever_happened_and_whatever_the_rules(cells, rules) -> None:
    made = evidence(cells, protocol(rules=rules))
    found = pilot_report(made)
    assert json.dumps(found, allow_nan=False)
    for arm, block in zip(found["flow"]["arms"], found["primary"]["arms"], strict=True):
        assert arm["assigned"] == arm["texted"] + arm["not_texted"]
        assert arm["texted"] == arm["delivered"] + arm["undelivered"] + arm["no_receipt"]
        assert arm["assigned"] == arm["known"] + arm["pending"] + arm["missing"] + arm["not_at_risk"]
        assert arm["not_at_risk"] == sum(arm["not_at_risk_by_reason"].values())
        assert arm["analysed"] == block["n"] >= block["events"]
    rows = {row["name"]: row["arms"] for row in found["sensitivity"]}
    for totals in rows.values():
        assert all(events <= n <= made.assigned[arm] for arm, (events, n) in totals.items())
    assert render_text(found)


def test_an_early_look_is_judged_at_its_own_boundary() -> None:
    """15.0% against 18.7% of 1,000 each is 2.2 standard errors: past the last look's 1.98, not the first's 2.80."""
    counts, two = (150, 1000, (187, 1000)), protocol(planned_looks=2)
    only, early, last = (
        pilot_report(one)
        for one in (
            small(*counts),
            small(*counts, plan=two, look=Look(1, shown=True)),
            small(*counts, plan=two, look=Look(2, shown=True, before=(Taken(1, CUT, 0.5),))),
        )
    )
    assert [one["verdict"]["word"] for one in (only, early, last)] == ["fewer", "inconclusive", "fewer"]
    assert [round(one["look"]["boundary"], 3) for one in (early, last)] == [2.797, 1.977]
    assert "99.48% interval" in early["verdict"]["sentence"]
    assert early["verdict"]["smallest_detectable_fall"] > only["verdict"]["smallest_detectable_fall"]
    # A first look at more of the outcomes than planned has spent more: less is left for the last.
    spent = pilot_report(small(*counts, plan=two, look=Look(2, shown=True, before=(Taken(1, CUT, 0.8),))))
    assert spent["look"]["boundary_by"] == "spending"
    assert spent["look"]["boundary"] > last["look"]["boundary"]


UNPLANNED = Taken(None, CUT - timedelta(9))


@pytest.mark.parametrize(
    ("look", "expected", "words"),
    [
        (
            Look(2, shown=True, before=(Taken(1, CUT - timedelta(30), 0.5),)),
            "fewer",
            "percentage points lower",
        ),
        (Look(None, shown=True), "exploratory", "did not plan this look"),
        (Look(2, shown=True, before=(UNPLANNED,)), "exploratory", "looked at on 2026-02-20"),
        (Look(None, shown=False, next_day=date(2026, 4, 1)), "exploratory", "no figure is given by arm"),
    ],
)
def test_a_look_that_was_not_planned_is_exploratory(look: Look, expected: str, words: str) -> None:
    report = pilot_report(small(100, 1000, (187, 1000), plan=protocol(planned_looks=2), look=look))
    assert report["verdict"]["word"] == expected
    assert words in report["verdict"]["sentence"]
    assert words in render_text(report)


def test_between_looks_no_figure_is_given_by_arm() -> None:
    """Everything said of a pilot is the same whichever arm the failures are in."""
    plan = protocol(planned_looks=2, subgroups=["court"])
    made = [
        small(*counts, plan=plan, look=Look(None, shown=False, next_day=date(2026, 4, 1)))
        for counts in ((100, 1000, (187, 1000)), (187, 1000, (100, 1000)))
    ]
    one, other = (pilot_report(found) for found in made)
    assert one == other
    assert one["flow"]["arms"][0]["name"] == "all arms together"
    assert one["primary"]["pooled"] == {"events": 287, "n": 2000}
    assert codes(one) == ["between-looks"]
    assert "2026-04-01" in render_text(one)


def test_a_changed_protocol_is_compared_with_nothing() -> None:
    changed = replace(PROVENANCE, changed="its content has another hash")
    report = pilot_report(small(100, 1000, (187, 1000), provenance=changed))
    assert (report["verdict"]["word"], codes(report)) == ("exploratory", ["changed-protocol"])
    assert report["primary"]["arms"] == report["primary"]["design"] == []
    assert report["provenance"]["protocol_unchanged"] is False


def test_texted_people_are_never_compared_with_others() -> None:
    assert "texted-against-not-texted" in [one["code"] for one in pilot_report(big())["refusals"]]


def test_inconclusive_carries_what_could_be_detected_and_refuses_no_difference() -> None:
    report = pilot_report(small(29, 150, (30, 150)))
    verdict = report["verdict"]
    assert verdict["word"] == "inconclusive"
    assert round(verdict["smallest_detectable_fall"], 3) == 0.113
    assert round(verdict["smallest_detectable_rise"], 3) == 0.143
    assert "a fall of 11.3 points or a rise of 14.3 points" in verdict["sentence"]
    assert codes(report) == ["no-effect"]
    narrow = pilot_report(small(29, 150, (30, 150), plan=protocol(thresholds={"negligible": 0.2})))
    assert codes(narrow) == []


def test_a_rate_on_fewer_than_thirty_people_is_refused_with_its_comparisons() -> None:
    report = pilot_report(small(10, 29, (60, 150)))
    text, none = report["primary"]["arms"]
    assert (text["rate"], text["ci"], text["n"]) == (None, None, 29)
    assert none["rate"] == 0.4
    assert report["primary"]["stratified"] == report["primary"]["design"] == report["sensitivity"] == []
    assert report["primary"]["unadjusted"] is None
    assert report["verdict"]["word"] == "inconclusive"
    assert set(codes(report)) == {"few-people", "no-effect"}
    assert "not given" in render_text(report)
    assert pilot_report(small(10, 30, (60, 150)))["primary"]["unadjusted"] is not None
    stricter = protocol(thresholds={"fewest_for_a_rate": 31})
    assert pilot_report(small(10, 30, (60, 150), plan=stricter))["primary"]["unadjusted"] is None


def court_weeks(**more):
    """Twelve weeks at two courts, each week in one arm."""
    plan = protocol(allocation="court-week", until="2026-03-20", **more)
    cells = []
    for week in range(12):
        for court in plan.courts:
            arm = "text" if week % 2 else "none"
            cells += people(arm, court, 8 + week % 3 - 4 * (week % 2), 40, unit=week)
    return evidence(cells, plan)


def test_court_weeks_are_compared_as_they_were_assigned() -> None:
    report = pilot_report(court_weeks())
    (found,) = report["primary"]["design"]
    assert (found["method"], found["clusters"], report["primary"]["stratified"]) == ("court-week", 24, [])
    assert found["permutation"]["draws"] == 9_999
    assert report["verdict"]["word"] == "fewer"
    assert "court-weeks compared within courts" in report["verdict"]["sentence"]
    assert report["adjusted"]["errors"] == report["reached"]["errors"] == "clustered"
    assert any("look surer than they are" in note for note in report["notes"])
    assert "Permutation test" in render_text(report)


def test_a_stepped_wedge_is_compared_within_periods() -> None:
    plan = protocol(
        allocation="stepped-wedge", courts=["B41ME", "B41MJ", "B41US", "B41NW"], steps=2, until="2026-04-30"
    )
    cells = []
    for place, court in enumerate(plan.courts):
        for period in range(3):
            arm = "text" if period > place % 2 else "none"
            cells += people(arm, court, 8 + period + place - 3 * (arm == "text"), 60, unit=period)
    (found,) = pilot_report(evidence(cells, plan))["primary"]["design"]
    assert found["method"] == "stepped-wedge"
    assert found["risk_difference"]["estimate"] == pytest.approx(-0.05, abs=0.001)


def all_treated(months: int):
    """One arm, with a history of first hearings before and after."""
    plan = protocol(
        allocation="all-treated", arms=[{"name": "text", "texted": True}], seed=None, block_sizes=None
    )
    history = [
        {
            "month": date(2025 + (n // 12), n % 12 + 1, 1),
            "own": True,
            "events": 20 - n % 3 - 4 * (n >= 12),
            "n": 100,
        }
        for n in range(12 - (months // 2), 12 + months // 2)
    ]
    return evidence(people("text", "B41ME", 281, 2898), plan, months=history)


def test_all_treated_compares_no_arms() -> None:
    report = pilot_report(all_treated(24))
    assert report["verdict"]["sentence"].startswith("Exploratory: everybody was offered the texts")
    assert report["primary"]["unadjusted"] is None
    assert report["primary"]["arms"][0]["rate"] == 281 / 2898
    assert report["history"]["own"]["heading"].lower().startswith("not a randomised comparison")
    assert report["history"]["own"]["level_change"]["estimate"] == pytest.approx(-0.04, abs=0.02)
    assert causal_words(report["verdict"]["sentence"], randomised=False) is None
    short = pilot_report(all_treated(20))
    assert (short["history"], codes(short)) == (None, ["too-few-points"])


def test_no_word_of_cause_without_random_assignment() -> None:
    asked = replace(all_treated(24).protocol, question="Do texts reduce absence?")
    report = pilot_report(replace(all_treated(24), protocol=asked))
    assert codes(report) == ["causal-words"]
    assert any("not assigned at random" in note for note in report["notes"])
    # Nor does the report itself claim any, whatever its sections: only the question and what is refused of it, and the day of the cut.
    put_off = [Cell("text", "B41ME", 100, adjourned="absence", attendance="absent")]
    plan = all_treated(24)
    more = pilot_report(
        replace(
            plan,
            cells=[*plan.cells, *put_off],
            assigned={"text": 2998},
            assessed=2998,
            lost=[Lost(700, 4900, put_off[0])],
        )
    )
    assert "adjourned" in {block["outcome"] for block in more["secondary"]}
    lines = render_text(more).replace("Data cut", "").splitlines()
    assert not [line for line in lines if causal_words(line, randomised=False)]


def test_secondary_outcomes_are_adjusted_by_holm() -> None:
    fta, warrant = pilot_report(big())["secondary"]
    assert (fta["outcome"], warrant["outcome"]) == ("fta", "warrant")
    assert warrant["p"] < fta["p"]
    assert warrant["p_holm"] == pytest.approx(2 * warrant["p"])
    assert fta["p_holm"] == pytest.approx(max(fta["p"], 2 * warrant["p"]))
    assert fta["p"] == fta["stratified"][0]["test"]["p"]


def test_three_arms_are_each_compared_with_the_control() -> None:
    arms = [{"name": name, "texted": name != "none"} for name in ("text", "call", "none")]
    cells = [
        *people("text", "B41ME", 100, 1000),
        *people("call", "B41ME", 180, 1000),
        *people("none", "B41ME", 187, 1000),
    ]
    report = pilot_report(evidence(cells, protocol(arms=arms, block_sizes=[6])))
    pairs = [(pair["treated"], pair["control"]) for pair in report["primary"]["design"]]
    assert pairs == [("text", "none"), ("call", "none")]
    assert report["verdict"]["word"] == "fewer"
    assert any("text against none; other pairs are exploratory" in note for note in report["notes"])


def test_notes_tell_of_missing_outcomes_and_courts_left_out() -> None:
    cells = [*big().cells, *people("text", "B41US", 1, 8)]
    notes = pilot_report(evidence(cells))["notes"]
    assert (
        "Of 2,911 people assigned to text, the outcome of 2 is missing and of 3 pending; the figures are for the rest."
        in notes
    )
    assert any(
        "leaves out 8 people where one of the two arms has nobody: B41US bail." in note for note in notes
    )


def test_nobody_with_the_outcome_is_inconclusive() -> None:
    report = pilot_report(small(0, 100, (0, 100)))
    assert report["verdict"]["word"] == "inconclusive"
    assert "no difference between arm text and arm none can be estimated" in report["verdict"]["sentence"]
    assert json.dumps(report, allow_nan=False)
    assert "not defined" in render_text(report)


BEFELL = {
    "moved hearings: left out": {"moved": True},
    "withdrawn before the hearing: counted as attended": {"withdrawn": True},
    "remanded after assignment: left out": {"remanded": True},
    "hearings of paused days: as recorded": {"paused": True},
}


@pytest.mark.parametrize("reading", BEFELL)
def test_each_rule_has_a_sensitivity_row(reading: str) -> None:
    """Forty people to whom it befell, in each arm by the same rule; withdrawn and paused ones are out, the others in, until the row."""
    befell = [
        *people("text", "B41ME", 30, 40, **BEFELL[reading]),
        *people("none", "B41ME", 30, 40, **BEFELL[reading]),
    ]
    rows = pilot_report(evidence([*small(100, 1000, (187, 1000)).cells, *befell]))["sensitivity"]
    as_said, other = rows[0], next(row for row in rows if row["name"] == reading)
    out_at_first = reading.startswith(("withdrawn", "hearings of paused"))
    # Somebody who need not come any more has attended, whatever was written.
    events = 0 if reading.startswith("withdrawn") else 30
    with_them = {"text": [100 + events, 1040], "none": [187 + events, 1040]}
    without = {"text": [100, 1000], "none": [187, 1000]}
    assert (as_said["arms"], other["arms"]) == (
        (without, with_them) if out_at_first else (with_them, without)
    )
    for row in rows:
        if row["name"] not in (reading, "as the protocol says"):
            assert row["arms"] == as_said["arms"]


def test_missing_outcomes_are_bounded_both_ways() -> None:
    cells = [
        *small(100, 1000, (187, 1000)).cells,
        Cell("text", "B41ME", 50, overdue=True),
        Cell("none", "B41ME", 20),
    ]
    found = pilot_report(evidence(cells))["missing"]
    assert [arm["missing"] for arm in found["arms"]] == [50, 20]
    assert found["arms"][0]["bounds"] == [100 / 1050, 150 / 1050]
    assert found["complete"]["estimate"] == pytest.approx(-0.087)
    assert found["best"]["estimate"] == pytest.approx(100 / 1050 - 207 / 1020)
    assert found["worst"]["estimate"] == pytest.approx(150 / 1050 - 187 / 1020)


def test_small_cells_of_subgroups_are_hidden_with_what_gives_them_away() -> None:
    cells = []
    for age, n in (("18-24", 300), ("25-34", 300), ("55+", 40)):
        cells += [*people("text", "B41ME", n // 10, n, age=age), *people("none", "B41ME", n // 5, n, age=age)]
    report = pilot_report(evidence(cells, protocol(subgroups=["age"])))
    (section,) = report["subgroups"]
    hidden = [row["level"] for row in section["rows"] if row["arms"][0]["n"] is None]
    # 4 and 8 events of 55+ are under ten; one more row of each column goes, so that no total tells them.
    assert len(hidden) == 2
    assert "55+" in hidden
    assert all(row["risk_difference"] is None for row in section["rows"] if row["level"] in hidden)
    assert section["interaction"] is None
    assert codes(report).count("small-cell") == 2
    # What the arms' totals, printed with the primary comparison, say of the hidden levels: no count exactly.
    for place, arm in enumerate(report["primary"]["arms"]):
        for count in ("events", "n"):
            shown: dict[Any, int] = {
                row["level"]: row["arms"][place][count] or 0 for row in section["rows"]
            } | {"all": arm[count]}
            left = arm[count] - sum(shown[level] for level in shown if level != "all")
            counts = shown | dict(zip(hidden, (left, 0), strict=True))
            sums = [Sum(tuple(row["level"] for row in section["rows"]), "all")]
            assert not derived(counts, sums, frozenset(hidden))


def test_where_few_are_reached_nothing_is_said_that_rates_cannot_give() -> None:
    """Fifteen of 150 reached, and a difference that they could not make: no effect on them, nor one that could be found."""
    few = [*people("text", "B41ME", 1, 15), *people("text", "B41ME", 14, 135, texts="undelivered")]
    report = pilot_report(evidence([*few, *people("none", "B41ME", 37, 150)]))
    found, power = report["reached"], report["power"]
    assert found["first_stage_f"] > 10 and codes(report) == ["beyond-rates"]
    assert (found["effect"]["estimate"], found["effect"]["ci"], found["rate_without"]) == (None, None, None)
    assert 0 < power["smallest_detectable_fall"] < power["smallest_detectable_rise"] < 0.25
    assert (
        power["smallest_detectable_fall_among_reached"]
        is power["smallest_detectable_rise_among_reached"]
        is None
    )
    text = render_text(report)
    assert text.count("without a text their rate would have been over 100%") == 2
    assert text.count("no change among the people reached can give") == 2
    known = pd.DataFrame(
        {"arm": ["text"] * 150 + ["none"] * 150, "texts": ["delivered"] * 15 + ["none"] * 285}
    )
    study = Study(report["protocol"], report["look"]["level"])
    again = power_section(study, known, report["primary"], report["verdict"])
    assert {name: again[name] for name in power} == power


def test_people_assigned_together_are_not_independent() -> None:
    """A hundred pairs who share a number and a fate: the errors are larger than those of two hundred people."""
    apart = small(150, 1000, (187, 1000)).cells
    fates = [*people("text", "B41ME", 40, 100), *people("none", "B41ME", 50, 100)]
    pairs = [replace(cell, n=2) for cell in fates for _ in range(50)]
    together = list(enumerate(pairs, start=1))
    counts: dict[Cell, int] = {}
    for cell in [*apart, *pairs]:
        alike = replace(cell, n=0)
        counts[alike] = counts.get(alike, 0) + cell.n
    grouped = [replace(alike, n=n) for alike, n in counts.items()]
    one = pilot_report(evidence(grouped, households=together))["reached"]
    other = pilot_report(evidence(grouped))["reached"]
    assert (one["errors"], other["errors"]) == ("clustered", "robust")
    assert one["effect"]["estimate"] == pytest.approx(other["effect"]["estimate"])
    assert one["effect"]["se"] > other["effect"]["se"]


def test_the_text_is_headed_synthetic_and_says_the_verdict_and_the_provenance() -> None:
    two = protocol(planned_looks=2)
    look = Look(1, shown=True)
    report = pilot_report(big(plan=two, look=look))
    text = render_text(report)
    assert text.startswith("Synthetic data\nPilot watford\n")
    for words in [
        report["verdict"]["sentence"],
        "Who attends?",
        "c0ffee",
        "0.1.0",
        "12:ab",
        "look 1 of 2 planned",
        "|z| over 2.797",
        "Assessed 7,000: excluded 1,281, assigned 5,719.",
        "mobile-missing",
        "Unadjusted",
        "adjusted by Holm",
        "14. Data and method",
    ]:
        assert words in text, words
    for number in range(1, 15):
        assert f"\n{number}. " in text
    assert not render_text(pilot_report(big(plan=protocol(synthetic=False)))).startswith("Synthetic")
