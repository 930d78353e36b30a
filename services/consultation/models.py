"""Consultation's own tables, beside the common ones. Encrypted columns end in `_enc`, keyed hashes in `_key`."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.common.models import NAMES, TYPES


class Base(DeclarativeBase):
    """Base of Consultation's tables."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = TYPES


class Consultation(Base):
    """A launched questionnaire, frozen with its hash. Without `closes_at` it is a standing listening post."""

    __tablename__ = "consultations"
    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    questionnaire: Mapped[dict[str, Any]]
    hash: Mapped[str]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime | None]
    launched_at: Mapped[datetime]


class Respondent(Base):
    """One person in one consultation: the keyed hash of their number there, so that they are counted once."""

    __tablename__ = "respondents"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    consultation_id: Mapped[str] = mapped_column(ForeignKey("consultations.id"))
    number_key: Mapped[bytes]
    state: Mapped[str]
    reference: Mapped[str] = mapped_column(unique=True)
    first_at: Mapped[datetime]

    __table_args__ = (Index("uq_respondents_number", "consultation_id", "number_key", unique=True),)


class Submission(Base):
    """One text of one respondent as a response. The words stay in `inbound` under `inbound_id`; nothing is cut off."""

    __tablename__ = "submissions"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    consultation_id: Mapped[str] = mapped_column(ForeignKey("consultations.id"), index=True)
    respondent_id: Mapped[int] = mapped_column(ForeignKey("respondents.id"))
    inbound_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    channel: Mapped[str]
    kind: Mapped[str]
    rule: Mapped[str]
    received_at: Mapped[datetime]
    late: Mapped[bool]
    early: Mapped[bool]
    follows_id: Mapped[int | None] = mapped_column(BigInteger)
