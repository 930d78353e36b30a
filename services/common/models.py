"""The tables that each service's database has of its own: one set a service, never shared between them.

Encrypted columns end in `_enc` (bytea, see crypto), their keyed hashes in `_key` (16 bytes). Times are UTC instants.
"""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.common.base import NAMES, TYPES, CommonBase
from services.common.outbox.states import NO_LAST_WORD, State
from services.common.upkeep_models import Backup, FoundText, Telling

# Tables of their own files, and what every table is made of, found here too: this is where a schema is looked for.
__all__ = ["NAMES", "TYPES", "Backup", "CommonBase", "FoundText", "Telling"]

# The few texts that failed or may have: what a person is shown is counted from their index alone.
NOT_ARRIVED = (
    f"error_code IS NOT NULL OR carrier_status IN ('undelivered', 'failed') OR reason = '{NO_LAST_WORD}'"
)


class Outbox(CommonBase):
    """One intention to text one person once. Written in the transaction of its cause; `dedupe_key` makes it once.

    `to_enc` and `body_enc` are set where the cause fixes them (a reply) and empty where the text is rendered at sending time
    (a reminder). `silent_looks` and `failed_looks` count the looks at the carrier that found nothing and that got no answer
    (settle). `check_at` is when the carrier is to be asked next: about a claim that ran out, an uncertain text, or an accepted one
    without a last word (news). `useful_until` is when the text becomes useless; more urgent rows go first by (`priority`,
    `useful_until`).
    """

    __tablename__ = "outbox"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    subject_id: Mapped[int] = mapped_column(BigInteger)
    step: Mapped[str | None]
    version: Mapped[int | None]
    priority: Mapped[int]
    due_at: Mapped[datetime]
    useful_until: Mapped[datetime]
    to_key: Mapped[bytes | None]
    to_enc: Mapped[bytes | None]
    body_enc: Mapped[bytes | None]
    state: Mapped[str] = mapped_column(server_default=State.PENDING)
    reason: Mapped[str | None]
    attempt: Mapped[int] = mapped_column(server_default=text("0"))
    check_at: Mapped[datetime | None]
    silent_looks: Mapped[int] = mapped_column(server_default=text("0"))
    failed_looks: Mapped[int] = mapped_column(server_default=text("0"))
    sid: Mapped[str | None]
    carrier_status: Mapped[str | None]
    error_code: Mapped[int | None]
    segments: Mapped[int | None]
    sent_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_outbox_due_at", "due_at", postgresql_where=text("state = 'pending'")),
        Index("ix_outbox_unsettled", "check_at", postgresql_where=text("state IN ('claimed', 'uncertain')")),
        Index(
            "ix_outbox_news", "check_at", postgresql_where=text("state = 'accepted' AND check_at IS NOT NULL")
        ),
        Index("ix_outbox_staff", "id", postgresql_where=text("state = 'staff'")),
        Index("ix_outbox_failed", "sent_at", postgresql_where=text(NOT_ARRIVED)),
        Index("ix_outbox_cause", "kind", "subject_id"),
        # A reminder has no number before it is claimed: millions of rows to come cost this index nothing.
        Index("ix_outbox_to", "to_key", postgresql_where=text("to_key IS NOT NULL")),
    )


class Attempt(CommonBase):
    """One POST to the carrier, committed before it is made. `token` names it in its status callback's path.

    `claimed_at` is Heed's clock; `claimed_wall` the real time, to compare with the carrier's own dates. `seen` lists the messages at
    the carrier that could be this attempt, where evidence could not tell. `redaction` is what became of its words there.
    """

    __tablename__ = "attempts"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    outbox_id: Mapped[int] = mapped_column(ForeignKey("outbox.id"))
    n: Mapped[int]
    token: Mapped[str] = mapped_column(unique=True)
    to_key: Mapped[bytes]
    to_enc: Mapped[bytes]
    body_enc: Mapped[bytes | None]
    sender: Mapped[str]
    segments: Mapped[int]
    claimed_at: Mapped[datetime]
    claimed_wall: Mapped[datetime]
    lease_until: Mapped[datetime]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    http_status: Mapped[int | None]
    error_code: Mapped[int | None]
    sid: Mapped[str | None] = mapped_column(unique=True)
    evidence: Mapped[str | None]
    seen: Mapped[list[Any] | None]
    redaction: Mapped[str | None]

    __table_args__ = (
        Index("uq_attempts_outbox_id_n", "outbox_id", "n", unique=True),
        Index("ix_attempts_to_key", "to_key"),
        # Rows come in the order of time: a block range index finds a day and costs an insert next to nothing.
        Index("ix_attempts_claimed_wall", "claimed_wall", postgresql_using="brin"),
        Index("ix_attempts_words", "id", postgresql_where=text("sid IS NOT NULL AND redaction IS NULL")),
    )


class StatusEvent(CommonBase):
    """One word of the carrier about one text, kept once: (sid, status) is unique however often it is said.

    Kept a month a partition (months.py), by when its attempt was claimed: that is the same however late, and however often, it is said.
    """

    __tablename__ = "status_events"
    sid: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(primary_key=True)
    claimed_at: Mapped[datetime] = mapped_column(primary_key=True, server_default=text("now()"))
    id: Mapped[int] = mapped_column(
        BigInteger, server_default=text("nextval('status_events_id_seq'::regclass)")
    )
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id"), index=True)
    error_code: Mapped[int | None]
    flag: Mapped[str | None]
    received_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_status_events_received_at", "received_at", postgresql_using="brin"),
        {"postgresql_partition_by": "RANGE (claimed_at)"},
    )


class Inbound(CommonBase):
    """One text from a person, stored before anything is decided about it; unique on the carrier's MessageSid."""

    __tablename__ = "inbound"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    sid: Mapped[str] = mapped_column(unique=True)
    from_key: Mapped[bytes]
    from_enc: Mapped[bytes]
    to_number: Mapped[str]
    body_enc: Mapped[bytes | None]
    opt_out_type: Mapped[str | None]
    received_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    kind: Mapped[str | None]
    rule: Mapped[str | None]

    __table_args__ = (
        Index("ix_inbound_unhandled", "id", postgresql_where=text("handled_at IS NULL")),
        Index("ix_inbound_from_key", "from_key", "received_at"),
    )


class Look(CommonBase):
    """A look that Heed takes from time to time: when the next is due (Heed's clock), and up to when (real time) the last one saw.

    `failures` counts the looks in a row to which the carrier gave no answer.
    """

    __tablename__ = "looks"
    kind: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    until_at: Mapped[datetime]
    failures: Mapped[int] = mapped_column(server_default=text("0"))


class Comparison(CommonBase):
    """One day's comparison with the carrier's list, in one direction: what was listed, known, settled by it, known to one side only."""

    __tablename__ = "comparisons"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    day: Mapped[date]
    direction: Mapped[str]
    since_at: Mapped[datetime]
    until_at: Mapped[datetime]
    listed: Mapped[int]
    matched: Mapped[int]
    settled: Mapped[int]
    orphans: Mapped[int]
    missing: Mapped[int]
    complete: Mapped[bool]
    made_at: Mapped[datetime]

    __table_args__ = (Index("uq_comparisons_day_direction", "day", "direction", unique=True),)


class NumberState(CommonBase):
    """What is known of a number: stopped, wrong person, or bad for good. The latest word stands; history is beside it."""

    __tablename__ = "number_states"
    number_key: Mapped[bytes] = mapped_column(primary_key=True)
    stopped_at: Mapped[datetime | None]
    wrong_at: Mapped[datetime | None]
    bad_at: Mapped[datetime | None]
    bad_code: Mapped[int | None]


class NumberEvent(CommonBase):
    """The history of a number's words: stop, start, wrong, right, bad, with its source ("inbound:12", "carrier:21610")."""

    __tablename__ = "number_events"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    number_key: Mapped[bytes] = mapped_column(index=True)
    act: Mapped[str]
    source: Mapped[str]
    at: Mapped[datetime]


class SendingStop(CommonBase):
    """A stop of all sending, or of one sender: by a person, or by a carrier code that means our set-up is wrong."""

    __tablename__ = "sending_stops"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    sender: Mapped[str | None]
    reason: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]
    lifted_by: Mapped[str | None]
    lifted_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_sending_stops_open", "id", postgresql_where=text("lifted_at IS NULL")),)


class SenderPace(CommonBase):
    """How fast and how much one sender may send, held here so that every process keeps to it (outbox/pace.py).

    `through_at` (real time): when the segments claimed so far are through at the sender's rate. `held_until` (Heed's clock): the
    carrier asked to wait, `strikes` times in a row. `segments` were claimed on `day` (London, by Heed's clock); once they
    reach the daily cap only urgent texts go, and nobody looks again before `capped_until` (Heed's clock).
    """

    __tablename__ = "sender_pace"
    sender: Mapped[str] = mapped_column(primary_key=True)
    through_at: Mapped[datetime | None]
    held_until: Mapped[datetime | None]
    strikes: Mapped[int] = mapped_column(server_default=text("0"))
    day: Mapped[date | None]
    segments: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    capped_until: Mapped[datetime | None]


class Alarm(CommonBase):
    """Something that a person must look at: an open one a (code, subject), counted while it goes on, until acknowledged."""

    __tablename__ = "alarms"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    code: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[dict[str, Any]]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    times: Mapped[int] = mapped_column(server_default=text("1"))
    acknowledged_by: Mapped[str | None]
    acknowledged_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_alarms_open", "code", "subject", unique=True, postgresql_where=text("acknowledged_at IS NULL")
        ),
    )


class DutyItem(CommonBase):
    """What a person must see to by `due_by`, once a `cause` ("inbound:12"). `ring`: the sender could not be texted when
    it came (`ringing` says what stands now). Escalated until taken."""

    __tablename__ = "duty_items"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    cause: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    rule: Mapped[str]
    inbound_id: Mapped[int | None] = mapped_column(BigInteger)
    ring: Mapped[bool]
    at: Mapped[datetime]
    due_by: Mapped[datetime]
    escalations: Mapped[int] = mapped_column(server_default=text("0"))
    escalate_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None]
    acknowledged_at: Mapped[datetime | None]
    done_by: Mapped[str | None]
    done_at: Mapped[datetime | None]
    note_enc: Mapped[bytes | None]

    __table_args__ = (
        Index("ix_duty_items_open", "id", postgresql_where=text("done_at IS NULL")),
        Index("ix_duty_items_escalate", "escalate_at", postgresql_where=text("escalate_at IS NOT NULL")),
    )


class ApiKey(CommonBase):
    """A machine's key: only a hash of it is kept."""

    __tablename__ = "api_keys"
    id: Mapped[str] = mapped_column(primary_key=True)
    hash: Mapped[bytes]
    scopes: Mapped[list[str]]
    label: Mapped[str]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class User(CommonBase):
    """A person who works with this service. `login` is the name they sign in with; `subject` says who they are to the identity provider
    that vouches for them, where they have no password here.

    `second_factor_enc` is a TOTP secret, `second_factor_step` the last time step that was used, so that no six digits count
    twice. `failures` are wrong passwords in a row; nobody may try before `try_again_at`.
    """

    __tablename__ = "users"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    subject: Mapped[str | None] = mapped_column(unique=True)
    roles: Mapped[list[str]]
    password_hash: Mapped[str | None]
    must_change: Mapped[bool]
    second_factor_enc: Mapped[bytes | None]
    second_factor_step: Mapped[int | None] = mapped_column(BigInteger)
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    try_again_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class UserSession(CommonBase):
    """A person signed in on one browser, by the hash of the token in its cookie. Real time: a moved clock ends none."""

    __tablename__ = "sessions"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Audit(CommonBase):
    """One act, chained to the one before it by hash. Rows are never changed or removed (a trigger refuses)."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str]
    act: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[dict[str, Any]]
    previous: Mapped[bytes]
    hash: Mapped[bytes]
    __table_args__ = (Index("ix_audit_subject", "subject", "id"),)


class Heartbeat(CommonBase):
    """When a worker, clock or web process last said that it lives (real time)."""

    __tablename__ = "heartbeats"
    process: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    at: Mapped[datetime]


class Clock(CommonBase):
    """The sandbox's clock: one row holding how far Heed's time is ahead of real time."""

    __tablename__ = "clock"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    shift: Mapped[timedelta]
