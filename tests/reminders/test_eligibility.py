"""Who is texted: a row a reason code, the eighteenth birthday to the day, custody against initiation, several reasons at once."""

from dataclasses import replace
from datetime import date, datetime
from importlib.resources import files
from typing import Any

import pytest

from services.common.times import parse_instant
from services.reminders import county
from services.reminders.eligibility import RULES, Facts, adult, reasons

HERTFORDSHIRE = county.parse(files("services.reminders").joinpath("data/hertfordshire.yaml").read_text())
COUNTY = replace(
    HERTFORDSHIRE,
    sensitive_offences=("CJ88", "PH97003"),
    sensitive_markers=("DV", "Domestic Violence"),
)
GOOD = Facts(
    status="listed",
    organisation=False,
    named=True,
    adult=True,
    youth=None,
    first_hearing=True,
    custody="bail",
    initiation="C",
    box_hearing=False,
    guilty_plea_by_post=False,
    doubts=(),
    interpreter=False,
    offence_codes=("TH68006",),
    markers=(),
    court="B41ME",
    timed=True,
    time_certain=True,
    mobile="valid",
    do_not_text=False,
    time_left=True,
    paused=False,
)


BORN, STARTS = date(1990, 5, 4), parse_instant("2026-09-23T10:00")


def judged(
    *, date_of_birth: date | None = BORN, starts_at: datetime | None = STARTS, **changes: Any
) -> list[str]:
    facts = GOOD._replace(adult=adult(date_of_birth, starts_at), timed=starts_at is not None, **changes)
    return list(reasons(facts, COUNTY))


def test_a_person_of_whom_all_holds_is_texted() -> None:
    assert judged() == []


TABLE: list[tuple[dict[str, Any], str]] = [
    ({"status": "cancelled"}, "cancelled"),
    ({"status": "heard"}, "resulted"),
    ({"status": "suspended"}, "suspended"),
    ({"organisation": True, "named": False, "date_of_birth": None}, "organisation"),
    ({"date_of_birth": date(2010, 1, 28)}, "under-18"),
    ({"youth": True}, "under-18"),
    ({"first_hearing": False}, "not-first-hearing"),
    ({"custody": "custody"}, "in-custody"),
    ({"initiation": "J"}, "no-attendance-expected"),
    ({"initiation": "Z"}, "no-attendance-expected"),
    ({"box_hearing": True}, "no-attendance-expected"),
    ({"guilty_plea_by_post": True}, "no-attendance-expected"),
    ({"court": "B01LY"}, "court-not-enrolled"),
    ({"court": None}, "court-not-enrolled"),
    ({"paused": True}, "court-paused"),
    ({"offence_codes": ("TH68006", "CJ88001")}, "sensitive"),
    ({"offence_codes": ("PH97003",)}, "sensitive"),
    ({"markers": ("DV",)}, "sensitive"),
    ({"markers": ("Domestic Violence",)}, "sensitive"),
    ({"named": False}, "missing-fact"),
    ({"date_of_birth": None, "youth": None}, "missing-fact"),
    ({"starts_at": None}, "missing-fact"),
    ({"time_certain": False}, "time-uncertain"),
    ({"doubts": ("video",)}, "needs-review"),
    ({"custody": "unknown"}, "needs-review"),
    ({"interpreter": True}, "interpreter-needed"),
    ({"mobile": "missing"}, "mobile-missing"),
    ({"mobile": "invalid"}, "mobile-invalid"),
    ({"mobile": "shared"}, "mobile-shared"),
    ({"mobile": "stopped"}, "opted-out"),
    ({"mobile": "wrong"}, "wrong-number"),
    ({"do_not_text": True}, "do-not-text"),
    ({"time_left": False}, "too-late"),
]


@pytest.mark.parametrize(("changes", "code"), TABLE)
def test_each_reason_alone(changes: dict[str, Any], code: str) -> None:
    assert judged(**changes) == [code]


def test_every_rule_has_a_row_here() -> None:
    codes = [code for code, _ in RULES]
    assert {code for _, code in TABLE} == set(codes)
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize(
    "changes",
    [
        {"youth": False},
        {"youth": False, "date_of_birth": None},
        {"court": "B41MJ", "starts_at": parse_instant("2026-10-03T10:00")},
        {"court": "B41ME", "starts_at": parse_instant("2026-10-02T10:00")},
        {"starts_at": parse_instant("2026-12-23T10:00")},
        {"starts_at": parse_instant("2026-12-28T10:00")},
        {"offence_codes": ("CJ87001", "PH97004")},
        {"offence_codes": ()},
        {"markers": ("dv", "VIP")},
        {"initiation": None, "custody": "unknown"},
        {"initiation": "R"},
        {"initiation": "O"},
        {"custody": "none", "initiation": "S"},
    ],
)
def test_what_comes_near_a_reason_and_is_none(changes: dict[str, Any]) -> None:
    assert judged(**changes) == []


@pytest.mark.parametrize(
    ("born", "hearing", "of_age"),
    [
        # The day before the eighteenth birthday, the birthday, the day after.
        ("2008-09-24", "2026-09-23T10:00", False),
        ("2008-09-23", "2026-09-23T10:00", True),
        ("2008-09-22", "2026-09-23T10:00", True),
        # Born on 29 February: eighteen on 1 March of a year without that day, and on the day itself where there is one.
        ("2008-02-29", "2026-02-28T10:00", False),
        ("2008-02-29", "2026-03-01T10:00", True),
        ("2004-02-29", "2022-02-28T10:00", False),
        ("2006-03-01", "2024-02-29T10:00", False),
        ("2006-02-28", "2024-02-29T10:00", True),
        # The day is London's: 23:30 in UTC on a summer's evening is the birthday already.
        ("2008-07-15", "2026-07-14T23:30:00+00:00", True),
        ("2008-01-15", "2026-01-14T23:30:00+00:00", False),
        ("2008-07-15", "2026-07-14T22:59:00+00:00", False),
        # The new year.
        ("2009-01-01", "2026-12-31T10:00", False),
        ("2008-12-31", "2026-12-31T10:00", True),
    ],
)
def test_eighteen_to_the_day_of_the_hearing(born: str, hearing: str, of_age: bool) -> None:
    codes = judged(date_of_birth=date.fromisoformat(born), starts_at=parse_instant(hearing))
    assert ("under-18" not in codes) is of_age


def test_no_age_is_made_up() -> None:
    assert (adult(None, STARTS), adult(BORN, None)) == (None, None)


@pytest.mark.parametrize(
    ("youth", "born", "codes"),
    [
        # The flag of a youth stands against a birth date, and a birth date against the flag of an adult.
        (True, date(1990, 5, 4), ["under-18"]),
        (False, date(2010, 1, 28), ["under-18"]),
        (None, date(2010, 1, 28), ["under-18"]),
        (True, None, ["under-18"]),
        (False, None, []),
        (None, None, ["missing-fact"]),
    ],
)
def test_a_missing_flag_is_not_adult(youth: bool | None, born: date | None, codes: list[str]) -> None:
    assert judged(youth=youth, date_of_birth=born) == codes


@pytest.mark.parametrize("initiation", ["C", "R", "O", "S", "Q", "J", "Z", None])
@pytest.mark.parametrize("custody", ["bail", "none", "custody", "unknown"])
def test_custody_against_how_the_case_began(custody: str, initiation: str | None) -> None:
    expected = []
    if custody == "custody":
        expected.append("in-custody")
    if initiation in ("J", "Z"):
        expected.append("no-attendance-expected")
    # Only a summons or requisition needs no bail to be said; a list without initiation says neither.
    if custody == "unknown" and initiation not in ("S", "Q", None):
        expected.append("needs-review")
    assert judged(custody=custody, initiation=initiation) == expected


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        (
            {"date_of_birth": date(2010, 1, 28), "custody": "custody", "mobile": "missing"},
            ["under-18", "in-custody", "mobile-missing"],
        ),
        (
            {"mobile": "stopped", "do_not_text": True, "court": "B01LY"},
            ["court-not-enrolled", "opted-out", "do-not-text"],
        ),
        # One reason a fact: what is off is not also too late.
        ({"status": "cancelled", "time_left": False}, ["cancelled"]),
        ({"status": "heard", "time_left": False, "first_hearing": False}, ["resulted", "not-first-hearing"]),
        ({"status": "suspended", "mobile": "wrong"}, ["suspended", "wrong-number"]),
        ({"named": False, "starts_at": None, "time_left": False}, ["missing-fact", "too-late"]),
        (
            {"doubts": ("video",), "interpreter": True, "time_certain": False},
            ["time-uncertain", "needs-review", "interpreter-needed"],
        ),
    ],
)
def test_several_reasons_come_in_the_order_in_which_staff_read_them(
    changes: dict[str, Any], codes: list[str]
) -> None:
    assert judged(**changes) == codes
