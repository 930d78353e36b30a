"""Reminders' own tables, beside the common ones. Encrypted columns end in `_enc`, keyed hashes in `_key`.

What a long list writes by the hundred thousand (person_keys, listings, contacts) names its person without a foreign key: checking
five keys a row took PostgreSQL as long as writing the rows (decision 0011).
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.reminders.base import Base
from services.reminders.rights_models import Incident, Restriction

__all__ = ["Base", "Incident", "Restriction"]


class Delivery(Base):
    """One push of a feed, its raw body stored before anything is made of it, then what became of it.

    `replays` is the number of the delivery whose body this one applies again: it counts as old as that one.
    """

    __tablename__ = "deliveries"
    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, Identity(), unique=True)
    format: Mapped[str]
    event: Mapped[str | None]
    hearing_id: Mapped[str | None]
    file: Mapped[str | None]
    body_enc: Mapped[bytes]
    digest: Mapped[bytes]
    subject_key: Mapped[str | None] = mapped_column(index=True)
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)
    actor: Mapped[str]
    received_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    status: Mapped[str] = mapped_column(server_default="received")
    counts: Mapped[dict[str, Any] | None]
    rejections: Mapped[list[Any] | None]
    replays: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (Index("ix_deliveries_waiting", "number", postgresql_where=text("status = 'received'")),)


class Person(Base):
    """A person, or an organisation, listed as a defendant. `merged_into` is who this record turned out to be."""

    __tablename__ = "people"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name_enc: Mapped[bytes]
    birth_enc: Mapped[bytes | None]
    match_key: Mapped[bytes | None] = mapped_column(index=True)
    organisation: Mapped[bool]
    do_not_text: Mapped[bool] = mapped_column(server_default=text("false"))
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_people_merged_into", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
    )


class PersonKey(Base):
    """A feed's own identity of a person, hashed: master defendant id, defendant id, ASN, PNC id, or case with name and birth.

    Found by its key; the keys of one person are asked for by hand alone (merging), and have no index.
    """

    __tablename__ = "person_keys"
    key: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(BigInteger)


class Listing(Base):
    """One person listed for one hearing: the row that `heed reminders hearings` prints.

    `days` is a list of {"starts_at", "room", "cancelled", "certain"}; `starts_at` the next uncancelled day as of the last change;
    `stated` the start that each feed states, by source: where they differ the time is uncertain.
    `version` counts changes of court, day or time: a reminder belongs to one version. `stood` is the court and start of each earlier
    version, by its number. `reasons` are why it is not enrolled.
    `content` is a hash of what the feed said of it last: of a list, of the record as written (keyed), else of its facts.
    """

    __tablename__ = "listings"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(BigInteger, index=True)
    hearing_key: Mapped[str]
    source: Mapped[str]
    case_refs: Mapped[list[str]]
    court: Mapped[str | None]
    court_name: Mapped[str | None]
    hearing_type: Mapped[str | None]
    first_hearing: Mapped[bool]
    custody: Mapped[str]
    bail_code: Mapped[str | None]
    initiation: Mapped[str | None]
    youth: Mapped[bool | None]
    box_hearing: Mapped[bool]
    guilty_plea_by_post: Mapped[bool]
    language: Mapped[str | None]
    interpreter: Mapped[bool]
    offence_codes: Mapped[list[str]]
    markers: Mapped[list[str]]
    doubts: Mapped[list[str]]
    days: Mapped[list[Any]]
    starts_at: Mapped[datetime | None] = mapped_column(index=True)
    stated: Mapped[dict[str, Any]]
    content: Mapped[bytes]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    stood: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    status: Mapped[str] = mapped_column(server_default="listed")
    eligible: Mapped[bool] = mapped_column(server_default=text("false"))
    reasons: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    delivery_id: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (
        Index("uq_listings_hearing_key", "hearing_key", "person_id", unique=True),
        Index("ix_listings_case_refs", "case_refs", postgresql_using="gin"),
        Index("ix_listings_content", "content", postgresql_where=text("source = 'csv'")),
    )


class ListingKey(Base):
    """Other keys than its own under which feeds speak of a listing: two feeds about one hearing share one listing."""

    __tablename__ = "listing_keys"
    hearing_key: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id"), index=True)


class HearingVersion(Base):
    """The newest versioned word on each hearing, so that an older one arriving late changes nothing."""

    __tablename__ = "hearing_versions"
    hearing_key: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    applied_digest: Mapped[bytes | None]


class SnapshotRow(Base):
    """The newest issue of a feed's whole list of one court room on one day, so that an older one changes nothing."""

    __tablename__ = "snapshots"
    source: Mapped[str] = mapped_column(primary_key=True)
    court: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    room: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[datetime | None]
    delivery_id: Mapped[str]


class Contact(Base):
    """A mobile number said to be a person's: where it came from and when. The newest one of a person counts."""

    __tablename__ = "contacts"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(BigInteger)
    number_key: Mapped[bytes | None] = mapped_column(index=True)
    number_enc: Mapped[bytes]
    problem: Mapped[str | None]
    source: Mapped[str]
    received_at: Mapped[datetime]
    current: Mapped[bool] = mapped_column(server_default=text("true"))

    __table_args__ = (
        Index("uq_contacts_current", "person_id", unique=True, postgresql_where=text("current")),
        Index("ix_contacts_person_id", "person_id", "id"),
    )


class PersonDecision(Base):
    """A person's word about two records: `same` (merged), `different` (never suggest it again), `split` (undoes a merge).

    `moved` names what a merge took from `other_id` to `kept_id` ({"keys", "listings", "contacts"}), so that it can be undone.
    """

    __tablename__ = "person_decisions"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    decision: Mapped[str]
    moved: Mapped[dict[str, Any]]
    by: Mapped[str]
    at: Mapped[datetime]


class PauseRow(Base):
    """No reminders for the hearings of one court (every court without one) from one day to another, both included."""

    __tablename__ = "pauses"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    court: Mapped[str | None]
    since: Mapped[date]
    until: Mapped[date]
    reason: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]
    ended_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]


class Release(Base):
    """A day whose texts a person has looked at and let go, while the office releases by hand."""

    __tablename__ = "releases"
    day: Mapped[date] = mapped_column(primary_key=True)
    by: Mapped[str]
    at: Mapped[datetime]


class Call(Base):
    """Somebody to ring rather than to text alone: `reason` says why ("moved-earlier", "moved-soon", "unreachable")."""

    __tablename__ = "calls"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id"))
    version: Mapped[int]
    reason: Mapped[str]
    at: Mapped[datetime]
    done_by: Mapped[str | None]
    done_at: Mapped[datetime | None]
    note_enc: Mapped[bytes | None]

    __table_args__ = (
        Index("uq_calls_listing_id", "listing_id", "version", "reason", unique=True),
        Index("ix_calls_open", "id", postgresql_where=text("done_at IS NULL")),
    )


class OutcomeRow(Base):
    """What happened on one day of one listing. The row without `superseded_at` stands; the others are its history."""

    __tablename__ = "outcomes"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id"))
    day: Mapped[date]
    attendance: Mapped[str]
    fta: Mapped[str]
    warrant: Mapped[str]
    reason: Mapped[str]
    source: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB)
    entered_by: Mapped[str]
    entered_at: Mapped[datetime]
    version: Mapped[datetime | None]
    superseded_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_outcomes_standing",
            "listing_id",
            "day",
            unique=True,
            postgresql_where=text("superseded_at IS NULL"),
        ),
    )


class Pilot(Base):
    """A locked protocol. `protocol` is the YAML's content, `hash` its digest, printed in every report."""

    __tablename__ = "pilots"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    protocol: Mapped[dict[str, Any]]
    hash: Mapped[str]
    locked_at: Mapped[datetime]


class Assignment(Base):
    """A person's arm in a pilot: made once at enrolment, never changed, one a person; a trigger refuses changes.

    `cluster` is the first person of those known to belong together (one human, or one number), who took the `position`; the others
    have none. `unit` is the week or period, from 0, whose lot at the court (`stratum`) decided, where lots are not drawn for people. `version` and `hearing_at` are the listing's at that
    moment; the last five columns what was known then of the person, too coarse to be one.
    """

    __tablename__ = "assignments"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    pilot_id: Mapped[int] = mapped_column(ForeignKey("pilots.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id"))
    stratum: Mapped[str]
    position: Mapped[int | None]
    arm: Mapped[str]
    assigned_at: Mapped[datetime]
    cluster: Mapped[int] = mapped_column(BigInteger)
    unit: Mapped[int | None]
    version: Mapped[int]
    hearing_at: Mapped[datetime]
    case_kind: Mapped[str]
    age_band: Mapped[str]
    notice_days: Mapped[int]
    contact_source: Mapped[str]
    contact_days: Mapped[int | None]

    __table_args__ = (
        Index("uq_assignments_person", "pilot_id", "person_id", unique=True),
        Index("uq_assignments_position", "pilot_id", "stratum", "position", unique=True),
    )


class PilotLook(Base):
    """A look at a pilot's arms before its end, which planned one (`planned`) or why (`reason`), with the report as it was then shown."""

    __tablename__ = "pilot_looks"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    pilot_id: Mapped[int] = mapped_column(ForeignKey("pilots.id"), index=True)
    planned: Mapped[int | None]
    at: Mapped[datetime]
    by: Mapped[str]
    reason: Mapped[str | None]
    report: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Reply(Base):
    """A defendant's text that a person should read, or that was understood by rule; the words stay in `inbound`."""

    __tablename__ = "replies"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    inbound_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    number_key: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    kind: Mapped[str] = mapped_column(Text)
    queued: Mapped[bool]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None]
    at: Mapped[datetime]
