"""The tables of people's rights: what they forbid, and incidents with the law's clock."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.reminders.base import Base


class Restriction(Base):
    """What a person's rights forbid, until it is ended: to erase them (`hold`), to use what is held (`restriction`), to text them
    (`objection`, and `restriction` too). `marked`: it is this that marked them as not to be texted."""

    __tablename__ = "restrictions"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    kind: Mapped[str]
    reason: Mapped[str]
    marked: Mapped[bool]
    by: Mapped[str]
    at: Mapped[datetime]
    ended_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_restrictions_open",
            "person_id",
            "kind",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )


class Incident(Base):
    """A text that may have told a stranger of somebody's hearing: found by a WRONG (`reply_id`), or by the office (`listing_id`).

    The law's clock runs until `report_by`. `sound_at`: when to sound its alarm next, none once it is assessed.
    """

    __tablename__ = "incidents"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    reply_id: Mapped[int | None] = mapped_column(ForeignKey("replies.id"), unique=True)
    listing_id: Mapped[int | None] = mapped_column(ForeignKey("listings.id"))
    reason: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]
    report_by: Mapped[datetime]
    sound_at: Mapped[datetime | None]
    decision: Mapped[str | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    note_enc: Mapped[bytes | None]

    __table_args__ = (
        Index("ix_incidents_sound_at", "sound_at", postgresql_where=text("sound_at IS NOT NULL")),
    )
