"""What forms and addresses bring is checked field by field."""

from datetime import date

import pytest

from services.common.web.fields import TEXT_MOST, Fields


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-11-30", date(2026, 11, 30)),
        ("30/11/2026", date(2026, 11, 30)),
        (" 1.2.2026 ", date(2026, 2, 1)),
        ("1 2 2026", date(2026, 2, 1)),
        ("31/02/2026", None),
        ("30/11/26", None),
        ("tomorrow", None),
        ("٣٠/11/2026", None),
        ("99999-01-01", None),
    ],
)
def test_days_as_people_and_browsers_write_them(written: str, day: date | None) -> None:
    given = Fields({"day": written})
    assert given.day("day") == day
    assert bool(given.errors) == (day is None)


def test_what_is_wrong_stands_by_its_field() -> None:
    given = Fields(
        {
            "a": " x ",
            "long": "x" * (TEXT_MOST + 1),
            "just": "x" * TEXT_MOST,
            "nul": "a\0",
            "n": "-1",
            "m": "5",
        }
    )
    assert given.text("a") == "x"
    assert given.text("just") and given.text("long") and given.text("nul") == ""
    assert given.text("gone", needed="Say it.") == "" and given.day("gone too") is None
    assert given.choice("a", ("x", "y")) == "x"
    assert given.choice("just", ("x", "y")) is None
    assert (given.number("n"), given.number("m"), given.number("m2"), given.number("a")) == (
        None,
        5,
        None,
        None,
    )
    assert set(given.errors) == {"long", "nul", "gone", "just", "n", "a"}
    assert Fields({"n": "9" * 5000}).number("n") is None
