import pytest

from services.reminders.evaluation.refusals import (
    beyond_rates,
    causal_words,
    no_effect,
    rate_on_few,
    weak_reach,
)


@pytest.mark.parametrize(("n", "refused"), [(0, True), (29, True), (30, False), (31, False)])
def test_a_rate_needs_thirty_people(n: int, refused: bool) -> None:
    refusal = rate_on_few("text", n)
    assert (refusal is not None) is refused
    if refusal is not None:
        assert refusal.code == "few-people"
        assert f"{n} people" in refusal.sentence


@pytest.mark.parametrize(("f", "refused"), [(None, False), (9.99, True), (10.0, False)])
def test_few_reached_carry_no_effect(f: float | None, refused: bool) -> None:
    assert (weak_reach(f) is not None) is refused


@pytest.mark.parametrize(
    ("rate", "words"), [(None, None), (-1e-15, None), (-0.001, "under 0%"), (1.0, None), (1.001, "over 100%")]
)
def test_a_rate_lies_between_none_and_all(rate: float | None, words: str | None) -> None:
    refusal = beyond_rates(rate)
    assert refusal is None if words is None else words in refusal.sentence


@pytest.mark.parametrize(
    "text",
    [
        "Texting reduced failures to appear.",
        "Fewer failures BECAUSE of texts",
        "The effect of a reminder",
        "Reminders work by habit; this one works",
        "Texts cut warrants",
        "Do reminders reduce failure to appear?",
        "Texts are lowering the rate",
        "A reduction of 2 points",
        "It led to better attendance",
        "failures prevented",
        "the impact was large",
        "attendance improves",
    ],
)
def test_a_word_of_cause_needs_random_assignment(text: str) -> None:
    refusal = causal_words(text, randomised=False)
    assert refusal is not None
    assert refusal.code == "causal-words"
    assert causal_words(text, randomised=True) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Fewer people did not attend in text than in none.",
        "The rate was 2.4 points lower in text.",
        "Court staff at work",
        "people executed a warrant",
    ],
)
def test_plain_comparison_is_allowed(text: str) -> None:
    assert causal_words(text, randomised=False) is None


@pytest.mark.parametrize(
    ("ci", "negligible", "refused"),
    [
        ((-0.02, 0.03), None, True),
        ((-0.02, 0.03), 0.02, True),
        ((-0.02, 0.03), 0.03, False),
        ((-0.04, 0.03), 0.03, True),
        (None, 0.5, True),
    ],
)
def test_no_difference_is_said_only_of_a_narrow_interval(ci, negligible, refused: bool) -> None:
    refusal = no_effect(ci, negligible)
    assert (refusal is not None) is refused


def test_the_refusal_says_what_the_interval_still_allows() -> None:
    assert "a fall of 2.0 and a rise of 3.0, in percentage points" in no_effect((-0.02, 0.03), None).sentence
