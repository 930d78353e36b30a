"""Segments as the carrier bills them: every boundary at n and n+1."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common import segments
from services.common.segments import GSM7_BASIC, GSM7_EXTENSION, PLAIN, count, plain

POUNDS, EURO, W_HAT, FACE = "£", "€", "ŵ", "😀"  # GSM-7 alone, two septets, UCS-2, a surrogate pair


@pytest.mark.parametrize(
    ("text", "encoding", "characters", "units", "parts"),
    [
        ("", "GSM-7", 0, 0, 1),
        ("a", "GSM-7", 1, 1, 1),
        ("a" * 160, "GSM-7", 160, 160, 1),
        ("a" * 161, "GSM-7", 161, 161, 2),
        ("a" * 306, "GSM-7", 306, 306, 2),
        ("a" * 307, "GSM-7", 307, 307, 3),
        ("a" * 459, "GSM-7", 459, 459, 3),
        ("a" * 460, "GSM-7", 460, 460, 4),
        (POUNDS * 160, "GSM-7", 160, 160, 1),
        # An extension character costs two, and the last of 160 may not be half of one.
        ("a" * 158 + EURO, "GSM-7", 159, 160, 1),
        ("a" * 159 + EURO, "GSM-7", 160, 161, 2),
        (EURO * 80, "GSM-7", 80, 160, 1),
        (EURO * 81, "GSM-7", 81, 162, 2),
        # It never straddles: 152 letters, ^, 152 letters take three parts, though 306 septets would fit two.
        ("a" * 152 + "^" + "a" * 152, "GSM-7", 305, 306, 3),
        ("a" * 151 + "^" + "a" * 153, "GSM-7", 305, 306, 2),
        ("a" * 153 + "^" + "a" * 151, "GSM-7", 305, 306, 2),
        ("a" * 152 + "^" + "a" * 151, "GSM-7", 304, 305, 2),
        # 76 of two septets fill 152 of a part's 153.
        (EURO * 152, "GSM-7", 152, 304, 2),
        (EURO * 153, "GSM-7", 153, 306, 3),
        # One letter outside the alphabet, and every character costs 16 bits.
        (W_HAT, "UCS-2", 1, 1, 1),
        (W_HAT * 70, "UCS-2", 70, 70, 1),
        (W_HAT * 71, "UCS-2", 71, 71, 2),
        ("a" * 69 + W_HAT, "UCS-2", 70, 70, 1),
        ("a" * 70 + W_HAT, "UCS-2", 71, 71, 2),
        (W_HAT * 134, "UCS-2", 134, 134, 2),
        (W_HAT * 135, "UCS-2", 135, 135, 3),
        (W_HAT + EURO, "UCS-2", 2, 2, 1),
        # A surrogate pair is two units and stays whole: 67 is odd, so 33 pairs fill 66 of a part.
        (FACE * 35, "UCS-2", 35, 70, 1),
        (FACE * 36, "UCS-2", 36, 72, 2),
        (FACE * 66, "UCS-2", 66, 132, 2),
        (FACE * 67, "UCS-2", 67, 134, 3),
        (W_HAT * 66 + FACE + W_HAT * 66, "UCS-2", 133, 134, 3),
        (W_HAT * 65 + FACE + W_HAT * 67, "UCS-2", 133, 134, 2),
    ],
)
def test_count(text: str, encoding: str, characters: int, units: int, parts: int) -> None:
    counted = count(text)
    assert (counted.encoding, counted.characters, counted.units, counted.segments) == (
        encoding,
        characters,
        units,
        parts,
    )


def test_the_alphabet_is_that_of_3gpp_23_038() -> None:
    assert len(GSM7_BASIC) == 127  # 128 septets, one of which is the escape
    assert set("\f^{}\\[~]|€") == GSM7_EXTENSION
    assert not GSM7_BASIC & GSM7_EXTENSION


@pytest.mark.parametrize("letter", "àèéìòùäöñüåæøßÇÄÖÑÜÅÆØÉ¡¿£¥$@_ΔΦΓΛΩΠΨΣΘΞ§¤\n\r")
def test_letters_inside_the_alphabet(letter: str) -> None:
    assert count(letter).encoding == "GSM-7"


@pytest.mark.parametrize("letter", "âêîôûŵŷáíóúëïłşţąçÁ’‘“”–—…`\t\u00a0")
def test_letters_outside_the_alphabet(letter: str) -> None:
    assert count(letter).encoding == "UCS-2"


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("you’ve", "you've"),
        ("‘you’", "'you'"),
        ("“you”", '"you"'),
        ("10–11", "10-11"),
        ("10—11", "10-11"),
        ("now…", "now..."),
        ("10\u00a0am", "10 am"),
        ("a\tb", "a b"),
        ("zero\u200bwidth", "zerowidth"),
        ("\ufeffHello", "Hello"),
        ("soft\u00adhyphen", "softhyphen"),
        ("Siân â ŵ €5", "Siân â ŵ €5"),
        ("line\nbreak", "line\nbreak"),
    ],
)
def test_plain(typed: str, sent: str) -> None:
    assert plain(typed) == sent


def test_a_word_processors_text_stays_in_one_segment() -> None:
    typed = "Herts Police: Sam, you’ve a hearing – Wed 23 Sep… " * 3
    assert count(typed).encoding == "UCS-2"
    assert count(plain(typed)).encoding == "GSM-7"


@pytest.mark.parametrize("replacement", sorted(set(PLAIN.values())))
def test_what_plain_puts_in_is_in_the_alphabet(replacement: str) -> None:
    assert count(replacement).encoding == "GSM-7"


@given(st.text())
def test_plain_twice_is_plain_once(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@given(st.text(min_size=1, max_size=400))
def test_the_parts_hold_the_units(text: str) -> None:
    counted = count(text)
    single, part = (160, 153) if counted.encoding == "GSM-7" else (70, 67)
    least = 1 if counted.units <= single else -(-counted.units // part)
    # At most one unit a part is lost to characters of two.
    most = 1 if counted.units <= single else -(-counted.units // (part - 1))
    assert least <= counted.segments <= most


@given(st.text(max_size=200), st.text(max_size=20))
def test_more_text_never_costs_less(text: str, more: str) -> None:
    assert count(text + more).segments >= count(text).segments


def test_examples_in_the_documentation() -> None:
    assert doctest.testmod(segments).failed == 0
