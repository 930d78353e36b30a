"""Which numbers Heed may text: the drama range to the last number, mobiles here and abroad, and everything else by its reason."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common import phones
from services.common.phones import NumberError, NumberProblem, masked, mobile, national

# A range that Ofcom has really given to a network; nothing is sent, and the last digits are nobody's in particular.
REAL, REAL_E164 = "07911 123456", "+447911123456"


@pytest.mark.parametrize(
    ("raw", "e164"),
    [
        ("07700 900000", "+447700900000"),
        ("07700 900123", "+447700900123"),
        ("07700 900999", "+447700900999"),
        ("+447700900123", "+447700900123"),
        ("00447700900123", "+447700900123"),
        ("447700900123", "+447700900123"),
        ("+44 (0)7700 900123", "+447700900123"),
        ("07700-900-123", "+447700900123"),
        ("  07700900123  ", "+447700900123"),
        ("tel:07700900123", "+447700900123"),
        ("Mobile: 07700 900123", "+447700900123"),
        ("mob 07700 900123", "+447700900123"),
        ("０７７００ ９００１２３", "+447700900123"),
        ("٠٧٧٠٠٩٠٠١٢٣", "+447700900123"),
    ],
)
def test_the_drama_range_counts_in_sandbox_mode_only(raw: str, e164: str) -> None:
    assert mobile(raw, drama=True) == e164
    with pytest.raises(NumberError) as refused:
        mobile(raw, drama=False)
    assert refused.value.problem is NumberProblem.DRAMA


@pytest.mark.parametrize(
    "raw",
    [
        "07700 899999",
        "07700 901000",
        "07700 910000",  # the one that a character class lets through
        "07700 90012",
        "07700 9001234",
        "01632 960123",  # drama, but a landline's
    ],
)
def test_next_to_the_drama_range_is_not_in_it(raw: str) -> None:
    for drama in (True, False):
        try:
            answer = mobile(raw, drama=drama)
        except NumberError as error:
            assert error.problem is not NumberProblem.DRAMA
        else:
            assert not answer.startswith("+447700900")


@pytest.mark.parametrize(
    ("raw", "e164"),
    [
        (REAL, REAL_E164),
        ("7911123456", REAL_E164),
        ("+447911123456", REAL_E164),
        ("07624 123456", "+447624123456"),  # Isle of Man
        ("+353 85 012 3456", "+353850123456"),
        ("+48 512 345 678", "+48512345678"),
        ("+40 712 345 678", "+40712345678"),
        ("+1 650 253 0000", "+16502530000"),  # fixed line or mobile: cannot be told apart there
    ],
)
def test_mobiles(raw: str, e164: str) -> None:
    assert mobile(raw, drama=False) == mobile(raw, drama=True) == e164


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ("", "missing"),
        ("   ", "missing"),
        ("\t\n", "missing"),
        ("none", "unreadable"),
        ("n/a", "unreadable"),
        ("unknown", "unreadable"),
        ("x" * 500, "unreadable"),
        ("7" * 300, "unreadable"),
        ("+", "unreadable"),
        ("+999 123456789", "unreadable"),  # no such country
        ("0", "unreadable"),
        ("123", "invalid"),
        ("07911 12345", "invalid"),
        ("07911 1234567", "invalid"),
        ("00000000000", "invalid"),
        ("1727 123456789", "invalid"),
        ("070 1234 5678", "not-a-mobile"),  # personal number: up to 65p a text
        ("076 1234 5678", "invalid"),
        ("07640 123456", "not-a-mobile"),  # pager
        ("01727 864511", "not-a-mobile"),
        ("020 7946 0958", "not-a-mobile"),
        ("0800 555 111", "not-a-mobile"),
        ("0300 123 1212", "not-a-mobile"),
        ("0909 879 0879", "not-a-mobile"),
        ("+33 1 42 68 53 00", "not-a-mobile"),
        ("999", "invalid"),
        # Two numbers, or words that the library would drop and that may be a warning or another person.
        ("07911 123456 or 07911 654321", "unreadable"),
        ("07911 123456/07911 654321", "unreadable"),
        ("07911 123456, 07911 654321", "unreadable"),
        ("07911 123456 (mum)", "unreadable"),
        ("mum 07911 123456", "unreadable"),
        ("DO NOT TEXT 07911 123456", "unreadable"),
        ("07911 123456 x22", "unreadable"),
        ("O7911 123456", "unreadable"),
        ("mobile mum 07911 123456", "unreadable"),
    ],
)
def test_refusals(raw: str, problem: str) -> None:
    for drama in (True, False):
        with pytest.raises(NumberError) as refused:
            mobile(raw, drama=drama)
        assert refused.value.problem == problem


@pytest.mark.parametrize("raw", ["07911 12345", "01727 864511", "070 1234 5678", "07700 900123"])
def test_the_refusal_never_holds_the_number(raw: str) -> None:
    with pytest.raises(NumberError) as refused:
        mobile(raw, drama=False)
    shown = f"{refused.value} {refused.value!r} {refused.value.args}"
    assert not set(raw.split()) & set(shown.split())
    assert not any(digit in shown for digit in "0123456789")


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_a_refusal(raw: str) -> None:
    for drama in (True, False):
        try:
            found = mobile(raw, drama=drama)
        except NumberError:
            continue
        assert found.startswith("+")
        assert found[1:].isascii()
        assert found[1:].isdigit()


def test_masked_shows_the_last_three_digits_only() -> None:
    assert masked("+447700900123") == "***123"


@pytest.mark.parametrize(
    ("e164", "shown"),
    [
        ("+447700900123", "07700 900123"),
        ("+447911123456", "07911 123456"),
        ("+447797712345", "07797 712345"),  # Jersey
        ("+441727864511", "01727 864511"),
        ("+353850123456", "+353 85 012 3456"),
        ("+48512345678", "+48 512 345 678"),
    ],
)
def test_national(e164: str, shown: str) -> None:
    assert national(e164) == shown


def test_the_quick_way_says_what_the_library_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every beginning of four digits after 07, with made-up rests: the library's pattern read by ourselves, and the library."""
    chance = random.Random(7)
    numbers = []
    for beginning in range(1000):
        rest = f"{chance.randrange(1_000_000):06d}"
        numbers += [
            f"07{beginning:03d}{rest}",
            f"+44 7{beginning:03d} {rest[:3]} {rest[3:]}",
            f"07{beginning:03d} {rest}",
        ]

    def said(number: str) -> str:
        try:
            return phones.mobile.__wrapped__(number, drama=False)
        except phones.NumberError as error:
            return str(error.problem)

    quick = [said(number) for number in numbers]
    monkeypatch.setattr(phones, "USUAL", re.compile("never"))
    assert quick == [said(number) for number in numbers]
    assert len(set(quick)) > 700
