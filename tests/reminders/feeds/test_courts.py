"""Courts by their names: the table is HMCTS's own, and a name that two courts share is nobody's."""

import csv
from collections.abc import Callable
from importlib.resources import files

import pytest

from services.reminders.feeds import courts


@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [
        ("St Albans Magistrates' Court", "", "B41ME"),
        ("ST. ALBANS MAGISTRATES’ COURT", "", "B41ME"),
        ("  Stevenage  Magistrates Court ", "", "B41MJ"),
        ("Hatfield", "Magistrates' Court", "B41US"),
        ("Hatfield", "", None),
        ("St Albans", "", None),
        ("North Shields Magistrates' Court - Missing Blocks", "Magistrates' Court", None),
        ("Shrewsbury Crown Court", "", None),
        ("", "Magistrates' Court", None),
        ("x" * 10_000_000, "", None),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_named(name: str, kind: str, code: str | None) -> None:
    assert courts.named(name, kind) == code


def test_slug() -> None:
    assert courts.slug("St. Albans Magistrates' Court") == "st-albans-magistrates-court"
    assert courts.slug("法院 ::") == ""


def test_the_table_is_the_departments_own(sample: Callable[[str], bytes]) -> None:
    rows = csv.DictReader(sample("courts/organisation_unit.csv").decode("utf-8-sig").splitlines())
    known = {
        (row["oucode"][:5], row["oucode_l3_name"].strip())
        for row in rows
        if row["oucode_l1_code"] in ("B", "C") and not row["oucode_effective_to_date"]
    }
    text = (files("services.reminders.feeds") / "court_names.csv").read_text(encoding="utf-8")
    assert {(row["code"], row["name"]) for row in csv.DictReader(text.splitlines())} == known
