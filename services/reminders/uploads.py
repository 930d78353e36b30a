"""A file that a person brings: first what it would change, then, by their word, the change itself.

The look beforehand runs the very code that applies the file, in a transaction that is rolled back. The file waits in Valkey,
encrypted and for a quarter of an hour: nothing is promised of it yet, and nothing of it stays if nobody says yes (decision 0062).
"""

from dataclasses import dataclass
from typing import Any

from services.common import held_files, long_work
from services.common.acts import Refused
from services.common.context import Heed
from services.common.held_files import HeldFile
from services.common.long_work import Work
from services.reminders import contacts, deliveries, outcome_file
from services.reminders.acts import Act, acting
from services.reminders.county import County
from services.reminders.deliveries import Push
from services.reminders.feeds.records import FeedError

BYTES_MOST = 8 * 1024 * 1024
LISTINGS, CONTACTS, OUTCOMES = "listings", "contacts", "outcomes"
KINDS = (LISTINGS, CONTACTS, OUTCOMES)
LOOK, TAKE = "upload-look", "upload-take"  # as long work


@dataclass(frozen=True, slots=True, repr=False)
class Upload:
    """A file that waits for a word: its kind and name, its bytes, and what it would change."""

    kind: str
    name: str
    body: bytes
    preview: dict[str, Any]


def look(heed: Heed, county: County, kind: str, name: str, body: bytes, by: str) -> str:
    """Find out what a file would change, and keep it for a while; the token under which it waits. Raises Refused."""
    _check(body)
    if kind == LISTINGS:
        preview = deliveries.rehearsed(heed, county, Push(body=body, format="auto", actor=by, file=name))
    else:
        with acting(heed, county, by) as act:
            preview = _by_rows(act, kind, body)
            act.session.rollback()
    return held_files.hold(heed, HeldFile(name, body, {"kind": kind, "preview": preview}), by)


def _check(body: bytes) -> None:
    if not body:
        raise Refused("empty-file", "the file is empty: choose another")
    if len(body) > BYTES_MOST:
        raise Refused("too-large", "the file is over 8 MB: `heed reminders ingest` takes files of any size")


def is_long(body: bytes) -> bool:
    """Whether a person should not wait for this file without being told how far it is."""
    return len(body) > long_work.SHORT


def look_later(heed: Heed, kind: str, name: str, body: bytes, by: str, scope: str) -> Work:
    """The same look, to be taken by a worker; the file waits meanwhile. Raises Refused."""
    _check(body)
    token = held_files.hold(heed, HeldFile(name, body), by)
    given = {"kind": kind, "token": token}
    return Work(LOOK, by, scope, "The file is looked through", "/upload", given, _rows(body))


def take_later(upload: Upload, token: str, by: str, scope: str) -> Work:
    """The change itself, to be made by a worker."""
    given = {"token": token}
    return Work(TAKE, by, scope, "The file is taken in", "/upload", given, _rows(upload.body))


def _rows(body: bytes) -> int | None:
    """Rows of a list; of messages it says little how long they are."""
    return None if body.lstrip()[:1] in (b"<", b"{", b"[") else body.count(b"\n") - 1


def taken(found: dict[str, Any]) -> tuple[str, str]:
    """Where a person goes on when a file was taken in, and what is said there."""
    counts = ", ".join(f"{number} {name}" for name, number in found["counts"].items() if number)
    address = f"/feeds/{found['id']}" if "id" in found else "/upload"
    return address, f"The file is taken in: {counts or 'nothing was new'}."


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
