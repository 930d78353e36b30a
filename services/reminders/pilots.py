"""The pilot: a locked protocol, and each person's arm, assigned once at enrolment and never changed."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

import yaml
from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from services.common import audit, clock
from services.common.copying import copy_rows
from services.common.database import among, serialise
from services.common.times import london_day
from services.reminders.evaluation.allocation import AllocationError, check_plan, sequence
from services.reminders.fresh import AnyListing
from services.reminders.models import Assignment, Person, Pilot

ASSIGNMENT = ("pilot_id", "person_id", "listing_id", "stratum", "position", "arm", "assigned_at")


class ProtocolError(Exception):
    """A protocol that cannot be locked; the message names the place and says what is expected."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm: whether its people are texted, with which variant of the templates, and its weight in the ratio."""

    name: str
    texted: bool
    weight: int
    template: str | None


@dataclass(frozen=True, slots=True)
class Protocol:
    """What is fixed before the first outcome. The last arm is the control. Days are in London, both included."""

    name: str
    question: str
    courts: tuple[str, ...]
    since: date
    until: date
    arms: tuple[Arm, ...]
    seed: str
    block_sizes: tuple[int, ...]
    primary: str
    outcome_lag_days: int
    planned_looks: int
    synthetic: bool

    @property
    def ratio(self) -> list[tuple[str, int]]:
        """The arms as allocation takes them."""
        return [(arm.name, arm.weight) for arm in self.arms]


class _Arm(Schema):
    name = fields.String(required=True, validate=validate.Regexp(r"[a-z0-9-]{1,40}$"))
    texted = fields.Boolean(required=True)
    weight = fields.Integer(load_default=1, strict=True, validate=validate.Range(min=1, max=10))
    template = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(["plan-making"]))

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Arm:
        return Arm(**data)


class _Protocol(Schema):
    name = fields.String(required=True, validate=validate.Regexp(r"[a-z0-9-]{1,60}$"))
    question = fields.String(required=True)
    courts = fields.List(fields.String(), required=True, validate=validate.Length(min=1))
    since = fields.Date(required=True)
    until = fields.Date(required=True)
    arms = fields.List(fields.Nested(_Arm), required=True, validate=validate.Length(min=2))
    allocation = fields.String(required=True, validate=validate.OneOf(["permuted-blocks"]))
    seed = fields.String(required=True, validate=validate.Length(min=1))
    block_sizes = fields.List(fields.Integer(strict=True), required=True, validate=validate.Length(min=1))
    primary = fields.String(
        load_default="did_not_attend", validate=validate.OneOf(["did_not_attend", "fta", "warrant"])
    )
    outcome_lag_days = fields.Integer(load_default=28, strict=True, validate=validate.Range(min=0))
    planned_looks = fields.Integer(load_default=1, strict=True, validate=validate.Range(min=1, max=10))
    synthetic = fields.Boolean(load_default=False)

    @validates_schema
    def coherent(self, data: dict[str, Any], **_: Any) -> None:
        if data["until"] < data["since"]:
            raise ValidationError("it ends before it begins", "until")
        try:
            check_plan(data["seed"], [(arm.name, arm.weight) for arm in data["arms"]], data["block_sizes"])
        except AllocationError as error:
            raise ValidationError(str(error), "block_sizes") from None

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Protocol:
        data.pop("allocation")
        for name in ("courts", "arms", "block_sizes"):
            data[name] = tuple(data[name])
        data["courts"] = tuple(court[:5] for court in data["courts"])
        return Protocol(**data)


def parse(content: dict[str, Any]) -> Protocol:
    """A protocol from its content. Raises ProtocolError."""
    try:
        protocol: Protocol = _Protocol().load(content)
    except ValidationError as error:
        raise ProtocolError(f"the protocol: {error.messages}") from None
    return protocol


def read(text: str) -> dict[str, Any]:
    """A protocol's content from YAML, checked. Raises ProtocolError."""
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ProtocolError(f"the protocol is not YAML: {error}") from None
    if not isinstance(content, dict):
        raise ProtocolError("the protocol is a YAML mapping of name, question, courts, since, until, arms …")
    parse(content)
    return content


def lock(session: Session, content: dict[str, Any], actor: str) -> Pilot:
    """Lock a protocol: from now on eligible people are assigned by it. Raises ProtocolError."""
    protocol = parse(content)
    serialise(session, "pilots")
    if session.scalar(select(Pilot.id).where(Pilot.name == protocol.name)):
        raise ProtocolError(
            f"a pilot named {protocol.name} is already locked; a changed protocol needs a new name"
        )
    for other in session.scalars(select(Pilot)):
        theirs = parse(other.protocol)
        if (
            set(theirs.courts) & set(protocol.courts)
            and theirs.since <= protocol.until
            and protocol.since <= theirs.until
        ):
            raise ProtocolError(f"it overlaps with the pilot {other.name} in courts and days")
    stored = json.loads(json.dumps(content, default=str))
    pilot = Pilot(name=protocol.name, protocol=stored, hash=digest(stored), locked_at=clock.now(session))
    session.add(pilot)
    session.flush()
    audit.record(session, actor, "pilot-locked", f"pilot:{pilot.id}", name=protocol.name, hash=pilot.hash)
    return pilot


def digest(content: dict[str, Any]) -> str:
    """The SHA-256 of a protocol's content in one canonical form."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Running:
    """A locked pilot with its protocol."""

    id: int
    protocol: Protocol

    def covers(self, listing: AnyListing) -> bool:
        """Whether a listing's court and day are inside the protocol."""
        if listing.starts_at is None:
            return False
        day = london_day(listing.starts_at)
        return listing.court in self.protocol.courts and self.protocol.since <= day <= self.protocol.until


def running(session: Session) -> list[Running]:
    """Every locked pilot; they never overlap in court and day."""
    return [
        Running(pilot.id, parse(pilot.protocol))
        for pilot in session.scalars(select(Pilot).order_by(Pilot.id))
    ]


class Arms:
    """The arms of the people of some listings, assigned where the protocol says so."""

    def __init__(self, session: Session, person_ids: Iterable[int]) -> None:
        self._session = session
        self._pilots = running(session)
        ids = list(person_ids)
        # Two records that a person found to be one human have one arm: that of the earlier assignment.
        rows = session.execute(
            select(Assignment, func.coalesce(Person.merged_into, Person.id))
            .join(Person, Person.id == Assignment.person_id)
            .where(or_(among(Person.id, ids), among(Person.merged_into, ids)))
            .order_by(Assignment.id)
        ).all()
        self._known: dict[tuple[int, int], str] = {}
        for row, person_id in rows:
            self._known.setdefault((row.pilot_id, person_id), row.arm)
        self._own = {row.listing_id: row.pilot_id for row, _ in rows}
        self._coming: dict[tuple[int, str], Iterator[tuple[int, str]]] = {}
        self._made: list[tuple[Any, ...]] = []

    def of(self, listing: AnyListing, now: datetime, *, assign: bool) -> Arm | None:
        """The arm that decides about this listing: None where no pilot covers it, or nobody was assigned and `assign` is false.

        The listing that somebody was assigned by stays their pilot's wherever it moves: nobody leaves their arm.
        """
        own = self._own.get(listing.id)
        pilot = next(
            (pilot for pilot in self._pilots if (pilot.id == own if own else pilot.covers(listing))), None
        )
        if pilot is None:
            return None
        name = self._known.get((pilot.id, listing.person_id))
        if name is None and assign:
            name = self._assign(pilot, listing, now)
        return next((arm for arm in pilot.protocol.arms if arm.name == name), None)

    def write(self) -> None:
        """Write the assignments made since, now that their people and listings are written."""
        rows, self._made = self._made, []
        if rows:
            copy_rows(self._session, Assignment, ASSIGNMENT, rows)

    def _assign(self, pilot: Running, listing: AnyListing, now: datetime) -> str:
        stratum = listing.court or ""
        if (pilot.id, stratum) not in self._coming:
            self._coming[pilot.id, stratum] = self._from_the_last(pilot, stratum)
        position, arm = next(self._coming[pilot.id, stratum])
        self._made.append((pilot.id, listing.person_id, listing.id, stratum, position, arm, now))
        self._known[pilot.id, listing.person_id] = arm
        self._own[listing.id] = pilot.id
        return arm

    def _from_the_last(self, pilot: Running, stratum: str) -> Iterator[tuple[int, str]]:
        """The stratum's places that are still free, with their arms."""
        # Positions in a stratum are given out one enrolment at a time.
        serialise(self._session, "pilots")
        last = self._session.scalar(
            select(func.max(Assignment.position)).where(
                Assignment.pilot_id == pilot.id, Assignment.stratum == stratum
            )
        )
        protocol = pilot.protocol
        arms = sequence(protocol.seed, stratum, protocol.ratio, protocol.block_sizes)
        return islice(enumerate(arms), 0 if last is None else last + 1, None)
