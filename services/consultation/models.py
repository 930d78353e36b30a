"""Consultation's own tables, beside the common ones. Encrypted columns end in `_enc`, keyed hashes in `_key`."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.consultation.base import Base
from services.consultation.coding_models import (
    Candidate,
    Coding,
    Frame,
    Redaction,
    ReviewTurn,
    SuggestedThemes,
    TextVector,
    ThemeRun,
)
from services.consultation.feedback_models import (
    Bundle,
    BundleRow,
    Feedback,
    FeedbackText,
    FeedbackTold,
    LookupMiss,
)

# What stands in other files and is part of the whole.
__all__ = [
    "Base",
    "Bundle",
    "BundleRow",
    "Candidate",
    "Coding",
    "Feedback",
    "FeedbackText",
    "FeedbackTold",
    "Frame",
    "LookupMiss",
    "Redaction",
    "ReviewTurn",
    "SuggestedThemes",
    "TextVector",
    "ThemeRun",
]


class Consultation(Base):
    """A launched questionnaire, frozen with its hash: a consultation, a standing post (never closes) or a feedback request.

    Keywords, languages, questions and whether it is the default one stand in `questionnaire`. `chased_at` is when it was last looked at
    whether what people said has been answered in time.
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
    chased_at: Mapped[datetime | None]


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
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitations.id"))
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
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batches.id"))
    row_ref: Mapped[str | None]
    campaign_id: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (
        Index("uq_submissions_batch_id_row_ref", "batch_id", "row_ref", unique=True),
        Index("ix_submissions_campaign_id", "campaign_id", postgresql_where=text("campaign_id IS NOT NULL")),
    )


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


class Batch(Base):
    """Rows that came together and count once: a file of responses, a file of contacts, or what a door has let in so far."""

    __tablename__ = "batches"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    consultation_id: Mapped[str] = mapped_column(ForeignKey("consultations.id"))
    title: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]

    __table_args__ = (Index("uq_batches_consultation_id_title", "consultation_id", "title", unique=True),)


class Campaign(Base):
    """Copies of one text by many people: each is counted, `analysed_id` is the one whose words are coded for all of them."""

    __tablename__ = "campaigns"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    consultation_id: Mapped[str] = mapped_column(ForeignKey("consultations.id"), index=True)
    analysed_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), unique=True)
    found_at: Mapped[datetime]


class Suggestion(Base):
    """Two submissions that may be one person's: `likeness` is in thousandths. `decision`: accepted, rejected, or none yet."""

    __tablename__ = "suggestions"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    consultation_id: Mapped[str] = mapped_column(ForeignKey("consultations.id"))
    first_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"))
    second_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"))
    likeness: Mapped[int]
    found_at: Mapped[datetime]
    decision: Mapped[str | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]

    __table_args__ = (
        Index("uq_suggestions_first_id_second_id", "first_id", "second_id", unique=True),
        Index("ix_suggestions_open", "consultation_id", "id", postgresql_where=text("decision IS NULL")),
    )


class Merge(Base):
    """Two respondents are one person. `moved` holds each submission whose standing it changed: [id, before, after].

    Nothing is deleted; undoing it puts back what still stands as the merge left it.
    """

    __tablename__ = "merges"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    consultation_id: Mapped[str] = mapped_column(ForeignKey("consultations.id"), index=True)
    suggestion_id: Mapped[int | None] = mapped_column(ForeignKey("suggestions.id"))
    kept_id: Mapped[int] = mapped_column(ForeignKey("respondents.id"))
    merged_id: Mapped[int] = mapped_column(ForeignKey("respondents.id"))
    moved: Mapped[list[Any]]
    by: Mapped[str]
    at: Mapped[datetime]
    undone_by: Mapped[str | None]
    undone_at: Mapped[datetime | None]


class Invitation(Base):
    """One person asked once by text, with the consent that they gave: who gave it (`consent_enc`), how and on which day.

    The consultation is its batch's. `id` is the subject of its outbox row; `replied_at` is when the first response to it came.
    """

    __tablename__ = "invitations"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    consultation_id: Mapped[str]
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    row_ref: Mapped[str]
    number_key: Mapped[bytes | None]
    consent: Mapped[str]
    consent_enc: Mapped[bytes | None]
    consented_on: Mapped[date]
    victim: Mapped[bool]
    invited_at: Mapped[datetime]
    replied_at: Mapped[datetime | None]

    __table_args__ = (
        Index("uq_invitations_batch_id_row_ref", "batch_id", "row_ref", unique=True),
        Index("ix_invitations_number_key", "number_key", "consultation_id"),
        Index("ix_invitations_consultation_id", "consultation_id"),
    )


class Publicity(Base):
    """What was done to be heard: so many households, impressions, page views. The newest figure of each counts."""

    __tablename__ = "publicity"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    consultation_id: Mapped[str] = mapped_column(ForeignKey("consultations.id"))
    what: Mapped[str]
    reached: Mapped[int] = mapped_column(BigInteger)
    by: Mapped[str]
    at: Mapped[datetime]

    __table_args__ = (Index("uq_publicity_consultation_id_what", "consultation_id", "what", unique=True),)


class Hold(Base):
    """Nothing of this person may be erased, until it is released: a request for information, a complaint, a court."""

    __tablename__ = "holds"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    subject_key: Mapped[bytes]
    reason: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]
    released_by: Mapped[str | None]
    released_at: Mapped[datetime | None]

    __table_args__ = (
        Index("uq_holds_open", "subject_key", unique=True, postgresql_where=text("released_at IS NULL")),
    )
