"""A file between being looked at and being taken: kept for a while in Valkey, encrypted, for the person who brought it.

Nothing is promised of it yet, so it may be lost: where it is, its owner chooses it once more.
"""

import base64
import json
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from redis import RedisError

from services.common.acts import Refused
from services.common.context import Heed
from services.common.crypto import CryptoError
from services.common.logs import log

KEPT = timedelta(minutes=15)
PURPOSE = "held-file"


@dataclass(frozen=True, slots=True, repr=False)
class HeldFile:
    """A file as it was brought: its name, its bytes, and in `noted` what the look at it found, as JSON has it."""

    name: str
    body: bytes
    noted: dict[str, Any] = field(default_factory=dict)


def hold(heed: Heed, file: HeldFile, by: str) -> str:
    """Keep a file; the token under which it waits. Raises Refused (`empty-file`, `unavailable`)."""
    if not file.body.strip():
        raise Refused("empty-file", "the file is empty: choose another")
    token = secrets.token_urlsafe(24)
    kept = json.dumps({"name": file.name, "body": base64.b64encode(file.body).decode(), "noted": file.noted})
    try:
        heed.redis.set(_key(heed, token, by), heed.cipher.seal(kept, PURPOSE), ex=KEPT)
    except RedisError:
        raise Refused("unavailable", "the file cannot be kept just now: try again in a minute") from None
    return token


def held(heed: Heed, token: str, by: str) -> HeldFile:
    """The file that this person brought under this token. Raises Refused (`not-found`)."""
    try:
        kept = heed.redis.get(_key(heed, token, by))
        said = json.loads(heed.cipher.open_bytes(kept, PURPOSE)) if isinstance(kept, bytes) else None
    except (CryptoError, RedisError):
        said = None
    if said is None:
        raise Refused("not-found", "this file is no longer kept: choose it once more")
    return HeldFile(said["name"], base64.b64decode(said["body"]), said["noted"])


def let_go(heed: Heed, token: str, by: str) -> None:
    """The file was taken: it need not wait any longer."""
    try:
        heed.redis.delete(_key(heed, token, by))
    except RedisError as error:
        log.warning("file-held-on", error=type(error).__name__)  # it goes by itself


def _key(heed: Heed, token: str, by: str) -> str:
    """Whoever has the token of another person's file finds nothing."""
    return f"heed:{heed.service}:held:{heed.index.of(f'{by}|{token}', 'held-file').hex()}"
