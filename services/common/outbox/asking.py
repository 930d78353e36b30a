"""The looks that both services take, and the telling of alarms: one list, and the sweeps over it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from services.common.alerting import telling
from services.common.context import Heed
from services.common.outbox import arrivals, compare, failing, news, reconcile, redact
from services.common.outbox.due import NOTHING
from services.common.process import current
from services.common.settings import ServiceName
from services.common.work import Job, Sweep


@dataclass(frozen=True, slots=True)
class Asking:
    """One kind of look: how often to see whether it is due (seconds), whether it is, and taking it."""

    name: str
    every: float
    is_due: Callable[[Heed, Session, datetime], bool]
    take: Callable[[Heed], object]


ASKINGS = (
    Asking("inbound", 5, arrivals.is_due, arrivals.fetch),
    Asking("news", 5, news.is_due, news.ask),
    Asking("comparison", 60, compare.is_due, compare.compare),
    Asking("failures", 60, failing.is_due, failing.check),
    Asking("redaction", 15, redact.is_due, redact.redact),
    Asking("alarms", 5, telling.is_due, telling.tell),
    Asking("restored", 5, reconcile.is_due, reconcile.reconcile),
)


def take(service: ServiceName, number: int) -> None:
    """Take the look at this place of the list."""
    ASKINGS[number].take(current(service))


def sweeps(service: ServiceName, job: Job) -> tuple[Sweep, ...]:
    """A sweep for each look; `job` is the service's own, given the look's place in the list."""
    return tuple(
        Sweep(one.name, one.every, job, _due(service, number, one)) for number, one in enumerate(ASKINGS)
    )


def _due(
    service: ServiceName, number: int, one: Asking
) -> Callable[[Session, datetime], Sequence[Sequence[int]]]:
    return lambda session, now: [[number]] if one.is_due(current(service), session, now) else NOTHING
