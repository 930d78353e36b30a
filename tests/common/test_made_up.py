"""Numbers and addresses that are nobody's are found in words, and real ones are not."""

import pytest

from services.common.made_up import made_up, rings_nobody


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Plan, privacy: heed.example, 01632 960100. In danger: 999.", ["heed.example", "01632 960100"]),
        ("call 07700 900123 or +44 7700 900123", ["07700 900123", "+44 7700 900123"]),
        ("01632 960100 twice: 01632 960100", ["01632 960100"]),
        ("https://plan.example.org/privacy and WWW.PLAN.EXAMPLE", ["plan.example.org", "WWW.PLAN.EXAMPLE"]),
        ("www.hertscommissioner.org, 01727 816541, 07911 123456, 101, 2026-2027", []),
        ("An example. The test is over; an example: com, for example.", []),
        ("examples.com and counterexample.org are somebody's", []),
        ("", []),
    ],
)
def test_what_is_nobodys(words: str, found: list[str]) -> None:
    assert made_up(words) == found


@pytest.mark.parametrize(
    ("phone", "nobodys"), [("+44 (0)20 7946 0123", True), ("020 7946 0123", True), ("01727 816541", False)]
)
def test_who_is_rung(phone: str, nobodys: bool) -> None:
    assert rings_nobody(phone) is nobodys
