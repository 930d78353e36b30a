"""The carrier's error codes as data (`data/carrier_codes.csv`, from SENDING §4): what each means, and what it calls for."""

import csv
import enum
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

COLUMNS = ("code", "when", "class", "meaning", "action")
WHEN = ("create", "delivery")


class CodeClass(enum.StrEnum):
    """What a code tells us to do."""

    WAIT = "wait"  # never processed: back off and try again
    RECIPIENT = "recipient"  # this number, for good
    OPTED_OUT = "opted-out"  # record the opt-out
    SET_UP = "set-up"  # ours is wrong: stop the sender, burn no more texts
    BUG = "bug"  # our own mistake: alarm
    LATER = "later"  # a new text may work
    DO_NOT_REPEAT = "do-not-repeat"  # the same text again would fare no better
    UNCERTAIN = "uncertain"  # it may have gone out: seek evidence
    UNKNOWN = "unknown"


class CodesError(ValueError):
    """The table cannot be used; the message names the line and says what to do."""


@dataclass(frozen=True, slots=True)
class Code:
    """One row: when the carrier says it (create: to a request; delivery: about an accepted text), and one plain sentence for a person."""

    code: int
    when: str
    kind: CodeClass
    meaning: str
    action: str


def read(lines: Iterable[str]) -> dict[int, Code]:
    """Every row of a table by its code. Raises CodesError naming the line."""
    found: dict[int, Code] = {}
    rows = csv.DictReader(lines, strict=True)
    if tuple(rows.fieldnames or ()) != COLUMNS:
        raise CodesError(f"carrier codes, line 1: the columns must be {','.join(COLUMNS)}")
    try:
        for row in rows:
            one = _row(rows.line_num, row)
            if one.code in found:
                raise CodesError(f"carrier codes, line {rows.line_num}: {one.code} is there twice: keep one")
            found[one.code] = one
    except csv.Error as error:
        raise CodesError(f"carrier codes, line {rows.line_num + 1}: {error}") from None
    return found


def _row(line: int, row: dict[str, str]) -> Code:
    where = f"carrier codes, line {line}"
    if None in row or None in row.values():
        raise CodesError(f"{where}: {len(COLUMNS)} fields are needed; quote one that holds a comma")
    empty = [name for name in COLUMNS if not row[name].strip()]
    if empty:
        raise CodesError(f"{where}: {empty[0]} is empty: fill it in")
    if not (row["code"].isascii() and row["code"].isdecimal()):
        raise CodesError(f"{where}: code must be a whole number")
    if row["when"] not in WHEN:
        raise CodesError(f"{where}: when must be one of {', '.join(WHEN)}")
    kinds = [kind.value for kind in CodeClass if kind is not CodeClass.UNKNOWN]
    if row["class"] not in kinds:
        raise CodesError(f"{where}: class must be one of {', '.join(kinds)}")
    return Code(int(row["code"]), row["when"], CodeClass(row["class"]), row["meaning"], row["action"])


@cache
def table() -> dict[int, Code]:
    """The carrier's codes. Raises CodesError."""
    with files("services.common").joinpath("data/carrier_codes.csv").open(encoding="utf-8") as lines:
        return read(lines)


def classify(code: int | None) -> CodeClass:
    """The class of a code; UNKNOWN where the table has none."""
    return table()[code].kind if code in table() else CodeClass.UNKNOWN


def meaning(code: int | None) -> str:
    """What a code means, in words for a person."""
    return table()[code].meaning if code in table() else f"carrier code {code}"


def action(code: int | None) -> str:
    """What a person does about a code."""
    return table()[code].action if code in table() else "Look the code up at the carrier."
