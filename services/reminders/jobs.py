"""The jobs of Reminders, and the one list of sweeps that wakes them. Jobs take ids only and may run twice."""

from datetime import datetime
from functools import cache

from sqlalchemy.orm import Session

from services.common import duty, inbound, long_work, months, retention
from services.common.outbox import asking
from services.common.outbox import drain as outbox_drain
from services.common.outbox import due as outbox_due
from services.common.outbox import settle as outbox_settle
from services.common.process import current
from services.common.work import Sweep, begun
from services.reminders import asked_work, county, deliveries, dispatch, incidents, replies
from services.reminders.retention import RULES


@cache
def configured() -> county.County:
    """The county's file, read once a process."""
    return county.load(current("reminders").settings)


def apply_delivery(number: int) -> None:
    """Apply a stored push, and any older one still waiting."""
    deliveries.apply(current("reminders"), configured(), number)


def handle_replies() -> None:
    """Understand every text that waits; a text that comes wakes it."""
    heed = current("reminders")
    begun(heed, handle_replies)
    inbound.attempt_all(heed, lambda inbound_id: replies.handle(heed, configured(), inbound_id))


def drain() -> None:
    """Send what is due."""
    heed, plans = current("reminders"), configured()
    outbox_drain.drain(heed, lambda session, rows, now: dispatch.prepare(heed, plans, session, rows, now))


def escalate(item_id: int) -> None:
    """Call for somebody to take an item on duty."""
    duty.escalate(current("reminders"), item_id)


def sound_incident(incident_id: int) -> None:
    """Call for somebody to assess an incident before the law's time is over."""
    incidents.sound(current("reminders"), incident_id)


def settle() -> None:
    """Look for evidence of what is uncertain."""
    outbox_settle.settle(current("reminders"))


def make_months() -> None:
    """Make the coming months of the tables that are kept by the month."""
    months.make(current("reminders"))


def retain() -> None:
    """Carry out the retention rules, once a night."""
    retention.nightly(current("reminders"), RULES)


def carry_out(number: int) -> None:
    """Do a long piece of work that somebody asked for on a page."""
    long_work.carry_out(current("reminders"), number, asked_work.kinds(configured()))


def look(number: int) -> None:
    """Take one of the looks that both services take: news, texts that came in, the daily comparison …"""
    asking.take("reminders", number)


def _deliveries(session: Session, now: datetime) -> list[list[int]]:
    return deliveries.waiting(session)


def _asked(session: Session, now: datetime) -> list[list[int]]:
    return long_work.waiting(current("reminders"))


def _replies(session: Session, now: datetime) -> list[list[int]]:
    return inbound.any_waiting(session)


# In the order in which `heed tick` runs them: what came in may change what goes out.
SWEEPS = (
    Sweep("deliveries", 2, apply_delivery, _deliveries),
    *asking.sweeps("reminders", look),
    Sweep("replies", 2, handle_replies, _replies),
    Sweep("asked", 5, carry_out, _asked),
    Sweep("duty", 5, escalate, duty.to_escalate),
    Sweep("incidents", 60, sound_incident, incidents.to_sound),
    Sweep("settle", 5, settle, outbox_due.unsettled),
    Sweep("months", 60, make_months, months.to_make),
    Sweep("retention", 60, retain, retention.to_run),
    Sweep("drain", 1, drain, outbox_due.due),
)
