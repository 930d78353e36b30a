"""The tables of coding: codeframes, codes, what a model suggests, groups without a theme, and what is hidden before publishing.

No word of a resident stands here in the clear: masks are places in a text, and words that a model points to are encrypted.
Everybody reads them from `models.py`, which has the tables that these point to.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Double, ForeignKey, Identity, Index, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.consultation.base import Base


class Frame(Base):
    """One version of a consultation's codeframe (`themes/codeframe.py` reads `content`). A trigger refuses changes."""

    __tablename__ = "codeframes"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    consultation_id: Mapped[str] = mapped_column(ForeignKey("consultations.id"))
    version: Mapped[int]
    content: Mapped[dict[str, Any]]
    digest: Mapped[str]
    reason: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]

    __table_args__ = (
        Index("uq_codeframes_consultation_id_version", "consultation_id", "version", unique=True),
    )


class Coding(Base):
    """One act of coding one response: all its themes with their stances, or none, under a version of the codeframe.

    By a person (`by`), or by the model of this digest. A trigger refuses changes; the latest counts (`themes/codes.py`).
    """

    __tablename__ = "codings"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), index=True)
    themes: Mapped[dict[str, Any]]
    version: Mapped[int]
    by: Mapped[str | None]
    model: Mapped[str | None]
    blind: Mapped[bool] = mapped_column(server_default=text("false"))
    at: Mapped[datetime]

    __table_args__ = (CheckConstraint("(by IS NULL) <> (model IS NULL)", name="one_coder"),)


class ReviewTurn(Base):
    """A text in front of a coder since `at`, so that two who ask at once get two texts."""

    __tablename__ = "review_turns"
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), primary_key=True)
    coder: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class ThemeRun(Base):
    """One time that themes were suggested: by which model, learnt from how many texts, how good on texts left out of learning.

    `digest` is None where nothing could be suggested; `reason` says why, or why without embeddings. `last_submission` and
    `last_coding` are the newest rows that the run saw, so that a sweep knows what is new since.
    """

    __tablename__ = "theme_runs"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    consultation_id: Mapped[str] = mapped_column(ForeignKey("consultations.id"), index=True)
    version: Mapped[int]
    digest: Mapped[str | None]
    learnt_from: Mapped[int]
    embeddings: Mapped[bool]
    line: Mapped[float | None] = mapped_column(Double)
    f1: Mapped[float | None] = mapped_column(Double)
    recall: Mapped[float | None] = mapped_column(Double)
    suggested: Mapped[int]
    last_submission: Mapped[int] = mapped_column(BigInteger)
    last_coding: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str | None]
    by: Mapped[str]
    at: Mapped[datetime]


class SuggestedThemes(Base):
    """The likeliest themes of one response by the latest run: [[theme, share, likely], …], likeliest first.

    `uncertainty` (0 to 1) is over all themes. The words behind each, as JSON, are in `because_enc`.
    """

    __tablename__ = "suggested_themes"
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("theme_runs.id"))
    themes: Mapped[list[Any]]
    uncertainty: Mapped[float] = mapped_column(Double)
    because_enc: Mapped[bytes | None]


class TextVector(Base):
    """A response's embedding (float32), which takes 7 ms to make and is made once."""

    __tablename__ = "text_vectors"
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), primary_key=True)
    vector_enc: Mapped[bytes]


class Candidate(Base):
    """A group of alike responses that no theme has taken, the nearest to its middle first, for a person to name or to dismiss.

    `tightness` is in thousandths. `decision`: named (`theme` says what), dismissed, or none yet.
    """

    __tablename__ = "candidates"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    consultation_id: Mapped[str] = mapped_column(ForeignKey("consultations.id"), index=True)
    members: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    marks_enc: Mapped[bytes | None]
    tightness: Mapped[int]
    found_at: Mapped[datetime]
    decision: Mapped[str | None]
    theme: Mapped[str | None]
    reason: Mapped[str | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]


class Redaction(Base):
    """What one person would hide in a response before it is published: [[start, end, reason], …], beside what the rules find.

    `text_key` is the keyed hash of exactly the words that were read. The latest of a response counts, once another person
    has approved it.
    """

    __tablename__ = "redactions"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), index=True)
    masks: Mapped[list[Any]]
    text_key: Mapped[bytes]
    by: Mapped[str]
    at: Mapped[datetime]
    approved_by: Mapped[str | None]
    approved_at: Mapped[datetime | None]
