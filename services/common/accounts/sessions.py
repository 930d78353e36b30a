"""Who is signed in: a random token in a cookie, its hash in the database. Sessions end after half an hour without a click,
after twelve hours in any case, and at once when somebody ends them."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.common import clock
from services.common.models import User, UserSession

IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)  # a click is written down at most this often


def start(session: Session, user: User) -> str:
    """Sign somebody in; the token for their cookie. Always a fresh one, so that nobody can plant one beforehand."""
    token, present = secrets.token_urlsafe(32), clock.wall(session)
    session.add(UserSession(token_hash=_hash(token), user_id=user.id, started_at=present, seen_at=present))
    return token


def find(session: Session, token: str) -> tuple[UserSession, User] | None:
    """The live session behind a token and whose it is, or None."""
    found = session.execute(
        select(UserSession, User)
        .join(User, User.id == UserSession.user_id)
        .where(
            UserSession.token_hash == _hash(token), UserSession.ended_at.is_(None), User.disabled_at.is_(None)
        )
    ).first()
    if found is None:
        return None
    one, user = found
    present = clock.wall(session)
    if present - one.seen_at >= IDLE or present - one.started_at >= LONGEST:
        return None
    if present - one.seen_at >= SEEN_EVERY:
        one.seen_at = present
    return one, user


def live(session: Session, user_id: int) -> Sequence[UserSession]:
    """A person's sessions that nobody has ended and that have not run out, the newest first."""
    present = clock.wall(session)
    return session.scalars(
        select(UserSession)
        .where(
            UserSession.user_id == user_id,
            UserSession.ended_at.is_(None),
            UserSession.seen_at > present - IDLE,
            UserSession.started_at > present - LONGEST,
        )
        .order_by(UserSession.id.desc())
    ).all()


def end(session: Session, user_id: int, session_id: int) -> bool:
    """End one of a person's sessions; False where it is not theirs or has ended."""
    ended = session.scalar(
        update(UserSession)
        .where(UserSession.id == session_id, UserSession.user_id == user_id, UserSession.ended_at.is_(None))
        .values(ended_at=clock.wall(session))
        .returning(UserSession.id)
    )
    return ended is not None


def end_all(session: Session, user_id: int) -> None:
    """End every session of a person."""
    session.execute(
        update(UserSession)
        .where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
        .values(ended_at=clock.wall(session))
    )


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
