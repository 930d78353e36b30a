"""The tables of what went back: answers to themes, the texts that told people, look-ups that found nobody, bundles for other bodies.

Everybody reads them from `models.py`, which has the tables that these point to.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.consultation.base import Base


class Feedback(Base):
    """What was considered of a theme and what was done, as one person wrote it and another approved it: fit to publish.

    `considered`, `done` and `brief` (the line that is texted) are by language. A newer row takes an older one's place once it is
    approved; all stay as history. `version` is the codeframe's.
    """

    __tablename__ = "feedback"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    consultation_id: Mapped[str] = mapped_column(ForeignKey("consultations.id"))
    theme: Mapped[str]
    version: Mapped[int]
    outcome: Mapped[str]
    considered: Mapped[dict[str, Any]]
    done: Mapped[dict[str, Any]]
    brief: Mapped[dict[str, Any]]
    by: Mapped[str]
    at: Mapped[datetime]
    approved_by: Mapped[str | None]
    approved_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_feedback_consultation_id", "consultation_id", "theme", "id"),)


class FeedbackText(Base):
    """One text to one person who asked to be told. `id` is the subject of its outbox row."""

    __tablename__ = "feedback_texts"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    consultation_id: Mapped[str] = mapped_column(ForeignKey("consultations.id"), index=True)
    respondent_id: Mapped[int] = mapped_column(ForeignKey("respondents.id"), index=True)
    by: Mapped[str]
    at: Mapped[datetime]


class FeedbackTold(Base):
    """A person is told of a theme once, ever, however often its answer is written anew."""

    __tablename__ = "feedback_told"
    respondent_id: Mapped[int] = mapped_column(ForeignKey("respondents.id"), primary_key=True)
    theme: Mapped[str] = mapped_column(primary_key=True)
    text_id: Mapped[int] = mapped_column(ForeignKey("feedback_texts.id"), index=True)
    feedback_id: Mapped[int] = mapped_column(ForeignKey("feedback.id"))


class LookupMiss(Base):
    """Somebody gave a reference that nobody has: too many in a minute, and nobody may look up. Rows of an hour ago are removed."""

    __tablename__ = "lookup_misses"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    consultation_id: Mapped[str] = mapped_column(ForeignKey("consultations.id"))
    at: Mapped[datetime]

    __table_args__ = (Index("ix_lookup_misses_at", "at"),)


class Bundle(Base):
    """What another body (`sent_to`) was sent; `withheld` responses without words. `digest` is the SHA-256 of the CSV, which is not kept."""

    __tablename__ = "bundles"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    consultation_id: Mapped[str] = mapped_column(ForeignKey("consultations.id"), index=True)
    sent_to: Mapped[str]
    responses: Mapped[int]
    withheld: Mapped[int]
    again: Mapped[bool] = mapped_column(server_default=text("false"))
    digest: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]


class BundleRow(Base):
    """A response that went to another body in a bundle."""

    __tablename__ = "bundle_rows"
    bundle_id: Mapped[int] = mapped_column(ForeignKey("bundles.id"), primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), primary_key=True)
