import pytest

from services.reminders.evaluation.arms import LARGEST_N, Arm, ArmError, parse_arm, parse_arms


@pytest.mark.parametrize(
    ("text", "arm"),
    [
        ("text=281/2898", Arm("text", 281, 2898)),
        (" new text = 0 / 1 ", Arm("new text", 0, 1)),
        ("step=2=3/4", Arm("step=2", 3, 4)),
        ("é=4/4", Arm("é", 4, 4)),
        (f"most=0/{LARGEST_N}", Arm("most", 0, LARGEST_N)),
    ],
)
def test_reads_an_arm(text: str, arm: Arm) -> None:
    assert parse_arm(text) == arm


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Cannot read"),
        ("text", "Cannot read"),
        ("=1/2", "Cannot read"),
        ("text=1", "Cannot read"),
        ("text=1/", "Cannot read"),
        ("text=1.5/2", "Cannot read"),
        ("text=1/2/3", "Cannot read"),
        ("text=1,495/5,150", "Cannot read"),
        ("text=10%/100", "Cannot read"),
        ("text=١/٢", "Cannot read"),
        ("a\nb=1/2", "Cannot read"),
        ("text=1/" + "9" * 5000, "Cannot read"),
        ("text=0/0", "at least 1"),
        ("text=0/-3", "at least 1"),
        ("text=-1/3", "between 0 and 3"),
        ("text=4/3", "between 0 and 3"),
        (f"text=0/{LARGEST_N + 1}", "the most is"),
    ],
)
def test_refuses_an_arm_in_one_line(text: str, words: str) -> None:
    with pytest.raises(ArmError, match=words) as caught:
        parse_arm(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ([], "at least two arms"),
        (["a=1/2"], "at least two arms"),
        (["a=1/2", "b=1/2", "a=1/3"], "Two arms are named 'a'"),
    ],
)
def test_refuses_a_set_of_arms(texts: list[str], words: str) -> None:
    with pytest.raises(ArmError, match=words):
        parse_arms(texts)


def test_keeps_the_order_of_the_arms() -> None:
    assert [arm.name for arm in parse_arms(["b=1/2", "a=1/2", "c=0/2"])] == ["b", "a", "c"]
    assert Arm("a", 1, 4).rate == 0.25
