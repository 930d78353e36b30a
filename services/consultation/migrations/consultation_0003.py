"""Batches, campaigns, suggested duplicates and merges, invitations, publicity and holds."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "consultation_0003"
down_revision = "consultation_0002"
branch_labels = None
depends_on = None

WHEN = postgresql.TIMESTAMP(timezone=True)
# In the order in which they may be made.
TABLES = ("batches", "campaigns", "suggestions", "merges", "invitations", "publicity", "holds")
# What the tables of consultation_0002 point to.
POINTERS = (("submissions", "batch_id", "batches"), ("respondents", "invitation_id", "invitations"))


def upgrade() -> None:
    _table(
        "batches",
        [
            sa.Column("consultation_id", sa.Text(), nullable=False),
            sa.Column("title", sa.Text(), nullable=False),
            sa.Column("at", WHEN, nullable=False),
            sa.Column("by", sa.Text(), nullable=False),
        ],
        consultation_id="consultations",
    )
    _table(
        "campaigns",
        [
            sa.Column("consultation_id", sa.Text(), nullable=False),
            sa.Column("analysed_id", sa.BigInteger(), nullable=False),
            sa.Column("found_at", WHEN, nullable=False),
            sa.UniqueConstraint("analysed_id", name=op.f("uq_campaigns_analysed_id")),
        ],
        consultation_id="consultations",
        analysed_id="submissions",
    )
    _table(
        "suggestions",
        [
            sa.Column("consultation_id", sa.Text(), nullable=False),
            sa.Column("first_id", sa.BigInteger(), nullable=False),
            sa.Column("second_id", sa.BigInteger(), nullable=False),
            sa.Column("likeness", sa.Integer(), nullable=False),
            sa.Column("found_at", WHEN, nullable=False),
            sa.Column("decision", sa.Text(), nullable=True),
            sa.Column("decided_by", sa.Text(), nullable=True),
            sa.Column("decided_at", WHEN, nullable=True),
        ],
        consultation_id="consultations",
        first_id="submissions",
        second_id="submissions",
    )
    _table(
        "merges",
        [
            sa.Column("consultation_id", sa.Text(), nullable=False),
            sa.Column("suggestion_id", sa.BigInteger(), nullable=True),
            sa.Column("kept_id", sa.BigInteger(), nullable=False),
            sa.Column("merged_id", sa.BigInteger(), nullable=False),
            sa.Column("moved", postgresql.JSONB(), nullable=False),
            sa.Column("by", sa.Text(), nullable=False),
            sa.Column("at", WHEN, nullable=False),
            sa.Column("undone_by", sa.Text(), nullable=True),
            sa.Column("undone_at", WHEN, nullable=True),
        ],
        consultation_id="consultations",
        suggestion_id="suggestions",
        kept_id="respondents",
        merged_id="respondents",
    )
    _table(
        "invitations",
        [
            sa.Column("consultation_id", sa.Text(), nullable=False),
            sa.Column("batch_id", sa.BigInteger(), nullable=False),
            sa.Column("row_ref", sa.Text(), nullable=False),
            sa.Column("number_key", sa.LargeBinary(), nullable=True),
            sa.Column("consent", sa.Text(), nullable=False),
            sa.Column("consent_enc", sa.LargeBinary(), nullable=True),
            sa.Column("consented_on", sa.Date(), nullable=False),
            sa.Column("victim", sa.Boolean(), nullable=False),
            sa.Column("invited_at", WHEN, nullable=False),
            sa.Column("replied_at", WHEN, nullable=True),
        ],
        batch_id="batches",
    )
    _table(
        "publicity",
        [
            sa.Column("consultation_id", sa.Text(), nullable=False),
            sa.Column("what", sa.Text(), nullable=False),
            sa.Column("reached", sa.BigInteger(), nullable=False),
            sa.Column("by", sa.Text(), nullable=False),
            sa.Column("at", WHEN, nullable=False),
        ],
        consultation_id="consultations",
    )
    _table(
        "holds",
        [
            sa.Column("subject_key", sa.LargeBinary(), nullable=False),
            sa.Column("reason", sa.Text(), nullable=False),
            sa.Column("by", sa.Text(), nullable=False),
            sa.Column("at", WHEN, nullable=False),
            sa.Column("released_by", sa.Text(), nullable=True),
            sa.Column("released_at", WHEN, nullable=True),
        ],
    )
    _indexes()
    for table, column, to in POINTERS:
        op.create_foreign_key(op.f(f"fk_{table}_{column}_{to}"), table, to, [column], ["id"])


def _table(name: str, columns: list[Any], **points_to: str) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        *columns,
        *(
            sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{name}_{column}_{to}"))
            for column, to in points_to.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )


def _indexes() -> None:
    op.create_index("uq_batches_consultation_id_title", "batches", ["consultation_id", "title"], unique=True)
    op.create_index("ix_campaigns_consultation_id", "campaigns", ["consultation_id"])
    op.create_index(
        "uq_suggestions_first_id_second_id", "suggestions", ["first_id", "second_id"], unique=True
    )
    op.create_index(
        "ix_suggestions_open",
        "suggestions",
        ["consultation_id", "id"],
        postgresql_where=sa.text("decision IS NULL"),
    )
    op.create_index("ix_merges_consultation_id", "merges", ["consultation_id"])
    op.create_index("uq_invitations_batch_id_row_ref", "invitations", ["batch_id", "row_ref"], unique=True)
    op.create_index("ix_invitations_number_key", "invitations", ["number_key", "consultation_id"])
    op.create_index("ix_invitations_consultation_id", "invitations", ["consultation_id"])
    op.create_index(
        "uq_publicity_consultation_id_what", "publicity", ["consultation_id", "what"], unique=True
    )
    op.create_index(
        "uq_holds_open",
        "holds",
        ["subject_key"],
        unique=True,
        postgresql_where=sa.text("released_at IS NULL"),
    )


def downgrade() -> None:
    for table, column, to in POINTERS:
        op.drop_constraint(op.f(f"fk_{table}_{column}_{to}"), table, type_="foreignkey")
    for name in reversed(TABLES):
        op.drop_table(name)
