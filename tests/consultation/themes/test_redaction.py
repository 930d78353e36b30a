"""What the published form hides by rule, what it must leave, and that nothing goes out without consent and approval."""

import csv
from pathlib import Path

import pytest

from services.consultation.themes.redaction import Mask, Redaction, by_person, by_rule, masked, published

HIDDEN: list[tuple[str, str, list[str]]] = [
    ("ring me on 07700 900123 please", "ring me on [hidden] please", ["phone"]),
    ("07700900123", "[hidden]", ["phone"]),
    ("+44 7700 900 123 any time", "[hidden] any time", ["phone"]),
    ("+44 (0)1992 555123", "[hidden]", ["phone"]),
    ("(01992) 555123 after six", "[hidden] after six", ["phone"]),
    ("call 01992-555-123.", "call [hidden].", ["phone"]),
    ("sam.o'hare+x@example.org, thanks", "[hidden], thanks", ["email"]),
    ("mail sam @ example.co.uk", "mail [hidden]", ["email"]),
    ("I live at SG14 1AB near", "I live at [hidden] near", ["postcode"]),
    ("al74ts", "[hidden]", ["postcode"]),
    ("WC1A 1AA and EN8 9xx", "[hidden] and [hidden]", ["postcode", "postcode"]),
    ("NI AB 12 34 56 C", "NI [hidden]", ["national-insurance"]),
    ("ab123456c", "[hidden]", ["national-insurance"]),
    ("a van, AB12 CDE, again", "a van, [hidden], again", ["vehicle"]),
    ("reg ab12cde", "reg [hidden]", ["vehicle"]),
    ("old car A123 BCD", "old car [hidden]", ["vehicle"]),
    ("ABC 123D", "[hidden]", ["vehicle"]),
    ("card 4111 1111 1111 1111", "card [hidden]", ["card"]),
    ("4111-1111-1111-1111 and 07700900123", "[hidden] and [hidden]", ["card", "phone"]),
]
# What people write here that is nobody's: roads, services, times, money, years, numbers of things.
LEFT = [
    "Speeding on the A414 and the M25",
    "B197 road needs a camera",
    "the A10 and A1(M) are bad",
    "A414 JAM every day, A120 BUS too",
    "101 took 45 minutes, 999 answered at once",
    "call 0800 555",
    "speeding in al10 and Ware",
    "AL10 THE WORST",
    "in 2019 and 2020, 20mph",
    "133,000 households, 18,199 views",
    "£1,250,000 for 10 officers",
    "from 9.30 to 17:45 on 12/10/2026",
    "Section 172 notices",
    "PC 1234 was kind",
    "at number 12 the",
    "24/7 cover in AL1 and SG14",
    "junction 23 to 25",
    "no reply in 28 days",
    "COVID19 was bad",
    "look@me",
    "student homeless @ 1.91% occ.",
]


@pytest.mark.parametrize(("text", "shown", "rules"), HIDDEN)
def test_what_has_a_shape_is_hidden(text: str, shown: str, rules: list[str]) -> None:
    masks = by_rule(text)
    assert masked(text, masks) == shown
    assert [mask.rule for mask in masks] == rules


@pytest.mark.parametrize(
    ("file", "column", "number"),
    [("nhs-fft-v6", "FFT answer", 7908), ("polis-bowling-green", "comment-body", 896)],
)
def test_no_real_comment_is_cut(file: str, column: str, number: int) -> None:
    path = Path(__file__).parents[3] / f"../shared/data/feedback/{file}.csv"
    if not path.exists():
        pytest.skip("the real comments are not beside the project")
    with path.open(encoding="utf-8-sig", newline="") as rows:
        texts = [row[column] for row in csv.DictReader(rows)]
    assert len(texts) == number
    assert [masked(text, by_rule(text)) for text in texts if by_rule(text)] == []


@pytest.mark.parametrize("text", LEFT)
def test_what_is_nobodys_stays(text: str) -> None:
    assert by_rule(text) == []


def test_a_person_hides_a_name_with_a_reason() -> None:
    text = "PC Dale was rude. Dale again!"
    masks = by_person(text, "Dale", "an officer's name")
    assert masked(text, masks) == "PC [hidden] was rude. [hidden] again!"
    for words, reason, says in [
        ("Dale", " ", "needs a reason"),
        ("Dole", "a name", "not in the text"),
        ("", "a", "not in"),
    ]:
        with pytest.raises(ValueError, match=says):
            by_person(text, words, reason)


@pytest.mark.parametrize(
    ("masks", "shown"),
    [
        ([(0, 3), (2, 5)], "[hidden]fghij"),
        ([(0, 3), (3, 5)], "[hidden]fghij"),
        ([(2, 8), (4, 5)], "ab[hidden]ij"),
        ([(8, 10), (0, 1)], "[hidden]bcdefgh[hidden]"),
        ([], "abcdefghij"),
    ],
)
def test_masks_that_touch_are_one(masks: list[tuple[int, int]], shown: str) -> None:
    assert masked("abcdefghij", [Mask(start, end, None, "a reason") for start, end in masks]) == shown


@pytest.mark.parametrize(
    ("consent", "by", "shown"),
    [
        (True, "b", "Ring [hidden] about [hidden]"),
        (True, None, None),
        (False, "b", None),
        (None, "b", None),
    ],
)
def test_words_go_out_with_consent_and_approval_only(
    consent: bool | None, by: str | None, shown: str | None
) -> None:
    text = "Ring 07700 900123 about Dale"
    redaction = Redaction(tuple(by_person(text, "Dale", "a name")), by)
    assert published(text, consent, redaction) == shown
