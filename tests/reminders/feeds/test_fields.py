"""Names of cases, courts, people and custody in the one form that joins records."""

import pytest

from services.reminders.feeds import fields, names


@pytest.mark.parametrize(
    ("written", "cleaned"),
    [
        ("Arthur", "Arthur"),
        ("  Mary \n Jane\t", "Mary Jane"),
        ("Jose\u0301", "José"),
        ("O\u2019Neil", "O\u2019Neil"),
        ("A\x00rthur", "Arthur"),
        ("\ud800Art\u200bhur\ufeff", "Arthur"),
        ("", None),
        (" \u00a0\u2003", None),
        ("\x00", None),
    ],
)
def test_clean(written: str, cleaned: str | None) -> None:
    assert fields.clean(written) == cleaned


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("1101ZD0100000448754K", "1101ZD0100000448754K"),
        ("11/01ZD/01/448754K", "1101ZD0100000448754K"),
        ("11/01zd/01/00000448754k", "1101ZD0100000448754K"),
        ("0741BP100000123456U", "0741BP1000000123456U"),
        ("2100000000000266764M", "2100000000000266764M"),
        ("D27GC01129410771", "D27GC01129410771"),
        # What feeds put in its place, the same for many people.
        ("TFL", None),
        ("007007", None),
        ("iusto", None),
        ("XVITYX8RAIHZ", None),
        ("AAAA123456", "AAAA123456"),
        ("AAAA12345", None),
        ("1" * 24, "1" * 24),
        ("1" * 25, None),
        ("", None),
        (None, None),
    ],
)
def test_asn(written: str | None, key: str | None) -> None:
    assert fields.asn(written) == key


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("2004/0012345U", "20040012345U"),
        ("20030011985X", "20030011985X"),
        ("2004/0012345u", "20040012345U"),
        ("pnc number1", None),
        ("04/12345U", None),
        ("33629585-8", None),
        (None, None),
    ],
)
def test_pnc(written: str | None, key: str | None) -> None:
    assert fields.pnc(written) == key


@pytest.mark.parametrize(
    ("written", "code"),
    [("B41ME00", "B41ME"), ("b41me", "B41ME"), ("B41M", None), ("", None), (None, None), ("B41-E00", None)],
)
def test_court(written: str | None, code: str | None) -> None:
    assert fields.court(written) == code


@pytest.mark.parametrize(
    ("written", "reference"),
    [
        ("41bp 0510007", "41BP0510007"),
        ("", None),
        (None, None),
        ("X" * 64, "X" * 64),
        ("X" * 65, None),
    ],
)
def test_reference(written: str | None, reference: str | None) -> None:
    assert fields.reference(written) == reference


@pytest.mark.parametrize(
    ("code", "description", "initiation", "custody"),
    [
        ("A", "Not Applicable", "C", "none"),
        ("U", "Unconditional Bail", "C", "bail"),
        ("B", "Conditional Bail", "C", "bail"),
        ("b", None, None, "bail"),
        ("C", "Custody or remanded into custody", "C", "custody"),
        ("C", "Unconditional Bail", "C", "custody"),
        ("L", "Remanded into care of Local Authority", "C", "custody"),
        ("S", None, None, "custody"),
        ("P", "Conditional Bail with Pre-Release conditions", "C", "bail"),
        ("P", "Custody", "C", "custody"),
        ("P", "Remanded into Custody", "C", "custody"),
        ("P", None, "C", "custody"),
        ("P", "Something else", "C", "custody"),
        ("X", "Anything with bail", "C", "unknown"),
        ("X", None, "S", "none"),
        ("0hs9ytllu5", "Nobis reiciendis", "O", "unknown"),
        (None, None, "C", "unknown"),
        (None, None, None, "unknown"),
        (None, None, "S", "none"),
        (None, None, "Q", "none"),
        (None, "Conditional bail", None, "bail"),
        (None, "Custody", "S", "custody"),
        ("C", None, "S", "custody"),
    ],
)
def test_custody(code: str | None, description: str | None, initiation: str | None, custody: str) -> None:
    assert fields.custody(code, description, initiation) == custody


@pytest.mark.parametrize(
    ("written", "language"),
    [
        ("ENGLISH", "en"),
        ("E", "en"),
        ("WELSH", "cy"),
        ("W", "cy"),
        ("Polish", "pl"),
        ("Romanian", "ro"),
        ("Hakka", "hakka"),
        ("D", None),
        ("", None),
        (None, None),
    ],
)
def test_language(written: str | None, language: str | None) -> None:
    assert fields.language(written) == language


@pytest.mark.parametrize(
    ("written", "needed"), [("Hakka", "Hakka"), ("None", None), ("English", None), ("N", None), (None, None)]
)
def test_interpreter(written: str | None, needed: str | None) -> None:
    assert fields.interpreter(written) == needed


@pytest.mark.parametrize(
    ("written", "identifier"),
    [
        ("E10E3EF3-8637-40E3-BDED-8ED104A380AC", "e10e3ef3-8637-40e3-bded-8ed104a380ac"),
        ("a" * 64, "a" * 64),
        ("a" * 65, None),
        ("a b", None),
        ("../x", None),
        ("", None),
        (None, None),
    ],
)
def test_identifier(written: str | None, identifier: str | None) -> None:
    assert fields.identifier(written) == identifier


@pytest.mark.parametrize(
    ("name", "given", "surname"),
    [
        ("Mr Arthur MORGAN", "Arthur", "MORGAN"),
        ("MR Abraham LINCOLN", "Abraham", "LINCOLN"),
        ("Arthur Morgan", "Arthur", "Morgan"),
        ("Mrs. Ann Mary Smith", "Ann", "Smith"),
        ("SMITH, John Paul", "John", "SMITH"),
        ("de la Cruz, Anna", "Anna", "de la Cruz"),
        ("Anna de la Cruz", "Anna", "de la Cruz"),
        ("Ms Anna DE LA CRUZ", "Anna", "DE LA CRUZ"),
        ("JOHN PAUL SMITH", "JOHN", "SMITH"),
        ("Piet van der Berg", "Piet", "van der Berg"),
        ("Van Morrison", "Van", "Morrison"),
        ("Siân O'Neil", "Siân", "O'Neil"),
        ("Mary-Jane Jones-Smith", "Mary-Jane", "Jones-Smith"),
        ("John Q SMITH", "John", "SMITH"),
        ("Plato", None, "Plato"),
        ("Mr Plato", None, "Plato"),
        ("SMITH,", None, "SMITH"),
        (", John", "John", None),
        ("Mr", None, None),
        ("", None, None),
    ],
)
def test_split_names(name: str, given: str | None, surname: str | None) -> None:
    assert names.split(name) == (given, surname)


@pytest.mark.parametrize(
    ("name", "company"),
    [
        ("Acme Ltd", True),
        ("Acme LIMITED", True),
        ("Borough Council", True),
        ("John Limited Smith", False),
        ("Arthur Morgan", False),
    ],
)
def test_is_company(name: str, company: bool) -> None:
    assert names.is_company(name) is company
