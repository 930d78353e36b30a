"""The pilot: a protocol locked before its first outcome, kept under a hash, and never changed."""

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NoReturn

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from services.common import audit, clock
from services.common.database import serialise
from services.common.models import Audit
from services.reminders.fresh import AnyListing
from services.reminders.models import Listing, OutcomeRow, Pilot
from services.reminders.protocol import Protocol
from services.reminders.protocol_schema import ProtocolError, parse, read

__all__ = ["ProtocolError", "Running", "changed", "digest", "find", "lock", "parse", "read", "running"]


def lock(session: Session, content: dict[str, Any], actor: str) -> Pilot:
    """Lock a protocol: from now on eligible people are assigned by it. Raises ProtocolError."""
    protocol = parse(content)
    # Nobody enrols, and no result is applied, while it is decided whether there is an outcome yet.
    for name in ("reminders:apply", "pilots"):
        serialise(session, name)
    _check_new(session, protocol)
    stored = json.loads(json.dumps(content, default=str))
    pilot = Pilot(name=protocol.name, protocol=stored, hash=digest(stored), locked_at=clock.now(session))
    session.add(pilot)
    session.flush()
    audit.record(session, actor, "pilot-locked", f"pilot:{pilot.id}", name=protocol.name, hash=pilot.hash)
    return pilot


def _check_new(session: Session, protocol: Protocol) -> None:
    if session.scalar(select(Pilot.id).where(Pilot.name == protocol.name)):
        _refuse(
            "name", f"a pilot named {protocol.name} is already locked; a changed protocol needs a new name"
        )
    for other in session.scalars(select(Pilot)):
        theirs = parse(other.protocol)
        in_time = theirs.since <= protocol.until and protocol.since <= theirs.until
        if set(theirs.courts) & set(protocol.courts) and in_time:
            _refuse("courts", f"it overlaps with the pilot {other.name} in courts and days")
    outcome = (
        exists()
        .where(OutcomeRow.listing_id == Listing.id, OutcomeRow.superseded_at.is_(None))
        .where(OutcomeRow.day.between(protocol.since, protocol.until), Listing.court.in_(protocol.courts))
    )
    if session.scalar(select(outcome)):
        _refuse(
            "since",
            "an outcome is already recorded at these courts and days: a protocol is locked before the first one, "
            "so let the pilot begin later",
        )


def _refuse(field: str, message: str) -> NoReturn:
    raise ProtocolError(message, {field: [message]})


def digest(content: dict[str, Any]) -> str:
    """The SHA-256 of a protocol's content in one canonical form."""
    return hashlib.sha256(_canonical(content).encode()).hexdigest()


def changed(session: Session, pilot: Pilot) -> str | None:
    """Why a locked protocol is not the one that was locked, in one clause; None where it is."""
    if digest(pilot.protocol) != pilot.hash:
        return "its content has another hash than the one it was locked under"
    locked = session.scalars(
        select(Audit.detail).where(Audit.act == "pilot-locked", Audit.subject == f"pilot:{pilot.id}")
    ).first()
    if locked is None or locked["hash"] != pilot.hash:
        return "the audit log names another hash at its locking"
    return None


def find(session: Session, name: str) -> Pilot | None:
    """A pilot by its name, else by its id."""
    pilot = session.scalar(select(Pilot).where(Pilot.name == name))
    if pilot is None and name.isascii() and name.isdecimal() and len(name) <= 18:
        pilot = session.get(Pilot, int(name))
    return pilot


@dataclass(frozen=True, slots=True)
class Running:
    """A locked pilot with its protocol."""

    id: int
    protocol: Protocol

    def covers(self, listing: AnyListing) -> bool:
        """Whether a listing's court and day are inside the protocol."""
        return self.protocol.covers(listing.court, listing.starts_at)

    def takes(self, listing: AnyListing) -> bool:
        """Whether a listing's person is one for the pilot, by its court, day and kind of case."""
        return self.covers(listing) and self.protocol.takes(listing.initiation)


def running(session: Session) -> list[Running]:
    """Every locked pilot; they never overlap in court and day."""
    rows = session.execute(select(Pilot.id, Pilot.protocol).order_by(Pilot.id))
    return [Running(row.id, _parsed(_canonical(row.protocol))) for row in rows]


def _canonical(content: dict[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"))


@lru_cache(maxsize=64)
def _parsed(content: str) -> Protocol:
    return parse(json.loads(content))
