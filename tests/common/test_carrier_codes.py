"""The carrier's codes: every row of the contract (SENDING §4) is in the table, with its class and a meaning."""

import re

import pytest

from services.common.carrier_codes import CodeClass, CodesError, action, classify, meaning, read, table

CONTRACT = {
    "wait": [20429, 429, 21611],
    "recipient": [21211, 21214, 21217, 21614, 30005, 30006],
    "opted-out": [21610],
    "set-up": [
        *[
            20003,
            20404,
            21408,
            21603,
            21606,
            21608,
            21612,
            21659,
            21660,
            21663,
            30002,
            30042,
            35114,
            35115,
            35118,
        ],
        # Beyond the contract: an address or sender of ours that the carrier cannot read would spoil every text alike.
        *[21212, 21609],
    ],
    "bug": [21602, 21604, 21617],
    "later": [30001, 30003, 30008],
    "do-not-repeat": [30004, 30007, 30036, 14107],
    "uncertain": [20500, 20503],
}


@pytest.mark.parametrize(
    ("kind", "code"), [(kind, code) for kind, codes in CONTRACT.items() for code in codes]
)
def test_every_code_of_the_contract(kind: str, code: int) -> None:
    assert classify(code) == kind
    assert meaning(code)
    assert meaning(code) != f"carrier code {code}"


def test_the_table_holds_nothing_else() -> None:
    assert set(table()) == {code for codes in CONTRACT.values() for code in codes}
    assert {one.kind for one in table().values()} == set(CodeClass) - {CodeClass.UNKNOWN}


@pytest.mark.parametrize("code", [None, 0, -1, 99999, 10**12])
def test_any_other_code_is_unknown(code: int | None) -> None:
    assert classify(code) is CodeClass.UNKNOWN
    assert meaning(code) == f"carrier code {code}"


def test_what_happens_on_delivery_is_told_apart_from_what_happens_on_creation() -> None:
    for code, one in table().items():
        assert (one.when == "delivery") == (str(code).startswith("30") or code == 14107)


def test_every_action_is_one_sentence_that_a_person_can_follow() -> None:
    for code, one in table().items():
        assert action(code) == one.action
        assert re.fullmatch(r"[A-Z][^.]{12,120}\.", one.action), code
        assert "resume" in one.action or one.kind is not CodeClass.SET_UP, code
    assert action(99999) == action(None) == "Look the code up at the carrier."


HEAD = "code,when,class,meaning,action"
GOOD = "30003,delivery,later,switched off,Nothing."


def test_a_table_is_read() -> None:
    (one,) = read([HEAD, GOOD]).values()
    assert (one.code, one.when, one.kind, one.meaning, one.action) == (
        30003,
        "delivery",
        "later",
        "switched off",
        "Nothing.",
    )


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([], "line 1: the columns must be code,when,class,meaning,action"),
        (["code,class,when,meaning,action", GOOD], "line 1: the columns"),
        ([HEAD, GOOD, GOOD], "line 3: 30003 is there twice"),
        ([HEAD, GOOD.replace("later", "sometime")], "line 2: class must be one of wait, recipient"),
        ([HEAD, GOOD.replace("later", "unknown")], "line 2: class must be one of"),
        ([HEAD, GOOD.replace("delivery", "whenever")], "line 2: when must be one of create, delivery"),
        ([HEAD, GOOD, "30004,delivery,later,,Nothing."], "line 3: meaning is empty"),
        ([HEAD, "30004,delivery,later,blocked, "], "line 2: action is empty"),
        ([HEAD, GOOD.replace("30003", "3000x")], "line 2: code must be a whole number"),
        ([HEAD, GOOD.replace("30003", "²")], "line 2: code must be a whole number"),
        ([HEAD, "30004,delivery,later,blocked"], "line 2: 5 fields are needed"),
        ([HEAD, GOOD + ",more"], "line 2: 5 fields are needed"),
        ([HEAD, '30004,delivery,later,"blocked"x,Nothing.'], "line 2"),
    ],
)
def test_a_table_with_a_mistake_is_refused_naming_the_line(lines: list[str], says: str) -> None:
    with pytest.raises(CodesError, match=r"^carrier codes, ") as refused:
        read(lines)
    assert says in str(refused.value)
