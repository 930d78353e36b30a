"""The carrier's error codes as data (`data/carrier_codes.csv`, from SENDING §4): what each class calls for."""

import csv
import enum
from functools import cache
from importlib.resources import files


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


@cache
def table() -> dict[int, tuple[CodeClass, str]]:
    """Code → (class, meaning)."""
    with files("services.common").joinpath("data/carrier_codes.csv").open() as lines:
        return {int(row["code"]): (CodeClass(row["class"]), row["meaning"]) for row in csv.DictReader(lines)}


def classify(code: int | None) -> CodeClass:
    """The class of a code; UNKNOWN where the table has none."""
    return table()[code][0] if code in table() else CodeClass.UNKNOWN


def meaning(code: int | None) -> str:
    """What a code means, in words for a person."""
    return table()[code][1] if code in table() else f"carrier code {code}"
