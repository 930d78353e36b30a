"""Who was invited: a reply belongs to the consultation that asked last, and to its invitation."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.consultation.models import Invitation


def newest(session: Session, number_key: bytes, at: datetime) -> Invitation | None:
    """The newest invitation of this number that was made before this time."""
    return session.scalar(
        select(Invitation)
        .where(Invitation.number_key == number_key, Invitation.invited_at <= at)
        .order_by(Invitation.invited_at.desc(), Invitation.id.desc())
        .limit(1)
    )
