"""Consultation's own tables, beside the common ones. Encrypted columns end in `_enc`, keyed hashes in `_key`."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, MetaData, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.common.models import NAMES, TYPES


class Base(DeclarativeBase):
    """Base of Consultation's tables."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = TYPES


class Consultation(Base):
    """A launched questionnaire, frozen with its hash: a consultation, a standing post (never closes) or a feedback request.

    Keywords, languages, questions and whether it is the default one stand in `questionnaire`.
    """

    __tablename__ = "consultations"
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    title: Mapped[str]
    questionnaire: Mapped[dict[str, Any]]
    hash: Mapped[str]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime | None]
    launched_at: Mapped[datetime]


class Respondent(Base):
    """One person in one consultation, counted once. The first on a phone is person 1; NEW makes the next.

    People of the web form, of letters and of e-mails may have no number. `state` is one of states.STATES. What they said of themselves
    stands here coded, and in `answers` with its history. A merged respondent points to the one that stands for both.
    """

    __tablename__ = "respondents"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    consultation_id: Mapped[str] = mapped_column(ForeignKey("consultations.id"))
    number_key: Mapped[bytes | None]
    number_enc: Mapped[bytes | None]
    person: Mapped[int] = mapped_column(server_default=text("1"))
    email_key: Mapped[bytes | None]
    reference: Mapped[str] = mapped_column(unique=True)
    type: Mapped[str] = mapped_column(server_default="resident")
    organisation_enc: Mapped[bytes | None]
    language: Mapped[str] = mapped_column(server_default="en")
    channel: Mapped[str] = mapped_column(server_default="sms")
    state: Mapped[str]
    district: Mapped[str | None]
    out_of_area: Mapped[bool] = mapped_column(server_default=text("false"))
    victim: Mapped[bool | None]
    age_band: Mapped[str | None]
    may_publish: Mapped[bool | None]
    may_text: Mapped[bool | None]
    invitation_id: Mapped[int | None] = mapped_column(BigInteger)
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("respondents.id"))
    first_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]

    __table_args__ = (
        Index("uq_respondents_number", "consultation_id", "number_key", "person", unique=True),
        Index(
            "ix_respondents_email",
            "consultation_id",
            "email_key",
            postgresql_where=text("email_key IS NOT NULL"),
        ),
        Index("ix_respondents_number_key", "number_key", postgresql_where=text("number_key IS NOT NULL")),
    )


class Submission(Base):
    """One response as it was sent, on any channel. `standing` says where the reconciliation table counts it (states.STANDINGS).

    The words of texts stay in `inbound`, by way of `submission_texts`; those of other channels are in `words_enc`. `ended_at` is when
    its last fragment came. `kind` and `rule` are those of its first text, or of its words.
    """

    __tablename__ = "submissions"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    consultation_id: Mapped[str] = mapped_column(ForeignKey("consultations.id"), index=True)
    respondent_id: Mapped[int] = mapped_column(ForeignKey("respondents.id"), index=True)
    channel: Mapped[str]
    kind: Mapped[str]
    rule: Mapped[str]
    received_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    late: Mapped[bool]
    early: Mapped[bool]
    standing: Mapped[str]
    words_enc: Mapped[bytes | None]
    batch_id: Mapped[int | None] = mapped_column(BigInteger)
    row_ref: Mapped[str | None]
    campaign_id: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (Index("uq_submissions_batch_id_row_ref", "batch_id", "row_ref", unique=True),)


class SubmissionText(Base):
    """A text that is a submission, or a fragment of one. The raw texts are kept apart, in `inbound`."""

    __tablename__ = "submission_texts"
    inbound_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), index=True)


class Scan(Base):
    """The picture of a letter that somebody typed in."""

    __tablename__ = "scans"
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), primary_key=True)
    media_type: Mapped[str]
    scan_enc: Mapped[bytes]
    added_at: Mapped[datetime]


class Answer(Base):
    """An answer to one question, with the question's id, so that it can land on no other. A change leaves the old one as history.

    `value` is coded (a choice, a number, a district, never a postcode); words of a free question are in `words_enc`. Neither: it was
    skipped. `late`: the question had been closed when the answer came.
    """

    __tablename__ = "answers"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    respondent_id: Mapped[int] = mapped_column(ForeignKey("respondents.id"))
    question: Mapped[str]
    value: Mapped[str | None]
    words_enc: Mapped[bytes | None]
    inbound_id: Mapped[int | None] = mapped_column(BigInteger)
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submissions.id"))
    late: Mapped[bool] = mapped_column(server_default=text("false"))
    at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_answers_current",
            "respondent_id",
            "question",
            unique=True,
            postgresql_where=text("replaced_at IS NULL"),
        ),
        Index("ix_answers_respondent_id", "respondent_id"),
        Index("ix_answers_inbound_id", "inbound_id"),
    )


class Conversation(Base):
    """Where the questions to one respondent stand. `question` is the open one; `asked` all that were asked, in order.

    `expires_at` is when the open question closes by itself.
    """

    __tablename__ = "conversations"
    respondent_id: Mapped[int] = mapped_column(ForeignKey("respondents.id"), primary_key=True)
    question: Mapped[str | None]
    asked: Mapped[list[str]]
    asked_at: Mapped[datetime | None]
    asked_again: Mapped[bool]
    expires_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_conversations_expires_at", "expires_at", postgresql_where=text("expires_at IS NOT NULL")),
    )
