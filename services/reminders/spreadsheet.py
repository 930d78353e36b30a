"""CSV for a spreadsheet: UTF-8 with a mark at its beginning by which Excel knows that, and no cell that is a formula. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from services.reminders.call_sheet import FORMULA


def to_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """The header and the rows."""
    written = io.StringIO(newline="")
    lines = csv.writer(written)
    lines.writerow(header)
    lines.writerows([_cell(value) for value in row] for row in rows)
    return written.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
