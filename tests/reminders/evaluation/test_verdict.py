from dataclasses import replace

import pytest

from services.reminders.evaluation.power import Detectable
from services.reminders.evaluation.refusals import causal_words
from services.reminders.evaluation.verdict import Finding, Word, detectable_sentence, sentence, word

FEWER = Finding(
    treated="text",
    control="none",
    did="did not attend",
    difference=-0.024,
    ci=(-0.0402, -0.0078),
    level=0.95,
    randomised=True,
    detectable=Detectable(0.113, 0.143),
)


@pytest.mark.parametrize(
    ("ci", "exploratory", "expected"),
    [
        ((-0.2, -0.1), False, Word.FEWER),
        ((0.1, 0.2), False, Word.MORE),
        ((-0.1, 0.2), False, Word.INCONCLUSIVE),
        ((-0.1, 0.0), False, Word.INCONCLUSIVE),
        ((0.0, 0.1), False, Word.INCONCLUSIVE),
        (None, False, Word.INCONCLUSIVE),
        ((-0.2, -0.1), True, Word.EXPLORATORY),
        (None, True, Word.EXPLORATORY),
    ],
)
def test_the_word_follows_the_interval(ci, exploratory: bool, expected: Word) -> None:
    assert word(ci, exploratory) is expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {},
            "Fewer: the share who did not attend was 2.4 percentage points lower in arm text than in arm none, compared "
            "within courts (95% interval -4.0 to -0.8). People were assigned at random, so this is an effect of "
            "being assigned to arm text.",
        ),
        (
            {"difference": 0.05, "ci": (0.01, 0.09), "level": 0.9948, "randomised": False},
            "More: the share who did not attend was 5.0 percentage points higher in arm text than in arm none, compared "
            "within courts (99.48% interval +1.0 to +9.0). People were not assigned at random, so this does not "
            "show why the arms differ.",
        ),
        (
            {"ci": (-0.06, 0.012)},
            "Inconclusive: the share who did not attend was 2.4 percentage points lower in arm text than in arm none, "
            "compared within courts (95% interval -6.0 to +1.2). A pilot of this size could have detected (with "
            "80% power) a fall of 11.3 points or a rise of 14.3 points.",
        ),
        (
            {"difference": None, "ci": None, "detectable": Detectable(None, None)},
            "Inconclusive: no difference between arm text and arm none can be estimated. A pilot of this size could not "
            "have detected a change of any size.",
        ),
        ({"exploratory": "this look was not planned"}, "Exploratory: this look was not planned."),
    ],
)
def test_the_sentence_is_fixed(changes, expected: str) -> None:
    assert sentence(replace(FEWER, **changes)) == expected


def test_a_change_that_no_size_would_show_is_said() -> None:
    assert "no fall, however large, or a rise of 77.3 points" in detectable_sentence(Detectable(None, 0.773))
    assert "a fall of 77.3 points or no rise, however large." in detectable_sentence(Detectable(0.773, None))


@pytest.mark.parametrize("ci", [(-0.04, -0.01), (0.01, 0.04), (-0.01, 0.01), None])
@pytest.mark.parametrize("exploratory", [None, "this look was not planned"])
def test_no_word_of_cause_without_random_assignment(ci, exploratory) -> None:
    finding = replace(FEWER, ci=ci, randomised=False, exploratory=exploratory)
    assert causal_words(sentence(finding), randomised=False) is None


def test_a_word_of_cause_only_where_the_interval_settles_it() -> None:
    assert "an effect" in sentence(FEWER)
    assert "an effect" not in sentence(replace(FEWER, ci=(-0.06, 0.012)))
