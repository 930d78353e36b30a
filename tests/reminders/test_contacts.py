"""Joining numbers to people: by ASN, by case with surname and birth, never by name alone; what matches nobody is counted."""

from typing import Any

import pytest
from sqlalchemy import select

from services.reminders import contacts
from services.reminders.feeds.records import FeedError
from services.reminders.models import Contact
from tests.reminders.office import ANN, BEN, CAT, HEARING, THREE_DAYS, Office, case, defendant, hearing, spi

ASN = "2641AA0000000123456A"
BASE = {"case_ref": "41AA1000126", "surname": "Example", "date_of_birth": "1990-05-04", "mobile": BEN}


def attach(office: Office, *rows: dict[str, Any]) -> dict[str, Any]:
    """Attach rows as the API does."""
    given, rejections = contacts.read_rows([(f"/contacts/{n}", row) for n, row in enumerate(rows)])
    return put(office, given, rejections)


def attach_csv(office: Office, text: str) -> dict[str, Any]:
    given, rejections = contacts.read_csv(text.encode())
    return put(office, given, rejections)


def put(office: Office, given: Any, rejections: Any) -> dict[str, Any]:
    with office.heed.database.begin() as session:
        return contacts.attach(office.heed, office.county, session, given, rejections, "test")


JOINS: list[tuple[dict[str, Any], bool]] = [
    ({"asn": ASN, "mobile": BEN}, True),
    # As police systems write it: slashes, and no zeros.
    ({"asn": "26/41AA/00/123456A", "mobile": BEN}, True),
    ({"asn": "2641aa00 00000123456 a", "mobile": BEN}, True),
    ({"asn": "2641AA0000000123457A", "mobile": BEN}, False),
    ({"asn": ASN, "surname": "Example", "mobile": BEN}, True),
    # An ASN with somebody else's name or birth is a slip of the pen, of which nobody knows where.
    ({"asn": ASN, "surname": "Other", "mobile": BEN}, False),
    ({"asn": ASN, "date_of_birth": "1991-05-04", "mobile": BEN}, False),
    (BASE, True),
    (BASE | {"first_name": "Ann"}, True),
    (BASE | {"date_of_birth": "04/05/1990"}, True),
    (BASE | {"date_of_birth": "4/5/1990"}, True),
    (BASE | {"surname": "EXAMPLE"}, True),
    (BASE | {"case_ref": " 41 aa 1000126 "}, True),
    (BASE | {"surname": "", "defendant_name": "Ann Example"}, True),
    (BASE | {"surname": "", "defendant_name": "EXAMPLE, Ann"}, True),
    (BASE | {"first_name": "Mary"}, True),
    (BASE | {"surname": "Other"}, False),
    (BASE | {"date_of_birth": "1990-05-05"}, False),
    (BASE | {"case_ref": "41AA9999999"}, False),
    # A wrong ASN does not spoil what else is right.
    (BASE | {"asn": "not one"}, True),
]


def test_a_number_is_joined_by_asn_or_by_case_surname_and_birth(office: Office) -> None:
    office.push(spi(mobile=None), form="spi")
    for number, (row, joins) in enumerate(JOINS):
        answer = attach(office, row | {"mobile": f"+447700900{200 + number}"})
        assert answer["status"] == ("applied" if joins else "rejected"), row
        assert answer["counts"] == {
            "attached": int(joins),
            "unchanged": 0,
            "unmatched": int(not joins),
            "invalid": 0,
        }
        assert [one["code"] for one in answer["rejections"]] == ([] if joins else ["no-such-person"])
    last = max(number for number, (_, joins) in enumerate(JOINS) if joins)
    assert office.row()["reasons"] == []
    office.tick(THREE_DAYS)
    assert len(office.texts()) == len(office.texts(f"+447700900{200 + last}")) == 1


def test_a_name_that_systems_write_differently_is_one_name(office: Office) -> None:
    """Capitals, a curly apostrophe, a composed letter: one person in two feeds, and the office's number joins."""
    office.push(hearing(HEARING, case(defendant("SIA\u0302N", "O'NEIL", mobile=None))))
    office.push(spi(given="Si\u00e2n", surname="O\u2019Neil", mobile=None), form="spi")
    assert len(office.rows()) == 1
    for surname in ("O'Neil", "O\u2018NEIL"):
        assert attach(office, BASE | {"surname": surname})["counts"]["unmatched"] == 0
    assert office.row()["reasons"] == []


TOO_LITTLE: list[tuple[dict[str, Any], str]] = [
    ({"surname": "Example", "first_name": "Ann", "mobile": BEN}, "not-enough-to-join"),
    ({"surname": "Example", "date_of_birth": "1990-05-04", "mobile": BEN}, "not-enough-to-join"),
    ({"case_ref": "41AA1000126", "surname": "Example", "mobile": BEN}, "not-enough-to-join"),
    ({"case_ref": "41AA1000126", "date_of_birth": "1990-05-04", "mobile": BEN}, "not-enough-to-join"),
    (BASE | {"date_of_birth": "4 May 1990"}, "bad-date"),
    (BASE | {"date_of_birth": "1990-13-40"}, "bad-date"),
    (BASE | {"mobile": ""}, "mobile-missing"),
    (BASE | {"mobile": None}, "mobile-missing"),
    ({}, "mobile-missing"),
]


def test_a_name_alone_never_joins_a_number(office: Office) -> None:
    office.push(spi(mobile=None), form="spi")
    for row, code in TOO_LITTLE:
        answer = attach(office, row)
        assert answer["status"] == "rejected"
        assert [(one["where"], one["code"]) for one in answer["rejections"]] == [("/contacts/0", code)]
        # The reason never quotes the person.
        assert not [word for word in ("Example", "1990", "7700") if word in answer["rejections"][0]["reason"]]
    assert office.row()["mobile"] == "missing"


def test_a_placeholder_case_joins_nobody(office: Office) -> None:
    office.push(hearing(HEARING, case(defendant(mobile=None), ref="00PP0000008")))
    answer = attach(
        office, BASE | {"case_ref": "00PP0000008"}, BASE | {"case_ref": "00PP0000008", "first_name": "Ann"}
    )
    assert answer["counts"]["unmatched"] == 2
    assert office.row()["mobile"] == "missing"


def test_twins_in_one_case_are_told_apart_by_their_first_names_or_not_at_all(office: Office) -> None:
    office.push(hearing(HEARING, case(defendant("Ann", mobile=None), defendant("Eve", mobile=None))))
    assert attach(office, BASE)["counts"]["unmatched"] == 1
    assert attach(office, BASE | {"first_name": "Eve"})["counts"]["attached"] == 1
    assert [one["mobile"] for one in office.rows()] == ["missing", "valid"]


def test_good_and_bad_rows_together(office: Office) -> None:
    office.push(spi(mobile=None), form="spi")
    answer = attach(office, {"asn": "nobody1234567", "mobile": CAT}, BASE, {"mobile": BEN})
    assert answer["status"] == "partly_applied"
    assert answer["counts"] == {"attached": 1, "unchanged": 0, "unmatched": 1, "invalid": 0}
    assert {(one["where"], one["code"]) for one in answer["rejections"]} == {
        ("/contacts/0", "no-such-person"),
        ("/contacts/2", "not-enough-to-join"),
    }


def test_the_same_number_again_is_unchanged_and_another_keeps_the_history(office: Office) -> None:
    office.push(spi(mobile=ANN), form="spi")
    assert attach(office, BASE | {"mobile": "07700 900101"})["counts"]["unchanged"] == 1
    assert attach(office, BASE)["counts"]["attached"] == 1
    assert attach(office, BASE)["counts"]["unchanged"] == 1
    with office.heed.database.begin() as session:
        rows = session.scalars(select(Contact).order_by(Contact.id)).all()
    assert [(row.source, row.current) for row in rows] == [("feed:spi", False), ("office", True)]


def test_a_number_that_cannot_be_texted_is_taken_and_listed(office: Office) -> None:
    office.push(spi(mobile=ANN), form="spi")
    attach(office, BASE | {"mobile": "01727 816000"})
    assert (office.row()["mobile"], office.row()["reasons"]) == ("invalid", ["mobile-invalid"])


def test_a_csv_of_the_office(office: Office) -> None:
    office.push(spi(mobile=None), form="spi")
    office.push(hearing(HEARING, case(defendant("Ben", "Other", mobile=None), ref="41AA2"), key="h2"))
    answer = attach_csv(
        office,
        "\ufeffURN,Last_Name,DOB,Mobile\r\n"
        "41AA1000126,Example,04/05/1990,07700 900101\r\n"
        '41AA2,"Other",1990-05-04,"07700 900102"\r\n'
        "\r\n"
        "41AA3,Nobody,1990-05-04,07700 900103\r\n"
        ",,,\r\n",
    )
    assert answer["counts"] == {"attached": 2, "unchanged": 0, "unmatched": 1, "invalid": 0}
    assert {(one["where"], one["code"]) for one in answer["rejections"]} == {
        ("line 5", "no-such-person"),
        ("line 6", "mobile-missing"),
    }
    assert [one["mobile"] for one in office.rows()] == ["valid", "valid"]


@pytest.mark.parametrize(
    ("text", "code", "named"),
    [
        ("", "wrong-header", "mobile"),
        ("asn,surname\nx,y", "wrong-header", "'mobile'"),
        ("asn,mobile,shoe_size\n", "wrong-header", "'shoe_size'"),
        ("asn;mobile\nx;y", "wrong-header", "'asn;mobile'"),
        ("asn,mobile,\n", "wrong-header", "''"),
        ("asn,mobile,asn\n", "wrong-header", "asn"),
        ("urn,case_ref,mobile\n", "wrong-header", "case_ref"),
        ("asn,mobile\n" + "x" * 200_000 + ",y", "malformed-csv", "line 2 "),
        ("x" * 200_000 + ",mobile\n1,2", "malformed-csv", "line 1 "),
    ],
)
def test_a_wrong_header_refuses_the_file_and_names_the_column(text: str, code: str, named: str) -> None:
    with pytest.raises(FeedError) as error:
        contacts.read_csv(text.encode())
    assert error.value.code == code
    assert named in error.value.reason


def test_a_file_in_another_encoding_is_refused() -> None:
    with pytest.raises(FeedError) as error:
        contacts.read_csv("asn,mobile,surname\n1,2,Siân".encode("latin-1"))
    assert error.value.code == "not-utf-8"
