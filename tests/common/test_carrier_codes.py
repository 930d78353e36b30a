"""The carrier's codes: every row of the contract (SENDING §4) is in the table, with its class and a meaning."""

import pytest

from services.common.carrier_codes import CodeClass, classify, meaning, table

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
    assert {kind for kind, _ in table().values()} == set(CodeClass) - {CodeClass.UNKNOWN}


@pytest.mark.parametrize("code", [None, 0, -1, 99999, 10**12])
def test_any_other_code_is_unknown(code: int | None) -> None:
    assert classify(code) is CodeClass.UNKNOWN
    assert meaning(code) == f"carrier code {code}"


def test_what_happens_on_delivery_is_told_apart_from_what_happens_on_creation() -> None:
    import csv
    from importlib.resources import files

    with files("services.common").joinpath("data/carrier_codes.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    assert {row["when"] for row in rows} == {"create", "delivery"}
    assert len({row["code"] for row in rows}) == len(rows)
    for row in rows:
        assert (row["when"] == "delivery") == (row["code"].startswith("30") or row["code"] == "14107")
