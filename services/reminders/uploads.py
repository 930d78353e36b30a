"""A file that a person brings: first what it would change, then, by their word, the change itself.

The look beforehand runs the very code that applies the file, in a transaction that is rolled back. The file waits in Valkey,
encrypted and for a quarter of an hour: nothing is promised of it yet, and nothing of it stays if nobody says yes (decision 0062).
"""

import base64
import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from redis import RedisError

from services.common.acts import Refused
from services.common.context import Heed
from services.common.crypto import CryptoError
from services.reminders import contacts, deliveries, outcome_file
from services.reminders.acts import Act, acting
from services.reminders.county import County
from services.reminders.deliveries import Push
from services.reminders.feeds.records import FeedError

KEPT = timedelta(minutes=15)
BYTES_MOST = 8 * 1024 * 1024
LISTINGS, CONTACTS, OUTCOMES = "listings", "contacts", "outcomes"
KINDS = (LISTINGS, CONTACTS, OUTCOMES)


@dataclass(frozen=True, slots=True, repr=False)
class Upload:
    """A file that waits for a word: its kind and name, its bytes, and what it would change."""

    kind: str
    name: str
    body: bytes
    preview: dict[str, Any]


def look(heed: Heed, county: County, kind: str, name: str, body: bytes, by: str) -> str:
    """Find out what a file would change, and keep it for a while; the token under which it waits. Raises Refused."""
    if not body:
        raise Refused("empty-file", "the file is empty: choose another")
    if len(body) > BYTES_MOST:
        raise Refused("too-large", "the file is over 8 MB: `heed reminders ingest` takes files of any size")
    if kind == LISTINGS:
        preview = deliveries.rehearsed(heed, county, Push(body=body, format="auto", actor=by, file=name))
    else:
        with acting(heed, county, by) as act:
            preview = _by_rows(act, kind, body)
            act.session.rollback()
    token = secrets.token_urlsafe(24)
    kept = {"kind": kind, "name": name, "body": base64.b64encode(body).decode(), "preview": preview}
    try:
        heed.redis.set(_key(heed, token, by), heed.cipher.seal(json.dumps(kept), "upload"), ex=KEPT)
    except RedisError:
        raise Refused("unavailable", "the file cannot be kept just now: try again in a minute") from None
    return token


def waiting(heed: Heed, token: str, by: str) -> Upload:
    """The file that this person looked at under this token. Raises Refused."""
    try:
        kept = heed.redis.get(_key(heed, token, by))
        said = json.loads(heed.cipher.open_bytes(kept, "upload")) if isinstance(kept, bytes) else None
    except (CryptoError, RedisError):
        said = None
    if said is None:
        raise Refused("not-found", "this file is no longer kept: choose it once more")
    return Upload(said["kind"], said["name"], base64.b64decode(said["body"]), said["preview"])


def apply(heed: Heed, county: County, token: str, by: str) -> dict[str, Any]:
    """Apply the file that waits, after whatever was pushed before it; what became of it, with the delivery's id where it is one.
    Said twice it is done once. Raises Refused."""
    upload = waiting(heed, token, by)
    if upload.kind == LISTINGS:
        done = _delivered(heed, county, upload, token, by)
    else:
        with acting(heed, county, by) as act:
            done = _by_rows(act, upload.kind, upload.body)
    heed.redis.delete(_key(heed, token, by))
    return done


def _delivered(heed: Heed, county: County, upload: Upload, token: str, by: str) -> dict[str, Any]:
    push = Push(
        body=upload.body, format="auto", actor=by, file=upload.name, idempotency_key=f"upload:{token}"
    )
    with heed.database.begin() as session:
        delivery = deliveries.receive(heed, session, push)
        found, number = delivery.id, delivery.number
    return deliveries.applied(heed, county, found, number)


def _by_rows(act: Act, kind: str, body: bytes) -> dict[str, Any]:
    try:
        if kind == CONTACTS:
            given, bad = contacts.read_csv(body)
            return contacts.attach(act.heed, act.county, act.session, given, bad, act.by)
        entries, bad = outcome_file.read_csv(body)
        return outcome_file.enter(act, entries, bad)
    except FeedError as error:
        raise Refused(error.code, error.reason) from None


def _key(heed: Heed, token: str, by: str) -> str:
    """Whoever has the token of another person's file finds nothing."""
    return f"heed:{heed.service}:upload:{heed.index.of(f'{by}|{token}', 'upload').hex()}"
