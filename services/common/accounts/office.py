"""Accounts of people for whom the office's identity provider vouches: made at their first sign-in, their roles said anew by
their groups at each. Nobody takes over an account by its name: who somebody is says the provider's own identifier."""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.common import audit, clock
from services.common.accounts import users
from services.common.models import User
from services.common.office_settings import Office

LONGEST_NAME = 60


class NotIn(Exception):
    """Why somebody whom the provider knows is not let in; the message says what to do."""


def sign_in(session: Session, office: Office, claims: Mapping[str, Any]) -> User:
    """The account of whom these verified claims are about. Raises NotIn."""
    subject, name = f"{office.issuer} {claims['sub']}", _name(claims)
    roles = _roles(office, claims)
    user = session.scalar(select(User).where(User.subject == subject).with_for_update())
    if not roles:
        if user is not None:
            audit.record(session, "nobody", "sign-in-refused", users.actor(user), why="no-role")
        raise NotIn(
            "You are known to your office, but none of your groups has a role here. Ask an administrator of Heed."
        )
    if user is None:
        user = _made(session, subject, name, roles)
    if user.disabled_at is not None:
        audit.record(session, "nobody", "sign-in-refused", users.actor(user), why="disabled")
        raise NotIn("Your account here was closed. Ask an administrator of Heed.")
    if user.roles != roles:
        user.roles = roles
        audit.record(session, "identity-provider", "user-roles-set", users.actor(user), roles=roles)
    audit.record(session, users.actor(user), "signed-in", users.actor(user), by="identity-provider")
    return user


def _made(session: Session, subject: str, name: str, roles: list[str]) -> User:
    fresh = insert(User).values(
        login=name, subject=subject, roles=roles, must_change=False, created_at=clock.now(session)
    )
    session.execute(fresh.on_conflict_do_nothing())
    user = session.scalar(select(User).where(User.subject == subject).with_for_update())
    if user is None:
        raise NotIn(
            f"There is another account named {name} here. Ask an administrator of Heed to close it, or to have you renamed."
        )
    audit.record(session, "identity-provider", "user-added", users.actor(user), roles=roles)
    return user


def _name(claims: Mapping[str, Any]) -> str:
    """What the pages and the audit log call somebody: their user name or e-mail address, in the letters of a name here.

    >>> _name({"sub": "0-1", "preferred_username": "J.Smith@Herts.example"})
    'j.smith@herts.example'
    """
    said = next((claims[key] for key in ("preferred_username", "email") if claims.get(key)), claims["sub"])
    plain = re.sub(r"[^a-z0-9.@_-]", "-", str(said).lower())[:LONGEST_NAME].strip(".@_-")
    return plain or "unnamed"


def _roles(office: Office, claims: Mapping[str, Any]) -> list[str]:
    groups = claims.get(office.claim) or []
    listed = {groups} if isinstance(groups, str) else {one for one in groups if isinstance(one, str)}
    return sorted({role for group, role in office.roles.items() if group in listed})
