"""The closed sets of words for a text's life: Heed's own states, and the carrier's statuses in their order."""

import enum


class State(enum.StrEnum):
    """What Heed knows of an intention to text. Transitions are drawn in docs/guarantee.md."""

    PENDING = "pending"  # waits for its time, or for another try that evidence allows
    CLAIMED = "claimed"  # an attempt is committed and may be on the wire
    UNCERTAIN = "uncertain"  # the attempt's fate is not known; evidence is sought, nothing is resent
    ACCEPTED = "accepted"  # the carrier has it, under a sid
    FAILED = "failed"  # not sent, and not to be tried again
    STAFF = "staff"  # evidence cannot settle it: a person must
    CANCELLED = "cancelled"  # no longer to be sent, with a reason


UNSENT = (State.PENDING,)
SENT_OR_MAYBE = (State.CLAIMED, State.UNCERTAIN, State.ACCEPTED, State.STAFF)

# SENDING.md §1.7: statuses fold monotonically; the first terminal word stays, "read" may follow delivered.
CARRIER_ORDER: dict[str, int] = {
    "scheduled": 1,
    "accepted": 2,
    "queued": 3,
    "sending": 4,
    "sent": 5,
    "delivered": 6,
    "undelivered": 6,
    "failed": 6,
    "canceled": 6,
    "read": 7,
}
TERMINAL = frozenset({"delivered", "undelivered", "failed", "canceled", "read"})
FAILING = frozenset({"undelivered", "failed"})
NO_LAST_WORD = (
    "the carrier gave no last word"  # the reason of an accepted text about which nothing more is asked
)


def fold(known: str | None, news: str) -> str | None:
    """The status to keep after `news`, or None where nothing changes.

    Late, repeated and contradicting words change nothing; "read" follows "delivered" only.
    """
    rank = CARRIER_ORDER.get(news)
    if rank is None or rank <= CARRIER_ORDER.get(known or "", 0):
        return None
    if news == "read" and known in TERMINAL - {"delivered"}:
        return None
    return news


def contradicts(known: str | None, news: str) -> bool:
    """Whether two terminal words disagree ("delivered" and then "undelivered")."""
    return known in TERMINAL and news in TERMINAL and {known, news} != {"delivered", "read"} and known != news
