"""How a text's status moves on: pure rules over the text and its fault."""

from dataclasses import dataclass

from services.sandbox.faults import Fault
from services.sandbox.messages import RANK

VALIDITY_EXPIRED = 30036


@dataclass(frozen=True, slots=True)
class Step:
    """A status, the seconds to wait before it, and the delivery error that comes with it."""

    status: str
    wait: float
    error_code: int | None = None


def steps(fault: Fault | None, first_text: bool, delay: float, late: float) -> tuple[Step, ...]:
    """Everything that will happen to a queued text. `first_text`: it is the first that ever went to this number.

    Real networks report a landline, an unknown handset or a filter after the text left, hence `sent` comes first.
    """
    sent = (Step("sending", delay), Step("sent", delay))
    if fault is not None and (fault.stage == "outcome" or (fault.stage == "first-outcome" and first_text)):
        if fault.code is not None:
            return (*sent, Step("undelivered", delay, fault.code))
        return (*sent, Step("delivered", late))
    return (*sent, Step("delivered", delay))


def remaining(plan: tuple[Step, ...], status: str) -> tuple[Step, ...]:
    """The steps that a text in this status still has before it: all of them while it is scheduled or queued."""
    return tuple(step for step in plan if RANK[step.status] > RANK[status])


def has_expired(valid_for: int | None, queued_at: float, now: float) -> bool:
    """Whether a text has waited in the carrier's queue for longer than its ValidityPeriod (seconds)."""
    return valid_for is not None and now - queued_at > valid_for
