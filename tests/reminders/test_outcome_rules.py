"""Outcomes case by case, and every row of the reviewed table against the function that reads it."""

import csv
import json
from collections.abc import Callable
from importlib.resources import files

import pytest

from services.reminders import outcome_rules
from services.reminders.feeds.records import ResultCode
from services.reminders.outcome_rules import Outcome, decide

LAST_CHANCE = "To attend or a warrant to issue"


def code(number: str, *qualifiers: str, reasons: tuple[str, ...] = (), offence: int | None = 1) -> ResultCode:
    return ResultCode(number, qualifiers, reasons, offence)


@pytest.mark.parametrize(
    ("attendance", "codes", "attended", "fta", "warrant", "reason"),
    [
        # Nothing known, and attendance alone.
        (None, [], "unknown", "unknown", "unknown", "no-result"),
        ("", [], "unknown", "unknown", "unknown", "no-result"),
        ("IN_PERSON", [], "attended", "no", "none", "no-warrant"),
        ("BY_VIDEO", [], "attended", "no", "none", "no-warrant"),
        ("NOT_PRESENT", [], "absent", "no", "none", "no-warrant"),
        ("Y", [], "attended", "no", "none", "no-warrant"),
        ("N", [], "absent", "no", "none", "no-warrant"),
        ("A", [], "represented", "no", "none", "no-warrant"),
        # Absence alone is not the court's word for failure to appear: fined, adjourned, dealt with in absence.
        ("NOT_PRESENT", [code("1015")], "absent", "no", "none", "no-warrant"),
        ("N", [code("4506")], "absent", "no", "none", "no-warrant"),
        ("N", [code("4506", "GE")], "absent", "no", "none", "adjourned-last-chance"),
        ("N", [code("4506", reasons=(LAST_CHANCE,))], "absent", "no", "none", "adjourned-last-chance"),
        ("N", [code("4506", "DO", reasons=(LAST_CHANCE,))], "absent", "no", "none", "adjourned-last-chance"),
        ("N", [code("4506", "KG")], "absent", "no", "none", "no-warrant"),
        ("N", [code("4578")], "absent", "no", "none", "dealt-with-in-absence"),
        (None, [code("1015")], "unknown", "no", "none", "no-warrant"),
        # Results that say of themselves that the person was not there; the feed's word stands where it has one.
        (None, [code("4529")], "absent", "no", "none", "remanded-in-absence"),
        (None, [code("4543")], "absent", "no", "none", "remanded-in-absence"),
        (None, [code("1002", "FH")], "absent", "no", "none", "dealt-with-in-absence"),
        ("Y", [code("4529")], "attended", "no", "none", "remanded-in-absence"),
        ("A", [code("4578")], "represented", "no", "none", "dealt-with-in-absence"),
        (None, [code("4529"), code("4576")], "absent", "presumed", "issued", "warrant-presumed"),
        # yes: a ground of non-appearance, whatever is known of attendance.
        ("N", [code("4575", "CG")], "absent", "yes", "issued", "warrant-non-appearance"),
        ("A", [code("4575", "CG")], "represented", "yes", "issued", "warrant-non-appearance"),
        ("Y", [code("4576", "CG")], "attended", "yes", "issued", "warrant-non-appearance"),
        (None, [code("4575", "CG")], "unknown", "yes", "issued", "warrant-non-appearance"),
        ("N", [code("4577", "KG")], "absent", "yes", "issued", "warrant-non-appearance"),
        ("N", [code("4576", "LB")], "absent", "yes", "issued", "warrant-non-appearance"),
        ("N", [code("4576", "CV", "CG")], "absent", "yes", "issued", "warrant-non-appearance"),
        (
            "N",
            [code("4576", reasons=("no appearance in answer to bail",))],
            "absent",
            "yes",
            "issued",
            "warrant-non-appearance",
        ),
        (
            None,
            [code("4576", "CV", reasons=("No appearance in answer to bail",))],
            "unknown",
            "yes",
            "issued",
            "warrant-non-appearance",
        ),
        # presumed: no qualifier or CV, and absent.
        ("NOT_PRESENT", [code("4576")], "absent", "presumed", "issued", "warrant-presumed"),
        ("NOT_PRESENT", [code("4576", "CV")], "absent", "presumed", "issued", "warrant-presumed"),
        ("IN_PERSON", [code("4576")], "attended", "no", "issued", "warrant-while-present"),
        ("IN_PERSON", [code("4577", "CV")], "attended", "no", "issued", "warrant-while-present"),
        ("A", [code("4575")], "represented", "unknown", "issued", "warrant-ground-not-stated"),
        (None, [code("4575")], "unknown", "unknown", "issued", "warrant-ground-not-stated"),
        (None, [code("4577", "CV")], "unknown", "unknown", "issued", "warrant-ground-not-stated"),
        # A warrant on other grounds.
        ("Y", [code("4576", "CY")], "attended", "no", "issued", "warrant-absconded-after-surrender"),
        (None, [code("4576", "CY")], "attended", "no", "issued", "warrant-absconded-after-surrender"),
        ("N", [code("4576", "CY", "CV")], "absent", "no", "issued", "warrant-absconded-after-surrender"),
        ("N", [code("4576", "LE")], "absent", "no", "issued", "warrant-other-ground"),
        ("N", [code("4576", "CV", "LE")], "absent", "no", "issued", "warrant-other-ground"),
        ("N", [code("4576", "EO")], "absent", "no", "issued", "warrant-civilian-enforcement"),
        ("N", [code("4576", "EO", "CG")], "absent", "yes", "issued", "warrant-non-appearance"),
        # A ground that nobody has reviewed says nothing.
        ("N", [code("4576", "ZZ")], "absent", "unknown", "issued", "warrant-ground-unknown"),
        # Not this person's arrest.
        ("N", [code("4585", "CG")], "absent", "no", "none", "warrant-not-the-defendant"),
        ("Y", [code("4586")], "attended", "no", "none", "warrant-not-the-defendant"),
        ("Y", [code("4505")], "attended", "no", "none", "not-an-arrest-warrant"),
        # Closed: withdrawn or not executed, alone or beside the warrant.
        ("Y", [code("2509")], "attended", "no", "closed", "warrant-closed"),
        (None, [code("2509")], "unknown", "no", "closed", "warrant-closed"),
        ("Y", [code("4575", "CG"), code("2509")], "attended", "yes", "closed", "warrant-non-appearance"),
        # Several offences, one day: one failure, one warrant, the strongest word.
        (
            "N",
            [code("4576", "CG", offence=1), code("4576", "CG", offence=2), code("4575", offence=3)],
            "absent",
            "yes",
            "issued",
            "warrant-non-appearance",
        ),
        (
            "N",
            [code("4576", "LE"), code("4576", offence=2)],
            "absent",
            "presumed",
            "issued",
            "warrant-presumed",
        ),
        (
            "N",
            [code("4576", "CY"), code("4576", "ZZ")],
            "absent",
            "unknown",
            "issued",
            "warrant-ground-unknown",
        ),
        ("N", [code("1015"), code("4576", "CG")], "absent", "yes", "issued", "warrant-non-appearance"),
        # A word that no feed uses is unknown.
        ("PERHAPS", [code("4576")], "unknown", "unknown", "issued", "warrant-ground-not-stated"),
    ],
)
def test_decide(
    attendance: str | None, codes: list[ResultCode], attended: str, fta: str, warrant: str, reason: str
) -> None:
    outcome = decide(attendance, codes)
    assert (outcome.attendance, outcome.fta, outcome.warrant, outcome.reason) == (
        attended,
        fta,
        warrant,
        reason,
    )
    assert decide(attendance, list(reversed(codes))) == outcome


@pytest.mark.parametrize(
    ("codes", "backed"),
    [
        ([], None),
        ([code("1015")], None),
        ([code("4575", "CG")], True),
        ([code("4577", "CG")], True),
        ([code("4576", "CG")], False),
        ([code("4575", "CG"), code("4576", "CG")], False),
        ([code("4575", "CG"), code("1015")], True),
        ([code("2509")], None),
    ],
)
def test_backed_for_bail(codes: list[ResultCode], backed: bool | None) -> None:
    assert decide("N", codes).backed_for_bail is backed


@pytest.mark.parametrize(
    ("codes", "ended"),
    [
        ([], False),
        ([code("2063")], True),
        ([code("2063", offence=1), code("2051", offence=2)], True),
        ([code("2063", offence=1), code("1015", offence=2)], False),
        ([code("2063", offence=1), code("4592", offence=1)], True),
        ([code("2053", offence=None)], True),
        ([code("1015")], False),
    ],
)
def test_case_ended_means_every_offence(codes: list[ResultCode], ended: bool) -> None:
    assert decide("Y", codes).case_ended is ended


@pytest.mark.parametrize(
    ("number", "remanded"), [("4028", True), ("4531", True), ("4027", False), ("4047", False)]
)
def test_remanded_in_custody(number: str, remanded: bool) -> None:
    assert decide("Y", [code("1015"), code(number)]).remanded is remanded


@pytest.mark.parametrize(
    ("attendance", "codes", "listed"),
    [
        ("N", [code("4576", "ZZ")], ("4576 ZZ",)),
        ("N", [code("4576", "CG", "JA")], ("4576 JA",)),
        ("N", [code("4576", "ZZ"), code("4576", "ZZ", offence=2)], ("4576 ZZ",)),
        ("N", [code("4506", "DO")], ()),
        ("N", [code("1015", "ZZ")], ()),
        ("Q", [], ("attendance Q",)),
        ("n ", [], ()),
    ],
)
def test_unknown_pairs_are_listed(attendance: str, codes: list[ResultCode], listed: tuple[str, ...]) -> None:
    assert decide(attendance, codes).unknown_codes == listed


def rows() -> list[dict[str, str]]:
    with files("services.reminders").joinpath("data/outcome_rules.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize(
    "row", rows(), ids=lambda row: f"{row['code']}-{row['qualifier'][:12]}-{row['attendance']}"
)
def test_every_row_decides_its_own_case(row: dict[str, str]) -> None:
    outcome = decide(WORD[row["attendance"]], [example(row)])
    assert outcome.reason == row["rule"]
    assert (outcome.fta, outcome.warrant) == (row["fta"], row["warrant"])
    assert outcome.backed_for_bail == {"yes": True, "no": False, "": None}[row["backed_for_bail"]]
    assert outcome.case_ended is (row["case_ended"] == "yes")
    assert outcome.remanded is (row["remanded"] == "yes")
    assert outcome.attendance == (
        row["came"] or (row["attendance"] if row["attendance"] != "*" else "unknown")
    )


WORD = {"*": None, "unknown": None, "absent": "NOT_PRESENT", "attended": "IN_PERSON", "represented": "A"}


def example(row: dict[str, str]) -> ResultCode:
    number = "1002" if row["code"] == "*" else row["code"]
    ground = row["qualifier"]
    if ground in ("-", "*"):
        return code(number)
    if ground == "?":
        return code(number, "ZZ")
    return code(number, ground) if len(ground) <= 2 else code(number, reasons=(ground.capitalize(),))


def test_the_table_is_well_formed() -> None:
    """No row twice, a source and a reason for each, and arrest warrants answered for every attendance."""
    keys = [(row["code"], row["qualifier"], row["attendance"]) for row in rows()]
    assert len(keys) == len(set(keys))
    assert all(row["source"].strip() and row["reason"].strip() for row in rows())
    for number in ("4575", "4576", "4577"):
        for word in WORD.values():
            assert decide(word, [code(number)]).warrant == "issued"


# REMINDERS §7's table of codes: what each is decided as where nobody says who came, or for who was absent.
ARREST = ("4575", "4576", "4577")
FAILED_TO_APPEAR = ("CG", "CC", "CD", "CE", "CF", "CH", "CI", "CJ", "CK", "LB", "KG")
OTHER_GROUNDS = ("CY", "LE", "LA", "LC", "LD", "LF", "CX", "CZ", "EO")


def said_of(number: str, *qualifiers: str) -> tuple[str, str]:
    outcome = decide("N", [code(number, *qualifiers)])
    return outcome.fta, outcome.warrant


def test_every_code_of_the_departments_tables_is_decided_as_written(
    feed_sample: Callable[[str], bytes],
) -> None:
    results = code_table(feed_sample("codes/result-code.json"))
    qualifiers = code_table(feed_sample("codes/result-qualifier-code.json"))
    assert {*ARREST, "4585", "4586", "2509", "4505", "4578", "4529", "4543", "4506"} <= results
    assert {*FAILED_TO_APPEAR, *OTHER_GROUNDS, "CV", "GE"} <= qualifiers
    for number in ARREST:
        for qualifier in qualifiers:
            expected = (
                "yes"
                if qualifier in FAILED_TO_APPEAR
                else "no"
                if qualifier in OTHER_GROUNDS
                else "presumed"
                if qualifier == "CV"
                else "unknown"
            )
            # A ground that nobody has reviewed is kept by its name; data quality counts it.
            unknown = decide("N", [code(number, qualifier)]).unknown_codes
            assert (said_of(number, qualifier), unknown) == (
                (expected, "issued"),
                (f"{number} {qualifier}",) if expected == "unknown" else (),
            )
        assert said_of(number) == ("presumed", "issued")
    for number in ("4585", "4586", "4505", "4578", "4529", "4543", "4506"):
        assert said_of(number) == ("no", "none")
    assert said_of("2509") == ("no", "closed")
    ended = {number for number in results if decide("Y", [code(number)]).case_ended}
    assert ended == {"2006", "2050", "2051", "2053", "2063"}
    # No other code of the table is an arrest warrant.
    assert {number for number in results if said_of(number)[1] != "none"} == {*ARREST, "2509"}


def code_table(body: bytes) -> set[str]:
    """The codes of one of the departments' tables."""
    return {row["cjsCode"] for row in json.loads(body)}


@pytest.mark.parametrize(
    ("facts", "refused"),
    [
        (("absent", "yes", "issued"), False),
        (("absent", "yes", "closed"), False),
        (("absent", "yes", "unknown"), False),
        (("absent", "yes", "none"), True),
        (("absent", "presumed", "issued"), False),
        (("absent", "presumed", "none"), True),
        (("represented", "yes", "issued"), False),
        (("unknown", "yes", "issued"), False),
        (("represented", "presumed", "issued"), True),
        (("unknown", "presumed", "issued"), True),
        (("attended", "presumed", "issued"), True),
        (("attended", "yes", "issued"), True),
        # Absconded after surrendering: the person had come.
        (("attended", "no", "issued"), False),
        (("absent", "no", "none"), False),
        (("unknown", "unknown", "unknown"), False),
    ],
)
def test_what_a_person_cannot_mean(facts: tuple[str, str, str], refused: bool) -> None:
    assert bool(outcome_rules.contradiction(*facts)) is refused


def test_a_damaged_row_is_refused() -> None:
    with pytest.raises(ValueError, match="outcome_rules"):
        outcome_rules._row({**rows()[0], "fta": "maybe"})


def test_the_outcome_is_a_value() -> None:
    assert decide("Y", []) == Outcome("attended", "no", "none", "no-warrant")
