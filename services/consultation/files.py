"""Files of an office, read to the end: each good row is taken, each bad one reported with its place and field. Pure."""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from typing import Any, TypeVar

from services.consultation import batch_rows, contact_rows
from services.consultation.batch_rows import Response
from services.consultation.contact_rows import Contact
from services.consultation.rows import FileError, Rejection, Row, from_csv, from_json

T = TypeVar("T")


def responses(
    body: bytes | Sequence[Any], questions: Iterable[str], *, drama: bool
) -> tuple[list[Response], list[Rejection]]:
    """Responses from the bytes of a CSV or JSON file, or from a list that came as JSON. Raises FileError."""
    rows, rejections = _rows(body, "responses", batch_rows.columns(questions), batch_rows.NEEDED)
    return _read(rows, rejections, lambda row: batch_rows.read(row, drama=drama))


def contacts(
    body: bytes | Sequence[Any], today: date, *, drama: bool
) -> tuple[list[Contact], list[Rejection]]:
    """Contacts likewise; `today` is the day in London. Raises FileError."""
    rows, rejections = _rows(body, "contacts", contact_rows.COLUMNS, contact_rows.NEEDED)
    return _read(rows, rejections, lambda row: contact_rows.read(row, today, drama=drama))


def _rows(
    body: bytes | Sequence[Any], name: str, columns: Collection[str], needed: Collection[str]
) -> tuple[list[Row], list[Rejection]]:
    if not isinstance(body, bytes):
        return from_json(body, columns, needed)
    if body.lstrip()[:1] not in (b"[", b"{"):
        return from_csv(body, columns, needed)
    try:
        content = json.loads(body)
    except ValueError as error:
        where = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "it"
        raise FileError("malformed-json", f"{where} is not JSON: correct it") from None
    return from_json(content.get(name) if isinstance(content, dict) else content, columns, needed)


def _read(
    rows: Sequence[Row], rejections: list[Rejection], read: Callable[[Row], T | Rejection]
) -> tuple[list[T], list[Rejection]]:
    good: list[T] = []
    for row in rows:
        found = read(row)
        if isinstance(found, Rejection):
            rejections.append(found)
        else:
            good.append(found)
    return good, rejections
