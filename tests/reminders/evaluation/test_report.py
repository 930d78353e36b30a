import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.reminders.evaluation.arms import Arm
from services.reminders.evaluation.compare import compare
from services.reminders.evaluation.refusals import causal_words
from services.reminders.evaluation.report import ArmFlow, PilotCounts, ReportError, pilot_report, render_text
from services.reminders.evaluation.stratified import stratified

CUT = datetime(2026, 3, 1, tzinfo=UTC)
PILOT = PilotCounts(
    name="watford",
    protocol_hash="c0ffee",
    code_version="0.1.0",
    data_cut=CUT,
    synthetic=True,
    randomised=True,
    method="permuted-blocks",
    planned_looks=1,
    look=1,
    arms=("text", "none"),
    assessed=7000,
    excluded={"no number": 881, "in custody": 400},
    flow={
        "text": ArmFlow(2903, 2800, 2500, 250, 2898, 3, 2, no_receipt=50),
        "none": ArmFlow(2816, 0, 0, 0, 2811, 0, 3, not_at_risk=2),
    },
    outcomes={
        "did_not_attend": {
            ("A", "text"): (181, 1898),
            ("A", "none"): (220, 1811),
            ("B", "text"): (100, 1000),
            ("B", "none"): (120, 1000),
        },
        "fta": {("A", "text"): (150, 1898), ("A", "none"): (180, 1811)},
        "warrant": {("A", "text"): (50, 1898), ("A", "none"): (80, 1811)},
    },
)


def small(events: int, n: int, control: tuple[int, int]) -> PilotCounts:
    """A pilot with one court and one outcome."""
    return replace(
        PILOT,
        assessed=n + control[1],
        excluded={},
        flow={"text": ArmFlow(n, n, n, 0, n, 0, 0), "none": ArmFlow(control[1], 0, 0, 0, control[1], 0, 0)},
        outcomes={"did_not_attend": {("A", "text"): (events, n), ("A", "none"): control}},
    )


def test_the_primary_comparison_follows_the_allocation_then_unadjusted() -> None:
    report = pilot_report(PILOT)
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    level = report["look"]["level"]
    assert level == pytest.approx(0.95, abs=1e-12)
    expected = stratified(PILOT.strata("did_not_attend"), "text", "none", level)
    assert report["primary"]["stratified"] == [expected]
    assert report["primary"]["unadjusted"] == compare([Arm("text", 281, 2898), Arm("none", 340, 2811)], level)
    assert report["verdict"]["word"] == "fewer"
    assert report["verdict"]["sentence"].startswith(
        "Fewer: the share who did not attend was 2.4 percentage points"
    )
    assert report["pilot"]["data_cut"] == "2026-03-01T00:00:00+00:00"


def test_the_flow_is_told_as_counted() -> None:
    flow = pilot_report(PILOT)["flow"]
    assert (flow["assessed"], flow["excluded_total"], flow["assigned_total"]) == (7000, 1281, 5719)
    assert flow["excluded"] == {"no number": 881, "in custody": 400}
    text = flow["arms"][0]
    assert text["assigned"] == text["known"] + text["pending"] + text["missing"] + text["not_at_risk"]
    assert text["texted"] == text["delivered"] + text["undelivered"] + text["no_receipt"]
    assert text["analysed"] == report_n(pilot_report(PILOT), "text")


def report_n(report, name: str) -> int:
    return next(arm["n"] for arm in report["primary"]["arms"] if arm["name"] == name)


FLOW = PILOT.flow
OUTCOME = PILOT.outcomes["did_not_attend"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"assessed": 7001}, "7001 assessed, but 1281 excluded and 5719 assigned"),
        ({"excluded": {"no number": 882, "in custody": 400}}, "7000 assessed, but 1282 excluded"),
        ({"excluded": {"no number": -1, "in custody": 1282}}, "negative"),
        ({"flow": FLOW | {"text": replace(FLOW["text"], delivered=2499)}}, "2800 texted, but 2799"),
        (
            {"flow": FLOW | {"text": replace(FLOW["text"], texted=2904, delivered=2604)}},
            "2904 people texted of 2903",
        ),
        ({"flow": FLOW | {"text": replace(FLOW["text"], pending=4)}}, "2903 assigned, but 2904 known"),
        (
            {"flow": FLOW | {"text": replace(FLOW["text"], pending=-1, missing=6)}},
            "count of text is negative",
        ),
        (
            {"flow": FLOW | {"text": replace(FLOW["text"], known=2899, pending=2)}},
            "2899 known outcomes, but 2898",
        ),
        ({"flow": {"text": FLOW["text"]}}, "exactly the pilot's arms"),
        (
            {"outcomes": {"did_not_attend": OUTCOME | {("B", "text"): (1001, 1000)}}},
            "1001 events of 1000 people",
        ),
        ({"outcomes": {"did_not_attend": OUTCOME | {("B", "else"): (1, 2)}}}, "unknown arm, 'else'"),
        ({"outcomes": PILOT.outcomes | {"fta": {("A", "none"): (1, 2815)}}}, "known for 2815 people of none"),
        ({"outcomes": {"fta": OUTCOME}}, "primary outcome 'did_not_attend' was not counted"),
        ({"data_cut": CUT.replace(tzinfo=None)}, "no time zone"),
        ({"look": 2}, "Look 2 is not one of the 1 planned"),
        ({"look": 0}, "Look 0 is not one of the 1 planned"),
        ({"planned_looks": 0, "look": None}, "between 1 and 20 looks"),
        ({"method": "all-treated"}, "no random assignment"),
        ({"arms": ("text", "text")}, "same name"),
        ({"arms": ()}, "no arms"),
        ({"arms": ("text",)}, "at least two arms"),
    ],
)
def test_counts_that_do_not_close_make_no_report(changes, words: str) -> None:
    with pytest.raises(ReportError, match=words) as caught:
        pilot_report(replace(PILOT, **changes))
    assert "\n" not in str(caught.value)


def test_an_early_look_is_judged_at_its_own_boundary() -> None:
    """15.0% against 18.7% of 1,000 each is 2.2 standard errors: past the last look's 1.98, not the first's 2.80."""
    counts = small(150, 1000, (187, 1000))
    assert pilot_report(replace(counts, planned_looks=1, look=1))["verdict"]["word"] == "fewer"
    early = pilot_report(replace(counts, planned_looks=2, look=1))
    assert early["verdict"]["word"] == "inconclusive"
    assert round(early["look"]["boundary"], 3) == 2.797
    assert pilot_report(replace(counts, planned_looks=2, look=2))["verdict"]["word"] == "fewer"
    assert "99.48% interval" in early["verdict"]["sentence"]
    only = pilot_report(replace(counts, planned_looks=1, look=1))
    assert early["verdict"]["smallest_detectable_fall"] > only["verdict"]["smallest_detectable_fall"]


@pytest.mark.parametrize(
    ("look", "taken", "expected"),
    [
        (1, (), "fewer"),
        (None, (), "exploratory"),
        (2, (CUT - timedelta(30), CUT), "fewer"),
        (2, (CUT - timedelta(30), CUT - timedelta(9)), "exploratory"),
    ],
)
def test_a_look_that_was_not_planned_is_exploratory(look, taken, expected: str) -> None:
    report = pilot_report(
        replace(small(100, 1000, (187, 1000)), planned_looks=2, look=look, looks_taken=taken)
    )
    assert report["verdict"]["word"] == expected
    assert report["look"]["taken"] == [instant.isoformat() for instant in taken]


def test_inconclusive_carries_what_could_be_detected_and_refuses_no_difference() -> None:
    report = pilot_report(small(29, 150, (30, 150)))
    verdict = report["verdict"]
    assert verdict["word"] == "inconclusive"
    assert round(verdict["smallest_detectable_fall"], 3) == 0.113
    assert round(verdict["smallest_detectable_rise"], 3) == 0.143
    assert "a fall of 11.3 points or a rise of 14.3 points" in verdict["sentence"]
    assert [refusal["code"] for refusal in report["refusals"]] == ["no-effect"]
    narrow = pilot_report(replace(small(29, 150, (30, 150)), negligible=0.2))
    assert narrow["refusals"] == []


def test_a_rate_on_fewer_than_thirty_people_is_refused_with_its_comparisons() -> None:
    report = pilot_report(small(10, 29, (60, 150)))
    text, none = report["primary"]["arms"]
    assert (text["rate"], text["ci"], text["n"]) == (None, None, 29)
    assert none["rate"] == 0.4
    assert report["primary"]["stratified"] == []
    assert report["primary"]["unadjusted"] is None
    assert report["verdict"]["word"] == "inconclusive"
    assert {refusal["code"] for refusal in report["refusals"]} == {"few-people", "no-effect"}
    assert "not given" in render_text(report)
    assert pilot_report(small(10, 30, (60, 150)))["primary"]["unadjusted"] is not None


@pytest.mark.parametrize("method", ["court-week", "stepped-wedge"])
def test_another_allocation_has_no_comparison_by_person(method) -> None:
    report = pilot_report(replace(PILOT, method=method))
    assert report["verdict"]["word"] == "exploratory"
    assert report["primary"]["stratified"] == []
    assert report["secondary"][0]["p"] is None
    assert any("look surer than they are" in note for note in report["notes"])


def test_all_treated_compares_no_arms() -> None:
    flow = {"text": FLOW["text"]}
    cells = {key: cell for key, cell in OUTCOME.items() if key[1] == "text"}
    counts = replace(
        PILOT, method="all-treated", randomised=False, arms=("text",), assessed=2903 + 1281, flow=flow
    )
    report = pilot_report(replace(counts, outcomes={"did_not_attend": cells}))
    assert report["verdict"]["sentence"].startswith("Exploratory: everybody was offered the texts")
    assert report["primary"]["unadjusted"] is None
    assert report["primary"]["arms"][0]["rate"] == 281 / 2898
    assert "against" not in render_text(report)


def test_no_word_of_cause_without_random_assignment() -> None:
    report = pilot_report(replace(PILOT, randomised=False, question="Do texts reduce absence?"))
    assert [refusal["code"] for refusal in report["refusals"]] == ["causal-words"]
    assert report["verdict"]["word"] == "fewer"
    assert causal_words(report["verdict"]["sentence"], randomised=False) is None
    assert any("not assigned at random" in note for note in report["notes"])


def test_secondary_outcomes_are_adjusted_by_holm() -> None:
    fta, warrant = pilot_report(PILOT)["secondary"]
    assert (fta["outcome"], warrant["outcome"]) == ("fta", "warrant")
    assert warrant["p"] < fta["p"]
    assert warrant["p_holm"] == pytest.approx(2 * warrant["p"])
    assert fta["p_holm"] == pytest.approx(max(fta["p"], 2 * warrant["p"]))
    assert fta["p"] == fta["stratified"][0]["test"]["p"]


def test_three_arms_are_each_compared_with_the_control() -> None:
    counts = replace(
        small(100, 1000, (187, 1000)),
        arms=("text", "call", "none"),
        assessed=3000,
        flow={name: ArmFlow(1000, 0, 0, 0, 1000, 0, 0) for name in ("text", "call", "none")},
        outcomes={
            "did_not_attend": {
                ("A", "text"): (100, 1000),
                ("A", "call"): (180, 1000),
                ("A", "none"): (187, 1000),
            }
        },
    )
    report = pilot_report(counts)
    pairs = [(pair["treated"], pair["control"]) for pair in report["primary"]["stratified"]]
    assert pairs == [("text", "none"), ("call", "none")]
    assert report["verdict"]["word"] == "fewer"
    assert any("text against none; other pairs are exploratory" in note for note in report["notes"])


def test_notes_tell_of_missing_outcomes_and_courts_left_out() -> None:
    cells = OUTCOME | {("A", "text"): (180, 1890), ("C", "text"): (1, 8)}
    notes = pilot_report(replace(PILOT, outcomes={"did_not_attend": cells}))["notes"]
    assert (
        "In text, 3 outcomes are pending and 2 missing, of 2903 people assigned; the figures are for the rest."
        in notes
    )
    assert any(
        "leaves out 8 people at courts where one of the two arms has nobody: C." in note for note in notes
    )


def test_nobody_with_the_outcome_is_inconclusive() -> None:
    report = pilot_report(small(0, 100, (0, 100)))
    assert report["verdict"]["word"] == "inconclusive"
    assert "no difference between text and none can be estimated" in report["verdict"]["sentence"]
    assert json.dumps(report, allow_nan=False)
    assert "not defined" in render_text(report)


def test_the_text_is_headed_synthetic_and_says_the_verdict_and_the_provenance() -> None:
    report = pilot_report(replace(PILOT, question="Who attends?", planned_looks=2, looks_taken=(CUT,)))
    text = render_text(report)
    assert text.startswith("Synthetic data\nPilot watford\n")
    for words in [
        report["verdict"]["sentence"],
        "Question   Who attends?",
        "c0ffee",
        "0.1.0",
        "look 1 of 2 planned (obrien-fleming: |z| over 2.797)",
        "Looks so far 2026-03-01T00:00:00+00:00",
        "Assessed 7,000, excluded 1,281",
        "no number: 881",
        "Within 2 courts, text against none (Mantel-Haenszel, 99.48% intervals)",
        "Unadjusted",
        "adjusted for the secondary outcomes (Holm)",
    ]:
        assert words in text, words
    assert not render_text(pilot_report(replace(PILOT, synthetic=False))).startswith("Synthetic")
    assert "not one of the 1 looks planned" in render_text(pilot_report(replace(PILOT, look=None)))
