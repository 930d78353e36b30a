"""Machines' API keys: random, shown once, stored as a hash, scoped.

A key is 256 random bits, so a plain SHA-256 is enough: there is nothing to guess slowly.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.common import audit, clock
from services.common.models import ApiKey

PREFIX = "heed"
# A use is written down at most this often, so that a busy feed does not rewrite one row thousands of times an hour.
USE_NOTED_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: a key's id (it stands in the audit log) and what it may do."""

    key_id: str
    scopes: frozenset[str]

    @property
    def actor(self) -> str:
        """The name that the audit log keeps."""
        return f"key:{self.key_id}"


def add(session: Session, scopes: list[str], label: str, actor: str) -> tuple[str, str]:
    """Make a key: (id, the key itself, shown this once)."""
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    key = f"{PREFIX}_{key_id}_{secret}"
    session.add(
        ApiKey(id=key_id, hash=_hash(key), scopes=sorted(scopes), label=label, created_at=clock.now(session))
    )
    audit.record(session, actor, "key-added", f"key:{key_id}", scopes=sorted(scopes), label=label)
    return key_id, key


def revoke(session: Session, key_id: str, actor: str) -> bool:
    """Make a key useless from now on; False where there is no such live key."""
    row = session.get(ApiKey, key_id)
    if row is None or row.revoked_at:
        return False
    row.revoked_at = clock.now(session)
    audit.record(session, actor, "key-revoked", f"key:{key_id}")
    return True


def caller(session: Session, key: str) -> Caller | None:
    """The caller behind a presented key, or None."""
    parts = key.split("_", 2)
    if len(parts) != 3 or parts[0] != PREFIX or not (key.isascii() and key.isprintable()):
        return None
    row = session.scalar(select(ApiKey).where(ApiKey.id == parts[1], ApiKey.revoked_at.is_(None)))
    if row is None or not hmac.compare_digest(row.hash, _hash(key)):
        return None
    present = clock.now(session)
    if row.last_used_at is None or present - row.last_used_at > USE_NOTED_EVERY:
        row.last_used_at = present
    return Caller(row.id, frozenset(row.scopes))


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
