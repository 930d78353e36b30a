"""Rotating encryption keys: every value that stands under an older key is sealed anew under the first one, some rows at a time."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import MetaData, Table, text
from sqlalchemy.orm import Session

from services.common import audit
from services.common.context import Heed
from services.common.crypto import CryptoError

BATCH = 1000
# What is authenticated with a column's values; a test holds every encrypted column to this.
PURPOSES = {
    "name_enc": "name",
    "birth_enc": "birth",
    "number_enc": "number",
    "to_enc": "number",
    "from_enc": "number",
    "body_enc": "body",
    "words_enc": "body",
    "note_enc": "note",
    "scan_enc": "scan",
    "consent_enc": "consent",
    "organisation_enc": "organisation",
    "second_factor_enc": "second-factor",
    "because_enc": "because",
    "vector_enc": "vector",
    "marks_enc": "marks",
    "deliveries.body_enc": "payload",
}


@dataclass(frozen=True, slots=True)
class Column:
    """An encrypted column, and the key by which its rows are found."""

    table: str
    name: str
    row: str
    row_type: str
    purpose: str

    @property
    def full(self) -> str:
        """As the answer names it."""
        return f"{self.table}.{self.name}"


def columns(*schemas: MetaData) -> Iterator[Column]:
    """Every encrypted column of these schemas. Raises KeyError for one whose purpose nobody has declared."""
    for schema in schemas:
        for table in schema.sorted_tables:
            for column in table.columns:
                if column.name.endswith("_enc"):
                    purpose = PURPOSES.get(f"{table.name}.{column.name}") or PURPOSES[column.name]
                    yield Column(table.name, column.name, *_row_key(table), purpose)


def _row_key(table: Table) -> tuple[str, str]:
    (key,) = table.primary_key.columns
    return key.name, str(key.type)


def counted(heed: Heed, session: Session, every: list[Column]) -> dict[str, int]:
    """How many values of each column stand under another key than the first."""
    found = {
        one.full: session.scalar(
            text(f"SELECT count(*) FROM {one.table} WHERE {_under_another(one)}"),  # noqa: S608 - the models' own names
            _first(heed),
        )
        for one in every
    }
    return {name: number for name, number in found.items() if number}


def rewrite(heed: Heed, every: list[Column], by: str) -> tuple[dict[str, int], int]:
    """Seal anew what stands under another key, a batch a transaction: how many by column, and how many no key opens."""
    done, unreadable = Counter[str](), 0
    for one in every:
        last: Any = None
        while True:
            with heed.database.begin() as session:
                rows = _batch(heed, session, one, last)
                fresh = [(key, old, _anew(heed, old, one.purpose)) for key, old in rows]
                opened = [(key, old, new) for key, old, new in fresh if new is not None]
                unreadable += len(fresh) - len(opened)
                done[one.full] += _write(session, one, opened)
            if len(rows) < BATCH:
                break
            last = rows[-1][0]
    values = {name: number for name, number in done.items() if number}
    with heed.database.begin() as session:
        audit.record(
            session, by, "keys-rewritten", "keys", values=sum(values.values()), unreadable=unreadable
        )
    return values, unreadable


def _under_another(one: Column) -> str:
    return f"octet_length({one.name}) > 0 AND substring({one.name} FROM 1 FOR octet_length(:first)) <> :first"


def _first(heed: Heed) -> dict[str, Any]:
    return {"first": heed.cipher.head}


def _batch(heed: Heed, session: Session, one: Column, last: Any) -> list[tuple[Any, bytes]]:
    after = f" AND {one.row} > :last" if last is not None else ""
    statement = (
        f"SELECT {one.row}, {one.name} FROM {one.table} WHERE {_under_another(one)}{after}"  # noqa: S608 - the models' own names
        f" ORDER BY {one.row} LIMIT {BATCH}"
    )
    rows = session.execute(text(statement), _first(heed) | ({} if last is None else {"last": last}))
    return [(key, bytes(value)) for key, value in rows]


def _anew(heed: Heed, old: bytes, purpose: str) -> bytes | None:
    try:
        return heed.cipher.seal(heed.cipher.open_bytes(old, purpose), purpose)
    except CryptoError:
        return None


def _write(session: Session, one: Column, rows: list[tuple[Any, bytes, bytes]]) -> int:
    """Only where the value is still the one that was read: whoever changed it meanwhile did so under the first key."""
    if not rows:
        return 0
    statement = (
        f"UPDATE {one.table} SET {one.name} = v.new FROM unnest(CAST(:keys AS {one.row_type}[]),"  # noqa: S608 - as above
        f" CAST(:olds AS bytea[]), CAST(:news AS bytea[])) AS v(key, old, new)"
        f" WHERE {one.table}.{one.row} = v.key AND {one.table}.{one.name} = v.old"
    )
    keys, olds, news = (list(values) for values in zip(*rows, strict=True))
    result: Any = session.execute(text(statement), {"keys": keys, "olds": olds, "news": news})
    return int(result.rowcount)
