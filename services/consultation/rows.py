"""The rows of a file that an office sends, as CSV or JSON, each with its place. Pure.

What is wrong with the whole file is a FileError; what is wrong with one row is a Rejection, and the other rows are taken.
"""

import csv
import io
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

CELL_MOST = 100_000  # characters; a long letter has 10,000
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # how .xlsx and .ods begin, and the .xls of before 2007


class FileError(Exception):
    """A file of which nothing can be taken. `code` is for programs; the message says what to change."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that was left out: its place, the field, a code, and what to do. It quotes nothing of a person."""

    where: str
    field: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """One row: its place in the file, and what its fields hold, trimmed. An empty field is the empty text."""

    where: str
    values: dict[str, str]

    def rejected(self, field: str, code: str, reason: str) -> Rejection:
        """This row, refused for one of its fields."""
        return Rejection(self.where, field, code, reason)


def from_csv(
    body: bytes, columns: Collection[str], needed: Collection[str]
) -> tuple[list[Row], list[Rejection]]:
    """Rows of a CSV with a header. Raises FileError: `not-csv`, `not-utf-8`, `wrong-header` (naming the column), `malformed-csv`."""
    if body.startswith(WORKBOOKS):
        raise FileError("not-csv", "it is a spreadsheet program's own file: save it as 'CSV UTF-8'")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise FileError("not-utf-8", f"line {line} is not UTF-8: save the file as 'CSV UTF-8'") from None
    lines = csv.reader(io.StringIO(text.replace("\x00", ""), newline=""))
    rows: list[Row] = []
    rejections: list[Rejection] = []
    try:
        header = [cell.strip().lower() for cell in next(lines, [])]
        _check(header, columns, needed)
        for cells in lines:
            if not any(cells):
                continue
            row = Row(f"line {lines.line_num}", dict(zip(header, map(str.strip, cells), strict=False)))
            if len(cells) != len(header):
                reason = f"it has {len(cells)} cells under {len(header)} columns: look for a missing comma or quotation mark"
                rejections.append(row.rejected("", "wrong-cell-count", reason))
            else:
                rows.append(row)
    except csv.Error:
        raise FileError(
            "malformed-csv",
            f"line {lines.line_num} has a cell of over {csv.field_size_limit():,} characters: look for a quotation mark that is never closed",
        ) from None
    return rows, rejections


def from_json(
    content: Any, columns: Collection[str], needed: Collection[str]
) -> tuple[list[Row], list[Rejection]]:
    """Rows of a JSON list of objects. Raises FileError: `not-a-list`."""
    if not isinstance(content, list):
        raise FileError("not-a-list", "the rows are a JSON list of objects")
    rows: list[Row] = []
    rejections: list[Rejection] = []
    for number, given in enumerate(content, start=1):
        row = Row(f"row {number}", {})
        if not isinstance(given, dict):
            rejections.append(row.rejected("", "not-an-object", "it is not a JSON object"))
            continue
        unfit = [name for name in given if name not in columns]
        lacking = [name for name in needed if given.get(name) in (None, "")]
        nested = [name for name, value in given.items() if isinstance(value, dict | list)]
        if unfit or nested:
            field = (unfit or nested)[0][:60]
            reason = f"there is no such field; the fields are {', '.join(columns)}"
            rejections.append(
                row.rejected(field, "unknown-field", reason)
                if unfit
                else row.rejected(field, "not-text", "it is one text, number or true or false")
            )
        elif lacking:
            rejections.append(row.rejected(lacking[0], "missing", "it is needed: fill it in"))
        else:
            rows.append(Row(row.where, {name: _text(value) for name, value in given.items()}))
    return rows, rejections


def _check(header: Sequence[str], columns: Collection[str], needed: Collection[str]) -> None:
    if len(header) == 1 and any(mark in header[0] for mark in ";\t"):
        raise FileError("wrong-header", "its columns are not parted by commas: save it as 'CSV UTF-8'")
    for name in header:
        if name not in columns:
            raise FileError(
                "wrong-header",
                f"it has a column we do not know: {name!r}; the columns are {', '.join(columns)}",
            )
        if header.count(name) > 1:
            raise FileError("wrong-header", f"it has the column {name!r} twice: keep one of them")
    for name in needed:
        if name not in header:
            raise FileError(
                "wrong-header", f"it lacks the column {name!r}; the columns are {', '.join(columns)}"
            )


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value).replace("\x00", "").strip()


def answered(done: dict[str, int], rejections: Sequence[Rejection]) -> dict[str, Any]:
    """What became of a file, in one shape: {"status", "counts", "rejections"}."""
    status = "applied" if not rejections else "partly_applied" if any(done.values()) else "rejected"
    return {
        "status": status,
        "counts": done | {"rejected": len(rejections)},
        "rejections": [asdict(one) for one in rejections],
    }
