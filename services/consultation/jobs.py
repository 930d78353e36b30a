"""The jobs of Consultation, and the one list of sweeps that wakes them. Jobs take ids only and may run twice."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.common import clock, duty, inbound, long_work, months, retention
from services.common.outbox import asking
from services.common.outbox import drain as outbox_drain
from services.common.outbox import due as outbox_due
from services.common.outbox import settle as outbox_settle
from services.common.process import current
from services.common.work import Sweep, begun
from services.consultation import asked_work, chasing, dispatch, responses, suggesting
from services.consultation.retention import RULES


def handle_texts() -> None:
    """Understand every text that waits; a text that comes wakes it."""
    heed = current("consultation")
    begun(heed, handle_texts)
    inbound.attempt_all(heed, lambda inbound_id: responses.handle(heed, inbound_id))


def drain() -> None:
    """Send what is due."""
    heed = current("consultation")
    outbox_drain.drain(heed, lambda session, rows, now: dispatch.prepare(heed, session, rows, now))


def escalate(item_id: int) -> None:
    """Call for somebody to take an item on duty."""
    duty.escalate(current("consultation"), item_id)


def chase() -> None:
    """See whether people were answered in time."""
    heed = current("consultation")
    begun(heed, chase)
    chasing.chase(heed)


def settle() -> None:
    """Look for evidence of what is uncertain."""
    outbox_settle.settle(current("consultation"))


def make_months() -> None:
    """Make the coming months of the tables that are kept by the month."""
    months.make(current("consultation"))


def retain() -> None:
    """Carry out the retention rules, once a night."""
    retention.nightly(current("consultation"), RULES)


def carry_out(number: int) -> None:
    """Do a long piece of work that somebody asked for on a page."""
    long_work.carry_out(current("consultation"), number, asked_work.KINDS)


def look(number: int) -> None:
    """Take one of the looks that both services take: news, texts that came in, the daily comparison …"""
    asking.take("consultation", number)


def suggest_themes() -> None:
    """Suggest themes anew, in each consultation in which enough is new."""
    heed = current("consultation")
    with heed.database.begin() as session:
        due = suggesting.due(session, clock.now(session))
    for consultation_id in due:
        suggesting.run(heed, consultation_id, suggesting.SWEEP, suggesting.OF_A_SWEEP)


def _asked(session: Session, now: datetime) -> list[list[int]]:
    return long_work.waiting(current("consultation"))


def _texts(session: Session, now: datetime) -> list[list[int]]:
    return inbound.any_waiting(session)


# In the order in which `heed tick` runs them.
SWEEPS = (
    *asking.sweeps("consultation", look),
    Sweep("texts", 2, handle_texts, _texts),
    Sweep("asked", 5, carry_out, _asked),
    Sweep("duty", 5, escalate, duty.to_escalate),
    Sweep("chase", 60, chase, chasing.due),
    Sweep("settle", 5, settle, outbox_due.unsettled),
    Sweep("months", 60, make_months, months.to_make),
    Sweep("retention", 60, retain, retention.to_run),
    Sweep("drain", 1, drain, outbox_due.due),
    Sweep("themes", 60, suggest_themes, suggesting.any_due),
)
