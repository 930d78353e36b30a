"""Each person's arm: assigned once, at enrolment, before anything about reachability beyond the eligibility rules; never changed.

People who are known to belong together, one human in two records or one number, have one arm: the first takes the place in the
sequence, the others follow. What is found out later changes nothing.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from services.common import audit
from services.common.copying import copy_rows
from services.common.database import among, serialise
from services.common.times import london_day
from services.reminders import allotment
from services.reminders.cases import Case
from services.reminders.eligibility import years
from services.reminders.evaluation.allocation import sequence
from services.reminders.fresh import AnyListing, Fresh
from services.reminders.models import Assignment, Contact, Person
from services.reminders.pilots import Running, running
from services.reminders.protocol import Arm, case_of

COLUMNS = tuple(column.key for column in Assignment.__table__.columns if column.key != "id")
# What the audit log's digest of a lot of assignments covers, in this order.
SEALED = ("person_id", "listing_id", "stratum", "position", "arm", "cluster", "unit")


class Arms:
    """The arms of the people of some listings. `fresh` are those that are not written yet."""

    def __init__(self, session: Session, person_ids: Iterable[int], fresh: Fresh | None = None) -> None:
        self._session, self._fresh = session, fresh
        self._pilots = running(session)
        self._ids = list(person_ids) if self._pilots else []
        self._known, self._own = self._assigned() if self._ids else ({}, {})
        self._together: _Together | None = None
        self._coming: dict[tuple[int, str], Iterator[tuple[int, str]]] = {}
        self._made: dict[int, list[tuple[Any, ...]]] = defaultdict(list)

    def of(self, listing: AnyListing) -> Arm | None:
        """The arm that decides about this listing: None where no pilot covers it, or nobody was assigned.

        The listing that somebody was assigned by stays their pilot's wherever it moves: nobody leaves their arm.
        """
        pilot = self._pilot_of(listing)
        return pilot.protocol.arm(self._known.get((pilot.id, listing.person_id))) if pilot else None

    def assign(self, case: Case, now: datetime) -> Arm | None:
        """The same; who has no arm yet gets one."""
        listing, pilot = case.listing, self._pilot_of(case.listing)
        if pilot and (pilot.id, listing.person_id) not in self._known and pilot.takes(listing):
            self._assign(pilot, case, now)
        return self.of(listing)

    def write(self) -> None:
        """Write the assignments made since, now that their people and listings are written, and seal them in the audit log."""
        for pilot_id, rows in self._made.items():
            ours = Assignment.pilot_id == pilot_id
            last = self._session.scalar(select(func.max(Assignment.id)).where(ours)) or 0
            copy_rows(self._session, Assignment, COLUMNS, rows)
            made = self._session.execute(
                select(Assignment.id, *(getattr(Assignment, name) for name in SEALED))
                .where(ours, Assignment.id > last)
                .order_by(Assignment.id)
            ).all()
            audit.record(
                self._session,
                "heed",
                "pilot-assigned",
                f"pilot:{pilot_id}",
                first=made[0].id,
                last=made[-1].id,
                people=len(made),
                digest=seal([row[1:] for row in made]),
            )
        self._made.clear()

    def _assigned(self) -> tuple[dict[tuple[int, int], str], dict[int, int]]:
        """Whose arm is known in which pilot, and which listing is which pilot's."""
        # Two records that a person found to be one human have one arm: that of the earlier assignment.
        rows = self._session.execute(
            select(Assignment, func.coalesce(Person.merged_into, Person.id))
            .join(Person, Person.id == Assignment.person_id)
            .where(or_(among(Person.id, self._ids), among(Person.merged_into, self._ids)))
            .order_by(Assignment.id)
        ).all()
        known: dict[tuple[int, int], str] = {}
        for row, person_id in rows:
            known.setdefault((row.pilot_id, person_id), row.arm)
        return known, {row.listing_id: row.pilot_id for row, _ in rows}

    def _pilot_of(self, listing: AnyListing) -> Running | None:
        if not self._pilots:
            return None
        own = self._own.get(listing.id)
        return next(
            (one for one in self._pilots if (one.id == own if own else one.covers(listing))),
            None,
        )

    def _assign(self, pilot: Running, case: Case, now: datetime) -> None:
        listing = case.listing
        assert listing.starts_at is not None and listing.court is not None  # noqa: S101 - the pilot covers it
        if self._together is None:
            # Positions are given out, and who belongs together is decided, one enrolment at a time.
            serialise(self._session, "pilots")
            self._together = _Together(self._session, self._ids, self._fresh)
        court, unit = listing.court, allotment.unit_of(pilot.protocol, listing.starts_at)
        cluster, arm = self._together.with_(pilot.id, listing.person_id) or (listing.person_id, None)
        position = None
        if arm is None and pilot.protocol.allocation == "permuted-blocks":
            position, arm = next(self._free(pilot, court))
        elif arm is None:
            arm = allotment.arm_of_unit(pilot.protocol, court, unit)
        self._together.note(pilot.id, listing.person_id, cluster, arm)
        told = self._together.contact(listing.person_id)
        day = london_day(listing.starts_at)
        born = case.known.date_of_birth
        row = {
            "pilot_id": pilot.id,
            "person_id": listing.person_id,
            "listing_id": listing.id,
            "stratum": court,
            "position": position,
            "arm": arm,
            "assigned_at": now,
            "cluster": cluster,
            "unit": unit,
            "version": listing.version,
            "hearing_at": listing.starts_at,
            "case_kind": case_of(listing.initiation),
            "age_band": allotment.age_band(years(born, day) if born else None),
            "notice_days": (day - london_day(now)).days,
            "contact_source": told[0] if told else "none",
            "contact_days": (now - told[1]).days if told else None,
        }
        self._made[pilot.id].append(tuple(row[name] for name in COLUMNS))
        self._known[pilot.id, listing.person_id] = arm
        self._own[listing.id] = pilot.id

    def _free(self, pilot: Running, stratum: str) -> Iterator[tuple[int, str]]:
        """The stratum's places that are still free, with their arms."""
        if (pilot.id, stratum) not in self._coming:
            last = self._session.scalar(
                select(func.max(Assignment.position)).where(
                    Assignment.pilot_id == pilot.id, Assignment.stratum == stratum
                )
            )
            protocol = pilot.protocol
            arms = sequence(protocol.seed, stratum, protocol.ratio, protocol.block_sizes)
            self._coming[pilot.id, stratum] = islice(enumerate(arms), 0 if last is None else last + 1, None)
        return self._coming[pilot.id, stratum]


class _Together:
    """Who is known to belong together: the marks of each person (a hash of the human, hashes of numbers), and the arms taken by them."""

    def __init__(self, session: Session, ids: Sequence[int], fresh: Fresh | None) -> None:
        self._marks: dict[int, set[bytes]] = defaultdict(set)
        self._contacts: dict[int, tuple[str, datetime]] = {}
        # (pilot, mark) → (cluster, arm), the earliest assignment's.
        self._taken: dict[tuple[int, bytes], tuple[int, str]] = {}
        self._read(session, ids, fresh)
        marks = set().union(*self._marks.values()) if self._marks else set()
        theirs = (Assignment.pilot_id, Assignment.cluster, Assignment.arm)
        by_human = select(Assignment.id, *theirs, Person.match_key).join(
            Person, Person.id == Assignment.person_id
        )
        by_number = select(Assignment.id, *theirs, Contact.number_key).join(
            Contact, Contact.person_id == Assignment.person_id
        )
        taken = [
            *session.execute(by_human.where(among(Person.match_key, marks))),
            *session.execute(by_number.where(among(Contact.number_key, marks))),
        ]
        for _, pilot_id, cluster, arm, mark in sorted(taken, key=lambda row: row[0]):
            self._taken.setdefault((pilot_id, mark), (cluster, arm))

    def with_(self, pilot_id: int, person_id: int) -> tuple[int, str] | None:
        """The cluster and arm of whoever this person belongs to; of two, the one with the smaller first person."""
        found = [
            self._taken[pilot_id, mark] for mark in self._marks[person_id] if (pilot_id, mark) in self._taken
        ]
        return min(found, default=None)

    def note(self, pilot_id: int, person_id: int, cluster: int, arm: str) -> None:
        """This person was assigned."""
        for mark in self._marks[person_id]:
            self._taken.setdefault((pilot_id, mark), (cluster, arm))

    def contact(self, person_id: int) -> tuple[str, datetime] | None:
        """Where this person's number comes from, and since when."""
        return self._contacts.get(person_id)

    def _read(self, session: Session, ids: Sequence[int], fresh: Fresh | None) -> None:
        for person_id, mark in session.execute(
            select(Person.id, Person.match_key).where(among(Person.id, ids))
        ):
            self._add(person_id, mark)
        numbers = select(
            Contact.person_id, Contact.number_key, Contact.source, Contact.received_at, Contact.current
        )
        for row in session.execute(numbers.where(among(Contact.person_id, ids))):
            self._add(row.person_id, row.number_key)
            if row.current:
                self._contacts[row.person_id] = (row.source, row.received_at)
        for person in fresh.people.values() if fresh else ():
            self._add(person.id, person.match_key)
        for contact in fresh.contacts.values() if fresh else ():
            self._add(contact.person_id, contact.number_key)
            self._contacts[contact.person_id] = (contact.source, contact.received_at)

    def _add(self, person_id: int, mark: bytes | None) -> None:
        if mark is not None:
            self._marks[person_id].add(mark)


def seal(rows: Iterable[Sequence[Any]]) -> str:
    """The SHA-256 of assignments in their order: of a lot that was drawn together, it stands in the audit log."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(json.dumps(list(row), separators=(",", ":")).encode() + b"\n")
    return digest.hexdigest()
