"""Arrays made by hand reach PostgreSQL as the driver's own would."""

from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger, LargeBinary, NullType, Text

from services.common import wire
from services.common.context import Heed
from services.common.copying import copy_rows, encode
from services.common.database import among
from services.common.models import ApiKey, NumberEvent

KINDS = {"bigint": BigInteger(), "text": Text(), "bytea": LargeBinary()}


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("bigint", [0, 1, -1, 2**63 - 1, -(2**63)]),
        ("text", ["", "a", "NULL", '"', "\\", "{,}", "é€𝄞", "x" * 255, "x" * 256, "x" * 70_000]),
        ("bytea", [b"", b"\x00", b"\xff" * 16, bytes(range(256)), b"y" * 70_000]),
    ],
)
def test_every_value_comes_back(reminders: Heed, kind: str, values: list[Any]) -> None:
    for given in (values, values[:1], values * 40):
        with reminders.database.begin() as session:
            asked = text(f"SELECT CAST(:sent AS {kind}[])").columns(**{kind: ARRAY(KINDS[kind])})
            sent = wire.array(given)
            assert session.scalar(asked.bindparams(sent=sent)) == given


def test_among_finds_what_is_there_whatever_the_column(reminders: Heed) -> None:
    with reminders.database.begin() as session:
        session.add_all(
            NumberEvent(number_key=bytes([one]) * 16, act=f"act {one}", source="test", at=text("now()"))
            for one in range(5)
        )
        session.flush()
        ids = session.scalars(select(NumberEvent.id).order_by(NumberEvent.id)).all()
        wanted = {
            NumberEvent.id: [ids[1], ids[3], 10**12],
            NumberEvent.act: ["act 1", "act 3", "no act"],
            NumberEvent.number_key: [b"\x01" * 16, b"\x03" * 16, b"none"],
        }
        for column, values in wanted.items():
            found = session.scalars(select(NumberEvent.id).where(among(column, values)))
            assert sorted(found) == [ids[1], ids[3]]
            assert session.scalars(select(NumberEvent.id).where(among(column, []))).all() == []
        assert isinstance(among(NumberEvent.id, []).right.element.type, NullType)  # type: ignore[attr-defined]


def test_copied_rows_are_as_inserted_ones(reminders: Heed) -> None:
    with reminders.database.begin() as session:
        at = session.scalar(text("SELECT clock_timestamp()"))
        columns = ("id", "hash", "scopes", "label", "created_at", "last_used_at")
        rows = [
            ("a", b"\x00\xff", wire.texts(["one", "two, {three}"]), "tab\tand\nline \\N", at, None),
            ("b", b"", wire.texts([]), "", at, at),
        ]
        copy_rows(session, ApiKey, columns, rows[:1])
        copy_rows(session, ApiKey, columns, [])
        encode(session, ApiKey, columns, rows[1:]).send()
        encode(session, ApiKey, columns, []).send()
        read = session.execute(
            select(*(ApiKey.__table__.c[name] for name in columns)).order_by(ApiKey.id)
        ).all()
    assert [tuple(row) for row in read] == [
        ("a", b"\x00\xff", ["one", "two, {three}"], "tab\tand\nline \\N", at, None),
        ("b", b"", [], "", at, at),
    ]
