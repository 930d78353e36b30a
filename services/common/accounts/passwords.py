"""Passwords as the National Cyber Security Centre advises: long rather than odd, nothing that is easily guessed, never expiring.

Argon2id with the library's defaults (RFC 9106's second choice); a hash made with older ones is made anew at the next sign-in.
"""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from zxcvbn import zxcvbn

SHORTEST, LONGEST = 12, 128  # characters; the longest bounds what an attacker can make us hash
STRONG_ENOUGH = 3  # of zxcvbn's 0 to 4: "safely unguessable", over 10^8 guesses
HASHER = PasswordHasher()


def refusal(password: str, *own_words: str) -> str | None:
    """Why a password will not do, as a sentence that says what to do; None where it will. `own_words` (the account's name,
    the service's) count as guessed."""
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters: three random words are easy to remember."
    if len(password) > LONGEST:
        return f"Use at most {LONGEST} characters."
    if zxcvbn(password, user_inputs=[*own_words, "heed", "hertfordshire"])["score"] < STRONG_ENOUGH:
        return "This password is easily guessed. Use three random words that have nothing to do with you or this work."
    return None


def hashed(password: str) -> str:
    """The hash to keep."""
    return HASHER.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Whether a password is the one that was kept. Takes the same time where there is none, so that nobody learns which
    names have accounts."""
    try:
        return HASHER.verify(kept or _nobodys(), password[:LONGEST]) and kept is not None
    except (Argon2Error, InvalidHashError):
        return False


def outdated(kept: str) -> bool:
    """Whether a hash was made with weaker settings than today's."""
    return HASHER.check_needs_rehash(kept)


@cache
def _nobodys() -> str:
    return HASHER.hash("nobody has this password")
