"""A file that a person brings: first what it would change, then, by their word, the change itself.

The look beforehand runs the very code that applies the file, in a transaction that is rolled back. The file waits in Valkey,
encrypted and for a quarter of an hour: nothing is promised of it yet, and nothing of it stays if nobody says yes (decision 0062).
"""

from dataclasses import dataclass
from typing import Any

from services.common import held_files
from services.common.acts import Refused
from services.common.context import Heed
from services.common.held_files import HeldFile
from services.reminders import contacts, deliveries, outcome_file
from services.reminders.acts import Act, acting
from services.reminders.county import County
from services.reminders.deliveries import Push
from services.reminders.feeds.records import FeedError

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
    return held_files.hold(heed, HeldFile(name, body, {"kind": kind, "preview": preview}), by)


def waiting(heed: Heed, token: str, by: str) -> Upload:
    """The file that this person looked at under this token. Raises Refused."""
    file = held_files.held(heed, token, by)
    return Upload(file.noted["kind"], file.name, file.body, file.noted["preview"])


def apply(heed: Heed, county: County, token: str, by: str) -> dict[str, Any]:
    """Apply the file that waits, after whatever was pushed before it; what became of it, with the delivery's id where it is one.
    Said twice it is done once. Raises Refused."""
    upload = waiting(heed, token, by)
    if upload.kind == LISTINGS:
        done = _delivered(heed, county, upload, token, by)
    else:
        with acting(heed, county, by) as act:
            done = _by_rows(act, upload.kind, upload.body)
    held_files.let_go(heed, token, by)
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
