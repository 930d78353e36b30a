"""Answers to themes, the texts that tell people of them, look-ups that found nobody, and bundles for other bodies."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "consultation_0005"
down_revision = "consultation_0004"
branch_labels = None
depends_on = None

WHEN = postgresql.TIMESTAMP(timezone=True)
# In the order in which they may be made.
TABLES = ("feedback", "feedback_texts", "feedback_told", "lookup_misses", "bundles", "bundle_rows")


def upgrade() -> None:
    op.add_column("consultations", sa.Column("chased_at", WHEN, nullable=True))
    _table(
        "feedback",
        [
            *(_number("id", counted=True), _text("consultation_id"), _text("theme")),
            *(sa.Column("version", sa.Integer(), nullable=False), _text("outcome")),
            *(
                sa.Column(name, postgresql.JSONB(), nullable=False)
                for name in ("considered", "done", "brief")
            ),
            *(_text("by"), _when("at"), _text("approved_by", maybe=True), _when("approved_at", maybe=True)),
        ],
        consultation_id="consultations",
    )
    _table(
        "feedback_texts",
        [
            *(_number("id", counted=True), _text("consultation_id"), _number("respondent_id")),
            *(_text("by"), _when("at")),
        ],
        consultation_id="consultations",
        respondent_id="respondents",
    )
    _table(
        "feedback_told",
        [_number("respondent_id"), _text("theme"), _number("text_id"), _number("feedback_id")],
        key=("respondent_id", "theme"),
        respondent_id="respondents",
        text_id="feedback_texts",
        feedback_id="feedback",
    )
    _table(
        "lookup_misses",
        [_number("id", counted=True), _text("consultation_id"), _when("at")],
        consultation_id="consultations",
    )
    _table(
        "bundles",
        [
            *(_number("id", counted=True), _text("consultation_id"), _text("sent_to")),
            *(sa.Column(name, sa.Integer(), nullable=False) for name in ("responses", "withheld")),
            sa.Column("again", sa.Boolean(), server_default=sa.text("false"), nullable=False),
            *(_text("digest"), _text("by"), _when("at")),
        ],
        consultation_id="consultations",
    )
    _table(
        "bundle_rows",
        [_number("bundle_id"), _number("submission_id")],
        key=("bundle_id", "submission_id"),
        bundle_id="bundles",
        submission_id="submissions",
    )
    for table, columns in (
        ("feedback", ["consultation_id", "theme", "id"]),
        ("feedback_texts", ["consultation_id"]),
        ("feedback_texts", ["respondent_id"]),
        ("feedback_told", ["text_id"]),
        ("lookup_misses", ["at"]),
        ("bundles", ["consultation_id"]),
    ):
        op.create_index(f"ix_{table}_{columns[0]}", table, columns)


def _number(name: str, *, counted: bool = False) -> Any:
    extra = [sa.Identity(always=False)] if counted else []
    return sa.Column(name, sa.BigInteger(), *extra, autoincrement=counted, nullable=False)


def _text(name: str, *, maybe: bool = False) -> Any:
    return sa.Column(name, sa.Text(), nullable=maybe)


def _when(name: str, *, maybe: bool = False) -> Any:
    return sa.Column(name, WHEN, nullable=maybe)


def _table(name: str, columns: list[Any], key: tuple[str, ...] = ("id",), **points_to: str) -> None:
    op.create_table(
        name,
        *columns,
        *(
            sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{name}_{column}_{to}"))
            for column, to in points_to.items()
        ),
        sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{name}")),
    )


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)
    op.drop_column("consultations", "chased_at")
