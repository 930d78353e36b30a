"""The common tables of looking after an installation: who was told of an alarm, what was backed up, what a restore found at the carrier."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.common.base import CommonBase


class Telling(CommonBase):
    """How an alarm is told to people by one channel. `next_at`: when to tell it (again), none once it need not be.

    `answer` is what the other side last said, in a word: a status, or the kind of failure.
    """

    __tablename__ = "tellings"
    alarm_id: Mapped[int] = mapped_column(ForeignKey("alarms.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    told: Mapped[int] = mapped_column(server_default=text("0"))
    told_at: Mapped[datetime | None]
    next_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    answer: Mapped[str | None]


class Backup(CommonBase):
    """A backup that was written and read back. `taken_at` (real time) is the moment of which it is the picture."""

    __tablename__ = "backups"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    file: Mapped[str]
    taken_at: Mapped[datetime]
    bytes: Mapped[int] = mapped_column(BigInteger)
    rows: Mapped[int] = mapped_column(BigInteger)
    audit_head: Mapped[str]
    sealed: Mapped[bool]


class FoundText(CommonBase):
    """A text that the carrier had at a restore and no row knew of: sent after the backup was taken.

    An intention to send the same words to the same number is this text (`outbox_id`), and does not go out again.
    """

    __tablename__ = "found_texts"
    sid: Mapped[str] = mapped_column(primary_key=True)
    to_key: Mapped[bytes]
    body_key: Mapped[bytes]
    status: Mapped[str]
    error_code: Mapped[int | None]
    sent_at: Mapped[datetime]
    outbox_id: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (
        Index("ix_found_texts_to_key", "to_key", "body_key", postgresql_where=text("outbox_id IS NULL")),
    )
