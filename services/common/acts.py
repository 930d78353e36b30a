"""What acts of a person share: a clear refusal, and words that may stand in the audit log."""

import re

REASON_MOST = 300
# Ten digits in a row, however they are spaced: nobody needs a telephone number to say why.
TELEPHONE = re.compile(r"(?:\d[ ().-]{0,2}){10}")


class Refused(Exception):
    """An act that cannot be done, and changed nothing: a stable word for programs, and one sentence that says what to do."""

    def __init__(self, error: str, message: str) -> None:
        super().__init__(message)
        self.error = error


def telephone(words: str) -> bool:
    """Whether a telephone number stands in words that are kept for good, or published."""
    return TELEPHONE.search(words) is not None


def reason(text: str) -> str:
    """Why somebody does something, as it stands in the audit log for good: one line without a telephone number. Raises Refused."""
    line = " ".join(text.split())
    if not line or len(line) > REASON_MOST or not line.isprintable():
        raise Refused("bad-reason", f"say why in 1 to {REASON_MOST} characters")
    if telephone(line):
        raise Refused(
            "bad-reason", "say why without a telephone number: the reason stands in the audit log for good"
        )
    return line
