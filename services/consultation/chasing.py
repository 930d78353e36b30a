"""Twelve weeks after a consultation's end every theme that people spoke of has an answer, or an alarm sounds, once a day."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from services.common import alarms, clock
from services.common.context import Heed
from services.common.times import LONDON
from services.consultation import coding, feedback
from services.consultation.models import Consultation

EVERY = timedelta(days=1)


def chase(heed: Heed) -> None:
    """Look at each consultation whose answers are due, and sound the alarm where some are owed."""
    with heed.database.begin() as session:
        now = clock.now(session)
        for row in session.scalars(select(Consultation).where(_due(now)).with_for_update(skip_locked=True)):
            row.chased_at = now
            owed = unanswered(session, row.id)
            if owed:
                alarms.sound(session, "feedback-overdue", f"consultation:{row.id}", now, themes=len(owed))


def due(session: Session, now: datetime) -> Sequence[Sequence[int]]:
    """One wake-up where a consultation has not been looked at for a day."""
    return [[]] if session.scalar(select(Consultation.id).where(_due(now)).limit(1)) else []


def unanswered(session: Session, consultation_id: str) -> list[str]:
    """The themes that are owed an answer; "not-coded" where responses have no theme yet."""
    frame = coding.codeframe(session, consultation_id)
    standing = coding.standing(session, consultation_id)
    spoken = {theme for one in standing.values() for theme in one.themes}
    answers = feedback.approved(session, consultation_id, frame)
    owed = feedback.owed(session, consultation_id, frame, spoken, answers)
    waiting = coding.reviewed(session, consultation_id)[1] > len(standing)
    return [*owed, *(["not-coded"] if waiting else [])]


def _due(now: datetime) -> ColumnElement[bool]:
    zone = str(LONDON)
    owed_at = func.timezone(zone, func.timezone(zone, Consultation.closes_at) + feedback.DUE_AFTER)
    return (owed_at <= now) & or_(Consultation.chased_at.is_(None), Consultation.chased_at <= now - EVERY)
