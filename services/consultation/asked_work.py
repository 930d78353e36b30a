"""The long work that pages of Consultation ask a worker for: a file of responses or contacts is looked at, or taken."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from services.common import held_files, long_work
from services.common.acts import Refused
from services.common.context import Heed
from services.common.held_files import HeldFile
from services.common.long_work import Kind, Result, Work
from services.common.times import written
from services.consultation import brought
from services.consultation.models import Consultation
from services.consultation.rows import FileError

RESPONSES, CONTACTS = "responses", "contacts"
LOOK, TAKE = "look", "take"
AFTER = {
    RESPONSES: ("file", "responses:write", "The file is looked through", "The responses are taken"),
    CONTACTS: ("invitations", "invitations:write", "The file is looked through", "People are invited"),
}


def later(
    kind: str, what: str, consultation_id: str, token: str, file: HeldFile, by: str, per_hour: int = 0
) -> Work | None:
    """What a worker is asked for; None where the file is so short that its person may wait for it."""
    if len(file.body) <= long_work.SHORT:
        return None
    part, scope, looking, taking = AFTER[kind]
    return Work(
        f"{kind}-{what}",
        by,
        scope,
        looking if what == LOOK else taking,
        f"/listening/{consultation_id}/{part}",
        {"consultation": consultation_id, "token": token, "per_hour": per_hour},
        file.body.count(b"\n") - 1 if file.body.lstrip()[:1] not in (b"[", b"{") else None,
    )


def _looked(kind: str) -> Kind:
    def look(heed: Heed, work: Work) -> Result:
        file = held_files.held(heed, work.given["token"], work.by)
        found = _done(heed, work, kind, file, dry=True)
        token = held_files.hold(heed, replace(file, noted=file.noted | {"found": written(found)}), work.by)
        return Result(f"{work.back}/{token}")

    return look


def _taken(kind: str, said: Callable[[str, dict[str, Any]], tuple[str, str]]) -> Kind:
    def take(heed: Heed, work: Work) -> Result:
        file = held_files.held(heed, work.given["token"], work.by)
        found = _done(heed, work, kind, file, dry=False)
        held_files.let_go(heed, work.given["token"], work.by)
        return Result(*said(work.given["consultation"], found))

    return take


def _done(heed: Heed, work: Work, kind: str, file: HeldFile, *, dry: bool) -> dict[str, Any]:
    try:
        with heed.database.begin() as session:
            row = _row(session, work.given["consultation"])
            if kind == RESPONSES:
                return brought.responses(heed, session, row, file, work.by, dry=dry)
            return brought.contacts(heed, session, row, file, work.by, work.given["per_hour"], dry=dry)
    except FileError as error:
        raise Refused(error.code, str(error)) from None


def _row(session: Session, consultation_id: str) -> Consultation:
    row = session.get(Consultation, consultation_id)
    if row is None:
        raise Refused("not-found", "there is no such consultation any more")
    return row


KINDS: Mapping[str, Kind] = {
    f"{RESPONSES}-{LOOK}": _looked(RESPONSES),
    f"{RESPONSES}-{TAKE}": _taken(RESPONSES, brought.said_of_responses),
    f"{CONTACTS}-{LOOK}": _looked(CONTACTS),
    f"{CONTACTS}-{TAKE}": _taken(CONTACTS, brought.said_of_contacts),
}
