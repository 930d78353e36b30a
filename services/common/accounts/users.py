"""Accounts: made, changed and closed by an administrator, and signed in to by their owner. Every act is in the audit log."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.common import audit, clock
from services.common.accounts import passwords, second_factor, sessions, throttle
from services.common.context import Heed
from services.common.models import User
from services.common.roles import ROLES
from services.common.settings import ServiceName

NAME = re.compile(r"[a-z0-9](?:[a-z0-9.@_-]{0,58}[a-z0-9])?")


class AccountError(Exception):
    """An account that cannot be made or changed so; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why nobody is signed in: "wrong" (name, password or digits: never which), "wait", or "digits" (they are needed too)."""

    why: str
    until: datetime | None = None


def actor(user: User) -> str:
    """The name that the audit log keeps."""
    return f"person:{user.login}"


def add(session: Session, service: ServiceName, name: str, roles: Sequence[str], by: str) -> str:
    """Make an account; its first password, shown this once and to be changed at the first sign-in. Raises AccountError."""
    if not NAME.fullmatch(name):
        raise AccountError("a name has 1 to 60 small letters, digits and . @ _ - within, like j.smith")
    if _named(session, name) is not None:
        raise AccountError(f"there is an account {name} already; `heed users roles` changes what it may do")
    password = _first_password()
    session.add(
        User(
            login=name,
            roles=_known(service, roles),
            password_hash=passwords.hashed(password),
            must_change=True,
            created_at=clock.now(session),
        )
    )
    audit.record(session, by, "user-added", f"person:{name}", roles=sorted(roles))
    return password


def set_roles(session: Session, service: ServiceName, name: str, roles: Sequence[str], by: str) -> None:
    """Say anew what an account may do, from its next click on. Raises AccountError."""
    user = the(session, name)
    user.roles = _known(service, roles)
    audit.record(session, by, "user-roles-set", actor(user), roles=sorted(roles))


def reset(session: Session, name: str, by: str) -> str:
    """A fresh first password for somebody who lost theirs or their phone: the second factor goes, sessions end, a closed or
    waiting account opens. Raises AccountError."""
    user, password = the(session, name), _first_password()
    user.password_hash, user.must_change = passwords.hashed(password), True
    user.second_factor_enc = user.second_factor_step = user.try_again_at = user.disabled_at = None
    user.failures = 0
    sessions.end_all(session, user.id)
    audit.record(session, by, "user-reset", actor(user))
    return password


def disable(session: Session, name: str, by: str) -> None:
    """Close an account at once, sessions and all. Raises AccountError."""
    user = the(session, name)
    if user.disabled_at is None:
        user.disabled_at = clock.now(session)
        sessions.end_all(session, user.id)
        audit.record(session, by, "user-disabled", actor(user))


def sign_in(heed: Heed, session: Session, name: str, password: str, digits: str) -> User | Refused:
    """The account that this name, password and second factor open; what is refused says no more than it must."""
    user = session.scalar(select(User).where(User.login == name.strip().lower()).with_for_update())
    present = clock.wall(session)
    if user is not None and user.try_again_at and user.try_again_at > present:
        return Refused("wait", user.try_again_at)
    right = passwords.matches(user.password_hash if user else None, password)
    if user is None or user.disabled_at is not None or not right:
        return _wrong(session, user, present)
    if user.second_factor_enc is not None:
        if not digits.strip():
            return Refused("digits")
        secret = heed.cipher.open(user.second_factor_enc, "second-factor").reveal()
        step = second_factor.step_of(secret, digits, present, user.second_factor_step)
        if step is None:
            return _wrong(session, user, present)
        user.second_factor_step = step
    user.failures, user.try_again_at = 0, None
    if user.password_hash and passwords.outdated(user.password_hash):
        user.password_hash = passwords.hashed(password)
    audit.record(session, actor(user), "signed-in", actor(user))
    return user


def change_password(session: Session, user: User, old: str, new: str) -> str | None:
    """Give the account a password of its owner's choice; the refusal as a sentence, or None. Other sessions end."""
    if not passwords.matches(user.password_hash, old):
        return "The present password is not right."
    if old == new:
        return "The new password is the present one: choose another."
    why = passwords.refusal(new, user.login)
    if why is None:
        user.password_hash, user.must_change = passwords.hashed(new), False
        sessions.end_all(session, user.id)
        audit.record(session, actor(user), "password-changed", actor(user))
    return why


def use_second_factor(heed: Heed, session: Session, user: User, secret: str, digits: str) -> bool:
    """Ask for an app's digits from now on, once it has shown that it makes the right ones."""
    step = second_factor.step_of(secret, digits, clock.wall(session), None)
    if step is None:
        return False
    user.second_factor_enc, user.second_factor_step = heed.cipher.seal(secret, "second-factor"), step
    audit.record(session, actor(user), "second-factor-added", actor(user))
    return True


def the(session: Session, name: str) -> User:
    """The account of this name. Raises AccountError."""
    user = _named(session, name)
    if user is None:
        raise AccountError(f"there is no account {name}; `heed users list` shows them")
    return user


def _named(session: Session, name: str) -> User | None:
    return session.scalar(select(User).where(User.login == name))


def _wrong(session: Session, user: User | None, present: datetime) -> Refused:
    if user is not None:
        user.failures += 1
        waiting = throttle.wait(user.failures)
        user.try_again_at = present + waiting if waiting else None
        audit.record(session, "nobody", "sign-in-refused", actor(user), failures=user.failures)
    return Refused("wrong")


def _known(service: ServiceName, roles: Sequence[str]) -> list[str]:
    unknown = sorted(set(roles) - set(ROLES[service]))
    if unknown or not roles:
        what = f"{service} has no role {unknown[0]}" if unknown else "an account needs a role"
        raise AccountError(f"{what}; its roles are {', '.join(ROLES[service])}")
    return sorted(set(roles))


def _first_password() -> str:
    return secrets.token_urlsafe(15)
