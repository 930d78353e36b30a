"""Who was invited: a reply belongs to the consultation that asked last, and is traced to its invitation."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.consultation.models import Invitation, Respondent

# Invitations are paced over days; whoever writes long after one writes of something else.
REPLY_WITHIN = timedelta(days=21)


def newest(
    session: Session, number_key: bytes, at: datetime, consultation_id: str | None = None
) -> Invitation | None:
    """The newest invitation of this number that a text of this time may answer; that of one consultation where it is named."""
    asked = select(Invitation).where(
        Invitation.number_key == number_key, Invitation.invited_at.between(at - REPLY_WITHIN, at)
    )
    if consultation_id:
        asked = asked.where(Invitation.consultation_id == consultation_id)
    return session.scalar(asked.order_by(Invitation.invited_at.desc(), Invitation.id.desc()).limit(1))


def replied(session: Session, respondent: Respondent, at: datetime) -> None:
    """Trace a response to the invitation that it answers, if there was one."""
    if respondent.number_key is None:
        return
    invitation = newest(session, respondent.number_key, at, respondent.consultation_id)
    if invitation is not None:
        respondent.invitation_id = invitation.id
        invitation.replied_at = invitation.replied_at or at
